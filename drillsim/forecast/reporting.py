"""When the first report of a notice is there, in many runs at once (`Offices._report`).

A node reports when its form is filled in, with `collect` when the reports of all its next hops are
put together, or at the cut-off; who forgot it does so when reminded. Follow-ups (続報) change no
time of a first report; where one could overtake it on the way, the run is `odd`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drillsim.forecast.delivery import ACCEPTED, deliver, part
from drillsim.forecast.draws import Flags, Numbers, Rows, Times, delays
from drillsim.forecast.lot import UP
from drillsim.forecast.play import Play
from drillsim.forecast.stamps import ARRIVAL, LATER, NEVER, reminder_place, stamp, time_of
from drillsim.world.habits import PUT_TOGETHER


@dataclass(frozen=True, slots=True)
class Collected:
    """The reports that one of some notices collects."""

    at: Rows
    """Its elements."""
    times: Times
    """When the report of each node below came in each of these: nodes by elements."""


def report_times(play: Play, below: Sequence[Collected], by: Numbers) -> Times:
    """Return when the first report is there, in ms.

    Args:
        play: notices that are alike, played up to their answers.
        below: what each of them collects.
        by: who gave the first answer; 0 for somebody who is not on the list.
    """
    if play.filling is None or play.asks is None:
        return np.full(play.count, NEVER, dtype=np.int64)
    return _Reporting(play, below, by).run()


class _Reporting:
    def __init__(self, play: Play, below: Sequence[Collected], by: Numbers) -> None:
        assert play.filling is not None
        report = play.notice.inject.report
        assert report is not None
        self.play, self.asks, self.by = play, report, by
        self.setting, self.lot = play.setting, play.lot
        self.engaged = time_of(play.engaged)
        is_engaged = play.engaged < LATER
        ready = self.setting.after(self.engaged, play.filling)
        self.ready = np.where(is_engaged, ready, NEVER)
        self.collects = play.notice.asked.collect
        self.below = below
        self.all_there = np.zeros(play.count, dtype=np.int64)
        self.count_below = np.zeros(play.count, dtype=np.int64)
        for each in below:
            self.all_there[each.at] = each.times.max(axis=0)
            self.count_below[each.at] = len(each.times)
        self.cut_off: Times | None = None
        if self.collects and report.cut_off is not None:
            self.cut_off = self.setting.due(play.began, report.cut_off)
        self.sent = np.full(play.count, NEVER, dtype=np.int64)
        self.arrives = np.full(play.count, NEVER, dtype=np.int64)
        # An office without any address reports by telephone.
        has_address = np.array([False, *map(bool, play.notice.addresses)])
        self.by_mail = has_address[np.maximum(play.engaged_by, 1)]
        # A file that cannot be read lies in the tray: the mail answers, and reports nothing.
        rate = play.usual.unreadable_file if report.form is not None else Fraction(0)
        self.unreadable = self.lot.happens(rate, np.arange(play.count), "unreadable_file", 0)

    def run(self) -> Times:
        """Return when the first report is there."""
        remembers = np.flatnonzero(~self.play.forgets)
        self._due(remembers, self.ready[remembers], 0)
        if self.cut_off is not None:
            at_cut_off = np.maximum(self.cut_off, self.engaged + 1)
            self._due(remembers, at_cut_off[remembers], 0)
        if self.collects:
            at = np.flatnonzero((self.all_there < NEVER) & (self.engaged <= self.all_there))
            numbers = self.count_below[at]
            length = self.lot.length_each(PUT_TOGETHER, at, numbers, "put-together", 0)
            self._due(at, self.setting.after(self.all_there[at], length), numbers)
        for read in self.play.readings:
            answered = np.flatnonzero(read.answered & (read.attempts > 0))
            self._reminded(read.at[answered], read.attempts[answered], read.came[answered])
        for number, period in enumerate(self.asks.remind):
            when = stamp(
                self.setting.due(self.play.began, period), reminder_place(number, report=True)
            )
            self._remind(when)
        return self._overtaken(self.arrives)

    def _overtaken(self, reported: Times) -> Times:
        """Let a follow-up (続報) that overtakes the report on the way be the first to arrive."""
        soonest = int(delays(PUT_TOGETHER)[0])  # A follow-up takes at least so long.
        near = np.zeros(self.play.count, dtype=np.bool_)
        for each in self.below:
            sent, there = self.sent[each.at], reported[each.at]
            near[each.at] = ((sent < each.times) & (each.times < there - soonest)).any(axis=0)
        at = np.flatnonzero(near & ~(self.unreadable & self.by_mail))
        if not len(at):
            return reported
        below = self._sorted(at)
        already = (below <= self.sent[at]).sum(axis=0)
        came = below[already, np.arange(len(at))]
        number = already + 1
        length = self.lot.length_each(PUT_TOGETHER, at, number, "put-together", 0)
        written = self.setting.after(came, length)
        arrives = written + self._transit(at, number)
        reported[at] = np.minimum(reported[at], arrives)
        # Two at once are for the kernel, and so is one that came with the report.
        following = below[np.minimum(already + 1, len(below) - 1), np.arange(len(at))]
        is_second = (already + 1 < len(below)) & (following + soonest < reported[at])
        self.play.odd[at[is_second | (came == self.sent[at])]] = True
        return reported

    def _sorted(self, at: Rows) -> Times:
        """Return when the reports below came, in order; a column for each of these elements."""
        most = max(len(each.times) for each in self.below)
        below = np.full((most, len(at)), NEVER, dtype=np.int64)
        for each in self.below:
            places = np.minimum(np.searchsorted(each.at, at), len(each.at) - 1)
            columns = np.flatnonzero(each.at[places] == at)
            below[: len(each.times), columns] = each.times[:, places[columns]]
        below.sort(axis=0)
        return below

    def _may(self, at: Rows, when: Times) -> Flags:
        """Whether a report may go up then."""
        may = (self.ready[at] < NEVER) & (when < NEVER)
        if not self.collects:
            return may
        may &= when >= self.ready[at]
        there = self.all_there[at] <= when
        if self.cut_off is not None and self.asks.partial == "allowed":
            there |= when >= self.cut_off[at]
        return may & there

    def _due(
        self, at: Rows, when: Times, numbers: int | Numbers, *, is_to_mail: bool = False
    ) -> None:
        """Let the report go up then, where it may and has not gone before.

        A file that cannot be read never comes. Who was written to writes back.
        """
        here = np.flatnonzero(self._may(at, when) & (when < self.sent[at]))
        at, when, numbers = at[here], when[here], part(numbers, here)
        self.sent[at] = when
        if is_to_mail:
            self.by_mail[at] = True
        by_mail = self.by_mail[at]
        arrives = when + np.where(by_mail, self._transit(at, numbers), 0)
        np.putmask(arrives, self.unreadable[at] & by_mail, NEVER)
        self.arrives[at] = arrives

    def _transit(self, at: Rows, numbers: int | Numbers) -> Times:
        transit = self.play.usual.transit
        if isinstance(numbers, int):
            return self.lot.length(transit, at, UP, "report", 0, numbers)
        return self.lot.length_each(transit, at, numbers, UP, "report", 0)

    def _reminded(self, at: Rows, attempts: Numbers, came: Times) -> None:
        """A further mail reminded somebody there who has not written the report yet."""
        if not len(at):
            return
        reported = self.arrives[at]
        self.play.odd[at[reported == came]] = True
        here = (came < reported) & (came <= self.sent[at])
        at, attempts, came = at[here], attempts[here], came[here]
        delay = self.play.notice.delay("report")
        length = self.lot.length_each(delay, at, attempts, "report", 0)
        self._due(at, self.setting.after(came, length), attempts, is_to_mail=True)

    def _remind(self, when: Times) -> None:
        play = self.play
        reported = stamp(self.arrives, ARRIVAL)
        due = (play.answered < when) & (reported > when)
        due &= time_of(when) <= self.setting.horizon
        if self.cut_off is not None:
            due &= time_of(when) >= self.cut_off
        current = np.zeros(play.count, dtype=np.int64)
        for officer, turn in enumerate(play.turn):
            current[turn < np.minimum(when, LATER)] = officer
        officers = np.maximum(np.where(self.by > 0, self.by, current), 1)
        for officer, address in enumerate(play.notice.addresses, 1):
            at = np.flatnonzero(due & (officers == officer))
            if not len(at) or not address:
                continue
            attempts = play.mails[officer][at]
            play.mails[officer][at] += 1
            got = deliver(self.lot, at, officer, attempts, time_of(when[at]))
            here = got.is_notified
            play.notified[at[here]] = np.minimum(play.notified[at[here]], got.at[here])
            there = (got.outcome == ACCEPTED) & (attempts > 0)
            there &= ~self.lot.absent(officer, at)
            there &= ~self.lot.away(officer, at)
            self._reminded(at[there], attempts[there], got.at[there])
