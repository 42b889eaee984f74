"""Many rehearsals of one exercise at once: the same times and final states as the drill's.

Injects are played in the order of the phases, notices in the order of the tree; reports are put
together from below. What a run's other notices do to one (answers in an old thread) is found
afterwards, and these runs are played again with it until nothing changes: an effect never comes
before its cause, so that ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drillsim.drill.durations import to_ms
from drillsim.drill.events import NoticeKey
from drillsim.drill.injects import InjectId
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import PhaseId
from drillsim.drill.tree import NodeId
from drillsim.forecast.alone import Alone, Told
from drillsim.forecast.draws import Bits, Draws, Flags, Rows, Times
from drillsim.forecast.lot import Lot
from drillsim.forecast.notice import Astray, NoticeRuns, Outside, Play
from drillsim.forecast.reporting import report_times
from drillsim.forecast.setting import Notice, People, Setting
from drillsim.forecast.stamps import ARRIVAL, LATER, NEVER, stamp, time_of
from drillsim.forecast.story import Story, UnfitReason, unfit_because
from drillsim.forecast.whole import play_whole

_DEPTH_MAX = 8
_ELEMENTS = 16_384
"""Notices times runs that are played together: what fits into a processor's cache."""


@dataclass
class Rehearsals:
    """How some runs of an exercise went; every array has an element for each run."""

    setting: Setting
    seeds: Bits
    notices: dict[NoticeKey, NoticeRuns]
    entered: dict[PhaseId, Times]
    """When each phase was entered first, in ms."""
    released: dict[InjectId, Times]
    end: Times
    """EndEx, in ms."""
    is_final: Flags
    """Whether the drill came to its final phase; else its window closed."""
    unfit: UnfitReason | None = None
    """Why every run was left to the kernel."""
    whole: int = 0
    """How many runs were left to the kernel."""
    alone: int = 0
    """How many notices of a run were left to the kernel."""

    def __len__(self) -> int:
        return len(self.seeds)

    def completed(self, key: NoticeKey) -> Times:
        """Return when all that was asked of a notice had come."""
        course, asked = self.notices[key], self.setting.notices[key].asked
        if asked.acknowledge:
            completed = course.acknowledged
        else:
            completed = np.minimum(course.notified, course.acknowledged)
        if asked.pass_on:
            completed = np.maximum(completed, course.passed_on)
        if asked.report:
            completed = np.maximum(completed, course.reported)
        return completed

    def state(self, key: NoticeKey) -> NDArray[np.str_]:
        """Return the state in which a notice ended; of one that never began `not-notified`."""
        course = self.notices[key]
        return np.select(
            [
                self.completed(key) < NEVER,
                course.acknowledged < NEVER,
                course.unreachable < NEVER,
                course.notified < NEVER,
            ],
            [
                NoticeState.COMPLETED.value,
                NoticeState.INCOMPLETE.value,
                NoticeState.UNREACHABLE.value,
                NoticeState.UNANSWERED.value,
            ],
            NoticeState.NOT_NOTIFIED.value,
        )


def rehearse(setting: Setting, seeds: Bits) -> Rehearsals:
    """Play the rehearsals with these seeds."""
    unfit = unfit_because(setting)
    if unfit is not None:
        found = _Chunk(setting, Draws(seeds), {}).result
        _play_whole(found, np.arange(len(seeds)))
        found.unfit = unfit
    else:
        found = _solve(setting, seeds, {}, 0)
    _close(found)
    return found


def _solve(
    setting: Setting, seeds: Bits, outside: Mapping[NoticeKey, Outside], depth: int
) -> Rehearsals:
    chunk = _Chunk(setting, Draws(seeds), outside)
    chunk.play()
    found = chunk.result
    if not setting.usual.old_thread:
        return found
    changed, told = chunk.led_astray()
    if not len(changed):
        return found
    if depth == _DEPTH_MAX:
        _play_whole(found, changed)
        return found
    part = {
        key: Outside(each.answered[changed], each.by[changed], each.others[changed])
        for key, each in told.items()
    }
    again = _solve(setting, seeds[changed], part, depth + 1)
    for key, course in again.notices.items():
        found.notices[key].put(changed, course)
    for phase, times in again.entered.items():
        found.entered[phase][changed] = times
    for inject, times in again.released.items():
        found.released[inject][changed] = times
    found.end[changed], found.is_final[changed] = again.end, again.is_final
    found.alone += again.alone
    found.whole += again.whole
    return found


def _play_whole(found: Rehearsals, rows: Rows) -> None:
    for row in rows:
        play_whole(found, int(row))
    found.whole += len(rows)


def _close(found: Rehearsals) -> None:
    """Forget what would have come after EndEx."""
    for course in found.notices.values():
        course.close(found.end)


class _Chunk:
    """Some runs, played together."""

    def __init__(
        self, setting: Setting, draws: Draws, outside: Mapping[NoticeKey, Outside]
    ) -> None:
        self.setting, self.draws, self.outside = setting, draws, outside
        self.people = People(draws)
        count = len(draws)
        scenario = setting.exercise.scenario
        self.astray: dict[NoticeKey, list[Astray]] = {}
        self.at_node: dict[NodeId, list[Notice]] = {}
        for notice in setting.notices.values():
            self.at_node.setdefault(notice.node, []).append(notice)
        self.result = Rehearsals(
            setting=setting,
            seeds=draws.seeds,
            notices=dict(
                zip(setting.notices, NoticeRuns.empty(len(setting.notices), count), strict=True)
            ),
            entered={phase: _never(count) for phase in scenario.phases.states},
            released={inject.id: _never(count) for inject in scenario.injects},
            end=np.full(count, setting.horizon, dtype=np.int64),
            is_final=np.zeros(count, dtype=np.bool_),
        )

    def play(self) -> None:
        """Play all runs."""
        Story(
            setting=self.setting,
            draws=self.draws,
            release=self.release,
            withdraw=self.withdraw,
            courses=self.result.notices,
            entered=self.result.entered,
            released=self.result.released,
            end=self.result.end,
            is_final=self.result.is_final,
        ).run()

    def release(self, inject: InjectId, rows: Rows, when: Times) -> None:
        """Play an inject in the runs in which it is released then."""
        scope = self.setting.exercise.scope(inject)
        collecting: list[Play] = []
        alike: dict[tuple[object, ...], list[tuple[Notice, Rows, Times]]] = {}
        for notice in self.setting.of_inject(inject):
            if notice.node in scope.direct:
                began = when
            else:
                began = self._passed_to(inject, scope.sender[notice.node], notice.node)[rows]
            here = began <= self.setting.horizon
            if not here.any():
                continue
            beginning = (notice, rows, began) if here.all() else (notice, rows[here], began[here])
            if notice.shape is not None:
                alike.setdefault(notice.shape, []).append(beginning)
                continue
            play = self._play([beginning])
            if notice.asked.collect:
                self._alone(play, [])
                collecting.append(play)
            else:
                self._report(play, [])
        for group in alike.values():
            size = max(_ELEMENTS // max(len(rows), 1), 1)
            for first in range(0, len(group), size):
                self._report(self._play(group[first : first + size]), [])
        for play in reversed(collecting):
            below = [
                self.result.notices[(inject, node)].reported[play.lot.rows]
                for node in play.notice.asked.collect
            ]
            self._report(play, below)

    def withdraw(self, inject: InjectId, rows: Rows) -> None:
        """Let an inject not have been released in these runs."""
        for node in self.setting.exercise.scope(inject).sender:
            self.result.notices[(inject, node)].forget(rows)
            if (inject, node) in self.astray:
                lists = self.astray[(inject, node)]
                lists[:] = [each.without(rows) for each in lists]

    def _passed_to(self, inject: InjectId, sender: NodeId, node: NodeId) -> Times:
        above = self.result.notices[(inject, sender)]
        forgotten = above.forgotten.get(node)
        if forgotten is None:
            return above.passed_on
        return np.where(forgotten, NEVER, above.passed_on)

    def _play(self, beginnings: Sequence[tuple[Notice, Rows, Times]]) -> Play:
        """Play notices that are alike, each in the runs in which it begins."""
        notices = [notice for notice, _rows, _began in beginnings]
        counts = [len(rows) for _notice, rows, _began in beginnings]
        lot = Lot(
            notices,
            np.repeat(np.arange(len(notices)), counts),
            np.concatenate([rows for _notice, rows, _began in beginnings]),
            self.draws,
            self.people,
        )
        began = np.concatenate([began for _notice, _rows, began in beginnings])
        play = Play(lot, began, self._told_all(notices, lot))
        play.run()
        answered, by, passed_on = play.answered, play.acknowledged_by, play.passed_on()
        by_telephone = (answered == play.talked) & (answered < LATER)
        unreachable = np.where(play.gave_up < answered, time_of(play.gave_up), NEVER)
        called = np.where(play.called < answered, time_of(play.called), NEVER)
        for notice, at in lot.parts():
            course, rows = self.result.notices[notice.key], lot.rows[at]
            course.submitted[rows] = began[at]
            course.notified[rows] = play.notified[at]
            course.acknowledged[rows] = time_of(answered[at])
            course.officer[rows] = by[at]
            course.by_telephone[rows] = by_telephone[at]
            course.engaged[rows] = time_of(play.engaged[at])
            course.passed_on[rows] = passed_on[at]
            course.unreachable[rows] = unreachable[at]
            course.called[rows] = called[at]
            self._leave_out(notice, course)
        if self.setting.usual.old_thread:
            for notice, astray in play.astray():
                self.astray.setdefault(notice.key, []).append(astray)
        return play

    def _told_all(self, notices: Sequence[Notice], lot: Lot) -> Outside | None:
        """Return what other notices do to these, as far as that is known, by element."""
        if not self.setting.usual.old_thread:
            return None
        told = [self._told(notice) for notice in notices]
        which, rows = lot.which, lot.rows
        return Outside(
            np.stack([one.answered for one in told])[which, rows],
            np.stack([one.by for one in told])[which, rows],
            np.stack([one.others for one in told])[which, rows],
        )

    def _told(self, notice: Notice) -> Outside:
        """Return what other notices do to this one, as far as that is known, by run."""
        told = self.outside.get(notice.key)
        if told is not None:
            return told
        count = len(self.draws)
        others = _never(count)
        for other in self.at_node[notice.node]:
            if other.key != notice.key:
                others = np.minimum(others, self.result.notices[other.key].notified)
        return Outside(
            np.full(count, LATER, dtype=np.int64), np.zeros(count, dtype=np.int64), others
        )

    def _leave_out(self, notice: Notice, course: NoticeRuns) -> None:
        """Draw which next hops are forgotten (`Staff.hops`)."""
        hops, rate = notice.asked.pass_on, self.setting.usual.child_left_out
        left_out = notice.particular.leave_out
        if course.forgotten or not hops or not (rate or set(left_out) & set(hops)):
            return
        everybody = np.ones(len(self.draws), dtype=np.bool_)
        for hop in hops:
            if hop in left_out:
                course.forgotten[hop] = everybody.copy()
            else:
                course.forgotten[hop] = self.draws.happens(rate, None, "left-out", *notice.key, hop)
            everybody &= course.forgotten[hop]
        course.forgotten[hops[0]] &= ~everybody  # Never all of them.

    def _report(self, play: Play, below: Sequence[Times]) -> None:
        lot = play.lot
        by = np.empty(play.count, dtype=np.int64)
        for notice, at in lot.parts():
            by[at] = self.result.notices[notice.key].officer[lot.rows[at]]
        reported = report_times(play, below, by)
        for notice, at in lot.parts():
            course, rows = self.result.notices[notice.key], lot.rows[at]
            course.reported[rows] = reported[at]
            # A reminder of the report may have been the first mail to arrive.
            course.notified[rows] = play.notified[at]
        self._alone(play, below)

    def _alone(self, play: Play, below: Sequence[Times]) -> None:
        """Have the kernel play a notice in the runs in which arrays cannot tell."""
        lot = play.lot
        for place in np.flatnonzero(play.odd):
            notice = lot.notices[lot.which[place]]
            course, row = self.result.notices[notice.key], int(lot.rows[place])
            outside = self._told(notice) if self.setting.usual.old_thread else None
            told = Told(
                began=int(play.began[place]),
                answered=NEVER if outside is None else int(time_of(outside.answered[row])),
                by=0 if outside is None else int(outside.by[row]),
                others=NEVER if outside is None else int(outside.others[row]),
                below={
                    node: int(times[place])
                    for node, times in zip(notice.asked.collect, below, strict=False)
                },
            )
            alone = Alone(notice, int(self.draws.seeds[row]), told)
            course.take(row, alone.play(self.setting.horizon))
            if alone.gave_up_at is not None:
                course.unreachable[row] = to_ms(alone.gave_up_at)
            self._take_astray(notice, alone, row)
            self.result.alone += 1

    def _take_astray(self, notice: Notice, alone: Alone, row: int) -> None:
        if not self.setting.usual.old_thread:
            return
        lists = self.astray.setdefault(notice.key, [])
        lists[:] = [each.without(np.array([row])) for each in lists]
        for each in alone.astray:
            lists.append(
                Astray(
                    rows=np.array([row]),
                    written=np.array([each.written]),
                    arrives=np.array([each.arrives]),
                    by=np.array([each.by]),
                    gone=np.array([each.gone]),
                )
            )

    def led_astray(self) -> tuple[Rows, dict[NoticeKey, Outside]]:
        """Return the runs in which answers went elsewhere than was taken, and where they went."""
        count = len(self.draws)
        changed = np.zeros(count, dtype=np.bool_)
        notices = self.result.notices
        told = {}
        for key in self.setting.notices:
            others = _never(count)
            for other in self.at_node[key[1]]:
                if other.key != key:
                    others = np.minimum(others, notices[other.key].notified)
            answered = np.full(count, LATER, dtype=np.int64)
            told[key] = Outside(answered, np.zeros(count, dtype=np.int64), others)
        for key, answers in self.astray.items():
            for each in answers:
                self._lead(key, each, told, changed)
        for key, outside in told.items():
            before = self.outside.get(key)
            used = LATER if before is None else before.answered
            matters = np.minimum(outside.answered, used) <= stamp(
                notices[key].acknowledged, ARRIVAL
            )
            differs = outside.answered != used
            if before is not None:
                differs |= (outside.by != before.by) & (outside.answered < LATER)
            changed |= differs & matters & (time_of(outside.answered) <= self.result.end)
            changed |= differs & matters & (np.asarray(used) < LATER)
        return np.flatnonzero(changed), told

    def _lead(
        self, key: NoticeKey, answers: Astray, told: dict[NoticeKey, Outside], changed: Flags
    ) -> None:
        """Find the notice that each answer is taken for: the last other one to arrive before."""
        latest = np.full(len(answers.rows), -1, dtype=np.int64)
        target = np.full(len(answers.rows), -1)
        others = [other for other in self.at_node[key[1]] if other.key != key]
        for number, other in enumerate(others):
            arrived = self.result.notices[other.key].notified[answers.rows]
            later = (arrived <= answers.written) & (arrived >= latest)
            latest[later], target[later] = arrived[later], number
        in_time = answers.written <= self.result.end[answers.rows]
        changed[answers.rows[((target >= 0) != answers.gone) & in_time]] = True
        for number, other in enumerate(others):
            here = (target == number) & in_time
            outside = told[other.key]
            rows, arrives = answers.rows[here], stamp(answers.arrives[here], ARRIVAL)
            sooner = arrives < outside.answered[rows]
            rows = rows[sooner]
            outside.answered[rows], outside.by[rows] = arrives[sooner], answers.by[here][sooner]


def _never(count: int) -> Times:
    return np.full(count, NEVER, dtype=np.int64)
