from datetime import date

import pytest

from drillsim.drill.scenario import FormField
from drillsim.mail.forms import (
    FormAnswers,
    Unread,
    fill_form,
    mailto_link,
    parse_answers,
    render_form,
)

TODAY = date(2026, 10, 14)
YES_NO = ("有", "無", "確認中")
FORM = (
    FormField(id="body", label="団体名"),
    FormField(id="got-at", label="受信日時", type="datetime"),
    FormField(id="responder", label="対応者（職・氏名）"),
    FormField(id="told", label="責任者への報告", type="choice", options=("済", "未", "確認中")),
    FormField(id="virus", label="ウイルス検知の有無", type="choice", options=YES_NO),
    FormField(id="terminals", label="影響端末数", type="integer"),
    FormField(id="line-cut", label="回線の切断", type="choice", options=YES_NO),
    FormField(id="definitions", label="定義ファイル更新日", type="datetime"),
    FormField(id="contact", label="連絡先の変更", type="choice", options=YES_NO),
    FormField(id="remarks", label="特記事項", required=False),
)
EXAMPLE = """\
これは、訓練です。

　標記について、次のとおり報告します。

団体名　　　　　　：さざなみ町
受信日時　　　　　：10月14日 10時17分
対応者（職・氏名）：住民課 主査　入江 なぎさ（代理）
責任者への報告　　：済（10時25分・電話）
ウイルス検知の有無：無（ＣＳ１台、統合端末３台を確認）
影響端末数　　　　：0台
回線の切断　　　　：無
定義ファイル更新日：確認中（委託事業者に照会中）
連絡先の変更　　　：有（４月の異動により、担当者を入江に変更）
特記事項　　　　　：なし

これは、訓練です。
"""
VALUES = {
    "body": "さざなみ町",
    "got-at": "2026-10-14T10:17",
    "responder": "住民課 主査　入江 なぎさ（代理）",
    "told": "済",
    "virus": "無",
    "terminals": "0",
    "line-cut": "無",
    "definitions": "確認中",
    "contact": "有",
    "remarks": "なし",
}


def read(text: str, **more: str) -> FormAnswers:
    return parse_answers(FORM, text, today=TODAY, **more)


def one(line: str, field: str) -> str | None:
    """Return the value of `field`; None where it could not be read, or nothing stands there."""
    return read(line).values.get(field)


def test_the_blank_form_has_its_colons_in_one_column_and_shows_the_options() -> None:
    lines = render_form(FORM).split("\n")
    assert lines[0] == "団体名　　　　　　："
    assert lines[3] == "責任者への報告　　：済・未・確認中"
    assert {line.index("：") for line in lines} == {9}


def test_a_filled_in_form_is_read_as_it_was_meant() -> None:
    answers = read(EXAMPLE)
    assert answers.values == VALUES
    assert answers.pending == ("definitions",)
    assert answers.remarks["told"] == "10時25分・電話"
    assert answers.remarks["definitions"] == "委託事業者に照会中"
    assert answers.is_complete


def test_a_blank_form_says_nothing() -> None:
    answers = read(render_form(FORM))
    assert not answers.is_report
    assert answers.missing == tuple(field.id for field in FORM if field.required)


def test_the_blank_form_in_a_quote_does_not_hide_the_answers_above_it() -> None:
    quote = "\n".join(f"> {line}" for line in render_form(FORM).split("\n"))
    assert read(f"{EXAMPLE}\n\n{quote}").values == VALUES


def test_a_form_filled_in_inside_the_quote_is_read_there() -> None:
    quoted = "\n".join(f">> {line}" for line in EXAMPLE.split("\n"))
    answers = parse_answers(FORM, "下のとおりです。", whole=quoted, today=TODAY)
    assert answers.values == VALUES


def test_the_story_quoted_below_an_acknowledgement_is_no_report() -> None:
    quoted = "> ８　回線の切断　行っていない\n> ５　影響端末数は確認中です。\n"
    assert not parse_answers(FORM, "受信しました。", whole=quoted, today=TODAY).is_report


def test_an_answer_may_stand_on_the_next_line() -> None:
    assert one("影響端末数：\n　０台\n", "terminals") == "0"
    assert one("特記事項：\n\n古い端末が１台ある。", "remarks") == "古い端末が１台ある。"


def test_lines_that_a_gateway_wrapped_are_joined_and_lines_that_were_meant_stay() -> None:
    wrapped = (
        "特記事項：定義ファイルの更新日は、委託事業者に照会し\nています。\n　別の件もあります。"
    )
    assert one(wrapped, "remarks") == (
        "定義ファイルの更新日は、委託事業者に照会しています。\n別の件もあります。"
    )
    assert one("対応者（職・氏名）：section chief\nIrie Nagisa", "responder") == (
        "section chief Irie Nagisa"
    )


def test_an_answer_ends_before_a_line_that_is_not_of_the_form() -> None:
    text = "特記事項：なし\n電話番号：083-000-0000\n"
    assert one(text, "remarks") == "なし"
    assert one("特記事項：なし\n以上\n", "remarks") == "なし"
    assert one("特記事項：なし\nこれは、訓練です。\n", "remarks") == "なし"


@pytest.mark.parametrize(
    "line",
    [
        "影響端末数:３",
        "影 響 端 末 数 ： 3 台",
        "・影響端末数　３台",
        "(6) 影響端末数：３台です。",
        "⑥影響端末数：三台",
        "影響端末数は、３台です。",
        "団体名：さざなみ町　／影響端末数：３　／特記事項：なし",
        "影響端末数：３台（うち窓口１台）",
        "影響端末数：10台中3台",
        "> 影響端末数：約３台",
        "影響端末数；3",
        "影響端末数＝３",
    ],
)
def test_a_count_is_read_however_it_is_written(line: str) -> None:
    assert one(line, "terminals") == "3"


@pytest.mark.parametrize(
    "said", ["0", "０台", "なし", "無し", "ゼロ", "零台", "ありません。", "〇"]
)
def test_no_terminals_are_none_however_it_is_said(said: str) -> None:
    assert one(f"影響端末数：{said}", "terminals") == "0"


@pytest.mark.parametrize(
    "said", ["2～3台", "２台か３台", "数台", "別紙のとおり", "（３台）", "1.5"]
)
def test_a_count_that_could_be_read_two_ways_is_not_guessed(said: str) -> None:
    answers = read(f"影響端末数：{said}")
    assert answers.unreadable == (Unread("terminals", said),)
    assert not answers.is_complete
    assert answers.is_report


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("無", "無"),
        ("無し", "無"),
        ("なし。", "無"),
        ("ありません", "無"),
        ("特になし", "無"),
        ("無です（全台確認済み）", "無"),
        ("有り", "有"),
        ("あり（１台）", "有"),
        ("○有・無・確認中", "有"),
        ("有・○無・確認中", "無"),
        ("有・無○・確認中", "無"),
        ("（　）有　（○）無　（　）確認中", "無"),
        ("□有 ☑無 □確認中", "無"),
        ("[ ]有 [x]無 [ ]確認中", "無"),
        ("・無・", "無"),
        ("有・無・確認中　→　無", "無"),
        ("有・無・確認中 無", "無"),
        ("有\u20dd・無・確認中", "有"),
        ("無。ただし、有線の機器は点検中", "無"),
        ("確認中", "確認中"),
        ("現在、調査中です", "確認中"),
    ],
)
def test_a_choice_is_read_however_it_is_marked(said: str, meant: str) -> None:
    assert one(f"回線の切断：{said}", "line-cut") == meant


@pytest.mark.parametrize("said", ["有・無", "○有○無", "有又は無", "別紙のとおり"])
def test_a_choice_that_could_be_read_two_ways_is_not_guessed(said: str) -> None:
    assert read(f"回線の切断：{said}").unreadable == (Unread("line-cut", said),)


def test_not_done_is_not_taken_for_done() -> None:
    assert one("責任者への報告：未済", "told") == "未"
    assert one("責任者への報告：報告済み", "told") == "済"
    assert one("責任者への報告：まだです", "told") == "未"


def test_options_that_hold_one_another_are_told_apart() -> None:
    field = FormField(
        id="state", label="状態", type="choice", options=("最新", "最新でない", "確認中")
    )
    scan = FormField(id="scan", label="検査", type="choice", options=("異常なし", "異常あり"))
    assert parse_answers([field], "状態：最新でない").values == {"state": "最新でない"}
    assert parse_answers([field], "状態：最新です").values == {"state": "最新"}
    assert parse_answers([scan], "検査：なし").values == {"scan": "異常なし"}
    assert parse_answers([scan], "検査：確認中").pending == ("scan",)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("10月14日 10時17分", "2026-10-14T10:17"),
        ("１０：１７", "2026-10-14T10:17"),
        ("午後１時５分頃", "2026-10-14T13:05"),
        ("９時半", "2026-10-14T09:30"),
        ("令和８年10月１日（木）", "2026-10-01"),
        ("R8.10.1", "2026-10-01"),
        ("令和元年５月１日", "2019-05-01"),
        ("2026/10/14 9:05", "2026-10-14T09:05"),
        ("10/13 17:40", "2026-10-13T17:40"),
        ("2026-10-14T10:17", "2026-10-14T10:17"),
    ],
)
def test_a_moment_is_read_however_it_is_written(said: str, meant: str) -> None:
    assert one(f"受信日時：{said}", "got-at") == meant


def test_a_moment_that_does_not_exist_cannot_be_read() -> None:
    assert read("受信日時：2月30日 10時").unreadable == (Unread("got-at", "2月30日 10時"),)
    assert read("受信日時：25時00分").unreadable == (Unread("got-at", "25時00分"),)
    assert read("受信日時：昨日").unreadable == (Unread("got-at", "昨日"),)


def test_without_a_day_to_go_by_a_time_stays_a_time() -> None:
    assert parse_answers(FORM, "受信日時：10時17分").values == {"got-at": "10:17"}
    assert parse_answers(FORM, "受信日時：10月14日 10時17分").unreadable[0].field == "got-at"


def test_pending_is_an_answer_in_every_field() -> None:
    said = read("\n".join(f"{field.label}：確認中" for field in FORM))
    assert said.pending == tuple(field.id for field in FORM)
    assert said.is_complete


def test_words_that_begin_like_pending_are_words() -> None:
    assert one("特記事項：確認中の端末はない。", "remarks") == "確認中の端末はない。"
    assert "remarks" in read("特記事項：確認中です").pending


def test_the_words_of_an_answer_stay_as_they_were_written() -> None:
    assert one("特記事項：㈱髙﨑の①号機、ｶﾞｲﾄﾞ", "remarks") == "㈱髙﨑の①号機、ｶﾞｲﾄﾞ"
    assert one("ｳｲﾙｽ検知の有無:無", "virus") == "無"


def test_more_lines_of_an_answer_are_indented_and_come_back() -> None:
    text = fill_form(FORM, {"remarks": "一行目\n二行目：続き"})
    assert text.endswith("特記事項　　　　　：一行目\n　二行目：続き")
    assert one(text, "remarks") == "一行目\n二行目：続き"


def test_a_huge_reply_is_read_in_linear_time() -> None:
    assert read("影響端末数：" * 40_000).unreadable
    assert read(("影" * 50 + "\n") * 4_000).values == {}


def test_a_link_prefills_subject_and_form_as_long_as_it_fits() -> None:
    link = mailto_link("kunren+7kq2m4xd@pref.example", subject="Re: 訓練", body="数：\n無：")
    assert link == (
        "mailto:kunren%2B7kq2m4xd@pref.example?subject=Re%3A%20%E8%A8%93%E7%B7%B4"
        "&body=%E6%95%B0%EF%BC%9A%0D%0A%E7%84%A1%EF%BC%9A"
    )
    short = mailto_link("a@b.example", subject="訓練", body="長い様式" * 100)
    assert short == "mailto:a@b.example?subject=%E8%A8%93%E7%B7%B4"


def test_an_address_cannot_add_fields_to_a_link() -> None:
    assert "?" not in mailto_link("a?bcc=b@c.example&body=x@b.example")
