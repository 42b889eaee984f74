"""What a tally means: quantiles of marks, the curve with its band, the weak posts.

All from whole counts; times are upper edges of bins, so late by a bin at most (`Tally.bin_ms`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drillsim.drill.durations import from_ms
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.forecast.tally import BINS, MARKS, PERCENTS, Tally, TierKey, quantile, share_by

BAND: Final = (0.05, 0.5, 0.95)
"""The shares of the runs between which a figure is told: 90 % of them, and the middle."""
SHOWN: Final = ("first", "25%", "50%", "75%", "90%", "100%", "last")
MINUTES: Final = (15, 30, 60, 90, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a tier, from the release of its inject."""

    name: str
    came: float
    """In which share of the runs in which the inject was released it came about."""
    low: timedelta | None
    middle: timedelta | None
    high: timedelta | None
    """None where it did not come about in so many runs."""


@dataclass(frozen=True, slots=True)
class TierOutlook:
    """One inject at the nodes of one kind."""

    inject: InjectId
    kind: NodeKind
    of: int
    runs: int
    """In how many runs the inject was released."""
    marks: tuple[Mark, ...]
    by: tuple[tuple[timedelta, float], ...]
    """In which share of the runs everybody had answered by then."""
    answered: float
    """The share of all that were to answer who did, over all runs."""


@dataclass(frozen=True, slots=True)
class Post:
    """One notice, as far as it held the others up."""

    inject: InjectId
    node: NodeId
    on_path: float
    """In which share of the runs it lay on the way to the last answer."""
    slowest: float
    """In which share of the runs the message lay longest there."""
    reached: float
    in_time: float
    by_telephone: float
    unreachable: float


class Outlook:
    """What to expect of a drill."""

    def __init__(self, exercise: Exercise, seed: int, tally: Tally) -> None:
        self.exercise, self.seed, self.tally = exercise, seed, tally

    def time(self, counts: NDArray[np.int64], share: float) -> timedelta | None:
        """Return by when it had come about in `share` of the runs."""
        at = quantile(counts, share, self.tally.bin_ms)
        return None if at is None else from_ms(at)

    @property
    def end(self) -> tuple[timedelta | None, ...]:
        """When the drill ends, at the three shares of `BAND`."""
        return tuple(self.time(self.tally.ends, share) for share in BAND)

    @property
    def everybody(self) -> float:
        """In which share of the runs everybody was reached."""
        counts = self.tally.everybody
        return 1 - int(counts[BINS + 1]) / self.tally.runs if counts.any() else 0.0

    def tiers(self) -> Iterator[TierOutlook]:
        """Yield each inject at the nodes of each kind, in the order of the files."""
        for key in self.tally.marks:
            yield self.tier(key)

    def tier(self, key: TierKey) -> TierOutlook:
        """Return one inject at the nodes of one kind."""
        counts = dict(zip(MARKS, self.tally.marks[key], strict=True))
        runs = int(counts["100%"].sum())
        answers = self.tally.answers[key]
        window = self.exercise.window_at
        limits = [timedelta(minutes=n) for n in MINUTES if timedelta(minutes=n) <= window]
        return TierOutlook(
            inject=key[0],
            kind=key[1],
            of=self.tally.scope[key],
            runs=runs,
            marks=tuple(self._mark(name, counts[name]) for name in SHOWN),
            by=tuple(
                (
                    limit,
                    share_by(counts["100%"], limit // timedelta(milliseconds=1), self.tally.bin_ms),
                )
                for limit in limits
            ),
            answered=1 - int(answers[BINS + 1]) / int(answers.sum()),
        )

    def _mark(self, name: str, counts: NDArray[np.int64]) -> Mark:
        low, middle, high = (self.time(counts, share) for share in BAND)
        return Mark(name, 1 - int(counts[BINS + 1]) / max(int(counts.sum()), 1), low, middle, high)

    def main_tier(self) -> TierKey | None:
        """Return the tier to draw: of the first inject that most nodes are to answer."""
        return max(self.tally.scope, key=lambda key: self.tally.scope[key], default=None)

    def curve(
        self, key: TierKey, until: timedelta, points: int
    ) -> list[tuple[timedelta, tuple[float, ...]]]:
        """Return the shares that had answered, at so many times up to `until`.

        Each has the share that was reached in 95, 50 and 5 % of the runs by then.
        """
        times = [until * number / points for number in range(points + 1)]
        return list(zip(times, self.shares(key, times), strict=True))

    def shares(self, key: TierKey, times: Sequence[timedelta]) -> list[tuple[float, ...]]:
        """Return as `curve`, at these times from the release."""
        marks = dict(zip(MARKS, self.tally.marks[key], strict=True))
        reached = [
            (percent / 100, np.cumsum(marks[f"{percent}%"]) / max(marks["100%"].sum(), 1))
            for percent in PERCENTS
        ]
        places = [min(at // from_ms(self.tally.bin_ms), BINS) for at in times]
        return [
            tuple(
                max((level for level, by in reached if by[place] >= surely), default=0.0)
                for surely in (0.95, 0.5, 0.05)
            )
            for place in places
        ]

    def steps(self, key: TierKey) -> list[timedelta]:
        """Return the times at which the curve or its band rises, and 0."""
        marks = dict(zip(MARKS, self.tally.marks[key], strict=True))
        rises = {self.time(marks[f"{percent}%"], share) for percent in PERCENTS for share in BAND}
        return sorted({at for at in rises if at is not None} | {timedelta(0)})

    def span(self, key: TierKey) -> timedelta:
        """Return how long a picture of the curve should be: until little more is to come."""
        last = dict(zip(MARKS, self.tally.marks[key], strict=True))["last"]
        at = self.time(last, 0.95) or self.exercise.window_at
        return min(at, self.exercise.window_at)

    def posts(self) -> list[Post]:
        """Return the notices by how often the message lay longest there."""
        found = []
        for (inject, node), counts in self.tally.nodes.items():
            began = int(counts[0])
            path = self.tally.path.get((inject, node))
            released = self.tally.released[inject]
            if not began or path is None:
                continue
            reached, in_time, calls, lost, _called = (int(n) / began for n in counts[1:])
            found.append(
                Post(
                    inject,
                    node,
                    int(path[0]) / released,
                    int(path[1]) / released,
                    reached,
                    in_time,
                    calls,
                    lost,
                )
            )
        return sorted(found, key=lambda post: (-post.slowest, -post.on_path))

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        tally = self.tally
        return {
            "scenario": self.exercise.scenario.id,
            "seed": self.seed,
            "runs": tally.runs,
            "digest": tally.digest,
            "by_kernel": {"runs": tally.whole, "notices": tally.alone, "because": tally.unfit},
            "bin_seconds": tally.bin_ms / 1000,
            "band": list(BAND),
            "end_seconds": [_seconds(at) for at in self.end],
            "final_phase": tally.finals / tally.runs,
            "everybody_reached": self.everybody,
            "tiers": [_tier_json(tier) for tier in self.tiers()],
            "posts": [
                {
                    "inject": post.inject,
                    "node": post.node,
                    "on_path": post.on_path,
                    "slowest": post.slowest,
                    "reached": post.reached,
                    "in_time": post.in_time,
                    "by_telephone": post.by_telephone,
                    "unreachable": post.unreachable,
                }
                for post in self.posts()
            ],
        }


def _seconds(at: timedelta | None) -> float | None:
    return None if at is None else at.total_seconds()


def _tier_json(tier: TierOutlook) -> dict[str, Any]:
    return {
        "inject": tier.inject,
        "kind": tier.kind,
        "of": tier.of,
        "runs": tier.runs,
        "answered": tier.answered,
        "marks": {
            mark.name: {
                "came": mark.came,
                "seconds": [_seconds(mark.low), _seconds(mark.middle), _seconds(mark.high)],
            }
            for mark in tier.marks
        },
        "everybody_by": {str(int(at / timedelta(minutes=1))): share for at, share in tier.by},
    }
