"""What the first screen shows of a scenario before it is run, and of a drill that was.

How they are read is in `reading`: this module loads nothing heavy, so that the first frame is there
before the files are.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drillsim.drill.ways import Way
from drillsim.tui.views.tone import Cell

if TYPE_CHECKING:
    from drillsim.tui.views.tiers import Curve

SEED: Final = 7
"""The seed of the rehearsal that is shown as what to expect, and of the first one that is run."""

Line = list[Cell]


@dataclass(frozen=True, slots=True)
class ScenarioCard:
    """A scenario file: how it is called, and what there is to know of it."""

    path: Path
    name: str
    title: str
    is_usable: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ExpectedCard:
    """What to expect of a scenario: when what happens, how many mails, and the answer curve."""

    lines: tuple[Line, ...]
    curve: "Curve | None"
    curve_of: str
    """Which message the curve is about."""


@dataclass(frozen=True, slots=True)
class DrillCard:
    """A drill file: what it was, how it stands, and how it went."""

    path: Path
    title: str
    when: str
    state: Cell
    reached: str
    score: str
    is_over: bool
    way: Way = "rehearsal"
    lines: tuple[Line, ...] = ()
    """How it went, in some lines more."""
