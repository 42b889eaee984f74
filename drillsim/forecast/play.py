"""How notices go by the rules in full: `drill.rules` and `world.offices` in arrays.

Most notices take a shorter way (`straight`, `stand_in`); this one knows every turn.

What happens before the first answer does not depend on the answer: it is cut off by it. So the
officers are gone through in their order, each with the mails that they get before the next one's
turn comes; every write, call and failure is a stamp, and the earliest ones decide. What reading
of a mail was wrong in hindsight (an officer called meanwhile acted before it came) is found in the
end: these are `misread`, and played again with what was found presumed. Where that is borne out it
is how they went, since no effect comes before its cause. Where arrays cannot tell, they are `odd`,
and the kernel plays the notice in that run (`drillsim.forecast.alone`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

import numpy as np

from drillsim.forecast.calls import talks
from drillsim.forecast.delivery import ACCEPTED, BOUNCED, REFUSED, Delivered, deliver, part
from drillsim.forecast.draws import Flags, Numbers, Rows, Times
from drillsim.forecast.lot import UP, Lot
from drillsim.forecast.notice import Astray, Known, Outside, Reading
from drillsim.forecast.stamps import (
    ARRIVAL,
    CALL,
    GIVE_UP,
    LATER,
    NEVER,
    OFFICER,
    reminder_place,
    stamp,
    time_of,
)
from drillsim.world.habits import ROBOT, TWICE


@dataclass(frozen=True, slots=True)
class _Answer:
    """An acknowledgement that an officer writes, or writes again."""

    at: Rows
    officer: int
    written: Times
    arrives: Times
    origin: Times
    """Stamp of the writing, of a repetition that of what is repeated."""
    is_first: bool
    gone: Flags
    may_go: Flags


class Presumed(NamedTuple):
    """How notices went, as stamps: what a reader of a mail finds done when it comes."""

    answered: Times
    engaged: Times
    engaged_by: Numbers

    def among(self, at: Rows) -> "Presumed":
        """Return it for some of them."""
        return Presumed(self.answered[at], self.engaged[at], self.engaged_by[at])


class Play:
    """Notices that are alike, in the runs in which they begin; arrays have an element for each."""

    def __init__(
        self, lot: Lot, began: Times, outside: Outside | None, presumed: "Presumed | None" = None
    ) -> None:
        notice, rows = lot.notice, lot.rows
        self.lot, self.notice, self.began = lot, notice, began
        self.setting, self.usual = notice.setting, notice.setting.usual
        self.asks, asked = notice.inject.acknowledge, notice.asked
        count, officers = len(rows), len(notice.addresses)

        def never(value: int = LATER) -> Times:
            return np.full(count, value, dtype=np.int64)

        self.count = count
        self.odd = np.zeros(count, dtype=np.bool_)
        self.misread = np.zeros(count, dtype=np.bool_)
        self.presumed = presumed
        self.notified = never(NEVER)
        self.outside = never() if outside is None else outside.answered
        self.outside_by = None if outside is None else outside.by
        self.others = None if outside is None else outside.others
        # The first answer, and who took the matter up.
        self.answered = self.outside.copy()
        self.engaged, self.engaged_by = never(), np.zeros(count, dtype=np.int64)
        self.written, self.written_by = never(), np.zeros(count, dtype=np.int64)
        self.credited = never(NEVER)
        self.informed = never()
        self.talked, self.talked_by = never(), np.zeros(count, dtype=np.int64)
        self.is_called = np.zeros(count, dtype=np.bool_)
        self.called, self.gave_up = never(), never()
        # Officers, from 1.
        self.turn = [never() for _ in range(officers + 1)]
        self.failed = [never() for _ in range(officers + 1)]
        self.robot = [never(NEVER) for _ in range(officers + 1)]
        self.mails = np.zeros((officers + 1, count), dtype=np.int64)
        self.answers: list[_Answer] = []
        self.readings: list[Reading] = []
        self._all = np.arange(count)
        self.filling = self._own_lengths("report", "report") if asked.report else None
        self.forgets = (
            self._happens(self.usual.report_forgotten, "report_forgotten")
            if asked.report
            else self.odd
        )

    @cached_property
    def handling(self) -> Times | None:
        """How long it takes to pass it on, where that is asked."""
        return self._own_lengths("pass_on", "pass-on") if self.notice.asked.pass_on else None

    @cached_property
    def _up_report(self) -> Times:
        return self._up(self._all, "report", 0, 0)

    # Draws --------------------------------------------------------------------------------------

    def _own_lengths(self, what: str, purpose: str) -> Times:
        return self.lot.length(self.notice.delay(what), self._all, purpose, 0, 0)

    def _happens(self, rate: Fraction, what: str) -> Flags:
        return self.lot.happens(rate, self._all, what, 0)

    def _up(self, at: Rows, answer: str, officer: int, attempts: int | Numbers) -> Times:
        """How long an answer is under way to the drill's own address."""
        transit = self.usual.transit
        if isinstance(attempts, int):
            return self.lot.length(transit, at, UP, answer, officer, attempts)
        return self.lot.length_each(transit, at, attempts, UP, answer, officer)

    def take(self, course: Known) -> None:
        """Let all have gone as is known already, but for the report."""
        self.turn[1] = stamp(self.began, ARRIVAL)
        if course.turn is not None:
            self.turn[2] = stamp(course.turn, OFFICER)
        self.notified = course.notified
        self.mails[1 : 1 + len(course.mails)] = course.mails
        self.readings = list(course.readings)
        self.answered = stamp(course.answered, ARRIVAL)
        self.engaged, self.engaged_by = stamp(course.engaged, OFFICER), course.engaged_by

    # The whole ----------------------------------------------------------------------------------

    def run(self) -> None:
        """Play everything but the report."""
        if self.asks is not None:
            if self.asks.call_after is not None:
                self.called = stamp(self._due(self.asks.call_after), CALL)
            if self.asks.give_up_after is not None:
                self.gave_up = stamp(self._due(self.asks.give_up_after), GIVE_UP)
        self.turn[1] = stamp(self.began, ARRIVAL)
        at = self._all
        for officer in range(1, len(self.notice.addresses) + 1):
            at = self._have_a_turn(officer, at)
            if not len(at):
                break
        self._look_back()
        report = self.notice.inject.report
        if self.asks is None and self.handling is not None and report is not None and report.remind:
            # Whoever answered it in an old thread is reminded of the report, and then passes it on.
            self.odd |= self.outside < LATER

    def _due(self, period: object, at: Rows | None = None) -> Times:
        began = self.began if at is None else self.began[at]
        return self.setting.due(began, period)  # type: ignore[arg-type]

    def _have_a_turn(self, officer: int, at: Rows) -> Rows:
        """Let `officer` be tried in these runs; return those in which the next one's turn comes."""
        notice, turn = self.notice, self.turn[officer]
        has_address = bool(notice.addresses[officer - 1])
        moves_on = np.full(self.count, LATER, dtype=np.int64)
        if self.asks is not None and self.asks.stand_in_after is not None:
            ends = self.setting.due(time_of(turn[at]), self.asks.stand_in_after)
            moves_on[at] = stamp(ends, OFFICER)
        if notice.by_mail(officer):
            self._mail(officer, at, 0, time_of(turn[at]))
        elif officer > 1 and self.asks is not None:
            self._call(at, turn[at])
        if officer == 1:
            self._settle(np.flatnonzero(self.written >= LATER))
        if not has_address:
            self.failed[officer][at] = turn[at]
            moves_on[at] = turn[at]
        moves_on[at] = np.minimum(moves_on[at], self.failed[officer][at])
        self._remind(officer, turn, moves_on)
        following = at[self._may_move_on(at, moves_on[at])]
        if officer < len(notice.addresses):
            self.turn[officer + 1][following] = moves_on[following]
            return following
        self._nobody_left(officer, following, moves_on)
        return following[:0]

    def _may_move_on(self, at: Rows, when: Times) -> Flags:
        """Whether the next officer's turn comes then: nobody has answered or given up."""
        open_ = (when < self.answered[at]) & (when < self.gave_up[at])
        asked = self.notice.asked
        if self.asks is None and not asked.pass_on and not asked.report:
            # Information is complete as soon as a server took it.
            open_ &= when < stamp(self.notified[at], ARRIVAL)
        return open_ & (time_of(when) <= self.setting.horizon)

    def _remind(self, officer: int, since: Times, moves_on: Times) -> Flags:
        """Remind `officer` between these stamps, while it is open; return where that was done."""
        reminded = np.zeros(self.count, dtype=np.bool_)
        if self.asks is None or not self.notice.addresses[officer - 1]:
            return reminded
        for number, period in enumerate(self.asks.remind):
            when = stamp(self._due(period), reminder_place(number))
            at = np.flatnonzero(
                (since < when)
                & (when < moves_on)
                & (when < self.answered)
                & (when < self.gave_up)
                & (when < self.failed[officer])
                & (stamp(self.notified, ARRIVAL) <= when)
                & (time_of(when) <= self.setting.horizon)
            )
            if len(at):
                reminded[at] = True
                self._mail(officer, at, self.mails[officer][at], time_of(when[at]))
                moves_on[at] = np.minimum(moves_on[at], self.failed[officer][at])
        return reminded

    def _nobody_left(self, officer: int, at: Rows, moves_on: Times) -> None:
        """Put the last officer's notice on the call list, or give it up (`Rules._nobody_left`).

        That is done when their own time is over and when they fail, whichever comes first, and
        then for the other. In between they are still reminded.
        """
        first = moves_on[at]
        self._without_next(at, first)
        since = np.full(self.count, LATER, dtype=np.int64)
        since[at] = first
        reminded = self._remind(officer, since, np.full(self.count, LATER, dtype=np.int64))
        second = self.failed[officer][at]
        if self.asks is not None and self.asks.stand_in_after is not None:
            ends = self.setting.due(time_of(self.turn[officer][at]), self.asks.stand_in_after)
            second = np.maximum(second, stamp(ends, OFFICER))
        again = (second > first) & self._may_move_on(at, second)
        if again.any():
            self._without_next(at[again], second[again])
            # Reminders that were sent after it, although it was given up by then.
            self.odd[at[again & reminded[at] & (self.gave_up[at] == second)]] = True

    def _without_next(self, at: Rows, when: Times) -> None:
        asks = self.asks
        uncalled = self.called[at] > when
        if asks is not None and asks.call_after is not None and uncalled.any():
            self._call(at[uncalled], when[uncalled])
            at, when, uncalled = at[~uncalled], when[~uncalled], uncalled[~uncalled]
        if asks is not None and asks.give_up_after is not None:
            hopeless = uncalled
            for turn, failed in zip(self.turn[1:], self.failed[1:], strict=True):
                hopeless = hopeless & ((turn[at] >= LATER) | (failed[at] <= when))
            at, when = at[hopeless], when[hopeless]
        self.gave_up[at] = np.minimum(self.gave_up[at], when)

    # Mails and their readers --------------------------------------------------------------------

    def _mail(self, officer: int, at: Rows, attempts: int | Numbers, sent: Times) -> None:
        """Hand over a mail to `officer`, and let it have its effect."""
        self.mails[officer][at] += 1
        got = deliver(self.lot, at, officer, attempts, sent)
        here = got.is_notified
        self.notified[at[here]] = np.minimum(self.notified[at[here]], got.at[here])
        self._fails(officer, at, attempts, got)
        accepted = np.flatnonzero(got.outcome == ACCEPTED)
        if not len(accepted):
            return
        if len(accepted) < len(at):
            at, came = at[accepted], got.at[accepted]
            attempts = attempts if isinstance(attempts, int) else attempts[accepted]
        else:
            came = got.at
        if self.asks is None:
            self._inform(officer, at, attempts, came)
            return
        absent = self.lot.absent(officer, at)
        if absent.any():
            self._answers_by_itself(officer, at[absent], part(attempts, absent), came[absent])
        there = ~absent & ~self.lot.away(officer, at)
        if not there.all():
            at, came, attempts = at[there], came[there], part(attempts, there)
        if isinstance(attempts, int):
            self._reads_first(officer, at, came)
        else:
            self._reads(officer, at, attempts, came)

    def _fails(self, officer: int, at: Rows, attempts: int | Numbers, got: Delivered) -> None:
        refused = got.outcome == REFUSED
        if refused.any():
            self._failure(officer, at[refused], stamp(got.at[refused], ARRIVAL))
        bounced = np.flatnonzero(got.outcome == BOUNCED)
        if len(bounced):
            back = got.at[bounced] + self._robot_delay(officer, at[bounced])
            back += self._up(at[bounced], "bounce", officer, part(attempts, bounced))
            self._failure(officer, at[bounced], stamp(back, ARRIVAL))

    def _robot_delay(self, officer: int, at: Rows) -> Times:
        return self.lot.length(ROBOT, at, "robot", 0, officer)

    def _failure(self, officer: int, at: Rows, when: Times) -> None:
        failed = self.failed[officer]
        if officer == len(self.notice.addresses):
            # Of the last officer every failure counts, and two are kept (`_nobody_left`).
            self.odd[at[failed[at] < LATER]] = True
        failed[at] = np.minimum(failed[at], when)

    def _answers_by_itself(
        self, officer: int, at: Rows, attempts: int | Numbers, came: Times
    ) -> None:
        """The mailbox of an absent officer answers, once."""
        first = self.robot[officer][at]
        self.odd[at[came < np.where(first < NEVER, first, 0)]] = True
        new = first >= NEVER
        if not new.all():
            at, came, attempts = at[new], came[new], part(attempts, new)
        self.robot[officer][at] = came
        back = came + self._robot_delay(officer, at)
        back += self._up(at, "auto-reply", officer, attempts)
        self._failure(officer, at, stamp(back, ARRIVAL))

    def _inform(self, officer: int, at: Rows, attempts: int | Numbers, came: Times) -> None:
        """Information only is read, and passed on where that is asked."""
        if self.handling is None or not isinstance(attempts, int):
            return
        absent = self.lot.absent(officer, at)
        there = ~absent & ~self.lot.away(officer, at)
        at, came = at[there], came[there]
        passes = stamp(self.setting.after(came, self.handling[at]), OFFICER)
        sooner = passes < self.informed[at]
        at, passes = at[sooner], passes[sooner]
        self.informed[at], self.engaged_by[at] = passes, officer
        self.answered[at] = np.minimum(self.answered[at], self.informed[at])

    def _reads_first(self, officer: int, at: Rows, came: Times) -> None:
        """The first mail to `officer`: is it answered, and when?"""
        if self.usual.no_answer:
            answers = ~self.lot.happens(self.usual.no_answer, at, "no-answer", officer, 0)
            at, came = at[answers], came[answers]
        if not len(at):
            return
        delay = self.notice.delay("acknowledge")
        length = self.lot.length(delay, at, "acknowledge", officer, 0)
        self._write(
            officer, at, np.zeros(len(at), dtype=np.int64), self.setting.after(came, length)
        )

    def _reads(self, officer: int, at: Rows, attempts: Numbers, came: Times) -> None:
        """A further mail to `officer`: what it does depends on how things stand by then."""
        if not len(at):
            return
        when = stamp(came, ARRIVAL)
        known = self.found if self.presumed is None else self.presumed
        answered = known.answered[at] < when
        engaged = (known.engaged[at] < when) & (known.engaged_by[at] == officer)
        self.readings.append(Reading(at, officer, attempts, came, answered, engaged))
        first = np.zeros(len(at), dtype=np.bool_)
        if self.usual.no_answer or not attempts.all():
            first = ~answered & ~engaged & ~self._answered_earlier(officer, at, attempts)
        again = ~answered & engaged
        for which, is_first in ((first, True), (again, False)):
            here = np.flatnonzero(which)
            if len(here):
                here = here[self._answers(officer, at[here], attempts[here])]
            if not len(here):
                continue
            length = self.lot.length_each(
                self.notice.delay("acknowledge"), at[here], attempts[here], "acknowledge", officer
            )
            written = self.setting.after(came[here], length)
            if is_first:
                self._write(officer, at[here], attempts[here], written)
            else:
                self._write_again(officer, at[here], attempts[here], written)

    def _answers(self, officer: int, at: Rows, attempts: Numbers) -> Flags:
        rate = self.usual.no_answer
        return ~self.lot.happens_each(rate, at, attempts, "no-answer", officer)

    def _answered_earlier(self, officer: int, at: Rows, attempts: Numbers) -> Flags:
        """Whether an earlier mail was drawn to be answered, whatever became of it."""
        earlier = np.zeros(len(at), dtype=np.bool_)
        for attempt in range(int(attempts.max())):
            before = np.full(len(at), attempt)
            earlier |= (attempts > attempt) & self._answers(officer, at, before)
        return earlier

    # Answers ------------------------------------------------------------------------------------

    def _write(self, officer: int, at: Rows, attempts: Numbers, written: Times) -> None:
        """`officer` would write then, unless somebody at the node has taken the matter up."""
        when = stamp(written, OFFICER)
        self.odd[at[(when == self.written[at]) & (when < LATER)]] = True
        sooner = (when < self.written[at]) & (when < self.outside[at])
        if not sooner.all():
            at, attempts, written = at[sooner], attempts[sooner], written[sooner]
            when = when[sooner]
        if not len(at):
            return
        self.written[at], self.written_by[at] = when, officer
        self.credited[at] = NEVER
        self._send(officer, at, attempts, written, is_first=True)
        self._settle(at)

    def _write_again(self, officer: int, at: Rows, attempts: Numbers, written: Times) -> None:
        """`officer`, who has written and whose answer has not been credited, writes again."""
        still = stamp(written, OFFICER) < self.answered[at]
        at, attempts, written = at[still], attempts[still], written[still]
        if len(at):
            self._send(officer, at, attempts, written, is_first=False)
            self._settle(at)

    def _send(
        self, officer: int, at: Rows, attempts: Numbers, written: Times, *, is_first: bool
    ) -> None:
        """Send an acknowledgement, and where people do that, a second time."""
        origin = stamp(written, OFFICER)
        self._credit(officer, at, attempts, written, "acknowledge", origin, is_first=is_first)
        twice = self.lot.happens(self.usual.answer_twice, at, "answer_twice", 0)
        if twice.any():
            at, attempts, written = at[twice], attempts[twice], written[twice]
            origin = origin[twice]
            length = self.lot.length_each(TWICE, at, attempts, "twice", 0)
            written = written + length
            self._credit(officer, at, attempts, written, "repeat", origin, is_first=is_first)

    def _credit(
        self,
        officer: int,
        at: Rows,
        attempts: Numbers,
        written: Times,
        answer: str,
        origin: Times,
        *,
        is_first: bool,
    ) -> None:
        if not attempts.any():
            arrives = written + self._up(at, answer, officer, 0)
        else:
            arrives = written + self._up(at, answer, officer, attempts)
        gone = np.zeros(len(at), dtype=np.bool_)
        if self.usual.old_thread:
            may_go = self.lot.happens_each(self.usual.old_thread, at, attempts, "old_thread")
            may = np.flatnonzero(may_go)
            if len(may) and self.others is not None:
                gone[may] = self.others(at[may]) <= written[may]
                self.answers.append(
                    _Answer(at, officer, written, arrives, origin, is_first, gone, may_go)
                )
        own = np.where(gone, NEVER, arrives)
        self.credited[at] = np.minimum(self.credited[at], own)

    def _settle(self, at: Rows) -> None:
        """Work out anew the first answer and who took the matter up, from all that is known."""
        if self.asks is None:
            return
        written = self.written[at]
        answered = stamp(self.credited[at], ARRIVAL)
        if self.handling is not None:
            answered = np.minimum(answered, self._passes(at, written))
        if self.filling is not None:
            answered = np.minimum(answered, self._reports_early(at, written))
        answered = np.where(written < LATER, answered, LATER)
        answered = np.minimum(answered, self.outside[at])
        if self.usual.telephone is not None:
            # Calls are worked out where they come before every other answer that is known.
            called = self.called[at]
            new = at[(called < answered) & ~self.is_called[at] & (called < LATER)]
            if len(new):
                self.is_called[new] = True
                self._is_called(new, time_of(self.called[new]))
        talked = self.talked[at]
        self.odd[at[(talked == answered) & (talked < LATER)]] = True
        by_call = talked < answered
        self.answered[at] = np.minimum(answered, talked)
        first = by_call & (talked < written)
        self.engaged[at] = np.where(first, talked, written)
        self.engaged_by[at] = np.where(first, self.talked_by[at], self.written_by[at])

    def _passes(self, at: Rows, engaged: Times) -> Times:
        assert self.handling is not None
        when = self.setting.after(time_of(engaged), self.handling[at])
        return np.where(engaged < LATER, stamp(when, OFFICER), LATER)

    def _reports_early(self, at: Rows, engaged: Times) -> Times:
        """When a report would come that waits for nobody: it is an answer as well."""
        assert self.filling is not None
        report = self.notice.inject.report
        assert report is not None
        ready = self.setting.after(time_of(engaged), self.filling[at])
        if self.notice.asked.collect:
            if report.cut_off is None or report.partial != "allowed":
                return np.full(len(at), LATER, dtype=np.int64)
            ready = np.maximum(ready, self._due(report.cut_off, at))
            ready = np.maximum(ready, time_of(engaged) + 1)
        sent = np.where(self.forgets[at] | (engaged >= LATER), NEVER, ready)
        return stamp(sent + self._up_report[at], ARRIVAL)

    # Calls --------------------------------------------------------------------------------------

    def _call(self, at: Rows, when: Times) -> None:
        """Put the notice on the call list then, where it is not there yet."""
        sooner = when < self.called[at]
        at = at[sooner]
        self.called[at] = when[sooner]
        self.is_called[at], self.talked[at] = False, LATER
        self._settle(at)

    def _is_called(self, at: Rows, when: Times) -> None:
        talked, self.talked_by[at] = talks(self.lot, at, when)
        self.talked[at] = stamp(talked, OFFICER)

    # In the end ---------------------------------------------------------------------------------

    def _look_back(self) -> None:
        """Find the runs in which a mail was read otherwise than it looked when it was sent."""
        for read in self.readings:
            when = stamp(read.came, ARRIVAL)
            answered = self.answered[read.at] < when
            engaged = (self.engaged[read.at] < when) & (self.engaged_by[read.at] == read.officer)
            self.misread[read.at] |= (answered != read.answered) | (engaged != read.engaged)

    @property
    def found(self) -> "Presumed":
        """How the notices stand, as far as they have been played."""
        return Presumed(self.answered, self.engaged, self.engaged_by)

    @property
    def acknowledged_by(self) -> Numbers:
        """Who gave the first answer; 0 for a colleague who is not on the list."""
        by = self.engaged_by.copy()
        by_mail = self.answered == stamp(self.credited, ARRIVAL)
        if self.usual.unlisted_colleague and self.notice.mailbox:
            by[by_mail & self._happens(self.usual.unlisted_colleague, "unlisted_colleague")] = 0
        by_call = self.answered == self.talked
        by[by_call] = self.talked_by[by_call]
        if self.outside_by is not None:
            from_outside = self.answered == self.outside
            by[from_outside] = self.outside_by[from_outside]
        by[self.answered >= LATER] = 0
        return by

    def passed_on(self) -> Times:
        """Return when it was passed on, in ms."""
        if self.handling is None:
            return np.full(self.count, NEVER, dtype=np.int64)
        if self.asks is None:
            return time_of(self.informed)
        return time_of(self._passes(self._all, self.engaged))

    def astray(self) -> Iterator[Astray]:
        """Yield the answers that were written and may have gone into an old thread."""
        unlisted = np.zeros(self.count, dtype=np.bool_)
        if self.answers and self.notice.mailbox:
            unlisted = self._happens(self.usual.unlisted_colleague, "unlisted_colleague")
        for each in self.answers:
            engaged, by = self.engaged[each.at], self.engaged_by[each.at]
            real = each.may_go & (by == each.officer) & (self.answered[each.at] > each.origin)
            real &= (engaged == each.origin) if each.is_first else (engaged < each.origin)
            real &= ~self.misread[each.at]
            at = each.at[real]
            if len(at):
                yield Astray(
                    which=self.lot.which[at],
                    rows=self.lot.rows[at],
                    written=each.written[real],
                    arrives=each.arrives[real],
                    by=np.where(unlisted[at], 0, each.officer),
                    gone=each.gone[real],
                )
