"""Whatever names, subjects and texts contain, a mail has its marks and the header meant."""

import email.policy
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

from hypothesis import example, given
from hypothesis import strategies as st

from drillsim.drill.marks import MARK, SENTENCE, slips, subject_slips
from drillsim.mail import headers
from drillsim.mail.compose import (
    Charset,
    Letter,
    LetterKind,
    Mailbox,
    NotADrillMailError,
    compose,
    final_body,
    final_subject,
)
from drillsim.mail.correspondence import read_letter
from drillsim.mail.drill_marks import refuse_unmarked
from drillsim.mail.headers import NAME_LENGTH_MAX, one_line
from drillsim.mail.tokens import format_token

HOSTILE = st.sampled_from(
    [
        "\r\nBcc: x@y.example", "\nBcc: x@y.example\n\n", "\r", "\x00", "\x0b", "\x0c", "\x1c",
        "\x85", "\u2028Bcc: x", "\u2029", "=?utf-8?q?=0ABcc:_x?=", "=?utf-8?B?DQpCY2M6IHg=?=", '"',
        "\\", "<x@y>", ",", ";", ":", "(", ")", "@", "Bcc: x", "\ud800", "\ufeff", "　", " ", "\t",
        "é", "𠮷", "㈱髙﨑", "ｶﾞ", "e\u0301\u0301", "あ" * 90, "a" * 300, "--", ".\r\n",
        "\r\n.\r\n", "{{ x }}", "%s", "%0d%0a",
    ]
)  # fmt: skip
TEXT = st.lists(st.one_of(HOSTILE, st.text(max_size=6), st.sampled_from("山口市課長")), max_size=6)
TEXTS = TEXT.map("".join)
LOCAL = st.from_regex(r"[a-z][a-z0-9.+_-]{0,12}", fullmatch=True)
MAILBOXES = st.builds(Mailbox, LOCAL.map(lambda local: f"{local}@city.example"), TEXTS)
FIELDS = [
    "From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
    "Auto-Submitted", "X-Drillsim", "MIME-Version", "Content-Type",
]  # fmt: skip


@st.composite
def letters(draw: st.DrawFn, *kinds: LetterKind) -> Letter:
    ids = st.integers(0, 1 << 40).map(lambda bits: f"{bits:x}@drillsim.test")
    charset: st.SearchStrategy[Charset] = st.sampled_from(["utf-8", "iso-2022-jp"])
    return Letter(
        kind=draw(st.sampled_from(kinds)),
        sender=draw(MAILBOXES),
        to=tuple(draw(st.lists(MAILBOXES, min_size=1, max_size=4))),
        cc=tuple(draw(st.lists(MAILBOXES, max_size=2))),
        reply_to=draw(st.none() | MAILBOXES),
        subject=draw(TEXTS),
        body=draw(TEXTS),
        quote=draw(TEXTS),
        message_id=draw(ids),
        date=datetime(2026, 10, 14, 1, 5, tzinfo=UTC),
        in_reply_to=draw(st.just("") | ids),
        references=tuple(draw(st.lists(ids, max_size=3))),
        token=draw(st.just("") | st.integers(0, (1 << 40) - 1).map(format_token)),
        charset=draw(charset),
        html=draw(st.booleans()),
        auto_submitted=draw(st.sampled_from(["", "auto-replied"])),
    )


def expected_fields(letter: Letter) -> list[str]:
    present = {
        "Cc": letter.cc, "Reply-To": letter.reply_to, "In-Reply-To": letter.in_reply_to,
        "References": letter.references, "Auto-Submitted": letter.auto_submitted,
    }  # fmt: skip
    return [name for name in FIELDS if present.get(name, True)]


def names_in(raw: bytes) -> list[str]:
    """Return the names in To. (`policy.default` of Python 3.11 puts blanks between words.)"""
    field = re.sub(r"\r?\n", "", str(message_from_bytes(raw)["To"]))
    return [str(make_header(decode_header(name))) for name, _address in getaddresses([field])]


def composed(letter: Letter) -> bytes | None:
    """Return the mail, or None where its text hides that it is a drill."""
    try:
        return compose(letter)
    except NotADrillMailError:
        return None


@given(letter=letters("drill", "passed-on", "reply", "auto-reply", "bounce"))
def test_a_mail_has_exactly_the_header_that_was_meant(letter: Letter) -> None:
    raw = composed(letter)
    if raw is None:
        assert list(slips(final_body(letter))) or list(subject_slips(final_subject(letter)))
        return
    mail = message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    names = [name for name, _value in mail.items() if name != "Content-Transfer-Encoding"]
    assert names == expected_fields(letter)
    assert not mail.defects
    assert not any(part.defects for part in mail.walk())
    assert mail["subject"] == final_subject(letter)
    assert MARK in mail["subject"]
    recipients = [each.addr_spec.replace('"', "") for each in mail["to"].addresses]
    assert recipients == [mailbox.address for mailbox in letter.to]
    assert names_in(raw) == [
        one_line(mailbox.name)[:NAME_LENGTH_MAX].strip() for mailbox in letter.to
    ]


@given(letter=letters("drill", "passed-on"))
def test_every_mail_of_a_drill_says_so_first_and_last(letter: Letter) -> None:
    raw = composed(letter)
    if raw is not None:
        seen = read_letter(raw)
        lines = seen.body.strip().split("\n")
        assert seen.subject.startswith(MARK)
        assert lines[0] == lines[-1] == SENTENCE


@given(letter=letters("drill", "reply", "bounce"))
def test_no_line_of_a_mail_is_longer_than_the_rule_allows(letter: Letter) -> None:
    raw = composed(letter)
    if raw is not None:
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998
        assert raw.isascii()
        assert re.search(rb"\r(?!\n)|(?<!\r)\n", raw) is None


PIECES = st.sampled_from(
    [
        "これは", "訓練", "では", "ありません", "。", "\n", "\n\n", "　", "本番", "【", "】",
        "実際の", "連絡です", "中止", "場合", "を", "する", "This is ", "not ", "a drill",
        "7KQ2-M4XD", "テスト", "演習", "市", "１",
    ]
)  # fmt: skip


@given(pieces=st.lists(PIECES, max_size=14), token=st.sampled_from(["", "7KQ2-M4XD"]))
@example(pieces=["これは", "訓練", "7KQ2-M4XD", "では", "ありません"], token="")
def test_reading_by_paragraphs_refuses_what_reading_the_whole_refuses(
    pieces: list[str], token: str
) -> None:
    body = "".join(pieces)
    try:
        refuse_unmarked(MARK, body, token)
        is_refused = False
    except NotADrillMailError:
        is_refused = True
    assert is_refused == bool(list(slips(body.replace(token, "") if token else body)))


@given(
    text=st.text(st.characters(codec="utf-8"), max_size=90)
    | st.lists(st.sampled_from(["山", "é", "𠮷", "a"]), max_size=90).map("".join),
    first=st.integers(0, 48),
    full=st.integers(0, 48),
)
@example("山口市", 0, 1)
@example("𠮷" * 30, 3, 47)
def test_text_is_cut_where_letters_begin_by_its_bytes_too(text: str, first: int, full: int) -> None:
    pieces = list(headers._cut(text, "utf-8", first, full))
    assert pieces == list(headers._cut_letters(text, "utf-8", first, full))
