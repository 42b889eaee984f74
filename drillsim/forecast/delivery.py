"""What becomes of mails on their way to an officer, in many runs at once (`world.network`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from drillsim.drill.durations import to_ms
from drillsim.drill.rehearsal import Fault
from drillsim.forecast.draws import Flags, Numbers, Rows, Times
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
    notice = lot.notice
    faults = notice.setting.faults(notice.node, officer)
    dead = lot.dead(officer, at)
    arrives = _arrives(lot, at, officer, attempts, 1, sent, faults)
    outcome = np.zeros(len(at), dtype=np.int64)
    if dead.any():
        at_dead = np.flatnonzero(dead)
        later = lot.node_happens(BOUNCED_LATER, at[at_dead], "bounced-later", officer)
        outcome[at_dead] = np.where(later, BOUNCED, REFUSED)
    if not faults:
        return Delivered(arrives, outcome)
    pending = np.arange(len(at))
    tries = 1
    while len(pending):
        when = arrives[pending]
        deferred = _hit(faults, "defer", when)
        refused = _hit(faults, "refuse", when) | _hit(faults, "mailbox-full", when)
        deferred &= ~refused
        lost = _hit(faults, "drop", when) & ~refused & ~deferred
        unknown = _hit(faults, "unknown-address", when) & ~deferred & ~lost
        outcome[pending[lost]] = LOST
        outcome[pending[refused | unknown]] = REFUSED
        pending, again = pending[deferred], when[deferred] + to_ms(retry_after(tries))
        out_of_time = again > notice.setting.horizon
        outcome[pending[out_of_time]] = UNDER_WAY
        arrives[pending[out_of_time]] = NEVER
        pending, again = pending[~out_of_time], again[~out_of_time]
        tries += 1
        if len(pending):
            each = attempts if isinstance(attempts, int) else attempts[pending]
            arrives[pending] = _arrives(lot, at[pending], officer, each, tries, again, faults)
    return Delivered(arrives, outcome)


def _arrives(
    lot: Lot,
    at: Rows,
    officer: int,
    attempts: int | Numbers,
    tries: int,
    sent: Times,
    faults: Iterable[Fault],
) -> Times:
    transit = lot.notice.setting.usual.transit
    if isinstance(attempts, int):
        length = lot.length(transit, at, DOWN, officer, attempts, tries)
        arrives = sent + length
    else:
        arrives = np.empty(len(at), dtype=np.int64)
        for attempt in np.unique(attempts):
            here = np.flatnonzero(attempts == attempt)
            length = lot.length(transit, at[here], DOWN, officer, int(attempt), tries)
            arrives[here] = sent[here] + length
    for fault in faults:
        if fault.by is not None:
            arrives = arrives + np.where(_holds(fault, sent), to_ms(fault.by), 0)
    return arrives


def _hit(faults: Iterable[Fault], kind: str, at: Times) -> Flags:
    hit = np.zeros(len(at), dtype=np.bool_)
    for fault in faults:
        if fault.kind == kind:
            hit |= _holds(fault, at)
    return hit


def _holds(fault: Fault, at: Times) -> Flags:
    holds = at >= to_ms(fault.from_)
    return holds if fault.until is None else holds & (at < to_ms(fault.until))
