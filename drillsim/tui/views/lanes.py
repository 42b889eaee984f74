"""The review's lanes: a bar per node, and how tree and board stood at any moment of a drill.

All of it follows from the hops of the evaluation, whose times are final; so going back costs the
same as going on, whatever the size of the drill.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.path import CriticalPath, acknowledgement_path, report_path
from drillsim.evaluation.timeline import Hop
from drillsim.i18n import _
from drillsim.tui.views.names import Names
from drillsim.tui.views.tiers import TierBoard, TierRow
from drillsim.tui.views.tone import Cell, Tone

PERCENTS: Final = (25, 50, 75, 90)
_WAYS: Final[tuple[tuple[str, Tone], ...]] = (
    (" ", ""),
    ("-", "muted"),
    ("░", "busy"),
    ("▒", "control"),
    ("▓", "alarm"),
)
_NONE, _TRANSIT, _WAITING, _WORKING, _LATE = range(5)


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a drill that is in sight: `cells` cells from `begin` to `end`."""

    begin: timedelta
    end: timedelta
    cells: int

    def cell(self, at: timedelta) -> int:
        """Return the cell in which `at` lies; it may lie outside."""
        return int((at - self.begin) / ((self.end - self.begin) / self.cells))

    def time(self, cell: int) -> timedelta:
        """Return when a cell begins."""
        return self.begin + (self.end - self.begin) * cell / self.cells


@dataclass
class Review:
    """A drill that is looked at again.

    Attributes:
        events: the events of the drill, so that event number n is `events[n - 1]`.
        acts: when the operator did something.
        paths: for each inject the nodes on the slowest chain to its last acknowledgement, and to
            its last report.
    """

    exercise: Exercise
    evaluation: Evaluation
    events: Sequence[AnyEvent]
    acts: Sequence[timedelta]
    names: Names
    paths: dict[InjectId, tuple[CriticalPath, ...]] = field(init=False)
    _times: dict[tuple[InjectId, NodeKind, str], list[timedelta]] = field(init=False)

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
        self._times = {}
        for hop in timeline.hops.values():
            for fact, at in _facts(hop):
                self._times.setdefault((hop.inject, hop.kind, fact), []).append(at)
        for times in self._times.values():
            times.sort()

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

    def is_on_path(self, inject: InjectId | None, node: NodeId) -> bool:
        """Whether a node lies on one of the slowest chains of an inject."""
        if inject is None:
            return False
        return any(s.node == node for path in self.paths[inject] for s in path.segments)

    def count(self, inject: InjectId, kind: NodeKind, fact: str, at: timedelta) -> int:
        """Return how many nodes of a kind had a fact by `at`; O(log nodes)."""
        return bisect_right(self._times.get((inject, kind, fact), ()), at)

    def marks(self, inject: InjectId | None) -> list[tuple[int, timedelta]]:
        """Return when a share of all nodes of an inject had acknowledged, in per cent."""
        if inject is None:
            return []
        hops = self.evaluation.timeline.by_inject[inject]
        scope = len(hops)
        times = sorted(h.acknowledged_at for h in hops if h.acknowledged_at is not None)
        found = []
        for percent in PERCENTS:
            needed = -(-percent * scope // 100)
            if 0 < needed <= len(times):
                found.append((percent, times[needed - 1]))
        return found

    def index_at(self, at: timedelta) -> int:
        """Return how many events had happened by `at`."""
        return bisect_right(self.events, at, key=lambda event: event.at)


def _facts(hop: Hop) -> list[tuple[str, timedelta]]:
    facts: list[tuple[str, timedelta]] = []
    if hop.acknowledged_at is not None:
        facts.append(("reached", hop.acknowledged_at))
        facts.append(("late" if hop.is_late else "in_time", hop.acknowledged_at))
    for name, when in (
        ("reported", hop.reported_at),
        ("passed_on", hop.passed_on_at),
        ("unreachable", hop.unreachable_at),
    ):
        if when is not None:
            facts.append((name, when))
    return facts


def board_at(review: Review, inject: InjectId | None, at: timedelta) -> TierBoard:
    """Return the reach board as it stood at `at`."""
    if inject is None:
        return TierBoard("", 0, 0, (), 0)
    released = review.injects
    rows = [
        _tier_at(review, inject, tier.kind, tier.scope, at)
        for tier in review.evaluation.reach.tiers
        if tier.inject == inject
    ]
    return TierBoard(
        inject=review.names.inject(inject),
        number=released.index(inject) + 1,
        count=len(released),
        rows=tuple(rows),
        overdue=0,
    )


def _tier_at(
    review: Review, inject: InjectId, kind: NodeKind, scope: int, at: timedelta
) -> TierRow:
    def count(fact: str) -> int:
        return review.count(inject, kind, fact, at)

    hops = review.evaluation.timeline.by_inject[inject]
    return TierRow(
        name=review.names.kind(kind),
        scope=scope,
        reached=count("reached"),
        in_time=count("in_time"),
        late=count("late"),
        unreachable=count("unreachable"),
        passed_on=count("passed_on"),
        to_pass_on=sum(bool(h.asked.pass_on) for h in hops if h.kind == kind),
        reported=count("reported"),
        to_report=sum(h.asked.report for h in hops if h.kind == kind),
    )


def state_at(hop: Hop | None, at: timedelta) -> Cell:
    """Return in a word how a node stood at `at`."""
    if hop is None:
        return Cell("")
    if hop.reported_at is not None and hop.reported_at <= at:
        return Cell("✎ " + _("reported"), "good")
    if hop.passed_on_at is not None and hop.passed_on_at <= at:
        return Cell("» " + _("passed on"), "good")
    if hop.acknowledged_at is not None and hop.acknowledged_at <= at:
        return Cell("✓ " + _("acknowledged"), "late" if hop.is_late else "good")
    if hop.unreachable_at is not None and hop.unreachable_at <= at:
        return Cell("✘ " + _("unreachable"), "alarm")
    if hop.submitted_at is None or hop.submitted_at > at:
        return Cell("  " + _("not yet sent"), "muted")
    if hop.ack_due is not None and at > hop.ack_due:
        return Cell("! " + _("overdue"), "alarm")
    if hop.notified_at is not None and hop.notified_at <= at:
        return Cell("✉ " + _("delivered"), "busy")
    return Cell("✉ " + _("under way"), "busy")


def lane(hop: Hop | None, span: Span, until: timedelta) -> list[Cell]:
    """Return the bar of a hop: "-" transit, "░" waiting, "▒" working, "▓" late; A, P, R the facts.

    X marks who was given up as unreachable. `until` is the end of the drill.
    """
    if hop is None or hop.submitted_at is None:
        return [Cell(" " * span.cells)]
    ways = [_NONE] * span.cells
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


def acts_lane(acts: Sequence[timedelta], span: Span) -> list[Cell]:
    """Return the lane of the operator's acts, "#" each."""
    cells = {span.cell(at) for at in acts}
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
