"""How rehearsals are counted (`drillsim.forecast.tally`).

Arrays are notices by runs. They are gone through in tiles that fit into a processor's cache: what
takes the time here is to bring them there.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.forecast.alike import groups_of
from drillsim.forecast.draws import Flags, Numbers, Rows, Times
from drillsim.forecast.notice import NoticeRuns
from drillsim.forecast.rehearsals import Rehearsals
from drillsim.forecast.setting import Notice
from drillsim.forecast.stamps import NEVER
from drillsim.forecast.tally import BINS, COUNTS, PERCENTS, Tally, bin_length
from drillsim.forecast.tiles import tiles

Bins = NDArray[np.uint16]


def tally_of(found: Rehearsals) -> Tally:
    """Return the counts of some rehearsals."""
    setting = found.setting
    tally = Tally(bin_ms=bin_length(setting), runs=len(found))
    tally.unfit, tally.whole, tally.alone = found.unfit or "", found.whole, found.alone
    tally.ends = _in_bins(_places(found.end, tally.bin_ms))
    tally.finals = int(found.is_final.sum())
    for inject in setting.exercise.scenario.injects:
        released = found.released[inject.id]
        tally.released[inject.id] = int((released <= found.end).sum())
        if tally.released[inject.id]:
            _OfInject(tally, found, inject.id).count()
    _count_reached(tally, found)
    return tally


def _places(times: Times, bin_ms: int, since: Times | int = 0) -> Bins:
    """Return into which bin each time falls, `BINS + 1` for what did not come about.

    A time on an edge falls into the bin before it. Bins begin at `since`.
    """
    places = times - since
    places += bin_ms - 1
    places //= bin_ms
    np.minimum(places, BINS, out=places)
    np.putmask(places, times >= NEVER, BINS + 1)
    return places.astype(np.uint16)


def _in_bins(places: Bins) -> NDArray[np.int64]:
    return np.bincount(places.ravel(), minlength=BINS + 2)


def _how_many(flags: Flags, axis: int) -> Numbers:
    """Return how many are flagged along an axis."""
    counts: Numbers = np.add.reduce(flags.view(np.uint8), axis=axis, dtype=np.uint32)
    return counts.astype(np.int64)


class _OfInject:
    """The counts of one inject."""

    def __init__(self, tally: Tally, found: Rehearsals, inject: InjectId) -> None:
        self.tally, self.found, self.inject = tally, found, inject
        self.notices = found.setting.of_inject(inject)
        self.groups = groups_of(found.setting, inject)
        self.released = found.released[inject]
        place = {notice.node: number for number, notice in enumerate(self.notices)}
        self.places = [
            np.array([place[notice.node] for notice in alike.notices]) for alike in self.groups
        ]
        """Where the notices of each group are among all."""

    def count(self) -> None:
        """Count all there is."""
        counts = np.empty((len(self.notices), len(COUNTS)), dtype=np.int64)
        for alike, places in zip(self.groups, self.places, strict=True):
            counts[places] = _count_notices(self.found.blocks[alike], alike.notice)
        nodes = [notice.node for notice in self.notices]
        self.tally.nodes.put(self.inject, nodes, counts)
        kinds: dict[NodeKind, list[int]] = {}
        for number, notice in enumerate(self.notices):
            if notice.asked.acknowledge:
                kinds.setdefault(notice.kind, []).append(number)
        if not kinds:
            return
        answered = np.empty((len(self.notices), len(self.found)), dtype=np.int64)
        for alike, places in zip(self.groups, self.places, strict=True):
            answered[places] = self.found.blocks[alike].acknowledged
        for kind, numbers in kinds.items():
            self._count_kind(kind, answered, np.array(numbers))
        self._count_path(answered)

    def _count_kind(self, kind: NodeKind, answered: Times, numbers: Rows) -> None:
        """Count the answers and marks of all nodes of a kind, by their bins since the release."""
        key = (self.inject, kind)
        here = np.flatnonzero(self.released <= self.found.end)
        since = self.released[here]
        order = np.empty((len(numbers), len(here)), dtype=np.uint16)
        for part in tiles(len(numbers), len(self.found)):
            times = answered[numbers[part]]
            if len(here) < len(self.found):
                times = times[:, here]
            order[part] = _places(times, self.tally.bin_ms, since)
        self.tally.scope[key] = len(numbers)
        self.tally.answers[key] = _in_bins(order)
        order.sort(axis=0)
        self.tally.marks[key] = np.stack([_in_bins(places) for places in _mark_places(order)])

    def _count_path(self, answered: Times) -> None:
        """Count which nodes lay on the way to the last answer, and where the message lay longest.

        A node has the message from its own notice until it passes it on to the next one on the
        path, the last node until it answers (`evaluation.path`, with the transit counted to the
        receiver).
        """
        scope = self.found.setting.exercise.scope(self.inject)
        place = {notice.node: number for number, notice in enumerate(self.notices)}
        above = np.array([place.get(scope.sender[node], -1) for node in place])
        latest = _latest(answered)
        runs = np.flatnonzero(latest >= 0)
        at, until = _first_equal(answered, latest)[runs], latest[runs]
        on_path = np.zeros(len(self.notices), dtype=np.int64)
        longest, where = np.full(len(runs), -1, dtype=np.int64), np.full(len(runs), -1)
        going = np.arange(len(runs))
        while len(going):
            on_path += np.bincount(at, minlength=len(self.notices))
            since = self._submitted(at, runs[going])
            was_written_to = since <= answered[at, runs[going]]
            since = np.where(was_written_to, since, self.released[runs[going]])
            stay = until - since
            longer = stay > longest[going]
            longest[going[longer]], where[going[longer]] = stay[longer], at[longer]
            onward = was_written_to & (above[at] >= 0)
            going, until, at = going[onward], since[onward], above[at[onward]]
            known_above = answered[at, runs[going]] < NEVER
            going, until, at = going[known_above], until[known_above], at[known_above]
        slowest = np.bincount(where[where >= 0], minlength=len(self.notices))
        self.tally.path.put(self.inject, place, np.stack([on_path, slowest], axis=1))

    def _submitted(self, at: Rows, runs: Rows) -> Times:
        """Return when notices were written to, each in its run."""
        submitted = np.empty(len(at), dtype=np.int64)
        group = np.empty(len(self.notices), dtype=np.intp)
        row = np.empty(len(self.notices), dtype=np.intp)
        for number, places in enumerate(self.places):
            group[places], row[places] = number, np.arange(len(places))
        for number, alike in enumerate(self.groups):
            here = np.flatnonzero(group[at] == number)
            block = self.found.blocks[alike]
            submitted[here] = block.submitted[row[at[here]], runs[here]]
        return submitted


def _latest(times: Times) -> Times:
    """Return the latest time in each run, -1 where nothing came about."""
    latest = np.zeros(times.shape[1], dtype=np.int64)
    for part in tiles(*times.shape):
        # The one bit of `NEVER` is turned over, so what never came is 0 and comes before all else.
        np.maximum(latest, (times[part] ^ NEVER).max(axis=0), out=latest)
    return np.where(latest > 0, latest ^ NEVER, -1)


def _first_equal(times: Times, wanted: Times) -> Rows:
    """Return the first notice in each run that has the wanted time, 0 if none has."""
    found = np.zeros(times.shape[1], dtype=np.intp)
    for part in reversed(list(tiles(*times.shape))):
        place, run = np.divmod(np.flatnonzero(times[part] == wanted), times.shape[1])
        found[run[::-1]] = place[::-1] + part.start
    return found


def _mark_places(order: Bins) -> Iterator[Bins]:
    """Yield the bins of `MARKS` from sorted answers, nodes by runs (`evaluation.milestones`)."""
    count = len(order)
    yield order[0]
    for percent in PERCENTS:
        yield order[max(-(-count * percent // 100), 1) - 1]
    answered = _how_many(order <= BINS, axis=0)
    last = order[np.maximum(answered, 1) - 1, np.arange(order.shape[1])]
    yield np.where(answered > 0, last, np.uint16(BINS + 1))


def _count_notices(course: NoticeRuns, notice: Notice) -> Numbers:
    """Return `COUNTS` of notices that are alike, a row each."""
    counts = np.empty((len(course.officer), len(COUNTS)), dtype=np.int64)
    for part in tiles(*course.officer.shape):
        acknowledged, submitted = course.acknowledged[part], course.submitted[part]
        answered, began = acknowledged < NEVER, submitted < NEVER
        in_time = answered
        if notice.inject.acknowledge is not None:
            due = notice.setting.due(submitted, notice.inject.acknowledge.within)
            # A node that answered before anybody wrote to it cannot be late.
            in_time = ((acknowledged <= due) | ~began) & answered
        flags = (
            began,
            answered,
            in_time,
            course.by_telephone[part],
            course.unreachable[part] < NEVER,
            course.called[part] < NEVER,
        )
        for number, each in enumerate(flags):
            counts[part, number] = _how_many(each, axis=1)
    return counts


def _count_reached(tally: Tally, found: Rehearsals) -> None:
    """Count how many of those to be reached answered to anything, and when all of them had."""
    known = {node for _, node in found.notices}
    wanted = [node for node in found.setting.exercise.to_be_reached if node in known]
    if not wanted:
        return
    first = _first_answers(found, wanted)
    numbers = np.zeros(len(found), dtype=np.int64)
    last = np.zeros(len(found), dtype=np.int64)
    for part in tiles(*first.shape):
        numbers += _how_many(first[part] < NEVER, axis=0)
        np.maximum(last, first[part].max(axis=0), out=last)
    tally.everybody = _in_bins(_places(last, tally.bin_ms))
    values, counts = np.unique(numbers, return_counts=True)
    tally.reached = {int(n): int(c) for n, c in zip(values, counts, strict=True)}


def _first_answers(found: Rehearsals, nodes: Sequence[NodeId]) -> Times:
    """Return the first answer of each node to anything: nodes by runs."""
    place = {node: number for number, node in enumerate(nodes)}
    first = np.full((len(nodes), len(found)), NEVER, dtype=np.int64)
    for alike, block in found.blocks.items():
        places = np.array([place.get(notice.node, -1) for notice in alike.notices])
        for part in tiles(*block.acknowledged.shape):
            times, here = block.acknowledged[part], places[part]
            if times.min(initial=NEVER) >= NEVER:
                continue
            if here.min() < 0:
                times, here = times[here >= 0], here[here >= 0]
            first[here] = np.minimum(first[here], times)
    return first
