"""The hops of a drill: what became of every notice on its way from its sender to its node.

One pass over the events, beside the board's own fold: times come from the board, so that screen,
score and report agree, and this module adds what a fold does not keep: which events show each
fact (by number, from 1, in the order of the journal), and the time that faults took.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from drillsim.drill import events as ev
from drillsim.drill.board import Board, NoticeRecord
from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Asked, Exercise
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.holdups import Holdup, faults_by_node

TO_PUT_TOGETHER = timedelta(minutes=5)
"""A consolidated report is in time until so long after the cut-off: it is written then, with what
has come by then, and has to travel."""

Numbers = Mapping[str, tuple[int, ...]]
"""Event numbers by kind of event, such as `{"submitted": (4, 19), "acknowledged": (22,)}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One notice between its sender and its node: the unit of a drill.

    Times count from StartEx; None where it has not come to pass. Periods run from `submitted_at`,
    the node's own first mail (or the first failed try to write one).
    """

    notice: NoticeKey
    kind: NodeKind
    sender: NodeId
    """Who writes to the node: the hop's other end."""
    asked: Asked
    state: NoticeState
    released_at: timedelta
    submitted_at: timedelta | None
    """None, too, where it was written but a person had yet to send it."""
    begun: int
    """The event by which its periods began: a mail was handed over, or a person said that they had
    sent it; 0 where there is none."""
    notified_at: timedelta | None
    """When a server first took a mail for the node (accepted, not read)."""
    acknowledged_at: timedelta | None
    passed_on_at: timedelta | None
    reported_at: timedelta | None
    """The first report; later ones (続報) change its content alone."""
    completed_at: timedelta | None
    unreachable_at: timedelta | None
    answered_after_end_at: timedelta | None
    ack_due: timedelta | None
    pass_on_due: timedelta | None
    report_due: timedelta | None
    """For a consolidated report not before the cut-off and `TO_PUT_TOGETHER`."""
    cut_off_at: timedelta | None
    lost: timedelta
    """The time that injected faults took from the node (`drillsim.evaluation.holdups`)."""
    officer: int
    """Who answered first, from 1; 0 for a colleague who is not on the list, or nobody."""
    by: str
    channel: ev.Channel | None
    matched_by: str
    declined: bool
    by_person: bool
    """Whether a person at a seat acted for the node, where others are simulated."""
    written_to: tuple[tuple[NodeId, timedelta], ...]
    """The next hops that this node wrote to, and when."""
    answers: Mapping[str, str]
    """The form as the latest report has it."""
    reports: int
    reminders: int
    stand_ins: int
    """How often the next officer was called in."""
    calls: int
    failures: tuple[tuple[int, ev.Failure], ...]
    """Officers (from 1) who could not be reached by mail, or would not act, and why."""
    readers: tuple[int, ...]
    """Officers for whom a server took a mail, and who have neither been away nor declined since;
    a mail that a fault swallowed, or that came back, is not one."""
    held_officers: frozenset[int]
    """Officers whose mail an injected fault refused."""
    numbers: Numbers
    fault_numbers: tuple[int, ...]

    @property
    def inject(self) -> InjectId:
        """The inject that is on its way."""
        return self.notice[0]

    @property
    def node(self) -> NodeId:
        """The node that it is on its way to."""
        return self.notice[1]

    @property
    def transit(self) -> timedelta | None:
        """From the first mail handed over until a server took one, or the node answered anyway."""
        return _between(self.submitted_at, self._arrived_at)

    @property
    def waiting(self) -> timedelta | None:
        """From then until a person answered."""
        return _between(self._arrived_at, self.acknowledged_at)

    @property
    def handling(self) -> timedelta | None:
        """From the answer until the node first wrote to the next hop."""
        return _between(self.acknowledged_at, self.passed_on_at)

    @property
    def reporting(self) -> timedelta | None:
        """From the answer until the first report."""
        return _between(self.acknowledged_at, self.reported_at)

    @property
    def delay(self) -> timedelta | None:
        """From the node's own notice until a person answered: transit and waiting."""
        return _between(self.submitted_at, self.acknowledged_at)

    @property
    def is_written_to(self) -> bool:
        """Whether anybody wrote to the node, or something that came back shows that they did."""
        return self.submitted_at is not None or bool(self.failures)

    @property
    def is_acknowledged(self) -> bool:
        """Whether a person at the node answered before EndEx."""
        return self.acknowledged_at is not None

    @property
    def is_late(self) -> bool:
        """Whether that was after `within`; exactly at the limit is in time."""
        return (
            self.acknowledged_at is not None
            and self.ack_due is not None
            and self.acknowledged_at > self.ack_due
        )

    @property
    def left_out(self) -> tuple[NodeId, ...]:
        """The next hops that this node has not written to."""
        written = {node for node, _ in self.written_to}
        return tuple(hop for hop in self.asked.pass_on if hop not in written)

    def because(self, *kinds: str) -> tuple[int, ...]:
        """Return the numbers of this notice's events of these kinds, rising."""
        return tuple(sorted(n for kind in kinds for n in self.numbers.get(kind, ())))

    def first(self, *kinds: str) -> tuple[int, ...]:
        """Return the number of the first event of each of these kinds, rising."""
        return tuple(sorted(self.numbers[kind][0] for kind in kinds if kind in self.numbers))

    @property
    def _arrived_at(self) -> timedelta | None:
        at = [at for at in (self.notified_at, self.acknowledged_at) if at is not None]
        return min(at, default=None)


def _between(since: timedelta | None, until: timedelta | None) -> timedelta | None:
    return None if since is None or until is None else max(until - since, ZERO)


@dataclass(frozen=True)
class Timeline:
    """All hops of a drill as it stands, or as it ended."""

    exercise: Exercise
    board: Board
    hops: Mapping[NoticeKey, Hop]
    """By notice: injects in the order of their release, and each node after its sender."""
    seed: int | None
    ended_by_time: bool
    """Whether the drill ended because its time was up: the window, or a phase's `elapsed`."""
    booked: Mapping[NoticeKey, tuple[tuple[int, timedelta, str], ...]]
    """Steps of handling that were booked: event number, time, action."""
    released: Mapping[InjectId, int]
    """The event that released each inject."""
    ended: int | None
    """The event of EndEx."""

    @property
    def now(self) -> timedelta:
        """EndEx, or the last event's time while the drill runs."""
        return self.board.end.at if self.board.end is not None else self.board.at

    @property
    def is_over(self) -> bool:
        """Whether EndEx has come."""
        return self.board.end is not None

    @cached_property
    def by_inject(self) -> Mapping[InjectId, tuple[Hop, ...]]:
        """The hops of each released inject."""
        found: dict[InjectId, list[Hop]] = {inject: [] for inject in self.board.released}
        for hop in self.hops.values():
            found[hop.inject].append(hop)
        return {inject: tuple(hops) for inject, hops in found.items()}

    @cached_property
    def by_node(self) -> Mapping[NodeId, tuple[Hop, ...]]:
        """The hops to each node, in the order of release."""
        found: dict[NodeId, list[Hop]] = {}
        for hop in self.hops.values():
            found.setdefault(hop.node, []).append(hop)
        return {node: tuple(hops) for node, hops in found.items()}

    def above(self, hop: Hop) -> Hop | None:
        """Return the hop that brought the inject to `hop.sender`, or None at its beginning."""
        return self.hops.get((hop.inject, hop.sender))


@dataclass(slots=True)
class _Trail:
    """What one pass finds out about one notice beside the board."""

    numbers: dict[str, list[int]] = field(default_factory=dict)
    holdup: Holdup | None = None
    after_end_at: timedelta | None = None
    readers: set[int] = field(default_factory=set)
    booked: list[tuple[int, timedelta, str]] = field(default_factory=list)


def trace(
    exercise: Exercise,
    events: Iterable[AnyEvent],
    board: Board | None = None,
    *,
    with_faults: bool = True,
) -> Timeline:
    """Return the timeline of a drill from its events; O(events), whether it has ended or not.

    Args:
        exercise: the files of the drill.
        events: all its events, in the order of the journal.
        board: the fold of exactly these events, where there is one already.
        with_faults: whether the scenario's faults were at work, as they are in a rehearsal alone.

    Raises:
        IllegalEventError: the events are no drill of this exercise.
        ValueError: `board` is the fold of other events.
    """
    fold = Board(exercise) if board is None else None
    faults = faults_by_node(exercise) if with_faults else {}
    trails: dict[NoticeKey, _Trail] = {}
    released: dict[InjectId, int] = {}
    seed: int | None = None
    phase_because = ""
    ended: int | None = None
    number = 0
    for number, event in enumerate(events, 1):
        if fold is not None:
            fold.apply(event)
        notice: NoticeKey | None = getattr(event, "notice", None)
        if notice is not None:
            trail = trails.get(notice)
            if trail is None:
                trail = trails[notice] = _Trail()
                if notice[1] in faults:
                    trail.holdup = Holdup(faults[notice[1]])
            _follow(trail, number, event)
        elif isinstance(event, ev.InjectReleased):
            released[event.inject] = number
        elif isinstance(event, ev.PhaseEntered):
            phase_because = event.because
        elif isinstance(event, ev.DrillStarted):
            seed = event.seed
        elif isinstance(event, ev.DrillEnded):
            ended = number
    stands = board if board is not None else fold
    assert stands is not None
    if stands.count != number:
        raise ValueError(f"a board of {stands.count} events is not the fold of {number}")
    end = stands.end
    return Timeline(
        exercise=exercise,
        board=stands,
        hops=_hops(stands, trails),
        seed=seed,
        ended_by_time=end is not None
        and (
            end.reason == "window"
            or (end.reason == "final-phase" and phase_because.startswith("elapsed "))
        ),
        booked={notice: tuple(trail.booked) for notice, trail in trails.items() if trail.booked},
        released=released,
        ended=ended,
    )


def _follow(trail: _Trail, number: int, event: AnyEvent) -> None:
    trail.numbers.setdefault(event.kind, []).append(number)
    if trail.holdup is not None:
        trail.holdup.take(number, event)
    if isinstance(event, ev.Notified):
        if event.lost != "dropped":
            trail.readers.add(event.officer)
    elif isinstance(event, ev.AutoReplied | ev.Bounced | ev.Declined):
        trail.readers.discard(event.officer)
    elif isinstance(event, ev.AnsweredAfterEnd):
        if trail.after_end_at is None:
            trail.after_end_at = event.at
    elif isinstance(event, ev.ActionDone):
        trail.booked.append((number, event.moment, event.action))


def _hops(board: Board, trails: Mapping[NoticeKey, _Trail]) -> dict[NoticeKey, Hop]:
    now = board.end.at if board.end is not None else board.at
    untouched = _Trail()
    return {
        notice: _hop(board, record, trails.get(notice, untouched), now)
        for notice, record in board.notices.items()
    }


def _hop(board: Board, record: NoticeRecord, trail: _Trail, now: timedelta) -> Hop:
    holdup = trail.holdup
    return Hop(
        notice=record.key,
        kind=record.kind,
        sender=record.sender,
        asked=record.asked,
        state=record.state,
        released_at=board.released[record.key[0]],
        submitted_at=record.submitted_at if record.begun else None,
        begun=record.begun,
        notified_at=record.notified_at,
        acknowledged_at=record.acknowledged_at,
        passed_on_at=record.passed_on_at,
        reported_at=record.reported_at,
        completed_at=record.completed_at,
        unreachable_at=record.unreachable_at,
        answered_after_end_at=trail.after_end_at,
        ack_due=record.ack_due,
        pass_on_due=record.pass_on_due,
        report_due=_report_due(record),
        cut_off_at=record.cut_off_at,
        lost=holdup.lost_until(now) if holdup is not None else ZERO,
        officer=record.acknowledged_officer,
        by=record.acknowledged_by,
        channel=record.channel,
        matched_by=record.matched_by,
        declined=record.declined,
        by_person=record.by_person,
        written_to=_written_to(board, record),
        answers=dict(record.answers),
        reports=record.reports,
        reminders=record.reminders,
        stand_ins=len(trail.numbers.get(ev.StandInCalled.kind, ())),
        calls=record.calls,
        failures=tuple(
            (officer, track.failure)
            for officer, track in sorted(record.officers.items())
            if track.failure is not None
        ),
        readers=tuple(sorted(trail.readers)),
        held_officers=frozenset(holdup.officers) if holdup is not None else frozenset(),
        numbers={kind: tuple(numbers) for kind, numbers in trail.numbers.items()},
        fault_numbers=tuple(holdup.numbers) if holdup is not None else (),
    )


def _report_due(record: NoticeRecord) -> timedelta | None:
    if record.report_due is None or record.cut_off_at is None:
        return record.report_due
    return max(record.report_due, record.cut_off_at + TO_PUT_TOGETHER)


def _written_to(board: Board, record: NoticeRecord) -> tuple[tuple[NodeId, timedelta], ...]:
    if record.passed_on_at is None:
        return ()
    written = []
    for hop in record.asked.pass_on:
        if hop in record.passed_to:
            below = board.notices[(record.key[0], hop)]
            at = below.submitted_at
            if at is None or below.begun:  # Else a person has yet to send it.
                written.append((hop, record.passed_on_at if at is None else at))
    return tuple(written)
