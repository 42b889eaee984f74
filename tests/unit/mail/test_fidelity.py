"""Facts looked for in what was passed on. The stories are fictional."""

import pytest

from drillsim.mail.fidelity import FactTrace, relevant_facts, trace_facts

FACTS = {"place": "都道府県サーバ集約センター", "since": "９時40分"}


def trace(said: str, text: str) -> FactTrace:
    return trace_facts({"fact": said}, text)[0]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("都道府県サーバ集約センター", "検知場所：都道府県サーバ集約センター（業務サブシステム）"),
        ("都道府県サーバ集約センター", "都道府県サーバー集約センタにおいて"),
        ("都道府県サーバ集約センター", "都道府県ｻｰﾊﾞ集約ｾﾝﾀｰにおいて"),
        ("都道府県サーバ集約センター", "都道府県サーバ集約\nセンターにおいて"),
        ("都道府県サーバ集約センター", "> 都道府県サーバ\n> 集約センターにおいて"),
        ("ウイルス疑義", "ウィルス疑義の発生について"),
        ("ウイルス疑義", "コンピュータうぃるす疑義"),
        ("９時40分", "9:40ごろ検知"),
        ("９時40分", "午前９時４０分頃"),
        ("９時40分", "09:40:00"),
        ("９時40分", "九時四十分"),
        ("13時10分", "午後１時１０分に発生"),
        ("13時30分", "午後1時半"),
        ("9:40", "９時40分"),
        ("192.0.2.45", "発信元は192.0.2.45\n２　通信は全て止められている"),
        ("令和８年10月１日現在", "2026年10月1日現在"),
        ("令和８年10月１日現在", "10/1（木）現在"),
        ("10月14日", "令和8年10月14日（水）10時05分"),
        ("窓口の統合端末１台", "窓口の統合端末一台"),
        ("1,789団体", "１７８９団体"),
        ("192.0.2.45", "通信元は192.0.2.45。"),
        ("Business Terminal", "the BUSINESS  TERMINAL"),
        ("", "何でもよい"),
    ],
)
def test_a_fact_is_kept_however_it_is_spelt(said: str, text: str) -> None:
    assert trace(said, text).fate == "kept"


@pytest.mark.parametrize(
    ("said", "text", "found"),
    [
        ("９時40分", "検知日時 9時04分。回答は13時まで", "9時04分"),
        ("９時40分", "検知日時　１９時40分", "１９時40分"),
        ("10月14日", "10月15日に発生", "10月15日"),
        ("窓口の統合端末１台", "窓口の統合端末２台が感染", "窓口の統合端末２台"),
        ("登庁及び機器の操作は不要", "登庁及び機器の操作は必要です", "登庁及び機器の操作は必要"),
        ("都道府県サーバ集約センター", "県サーバ集約センターで検知", "県サーバ集約センター"),
        ("192.0.2.45", "通信元 192.0.2.54", "192.0.2.54"),
    ],
)
def test_a_changed_fact_is_shown_with_what_stands_there(said: str, text: str, found: str) -> None:
    traced = trace(said, text)
    assert traced.fate == "changed"
    assert found in traced.found


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("都道府県サーバ集約センター", "端末に障害が発生しました。"),
        ("９時40分", "至急、13時までに回答してください。"),
        ("１台", "11台が使用不可"),
        ("192.0.2.4", "通信元 192.0.2.45"),
        ("令和８年10月１日現在", "令和７年９月３０日時点"),
        ("ウイルス疑義", ""),
    ],
)
def test_a_fact_that_is_not_there_is_lost(said: str, text: str) -> None:
    assert trace(said, text).fate != "kept"


def test_a_wrong_year_is_no_kept_date() -> None:
    assert trace("令和８年10月１日", "令和７年10月１日").fate == "changed"


def test_only_facts_that_a_message_holds_can_be_lost_from_it() -> None:
    told = ("{{ place }}における事象", "検知日時　{{ since | official_time }}\n{{ place_of_work }}")
    facts = {**FACTS, "place_of_work": "本庁舎", "other": "回線の切断"}
    assert set(relevant_facts(facts, told)) == {"place", "since", "place_of_work"}
    assert relevant_facts(FACTS, ("訓練終了", "終わりました。")) == {}


def test_a_long_text_is_searched_in_bounded_time() -> None:
    import time

    start = time.perf_counter()
    trace_facts(FACTS, "都道府県サーバ" * 50_000)
    assert time.perf_counter() - start < 3
