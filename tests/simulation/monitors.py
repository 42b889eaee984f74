"""What must hold after every event, whatever comes next: watched while a drill runs.

A monitor takes one event after the other, with the board that has taken it in, and yields what is
broken by then. It remembers only what it needs, so that watching a drill costs O(events).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter
from typing import Protocol

from drillsim.drill import events as ev
from drillsim.drill.board import Board, NoticeRecord
from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise

ANSWERS = (ev.Acknowledged, ev.Reported, ev.PassedOn)
"""Events by which a node has acknowledged."""

AFTER_END = (
    ev.AnsweredAfterEnd,
    ev.AnswerSent,
    ev.SetAside,
    ev.StopSubmitted,
    ev.StopConfirmed,
    ev.Noted,
)
"""What may still happen after EndEx."""


class Monitor(Protocol):
    """Watches one promise."""

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        """Yield what `event`, which `board` has taken in, breaks."""


@dataclass
class EventsRiseInTime:
    """`at` never falls, and is a whole number of milliseconds."""

    last: timedelta = ZERO

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if event.at < self.last:
            yield f"{event.kind} at {event.at} after {self.last}"
        if event.at.microseconds % 1_000:
            yield f"{event.kind} at {event.at} is between milliseconds"
        self.last = event.at


@dataclass
class NobodyIsWrittenToBeforeTheNodeAbovePassedOn:
    """A hop's mail follows the `PassedOn` of the node above that names it."""

    passed: set[NoticeKey] = field(default_factory=set)

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if isinstance(event, ev.PassedOn):
            self.passed.update((event.notice[0], hop) for hop in event.to)
        elif isinstance(event, ev.Submitted | ev.Notified | ev.Refused | ev.Reminded):
            scope = board.exercise.scope(event.notice[0])
            if event.notice[1] not in scope.direct and event.notice not in self.passed:
                yield f"{event.kind} of {event.notice} at {event.at} before it was passed on"


@dataclass
class NobodyWhoAcknowledgedIsReminded:
    """No reminder, stand-in or give-up after an acknowledgement; none of the report after it."""

    acknowledged: set[NoticeKey] = field(default_factory=set)
    reported: set[NoticeKey] = field(default_factory=set)

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if isinstance(event, ANSWERS):
            self.acknowledged.add(event.notice)
        match event:
            case ev.Reported():
                self.reported.add(event.notice)
            case ev.Reminded(missing="acknowledgement") if event.notice in self.acknowledged:
                yield f"{event.notice} was reminded at {event.at}"
            case ev.Reminded(missing="report") if event.notice in self.reported:
                yield f"{event.notice} was reminded of its report at {event.at}"
            case ev.StandInCalled() | ev.GaveUp() | ev.CallDue():
                if event.notice in self.acknowledged:
                    yield f"{event.kind} of {event.notice} at {event.at}"
            case ev.Submitted(purpose="reminder" | "stand-in"):
                if event.notice in self.acknowledged:
                    yield f"{event.purpose} of {event.notice} at {event.at}"
            case _:
                pass


@dataclass
class NothingGoesOnAfterTheEnd:
    """There is one EndEx, in the window, and only what may comes after it."""

    end: timedelta | None = None

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if isinstance(event, ev.DrillEnded):
            if self.end is not None:
                yield f"a second EndEx at {event.at}"
            self.end = event.at
            if event.at > board.exercise.window_at:
                yield f"EndEx at {event.at}, after the window of {board.exercise.window_at}"
        elif self.end is not None and not isinstance(event, AFTER_END):
            yield f"{event.kind} at {event.at}, after EndEx"


@dataclass
class EveryMailIsWrittenOnce:
    """A Message-ID names one mail; one mail to many has several `Submitted` at one instant."""

    written: dict[str, AnyEvent] = field(default_factory=dict)
    outbox: set[tuple[NoticeKey, int, int]] = field(default_factory=set)
    """One key per mail that goes out: notice, officer, attempt."""

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if not isinstance(event, ev.Submitted | ev.AnswerSent | ev.StopSubmitted):
            return
        if isinstance(event, ev.Submitted):
            key = (event.notice, event.officer, event.attempt)
            if key in self.outbox:
                yield f"{key} was written twice"
            self.outbox.add(key)
        earlier = self.written.setdefault(event.mail, event)
        if earlier is event:
            return
        if not (isinstance(earlier, ev.Submitted) and isinstance(event, ev.Submitted)):
            yield f"{event.mail} names two mails"
        elif earlier.at != event.at or earlier.notice == event.notice:
            yield f"{event.mail} was written twice: {earlier.notice}, {event.notice}"


@dataclass
class EveryMailHasOneOutcome:
    """What was handed over was taken, refused or deferred at most once per try, never before."""

    open_tries: dict[tuple[str, NoticeKey], int] = field(default_factory=dict)

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if isinstance(event, ev.Submitted | ev.Retried):
            key = (event.mail, event.notice)
            self.open_tries[key] = self.open_tries.get(key, 0) + 1
        elif isinstance(event, ev.Notified | ev.Deferred) or (
            isinstance(event, ev.Refused) and event.mail
        ):
            key = (event.mail, event.notice)
            if self.open_tries.get(key, 0) < 1:
                yield f"{event.kind} of {event.mail} at {event.at} without a try"
            else:
                self.open_tries[key] -= 1


@dataclass
class AnswersAreCountedOnce:
    """A notice is acknowledged and passed on at most once, and an answer counts once."""

    counted: set[tuple[str, NoticeKey]] = field(default_factory=set)
    mails: dict[tuple[str, NoticeKey], str] = field(default_factory=dict)

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if isinstance(event, ev.Acknowledged | ev.PassedOn):
            key = (event.kind, event.notice)
            if key in self.counted:
                yield f"{event.notice} was credited with a second {event.kind} at {event.at}"
            self.counted.add(key)
        if isinstance(event, ev.Acknowledged | ev.Reported | ev.Repeated | ev.Declined):
            if not event.mail or event.matched_by == "operator":
                return
            earlier = self.mails.setdefault((event.mail, event.notice), event.kind)
            if earlier != event.kind:
                yield f"{event.mail} counts as {earlier} and as {event.kind}"


@dataclass
class TheCountsAreThoseOfTheNotices:
    """The tallies of the board are what its notices say; looked at once an instant."""

    at: timedelta | None = None

    def take(self, event: AnyEvent, board: Board) -> Iterator[str]:
        if event.at == self.at:
            return
        self.at = event.at
        yield from miscounted(board)


def miscounted(board: Board) -> Iterator[str]:
    """Yield each tally that is not the count of the notices that belong to it."""
    moments: dict[tuple[str, str], list[tuple[timedelta | None, ...]]] = {}
    late: Counter[tuple[str, str]] = Counter()
    for (inject, _node), record in board.notices.items():
        key = (inject, record.kind)
        moments.setdefault(key, []).append(_MOMENTS_OF(record))
        late[key] += record.is_late
    for (inject, kind), tally in board.tallies.items():
        rows = moments.get((inject, kind), [])
        counted = {
            name: len(rows) - column.count(None)
            for name, column in zip(_MOMENTS, zip(*rows, strict=True), strict=bool(rows))
        }
        counted |= {"scope": len(rows), "late": late[(inject, kind)]}
        for name in ("scope", "late", *_MOMENTS):
            found, right = getattr(tally, name), counted.get(name, 0)
            if found != right:
                yield f"{inject} {kind}: {name} is {found}, not {right}"
        if tally.in_time + tally.late != tally.acknowledged:
            yield f"{inject} {kind}: in time and late are not all that acknowledged"


_MOMENTS = (
    "submitted", "notified", "acknowledged", "passed_on", "reported", "unreachable", "completed",
)  # fmt: skip
_MOMENTS_OF: Callable[[NoticeRecord], tuple[timedelta | None, ...]] = attrgetter(
    *(f"{name}_at" for name in _MOMENTS)
)


MONITORS: tuple[Callable[[], Monitor], ...] = (
    EventsRiseInTime,
    NobodyIsWrittenToBeforeTheNodeAbovePassedOn,
    NobodyWhoAcknowledgedIsReminded,
    NothingGoesOnAfterTheEnd,
    EveryMailIsWrittenOnce,
    EveryMailHasOneOutcome,
    AnswersAreCountedOnce,
    TheCountsAreThoseOfTheNotices,
)


class Watch:
    """All monitors over one drill.

    Attributes:
        broken: what was broken so far.
    """

    def __init__(self, monitors: Iterable[Callable[[], Monitor]] = MONITORS) -> None:
        self._monitors = [make() for make in monitors]
        self.broken: list[str] = []

    def take(self, event: AnyEvent, board: Board) -> None:
        """Look at an event that `board` has just taken in."""
        for monitor in self._monitors:
            name = type(monitor).__name__
            self.broken += (f"{name}: {fault}" for fault in monitor.take(event, board))


def watched(
    exercise: Exercise,
    events: Iterable[AnyEvent],
    monitors: Iterable[Callable[[], Monitor]] = MONITORS,
) -> list[str]:
    """Return what these events break, as seen after each of them."""
    board, watch = Board(exercise), Watch(monitors)
    for event in events:
        board.apply(event)
        watch.take(event, board)
    return watch.broken
