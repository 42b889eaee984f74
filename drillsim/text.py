"""Untrusted text made safe to show: the one boundary it passes on its way to an eye.

Mail bodies, headers, file names and fields that users type may hold escape sequences that
move a cursor or set a title, overrides that turn the reading direction round, or a thousand
combining marks on one letter. `clean` takes these out and leaves Japanese as it is:
half-width kana, private-use characters (外字), variation selectors of names (葛󠄀), decomposed
kana. It normalises nothing. It knows no markup: a text widget gets its result as text.
"""

import re
import unicodedata
from typing import Final

MARKS_MAX = 4
"""Combining marks kept on one character; kana need 1, Vietnamese 2, a variation selector 1 more."""

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI (ECMA-48, 5.4)
    r"|(?:\x1b[]PX^_]|[\x90\x98\x9d\x9e\x9f])"  # OSC, DCS, SOS, PM, APC up to ST or BEL
    r"[^\x07\x1b\x9c\n]{0,4096}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]+[0-~]"  # nF, as in the shifts of ISO-2022-JP
    r"|\x1b[0-OQ-WYZ\\`-~]"  # the two-byte ones
)
_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_REPLACEMENT = "\ufffd"

_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe03-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
"""Characters that show nothing and are no part of Japanese: bidi controls, joiners, fillers,
tags, emoji selectors (they shift a row)."""

_DROPPED = re.compile(f"[{_UNSEEN}]+")
_BROKEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_PLAIN = re.compile(
    "[ -~\n\u00a1-\u00ac\u3000-\u3029\u3030-\u3098\u309b-\u312f\u4e00-\u9fff\uff01-\uff9f]*"
)
"""What nearly all text is made of: nothing in it needs a look. Without \u302a-\u302f, \u3099
and \u309a, which are marks."""


_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！ー々…）」』】〕］｝〉》ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
)
"""What begins no line (行頭禁則)."""
_NOT_LAST: Final = frozenset("（「『【〔［｛〈《")
"""What ends no line (行末禁則)."""


def clean(text: str, *, limit: int = 200_000) -> str:
    """Return `text` with nothing in it that acts on a screen; line feeds stay.

    Escape sequences, bidi controls and other unseen characters go; every kind of line break
    becomes a line feed, a tab four spaces; a control character shows as its picture (␛), a lone
    surrogate or noncharacter as �; of a run of combining marks the first `MARKS_MAX` stay, and
    none without a character to stand on. At most `limit` (at least 1) characters are left, the
    last an ellipsis where some were cut off. Cleaning a second time changes nothing.
    """
    if len(text) > 4 * limit:  # Escape sequences shrink it; what lies so far back is not shown.
        text = text[: 4 * limit]
    if not _PLAIN.fullmatch(text):
        text = _ESCAPE_SEQUENCE.sub("", text)
        text = _LINE_BREAK.sub("\n", text).replace("\t", "    ")
        text = _DROPPED.sub("", text)
        text = _BROKEN.sub(_picture, text)
        text = _without_surplus_marks(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_line(text: str, *, limit: int = 1_000) -> str:
    """Return `text` as `clean` does, on one line: line breaks and the space at them become a space.

    Space at both ends goes.
    """
    text = clean(text, limit=4 * limit)
    if "\n" in text:
        text = re.sub(r"\s*\n\s*", " ", text)
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def width(text: str, *, ambiguous_wide: bool = False) -> int:
    """Return how many terminal cells a line of clean text takes.

    Wide and full-width characters take 2, combining marks 0. Characters of ambiguous width
    (①, ■, ※: UAX #11) take 1 as in Windows Terminal and Textual, or 2 with `ambiguous_wide`,
    as in consoles set up for Japanese.
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # Here, because most commands print no table.

    cells = cell_len(text)
    if ambiguous_wide:
        cells += sum(unicodedata.east_asian_width(character) == "A" for character in text)
    return cells


def cut(text: str, cells: int, *, ambiguous_wide: bool = False) -> str:
    """Return a line of clean text cut to at most `cells` (0 or more), with an ellipsis if cut."""
    if width(text, ambiguous_wide=ambiguous_wide) <= cells:
        return text
    left = cells - width("…", ambiguous_wide=ambiguous_wide)
    if left < 0:
        return ""
    kept = []
    for character in text:
        left -= width(character, ambiguous_wide=ambiguous_wide)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def fit(text: str, cells: int, *, right: bool = False, ambiguous_wide: bool = False) -> str:
    """Return a line of clean text cut or filled with spaces to exactly `cells`.

    With `right`, the spaces stand before it.
    """
    text = cut(text, cells, ambiguous_wide=ambiguous_wide)
    spaces = " " * (cells - width(text, ambiguous_wide=ambiguous_wide))
    return spaces + text if right else text + spaces


def breaks(text: str, cells: int) -> list[int]:
    """Return where a line of clean text is broken, so that no part is wider than `cells`.

    Between wide characters it may be anywhere but for the rules of Japanese; words of narrow ones
    stay whole where they can. Rich and textwrap break at spaces alone, of which Japanese has few.
    """
    found: list[int] = []
    start = taken = 0
    allowed = 0
    before = ""
    for place, character in enumerate(text):
        size = width(character)
        if place > start and _may_break(before, character, size):
            allowed = place
        while taken + size > cells and place > start:
            at = allowed if allowed > start else place
            found.append(at)
            start, taken = at, sum(map(width, text[at:place]))
        taken += size
        before = character
    return found


def _may_break(before: str, after: str, size: int) -> bool:
    if before == " ":
        return True
    is_wide = size == 2 or width(before) == 2
    return is_wide and after not in _NOT_FIRST and before not in _NOT_LAST


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else _REPLACEMENT


def _without_surplus_marks(text: str) -> str:
    kept = []
    run = MARKS_MAX  # Nothing to stand on yet.
    for character in text:
        if unicodedata.category(character)[0] == "M":
            if run >= MARKS_MAX:
                continue
            run += 1
        elif character.isspace():
            run = MARKS_MAX
        else:
            run = 0
        kept.append(character)
    return "".join(kept)
