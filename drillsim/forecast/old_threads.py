"""Answers in an old thread: what the notices of a node do to each other (`world.offices`).

Who answers in an old thread answers another notice of the same node: the last one that had arrived
when they wrote. What it was is not known while a notice is played, since later messages are played
after it. So all such answers are kept, and looked at in the end: runs in which one went elsewhere
than was taken are played again, with what has been found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drillsim.drill.injects import InjectId
from drillsim.forecast.alike import Alike, groups_of
from drillsim.forecast.draws import Flags, Numbers, Rows, Times
from drillsim.forecast.lot import Lot
from drillsim.forecast.notice import Astray, NoticeRuns, Outside
from drillsim.forecast.setting import Setting
from drillsim.forecast.stamps import ARRIVAL, LATER, NEVER, stamp, time_of


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What other notices did to those of a group: notices by runs."""

    answered: Times
    """Stamps of the first answer to another notice that is taken for one to this."""
    by: Numbers
    """The officers of these answers."""
    others: Times
    """When the first other notice reached the node, in ms."""


class OldThreads:
    """The answers of some runs that may go into old threads.

    Args:
        setting: what is the same in all runs.
        blocks: how the notices went.
        found: what was found out when these runs were played before.
    """

    def __init__(
        self,
        setting: Setting,
        blocks: Mapping[Alike, NoticeRuns],
        found: Mapping[Alike, Elsewhere],
    ) -> None:
        self.setting, self.blocks, self.found = setting, blocks, found
        self.astray: dict[Alike, list[Astray]] = {}

    def reaching(self, lot: Lot) -> Outside:
        """Return what other notices do to these, as far as that is known."""
        found = self.found.get(lot.alike)
        if found is not None:
            others = found.others[lot.which, lot.rows]
            answered, by = (each[lot.which, lot.rows] for each in (found.answered, found.by))
            return Outside(answered, by, lambda at: others[at])
        return Outside(
            np.full(len(lot), LATER, dtype=np.int64),
            np.zeros(len(lot), dtype=np.int64),
            lambda at: self._others(lot, at),
        )

    def untold(self, alike: Alike, part: slice, rows: Rows, begins: Flags) -> Flags:
        """Return where notices begin that no answer to another notice is taken for."""
        found = self.found.get(alike)
        return begins if found is None else begins & (found.answered[part][:, rows] >= LATER)

    def _others(self, lot: Lot, at: Rows) -> Times:
        """Return when the first other notice reached the node of each element."""
        which, rows = lot.which[at], lot.rows[at]
        first = np.full(len(at), NEVER, dtype=np.int64)
        for other, places in self._elsewhere(lot.alike):
            place = places[which]
            reached = np.where(place >= 0, self.blocks[other].notified[place, rows], NEVER)
            np.minimum(first, reached, out=first)
        return first

    def keep(self, alike: Alike, astray: Astray) -> None:
        """Keep answers to notices of a group."""
        self.astray.setdefault(alike, []).append(astray)

    def withdraw(self, inject: InjectId, rows: Rows) -> None:
        """Let an inject not have been released in these runs."""
        for alike in groups_of(self.setting, inject):
            lists = self.astray.get(alike, [])
            lists[:] = [each.among(~np.isin(each.rows, rows)) for each in lists]

    def forget(self, alike: Alike, which: int, row: int) -> None:
        """Forget the answers to one notice in one run."""
        lists = self.astray.get(alike, [])
        lists[:] = [each.among((each.which != which) | (each.rows != row)) for each in lists]

    def look_back(self, end: Times) -> tuple[Rows, dict[Alike, Elsewhere]]:
        """Return the runs in which answers went elsewhere than was taken, and where they went."""
        changed = np.zeros(len(end), dtype=np.bool_)
        answered = {
            alike: np.full(block.submitted.shape, LATER, dtype=np.int64)
            for alike, block in self.blocks.items()
        }
        by = {alike: np.zeros(each.shape, dtype=np.int64) for alike, each in answered.items()}
        for alike, answers in self.astray.items():
            for each in answers:
                in_time = each.written <= end[each.rows]
                self._lead(alike, each.among(in_time), answered, by, changed)
        for alike, times in answered.items():
            self._compare(alike, times, by[alike], end, changed)
        rows = np.flatnonzero(changed)
        if not len(rows):
            return rows, {}
        return rows, {
            alike: Elsewhere(times[:, rows], by[alike][:, rows], self._all_others(alike, rows))
            for alike, times in answered.items()
        }

    def _compare(
        self, alike: Alike, answered: Times, by: Numbers, end: Times, changed: Flags
    ) -> None:
        """Find the runs in which what was found matters and is not what was taken."""
        before = self.found.get(alike)
        used: Times | int = LATER if before is None else before.answered
        differs = answered != used
        if before is not None:
            differs |= (by != before.by) & (answered < LATER)
        place, run = np.nonzero(differs)
        found, taken = answered[place, run], np.broadcast_to(used, answered.shape)[place, run]
        own = stamp(self.blocks[alike].acknowledged[place, run], ARRIVAL)
        matters = np.minimum(found, taken) <= own
        matters &= (time_of(found) <= end[run]) | (taken < LATER)
        changed[run[matters]] = True

    def _lead(
        self,
        alike: Alike,
        answers: Astray,
        answered: Mapping[Alike, Times],
        by: Mapping[Alike, Numbers],
        changed: Flags,
    ) -> None:
        """Find the notice that each answer is taken for: the last other one to arrive before."""
        latest = np.full(len(answers.rows), -1, dtype=np.int64)
        target = np.full(len(answers.rows), -1)
        others = self._elsewhere(alike)
        for number, (other, places) in enumerate(others):
            place = places[answers.which]
            arrived = np.where(place >= 0, self.blocks[other].notified[place, answers.rows], NEVER)
            later = (arrived <= answers.written) & (arrived >= latest)
            latest[later], target[later] = arrived[later], number
        changed[answers.rows[(target >= 0) != answers.gone]] = True
        for number, (other, places) in enumerate(others):
            here = np.flatnonzero(target == number)
            where = (places[answers.which[here]], answers.rows[here])
            arrives = stamp(answers.arrives[here], ARRIVAL)
            sooner = arrives < answered[other][where]
            where = (where[0][sooner], where[1][sooner])
            answered[other][where], by[other][where] = arrives[sooner], answers.by[here][sooner]

    def _all_others(self, alike: Alike, rows: Rows) -> Times:
        first = np.full((len(alike), len(rows)), NEVER, dtype=np.int64)
        for other, places in self._elsewhere(alike):
            here = np.flatnonzero(places >= 0)
            reached = self.blocks[other].notified[places[here]][:, rows]
            first[here] = np.minimum(first[here], reached)
        return first

    def _elsewhere(self, alike: Alike) -> Sequence[tuple[Alike, Rows]]:
        """Return the notices of other injects to the same nodes: groups, and each one's place.

        The place of a node that has none there is -1. Later injects come last.
        """
        known = self.setting.elsewhere.get(alike)
        if known is None:
            known = self.setting.elsewhere[alike] = list(self._look_elsewhere(alike))
        return known

    def _look_elsewhere(self, alike: Alike) -> Iterator[tuple[Alike, Rows]]:
        for inject in self.setting.exercise.scenario.injects:
            if inject.id == alike.notice.inject.id:
                continue
            for other in groups_of(self.setting, inject.id):
                place = {notice.node: number for number, notice in enumerate(other.notices)}
                places = np.array([place.get(notice.node, -1) for notice in alike.notices])
                if places.max() >= 0:
                    yield other, places
