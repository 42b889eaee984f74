"""The phases of many runs at once, and which scenarios arrays can tell (`drill.phases`).

A run goes from phase to phase; at each it waits for the first of the conditions to hold. All runs
take their first step together, then their second one: phases that come again are left to the
kernel, as is all else that `unfit_because` names.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from drillsim.drill.conditions import (
    Condition,
    WhenAcknowledged,
    WhenAnswer,
    WhenElapsed,
    WhenOperator,
    WhenPassedOn,
    WhenReported,
)
from drillsim.drill.durations import ZERO, Period
from drillsim.drill.events import NoticeKey
from drillsim.drill.injects import FormField, InjectId
from drillsim.drill.scenario import PhaseId
from drillsim.forecast.draws import Draws, Flags, Rows, Times
from drillsim.forecast.notice import NoticeRuns
from drillsim.forecast.setting import Notice, Setting
from drillsim.forecast.stamps import NEVER, REMINDERS_MAX
from drillsim.world.chance import key_of
from drillsim.world.staff import PENDING, may_be_open, names_a_person, other_value, usual_value

UnfitReason = Literal[
    "phases-come-again", "no-time", "many-reminders", "no-share", "answer-names-a-person"
]
"""Why all runs of a scenario are left to the kernel: phases that may come again; a period of no
length; more reminders than a stamp has places for; a share of 0 %, which holds as soon as somebody
looks; a phase that waits for whom a form names."""


def unfit_because(setting: Setting) -> UnfitReason | None:
    """Return why arrays cannot tell this scenario, or None if they can."""
    scenario = setting.exercise.scenario
    if _come_again(setting):
        return "phases-come-again"
    for inject in scenario.injects:
        asks, report = inject.acknowledge, inject.report
        reminders = (
            max(len(each.remind) for each in (asks, report) if each) if asks or report else 0
        )
        if reminders > REMINDERS_MAX:
            return "many-reminders"
        if any(period == Period(ZERO) for period in _periods(setting, inject.id)):
            return "no-time"
    for phase in scenario.phases.states.values():
        for step in phase.next:
            if not getattr(step.when, "share", 1):
                return "no-share"
            if isinstance(step.when, WhenAnswer):
                line = _line(setting, step.when)
                if line is not None and names_a_person(line):
                    return "answer-names-a-person"
    return None


def _periods(setting: Setting, inject: InjectId) -> Iterator[Period | None]:
    each = setting.exercise.inject(inject)
    if each.acknowledge is not None:
        yield from each.acknowledge.remind
        yield each.acknowledge.stand_in_after
        yield each.acknowledge.call_after
        yield each.acknowledge.give_up_after
    if each.report is not None:
        yield from each.report.remind
        yield each.report.cut_off


def _come_again(setting: Setting) -> bool:
    states = setting.exercise.scenario.phases.states
    done: set[PhaseId] = set()

    def is_again(phase: PhaseId, above: frozenset[PhaseId]) -> bool:
        if phase in above:
            return True
        if phase in done:
            return False
        below = above | {phase}
        again = any(is_again(step.to, below) for step in states[phase].next)
        done.add(phase)
        return again

    return is_again(setting.exercise.scenario.phases.initial, frozenset())


def _line(setting: Setting, when: WhenAnswer) -> FormField | None:
    report = setting.exercise.inject(when.inject).report
    if report is None or report.form is None:
        return None
    form = setting.exercise.scenario.forms[report.form]
    return next((line for line in form if line.id == when.field), None)


def _in_order(parts: list[tuple[Rows, Times]]) -> tuple[Rows, Times]:
    """Return runs and times, put together in the order of the runs."""
    if len(parts) == 1:
        return parts[0]
    rows = np.concatenate([each for each, _ in parts])
    order = np.argsort(rows)
    return rows[order], np.concatenate([at for _, at in parts])[order]


@dataclass
class Story:
    """The phases of some runs: entered, and what they released."""

    setting: Setting
    draws: Draws
    release: Callable[[InjectId, Rows, Times], None]
    """Plays an inject in these runs, released at these times."""
    withdraw: Callable[[InjectId, Rows], None]
    """Lets an inject not have been released in these runs."""
    courses: Mapping[NoticeKey, NoticeRuns]
    entered: dict[PhaseId, Times]
    released: dict[InjectId, Times]
    end: Times
    is_final: Flags

    def run(self) -> None:
        """Go through the phases."""
        count = len(self.draws)
        waiting = {
            self.setting.exercise.scenario.phases.initial: (
                np.arange(count),
                np.zeros(count, dtype=np.int64),
            )
        }
        while waiting:
            following: dict[PhaseId, list[tuple[Rows, Times]]] = {}
            for phase, (rows, at) in waiting.items():
                for to, gone, when in self._leave(phase, rows, at):
                    following.setdefault(to, []).append((gone, when))
            waiting = {phase: _in_order(parts) for phase, parts in following.items()}

    def _leave(
        self, phase: PhaseId, rows: Rows, at: Times
    ) -> Iterator[tuple[PhaseId, Rows, Times]]:
        """Enter a phase in these runs; yield which of them go on where, and when."""
        setting = self.setting
        state = setting.exercise.scenario.phases.states[phase]
        self.entered[phase][rows] = at
        if state.final:
            self.end[rows], self.is_final[rows] = at, True
            return
        later: list[tuple[InjectId, Rows, Times]] = []
        for send in state.send:
            open_ = self.released[send.inject][rows] >= NEVER
            when = setting.due(at[open_], send.after)
            in_time = when <= setting.horizon
            where, when = rows[open_][in_time], when[in_time]
            if not len(where):
                continue
            self.released[send.inject][where] = when
            self.release(send.inject, where, when)
            if send.after != Period():
                later.append((send.inject, where, when))
        leaves = np.full(len(rows), NEVER, dtype=np.int64)
        step_taken = np.full(len(rows), -1)
        for number, step in enumerate(state.next):
            when = np.maximum(self._holds_from(step.when, rows, at), at)
            sooner = when < leaves
            leaves[sooner], step_taken[sooner] = when[sooner], number
        for inject, where, when in later:
            # A phase that was left before did not come to send it.
            left = np.full(len(self.draws), NEVER, dtype=np.int64)
            left[rows] = leaves
            in_vain = where[left[where] < when]
            self.released[inject][in_vain] = NEVER
            self.withdraw(inject, in_vain)
        for number, step in enumerate(state.next):
            goes = (step_taken == number) & (leaves <= setting.horizon)
            if goes.any():
                yield step.to, rows[goes], leaves[goes]

    def _holds_from(self, when: Condition, rows: Rows, entered: Times) -> Times:
        """Return from when on a condition holds."""
        match when:
            case WhenElapsed():
                return self.setting.due(entered, when.elapsed)
            case WhenAcknowledged():
                return self._share(when.acknowledged, when, "acknowledged", rows)
            case WhenReported():
                return self._share(when.reported, when, "reported", rows)
            case WhenPassedOn():
                return self._share(when.passed_on, when, "passed_on", rows)
            case WhenAnswer():
                return self._answered(when, rows)
            case WhenOperator():
                return np.full(len(rows), NEVER, dtype=np.int64)

    def _share(
        self,
        inject: InjectId,
        when: WhenAcknowledged | WhenReported | WhenPassedOn,
        what: str,
        rows: Rows,
    ) -> Times:
        times = []
        for notice in self.setting.of_inject(inject):
            asked = notice.asked
            counts = {"acknowledged": True, "reported": asked.report}.get(what, bool(asked.pass_on))
            if counts and when.of in (None, self.setting.exercise.node(notice.node).kind):
                times.append(getattr(self.courses[notice.key], what)[rows])
        released = self.released[inject][rows]
        if not times:
            return np.full(len(rows), NEVER, dtype=np.int64)
        needed = -(-when.share.numerator * len(times) // when.share.denominator)
        reached = np.partition(np.stack(times), needed - 1, axis=0)[needed - 1]
        return np.where(released < NEVER, reached, NEVER)

    def _answered(self, when: WhenAnswer, rows: Rows) -> Times:
        first = np.full(len(rows), NEVER, dtype=np.int64)
        line = _line(self.setting, when)
        if line is None:
            return first
        for notice in self.setting.of_inject(when.inject):
            if when.of in (None, self.setting.exercise.node(notice.node).kind):
                fits = self._answers(notice, line, when, rows)
                reported = self.courses[notice.key].reported[rows]
                first = np.minimum(first, np.where(fits, reported, NEVER))
        return first

    def _answers(self, notice: Notice, line: FormField, when: WhenAnswer, rows: Rows) -> Flags:
        """Whether the node's form has the answer that is waited for (`Staff.fill_in`)."""
        given = notice.particular.answers.get(line.id)
        if given is not None:
            return np.full(len(rows), when.is_met_by(given))
        usual, key = notice.setting.usual, (*notice.key, line.id)
        met = np.full(len(rows), when.is_met_by(usual_value(line)))
        other = np.flatnonzero(self.draws.happens(usual.unexpected, rows, "unexpected", *key))
        if len(other):
            bits = self.draws.bits(key_of("other", *key), rows[other])
            met[other] = [when.is_met_by(other_value(line, int(each))) for each in bits]
        if may_be_open(line):
            open_ = self.draws.happens(usual.unsure, rows, "unsure", *key)
            met[open_] = when.is_met_by(PENDING)
        return met
