"""When something happens, and its place among what happens at the same millisecond, in one number.

A stamp is the time in ms shifted left, with the place below it: arrivals first, then the timers of
a notice in the order of the agenda (`drillsim.drill.agenda`: officer, attempt, act). Stamps compare
as dues do, so "before" and "after" are plain comparisons of arrays.
"""

from typing import Final

import numpy as np

from drillsim.forecast.draws import Times

NEVER: Final = 1 << 40
"""Milliseconds: some 35 years, later than any drill."""
SHIFT: Final = 5
LATER: Final = NEVER << SHIFT
"""The stamp of what never happens."""

ARRIVAL: Final = 0
CALL: Final = 1
GIVE_UP: Final = 2
OFFICER: Final = (1 << SHIFT) - 1
"""What an officer, or a timer of an officer, does."""
REMINDERS_MAX: Final = (OFFICER - 5) // 2


def reminder_place(number: int, *, report: bool = False) -> int:
    """Return the place of the `number`-th reminder (from 0) of an acknowledgement or a report."""
    return 3 + 2 * number + report


def stamp(ms: Times, place: int) -> Times:
    """Return the stamps of these times; what never happens stays so."""
    stamps: Times = ms << SHIFT
    stamps |= place
    np.minimum(stamps, LATER, out=stamps)
    return stamps


def time_of(stamps: Times) -> Times:
    """Return the times of these stamps."""
    return stamps >> SHIFT
