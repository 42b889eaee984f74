"""Plain signs: nothing is drawn that some terminals make two cells wide, or have no glyph for.

Boxes, bars, ①, ● and the like are of ambiguous width (UAX #11): one cell in Windows Terminal and in
most others, two in consoles that are set up for old Japanese programs, where every line after such
a character would be shifted. With plain signs each of them is drawn as a character of one cell
everywhere; Japanese itself stays as it is.
"""

import os
import sys
import unicodedata
from collections.abc import Mapping
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from typing_extensions import override

VARIABLE: Final = "DRILLSIM_SIGNS"
"""Set to `plain` or `usual`, it decides; otherwise the terminal does."""

_KNOWN: Final = {
    "-": "─━┄┅┈┉╌╍―—–‐",
    "|": "│┃┆┇┊┋╎╏▌▐▎▏├┤",
    "`": "└╰",
    "+": "┌┐┘┬┴┼╭╮╯╋┏┓┗┛",
    "_": "▁▂",
    "=": "▃▄‖▒",
    "#": "▅▆▇█■□▀▔",
    "%": "▓",
    ".": "░…·",
    "o": "●○◎",
    "*": "★☆※◆◇",
    "v": "✓▼▽",
    "V": "✔",
    "r": "✎",
    "m": "✉",
    "W": "⚠",
    "c": "✆☎",
    "<": "↩←«",
    ">": "→»",
    "x": "✘×",
    "^": "▲△↑",
    "'": "‘’°",
    '"': "“”",
    "/": "÷",
}
"""What stands for the signs that drillsim itself draws, and for those that names hold."""


class _Table(dict[int, str]):
    """A table for `str.translate` that learns the characters it meets."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = plain = _plain(character)
        return plain


def _plain(character: str) -> str:
    """Return what stands for a character that has no sign of its own."""
    if unicodedata.east_asian_width(character) != "A" or unicodedata.category(character)[0] == "M":
        return character
    value = unicodedata.numeric(character, None)
    if value is not None and value.is_integer() and 0 <= value <= 9:
        return str(int(value))
    same = unicodedata.normalize("NFKC", character)
    return same if same.isascii() and len(same) == 1 else "?"


_TABLE: Final = _Table({ord(c): plain for plain, signs in _KNOWN.items() for c in signs})


def plain(text: str) -> str:
    """Return `text` with every sign that may be two cells wide replaced, cell by cell."""
    return text if text.isascii() else text.translate(_TABLE)


class PlainSigns(LineFilter):
    """Draws every line of every screen with plain signs, while it is enabled."""

    @override
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.control else Segment(plain(segment.text), segment.style)
            for segment in segments
        ]


def are_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to begin with plain signs: as the variable says, or in an old Windows console."""
    wish = environment.get(VARIABLE, "")
    if wish in ("plain", "usual"):
        return wish == "plain"
    hosts = ("WT_SESSION", "TERM_PROGRAM", "ConEmuPID", "TERM")
    return sys.platform == "win32" and not any(host in environment for host in hosts)
