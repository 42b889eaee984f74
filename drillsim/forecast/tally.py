"""What many rehearsals show, as counts: memory does not grow with runs, and tallies add up.

Times go into histograms of fixed bins from the release of an inject (or StartEx) to the length of
the window. All counts are whole numbers, so however runs are cut into chunks and spread over
processes or machines, the sum is the same, and so is its digest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drillsim.drill.events import NoticeKey
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.forecast.draws import Numbers
from drillsim.forecast.setting import Setting

BINS: Final = 4096
PERCENTS: Final = (10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100)
MARKS: Final = ("first", *(f"{percent}%" for percent in PERCENTS), "last")
"""`100%` is when everybody had answered; `last` the last answer there was."""
COUNTS: Final = ("began", "reached", "in_time", "by_telephone", "unreachable", "called")
WEAK: Final = ("on_path", "slowest")

TierKey = tuple[InjectId, NodeKind]


def _bins() -> NDArray[np.int64]:
    return np.zeros(BINS + 2, dtype=np.int64)


def bin_length(setting: Setting) -> int:
    """Return how many ms a bin is long: whole seconds, so that all bins cover the window."""
    return max(-(-setting.horizon // (BINS * 1000)), 1) * 1000


class Counts(Mapping[NoticeKey, Numbers]):
    """Some counts of each notice; those of one inject are an array, a row for each node."""

    def __init__(self) -> None:
        self._nodes: dict[InjectId, dict[NodeId, int]] = {}
        self._rows: dict[InjectId, Numbers] = {}

    def put(self, inject: InjectId, nodes: Iterable[NodeId], rows: Numbers) -> None:
        """Take the counts of an inject."""
        self._nodes[inject] = {node: place for place, node in enumerate(nodes)}
        self._rows[inject] = rows

    def add(self, other: "Counts") -> None:
        """Add the counts of other runs: an inject has the same nodes there, in the same order."""
        for inject, rows in other._rows.items():
            if inject in self._rows:
                self._rows[inject] = self._rows[inject] + rows
            else:
                self._nodes[inject], self._rows[inject] = other._nodes[inject], rows

    def __getitem__(self, key: NoticeKey) -> Numbers:
        """Return the counts of a notice."""
        inject, node = key
        counts: Numbers = self._rows[inject][self._nodes[inject][node]]
        return counts

    def __iter__(self) -> Iterator[NoticeKey]:
        """Yield the notices."""
        return ((inject, node) for inject, nodes in self._nodes.items() for node in nodes)

    def __len__(self) -> int:
        """Return how many notices there are."""
        return sum(map(len, self._nodes.values()))


@dataclass
class Tally:
    """Counts of some runs of one exercise.

    Attributes:
        marks: for each inject and kind of node, and each of `MARKS`, in how many runs it fell into
            each bin since the release; the last element counts those in which it never came.
        answers: the same for the answers of all these nodes.
        nodes: `COUNTS` for each notice.
        path: for each notice, in how many runs it lay on the path to the last answer of its
            inject, and in how many it was the place at which the message lay longest.
        ends: EndEx since StartEx; `finals`: in how many runs the final phase was reached.
        reached: in how many runs so many of those to be reached were, by their number.
    """

    bin_ms: int
    runs: int = 0
    marks: dict[TierKey, NDArray[np.int64]] = field(default_factory=dict)
    answers: dict[TierKey, NDArray[np.int64]] = field(default_factory=dict)
    scope: dict[TierKey, int] = field(default_factory=dict)
    released: dict[InjectId, int] = field(default_factory=dict)
    nodes: Counts = field(default_factory=Counts)
    path: Counts = field(default_factory=Counts)
    ends: NDArray[np.int64] = field(default_factory=_bins)
    finals: int = 0
    reached: dict[int, int] = field(default_factory=dict)
    everybody: NDArray[np.int64] = field(default_factory=_bins)
    """When all of those to be reached had answered to something, since StartEx."""
    unfit: str = ""
    whole: int = 0
    alone: int = 0

    def add(self, other: "Tally") -> None:
        """Add the counts of other runs of the same exercise.

        Raises:
            ValueError: its bins are others.
        """
        if other.bin_ms != self.bin_ms:
            raise ValueError("tallies of different exercises cannot be added")
        self.runs += other.runs
        self.finals += other.finals
        self.whole += other.whole
        self.alone += other.alone
        self.unfit = self.unfit or other.unfit
        self.ends = self.ends + other.ends
        self.everybody = self.everybody + other.everybody
        self.scope |= other.scope
        self.nodes.add(other.nodes)
        self.path.add(other.path)
        for mine, theirs in ((self.marks, other.marks), (self.answers, other.answers)):
            for key, counts in theirs.items():
                mine[key] = mine[key] + counts if key in mine else counts
        for inject, count in other.released.items():
            self.released[inject] = self.released.get(inject, 0) + count
        for number, count in other.reached.items():
            self.reached[number] = self.reached.get(number, 0) + count

    def as_json(self) -> dict[str, Any]:
        """Return all counts, those of bins as pairs of bin and count."""
        return {
            "bin_ms": self.bin_ms,
            "runs": self.runs,
            "finals": self.finals,
            "ends": _pairs(self.ends),
            "everybody": _pairs(self.everybody),
            "reached": {str(n): self.reached[n] for n in sorted(self.reached)},
            "released": dict(sorted(self.released.items())),
            "tiers": [
                {
                    "inject": inject,
                    "kind": kind,
                    "of": self.scope[(inject, kind)],
                    "answers": _pairs(self.answers[(inject, kind)]),
                    "marks": {
                        name: _pairs(counts)
                        for name, counts in zip(MARKS, self.marks[(inject, kind)], strict=True)
                    },
                }
                for inject, kind in self.marks
            ],
            "nodes": [
                {
                    "inject": inject,
                    "node": node,
                    **_named(COUNTS, self.nodes[(inject, node)]),
                    **_named(WEAK, self.path.get((inject, node), np.zeros(len(WEAK)))),
                }
                for inject, node in self.nodes
            ],
        }

    @property
    def digest(self) -> str:
        """SHA-256 of all counts: the same however the runs were computed."""
        text = json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _named(names: tuple[str, ...], counts: NDArray[Any]) -> dict[str, int]:
    return {name: int(count) for name, count in zip(names, counts, strict=True)}


def _pairs(counts: NDArray[np.int64]) -> list[list[int]]:
    return [[int(place), int(counts[place])] for place in np.flatnonzero(counts)]


def quantile(counts: NDArray[np.int64], share: float, bin_ms: int) -> int | None:
    """Return when at least `share` of the runs had come so far, in ms, or None if they did not.

    It is the upper edge of the bin, so it is late by a bin at most.
    """
    needed = max(int(np.ceil(share * counts.sum() - 1e-9)), 1)
    reached = np.searchsorted(np.cumsum(counts), needed)
    return int(reached) * bin_ms if reached <= BINS else None


def share_by(counts: NDArray[np.int64], at_ms: int, bin_ms: int) -> float:
    """Return in which share of the runs it had come about by then."""
    total = int(counts.sum())
    return int(counts[: min(at_ms // bin_ms, BINS) + 1].sum()) / total if total else 0.0
