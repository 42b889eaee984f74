"""What becomes of mails on their way to an officer, in many runs at once (`world.network`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from drillsim.drill.durations import to_ms
from drillsim.drill.rehearsal import Fault
from drillsim.forecast.draws import Flags, Numbers, Rows, Times
from drillsim.forecast.faults import deferred, lateness, lost, refused
from drillsim.forecast.lot import DOWN, Lot
from drillsim.forecast.stamps import NEVER
from drillsim.world.network import BOUNCED_LATER, retry_after

ACCEPTED: Final = 0
LOST: Final = 1
BOUNCED: Final = 2
REFUSED: Final = 3
UNDER_WAY: Final = 4
"""Still in a queue when the window closes."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one mail in each of some runs."""

    at: Times
    outcome: Numbers

    @property
    def is_notified(self) -> Flags:
        """Whether a server took the mail, whatever it did with it."""
        return self.outcome <= BOUNCED


def deliver(lot: Lot, at: Rows, officer: int, attempts: int | Numbers, sent: Times) -> Delivered:
    """Hand over the mail of `attempts` (one number, or one for each element) at these times."""
    dead = lot.dead(officer, at)
    arrives = sent + _transit(lot, at, officer, attempts, 1)
    outcome = np.zeros(len(at), dtype=np.int64)
    if dead.any():
        at_dead = np.flatnonzero(dead)
        later = lot.node_happens(BOUNCED_LATER, at[at_dead], "bounced-later", officer)
        outcome[at_dead] = np.where(later, BOUNCED, REFUSED)
    for number, faults in lot.alike.faults(officer):
        here = np.flatnonzero(lot.which[at] == number)
        mails = _Mails(lot, at[here], officer, part(attempts, here), faults)
        arrives[here] += lateness(faults, sent[here])
        arrives[here], outcome[here] = mails.hand_over(arrives[here], outcome[here])
    return Delivered(arrives, outcome)


def part(attempts: int | Numbers, which: Flags | Rows) -> int | Numbers:
    """Return the numbers of some of the elements, or the one for all."""
    return attempts if isinstance(attempts, int) else attempts[which]


@dataclass(frozen=True, slots=True)
class _Mails:
    """Mails to an officer of one node, on whose way there are faults."""

    lot: Lot
    at: Rows
    officer: int
    attempts: int | Numbers
    faults: Sequence[Fault]

    def hand_over(self, arrives: Times, outcome: Numbers) -> tuple[Times, Numbers]:
        """Try until it does not help any more; `outcome` is what becomes of those not hindered."""
        pending = np.arange(len(arrives))
        tries = 1
        while len(pending):
            when = arrives[pending]
            outcome[pending[lost(self.faults, when)]] = LOST
            outcome[pending[refused(self.faults, when)]] = REFUSED
            later = deferred(self.faults, when)
            pending, again = pending[later], when[later] + to_ms(retry_after(tries))
            in_time = again <= self.lot.notice.setting.horizon
            outcome[pending[~in_time]] = UNDER_WAY
            arrives[pending[~in_time]] = NEVER
            pending, again = pending[in_time], again[in_time]
            tries += 1
            attempts = part(self.attempts, pending)
            transit = _transit(self.lot, self.at[pending], self.officer, attempts, tries)
            arrives[pending] = again + transit + lateness(self.faults, again)
        return arrives, outcome


def _transit(lot: Lot, at: Rows, officer: int, attempts: int | Numbers, tries: int) -> Times:
    transit = lot.notice.setting.usual.transit
    if isinstance(attempts, int):
        return lot.length(transit, at, DOWN, officer, attempts, tries)
    length = np.empty(len(at), dtype=np.int64)
    for attempt in np.flatnonzero(np.bincount(attempts)).tolist():
        here = np.flatnonzero(attempts == attempt)
        length[here] = lot.length(transit, at[here], DOWN, officer, attempt, tries)
    return length
