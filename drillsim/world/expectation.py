"""What to expect of a drill: many rehearsals by the pure kernel, without any mail, put together.

Times are medians over the runs in which the thing came about; what came about in no more than half
of them has none. Beside them stands the latest: when a message comes if everybody takes all the
time that the scenario allows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drillsim.drill.board import Board
from drillsim.drill.events import EndReason, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.world.course import Course

RUNS = 21
"""For a drill of a prefecture; a large one is rehearsed less often, see `usual_runs`."""
_NOTICES_MANY = 1_000
_RUNS_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One notice: what to expect of it."""

    inject: InjectId
    node: NodeId
    kind: NodeKind
    sender: NodeId
    """Who writes to the node."""
    runs: int
    """In how many runs it was mailed, or tried to."""
    mailed_at: timedelta | None
    latest_at: timedelta | None
    """When it is mailed at the latest, if nobody exceeds the time allowed; counted from the
    release as it is expected. None where the inject is not expected, or no time is set."""
    acknowledged_at: timedelta | None
    reported_at: timedelta | None
    called: int
    """In how many runs it came on the call list."""

    @property
    def key(self) -> NoticeKey:
        """The notice."""
        return self.inject, self.node


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPhase:
    """One phase: when it is entered."""

    phase: PhaseId
    level: int
    runs: int
    at: timedelta | None


@dataclass(frozen=True, slots=True)
class Span:
    """How many of something, over the runs."""

    least: int
    median: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What to expect of a drill."""

    runs: int
    notices: tuple[Expected, ...]
    """By inject, in the order of the file; then parents before those they write to."""
    released: Mapping[InjectId, int]
    """In how many runs each inject was sent."""
    phases: tuple[ExpectedPhase, ...]
    end_at: timedelta
    ends: Mapping[EndReason, int]
    mails_sent: Span
    """By the drill and by those who pass on: messages, reminders, stand-ins, tries again."""
    mails_received: Span
    calls: Span
    """Notices on the call list."""
    acknowledged: Span
    """Notices that somebody answered."""


def usual_runs(exercise: Exercise) -> int:
    """Return how many runs are worth their time: some seconds for a drill of the whole country."""
    notices = sum(len(exercise.scope(inject.id).sender) for inject in exercise.scenario.injects)
    return RUNS if notices <= _NOTICES_MANY else _RUNS_FEW


def expect(exercise: Exercise, seeds: Sequence[int]) -> Expectation:
    """Rehearse a drill with each of the seeds, and return what to expect.

    Raises:
        ValueError: there is no seed.
    """
    if not seeds:
        raise ValueError("nothing can be expected of no runs")
    boards = [_played(exercise, seed) for seed in seeds]
    released = {
        inject.id: sum(inject.id in board.released for board in boards)
        for inject in exercise.scenario.injects
    }
    ends = [board.end for board in boards if board.end is not None]
    return Expectation(
        runs=len(boards),
        notices=tuple(
            expected
            for inject in exercise.scenario.injects
            for expected in _notices(exercise, inject.id, boards)
        ),
        released=released,
        phases=tuple(_phases(exercise, boards)),
        end_at=_median(sorted(end.at for end in ends)),
        ends=dict(Counter(end.reason for end in ends)),
        mails_sent=_span(board.mails_sent for board in boards),
        mails_received=_span(board.mails_received for board in boards),
        calls=_span(
            sum(record.called_at is not None for record in board.notices.values())
            for board in boards
        ),
        acknowledged=_span(
            sum(record.is_acknowledged for record in board.notices.values()) for board in boards
        ),
    )


def _played(exercise: Exercise, seed: int) -> Board:
    course = Course(exercise, seed)
    for _event in course.run():
        pass
    return course.board


def _notices(exercise: Exercise, inject: InjectId, boards: Sequence[Board]) -> Iterable[Expected]:
    latest = _latest(exercise, inject, boards)
    for node, sender in exercise.scope(inject).sender.items():
        records = [
            record for board in boards if (record := board.notices.get((inject, node))) is not None
        ]
        mailed = [r.submitted_at for r in records if r.submitted_at is not None]
        yield Expected(
            inject=inject,
            node=node,
            kind=exercise.node(node).kind,
            sender=sender,
            runs=len(mailed),
            mailed_at=_usual(mailed, len(boards)),
            latest_at=latest.get(node),
            acknowledged_at=_usual(
                [r.acknowledged_at for r in records if r.acknowledged_at is not None], len(boards)
            ),
            reported_at=_usual(
                [r.reported_at for r in records if r.reported_at is not None], len(boards)
            ),
            called=sum(r.called_at is not None for r in records),
        )


def _latest(
    exercise: Exercise, inject: InjectId, boards: Sequence[Board]
) -> dict[NodeId, timedelta]:
    """Return when each node is mailed at the latest, as far as the scenario sets a time."""
    released = _usual(
        [board.released[inject] for board in boards if inject in board.released], len(boards)
    )
    if released is None:
        return {}
    scope, onward = exercise.scope(inject), exercise.inject(inject).pass_on
    latest = dict.fromkeys(scope.direct, released)
    for node, sender in scope.sender.items():
        if node not in latest and onward is not None:
            latest[node] = exercise.due(latest[sender], onward.within)
    return latest


def _phases(exercise: Exercise, boards: Sequence[Board]) -> Iterable[ExpectedPhase]:
    first: dict[PhaseId, list[timedelta]] = {}
    for board in boards:
        entered: dict[PhaseId, timedelta] = {}
        for at, phase, _level in board.phases:
            entered.setdefault(phase, at)
        for phase, at in entered.items():
            first.setdefault(phase, []).append(at)
    for phase, state in exercise.scenario.phases.states.items():
        times = first.get(phase, [])
        yield ExpectedPhase(
            phase=phase, level=state.level, runs=len(times), at=_usual(times, len(boards))
        )


def _usual(times: list[timedelta], runs: int) -> timedelta | None:
    """Return the median of what came about in more than half of the runs."""
    return _median(sorted(times)) if 2 * len(times) > runs else None


def _median(times: Sequence[timedelta]) -> timedelta:
    """Return the middle of sorted times, the earlier of two: one that did occur."""
    return times[(len(times) - 1) // 2]


def _span(counts: Iterable[int]) -> Span:
    each = sorted(counts)
    return Span(each[0], each[(len(each) - 1) // 2], each[-1])
