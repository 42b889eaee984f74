"""When the first, a quarter, half … of those who were to answer had answered; and who in time.

A *mark* of p per cent is the time, from the release of the inject, at which the answers first
numbered at least p per cent of the **denominator**: all nodes that the inject was to reach and
that were to answer, whether anybody wrote to them or not. It is None where that never came to
pass before EndEx. `first` and `last` are the first and the last answer there was.

A *share within* so many minutes counts from each node's **own** notice, over the same
denominator; an answer exactly at the limit is within.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drillsim.evaluation.rate import Rate

PERCENTS = (25, 50, 75, 90)
WITHIN = tuple(timedelta(minutes=n) for n in (15, 30, 60))


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one group of nodes, counted from the release of the inject."""

    of: int
    first: timedelta | None
    at_percent: tuple[tuple[int, timedelta | None], ...]
    last: timedelta | None


def marks_of(answers: Iterable[timedelta], of: int) -> Marks:
    """Return the marks of `of` nodes, of which some answered after these times, in any order."""
    order = sorted(answers)
    return Marks(
        of=of,
        first=order[0] if order else None,
        at_percent=tuple((percent, _at(order, percent, of)) for percent in PERCENTS),
        last=order[-1] if order else None,
    )


def _at(order: Sequence[timedelta], percent: int, of: int) -> timedelta | None:
    needed = max(-(-of * percent // 100), 1)
    return order[needed - 1] if needed <= len(order) else None


def shares_within(delays: Sequence[timedelta], of: int) -> tuple[tuple[timedelta, Rate], ...]:
    """Return how many of `of` nodes answered within each of `WITHIN` from their own notice."""
    return tuple((limit, Rate(sum(delay <= limit for delay in delays), of)) for limit in WITHIN)


def median(lengths: Iterable[timedelta]) -> timedelta | None:
    """Return the middle of some lengths of time (of two middles the mean), or None of none."""
    order = sorted(lengths)
    if not order:
        return None
    middle = len(order) // 2
    return order[middle] if len(order) % 2 else (order[middle - 1] + order[middle]) / 2
