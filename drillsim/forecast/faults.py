"""Faults on the way to an officer, in many runs at once (`world.network`)."""

from collections.abc import Sequence

import numpy as np

from drillsim.drill.durations import to_ms
from drillsim.drill.rehearsal import Fault
from drillsim.forecast.draws import Flags, Times
from drillsim.forecast.stamps import NEVER


def lateness(faults: Sequence[Fault], sent: Times) -> Times:
    """Return how much longer mails take that are sent at these times, in ms."""
    late = np.zeros(sent.shape, dtype=np.int64)
    for fault in faults:
        if fault.by is not None:
            late += np.where(_holds(fault, sent), to_ms(fault.by), 0)
    return late


def deferred(faults: Sequence[Fault], at: Times) -> Flags:
    """Whether the server asks to try again later."""
    return _hit(faults, "defer", at) & ~_turned_away(faults, at)


def lost(faults: Sequence[Fault], at: Times) -> Flags:
    """Whether the mail is lost without a word."""
    return _hit(faults, "drop", at) & ~_turned_away(faults, at) & ~_hit(faults, "defer", at)


def refused(faults: Sequence[Fault], at: Times) -> Flags:
    """Whether the server refuses the mail for good."""
    unknown = _hit(faults, "unknown-address", at)
    unknown &= ~(_hit(faults, "defer", at) | _hit(faults, "drop", at))
    return unknown | _turned_away(faults, at)


def is_calm(faults: Sequence[Fault], since: Times, until: Times) -> Flags:
    """Whether nothing is the matter from `since` to `until`, both of them included."""
    calm = np.ones(np.broadcast_shapes(since.shape, until.shape), dtype=np.bool_)
    for fault in faults:
        ends = NEVER if fault.until is None else to_ms(fault.until)
        calm &= (since >= ends) | (until < to_ms(fault.from_))
    return calm


def _turned_away(faults: Sequence[Fault], at: Times) -> Flags:
    return _hit(faults, "refuse", at) | _hit(faults, "mailbox-full", at)


def _hit(faults: Sequence[Fault], kind: str, at: Times) -> Flags:
    hit = np.zeros(at.shape, dtype=np.bool_)
    for fault in faults:
        if fault.kind == kind:
            hit |= _holds(fault, at)
    return hit


def _holds(fault: Fault, at: Times) -> Flags:
    holds = at >= to_ms(fault.from_)
    return holds if fault.until is None else holds & (at < to_ms(fault.until))
