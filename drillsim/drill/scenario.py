"""The scenario: phases, injects, what is asked of whom, and in a rehearsal people and faults.

The shape of a scenario file, whose parts come from the modules imported here and can be had from
either. What lies between entries (an unknown inject, an unreachable phase) is checked by
`drillsim.files.checks`, which knows the lines.
"""

from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal, NewType

from pydantic import BeforeValidator, Field, WithJsonSchema

from drillsim.drill.conditions import (
    Condition,
    WhenAcknowledged,
    WhenAnswer,
    WhenElapsed,
    WhenOperator,
    WhenPassedOn,
    WhenReported,
)
from drillsim.drill.durations import Duration, Period, PeriodField
from drillsim.drill.injects import (
    Acknowledge,
    FormField,
    FormId,
    Inject,
    InjectId,
    Objective,
    PassOn,
    Report,
    Target,
    To,
)
from drillsim.drill.model import NAME, SLUG, IsoInstant, Line, Model
from drillsim.drill.rehearsal import Fault, FaultKind, People, PersonNode, Telephone
from drillsim.drill.shares import Share
from drillsim.drill.sizes import SizeBytes
from drillsim.drill.tree import NodeId

__all__ = [
    "Acknowledge",
    "Condition",
    "Criterion",
    "Fault",
    "FaultKind",
    "FormField",
    "FormId",
    "Incident",
    "Inject",
    "InjectId",
    "MailStyle",
    "Objective",
    "Participants",
    "PassOn",
    "People",
    "PersonNode",
    "Phase",
    "PhaseId",
    "Phases",
    "Report",
    "Scenario",
    "Scoring",
    "Send",
    "Share",
    "Target",
    "Telephone",
    "Text",
    "Texts",
    "To",
    "Transition",
    "WhenAcknowledged",
    "WhenAnswer",
    "WhenElapsed",
    "WhenOperator",
    "WhenPassedOn",
    "WhenReported",
]

PhaseId = NewType("PhaseId", str)


class Transition(Model):
    """From a phase to the next, when a condition holds; the first that holds is taken."""

    when: Condition
    """One of acknowledged, reported, passed-on, answer, elapsed, operator."""
    to: PhaseId
    """The next phase."""


class Send(Model):
    """An inject that a phase sends on entry, or some time after it."""

    inject: InjectId
    """The inject's id."""
    after: PeriodField = Period()
    """How long after the phase began."""


def _send(value: Any) -> Any:
    return {"inject": value} if isinstance(value, str) else value


class Phase(Model):
    """A state of the scenario: its threat level (脅威度), what it sends, and where it leads."""

    title: Line = ""
    level: int = Field(default=1, ge=1, le=3)
    """The threat level (脅威度) while the phase lasts."""
    send: tuple[
        Annotated[Send, BeforeValidator(_send, json_schema_input_type=str | Send)], ...
    ] = ()
    """Injects that are sent on entry, by id, or as {inject: …, after: 20m}."""
    next: tuple[Transition, ...] = ()
    """Where the phase leads; the first condition that holds is taken."""
    final: bool = False
    """Whether the drill ends (EndEx) when this phase is reached."""


class Phases(Model):
    """The scenario's own state machine."""

    initial: PhaseId
    """The phase in which the drill begins."""
    states: dict[Annotated[PhaseId, Field(pattern=NAME)], Phase] = Field(min_length=1)


class Participants(Model):
    """Who takes part; rates count these, and list the others apart."""

    default: Literal["all", "none"] = "all"
    """Whether everybody takes part, or nobody, but for those under `except`."""
    except_: dict[NodeId, str] = {}
    """Those who differ from the default, with the reason."""

    def takes_part(self, node: NodeId) -> bool:
        """Whether `node` takes part in the drill."""
        return (self.default == "all") != (node in self.except_)


class Incident(Model):
    """What the story is about: 障害 (fault) or 不正行為 (misuse)."""

    kind: Literal["misuse", "fault"]
    summary: str = ""


class Criterion(Model):
    """One part of the score: its weight among all."""

    weight: int = Field(ge=0, le=1000)


class Scoring(Model):
    """Weights of the criteria (defaults after DESIGN, section 5) and thresholds in per cent."""

    weights: dict[str, int] = {}
    """How much each criterion counts, by its name."""
    late_credit: Share = Fraction(1, 2)
    """What an answer after its `within` but before EndEx is worth."""
    thresholds: dict[Literal["P", "S", "M"], int] = {}
    """From how many per cent a rating is given; below M it is U."""


class Text(Model):
    """A mail text of the drill beside the injects."""

    subject: Line = Field(min_length=1)
    body: str = Field(min_length=1)


class Texts(Model):
    """Texts that drillsim has defaults for: a reminder (再送) and the stop mail (訓練中止)."""

    reminder: Text | None = None
    stop: Text | None = None


class MailStyle(Model):
    """How the mails of the drill are written, and how large those may be that it takes."""

    charset: Literal["utf-8", "iso-2022-jp"] = "utf-8"
    """`iso-2022-jp` for old Japanese mail programs; a mail with other letters is UTF-8 anyway."""
    html: bool = False
    """Whether the text comes as HTML too, saying the same, with a link that prefills the answer."""
    one_mail: Literal["to", "bcc"] | None = None
    """By hand, one mail to many instead of one to each: all of them in To, or in Bcc."""
    size_max: SizeBytes = 2_000_000
    """The largest mail that the drill takes, files included."""


class Scenario(Model):
    """A scenario as it is in its file."""

    format: Literal["drillsim-scenario/1"]
    """What kind of file this is, and in which version."""
    id: str = Field(pattern=SLUG)
    """The short name, after which the drill's file is named."""
    title: Line = Field(min_length=1, max_length=100)
    purpose: str = ""
    """What the drill is to check (目的)."""
    story: str = ""
    """What happens in it (想定)."""
    incident: Incident
    announcement: Literal["full", "date-only", "none"] = "full"
    """What the participants were told: day and hour, the day alone, nothing (予告なし)."""
    contacts: Line
    """The path of the contact tree, from the scenario's own folder, with / between folders."""
    participants: Participants = Participants()
    """Who takes part."""
    start: Annotated[
        datetime,
        IsoInstant,
        WithJsonSchema(
            {
                "type": "string",
                "pattern": r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$",
                "examples": ["2026-10-14T10:00+09:00"],
            }
        ),
    ]
    """StartEx: date, time and zone."""
    window: PeriodField
    """How long answers count (回答期限); the drill ends then at the latest."""
    keep_open: Duration = timedelta(0)
    """How long a live drill goes on booking late answers after EndEx."""
    hours: Literal["auto", "office", "off-hours"] = "auto"
    """Which contacts are used; `auto`: off-hours when StartEx lies outside office hours."""
    lang: Literal["ja", "en"] = "ja"
    """The language of the drill's own mails and reports."""
    facts: dict[str, str] = {}
    """What must survive every hop; also values in the texts."""
    values: dict[str, str] = {}
    """Further values in the texts."""
    forms: dict[FormId, tuple[FormField, ...]] = {}
    """Report forms by name, each a list of lines."""
    injects: tuple[Inject, ...] = Field(min_length=1)
    """The messages of the drill (状況付与)."""
    phases: Phases
    texts: Texts = Texts()
    mail: MailStyle = MailStyle()
    """How the mails are written, and how large an answer may be."""
    people: People = People()
    """Rehearsal only."""
    faults: tuple[Fault, ...] = ()
    """Rehearsal only."""
    scoring: Scoring = Scoring()

    @cached_property
    def by_id(self) -> dict[InjectId, Inject]:
        """Every inject by its id."""
        return {inject.id: inject for inject in self.injects}

    @cached_property
    def order(self) -> dict[InjectId, int]:
        """The place of every inject in the file, from 0."""
        return {inject.id: place for place, inject in enumerate(self.injects)}
