"""Notices that are alike in some runs each, played together: elements are (notice, run) pairs.

What differs between the notices is what their draws are for, so keys are looked up by element. An
array `at` names elements in their order, each once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

import numpy as np

from drillsim.forecast.alike import Alike, Said
from drillsim.forecast.draws import (
    Bits,
    Draws,
    Flags,
    Numbers,
    Rows,
    Times,
    are_below,
    delays,
    steps_of,
)
from drillsim.forecast.setting import Notice
from drillsim.world.chance import LogNormal

DOWN: Final = "transit\x1fdown"
UP: Final = "transit\x1fup"
"""What the transit of a mail is drawn for, before the notice (`world.chance.key_of`)."""


class Elements(NamedTuple):
    """Which notices of a group in which runs, and when they began."""

    which: Rows
    rows: Rows
    began: Times

    def some(self, at: Flags | Rows) -> "Elements":
        """Return some of them."""
        return Elements(self.which[at], self.rows[at], self.began[at])


def joined(parts: Sequence[Elements]) -> Elements:
    """Return the elements of all parts."""
    if len(parts) == 1:
        return parts[0]
    return Elements(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def cut(parts: Sequence[Elements], size: int) -> Iterator[Elements]:
    """Yield all elements in parts of `size`."""
    if not parts:
        return
    whole = joined(parts)
    for first in range(0, len(whole.rows), size):
        yield Elements(*(each[first : first + size] for each in whole))


PartT = TypeVar("PartT")


def in_parts(
    parts: Sequence[PartT], size: int, length: Callable[[PartT], int]
) -> Iterator[Sequence[PartT]]:
    """Yield parts put together so that they have some `size` elements each, if there are any."""
    some: list[PartT] = []
    count = 0
    for part in parts:
        some.append(part)
        count += length(part)
        if count >= size:
            yield some
            some, count = [], 0
    if some:
        yield some


@dataclass(frozen=True)
class Lot:
    """Some notices in some runs, `which` of them and `rows` for each element."""

    alike: Alike
    which: Rows
    rows: Rows
    draws: Draws

    @property
    def notice(self) -> Notice:
        """One of them: they are alike."""
        return self.alike.notice

    def __len__(self) -> int:
        return len(self.rows)

    def some(self, at: Rows) -> "Lot":
        """Return some of the elements."""
        return Lot(self.alike, self.which[at], self.rows[at], self.draws)

    @cached_property
    def _turned(self) -> Bits:
        return self.draws.turned[self.rows]

    def _drawn(self, keys: Bits, at: Rows) -> Bits:
        """Return what the draw of each element is made from; `keys` has one for each notice."""
        is_all = len(at) == len(self.rows)
        seeds = self._turned if is_all else self._turned[at]
        if len(keys) == 1:
            return seeds ^ keys
        drawn: Bits = keys.take(self.which if is_all else self.which[at])
        drawn ^= seeds
        return drawn

    def _drawn_each(self, at: Rows, numbers: Numbers, *what: str | int) -> Bits:
        """Return as `_drawn`, where the last part of the key is another number at each element."""
        present = np.flatnonzero(np.bincount(numbers))
        if len(present) == 1:
            return self._drawn(self.alike.keys(*what, int(present[0])), at)
        keys = [self.alike.keys(*what, number) for number in present.tolist()]
        which = 0 if len(self.alike) == 1 else self.which[at]
        places = np.searchsorted(present, numbers)
        drawn: Bits = np.stack(keys)[places, which]
        drawn ^= self._turned[at]
        return drawn

    def steps(self, at: Rows, *what: str | int) -> Rows:
        """Return which of the 65,536 steps the draw of each element falls on."""
        return steps_of(self._drawn(self.alike.keys(*what), at))

    def node_happens(self, rate: Fraction, at: Rows, *what: str | int) -> Flags:
        """Return where something happens that is drawn for the node, whatever the inject."""
        if not rate or not len(at):
            return np.zeros(len(at), dtype=np.bool_)
        return are_below(self._drawn(self.alike.node_keys(*what), at), rate)

    def happens(self, rate: Fraction, at: Rows, *what: str | int) -> Flags:
        """Return where something of this rate happens."""
        if not rate or not len(at):
            return np.zeros(len(at), dtype=np.bool_)
        return are_below(self._drawn(self.alike.keys(*what), at), rate)

    def happens_each(self, rate: Fraction, at: Rows, numbers: Numbers, *what: str | int) -> Flags:
        """Return as `happens`, where the last part of the key is another number at each element."""
        if not rate or not len(at):
            return np.zeros(len(at), dtype=np.bool_)
        return are_below(self._drawn_each(at, numbers, *what), rate)

    def length(self, delay: LogNormal, at: Rows, *what: str | int) -> Times:
        """Return how long it takes at each element, in ms."""
        if not len(at):
            return np.zeros(0, dtype=np.int64)
        return delays(delay).take(self.steps(at, *what))

    def length_each(self, delay: LogNormal, at: Rows, numbers: Numbers, *what: str | int) -> Times:
        """Return as `length`, where the last part of the key is another number at each element."""
        if not len(at):
            return np.zeros(0, dtype=np.int64)
        return delays(delay).take(steps_of(self._drawn_each(at, numbers, *what)))

    def absent(self, officer: int, at: Rows) -> Flags:
        """Whether the mailbox of `officer` says that nobody is there."""
        absent = self.node_happens(self.notice.setting.usual.absence_notice, at, "absence", officer)
        silent = self.alike.said("silent", officer)
        if silent is not None:
            absent &= ~silent[self.which[at]]
        return self._or_said("absent", officer, at, absent)

    def away(self, officer: int, at: Rows) -> Flags:
        """Whether `officer` is away and nobody says anything (looked at where not absent)."""
        away = self.node_happens(self.notice.setting.usual.away, at, "away", officer)
        return self._or_said("silent", officer, at, away)

    def dead(self, officer: int, at: Rows) -> Flags:
        """Whether the address of `officer` is dead."""
        first = self.notice.first_of(officer)
        dead = self.node_happens(self.notice.setting.usual.dead_address, at, "dead", first)
        return self._or_said("dead", first, at, dead)

    def _or_said(self, what: Said, officer: int, at: Rows, drawn: Flags) -> Flags:
        """Add where the scenario says so, to where chance does."""
        said = self.alike.said(what, officer)
        if said is not None:
            drawn |= said[self.which[at]]
        return drawn
