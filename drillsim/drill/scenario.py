"""The scenario: phases, injects, what is asked of whom, and in a rehearsal people and faults.

The shape of a scenario file. What lies between entries (an unknown inject, an unreachable
phase) is checked by `drillsim.files.checks`, which knows the lines.
"""

import re
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, NewType, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, PlainSerializer, Tag, model_validator

from drillsim.drill.durations import Duration, Period, PeriodField
from drillsim.drill.model import FIELD, NAME, SLUG, IsoInstant, Line, Model, Unfit, one_or_many
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.i18n import _

InjectId = NewType("InjectId", str)
PhaseId = NewType("PhaseId", str)
FormId = NewType("FormId", str)

Objective = Literal["reach", "report", "handle"]
"""The three rungs of an exercise (IAEA ConvEx): reach, report, handle (DOMAIN, section 3)."""


_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def _share(value: Any) -> Any:
    if isinstance(value, Fraction):
        return value
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if _NUMBER.fullmatch(text):
        raise Unfit(
            _("{value} has no %").format(value=text), _("write {value}%").format(value=text)
        )
    if not text.endswith("%") or not _NUMBER.fullmatch(text[:-1].strip()):
        raise Unfit(_("{value} is no share").format(value=text or '""'), _("write it as 90%"))
    share = Fraction(text[:-1].strip()) / 100
    if share > 1:
        raise Unfit(_("{value} is more than all").format(value=text), _("write 100% or less"))
    return share


def _show_share(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


Share = Annotated[Fraction, BeforeValidator(_share), PlainSerializer(_show_share, return_type=str)]


class Target(Model):
    """Whom an inject is addressed to: nodes of some kinds, or named nodes."""

    kind: Annotated[tuple[NodeKind, ...], BeforeValidator(one_or_many)] = ()
    nodes: Annotated[tuple[NodeId, ...], BeforeValidator(one_or_many)] = ()

    @model_validator(mode="after")
    def _something(self) -> "Target":
        if not self.kind and not self.nodes:
            raise Unfit(_("nobody is named"), _("write kind: or nodes:"))
        return self


def _target_or_word(value: Any) -> str:
    return "Target" if isinstance(value, dict | Target) else "word"


To: TypeAlias = Annotated[
    Annotated[Target, Tag("Target")] | Annotated[Literal["children", "parent", "all"], Tag("word")],
    Discriminator(_target_or_word),
]


class Acknowledge(Model):
    """What is asked first: a person's word that the message came (受信確認).

    All periods run from the node's own notice; each further officer gets `stand-in-after` anew.
    """

    within: PeriodField
    remind: tuple[PeriodField, ...] = ()
    stand_in_after: PeriodField | None = None
    call_after: PeriodField | None = None
    """When the node goes on the call list (the step to the telephone)."""
    give_up_after: PeriodField | None = None


class PassOn(Model):
    """The message is to be passed on (伝達), down to the children or up to the parent."""

    to: Literal["children", "parent"] = "children"
    within: PeriodField
    subject: Line = ""
    """The text that a node passes on; without one, the inject's own."""
    body: str = ""


class Report(Model):
    """The state is to be reported back up (状況報告), with `collect` consolidated."""

    within: PeriodField
    form: FormId | None = None
    remind: tuple[PeriodField, ...] = ()
    collect: Literal["children"] | None = None
    """A node with children reports when all its participants have, or at the cut-off."""
    cut_off: PeriodField | None = None
    partial: Literal["allowed", "refused"] = "allowed"


class Inject(Model):
    """One scripted message (状況付与)."""

    id: InjectId = Field(pattern=SLUG)
    title: Line = ""
    objective: Objective = "reach"
    from_: NodeId
    to: To
    subject: Line = Field(min_length=1)
    body: str = Field(min_length=1)
    acknowledge: Acknowledge | None = None
    """Without it the inject is information only: complete as soon as it is delivered."""
    pass_on: PassOn | None = None
    report: Report | None = None
    actions: tuple[Line, ...] = ()
    """Handling that is expected, booked with times by the operator."""
    contingency: bool = False
    """Sent only by the operator."""
    source: Literal["drill", "external"] = "drill"
    expected: str = ""
    """The expected action, for the MSEL."""


def _is_integer(text: str | None) -> bool:
    return text is None or re.fullmatch(r"-?[0-9]{1,9}", text) is not None


class FormField(Model):
    """One line of a report form."""

    id: str = Field(pattern=FIELD)
    label: Line = Field(min_length=1, max_length=60)
    type: Literal["text", "integer", "choice", "datetime"] = "text"
    options: tuple[str, ...] = ()
    expect: str | None = None
    required: bool = True

    @model_validator(mode="after")
    def _choices(self) -> "FormField":
        if self.type == "choice" and len(self.options) < 2:
            raise Unfit(
                _("a choice needs at least two options"),
                _("write options: [有, 無, 確認中]"),
                "options" if self.options else None,
            )
        if self.type != "choice" and self.options:
            raise Unfit(
                _("only a choice has options"),
                _("write type: choice, or leave them out"),
                "options",
            )
        if self.options and self.expect is not None and self.expect not in self.options:
            raise Unfit(
                _("{value} is none of the options").format(value=self.expect),
                _("write one of: {choices}").format(choices=", ".join(self.options)),
                "expect",
            )
        if self.type == "integer" and not _is_integer(self.expect):
            raise Unfit(
                _("{value} is no whole number").format(value=self.expect),
                _("write a number such as 3"),
                "expect",
            )
        return self


class WhenAcknowledged(Model):
    """A share of the nodes in scope has acknowledged."""

    acknowledged: InjectId
    of: NodeKind | None = None
    share: Share = Fraction(1)


class WhenReported(Model):
    """A share of the nodes in scope has reported."""

    reported: InjectId
    of: NodeKind | None = None
    share: Share = Fraction(1)


class WhenPassedOn(Model):
    """A share of the nodes that have someone to pass on to has done so."""

    passed_on: InjectId
    of: NodeKind | None = None
    share: Share = Fraction(1)


class WhenAnswer(Model):
    """Some node's report has this answer: `{answer: first-report.infected, is: 有}`."""

    answer: str = Field(pattern=r"^[^.\s]+\.[^.\s]+$")
    is_: str | None = None
    at_least: int | None = None
    of: NodeKind | None = None

    @model_validator(mode="after")
    def _one(self) -> "WhenAnswer":
        if (self.is_ is None) == (self.at_least is None):
            raise Unfit(_("an answer is compared once"), _("write is: or at-least:"))
        return self

    @property
    def inject(self) -> InjectId:
        """The inject whose report is looked at."""
        return InjectId(self.answer.partition(".")[0])

    @property
    def field(self) -> str:
        """The id of the form's field."""
        return self.answer.partition(".")[2]


class WhenElapsed(Model):
    """So much time has gone by since the phase began."""

    elapsed: PeriodField


class WhenOperator(Model):
    """The operator says so."""

    operator: Literal["next"]


_CONDITIONS = {
    "acknowledged": "WhenAcknowledged",
    "reported": "WhenReported",
    "passed-on": "WhenPassedOn",
    "answer": "WhenAnswer",
    "elapsed": "WhenElapsed",
    "operator": "WhenOperator",
}


def _which_condition(value: Any) -> str | None:
    """Return which condition is meant, by its key, so that a fault in it is told once."""
    if isinstance(value, dict):
        return next((tag for key, tag in _CONDITIONS.items() if key in value), None)
    return type(value).__name__


Condition: TypeAlias = Annotated[
    Annotated[WhenAcknowledged, Tag("WhenAcknowledged")]
    | Annotated[WhenReported, Tag("WhenReported")]
    | Annotated[WhenPassedOn, Tag("WhenPassedOn")]
    | Annotated[WhenAnswer, Tag("WhenAnswer")]
    | Annotated[WhenElapsed, Tag("WhenElapsed")]
    | Annotated[WhenOperator, Tag("WhenOperator")],
    Discriminator(_which_condition),
]


class Transition(Model):
    """From a phase to the next, when a condition holds; the first that holds is taken."""

    when: Condition
    to: PhaseId


class Send(Model):
    """An inject that a phase sends on entry, or some time after it."""

    inject: InjectId
    after: PeriodField = Period()


def _send(value: Any) -> Any:
    return {"inject": value} if isinstance(value, str) else value


class Phase(Model):
    """A state of the scenario: its threat level (脅威度), what it sends, and where it leads."""

    title: str = ""
    level: int = Field(default=1, ge=1, le=3)
    send: tuple[Annotated[Send, BeforeValidator(_send)], ...] = ()
    next: tuple[Transition, ...] = ()
    final: bool = False


class Phases(Model):
    """The scenario's own state machine."""

    initial: PhaseId
    states: dict[Annotated[PhaseId, Field(pattern=NAME)], Phase] = Field(min_length=1)


class Participants(Model):
    """Who takes part; rates count these, and list the others apart."""

    default: Literal["all", "none"] = "all"
    except_: dict[NodeId, str] = {}
    """Those who differ from the default, with the reason."""

    def takes_part(self, node: NodeId) -> bool:
        """Whether `node` takes part in the drill."""
        return (self.default == "all") != (node in self.except_)


class Incident(Model):
    """What the story is about: 障害 (fault) or 不正行為 (misuse)."""

    kind: Literal["misuse", "fault"]
    summary: str = ""


class Delay(Model):
    """A log-normal delay: half of all draws lie below `median`; `sigma` is that of the log."""

    median: Duration
    sigma: float = Field(ge=0, le=4)


Rate = Share


class Telephone(Model):
    """How calls end in a rehearsal; the rest is nobody there (不在).

    The defaults are those of a telephone tree of 16 people (DOMAIN, section 4).
    """

    answered: Rate = Fraction(50, 100)
    message: Rate = Fraction(25, 100)
    voicemail: Rate = Fraction(6, 100)


class PersonNode(Model):
    """What is particular about the people at one node."""

    absent: tuple[int, ...] = ()
    """Officers (from 1) who are away and whose mailbox says so."""
    silent: tuple[int, ...] = ()
    """Officers who never answer."""
    dead: tuple[int, ...] = ()
    """Officers whose address is dead."""
    acknowledge: Delay | None = None
    pass_on: Delay | None = None
    report: Delay | None = None
    answers: dict[str, str] = {}
    """What this node answers in a form, by field id."""
    leave_out: tuple[NodeId, ...] = ()
    """Children that are forgotten when this node passes on."""


PresetName = Literal[
    "ordinary-mail", "announced-office-hours", "unannounced-evening", "unannounced-weekend"
]


class People(Model):
    """The simulated officers of a rehearsal; what is left out comes from the preset."""

    preset: PresetName = "announced-office-hours"
    hours: Literal["any", "office"] = "any"
    """`office`: people work only in office hours, so delays count these alone."""
    acknowledge: Delay | None = None
    pass_on: Delay | None = None
    report: Delay | None = None
    transit: Delay | None = None
    no_answer: Rate | None = None
    away: Rate | None = None
    absence_notice: Rate | None = None
    dead_address: Rate | None = None
    reply_all: Rate | None = None
    answer_twice: Rate | None = None
    old_thread: Rate | None = None
    unlisted_colleague: Rate | None = None
    one_mail_to_all: Rate | None = None
    child_left_out: Rate | None = None
    unsure: Rate | None = None
    """How often a form field is answered 確認中 where that is an option."""
    unexpected: Rate | None = None
    """How often a form answer differs from what was expected."""
    report_forgotten: Rate | None = None
    telephone: Telephone | None = None
    """With it, the call list is worked through in a rehearsal."""
    nodes: dict[NodeId, PersonNode] = {}


FaultKind = Literal["defer", "refuse", "unknown-address", "mailbox-full", "drop", "delay"]


class Fault(Model):
    """A fault of the machines on the way to a node, in a rehearsal."""

    node: NodeId
    kind: FaultKind
    officer: int | None = Field(default=None, ge=1)
    from_: Duration = timedelta(0)
    until: Duration | None = None
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


class Criterion(Model):
    """One part of the score: its weight among all."""

    weight: int = Field(ge=0, le=1000)


class Scoring(Model):
    """Weights of the criteria (defaults after DESIGN, section 5) and thresholds in per cent."""

    weights: dict[str, int] = {}
    late_credit: Share = Fraction(1, 2)
    """What an answer after its `within` but before EndEx is worth."""
    thresholds: dict[Literal["P", "S", "M"], int] = {}


class Text(Model):
    """A mail text of the drill beside the injects."""

    subject: Line = Field(min_length=1)
    body: str = Field(min_length=1)


class Texts(Model):
    """Texts that drillsim has defaults for: a reminder (再送) and the stop mail (訓練中止)."""

    reminder: Text | None = None
    stop: Text | None = None


class Scenario(Model):
    """A scenario as it is in its file."""

    format: Literal["drillsim-scenario/1"]
    id: str = Field(pattern=SLUG)
    title: Line = Field(min_length=1, max_length=100)
    purpose: str = ""
    story: str = ""
    incident: Incident
    announcement: Literal["full", "date-only", "none"] = "full"
    contacts: Line
    """The path of the contact tree, from the scenario's own folder, with / between folders."""
    participants: Participants = Participants()
    start: Annotated[datetime, IsoInstant]
    window: PeriodField
    keep_open: Duration = timedelta(0)
    hours: Literal["auto", "office", "off-hours"] = "auto"
    """Which contacts are used; `auto`: off-hours when StartEx lies outside office hours."""
    lang: Literal["ja", "en"] = "ja"
    facts: dict[str, str] = {}
    """What must survive every hop; also values in the texts."""
    values: dict[str, str] = {}
    """Further values in the texts."""
    forms: dict[FormId, tuple[FormField, ...]] = {}
    injects: tuple[Inject, ...] = Field(min_length=1)
    phases: Phases
    texts: Texts = Texts()
    people: People = People()
    faults: tuple[Fault, ...] = ()
    scoring: Scoring = Scoring()

    @cached_property
    def by_id(self) -> dict[InjectId, Inject]:
        """Every inject by its id."""
        return {inject.id: inject for inject in self.injects}

    @cached_property
    def order(self) -> dict[InjectId, int]:
        """The place of every inject in the file, from 0."""
        return {inject.id: place for place, inject in enumerate(self.injects)}
