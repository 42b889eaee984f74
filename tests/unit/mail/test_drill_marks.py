import pytest

from drillsim.drill.marks import MARK, SENTENCE, STOP_MARK, STOP_SENTENCE, slips
from drillsim.mail.drill_marks import (
    NotADrillMailError,
    marked_body,
    marked_reply_subject,
    marked_stop_body,
    marked_stop_subject,
    marked_subject,
    marked_words,
    refuse_unclear_stop,
    refuse_unmarked,
    token_note,
    without_marks,
)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("第一報", "【訓練】第一報"),
        ("【訓練】第一報", "【訓練】第一報"),
        ("（県伝達）【訓練】第一報", "【訓練】（県伝達）第一報"),
        ("【訓練】【訓練】【再送】第一報", "【訓練】【再送】第一報"),
        ("", "【訓練】"),
        ("第\r\nBcc: x@y.example\r\n\r\n報", "【訓練】第 Bcc: x@y.example 報"),
    ],
)
def test_the_mark_stands_first_in_a_subject_once(given: str, sent: str) -> None:
    assert marked_subject(given) == sent


def test_the_stop_mail_has_a_mark_of_its_own() -> None:
    assert marked_stop_subject("中止について") == "【訓練中止】中止について"
    assert marked_stop_subject("【訓練中止】中止について") == "【訓練中止】中止について"


def test_an_answer_may_have_words_before_the_mark_but_never_goes_without() -> None:
    assert marked_reply_subject("Re: 【訓練】第一報") == "Re: 【訓練】第一報"
    assert marked_reply_subject("[外部] Re: 【訓練中止】x") == "[外部] Re: 【訓練中止】x"
    assert marked_reply_subject("Re: 第一報") == "【訓練】Re: 第一報"


def test_the_sentence_stands_first_and_last_in_a_body() -> None:
    assert marked_body("本文\n二行目") == f"{SENTENCE}\n\n本文\n二行目\n\n{SENTENCE}"


@pytest.mark.parametrize(
    "body",
    [
        "これは、訓練です。\n\n本文\n\nこれは、訓練です。\n",
        "\n　これは訓練です\n本文\nこれは，訓練です。\n\n",
        "本文\n\nこれは、訓練です。\nこれは、訓練です。",
    ],
)
def test_a_sentence_that_is_there_already_is_not_doubled(body: str) -> None:
    assert marked_body(body) == f"{SENTENCE}\n\n本文\n\n{SENTENCE}"


def test_a_note_is_added_unless_the_text_has_it() -> None:
    assert (
        marked_body("本文", "（整理番号：7KQ2-M4XD）").split("\n")[-3] == "（整理番号：7KQ2-M4XD）"
    )
    once = marked_body("本文（整理番号：7KQ2-M4XD）", "（整理番号：7KQ2-M4XD）")
    assert once.count("整理番号") == 1


def test_an_empty_body_is_still_marked() -> None:
    assert marked_body("") == f"{SENTENCE}\n\n{SENTENCE}"
    assert marked_stop_body("") == STOP_SENTENCE


def test_the_stop_mail_says_first_that_it_is_real_and_nowhere_that_it_is_a_drill() -> None:
    assert marked_stop_body("本文") == f"{STOP_SENTENCE}\n\n本文"
    assert marked_stop_body(f"{STOP_SENTENCE}\n本文") == f"{STOP_SENTENCE}\n\n本文"


def test_an_answer_above_a_quote_is_marked_in_its_own_words() -> None:
    quote = f"山口県:\n> {SENTENCE}\n> 本文\n> {SENTENCE}"
    marked = marked_words("受信しました。", quote)
    assert marked == f"{SENTENCE}\n\n受信しました。\n\n{SENTENCE}\n\n{quote}"
    unmarked_quote = "山口県:\n> 本文"
    assert marked_words("受信しました。", unmarked_quote).endswith(f"> 本文\n\n{SENTENCE}")


@pytest.mark.parametrize(
    ("subject", "body", "line"),
    [
        (f"{MARK}第一報", f"{SENTENCE}\n\n一\n\n二。\nこれは訓練ではありません。\n\n{SENTENCE}", 6),
        (f"{MARK}第一報", "本文\n\n【訓練中止】", 3),
        (f"{MARK}第一報", "本文\n\nこれは実際の\n連絡です。", 3),
        (f"{MARK}第一報", "This is not a drill.", 1),
        (f"{MARK}第一報\u202e", "本文", 1),
        (f"{MARK}【本番】", "本文", 1),
        (MARK + "あ" * 197, "本文", 1),
    ],
)
def test_a_mail_that_denies_the_drill_is_refused_with_its_line(
    subject: str, body: str, line: int
) -> None:
    with pytest.raises(NotADrillMailError) as caught:
        refuse_unmarked(subject, body)
    assert [reason.line for reason in caught.value.reasons] == [line]
    assert caught.value.reasons[0].remedy in str(caught.value)


def test_ordinary_words_about_real_incidents_pass() -> None:
    body = (
        "訓練ですので、実際に回線の切断は行わないでください。\n"
        "実際の障害のときは、訓練を中止します。"
    )
    refuse_unmarked(f"{MARK}第一報（整理番号：7KQ2-M4XD）", body, "7KQ2-M4XD")


def test_a_long_subject_is_refused_with_its_token_counted() -> None:
    token = "7KQ2-M4XD"
    refuse_unmarked(MARK + "あ" * 180 + token_note(token), "本文", token)
    with pytest.raises(NotADrillMailError, match="201"):
        refuse_unmarked(MARK + "あ" * 181 + token_note(token), "本文", token)


def test_the_token_is_not_taken_for_a_denial_or_its_cover() -> None:
    with pytest.raises(NotADrillMailError):
        refuse_unmarked(MARK, "これは訓練7KQ2-M4XDではありません。", "7KQ2-M4XD")


def test_a_stop_mail_that_calls_itself_a_drill_is_refused() -> None:
    clear = f"{STOP_SENTENCE}\n\n【訓練】と表示したものは想定です。"
    refuse_unclear_stop(f"{STOP_MARK}中止", clear)
    with pytest.raises(NotADrillMailError):
        refuse_unclear_stop(f"{STOP_MARK}{MARK}中止", STOP_SENTENCE)
    with pytest.raises(NotADrillMailError) as caught:
        refuse_unclear_stop(f"{STOP_MARK}中止", f"{STOP_SENTENCE}\n\n{SENTENCE}")
    assert caught.value.reasons[0].line == 3
    with pytest.raises(NotADrillMailError):
        refuse_unclear_stop(STOP_MARK + "あ" * 200, STOP_SENTENCE)


def test_what_is_searched_for_quickly_misses_nothing_that_is_refused() -> None:
    for text in (
        "これは演習ではない。", "本連絡は現実の障害である。", "ﾃｽﾄではありません。",
        "この連絡は真実です", "ｔｈｉｓ ｉｓ ｎｏｔ ａ ｄｒｉｌｌ", "THIS ISN'T A TEST",
        "not an exercise", "〔訓錬〕", "予行ではない", "＜非訓練＞", "本\u200b文", "《本番》",
        "訓 練 を 中 止 す る 実 際 の 連 絡",
    ):  # fmt: skip
        assert list(slips(text)), text
        with pytest.raises(NotADrillMailError):
            refuse_unmarked(MARK, text)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("【訓練】架空町", "架空町"),
        ("架空町【訓練中止】", "架空町"),
        ("[訓練中止]", ""),
        ("これは、訓練です。", ""),
        ("【訓【訓練】練】架空\u200b町\u202e", "架空町"),
        ("訓練課　訓練係長", "訓練課　訓練係長"),
        ("辻\U000e0100　葛城市", "辻\U000e0100　葛城市"),
    ],
)
def test_a_name_goes_into_a_mail_without_marks(name: str, shown: str) -> None:
    assert without_marks(name) == shown
