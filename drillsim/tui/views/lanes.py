"""The review's lanes: a bar per node, and how tree and board stood at any moment of a drill.

Bars follow from the hops of the evaluation, whose times are final, and the rest from the history of
the fold; so going back costs the same as going on, whatever the size of the drill.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.path import CriticalPath, acknowledgement_path, report_path
from drillsim.evaluation.timeline import Hop
from drillsim.i18n import _
from drillsim.tui.views.history import History
from drillsim.tui.views.names import Names
from drillsim.tui.views.stream import Happening
from drillsim.tui.views.tiers import (
    NO_BOARD,
    NO_CURVE,
    Curve,
    TierBoard,
    curve_of,
    tier_rows,
)
from drillsim.tui.views.tone import EMPTY, Cell, Tone

PERCENTS: Final = (25, 50, 75, 90)
_WAYS: Final[tuple[tuple[str, Tone], ...]] = (
    (" ", ""),
    (":", "muted"),
    ("-", "muted"),
    ("░", "busy"),
    ("▒", "control"),
    ("▓", "alarm"),
)
_SECOND: Final = timedelta(seconds=1)
_NONE, _RULER, _TRANSIT, _WAITING, _WORKING, _LATE = range(6)


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a drill that is in sight: `cells` cells from `begin` to `end`."""

    begin: timedelta
    end: timedelta
    cells: int

    def cell(self, at: timedelta) -> int:
        """Return the cell in which `at` lies, the end itself in the last; it may lie outside."""
        if at == self.end:
            return self.cells - 1
        return int((at - self.begin) / ((self.end - self.begin) / self.cells))

    def time(self, cell: int) -> timedelta:
        """Return when a cell begins."""
        return self.begin + (self.end - self.begin) * cell / self.cells


@dataclass
class Review:
    """A drill that is looked at again.

    Attributes:
        events: the events of the drill, so that event number n is `events[n - 1]`.
        acts: what the operator did, in the order in which it happened.
        paths: for each inject the slowest chain to its last acknowledgement, and to its last
            report.
    """

    exercise: Exercise
    evaluation: Evaluation
    events: Sequence[AnyEvent]
    acts: Sequence[Happening]
    names: Names
    paths: dict[InjectId, tuple[CriticalPath, ...]] = field(init=False)
    history: History = field(init=False)
    _on_path: dict[NoticeKey, list[tuple[timedelta, timedelta]]] = field(init=False)
    _answered: dict[InjectId, list[timedelta]] = field(init=False)

    def __post_init__(self) -> None:
        timeline = self.evaluation.timeline
        self.paths = {
            inject: tuple(
                path
                for find in (acknowledgement_path, report_path)
                if (path := find(timeline, inject)) is not None
            )
            for inject in timeline.by_inject
        }
        self.history = History(self.exercise, self.events)
        self._on_path = {}
        for inject, paths in self.paths.items():
            for path in paths:
                for stay in path.segments:
                    stays = self._on_path.setdefault((inject, stay.node), [])
                    stays.append((stay.begin, stay.end))
        self._answered = {
            inject: sorted(h.acknowledged_at for h in hops if h.acknowledged_at is not None)
            for inject, hops in timeline.by_inject.items()
        }

    @property
    def end(self) -> timedelta:
        """EndEx, or the last event so far."""
        return self.evaluation.timeline.now

    @property
    def injects(self) -> list[InjectId]:
        """The injects that were released, oldest first."""
        return list(self.evaluation.timeline.by_inject)

    def hop(self, inject: InjectId | None, node: NodeId) -> Hop | None:
        """Return what became of an inject at a node."""
        return self.evaluation.timeline.hops.get((inject, node)) if inject is not None else None

    def on_path(self, inject: InjectId | None, node: NodeId) -> list[tuple[timedelta, timedelta]]:
        """Return from when to when the slowest chains of an inject lay at a node."""
        return self._on_path.get((inject, node), []) if inject is not None else []

    def marks(self, inject: InjectId | None) -> list[tuple[int, timedelta]]:
        """Return when a share of all nodes of an inject had acknowledged, in per cent."""
        if inject is None:
            return []
        scope = len(self.evaluation.timeline.by_inject[inject])
        times = self._answered[inject]
        found = []
        for percent in PERCENTS:
            needed = -(-percent * scope // 100)
            if 0 < needed <= len(times):
                found.append((percent, times[needed - 1]))
        return found

    def curve(self, inject: InjectId | None, at: timedelta, spans: int) -> Curve:
        """Return the answer curve of an inject as far as it had come at `at`, over the drill."""
        released = self.evaluation.timeline.board.released.get(inject) if inject else None
        if inject is None or released is None or at < released:
            return NO_CURVE
        scope = len(self.evaluation.timeline.by_inject[inject])
        return curve_of(
            self._answered[inject], scope, released, at, max(self.end - released, _SECOND), spans
        )

    def index_at(self, at: timedelta) -> int:
        """Return how many events had happened by `at`."""
        return bisect_right(self.events, at, key=lambda event: event.at)

    def step(self, at: timedelta, by: Literal[-1, 1]) -> timedelta:
        """Return when the next event after `at` happened, or the last before it; else `at`."""
        if by > 0:
            place = self.index_at(at)
        else:
            place = bisect_left(self.events, at, key=lambda event: event.at) - 1
        return self.events[place].at if 0 <= place < len(self.events) else at


def board_at(review: Review, inject: InjectId | None, at: timedelta) -> TierBoard:
    """Return the reach board as it stood at `at`."""
    if inject is None:
        return NO_BOARD
    released = review.injects
    return TierBoard(
        inject=review.names.inject(inject),
        number=released.index(inject) + 1,
        count=len(released),
        rows=tier_rows(review.names, review.history.tallies(inject, at)),
    )


def state_at(review: Review, inject: InjectId | None, node: NodeId, at: timedelta) -> Cell:
    """Return in a word how a node stood at `at`, with "!" where its answer was overdue."""
    hop = review.hop(inject, node)
    if inject is None or hop is None:
        return EMPTY
    cell = review.history.state((inject, node), at)
    if cell is None:
        return Cell("  " + _("not yet sent"), "muted")
    answered = hop.acknowledged_at if hop.acknowledged_at is not None else review.end
    if hop.ack_due is not None and hop.ack_due < at < answered:
        return Cell(cell.text + "!", "alarm")
    return cell


def lane(
    hop: Hop | None, span: Span, until: timedelta, rulers: Sequence[timedelta] = ()
) -> list[Cell]:
    """Return the bar of a hop: "-" transit, "░" waiting, "▒" working, "▓" late; A, P, R the facts.

    X marks who was given up as unreachable. `until` is the end of the drill; `rulers` are drawn
    where the bar leaves room.
    """
    ways = [_NONE] * span.cells
    for ruler in rulers:
        place = span.cell(ruler)
        if 0 <= place < span.cells:
            ways[place] = _RULER
    if hop is None or hop.submitted_at is None:
        return _cells(ways, {})
    arrived = hop.notified_at if hop.notified_at is not None else hop.submitted_at
    acked = next((at for at in (hop.acknowledged_at, hop.unreachable_at) if at is not None), until)
    _fill(ways, span, hop.submitted_at, min(arrived, acked), _TRANSIT)
    _fill(ways, span, min(arrived, acked), acked, _WAITING)
    if hop.ack_due is not None and acked > hop.ack_due:
        _fill(ways, span, hop.ack_due, acked, _LATE)
    if hop.acknowledged_at is not None:
        for at, due, is_asked in (
            (hop.passed_on_at, hop.pass_on_due, bool(hop.asked.pass_on)),
            (hop.reported_at, hop.report_due, hop.asked.report),
        ):
            if is_asked:
                done = at if at is not None else until
                _fill(ways, span, acked, done, _WORKING)
                if due is not None and done > due:
                    _fill(ways, span, max(due, acked), done, _LATE)
    signs = {
        span.cell(at): sign
        for at, sign in (
            (hop.unreachable_at, "X"),
            (hop.passed_on_at, "P"),
            (hop.reported_at, "R"),
            (hop.acknowledged_at, "A"),
        )
        if at is not None
    }
    return _cells(ways, signs)


def acts_lane(acts: Sequence[Happening], span: Span) -> list[Cell]:
    """Return the lane of the operator's acts, "#" each."""
    cells = {span.cell(act.at) for act in acts}
    text = "".join("#" if cell in cells else " " for cell in range(span.cells))
    return [Cell(text, "control")]


def _fill(ways: list[int], span: Span, begin: timedelta, end: timedelta, way: int) -> None:
    first, last = span.cell(begin), span.cell(end)
    for cell in range(max(first, 0), min(last + 1, span.cells)):
        if way >= ways[cell]:
            ways[cell] = way


def _cells(ways: list[int], signs: dict[int, str]) -> list[Cell]:
    """Return runs of the same way as cells, the facts standing in them."""
    cells: list[Cell] = []
    start = 0
    for place in range(1, len(ways) + 1):
        is_break = (
            place == len(ways) or ways[place] != ways[start] or place in signs or start in signs
        )
        if is_break:
            if start in signs:
                cells.append(Cell(signs[start], "strong"))
            else:
                sign, tone = _WAYS[ways[start]]
                cells.append(Cell(sign * (place - start), tone))
            start = place
    return cells
