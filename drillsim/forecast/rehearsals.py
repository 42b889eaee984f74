"""Many rehearsals of one exercise at once: the same times and final states as the drill's.

Injects are played in the order of the phases, notices in the order of the tree; reports are put
together from below. What a run's other notices do to one (answers in an old thread) is found
afterwards, and these runs are played again with it until nothing changes: an effect never comes
before its cause, so that ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drillsim.drill.durations import to_ms
from drillsim.drill.events import NoticeKey
from drillsim.drill.injects import InjectId
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import PhaseId
from drillsim.drill.tree import NodeId
from drillsim.forecast.alike import Alike, groups_of
from drillsim.forecast.alone import Alone, Told
from drillsim.forecast.draws import Bits, Draws, Flags, Rows, Times
from drillsim.forecast.lot import Elements, Lot, cut, in_parts, joined
from drillsim.forecast.notice import Astray, Known, NoticeRuns
from drillsim.forecast.old_threads import Elsewhere, OldThreads
from drillsim.forecast.play import Play, Presumed
from drillsim.forecast.reporting import Collected, report_times
from drillsim.forecast.setting import Notice, Setting
from drillsim.forecast.stamps import LATER, NEVER, time_of
from drillsim.forecast.stand_in import TakenOver, may_take_over, take_over
from drillsim.forecast.story import Story, UnfitReason, unfit_because
from drillsim.forecast.straight import Straight, Tile, go_straight, may_go_straight
from drillsim.forecast.tiles import ELEMENTS, places_of, tiles
from drillsim.forecast.whole import play_whole

ArrayT = TypeVar("ArrayT", Times, Flags)
_DEPTH_MAX = 8
_TIMES_MAX = 4
"""How often a notice is played again because mails were read otherwise than was presumed."""
_FEW = 3
"""Fewer of them are sooner played by the kernel."""


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
    blocks: dict[Alike, NoticeRuns] = field(default_factory=dict)
    """The same notices in groups: their arrays are views of these, notices by runs."""

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


def rehearse(setting: Setting, seeds: Bits, instead_of: Rehearsals | None = None) -> Rehearsals:
    """Play the rehearsals with these seeds.

    Args:
        setting: what is the same in all runs.
        seeds: of the runs.
        instead_of: rehearsals of the same setting that are not needed any more; so many runs take
            their place in memory, which is faster than to get and to clear new memory.
    """
    unfit = unfit_because(setting)
    if unfit is not None:
        found = _Chunk(setting, Draws(seeds), {}).result
        _play_whole(found, np.arange(len(seeds)))
        found.unfit = unfit
    else:
        found = _solve(setting, seeds, {}, 0, instead_of)
    _close(found)
    return found


def _solve(
    setting: Setting,
    seeds: Bits,
    outside: Mapping[Alike, Elsewhere],
    depth: int,
    instead_of: Rehearsals | None = None,
) -> Rehearsals:
    chunk = _Chunk(setting, Draws(seeds), outside, instead_of)
    chunk.play()
    found = chunk.result
    if chunk.threads is None:
        _play_whole(found, np.flatnonzero(chunk.is_untold))
        return found
    changed, told = chunk.threads.look_back(found.end)
    chunk.is_untold[changed] = False  # They are played again first.
    _play_whole(found, np.flatnonzero(chunk.is_untold))
    if not len(changed):
        return found
    if depth == _DEPTH_MAX:
        _play_whole(found, changed)
        return found
    again = _solve(setting, seeds[changed], told, depth + 1)
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
    for course in found.blocks.values():
        for part in tiles(*course.officer.shape):
            course.part(part).close(found.end)


class _Chunk:
    """Some runs, played together."""

    def __init__(
        self,
        setting: Setting,
        draws: Draws,
        outside: Mapping[Alike, Elsewhere],
        instead_of: Rehearsals | None = None,
    ) -> None:
        self.setting, self.draws = setting, draws
        count = len(draws)
        self.is_untold = np.zeros(count, dtype=np.bool_)
        """Runs that neither arrays nor the kernel, notice by notice, can tell."""
        scenario = setting.exercise.scenario
        if instead_of is not None and len(instead_of) == count:
            blocks, courses = instead_of.blocks, instead_of.notices
            for block in blocks.values():
                block.begin_anew()
            for course in courses.values():
                course.forgotten.clear()
        else:
            blocks = {
                alike: NoticeRuns.never_begun(len(alike), count)
                for inject in scenario.injects
                for alike in groups_of(setting, inject.id)
            }
            views = {
                notice.key: course
                for alike, block in blocks.items()
                for notice, course in zip(alike.notices, block.each(), strict=True)
            }
            courses = {key: views[key] for key in setting.notices}
        self.result = Rehearsals(
            setting=setting,
            seeds=draws.seeds,
            notices=courses,
            blocks=blocks,
            entered={phase: _never(count) for phase in scenario.phases.states},
            released={inject.id: _never(count) for inject in scenario.injects},
            end=np.full(count, setting.horizon, dtype=np.int64),
            is_final=np.zeros(count, dtype=np.bool_),
        )

        self.threads = OldThreads(setting, blocks, outside) if setting.has_old_threads else None

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
        collecting: list[Play] = []
        for alike in groups_of(self.setting, inject):
            for play in self._group(alike, rows, when):
                if alike.notice.asked.collect:
                    self._alone(play, is_told_below=False)
                    collecting.append(play)
                else:
                    self._report(play, ())
        for play in reversed(collecting):
            self._report(play, list(self._collected(play.lot)))

    def _collected(self, lot: Lot) -> Iterator[Collected]:
        """Yield what each of some notices collects."""
        for number in np.unique(lot.which):
            at = np.flatnonzero(lot.which == number)
            notice, rows = lot.alike.notices[number], lot.rows[at]
            below = [
                self.result.blocks[alike].reported[first:end]
                for alike in groups_of(self.setting, notice.inject.id)
                for first, end, sender in alike.senders
                if sender == notice.node
            ]
            if len(rows) < len(self.draws):
                below = [times.take(rows, axis=1) for times in below]
            yield Collected(at, below[0] if len(below) == 1 else np.concatenate(below))

    def _below(self, notice: Notice, node: NodeId) -> NoticeRuns:
        return self.result.notices[(notice.inject.id, node)]

    def _group(self, alike: Alike, rows: Rows, when: Times) -> Iterator[Play]:
        """Play the notices of a group; yield those whose report is still to be told."""
        if alike.notice.asked.pass_on:
            for notice in alike.notices:
                self._leave_out(notice, self.result.notices[notice.key])
        slow: list[Elements] = []
        left: list[Elements] = []
        waiting: list[tuple[Elements, Known]] = []
        is_straight, has_stand_in = may_go_straight(alike.notice), may_take_over(alike.notice)
        seeds = self.draws.turned[rows]
        for part in tiles(len(alike), len(rows)):
            began = self._begins(alike, part, rows, when)
            begins = began <= self.setting.horizon
            untold = begins
            if self.threads is not None:
                untold = self.threads.untold(alike, part, rows, begins)
            tile = Tile(alike, part, seeds, began, untold)
            if is_straight:
                straight = go_straight(tile)
                self._put(tile, straight, rows)
                untold = np.greater(untold, straight.went)
                begins = np.greater(begins, straight.went)
                if straight.waits is not None and straight.waits.any():
                    known = straight.known(places_of(straight.waits), self.setting.horizon)
                    waiting.append((tile.elements(straight.waits, rows), known))
            if has_stand_in:
                slow.append(tile.elements(untold, rows))
                begins = np.greater(begins, untold)
            left.append(tile.elements(begins, rows))
        yield from self._play_on(alike, waiting)
        for some in cut(slow, ELEMENTS):
            lot = Lot(alike, some.which, some.rows, self.draws)
            taken = take_over(lot, some.began)
            self._put_taken(alike, some, taken)
            if taken.waits is not None and taken.waits.any():
                at = np.flatnonzero(taken.waits)
                yield from self._play_on(alike, [(some.some(at), taken.known(at))])
            left.append(some.some(~taken.went))
        for some in cut(left, ELEMENTS):
            yield from self._play(Lot(alike, some.which, some.rows, self.draws), some.began)

    def _play_on(self, alike: Alike, waiting: Sequence[tuple[Elements, Known]]) -> Iterator[Play]:
        """Yield notices of which only the report is still to be told."""
        for part in in_parts(waiting, ELEMENTS, lambda one: len(one[0].rows)):
            some = joined([elements for elements, _ in part])
            play = Play(Lot(alike, some.which, some.rows, self.draws), some.began, None)
            play.take(Known.joined([known for _, known in part]))
            yield play

    def _begins(self, alike: Alike, part: slice, rows: Rows, when: Times) -> Times:
        """Return when some notices begin: notices by runs."""
        began = np.empty((part.stop - part.start, len(rows)), dtype=np.int64)
        for first, end, sender in alike.senders:
            here = slice(max(first, part.start) - part.start, min(end, part.stop) - part.start)
            if here.stop <= max(here.start, 0):
                continue
            if sender is None:
                began[here] = when
                continue
            above = self.result.notices[(alike.notice.inject.id, sender)]
            began[here] = self._among(above.passed_on, rows)
            if above.forgotten:
                for place in range(here.start, here.stop):
                    left_out = above.forgotten.get(alike.notices[part.start + place].node)
                    if left_out is not None:
                        np.putmask(began[place], self._among(left_out, rows), NEVER)
        return began

    def _among(self, times: ArrayT, rows: Rows) -> ArrayT:
        return times if len(rows) == len(self.draws) else times[rows]

    def _put(self, tile: Tile, straight: Straight, rows: Rows) -> None:
        """Keep how notices went that went straight.

        What is kept of the others is put right by those who play them; where a notice does not
        begin at all, it is later than the window, and forgotten in the end (`_close`).
        """
        block = self.result.blocks[tile.alike]
        times = {
            "submitted": tile.began,
            "notified": straight.notified,
            "acknowledged": straight.answered,
            "officer": straight.officer,
            "engaged": straight.written,
            "passed_on": straight.passed_on,
            "reported": straight.reported,
        }
        at = slice(None) if len(rows) == len(self.draws) else rows
        for name, each in times.items():
            if each is not None:
                getattr(block, name)[tile.part, at] = each

    def _put_taken(self, alike: Alike, some: Elements, taken: TakenOver) -> None:
        """Keep how notices went that came to the stand-in."""
        at = np.flatnonzero(taken.went)
        columns: dict[str, Times | Flags] = {
            "submitted": some.began,
            "notified": taken.notified,
            "acknowledged": taken.answered,
            "officer": taken.officer,
            "by_telephone": taken.by_telephone,
            "engaged": taken.engaged,
            "called": taken.called,
        }
        if taken.reported is not None:
            columns["reported"] = taken.reported
        self.result.blocks[alike].keep(
            some.which.take(at),
            some.rows.take(at),
            **{name: each.take(at) for name, each in columns.items()},
        )

    def withdraw(self, inject: InjectId, rows: Rows) -> None:
        """Let an inject not have been released in these runs."""
        for node in self.setting.exercise.scope(inject).sender:
            self.result.notices[(inject, node)].forget(rows)
        if self.threads is not None:
            self.threads.withdraw(inject, rows)

    def _play(
        self, lot: Lot, began: Times, presumed: Presumed | None = None, times: int = 0
    ) -> Iterator[Play]:
        """Play notices that are alike, each in the runs in which it begins.

        Those in which a mail was read otherwise than was presumed are played again.
        """
        outside = None if self.threads is None else self.threads.reaching(lot)
        play = Play(lot, began, outside, presumed)
        play.run()
        again = np.flatnonzero(play.misread)
        # What collects is reported in its order, and so not here.
        if len(again) < _FEW or times == _TIMES_MAX or lot.notice.asked.collect:
            play.odd |= play.misread
            again = again[:0]
        answered = play.answered
        self.result.blocks[lot.alike].keep(
            lot.which,
            lot.rows,
            submitted=began,
            notified=play.notified,
            acknowledged=time_of(answered),
            officer=play.acknowledged_by,
            by_telephone=(answered == play.talked) & (answered < LATER),
            engaged=time_of(play.engaged),
            passed_on=play.passed_on(),
            unreachable=np.where(play.gave_up < answered, time_of(play.gave_up), NEVER),
            called=np.where(play.called < answered, time_of(play.called), NEVER),
        )
        if self.threads is not None:
            for astray in play.astray():
                self.threads.keep(lot.alike, astray)
        yield play
        if len(again):
            found = play.found.among(again)
            yield from self._play(lot.some(again), began[again], found, times + 1)

    def _leave_out(self, notice: Notice, course: NoticeRuns) -> None:
        """Draw which next hops are forgotten (`Staff.hops`)."""
        hops, rate = notice.asked.pass_on, notice.setting.usual.child_left_out
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

    def _report(self, play: Play, below: Sequence[Collected]) -> None:
        lot = play.lot
        block = self.result.blocks[lot.alike]
        reported = report_times(play, below, block.officer[lot.which, lot.rows])
        # A reminder of the report may have been the first mail to arrive.
        block.keep(lot.which, lot.rows, reported=reported, notified=play.notified)
        self._alone(play, is_told_below=True)
        if play.notice.asked.collect:
            # Who forgot to report is brought to it by a follow-up (続報) from below, too; those
            # come from who collects. When they come is told nowhere here.
            gets_follow_ups = np.array([self._gets_follow_ups(each) for each in lot.alike.notices])
            may = play.forgets & (play.engaged < LATER) & gets_follow_ups[lot.which]
            self.is_untold[lot.rows[may]] = True

    def _gets_follow_ups(self, notice: Notice) -> bool:
        inject = notice.inject.id
        below = (self.setting.notices[(inject, node)] for node in notice.asked.collect)
        return any(each.asked.collect for each in below)

    def _alone(self, play: Play, *, is_told_below: bool) -> None:
        """Have the kernel play a notice in the runs in which arrays cannot tell."""
        lot = play.lot
        for place in np.flatnonzero(play.odd):
            one = lot.some(np.array([place]))
            notice = lot.alike.notices[lot.which[place]]
            course, row = self.result.notices[notice.key], int(lot.rows[place])
            outside = None if self.threads is None else self.threads.reaching(one)
            began = int(play.began[place])
            answered = NEVER if outside is None else int(time_of(outside.answered)[0])
            told = Told(
                began=began,
                # It may have begun sooner when it was played before.
                answered=answered if answered >= began else NEVER,
                by=0 if outside is None else int(outside.by[0]),
                others=NEVER if outside is None else int(outside.others(np.array([0]))[0]),
                below={
                    node: int(self._below(notice, node).reported[row])
                    for node in (notice.asked.collect if is_told_below else ())
                },
            )
            alone = Alone(notice, int(self.draws.seeds[row]), told)
            course.take(row, alone.play(self.setting.horizon))
            if alone.gave_up_at is not None:
                course.unreachable[row] = to_ms(alone.gave_up_at)
            self._take_astray(one, alone)
            self.result.alone += 1

    def _take_astray(self, lot: Lot, alone: Alone) -> None:
        if self.threads is None:
            return
        self.threads.forget(lot.alike, int(lot.which[0]), int(lot.rows[0]))
        for each in alone.astray:
            self.threads.keep(
                lot.alike,
                Astray(
                    which=lot.which,
                    rows=lot.rows,
                    written=np.array([each.written]),
                    arrives=np.array([each.arrives]),
                    by=np.array([each.by]),
                    gone=np.array([each.gone]),
                ),
            )


def _never(count: int) -> Times:
    return np.full(count, NEVER, dtype=np.int64)
