"""Simulated people and faults of the machines, as a scenario sets them for its rehearsals."""

from datetime import timedelta
from fractions import Fraction
from typing import Literal

from pydantic import Field, PrivateAttr, model_validator

from drillsim.drill.durations import Duration
from drillsim.drill.model import Model, Unfit
from drillsim.drill.preset import Delay, Preset, PresetField, Rate, is_file
from drillsim.drill.tree import NodeId
from drillsim.i18n import _


class Telephone(Model):
    """How calls end in a rehearsal; the rest is nobody there (不在).

    The defaults are those of a telephone tree of 16 people (DOMAIN, section 4).
    """

    answered: Rate = Fraction(50, 100)
    """How many calls reach the officer in person."""
    message: Rate = Fraction(25, 100)
    """How many calls leave a message with a colleague."""
    voicemail: Rate = Fraction(6, 100)
    """How many calls end at an answering machine."""


class PersonNode(Model):
    """What is particular about the people at one node."""

    absent: tuple[int, ...] = ()
    """Officers (from 1) who are away and whose mailbox says so."""
    silent: tuple[int, ...] = ()
    """Officers who never answer."""
    dead: tuple[int, ...] = ()
    """Officers whose address is dead."""
    acknowledge: Delay | None = None
    """How long this node takes to acknowledge."""
    pass_on: Delay | None = None
    """How long it takes to pass on, after it has acknowledged."""
    report: Delay | None = None
    """How long it takes to fill in the form."""
    answers: dict[str, str] = {}
    """What this node answers in a form, by field id."""
    leave_out: tuple[NodeId, ...] = ()
    """Children that are forgotten when this node passes on."""
    tells: dict[str, str] = {}
    """What this node passes on in place of a fact, by the fact's name; "" leaves it out."""


class People(Model):
    """The simulated officers of a rehearsal; what is left out comes from the preset."""

    preset: PresetField = "announced-office-hours"
    """Measured behaviour from which everything else comes that is left out: a name or a file."""
    hours: Literal["any", "office"] = "any"
    """`office`: people work only in office hours, so delays count these alone."""
    acknowledge: Delay | None = None
    """How long the first officer takes to acknowledge."""
    pass_on: Delay | None = None
    """How long passing on takes after acknowledging."""
    report: Delay | None = None
    """How long filling in the form takes."""
    transit: Delay | None = None
    """How long a mail is under way."""
    no_answer: Rate | None = None
    """How many officers never answer."""
    away: Rate | None = None
    """How many officers are away."""
    absence_notice: Rate | None = None
    """How many mailboxes answer by themselves that nobody is there."""
    dead_address: Rate | None = None
    """How many addresses are dead."""
    reply_all: Rate | None = None
    """How many answers go to all recipients."""
    answer_twice: Rate | None = None
    """How many officers send the same answer twice."""
    old_thread: Rate | None = None
    """How many answer an older mail of the drill."""
    unlisted_colleague: Rate | None = None
    """How often a colleague answers who is not on the list."""
    one_mail_to_all: Rate | None = None
    """How many parents pass on by one mail to all their children."""
    child_left_out: Rate | None = None
    """How often a child is forgotten when a message is passed on."""
    unsure: Rate | None = None
    """How often a form field is answered 確認中 where that is an option."""
    unexpected: Rate | None = None
    """How often a form answer differs from what was expected."""
    report_forgotten: Rate | None = None
    """How many acknowledge and then forget the report."""
    fact_lost: Rate | None = None
    """How often a fact is left out when a message is passed on."""
    fact_changed: Rate | None = None
    """How often a fact comes out different when a message is passed on."""
    by_sheet: Rate | None = None
    """How many report in the attached workbook, where one was offered."""
    unreadable_file: Rate | None = None
    """How many report in a file that cannot be read, such as one locked by a password."""
    telephone: Telephone | None = None
    """With it, the call list is worked through in a rehearsal."""
    nodes: dict[NodeId, PersonNode] = {}
    """What is particular about the people at single nodes, by id."""
    _read: Preset | None = PrivateAttr(default=None)

    @property
    def preset_file(self) -> Preset | None:
        """The preset file that `preset` names, as it was read; None for a built-in preset.

        Raises:
            LookupError: nobody has read it (`with_preset_file`).
        """
        if is_file(self.preset) and self._read is None:
            raise LookupError(f"the preset file {self.preset} was not read")
        return self._read

    def with_preset_file(self, preset: Preset) -> "People":
        """Return the same people, with the preset file that they name."""
        people = self.model_copy()
        people._read = preset
        return people

    @property
    def preset_title(self) -> str:
        """By what the preset is called in a report."""
        return self.preset if self.preset_file is None else self.preset_file.title


FaultKind = Literal["defer", "refuse", "unknown-address", "mailbox-full", "drop", "delay"]


class Fault(Model):
    """A fault of the machines on the way to a node, in a rehearsal."""

    node: NodeId
    kind: FaultKind
    officer: int | None = Field(default=None, ge=1)
    """The officer (from 1) whose address is hit; without it, all of the node's."""
    from_: Duration = timedelta(0)
    """When the fault begins, since StartEx."""
    until: Duration | None = None
    """When it ends; without it, never."""
    by: Duration | None = None
    """For `delay`: how much longer each mail takes."""

    @model_validator(mode="after")
    def _delay(self) -> "Fault":
        if (self.kind == "delay") != (self.by is not None):
            raise Unfit(
                _("by belongs to a delay, and a delay needs it"),
                _("write kind: delay and by: 10m"),
                None if self.by is None else "by",
            )
        if self.until is not None and self.until <= self.from_:
            raise Unfit(_("the fault ends before it begins"), _("write a later until"), "until")
        return self
