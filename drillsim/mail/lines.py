"""What single lines of a mail hold, remembered: most lines of a drill are said again and again.

The patterns that look for quotes, copies and complaints go through a text letter by letter. Of the
lines that all mails of a drill have in common (the sentence, the form, the quoted message) each is
looked at once. What is remembered is what the pattern says of that line, nothing else.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

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
_MARKS: Final = 511
_HINTS: Final = 9
"""By how many bits what a text may hold stands above what a line is."""

# What a text may hold that has such a line.
ANYTHING: Final = 1
COPY: Final = 2
COMPLAINT: Final = 4
FIELDS: Final = 8

LINES_MAX: Final = 5_000
_LINE_MAX: Final = 2_000
_PHONE_LINE_MAX: Final = 120
WIDE_COLUMNS: Final = 60
"""From which a quoted line may have been broken in two on its way."""
_ACROSS_LINES: Final = "보낸"
"""The one word of `marks.ANYTHING` that may be parted by a line end."""


class _Words(NamedTuple):
    """Words without one of which a line holds nothing: those without cases, and those with."""

    kanji: tuple[str, ...]
    letters: tuple[str, ...]


# Without one of its words in small letters no line matches the pattern beside it; tests hold it.
_PHONE_WORDS: Final = _Words(
    ("送信", "发送", "發送", "傳送", "发自", "發自", "보냄"),
    (
        "sent ", "outlook", "envoyé ", "expédié ", "gesendet", "geschickt", "versendet", "inviato",
        "enviado", "verzonden", "verstuurd", "verschickt", "wysłan", "skickat", "sendt",
        "lähetetty", "отправлено", "gönder", "odesláno",
    ),
)  # fmt: skip
_ANYTHING_WORDS: Final = _Words(
    (*_PHONE_WORDS.kanji, "外部"),
    (*_PHONE_WORDS.letters, "virus", "caution", "external", "wrote"),
)
_COPY_WORDS: Final = _Words(
    ("メッセージ", "メール"),
    (
        "copy", "message", "returned mail", "received:", "return-path:", "dkim-signature:",
        "x-google-smtp-source:", "arc-seal:",
    ),
)  # fmt: skip
_COMPLAINT_WORDS: Final = _Words((), ("report for", "spam complaint"))
_FIELD_WORDS: Final = _Words((), ("-recipient:",))
_LETTERS: Final = re.compile("[A-Za-zÀ-ԯ\u1c80-\u1c88\u212a]")
"""Letters that have cases, as far as the words above have them."""
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


@dataclass(frozen=True, slots=True)
class TextLines:
    """The lines of a text, as far as they are looked at."""

    lines: tuple[str, ...]
    """Without blanks at their ends, and cut off where they are very long."""
    marks: tuple[int, ...]
    """What each of them is to the reader of quotes: bits of QUOTED to ASKS, 0 for plain words."""


def holds_anything(text: str) -> bool:
    """Whether `marks.ANYTHING` is found in a text."""
    if text_hints(text) & ANYTHING:
        return True
    return _ACROSS_LINES in text and marks.ANYTHING.search(text) is not None


def text_hints(text: str) -> int:
    """Return what a text may hold: bits of ANYTHING to FIELDS."""
    hints = 0
    for seen in _seen(text):
        hints |= seen
    return hints >> _HINTS


def text_lines(text: str) -> TextLines:
    """Return the first `LINES_MAX` lines of a text, and what each is."""
    lines = tuple(line[:_LINE_MAX].rstrip() for line in text.split("\n", LINES_MAX)[:LINES_MAX])
    seen = tuple(each & _MARKS for each in _seen(text)[:LINES_MAX])
    return TextLines(lines, seen)


def line_marks(line: str) -> int:
    """Return what a single line, without blanks at its end, is to the reader of quotes."""
    return (_line(line) if len(line) <= LENGTH_MAX else _line.__wrapped__(line)) & _MARKS


@lru_cache(maxsize=4)
def _seen(text: str) -> tuple[int, ...]:
    """Return what is to be said of every line of a text: its marks, and above them its hints."""
    lines = text.split("\n")
    if len(text) <= LENGTH_MAX or max(map(len, lines)) <= LENGTH_MAX:
        return tuple(map(_line, lines))
    return tuple(
        _line(each) if len(each) <= LENGTH_MAX else _line.__wrapped__(each) for each in lines
    )


@lru_cache(maxsize=REMEMBERED)
def _line(line: str) -> int:
    shown = line[:_LINE_MAX].rstrip()
    cases = _cases_of(line)
    return _marks_of(shown, cases) | _hints_of(line, cases) << _HINTS


def _cases_of(line: str) -> str | None:
    """Return a line in small letters, "" if it has none with cases, None if they are odd ones."""
    if line.isascii():
        return line.lower()
    if _LETTERS.search(line) is None:
        return ""
    return None if _ODD_CASES.search(line) else line.lower()


def _marks_of(line: str, cases: str | None) -> int:
    found = 0
    if line.endswith((":", "：")) or line.lower().endswith(marks.WROTE_ENDS):
        found |= MAY_ATTRIBUTE
    if (":" in line[:40] or "：" in line[:40]) and marks.LABEL.match(line):
        found |= LABELLED
    if marks.ASKS.search(line, max(0, len(line) - 2)):
        found |= ASKS
    if _ends_words(line, cases):
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


def _ends_words(line: str, cases: str | None) -> bool:
    """Whether a telephone, a mail program or a gateway put this line below the words."""
    if (
        len(line) <= _PHONE_LINE_MAX
        and _may_hold(line, cases, _PHONE_WORDS)
        and marks.PHONE_HINT.search(line)
        and marks.PHONE_LINE.fullmatch(line)
    ):
        return True
    return marks.FOOTER.match(line) is not None


def _hints_of(line: str, cases: str | None) -> int:
    found = 0
    if _may_hold(line, cases, _ANYTHING_WORDS):
        found |= ANYTHING if marks.ANYTHING.search(line) else 0
    elif marks.ANYTHING_FIRST.match(line) or marks.ANYTHING_LAST.search(line):
        found |= ANYTHING
    if _may_hold(line, cases, _COPY_WORDS) and _MAY_COPY.search(line):
        found |= COPY
    if _may_hold(line, cases, _COMPLAINT_WORDS):
        found |= COMPLAINT
    if _may_hold(line, cases, _FIELD_WORDS):
        found |= FIELDS
    return found


def _may_hold(line: str, cases: str | None, words: "_Words") -> bool:
    """Whether one of these words stands in a line, in letters of whatever case."""
    if cases is None:
        return True
    for word in words.kanji:
        if word in line:
            return True
    if cases:
        for word in words.letters:
            if word in cases:
                return True
    return False


@lru_cache(maxsize=REMEMBERED)
def is_wide(line: str) -> bool:
    """Whether a line is so wide that it may have been broken in two on its way."""
    if line.isascii() or 2 * len(line) < WIDE_COLUMNS:
        return len(line) >= WIDE_COLUMNS
    width = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
    return width >= WIDE_COLUMNS
