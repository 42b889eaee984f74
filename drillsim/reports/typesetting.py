"""The fonts that Typst (an extra) finds on the machine."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typst import Fonts

JAPANESE_FONTS: Final = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "BIZ UDPGothic",
    "Yu Gothic",
    "Meiryo",
    "Hiragino Sans",
    "IPAexGothic",
    "IPAPGothic",
    "TakaoPGothic",
    "VL PGothic",
    "MS PGothic",
)
"""Japanese fonts that offices have, the one that is taken first."""


@cache
def machine_fonts() -> "Fonts":
    """Return the fonts of the machine, which are looked for once.

    Raises:
        ImportError: Typst is not installed.
    """
    import typst

    return typst.Fonts()


def japanese_among(families: Iterable[str]) -> list[str]:
    """Return the Japanese fonts among those that are installed, the one to be taken first."""
    there = set(families)
    return [name for name in JAPANESE_FONTS if name in there]
