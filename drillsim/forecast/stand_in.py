"""Notices that come to the stand-in, and are answered before a third turn or giving up matters.

The first officer is slow, away, or cannot be reached; the second one gets a mail, and one of the
two answers it, or somebody who is called. As with those that go straight
(`drillsim.forecast.straight`), whoever may not have gone so is left out: a second mail that was
read after the answer was written, an answer in an old thread, or two things at one instant.

Arrays have an element for each notice of a `Lot`. Times are in ms.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drillsim.drill.durations import Period
from drillsim.drill.injects import Acknowledge
from drillsim.forecast.calls import talks
from drillsim.forecast.draws import Flags, Numbers, Rows, Times, delays
from drillsim.forecast.faults import is_calm, lateness, refused
from drillsim.forecast.lot import DOWN, UP, Lot
from drillsim.forecast.notice import Known, Reading
from drillsim.forecast.setting import Notice
from drillsim.forecast.stamps import NEVER
from drillsim.world.habits import ROBOT, TWICE
from drillsim.world.network import BOUNCED_LATER


def may_take_over(notice: Notice) -> bool:
    """Whether the second officer may be turned to at notices like this one, and may answer."""
    asks, asked = notice.inject.acknowledge, notice.asked
    if asks is None or asks.stand_in_after is None or asked.pass_on or asked.collect:
        return False
    return len(notice.addresses) > 1 and all(notice.addresses) and notice.by_mail(2)


@dataclass(slots=True)
class TakenOver:
    """How notices went that came to the stand-in."""

    went: Flags
    notified: Times
    turn: Times
    """When the second officer was turned to."""
    answered: Times
    officer: Numbers
    """Who answered; 0 for somebody who is not on the list."""
    engaged: Times
    engaged_by: Numbers
    by_telephone: Flags
    called: Times
    mails: tuple[Numbers, Numbers]
    """How many mails each of the two got before the answer came."""
    readings: list[Reading]
    """Reminders that were read after the answer had come."""
    reported: Times | None
    waits: Flags | None
    """Whether a reminder of the report may have come before it: then it has to be looked at."""

    def known(self, at: Rows) -> Known:
        """Return how it stands before the report, for some of them."""
        return Known(
            self.notified[at],
            self.answered[at],
            self.engaged[at],
            self.engaged_by[at],
            [each[at] for each in self.mails],
            self.turn[at],
            [each.among(at) for each in self.readings],
        )


def take_over(lot: Lot, began: Times) -> TakenOver:
    """Return which of these notices came to the stand-in, and how they went."""
    return _StandIn(lot, began).run()


class _StandIn:
    def __init__(self, lot: Lot, began: Times) -> None:
        self.lot, self.began = lot, began
        self.notice, self.setting = lot.notice, lot.notice.setting
        self.usual = self.setting.usual
        self.all = np.arange(len(lot))
        self.went = np.ones(len(lot), dtype=np.bool_)
        self.longest = int(delays(self.usual.transit)[-1])
        asks = self.notice.inject.acknowledge
        assert asks is not None
        self.asks: Acknowledge = asks
        self.mails = (np.ones(len(lot), dtype=np.int64), np.ones(len(lot), dtype=np.int64))
        self.readings: list[Reading] = []
        self.reminded = np.zeros(len(lot), dtype=np.bool_)
        self.has_report = self.notice.asked.report
        if self.has_report:
            self.filling = lot.length(self.notice.delay("report"), self.all, "report", 0, 0)
            self.up_report = self._up("report", 0)
            self.forgets = self._happens(self.usual.report_forgotten, "report_forgotten", 0)

    # Draws --------------------------------------------------------------------------------------

    def _happens(self, rate: Fraction, what: str, *parts: int) -> Flags:
        return self.lot.happens(rate, self.all, what, *parts)

    def _up(self, answer: str, officer: int) -> Times:
        return self.lot.length(self.usual.transit, self.all, UP, answer, officer, 0)

    def _reads(self, officer: int, came: Times) -> Times:
        delay = self.notice.delay("acknowledge")
        length = self.lot.length(delay, self.all, "acknowledge", officer, 0)
        return self.setting.after(came, length)

    def _comes(self, officer: int, sent: Times) -> Times:
        return sent + self.lot.length(self.usual.transit, self.all, DOWN, officer, 0, 1)

    def _due(self, since: Times, period: Period | None) -> Times:
        if period is None:
            return np.broadcast_to(np.int64(NEVER), since.shape)
        return self.setting.due(since, period)

    # The two officers ---------------------------------------------------------------------------

    def run(self) -> TakenOver:
        """Return how they went."""
        lot, went, usual = self.lot, self.went, self.usual
        came = self._comes(1, self.began)
        refusals = self._refusals(came)
        dead, absent = lot.dead(1, self.all) | refusals, lot.absent(1, self.all)
        silent, away = dead | absent, lot.away(1, self.all)
        written = self._reads(1, came)
        written[silent | away] = NEVER
        went &= ~self._happens(usual.no_answer, "no-answer", 1, 0)
        notified = came.copy()
        turn = self._turn(came, notified, (dead, refusals), silent)
        up = self._up("acknowledge", 1)
        alone = self._answered(written, up)
        went &= alone != turn
        has_turn = alone > turn
        turn[~has_turn] = NEVER
        of_second = self._second(turn, notified, has_turn)
        went &= (written != of_second) | (written >= NEVER)
        is_second = of_second < written
        up = np.where(is_second, self._up("acknowledge", 2), up)
        first_written = np.minimum(written, of_second)
        self._only_once(up)
        by_mail = first_written + up
        answered = self._answered(first_written, up)
        called, talked, talked_by = self._calls(answered, turn)
        went &= talked != answered
        is_call = talked < answered
        answered = np.minimum(answered, talked)
        self._in_time(answered, turn, called)
        self._without_faults(answered, turn, refusals)
        self._reminders(answered, turn, notified, silent, (written, of_second))
        sooner = is_call & (talked < first_written)
        engaged_by = np.where(sooner, talked_by, 1 + is_second)
        officer = np.where(is_call, talked_by, 1 + is_second)
        if self.notice.mailbox:
            unlisted = self._happens(usual.unlisted_colleague, "unlisted_colleague", 0)
            officer[unlisted & (by_mail == answered) & ~is_call] = 0
        engaged = np.where(sooner, talked, first_written)
        reported = self._reported(engaged) if self.has_report else None
        return TakenOver(
            notified=notified,
            turn=turn,
            answered=answered,
            officer=officer,
            engaged=engaged,
            engaged_by=engaged_by,
            by_telephone=is_call,
            called=called,
            mails=self.mails,
            readings=self.readings,
            reported=reported,
            waits=None if reported is None else self._waits(answered, reported),
            went=went,
        )

    def _second(self, turn: Times, notified: Times, has_turn: Flags) -> Times:
        """Return when the second officer would write; `notified` where their mail came sooner."""
        lot = self.lot
        self.went &= ~has_turn | (turn <= self.setting.horizon)
        self.went &= ~(has_turn & (lot.dead(2, self.all) | lot.absent(2, self.all)))
        self.went &= ~(has_turn & self._happens(self.usual.no_answer, "no-answer", 2, 0))
        came = self._comes(2, turn)
        written = self._reads(2, came)
        written[~has_turn | lot.away(2, self.all)] = NEVER
        np.copyto(notified, np.minimum(notified, came), where=has_turn)
        return written

    def _turn(
        self, came: Times, notified: Times, dead_and_refusals: tuple[Flags, Flags], silent: Flags
    ) -> Times:
        """Return when the second officer is turned to; `notified` where the first mail arrived."""
        dead, refusals = dead_and_refusals
        stand_in = self._due(self.began, self.asks.stand_in_after)
        at = np.flatnonzero(silent)
        if not len(at):
            return stand_in
        failed = came[at]
        refused = dead[at] & ~self.lot.node_happens(BOUNCED_LATER, at, "bounced-later", 1)
        refused |= refusals[at]
        robot = np.flatnonzero(~refused)
        failed[robot] += self.lot.length(ROBOT, at[robot], "robot", 0, 1)
        for answer, which in (("bounce", dead[at[robot]]), ("auto-reply", ~dead[at[robot]])):
            here = robot[which]
            transit = self.usual.transit
            failed[here] += self.lot.length(transit, at[here], UP, answer, 1, 0)
        notified[at[refused]] = NEVER
        self.went[at] &= failed != stand_in[at]
        turn = np.array(stand_in)
        turn[at] = np.minimum(turn[at], failed)
        return turn

    def _refusals(self, came: Times) -> Flags:
        """Return where a fault lets a server refuse the first mail."""
        refusals = np.zeros(len(came), dtype=np.bool_)
        for number, faults in self.lot.alike.faults(1):
            at = np.flatnonzero(self.lot.which == number)
            on_time = lateness(faults, self.began[at]) == 0
            refusals[at] = refused(faults, came[at]) & on_time
        return refusals

    def _without_faults(self, answered: Times, turn: Times, refusals: Flags) -> None:
        """Leave out what other faults may have hindered.

        A server that refused the first mail gets no other one for that officer. The last reminder
        is still on its way when the answer comes.
        """
        for officer, since, spared in ((1, self.began, refusals), (2, turn, turn >= NEVER)):
            for number, faults in self.lot.alike.faults(officer):
                at = np.flatnonzero(self.lot.which == number)
                calm = is_calm(faults, since[at], answered[at] + self.longest)
                self.went[at] &= calm | spared[at]

    def _answered(self, written: Times, up: Times) -> Times:
        """Return when the answer of whoever writes then is there: a report is one as well."""
        answered = written + up
        if self.has_report:
            answered = np.minimum(answered, self._reported(written))
        return answered

    def _only_once(self, up: Times) -> None:
        """Leave out answers in an old thread, and a second one that may overtake the first."""
        self.went &= ~self._happens(self.usual.old_thread, "old_thread", 0)
        soonest = int(delays(TWICE)[0] + delays(self.usual.transit)[0])
        twice = self._happens(self.usual.answer_twice, "answer_twice", 0)
        self.went &= ~(twice & (up >= soonest))

    # Calls and reminders ------------------------------------------------------------------------

    def _calls(self, answered: Times, turn: Times) -> tuple[Times, Times, Numbers]:
        """Return when they were put on the call list, when somebody was talked to, and who."""
        talked = np.full(len(answered), NEVER, dtype=np.int64)
        by = np.zeros(len(answered), dtype=np.int64)
        due = self._due(self.began, self.asks.call_after)
        if self.asks.call_after is None:
            return due, talked, by
        self.went &= ((due > turn) | (due > answered)) & (due != answered)
        called = np.where(due < answered, due, NEVER)
        if self.usual.telephone is not None:
            at = np.flatnonzero(self.went & (called < NEVER))
            talked[at], by[at] = talks(self.lot, at, called[at])
        return called, talked, by

    def _in_time(self, answered: Times, turn: Times, called: Times) -> None:
        """Leave out who has not answered when it is given up, or when a third turn comes."""
        self.went &= answered < self._due(self.began, self.asks.give_up_after)
        next_turn = self._due(turn, self.asks.stand_in_after)
        in_time = answered < next_turn
        if len(self.notice.addresses) == 2 and self.asks.give_up_after is not None:
            # Nobody is left then; who is on the call list already is not put there again, and
            # the matter is not hopeless while the second officer may answer.
            in_time |= self.asks.call_after is None or called <= next_turn
        self.went &= in_time

    def _reminders(
        self,
        answered: Times,
        turn: Times,
        notified: Times,
        silent: Flags,
        written: tuple[Times, Times],
    ) -> None:
        """Count the reminders, and find those that were read late.

        Who has not written yet does not answer a reminder. Who has, and whose answer is still on
        its way, writes again, and is left out. One that is read after the answer had come reminds
        of the report.
        """
        for period in self.asks.remind:
            when = self._due(self.began, period)
            sent = (when < answered) & (when <= self.setting.horizon)
            self.went &= ~sent | (notified < when)
            # A reminder that is due with the stand-in's turn goes out before it.
            to_first = sent & (when <= turn)
            self.went &= ~(to_first & silent)
            self.went &= answered != when
            for officer, sent_to in ((1, to_first), (2, np.greater(sent, to_first))):
                wrote = np.minimum(written[officer - 1], answered)
                near = np.flatnonzero(sent_to & self.went & (when + self.longest > wrote))
                self._read(officer, near, when[near], written[officer - 1], answered)
                self.mails[officer - 1][:] += sent_to

    def _read(self, officer: int, at: Rows, when: Times, written: Times, answered: Times) -> None:
        attempts = self.mails[officer - 1][at]
        came = when.copy()
        for attempt in np.flatnonzero(np.bincount(attempts)).tolist():
            here = np.flatnonzero(attempts == attempt)
            transit = self.usual.transit
            came[here] += self.lot.length(transit, at[here], DOWN, officer, attempt, 1)
        again = (came >= written[at]) & (came <= answered[at])
        self.went[at[again | (came == answered[at])]] = False
        # Who is away reads nothing.
        late = (came > answered[at]) & ~self.lot.away(officer, at)
        if self.has_report and late.any():
            self.reminded[at[late]] = True
            self.readings.append(Reading.after(at[late], officer, attempts[late], came[late]))

    # The report ---------------------------------------------------------------------------------

    def _reported(self, engaged: Times) -> Times:
        reported = self.setting.after(engaged, self.filling) + self.up_report
        reported[self.forgets | (engaged >= NEVER)] = NEVER
        return reported

    def _waits(self, answered: Times, reported: Times) -> Flags:
        report = self.notice.inject.report
        assert report is not None
        waits = self.reminded
        for period in report.remind:
            when = self._due(self.began, period)
            self.went &= answered != when
            waits |= (answered < when) & (reported >= when)
        if self.usual.unreadable_file and report.form is not None:
            waits[:] = True
        return waits & self.went
