"""What single lines of a mail hold, remembered: most lines of a drill are said again and again.

The patterns that look for quotes, copies and complaints go through a text letter by letter. Of the
lines that all mails of a drill have in common (the sentence, the form, the quoted message) each is
looked at once. What is remembered is what the pattern says of that line, nothing else.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from drillsim.mail import quote_marks as marks

REMEMBERED: Final = 16_384
"""Lines at most, and letters of the longest that is remembered."""
LENGTH_MAX: Final = 300

# What a line is to the reader of quotes.
QUOTED: Final = 1
MAY_ATTRIBUTE: Final = 2
LABELLED: Final = 4
BEGINS_COPY: Final = 8
DATE_ALONE: Final = 16
DELIMITER: Final = 32
ENDS_WORDS: Final = 64
RULE: Final = 128
ASKS: Final = 256

# What a text may hold that has such a line.
ANYTHING: Final = 1
COPY: Final = 2
COMPLAINT: Final = 4
FIELDS: Final = 8

_PHONE_LINE_MAX: Final = 120
_ACROSS_LINES: Final = "보낸"
"""The one word of `marks.ANYTHING` that may be parted by a line end."""

# Without one of its words in small letters no line matches the pattern beside it; tests hold it.
_PHONE_WORDS: Final = (
    "sent ", "outlook", "envoyé ", "expédié ", "gesendet", "geschickt", "versendet", "inviato",
    "enviado", "verzonden", "verstuurd", "verschickt", "wysłan", "skickat", "sendt", "lähetetty",
    "отправлено", "gönder", "odesláno", "送信", "发送", "發送", "傳送", "发自", "發自", "보냄",
)  # fmt: skip
_ANYTHING_WORDS: Final = (*_PHONE_WORDS, "virus", "caution", "external", "外部", "wrote")
_COPY_WORDS: Final = (
    "copy", "message", "returned mail", "メッセージ", "メール", "received:", "return-path:",
    "dkim-signature:", "x-google-smtp-source:", "arc-seal:",
)  # fmt: skip
_COMPLAINT_WORDS: Final = ("report for", "spam complaint")
_FIELD_WORDS: Final = ("-recipient:",)
_ODD_CASES: Final = re.compile("[ſıİ\u212a\u1c80-\u1c88]")
"""Letters that are i, k, s or Cyrillic ones where case counts for nothing, yet have small forms of
their own."""

_WORDS_FIRST: Final = re.compile("[ \t　]*(?!転)[ぁ-ゔァ-ヴ一-鿿]")
"""A line that begins with a Japanese word is no quote, rule, date or delimiter, and begins no copy
(転送されたメッセージ does)."""
_MAY_COPY: Final = re.compile(
    r"copy|message|returned mail|元のメッセージ|送信(?:された)?メール|原メール"
    r"|^[ \t>]{0,4}(?:received|return-path|dkim-signature|x-google-smtp-source|arc-seal):",
    re.IGNORECASE,
)


def line_marks(line: str) -> int:
    """Return what a line is to the reader of quotes: bits of QUOTED to ASKS, 0 for plain words."""
    return _line_marks(line) if len(line) <= LENGTH_MAX else _line_marks.__wrapped__(line)


@lru_cache(maxsize=REMEMBERED)
def _line_marks(line: str) -> int:
    found = 0
    if line.endswith((":", "：")) or line.lower().endswith(marks.WROTE_ENDS):
        found |= MAY_ATTRIBUTE
    if (":" in line[:40] or "：" in line[:40]) and marks.LABEL.match(line):
        found |= LABELLED
    if marks.ASKS.search(line, max(0, len(line) - 2)):
        found |= ASKS
    if _ends_words(line):
        found |= ENDS_WORDS
    if _WORDS_FIRST.match(line):
        return found
    if marks.QUOTE.match(line):
        found |= QUOTED
    if marks.ORIGINAL.match(line) or marks.FORWARDED.fullmatch(line):
        found |= BEGINS_COPY
    if marks.DATE_ALONE.fullmatch(line):
        found |= DATE_ALONE
    if marks.DELIMITER.fullmatch(line):
        found |= DELIMITER
    if marks.RULE.fullmatch(line):
        found |= RULE
    return found


def _ends_words(line: str) -> bool:
    """Whether a telephone, a mail program or a gateway put this line below the words."""
    if (
        len(line) <= _PHONE_LINE_MAX
        and _may_hold(line, _PHONE_WORDS)
        and marks.PHONE_HINT.search(line)
        and marks.PHONE_LINE.fullmatch(line)
    ):
        return True
    return marks.FOOTER.match(line) is not None


def _may_hold(line: str, words: Iterable[str]) -> bool:
    """Whether one of these words stands in a line, in letters of whatever case."""
    small = line.lower()
    return any(word in small for word in words) or _ODD_CASES.search(line) is not None


def holds_anything(text: str) -> bool:
    """Whether `marks.ANYTHING` is found in a text."""
    if text_hints(text) & ANYTHING:
        return True
    return _ACROSS_LINES in text and marks.ANYTHING.search(text) is not None


@lru_cache(maxsize=4)
def text_hints(text: str) -> int:
    """Return what a text may hold: bits of ANYTHING to FIELDS."""
    return _all_of(text.split("\n"))


def _all_of(lines: Iterable[str]) -> int:
    found = 0
    for line in lines:
        found |= _line_hints(line) if len(line) <= LENGTH_MAX else _line_hints.__wrapped__(line)
    return found


@lru_cache(maxsize=REMEMBERED)
def _line_hints(line: str) -> int:
    found = 0
    if _may_hold(line, _ANYTHING_WORDS):
        found |= ANYTHING if marks.ANYTHING.search(line) else 0
    elif marks.ANYTHING_FIRST.match(line) or marks.ANYTHING_LAST.search(line):
        found |= ANYTHING
    if _may_hold(line, _COPY_WORDS) and _MAY_COPY.search(line):
        found |= COPY
    if _may_hold(line, _COMPLAINT_WORDS):
        found |= COMPLAINT
    if _may_hold(line, _FIELD_WORDS):
        found |= FIELDS
    return found
