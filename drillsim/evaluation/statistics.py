"""Many drills of one scenario put together: how their marks are spread, and who holds them up.

A drill is taken in and forgotten (`Statistics.take`), so thousands cost no memory. Every count
stands with its denominator; a mark that not every drill came to says in how many it did.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from drillsim.drill.durations import to_ms
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.milestones import Marks
from drillsim.evaluation.path import acknowledgement_path
from drillsim.evaluation.rate import Rate

QUANTILES: Final = (0, 25, 50, 75, 90, 100)
"""In per cent of the drills; 0 is the least, 100 the most."""

TierKey = tuple[InjectId, NodeKind]


@dataclass(frozen=True, slots=True)
class Spread:
    """How something is spread over the drills in which it came to pass."""

    of: int
    """How many drills there are in all."""
    values: tuple[float, ...]
    """Rising; times in seconds."""

    @property
    def n(self) -> int:
        """In how many of them it came to pass."""
        return len(self.values)

    def quantile(self, percent: int) -> float | None:
        """Return the least value that so many per cent of the values do not exceed; of 0 the least.

        None where it never came to pass.
        """
        if not self.values:
            return None
        needed = max(-(-len(self.values) * percent // 100), 1)
        return self.values[needed - 1]

    def as_json(self) -> dict[str, Any]:
        """Return it as an object of the `--json` output."""
        return {
            "n": self.n,
            "of": self.of,
            **{f"{percent}%": self.quantile(percent) for percent in QUANTILES},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyStatistics:
    """One body over all drills."""

    node: NodeId
    kind: NodeKind
    critical: Rate
    """In how many drills it was on the critical path of some message, of those that had one."""
    last: Rate
    """In how many drills its answer to some message was the last one."""
    late: Rate
    """Answers after their time, of all that were asked for."""
    missed: Rate
    """Answers that did not come, of all that were asked for."""
    delay: Spread
    """Of its answers, from its own notice."""


@dataclass(slots=True)
class _Tally:
    critical: int = 0
    last: int = 0
    asked: int = 0
    late: int = 0
    missed: int = 0
    delays: list[float] = field(default_factory=list)


class Statistics:
    """What a number of drills showed."""

    def __init__(self) -> None:
        self.drills = 0
        self.ends: Counter[str] = Counter()
        """How the drills ended."""
        self._with_path = 0
        self._kinds: dict[NodeId, NodeKind] = {}
        self._tallies: dict[NodeId, _Tally] = {}
        self._marks: dict[TierKey, dict[str, list[float]]] = {}
        self._rates: dict[TierKey, list[float]] = {}
        self._tiers: Counter[TierKey] = Counter()
        self._scores: list[float] = []
        self._reached: list[float] = []
        self._lengths: list[float] = []

    def take(self, evaluation: Evaluation) -> None:
        """Take a drill in."""
        self.drills += 1
        timeline = evaluation.timeline
        end = timeline.board.end
        self.ends[end.reason if end is not None else "open"] += 1
        self._lengths.append(_seconds(timeline.now))
        score, reached = evaluation.score.total.score, evaluation.reach.reached.percent
        if score is not None:
            self._scores.append(score)
        if reached is not None:
            self._reached.append(reached)
        for tier in evaluation.reach.tiers:
            if tier.acknowledged.of:
                key = (tier.inject, tier.kind)
                self._tiers[key] += 1
                for name, at in _named(tier.marks):
                    times = self._marks.setdefault(key, {}).setdefault(name, [])
                    if at is not None:
                        times.append(_seconds(at))
                if tier.confirmed.percent is not None:
                    self._rates.setdefault(key, []).append(tier.confirmed.percent)
        self._take_bodies(evaluation)

    def _take_bodies(self, evaluation: Evaluation) -> None:
        timeline = evaluation.timeline
        paths = [acknowledgement_path(timeline, inject) for inject in timeline.by_inject]
        found = [path for path in paths if path is not None]
        self._with_path += bool(found)
        for node in {segment.node for path in found for segment in path.segments}:
            self._tally(node).critical += 1
        for node in {path.node for path in found}:
            self._tally(node).last += 1
        for hop in timeline.hops.values():
            self._kinds.setdefault(hop.node, hop.kind)
            if hop.asked.acknowledge:
                tally = self._tally(hop.node)
                tally.asked += 1
                tally.late += hop.is_late
                tally.missed += not hop.is_acknowledged
                if hop.delay is not None:
                    tally.delays.append(_seconds(hop.delay))

    def _tally(self, node: NodeId) -> _Tally:
        return self._tallies.setdefault(node, _Tally())

    # What they showed -------------------------------------------------------------------------

    @property
    def marks(self) -> Mapping[TierKey, Mapping[str, Spread]]:
        """The marks of each message in each tier, from its release."""
        return {
            key: {
                name: Spread(self._tiers[key], tuple(sorted(times))) for name, times in each.items()
            }
            for key, each in self._marks.items()
        }

    @property
    def confirmed(self) -> Mapping[TierKey, Spread]:
        """受信確認率 of each message in each tier, in per cent."""
        return {key: self._spread(rates) for key, rates in self._rates.items()}

    @property
    def score(self) -> Spread:
        """The scores."""
        return self._spread(self._scores)

    @property
    def reached(self) -> Spread:
        """疎通確認率, in per cent."""
        return self._spread(self._reached)

    @property
    def length(self) -> Spread:
        """How long the drills were."""
        return self._spread(self._lengths)

    @property
    def bodies(self) -> Sequence[BodyStatistics]:
        """Every body that was to answer, those first that were on the critical path most often."""
        found = (
            BodyStatistics(
                node=node,
                kind=self._kinds[node],
                critical=Rate(tally.critical, self._with_path),
                last=Rate(tally.last, self._with_path),
                late=Rate(tally.late, tally.asked),
                missed=Rate(tally.missed, tally.asked),
                delay=Spread(tally.asked, tuple(sorted(tally.delays))),
            )
            for node, tally in self._tallies.items()
            if node in self._kinds
        )
        return sorted(found, key=lambda body: (-body.critical.count, -body.missed.count))

    def _spread(self, values: list[float]) -> Spread:
        return Spread(self.drills, tuple(sorted(values)))


def _named(marks: Marks) -> Iterator[tuple[str, timedelta | None]]:
    yield "first", marks.first
    for percent, at in marks.at_percent:
        yield f"{percent}%", at
    yield "last", marks.last


def _seconds(length: timedelta) -> float:
    return to_ms(length) / 1000
