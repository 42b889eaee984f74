"""What falls due next: a heap of dues with a total order.

At one instant an operator's command comes first (it is always later than what was done before it),
then arrivals, then timers, then phases; within these by inject, node, officer
and attempt. Thus the order of a drill depends on the files and the seed alone. Nothing that is
carried out makes anything due at the same instant with a lower place, so dues are taken in rising
order, and the last one taken says which are done: that is all that a resume needs to know.
"""

from datetime import timedelta
from enum import IntEnum
from heapq import heappop, heappush
from typing import NamedTuple

from drillsim.drill.durations import from_ms, to_ms


class Rank(IntEnum):
    """The order of dues at one instant."""

    COMMAND = 0
    ARRIVAL = 1
    TIMER = 2
    PHASE = 3


class Due(NamedTuple):
    """Something that is to be carried out at `at`.

    `inject` and `node` are places in the files (from 0; -1 for none), so that equals are taken in
    the order in which users wrote them.
    """

    at: timedelta
    rank: Rank
    inject: int
    node: int
    officer: int
    attempt: int
    act: str
    detail: str = ""

    def as_text(self) -> str:
        """Return the due as the journal keeps it."""
        at, rank, inject, node, officer, attempt, act, detail = self
        return f"{to_ms(at)}/{rank:d}/{inject}/{node}/{officer}/{attempt}/{act}/{detail}"


def due_of_text(text: str) -> Due:
    """Return the due that `Due.as_text` wrote.

    Raises:
        ValueError: `text` is no due.
    """
    at, rank, inject, node, officer, attempt, act, detail = text.split("/", 7)
    return Due(
        from_ms(int(at)),
        Rank(int(rank)),
        int(inject),
        int(node),
        int(officer),
        int(attempt),
        act,
        detail,
    )


class Agenda:
    """All dues, the next one first."""

    def __init__(self) -> None:
        self._heap: list[Due] = []

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, due: Due) -> None:
        """Put `due` where it belongs; O(log n)."""
        heappush(self._heap, due)

    def peek(self) -> Due | None:
        """Return the next due, or None."""
        return self._heap[0] if self._heap else None

    def pop(self) -> Due:
        """Take the next due out; one that was put in twice counts once."""
        due = heappop(self._heap)
        while self._heap and self._heap[0] == due:
            heappop(self._heap)
        return due

    def drop_through(self, last: Due) -> None:
        """Forget every due that comes before `last`, and `last` itself: they are done."""
        while self._heap and self._heap[0] <= last:
            heappop(self._heap)
