"""Notices of one inject that are alike, played together: elements are (notice, run) pairs.

What differs between them is what their draws are for, so keys are looked up by element; all else
(officers, what is asked, delays) is the same. Long arrays cost less per element than short ones.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np

from drillsim.drill.tree import NodeId
from drillsim.forecast.draws import Bits, Draws, Flags, Numbers, Rows, Times, delays
from drillsim.forecast.setting import Notice, People
from drillsim.world.chance import LogNormal, key_of, threshold

DOWN: Final = "transit\x1fdown"
UP: Final = "transit\x1fup"
"""What the transit of a mail is drawn for, before the notice (`world.chance.key_of`)."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    """The key of a draw that has a number last."""

    purpose: str
    parts: tuple[str | int, ...]
    number: int

    def __call__(self, notice: Notice) -> tuple[str | int, ...]:
        return (self.purpose, *notice.key, *self.parts, self.number)


@dataclass(frozen=True)
class Lot:
    """Some notices in some runs, `which` of them and `rows` for each element."""

    notices: Sequence[Notice]
    which: Rows
    rows: Rows
    draws: Draws
    people: People

    @cached_property
    def nodes(self) -> tuple[NodeId, ...]:
        """Whose notices they are."""
        return tuple(notice.node for notice in self.notices)

    @property
    def notice(self) -> Notice:
        """One of them: they are alike."""
        return self.notices[0]

    def __len__(self) -> int:
        return len(self.rows)

    def parts(self) -> Iterator[tuple[Notice, Rows]]:
        """Yield each notice with its elements."""
        if len(self.notices) == 1:
            yield self.notices[0], np.arange(len(self.rows))
            return
        for number, notice in enumerate(self.notices):
            yield notice, np.flatnonzero(self.which == number)

    def steps(self, at: Rows, purpose: str, *parts: str | int) -> Rows:
        """Return which of the 65,536 steps the draw of each element falls on."""
        keys = self._keys((purpose, *parts), lambda n: (purpose, *n.key, *parts))
        return self.draws.steps(self._at(keys, at), self.rows[at])

    def steps_each(self, at: Rows, numbers: Numbers, purpose: str, *parts: str | int) -> Rows:
        """Return as `steps`, where the last part of the key is another number at each element."""
        table = np.stack(
            [
                self._keys((purpose, *parts, number), _Numbered(purpose, parts, number))
                for number in range(int(numbers.max(initial=0)) + 1)
            ]
        )
        which = 0 if len(self.notices) == 1 else self.which[at]
        return self.draws.steps(table[numbers, which], self.rows[at])

    def node_happens(self, rate: Fraction, at: Rows, purpose: str, *parts: str | int) -> Flags:
        """Return where something happens that is drawn for the node, whatever the inject."""
        if not rate:
            return np.zeros(len(at), dtype=np.bool_)
        keys = self._keys(("node", purpose, *parts), lambda n: (purpose, n.node, *parts))
        return self.draws.steps(self._at(keys, at), self.rows[at]) < threshold(rate)

    def _keys(
        self, what: tuple[str | int, ...], key: Callable[[Notice], tuple[str | int, ...]]
    ) -> Bits:
        """Return the key of each notice for a draw; they are the same in all chunks of runs."""
        known = self.notice.setting.keys
        place = (self.notice.key[0], self.nodes, what)
        if place not in known:
            purposes = (key(notice) for notice in self.notices)
            known[place] = np.array([key_of(*map(str, each)) for each in purposes], np.uint64)
        return known[place]

    def _at(self, keys: Bits, at: Rows) -> int | Bits:
        return int(keys[0]) if len(self.notices) == 1 else keys[self.which[at]]

    def happens(self, rate: Fraction, at: Rows, purpose: str, *parts: str | int) -> Flags:
        """Return where something of this rate happens."""
        if not rate or not len(at):
            return np.zeros(len(at), dtype=np.bool_)
        return self.steps(at, purpose, *parts) < threshold(rate)

    def happens_each(
        self, rate: Fraction, at: Rows, numbers: Numbers, purpose: str, *parts: str | int
    ) -> Flags:
        """Return as `happens`, where the last part of the key is another number at each element."""
        if not rate or not len(at):
            return np.zeros(len(at), dtype=np.bool_)
        return self.steps_each(at, numbers, purpose, *parts) < threshold(rate)

    def length(self, delay: LogNormal, at: Rows, purpose: str, *parts: str | int) -> Times:
        """Return how long it takes at each element, in ms."""
        if not len(at):
            return np.zeros(0, dtype=np.int64)
        return delays(delay)[self.steps(at, purpose, *parts)]

    def length_each(
        self, delay: LogNormal, at: Rows, numbers: Numbers, purpose: str, *parts: str | int
    ) -> Times:
        """Return as `length`, where the last part of the key is another number at each element."""
        if not len(at):
            return np.zeros(0, dtype=np.int64)
        return delays(delay)[self.steps_each(at, numbers, purpose, *parts)]

    def absent(self, officer: int, at: Rows) -> Flags:
        """Whether the mailbox of `officer` says that nobody is there."""
        return self._of_node(self.people.absent, officer, at)

    def away(self, officer: int, at: Rows) -> Flags:
        """Whether `officer` is away and nobody says anything (looked at where not absent)."""
        return self._of_node(self.people.away, officer, at)

    def dead(self, officer: int, at: Rows) -> Flags:
        """Whether the address of `officer` is dead."""
        return self._of_node(self.people.dead, officer, at)

    def _of_node(self, flags: Any, officer: int, at: Rows) -> Flags:
        if len(self.notices) == 1:
            found: Flags = flags(self.notices[0], officer)[self.rows[at]]
        else:
            found = np.stack([flags(n, officer) for n in self.notices])[
                self.which[at], self.rows[at]
            ]
        return found
