"""Presets: how the people of a rehearsal usually are, built in or learnt from past drills.

A preset file (`drillsim people fit -o`) says it for everybody and for each kind of body; a scenario
names it in place of a built-in preset, and may say otherwise.
"""

from difflib import get_close_matches
from fractions import Fraction
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field

from drillsim.drill.durations import Duration
from drillsim.drill.model import Line, Model, Unfit
from drillsim.drill.shares import Share
from drillsim.drill.tree import NodeKind
from drillsim.i18n import _


class Delay(Model):
    """A log-normal delay: half of all draws lie below `median`; `sigma` is that of the log."""

    median: Duration
    sigma: float = Field(ge=0, le=4, allow_inf_nan=False)


Rate = Share

PresetName = Literal[
    "ordinary-mail", "announced-office-hours", "unannounced-evening", "unannounced-weekend"
]

BUILT_IN: Final[tuple[PresetName, ...]] = get_args(PresetName)
_SUFFIXES = (".yaml", ".yml")


def is_file(preset: str) -> bool:
    """Whether a scenario's `preset` is the path of a preset file, not a built-in name."""
    return preset not in BUILT_IN


def _preset(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        if is_file(value) and not value.endswith(_SUFFIXES):
            meant = get_close_matches(value, BUILT_IN, n=1)
            raise Unfit(
                _("cannot be {value}").format(value=value),
                _("did you mean {word}?").format(word=meant[0])
                if meant
                else _("write {names}, or the path of a preset file (.yaml)").format(
                    names=", ".join(BUILT_IN)
                ),
            )
    return value


PresetField = Annotated[
    Line,
    BeforeValidator(
        _preset, json_schema_input_type=PresetName | Annotated[str, Field(pattern=r"\.ya?ml$")]
    ),
]
"""A built-in preset by its name, or a preset file by its path from the scenario's own folder."""


class KindHabits(Model):
    """How people are, as far as past drills tell it; what is left out is not said here."""

    acknowledge: Delay | None = None
    """How long an officer takes to acknowledge."""
    pass_on: Delay | None = None
    """How long passing on takes after acknowledging."""
    report: Delay | None = None
    """How long filling in the form takes."""
    no_answer: Rate | None = None
    """How many mails are read and not answered."""
    away: Rate | None = None
    """How many officers never answer."""
    absence_notice: Rate | None = None
    """How many mailboxes answer by themselves that nobody is there."""
    dead_address: Rate | None = None
    """How many addresses are dead."""
    report_forgotten: Rate | None = None
    """How many acknowledge and then forget the report."""

    @property
    def rates(self) -> dict[str, Fraction]:
        """The rates that are said, by field."""
        told = {name: getattr(self, name) for name in RATES}
        return {name: rate for name, rate in told.items() if rate is not None}

    @property
    def delays(self) -> dict[str, Delay]:
        """The delays that are said, by field."""
        told = {name: getattr(self, name) for name in DELAYS}
        return {name: delay for name, delay in told.items() if delay is not None}


DELAYS: Final = ("acknowledge", "pass_on", "report")
RATES: Final = ("no_answer", "away", "absence_notice", "dead_address", "report_forgotten")


class Preset(Model):
    """A preset as it is in its file."""

    format: Literal["drillsim-people/1"]
    """What kind of file this is, and in which version."""
    title: Line = Field(min_length=1, max_length=100)
    """What these people are, in words: it stands in reports of rehearsals with them."""
    note: str = ""
    """Where the figures come from."""
    based_on: PresetName = "announced-office-hours"
    """The built-in preset from which comes what this file does not say."""
    all_: KindHabits = KindHabits()
    """How people are at bodies of every kind."""
    kinds: dict[NodeKind, KindHabits] = {}
    """What is otherwise at the bodies of single kinds."""
