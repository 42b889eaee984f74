"""What a piece of text means on a screen; a theme gives each tone its colour.

No information is by tone alone: the words or signs beside it say the same.
"""

from typing import Literal, NamedTuple, TypeAlias

Tone: TypeAlias = Literal["", "good", "busy", "late", "alarm", "muted", "strong", "control"]


class Cell(NamedTuple):
    """A piece of clean text and its tone."""

    text: str
    tone: Tone = ""


EMPTY = Cell("")
