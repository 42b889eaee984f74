"""What can happen in a drill, as facts that are never edited.

Events are appended in the order in which they happened; every state is a fold over them
(`drillsim.drill.board`). `at` counts from StartEx in whole milliseconds, so a replay needs no
clock. `because` names what brought the event about: the Message-ID of the mail that was answered,
a period that ran out, an operator, or a condition. What a person books stands at the time of the
booking, and may have happened before: then `happened_at` says when, and the figures use it
(`Event.moment`).

A rehearsal has two kinds of facts: what the drill can see (a mail was accepted, an answer came),
and what only the simulated world knows (`AnswerSent`: an officer pressed "send"). The second kind
lets a rehearsal that was cut off go on exactly where it was.
"""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

from drillsim.drill.durations import from_ms, to_ms
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId

NoticeKey: TypeAlias = tuple[InjectId, NodeId]
"""One inject on its way to one node."""

MailId: TypeAlias = str
"""A Message-ID without its angle brackets."""

STOP = InjectId("!stop")
"""Stands for the inject in the key of a stop mail; no scenario can name an inject so."""

Purpose = Literal["notice", "reminder", "stand-in", "report-reminder"]
"""Why a mail was written: the message itself, again (再送), to the next officer, for the report."""

Channel = Literal["mail", "telephone", "fax", "visit"]

CallResult = Literal["talked", "message", "voicemail", "busy", "absent", "wrong-number"]
"""How a call ended: 通話・伝言・留守電・話中・不在・番号違い."""

Failure = Literal[
    "no-address", "unknown-address", "mailbox-full", "refused", "bounced", "absent", "declined"
]
"""Why an officer cannot be reached by mail, or will not act."""

AnswerKind = Literal["acknowledge", "report", "auto-reply", "bounce", "repeat", "confirm-stop"]
"""What a simulated officer, or a machine on the way, sent."""

EndReason = Literal["final-phase", "window", "operator", "real-incident"]

OneMail = Literal["", "to", "bcc"]
"""Whether one mail goes to many, and how: all of them in To, or nobody sees the others."""

Fate = Literal["kept", "changed", "lost"]
"""What became of a fact of the scenario in a mail that a node passed on."""

FactFate: TypeAlias = tuple[str, Fate, str]
"""A fact by its name, its fate, and what stands in its place where it was changed."""

SuggestedBy = Literal["thread", "old-thread", "number", "officer", "domain"]
"""What speaks for a notice that a mail of the tray may answer: it answers a mail that was sent to
this body among others; it answers an older mail; the 整理番号 is said in it; the sender is an
officer there; the sender is of the same domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact of the drill; `kind` is its name in the journal."""

    kind: ClassVar[str]
    at: timedelta
    because: str = ""

    @property
    def moment(self) -> timedelta:
        """When it happened: before `at`, where somebody booked it later."""
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookable(Event):
    """A fact that a person may book after it happened."""

    happened_at: timedelta | None = None
    """When it happened, as the person typed it; None: at `at`. Never after `at`."""

    @property
    def moment(self) -> timedelta:
        """As typed, else `at`."""
        return self.at if self.happened_at is None else self.happened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillStarted(Event):
    """StartEx."""

    kind: ClassVar[str] = "drill-started"
    scenario: str
    seed: int
    nodes: int
    participants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEntered(Event):
    """The scenario is in this phase, with this threat level (脅威度)."""

    kind: ClassVar[str] = "phase-entered"
    phase: PhaseId
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectReleased(Bookable):
    """An inject begins its way: notices to all nodes in its scope wait from now on."""

    kind: ClassVar[str] = "inject-released"
    inject: InjectId
    one_mail: OneMail = ""
    """By hand: the first notices go out as one mail to all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectWritten(Event):
    """A controller typed a message that the scenario does not have; its release follows.

    All that the scenario says of its own injects stands here, so that the journal needs nothing
    else to go on with it, score it and show it.
    """

    kind: ClassVar[str] = "inject-written"
    inject: InjectId
    by: str
    sender: NodeId
    """In whose name it is sent."""
    to: tuple[NodeId, ...]
    subject: str
    body: str
    within_ms: int | None
    """How long an acknowledgement may take; None for information only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Bookable):
    """A mail of a notice was handed to the server; whether it took it is not known yet."""

    kind: ClassVar[str] = "submitted"
    notice: NoticeKey
    officer: int
    """In calling order, from 1."""
    attempt: int
    """The how many-th mail of this notice to this officer, from 0."""
    mail: MailId
    purpose: Purpose
    sender: NodeId
    recipient: str
    raw: str = ""
    """SHA-256 of the mail's bytes, in hex."""
    by_hand: bool = False
    """A person has yet to send it: the periods run from when `Notified` says that they did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried(Event):
    """A deferred mail was handed over again."""

    kind: ClassVar[str] = "retried"
    notice: NoticeKey
    officer: int
    attempt: int
    mail: MailId
    tries: int
    """How often it has been handed over with this one, from 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred(Event):
    """The server said "later" (4xx, RFC 5321, 4.2.1); the sender keeps the mail and tries again."""

    kind: ClassVar[str] = "deferred"
    notice: NoticeKey
    officer: int
    attempt: int
    mail: MailId
    reply_code: int
    tries: int
    retry_at: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """The server said "no" (5xx), or there is no address to write to (`reply_code` 0)."""

    kind: ClassVar[str] = "refused"
    notice: NoticeKey
    officer: int
    attempt: int
    mail: MailId
    reply_code: int
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified(Bookable):
    """The server took the mail of this notice: 250 to the end of DATA (RFC 5321, 4.2.5)."""

    kind: ClassVar[str] = "notified"
    notice: NoticeKey
    officer: int
    attempt: int
    mail: MailId
    lost: Literal["", "dropped", "bounced"] = ""
    """World: nobody will read it, because a fault swallowed it after the 250, or because the
    address is dead and a delivery report comes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded(Event):
    """A reminder (再送) falls due; its mail follows as `Submitted`."""

    kind: ClassVar[str] = "reminded"
    notice: NoticeKey
    officer: int
    missing: Literal["acknowledgement", "report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInCalled(Event):
    """The next officer is to be reached, by mail or, sharing the mailbox, by telephone."""

    kind: ClassVar[str] = "stand-in-called"
    notice: NoticeKey
    officer: int
    by: Literal["mail", "telephone"]
    cause: Literal["no-answer"] | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDue(Event):
    """The node stands on the call list from now on."""

    kind: ClassVar[str] = "call-due"
    notice: NoticeKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Bookable):
    """A call, FAX or visit that did not by itself acknowledge, or that led to it."""

    kind: ClassVar[str] = "called"
    notice: NoticeKey
    officer: int
    """From 1; 0 is the duty desk (宿日直)."""
    channel: Channel
    result: CallResult
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveUp(Event):
    """Every officer was tried in vain."""

    kind: ClassVar[str] = "gave-up"
    notice: NoticeKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSent(Event):
    """World: an officer, a robot or a server on the way wrote to the drill."""

    kind: ClassVar[str] = "answer-sent"
    notice: NoticeKey
    officer: int
    attempt: int
    mail: MailId
    answer: AnswerKind
    sender: str
    raw: str = ""
    copies: tuple[NodeId, ...] = ()
    """Nodes that get an upward copy (`also-notify`): no hop, not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Bookable):
    """A person at the node answered; an automatic reply (RFC 3834) is no such event."""

    kind: ClassVar[str] = "acknowledged"
    notice: NoticeKey
    channel: Channel
    officer: int
    """Who answered, from 1; 0 when it was a colleague who is not on the list."""
    by: str
    mail: MailId = ""
    raw: str = ""
    matched_by: str = ""
    sender: str = ""
    """The address that it came from, by mail."""
    foreign: bool = False
    """The right thread or number, from a domain that is not the node's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(Bookable):
    """The answer up; it implies an acknowledgement. The latest report gives the content."""

    kind: ClassVar[str] = "reported"
    notice: NoticeKey
    channel: Channel
    officer: int
    by: str
    answers: tuple[tuple[str, str], ...] = ()
    number: int = 1
    """第１報 is 1; a follow-up or a correction counts on."""
    mail: MailId = ""
    raw: str = ""
    matched_by: str = ""
    sender: str = ""
    """The address that it came from, by mail."""
    foreign: bool = False
    """The right thread or number, from a domain that is not the node's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated(Event):
    """A further answer of a node that has acknowledged already; kept, counted once."""

    kind: ClassVar[str] = "repeated"
    notice: NoticeKey
    identical: bool
    by: str
    mail: MailId = ""
    raw: str = ""
    matched_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined(Event):
    """A person answered that they cannot act (対応できません): reached, and it moves on."""

    kind: ClassVar[str] = "declined"
    notice: NoticeKey
    officer: int
    by: str
    mail: MailId = ""
    raw: str = ""
    matched_by: str = ""
    sender: str = ""
    """The address that it came from, by mail."""
    foreign: bool = False
    """The right thread or number, from a domain that is not the node's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoReplied(Event):
    """An officer's mailbox said that they are away; nobody has answered."""

    kind: ClassVar[str] = "auto-replied"
    notice: NoticeKey
    officer: int
    mail: MailId = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced(Event):
    """A delivery report came back (RFC 3464)."""

    kind: ClassVar[str] = "bounced"
    notice: NoticeKey
    officer: int
    status: str
    permanent: bool
    mail: MailId = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside(Event):
    """A mail that is no answer, or that nobody can be credited with: it lies in the tray."""

    kind: ClassVar[str] = "set-aside"
    mail_kind: str
    sender: str
    mail: MailId = ""
    raw: str = ""
    tray: bool = False
    """Whether a person should look at it (振分け待ち)."""
    suggested: tuple[NoticeKey, ...] = ()
    suggested_by: tuple[SuggestedBy, ...] = ()
    """Why each of them is suggested."""
    why: Literal["", "unreadable-file", "operator"] = ""
    """`unreadable-file`: credited, but its attachment could not be read. `operator`: put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn(Event):
    """The node wrote to the next hop; what it wrote follows as `Submitted` of their notices."""

    kind: ClassVar[str] = "passed-on"
    notice: NoticeKey
    officer: int
    to: tuple[NodeId, ...]
    left_out: tuple[NodeId, ...] = ()
    one_mail: bool = False
    """One mail to all of them."""
    bcc: bool = False
    """None of whom sees the others."""
    by_hand: bool = False
    """A person has yet to send what was written; it is passed on when `Notified` says so."""
    facts: tuple[FactFate, ...] = ()
    """What became of the scenario's facts in what it wrote."""
    unmarked: bool = False
    """Its subject lacks 【訓練】: readers may take it for the real thing."""
    mail: MailId = ""
    """The node's own mail, where it came in from outside; it went to all of `to`."""
    raw: str = ""
    matched_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FidelityOverruled(Event):
    """The operator judges a fact in what a node passed on: only a person sees that words agree."""

    kind: ClassVar[str] = "fidelity-overruled"
    notice: NoticeKey
    """That of the node that passed on."""
    fact: str
    fate: Fate
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionDone(Bookable):
    """A step of handling (対処) was booked."""

    kind: ClassVar[str] = "action-done"
    notice: NoticeKey
    action: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Bookable):
    """A remark of the operator."""

    kind: ClassVar[str] = "noted"
    text: str
    by: str
    notice: NoticeKey | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Event):
    """Somebody's own mail to other bodies has arrived there; it carries no notice to them."""

    kind: ClassVar[str] = "delivered"
    sender: str
    to: tuple[NodeId, ...]
    mail: MailId = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTaken(Event):
    """A person sits at this node from now on; nobody is simulated there."""

    kind: ClassVar[str] = "seat-taken"
    node: NodeId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLeft(Event):
    """The person has got up; simulated officers go on from where the node stands."""

    kind: ClassVar[str] = "seat-left"
    node: NodeId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillEnded(Event):
    """EndEx: open notices get their final state."""

    kind: ClassVar[str] = "drill-ended"
    reason: EndReason


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSubmitted(Event):
    """The stop mail (訓練中止) to one address that had been mailed."""

    kind: ClassVar[str] = "stop-submitted"
    node: NodeId
    officer: int
    mail: MailId
    recipient: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopConfirmed(Bookable):
    """A node confirmed the stop; those who have not are telephoned."""

    kind: ClassVar[str] = "stop-confirmed"
    node: NodeId
    by: str
    channel: Channel = "mail"
    mail: MailId = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredAfterEnd(Event):
    """An answer after EndEx: kept and shown, counted as none (CDC SNAA, question 10)."""

    kind: ClassVar[str] = "answered-after-end"
    notice: NoticeKey
    by: str
    mail: MailId = ""
    raw: str = ""
    matched_by: str = ""


AnyEvent: TypeAlias = (
    DrillStarted
    | PhaseEntered
    | InjectWritten
    | InjectReleased
    | Submitted
    | Retried
    | Deferred
    | Refused
    | Notified
    | Reminded
    | StandInCalled
    | CallDue
    | Called
    | GaveUp
    | AnswerSent
    | Acknowledged
    | Reported
    | Repeated
    | Declined
    | AutoReplied
    | Bounced
    | SetAside
    | PassedOn
    | FidelityOverruled
    | ActionDone
    | Noted
    | Delivered
    | SeatTaken
    | SeatLeft
    | DrillEnded
    | StopSubmitted
    | StopConfirmed
    | AnsweredAfterEnd
)

EVENT_TYPES: dict[str, type[AnyEvent]] = {event.kind: event for event in get_args(AnyEvent)}

FIELDS: dict[type[AnyEvent], tuple[str, ...]] = {
    event: tuple(field.name for field in fields(event)) for event in EVENT_TYPES.values()
}
TIMES = frozenset({"at", "retry_at", "happened_at"})
OMITTED: Final = {
    "because": "",
    "happened_at": None,
    "by_hand": False,
    "one_mail": "",
    "bcc": False,
}
"""Fields that are left out where they say nothing, and what they hold then. Those that were added
later are among them: an event without them is written as it always was."""


def name_bytes(event: Submitted | AnswerSent | StopSubmitted, raw: str) -> None:
    """Fill in the hash of the mail that was written for a new event, before anybody has it.

    A copy with the hash would cost as much as writing a tenth of the mail.
    """
    object.__setattr__(event, "raw", raw)


def encode(event: AnyEvent) -> dict[str, Any]:
    """Return `event` as plain data for JSON: times in whole milliseconds, `OMITTED` left out.

    Other defaults are written, so that the digest does not depend on them staying the same.
    """
    data: dict[str, Any] = {"kind": event.kind}
    for name in FIELDS[type(event)]:
        value = getattr(event, name)
        if name in OMITTED and value == OMITTED[name]:
            continue
        data[name] = to_ms(value) if name in TIMES else value
    return data


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def decode(data: dict[str, Any]) -> AnyEvent:
    """Return the event that `encode` wrote.

    Raises:
        ValueError: an unknown kind, or fields that do not belong to it.
    """
    values = {name: _tuples(value) for name, value in data.items() if name != "kind"}
    for name in TIMES & values.keys():
        values[name] = from_ms(values[name])
    event = EVENT_TYPES.get(data.get("kind", ""))
    if event is None:
        raise ValueError(f"unknown event {data.get('kind')!r}")
    try:
        return event(**values)
    except TypeError as fault:
        raise ValueError(f"event {event.kind}: {fault}") from None
