"""The drill's mail and the answers to it survive the gateways between offices."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email import policy
from email.message import EmailMessage

import pytest

from drillsim.drill.scenario import FormField
from drillsim.mail.compose import Letter, Mailbox, compose
from drillsim.mail.correspondence import absence_notice, read_letter, reply
from drillsim.mail.forms import fill_form, mailto_link, parse_answers, render_form
from drillsim.mail.matching import NoticeIndex, match
from drillsim.mail.quote_styles import QUOTE_STYLES, QuoteStyle
from drillsim.mail.replies import Recognised, recognise
from drillsim.mail.tokens import plus_address
from tests.gateways import INWARD, OUTWARD, TAGS, Gateway, tags_subject

TOKEN = "7KQ2-M4XD"
NOTICE = ("first-report", "sazanami")
OTHERS = (("first-report", "shiosai"), ("second-report", "sazanami"))
DRILL = Mailbox("kunren@pref-akitsu.example", "秋津県 訓練事務局")
IRIE = Mailbox("irie@town-sazanami.example", "入江 なぎさ")
AT = datetime(2026, 10, 14, 10, 5, tzinfo=timezone(timedelta(hours=9)))
FORM = [
    FormField(id="responder", label="対応者（職・氏名）"),
    FormField(
        id="detected", label="ウイルス検知の有無", type="choice", options=("無", "有", "確認中")
    ),
    FormField(id="terminals", label="影響端末数", type="integer"),
    FormField(id="since", label="検知日時", type="datetime"),
    FormField(id="remarks", label="特記事項", required=False),
]
ANSWERS = {
    "responder": "住民課 主査　入江 なぎさ（代理）",
    "detected": "有",
    "terminals": "3",
    "since": "2026-10-14T09:40",
    "remarks": "一号機を隔離した。",
}
LETTER = Letter(
    kind="drill",
    sender=DRILL,
    to=(IRIE,),
    reply_to=Mailbox(plus_address(DRILL.address, TOKEN)),
    subject="住基ネットにおけるウイルス疑義の発生について（第一報）",
    body=(
        "さざなみ町　住基ネット担当課長　様\n\n"
        "　都道府県サーバ集約センターの①業務サブシステムにおいて、９時40分にウイルス疑義を検知しま"
        "した。状況を次の様式により、本日11時までに報告してください。\n\n"
        f"{render_form(FORM)}\n\n秋津県 市町課"
    ),
    message_id="n1@pref-akitsu.example",
    date=AT,
    token=TOKEN,
    html=True,
    reply_link=mailto_link(
        plus_address(DRILL.address, TOKEN), subject="Re: x", body=render_form(FORM)
    ),
)


@pytest.fixture
def index() -> NoticeIndex:
    """What went out: the mail, another body's, and another mail to the same body."""
    index = NoticeIndex()
    index.add_officer("sazanami", 1, [IRIE.address])
    index.add_officer("shiosai", 1, ["suo@town-shiosai.example"])
    for number, (notice, token) in enumerate(
        [(NOTICE, TOKEN), (OTHERS[0], "ABCD-2345"), (OTHERS[1], "EFGH-6789")], 1
    ):
        index.add_mail(
            message_id=f"n{number}@pref-akitsu.example",
            notices=[notice],
            token=token,
            recipients=[IRIE.address],
        )
        index.set_open(notice, True)
    return index


def answered(outward: Gateway, words: str, style: QuoteStyle = "outlook") -> bytes:
    """Return what an officer writes who got the mail through a gateway."""
    original = read_letter(outward(compose(LETTER)))
    answer = reply(
        original,
        writer=IRIE,
        words=words,
        message_id="r1@town-sazanami.example",
        date=AT + timedelta(minutes=12),
        style=style,
    )
    return compose(answer)


def own(found: Recognised) -> str:
    return "".join(found.reply_text.replace("これは、訓練です。", "").split())


@pytest.mark.parametrize("style", QUOTE_STYLES)
@pytest.mark.parametrize("outward", OUTWARD)
def test_an_answer_through_any_gateway_belongs_to_its_notice(
    index: NoticeIndex, outward: str, style: QuoteStyle
) -> None:
    raw = answered(OUTWARD[outward], "受信しました。対応者は入江です。", style)
    for inward, gateway in INWARD.items():
        found = recognise(gateway(raw))
        where = f"{outward} / {style} / {inward}"
        assert found.kind == "human_reply", (where, found.reasons)
        assert match(found, index).notice == NOTICE, (where, found)
        assert own(found).startswith("受信しました。対応者は入江です。"), (where, found.reply_text)


@pytest.mark.parametrize("style", QUOTE_STYLES)
@pytest.mark.parametrize("outward", OUTWARD)
def test_a_form_filled_in_above_the_quote_is_read(outward: str, style: QuoteStyle) -> None:
    raw = answered(OUTWARD[outward], fill_form(FORM, ANSWERS), style)
    for inward, gateway in INWARD.items():
        found = recognise(gateway(raw))
        read = parse_answers(FORM, found.reply_text, whole=found.text, today=AT.date())
        assert read.values == ANSWERS, (outward, style, inward, read)


@pytest.mark.parametrize("outward", OUTWARD)
def test_a_form_filled_in_where_it_stood_is_read(outward: str) -> None:
    """Many write into the quote, without a mark before the lines (Outlook)."""
    original = read_letter(OUTWARD[outward](compose(LETTER)))
    blank = render_form(FORM).split("\n")
    filled = fill_form(FORM, {**ANSWERS, "remarks": ""}).split("\n")
    body = original.body
    for empty, full in zip(blank, filled, strict=True):
        assert empty in body, (outward, body)
        body = body.replace(empty, full, 1)
    answer = reply(
        replace(original, body=body),
        writer=IRIE,
        words="様式に記入しました。",
        message_id="r1@town-sazanami.example",
        date=AT,
    )
    for inward, gateway in INWARD.items():
        found = recognise(gateway(compose(answer)))
        read = parse_answers(FORM, found.reply_text, whole=found.text, today=AT.date())
        assert {**read.values, "remarks": ""} == {**ANSWERS, "remarks": ""}, (outward, inward, read)


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("prefix", ["Re: ", "RE:", "返信: ", "Re: Re: "])
def test_a_mark_before_the_subject_hides_no_answer(tag: str, prefix: str) -> None:
    """Nothing else tells: no thread, no number, no mark of the drill."""
    assert recognise(tags_subject(tag)(plain(f"{prefix}連絡"))).kind == "human_reply"


@pytest.mark.parametrize("tag", TAGS)
def test_a_mark_before_the_subject_hides_no_forwarding(tag: str) -> None:
    assert recognise(tags_subject(tag)(plain("Fw: 連絡"))).kind == "not_a_reply"


@pytest.mark.parametrize("tag", TAGS)
def test_a_mark_before_the_subject_makes_no_answer(tag: str) -> None:
    assert recognise(tags_subject(tag)(plain("会議の御案内"))).kind == "not_a_reply"


def plain(subject: str) -> bytes:
    """Return a mail of which the subject alone tells anything."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = IRIE.address, "x@y.example", subject
    mail.set_content("よろしくお願いします。")
    return mail.as_bytes(policy=policy.SMTP)


@pytest.mark.parametrize("inward", INWARD)
@pytest.mark.parametrize("outward", OUTWARD)
def test_an_absence_notice_stays_one(index: NoticeIndex, outward: str, inward: str) -> None:
    original = read_letter(OUTWARD[outward](compose(LETTER)))
    notice = absence_notice(original, owner=IRIE, message_id="a1@x.example", date=AT)
    found = recognise(INWARD[inward](compose(notice)))
    assert found.kind == "auto_reply", found.reasons
    assert match(found, index).notice == NOTICE


@pytest.mark.parametrize("inward", INWARD)
def test_an_empty_answer_stays_an_answer(inward: str) -> None:
    found = recognise(INWARD[inward](answered(OUTWARD["everything"], "")))
    assert found.kind == "human_reply"


@pytest.mark.parametrize("outward", OUTWARD)
def test_a_mail_of_the_drill_still_says_what_it_is_behind_a_gateway(outward: str) -> None:
    got = recognise(OUTWARD[outward](compose(LETTER)))
    assert "【訓練】" in got.subject
    assert got.token == TOKEN
    assert got.text.count("これは、訓練です。") == 2
    for word in ("都道府県サーバ集約センター", "業務サブシステム", "影響端末数", "ウイルス疑義"):
        assert word in "".join(got.text.split())
    # Without HTML there is no link to click: the text names the address and the number.
    if outward not in ("addresses written anew", "no detail in addresses"):
        assert "kunren+7kq2m4xd@pref-akitsu.example" in got.text
    assert f"整理番号：{TOKEN}" in got.text
