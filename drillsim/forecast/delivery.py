"""What becomes of mails on their way to an officer, in many runs at once (`world.network`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from drillsim.drill.durations import to_ms
from drillsim.drill.rehearsal import Fault
from drillsim.forecast.draws import Draws, Flags, Numbers, Rows, Times
from drillsim.forecast.setting import Notice, People
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


def deliver(
    notice: Notice,
    officer: int,
    attempts: int | Numbers,
    sent: Times,
    rows: Rows,
    draws: Draws,
    people: People,
) -> Delivered:
    """Hand over the mail of `attempts` (one number, or one for each run) at these times."""
    faults = notice.setting.faults(notice.node, officer)
    dead = people.dead(notice, officer, rows)
    arrives = _arrives(notice, officer, attempts, 1, sent, rows, draws, faults)
    outcome = np.zeros(len(rows), dtype=np.int64)
    if dead.any():
        at_dead = np.flatnonzero(dead)
        later = draws.happens(BOUNCED_LATER, rows[at_dead], "bounced-later", notice.node, officer)
        outcome[at_dead] = np.where(later, BOUNCED, REFUSED)
    if not faults:
        return Delivered(arrives, outcome)
    pending = np.arange(len(rows))
    tries = 1
    while len(pending):
        at = arrives[pending]
        deferred = _hit(faults, "defer", at)
        refused = _hit(faults, "refuse", at) | _hit(faults, "mailbox-full", at)
        deferred &= ~refused
        lost = _hit(faults, "drop", at) & ~refused & ~deferred
        unknown = _hit(faults, "unknown-address", at) & ~deferred & ~lost
        outcome[pending[lost]] = LOST
        outcome[pending[refused | unknown]] = REFUSED
        pending, again = pending[deferred], at[deferred] + to_ms(retry_after(tries))
        out_of_time = again > notice.setting.horizon
        outcome[pending[out_of_time]] = UNDER_WAY
        arrives[pending[out_of_time]] = NEVER
        pending, again = pending[~out_of_time], again[~out_of_time]
        tries += 1
        if len(pending):
            each = attempts if isinstance(attempts, int) else attempts[pending]
            arrives[pending] = _arrives(
                notice, officer, each, tries, again, rows[pending], draws, faults
            )
    return Delivered(arrives, outcome)


def _arrives(
    notice: Notice,
    officer: int,
    attempts: int | Numbers,
    tries: int,
    sent: Times,
    rows: Rows,
    draws: Draws,
    faults: Iterable[Fault],
) -> Times:
    transit, key = notice.setting.usual.transit, ("transit", "down", *notice.key, officer)
    if isinstance(attempts, int):
        arrives = sent + draws.length(transit, rows, *key, attempts, tries)
    else:
        arrives = np.empty(len(rows), dtype=np.int64)
        for attempt in np.unique(attempts):
            at = np.flatnonzero(attempts == attempt)
            arrives[at] = sent[at] + draws.length(transit, rows[at], *key, int(attempt), tries)
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
