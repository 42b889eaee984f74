"""What is remembered of single lines says of a text what its patterns say of the whole."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st

from drillsim.mail import lines, parsing, quote_marks, quotes, receipts, server_phrases
from drillsim.mail import quote_marks as marks
from drillsim.mail.bodies import read_body
from drillsim.mail.bounces import _above_copy
from drillsim.mail.lines import (
    ASKS,
    BEGINS_COPY,
    COMPLAINT,
    COPY,
    DATE_ALONE,
    DELIMITER,
    ENDS_WORDS,
    FIELDS,
    LABELLED,
    MAY_ATTRIBUTE,
    QUOTED,
    RULE,
    TextLines,
    holds_anything,
    text_hints,
)
from drillsim.mail.parsing import _decode_base64, parse_mail
from drillsim.mail.quotes import own_words

MAILS = sorted((Path(__file__).parents[1] / "data" / "mail").rglob("*.eml"))

PIECES = [
    "\n", "\n\n", "> ", " ", "　", ":", "：", "--", "-- ", "____", "-----Original Message-----",
    "From", "差出人", "보낸", "사람", "Date: ", "To: a@b.example", "件名：", "2026/11/02 9:00",
    "wrote:", "さんは書きました：", "a@b.example", "<a@b.example>", "below this line is a copy",
    "---", "original message", "the original message was attached", "Returned Mail",
    "copy of the",
    "Messages follow", "送信されたメールの", "原メール", "メール", "Received: by x", "return-path:",
    "this is an abuse report for an e-mail message", "spam complaint about", "report for",
    "ſpam complaint from", "meſſage header follow", "iPhoneから送信", "Sent from my iPhone",
    "virus", "VIRUS", "CAUTION: external", "受信しました。", "word", "\r", "\u2028", "\x0b", "\x85",
    "これは、訓練です。", "Message du 01/02/2026 10:00", "Subject", "台数：0", "\u212a", "ı", "On ",
    "ｏutlook", "SENT FROM x", "OUTLOOK für iOS beziehen", "EXPÉDIÉ depuis x", "ОТПРАВЛЕНО с x",
    "\u1c82тправлено с x", "vİrus", "Final-Recipient: x", "orıginal-recİpient: x",
    "転送されたメッセージ",
    "ー", "ーーーー", "本日は", "カナ", "?", "。", "）",
    "x" * 70,
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def real_texts() -> Iterator[str]:
    for path in MAILS:
        yield read_body(parse_mail(path.read_bytes())).text


@given(texts)
@example("보낸\n사람: x")
@example("보낸\u2028사람: x")
@example("x" * 500 + " wrote")
@example("> " + "見本" * 14 + "\n" + "x" * 29)
@example("x" * 1_999 + " : wrote:\n" * 5_001)
@example("-----\n \n original message\nx")
def test_a_text_holds_what_its_lines_hold(text: str) -> None:
    assert_same(text)


def test_so_does_every_mail_that_was_collected() -> None:
    count = 0
    for text in real_texts():
        assert_same(text)
        count += 1
    assert count > 100


def assert_same(text: str) -> None:
    assert holds_anything(text) == (quote_marks.ANYTHING.search(text) is not None)
    hints = text_hints(text)
    if server_phrases.COPY_BELOW.search(text):
        assert hints & COPY
    if receipts._COMPLAINT_TEXT.search(text):
        assert hints & COMPLAINT
    if server_phrases.FIELDS_IN_TEXT.search(text):
        assert hints & FIELDS
    assert lines.text_lines(text) == plain_lines(text)
    for line in text.split("\n"):
        width = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)
        assert lines.is_wide(line) == (width >= 60)
    above, complains = _above_copy(text), receipts._complains(text)
    with patch("drillsim.mail.bounces.text_hints", return_value=COPY):
        assert _above_copy(text) == above
    assert complains == (receipts._COMPLAINT_TEXT.search(text) is not None)


def plain_marks(line: str) -> Iterator[int]:
    """Yield what a line is, as the patterns alone say it."""
    is_phone = len(line) <= 120 and marks.PHONE_HINT.search(line)
    yield QUOTED if marks.QUOTE.match(line) else 0
    ends = line.endswith((":", "：")) or line.lower().endswith(marks.WROTE_ENDS)
    yield MAY_ATTRIBUTE if ends else 0
    has_colon = ":" in line[:40] or "：" in line[:40]
    yield LABELLED if has_colon and marks.LABEL.match(line) else 0
    yield BEGINS_COPY if marks.ORIGINAL.match(line) or marks.FORWARDED.fullmatch(line) else 0
    yield DATE_ALONE if marks.DATE_ALONE.fullmatch(line) else 0
    yield DELIMITER if marks.DELIMITER.fullmatch(line) else 0
    is_last = (is_phone and marks.PHONE_LINE.fullmatch(line)) or marks.FOOTER.match(line)
    yield ENDS_WORDS if is_last else 0
    yield RULE if marks.RULE.fullmatch(line) else 0
    yield ASKS if marks.ASKS.search(line) else 0


def plain_lines(text: str) -> TextLines:
    found = tuple(line[:2_000].rstrip() for line in text.split("\n")[:5_000])
    return TextLines(found, tuple(sum(plain_marks(line)) for line in found))


@given(texts)
def test_what_is_remembered_is_what_would_be_found_again(text: str) -> None:
    words = own_words(text)
    with (
        patch.object(quotes, "line_marks", lambda line: sum(plain_marks(line))),
        patch.object(quotes, "text_lines", plain_lines),
        patch.object(quotes, "holds_anything", lambda text: quote_marks.ANYTHING.search(text)),
    ):
        assert own_words(text) == words


@given(st.text("ab は" + "書きましたwrote:： .", max_size=150))
@example("x" * 200 + "kirjoitti" + "y" * 8 + " " * 40 + ":")
@example("wrote" + " " * 41 + ":")
def test_only_the_end_of_a_line_tells_that_it_ends_with_writing(text: str) -> None:
    found = quote_marks.WROTE_LAST.search(text) is not None
    assert quotes._wrote_last(text) == found


@given(
    st.lists(st.sampled_from([b"QUJD", b"QQ", b"=", b"==", b"\n", b" ", b"-", b"\t"]), max_size=9)
)
@example([b"QUJD", b"\n", b"=", b"\n"])
@example([b"QQ", b"==", b"\n", b"QUJD"])
def test_clean_base64_is_read_as_any_other(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    read = _decode_base64(data)
    with patch.object(parsing, "_is_base64", return_value=False):
        assert _decode_base64(data) == read
