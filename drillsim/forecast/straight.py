"""Notices that go straight: the first officer answers the first mail before anything else matters.

That is what most of them do, and it takes few draws. No stand-in, call or giving up has come by
then, and a reminder that went out was read before the answer was written. Who may not have gone
so is left out here, and played by the rules in full (`drillsim.forecast.play`).

Arrays are notices by runs. Times are in ms; where two fall together, the notice is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drillsim.drill.durations import Period
from drillsim.drill.injects import Acknowledge
from drillsim.drill.rehearsal import Fault
from drillsim.forecast.alike import Alike, Said
from drillsim.forecast.draws import Bits, Flags, Numbers, Rows, Times, are_below, delays, steps_of
from drillsim.forecast.faults import is_calm, lateness, refused
from drillsim.forecast.lot import DOWN, UP, Elements
from drillsim.forecast.notice import Known
from drillsim.forecast.setting import Notice
from drillsim.forecast.stamps import NEVER
from drillsim.forecast.tiles import places_of
from drillsim.world.chance import LogNormal
from drillsim.world.habits import TWICE
from drillsim.world.network import BOUNCED_LATER


def may_go_straight(notice: Notice) -> bool:
    """Whether notices like this one may go straight at all."""
    asked = notice.asked
    if not notice.addresses or not notice.by_mail(1):
        return False
    if notice.inject.acknowledge is None:
        return not asked.pass_on and not asked.report
    return True


@dataclass(slots=True)
class Straight:
    """How notices went that went straight."""

    went: Flags
    notified: Times
    answered: Times
    written: Times
    officer: Numbers | int
    passed_on: Times | None = None
    reported: Times | None = None
    waits: Flags | None = None
    """Whether a reminder of the report may have come before it: then it has to be looked at."""
    reminders: tuple[Times, ...] = ()
    """When the answer was asked for again, if it had not come by then."""

    def known(self, at: tuple[Rows, ...], horizon: int) -> Known:
        """Return how it stands before the report, for some of them."""
        answered = self.answered[at]
        mails = np.ones(len(answered), dtype=np.int64)
        for when in self.reminders:
            mails += (when[at] < answered) & (when[at] <= horizon)
        by = np.ones(len(answered), dtype=np.int64)
        return Known(self.notified[at], answered, self.written[at], by, (mails,))


@dataclass(frozen=True, slots=True)
class Tile:
    """Some notices that are alike in some runs: so many that they fit into a processor's cache."""

    alike: Alike
    part: slice
    seeds: Bits
    """Of the runs, spread and turned (`drillsim.forecast.draws.Draws`)."""
    began: Times
    may_begin: Flags
    """Where they begin, and nothing comes from outside."""

    def elements(self, flags: Flags, rows: Rows) -> Elements:
        """Return the elements that are flagged; `rows` are the places of the runs."""
        flat = np.flatnonzero(flags)
        place = flat // len(rows)
        run = flat - place * len(rows)
        return Elements(place + self.part.start, rows.take(run), self.began.take(flat))

    def _drawn(self, keys: Bits) -> Bits:
        return self.seeds ^ keys[self.part, np.newaxis]

    def length(self, delay: LogNormal, *what: str | int) -> Times:
        """Return how long something takes."""
        return delays(delay).take(steps_of(self._drawn(self.alike.keys(*what))))

    def happens(self, rate: Fraction, *what: str | int) -> Flags | None:
        """Return where something of this rate happens, or None if it never does."""
        if not rate:
            return None
        return are_below(self._drawn(self.alike.keys(*what)), rate)

    def node_happens(self, rate: Fraction, *what: str | int) -> Flags | None:
        """Return where something happens that is drawn for the node, or None if it never does."""
        if not rate:
            return None
        return are_below(self._drawn(self.alike.node_keys(*what)), rate)

    def said(self, what: Said, officer: int) -> Flags | None:
        """Return where the scenario says so about `officer`, or None if nowhere."""
        said = self.alike.said(what, officer)
        return None if said is None else said[self.part, np.newaxis]

    def faults(self, officer: int) -> Iterator[tuple[int, Sequence[Fault]]]:
        """Yield the faults on the way to `officer`, with the place of the notice they hit."""
        for number, faults in self.alike.faults(officer):
            if self.part.start <= number < self.part.stop:
                yield number - self.part.start, faults

    def some(
        self, rate: Fraction, place: Rows, run: Rows, purpose: str, *parts: str | int
    ) -> Flags:
        """Return where something happens that is drawn for the node, for some elements."""
        keys = self.alike.node_keys(purpose, *parts)[self.part]
        return are_below(self.seeds[run] ^ keys[place], rate)

    def due(self, period: Period) -> Times:
        """Return when a period from each notice's beginning ends."""
        return self.alike.setting.due(self.began, period)


def go_straight(tile: Tile) -> Straight:
    """Return which notices go straight, and how."""
    usual = tile.alike.setting.usual
    came = tile.length(usual.transit, DOWN, 1, 0, 1)
    came += tile.began
    went = tile.may_begin.copy()
    dead = _or(tile.node_happens(usual.dead_address, "dead", 1), tile.said("dead", 1))
    _without(went, dead)
    if tile.alike.notice.inject.acknowledge is None:
        _inform(tile, went, came, dead)
        never = np.broadcast_to(np.int64(NEVER), came.shape)
        return Straight(went, came, never, never, 0)
    _without(went, tile.node_happens(usual.absence_notice, "absence", 1))
    _without(went, tile.node_happens(usual.away, "away", 1))
    _without(went, tile.said("absent", 1))
    _without(went, tile.said("silent", 1))
    _without(went, tile.happens(usual.no_answer, "no-answer", 1, 0))
    return _Answer(tile, went, came).found()


def _inform(tile: Tile, went: Flags, came: Times, dead: Flags | None) -> None:
    """Let information go where a server takes it, also where one refused it for the first officer.

    It is enough that a server takes it, and some find out later that an address is dead.
    """
    first = None if dead is None else dead & tile.may_begin
    refusals = np.zeros(went.shape, dtype=np.bool_)
    for number, faults in tile.faults(1):
        began, arrives = tile.began[number], came[number]
        calm = is_calm(faults, began, arrives)
        went[number] &= calm
        refusals[number] = refused(faults, arrives) & (lateness(faults, began) == 0)
        refusals[number] &= tile.may_begin[number]
        if first is None:
            first = np.zeros(went.shape, dtype=np.bool_)
        first[number] = (first[number] & calm) | refusals[number]
    if first is None:
        return
    place, run = places_of(first)
    bounced = tile.some(BOUNCED_LATER, place, run, "bounced-later", 1)
    bounced &= ~refusals[place, run]
    went[place[bounced], run[bounced]] = True
    _inform_second(tile, went, came, place[~bounced], run[~bounced])


def _inform_second(tile: Tile, went: Flags, came: Times, place: Rows, run: Rows) -> None:
    usual, notice = tile.alike.setting.usual, tile.alike.notice
    if len(notice.addresses) < 2 or not notice.by_mail(2):
        return
    sent = came[place, run]
    keys = tile.alike.keys(DOWN, 2, 0, 1)[tile.part][place]
    arrives = sent + delays(usual.transit).take(steps_of(tile.seeds[run] ^ keys))
    takes = ~tile.some(usual.dead_address, place, run, "dead", 2)
    takes &= sent <= tile.alike.setting.horizon
    said = tile.alike.said("dead", 2)
    if said is not None:
        takes &= ~said[tile.part][place]
    for number, faults in tile.faults(2):
        takes &= (place != number) | is_calm(faults, sent, arrives)
    place, run = place[takes], run[takes]
    came[place, run] = arrives[takes]
    went[place, run] = True


def _or(one: Flags | None, other: Flags | None) -> Flags | None:
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _without(went: Flags, hindered: Flags | None) -> None:
    if hindered is not None:
        np.greater(went, hindered, out=went)


class _Answer:
    """The answer to the first mail, and the report after it."""

    def __init__(self, tile: Tile, went: Flags, came: Times) -> None:
        self.tile, self.went, self.came = tile, went, came
        self.notice, self.setting = tile.alike.notice, tile.alike.setting
        self.usual = self.setting.usual
        delay = self.notice.delay("acknowledge")
        self.written = self.setting.after(came, tile.length(delay, "acknowledge", 1, 0))

    def found(self) -> Straight:
        """Return which notices go straight, and how."""
        tile, usual, asked = self.tile, self.usual, self.notice.asked
        under_way = tile.length(usual.transit, UP, "acknowledge", 1, 0)
        by_mail = self.written + under_way
        _without(self.went, tile.happens(usual.old_thread, "old_thread", 0))
        self._twice(under_way)
        answered, passed_on, reported, waits = by_mail, None, None, None
        if asked.pass_on:
            handling = tile.length(self.notice.delay("pass_on"), "pass-on", 0, 0)
            passed_on = self.setting.after(self.written, handling)
            answered = np.minimum(answered, passed_on)
        if asked.report:
            reported = self._reported()
            early = reported if not asked.collect else self._early(reported)
            answered = np.minimum(answered, early)
            waits = self._waits(answered, reported)
        self._before_all_else(answered)
        for place, faults in tile.faults(1):
            self.went[place] &= is_calm(faults, tile.began[place], answered[place])
        return Straight(
            went=self.went,
            notified=self.came,
            answered=answered,
            written=self.written,
            officer=self._officer(by_mail, answered),
            passed_on=passed_on,
            reported=reported,
            waits=None if waits is None else waits & self.went,
            reminders=tuple(map(tile.due, self._asks.remind)),
        )

    @property
    def _asks(self) -> Acknowledge:
        asks = self.notice.inject.acknowledge
        assert asks is not None
        return asks

    def _twice(self, under_way: Times) -> None:
        """Leave out whose second answer may overtake the first."""
        twice = self.tile.happens(self.usual.answer_twice, "answer_twice", 0)
        if twice is not None:
            soonest = int(delays(TWICE)[0] + delays(self.usual.transit)[0])
            twice &= under_way >= soonest
            _without(self.went, twice)

    def _before_all_else(self, answered: Times) -> None:
        """Leave out who has not answered when something else is due."""
        tile, asks, went = self.tile, self._asks, self.went
        for period in {asks.stand_in_after, asks.call_after, asks.give_up_after} - {None}:
            assert period is not None
            went &= answered < tile.due(period)
        longest = int(delays(self.usual.transit)[-1])
        for number, period in enumerate(asks.remind):
            when = tile.due(period)
            if number == 0:
                went &= self.came < when
            went &= (answered < when) | (when + longest <= self.written)

    def _officer(self, by_mail: Times, answered: Times) -> Numbers | int:
        rate = self.usual.unlisted_colleague
        if not self.notice.mailbox:
            return 1
        unlisted = self.tile.happens(rate, "unlisted_colleague", 0)
        if unlisted is None:
            return 1
        unlisted &= by_mail == answered
        return 1 - unlisted.astype(np.int64)

    def _reported(self) -> Times:
        tile = self.tile
        filling = tile.length(self.notice.delay("report"), "report", 0, 0)
        self.ready = self.setting.after(self.written, filling)
        reported = self.ready + tile.length(self.usual.transit, UP, "report", 0, 0)
        forgets = tile.happens(self.usual.report_forgotten, "report_forgotten", 0)
        if forgets is not None:
            np.putmask(reported, forgets, NEVER)
        return reported

    def _early(self, reported: Times) -> Times:
        """Return when a report would come that waits for those below till the cut-off at most."""
        report = self.notice.inject.report
        assert report is not None
        if report.cut_off is None or report.partial != "allowed":
            return np.full(reported.shape, NEVER, dtype=np.int64)
        sent = np.maximum(self.tile.due(report.cut_off), self.written + 1)
        later = np.maximum(sent - self.ready, 0)
        return np.where(reported < NEVER, reported + later, NEVER)

    def _waits(self, answered: Times, reported: Times) -> Flags:
        report = self.notice.inject.report
        assert report is not None
        waits = np.zeros(answered.shape, dtype=np.bool_)
        for period in report.remind:
            when = self.tile.due(period)
            self.went &= answered != when
            waits |= (answered < when) & (reported >= when)
        if self.notice.asked.collect or (self.usual.unreadable_file and report.form is not None):
            waits[...] = True
        return waits
