"""What many rehearsals show, as counts: memory does not grow with runs, and tallies add up.

Times go into histograms of fixed bins from the release of an inject (or StartEx) to the length of
the window. All counts are whole numbers, so however runs are cut into chunks and spread over
processes or machines, the sum is the same, and so is its digest.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drillsim.drill.events import NoticeKey
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.forecast.alike import groups_of
from drillsim.forecast.draws import Numbers, Rows, Times
from drillsim.forecast.notice import NoticeRuns
from drillsim.forecast.rehearsals import Rehearsals
from drillsim.forecast.setting import Notice, Setting
from drillsim.forecast.stamps import NEVER

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
    nodes: dict[NoticeKey, NDArray[np.int64]] = field(default_factory=dict)
    path: dict[NoticeKey, NDArray[np.int64]] = field(default_factory=dict)
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
        for mine, theirs in (
            (self.marks, other.marks),
            (self.answers, other.answers),
            (self.nodes, other.nodes),
            (self.path, other.path),
        ):
            for key, counts in theirs.items():
                mine[key] = mine[key] + counts if key in mine else counts  # type: ignore[index]
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


def _histogram(times: Times, bin_ms: int) -> NDArray[np.int64]:
    """Return how many times fall into each bin (a time on an edge into the one before)."""
    return _in_bins(_places(times, bin_ms))


def _places(times: Times, bin_ms: int) -> NDArray[np.uint16]:
    """Return into which bin each time falls, `BINS + 1` for what did not come about."""
    places = times + (bin_ms - 1)
    places //= bin_ms
    np.minimum(places, BINS, out=places)
    np.putmask(places, times >= NEVER, BINS + 1)
    return places.astype(np.uint16)


def _in_bins(places: NDArray[np.uint16]) -> NDArray[np.int64]:
    return np.bincount(places.ravel(), minlength=BINS + 2)


def tally_of(found: Rehearsals) -> Tally:
    """Return the counts of some rehearsals."""
    setting = found.setting
    tally = Tally(bin_ms=bin_length(setting), runs=len(found))
    tally.unfit, tally.whole, tally.alone = found.unfit or "", found.whole, found.alone
    tally.ends = _histogram(found.end, tally.bin_ms)
    tally.finals = int(found.is_final.sum())
    for inject in setting.exercise.scenario.injects:
        released = found.released[inject.id]
        tally.released[inject.id] = int((released <= found.end).sum())
        if tally.released[inject.id]:
            _count_inject(tally, found, inject.id)
    _count_reached(tally, found)
    return tally


def _count_inject(tally: Tally, found: Rehearsals, inject: InjectId) -> None:
    setting = found.setting
    notices = setting.of_inject(inject)
    counts: dict[NoticeKey, Numbers] = {}
    for alike in groups_of(setting, inject):
        rows = _count_notices(found.blocks[alike], alike.notice)
        counts |= {notice.key: row for notice, row in zip(alike.notices, rows, strict=True)}
    tally.nodes |= {notice.key: counts[notice.key] for notice in notices}
    asked = [notice for notice in notices if notice.asked.acknowledge]
    if not asked:
        return
    answered = np.stack([found.notices[notice.key].acknowledged for notice in asked])
    released = found.released[inject]
    here = np.flatnonzero(released <= found.end)
    kinds: dict[NodeKind, list[int]] = {}
    for number, notice in enumerate(asked):
        kinds.setdefault(notice.kind, []).append(number)
    for kind, numbers in kinds.items():
        key = (inject, kind)
        tally.scope[key] = len(numbers)
        order = _since(answered, numbers, released, here, tally.bin_ms)
        tally.answers[key] = _in_bins(order)
        order.sort(axis=1)
        tally.marks[key] = np.stack([_in_bins(places) for places in _mark_places(order)])
    _count_path(tally, found, asked, answered)


def _since(
    answered: Times, numbers: list[int], released: Times, here: Rows, bin_ms: int
) -> NDArray[np.uint16]:
    """Return the bins of the answers of some notices since the release: runs by notices."""
    everywhere = len(here) == len(released)
    since = released if everywhere else released[here]
    places = np.empty((len(here), len(numbers)), dtype=np.uint16)
    for place, number in enumerate(numbers):
        times = answered[number] if everywhere else answered[number][here]
        places[:, place] = _places(np.where(times < NEVER, times - since, NEVER), bin_ms)
    return places


def _mark_places(order: NDArray[np.uint16]) -> Iterator[NDArray[np.uint16]]:
    """Yield the bins of `MARKS` from sorted answers, runs by nodes (`evaluation.milestones`)."""
    count = order.shape[1]
    yield order[:, 0]
    for percent in PERCENTS:
        yield order[:, max(-(-count * percent // 100), 1) - 1]
    answered = np.count_nonzero(order <= BINS, axis=1)
    last = order[np.arange(len(order)), np.maximum(answered, 1) - 1]
    yield np.where(answered > 0, last, np.uint16(BINS + 1))


def _count_notices(course: NoticeRuns, notice: Notice) -> NDArray[np.int64]:
    """Return `COUNTS` of notices that are alike, a row each."""
    answered = course.acknowledged < NEVER
    in_time = answered
    if notice.inject.acknowledge is not None:
        due = notice.setting.due(course.submitted, notice.inject.acknowledge.within)
        # A node that answered before anybody wrote to it cannot be late.
        in_time = course.acknowledged <= due
        in_time |= course.submitted >= NEVER
        in_time &= answered
    flags = (
        course.submitted < NEVER,
        answered,
        in_time,
        course.by_telephone,
        course.unreachable < NEVER,
        course.called < NEVER,
    )
    return np.array([[np.count_nonzero(row) for row in each] for each in flags], np.int64).T


def _count_path(tally: Tally, found: Rehearsals, notices: list[Notice], answered: Times) -> None:
    """Count which nodes lay on the way to the last answer, and where the message lay longest.

    A node has the message from its own notice until it passes it on to the next one on the path,
    the last node until it answers (`evaluation.path`, with the transit counted to the receiver).
    """
    inject = notices[0].inject.id
    scope = found.setting.exercise.scope(inject)
    place = {notice.node: number for number, notice in enumerate(notices)}
    above = np.array([place.get(scope.sender[notice.node], -1) for notice in notices])
    begun = np.stack([found.notices[notice.key].submitted for notice in notices])
    latest = np.full(len(found), -1, dtype=np.int64)
    at = np.zeros(len(found), dtype=np.intp)
    for number, times in enumerate(answered):
        later = times > latest
        later &= times < NEVER
        np.copyto(latest, times, where=later)
        np.copyto(at, number, where=later)
    runs = np.flatnonzero(latest >= 0)
    at, until = at[runs], latest[runs]
    on_path = np.zeros(len(notices), dtype=np.int64)
    longest, where = np.full(len(runs), -1, dtype=np.int64), np.full(len(runs), -1)
    going = np.arange(len(runs))
    while len(going):
        on_path += np.bincount(at, minlength=len(notices))
        since = begun[at, runs[going]]
        was_written_to = since <= answered[at, runs[going]]
        since = np.where(was_written_to, since, found.released[inject][runs[going]])
        stay = until - since
        longer = stay > longest[going]
        longest[going[longer]], where[going[longer]] = stay[longer], at[longer]
        onward = was_written_to & (above[at] >= 0)
        going, until, at = going[onward], since[onward], above[at[onward]]
        known_above = answered[at, runs[going]] < NEVER
        going, until, at = going[known_above], until[known_above], at[known_above]
    slowest = np.bincount(where[where >= 0], minlength=len(notices))
    for number, notice in enumerate(notices):
        tally.path[notice.key] = np.array([on_path[number], slowest[number]], dtype=np.int64)


def _count_reached(tally: Tally, found: Rehearsals) -> None:
    first: dict[NodeId, Times] = {}
    for (_, node), course in found.notices.items():
        known = first.get(node)
        first[node] = (
            course.acknowledged if known is None else np.minimum(known, course.acknowledged)
        )
    wanted = [first[node] for node in found.setting.exercise.to_be_reached if node in first]
    if not wanted:
        return
    numbers = np.zeros(len(found), dtype=np.int64)
    last = np.zeros(len(found), dtype=np.int64)
    for times in wanted:
        numbers += times < NEVER
        last = np.maximum(last, times)
    tally.everybody = _histogram(last, tally.bin_ms)
    values, counts = np.unique(numbers, return_counts=True)
    tally.reached = {int(n): int(c) for n, c in zip(values, counts, strict=True)}


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
