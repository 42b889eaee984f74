"""The chance of `drillsim.world.chance` on arrays of runs: the same bits, the same delays.

A draw is a hash of (seed, what it is for), so one key serves a whole array of seeds. Delays come
from a table of the 65,536 steps of their distribution, which holds exactly the milliseconds that
`LogNormal.quantile` gives: what lies too near to a rounding edge for NumPy's last digit to be
trusted is taken from there.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from drillsim.world.chance import GOLDEN, STEPS, LogNormal, key_of, name_of, spread, threshold

Bits: TypeAlias = NDArray[np.uint64]
Times: TypeAlias = NDArray[np.int64]
"""Milliseconds of drill time, or stamps (`drillsim.forecast.stamps`)."""
Rows: TypeAlias = NDArray[np.intp]
"""Places in an array of runs."""
Flags: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = NDArray[np.int64]

_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)
_FACTOR_1, _FACTOR_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TO_STEP = np.uint64(48)
_NORMAL = NormalDist()


def keys_of(names: Iterable[bytes], *what: str | int) -> Bits:
    """Return the key of (purpose, name, further parts) for each name (`chance.key_of`)."""
    purpose, *parts = what
    before = name_of(purpose, "")
    after = name_of("", *parts) if parts else b""
    digests = [blake2b(before + name + after, digest_size=8).digest() for name in names]
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def seed_of_run(seed: int, run: int) -> int:
    """Return the seed of the `run`-th run (from 0) of a forecast with `seed`.

    It is the `run`-th number of the SplitMix64 stream that begins at `seed`, cut to 31 bits:
    `drillsim run --seed` with it is that run.
    """
    return int(seeds_of_runs(seed, run, run + 1)[0])


def seeds_of_runs(seed: int, first: int, end: int) -> Bits:
    """Return the seeds of the runs from `first` up to, but without, `end`."""
    runs = np.arange(first, end, dtype=np.uint64)
    return mixed(np.uint64(spread(seed)) + runs * np.uint64(GOLDEN)) >> np.uint64(33)


def mixed(z: Bits) -> Bits:
    """Return the SplitMix64 finalizer of every element (`drillsim.world.chance.mix`)."""
    z = z ^ (z >> _SHIFT_1)
    z *= _FACTOR_1
    z ^= z >> _SHIFT_2
    z *= _FACTOR_2
    z ^= z >> _SHIFT_3
    return z


def turned(z: Bits) -> Bits:
    """Return every element after the first turn of the SplitMix64 finalizer.

    That turn of a xor b is that of a xor that of b. So it is taken once for seeds and once for
    keys, and not for each of their pairs.
    """
    return z ^ (z >> _SHIFT_1)


def steps_of(z: Bits) -> Rows:
    """Return on which of the 65,536 steps draws fall; `z` is overwritten.

    `z` is seeds xor keys, both of them `turned`. The result is `mixed(z) >> 48` of what was turned,
    without the last turn of the finalizer, which changes lower bits only.
    """
    z = _upper_bits(z)
    z >>= _TO_STEP
    return z.view(np.int64)


def are_below(z: Bits, rate: Fraction) -> Flags:
    """Return which draws fall on the first steps, as many as `rate` of all; else as `steps_of`."""
    last = (threshold(rate) << 48) - 1
    if last < 0:
        return np.zeros(z.shape, dtype=np.bool_)
    return _upper_bits(z) <= np.uint64(last)


def _upper_bits(z: Bits) -> Bits:
    z *= _FACTOR_1
    z ^= z >> _SHIFT_2
    z *= _FACTOR_2
    return z


@cache
def delays(delay: LogNormal) -> Times:
    """Return the delay at each of the 65,536 steps, in ms, as `LogNormal.quantile` has it."""
    places = np.arange(STEPS)
    if len(delay.parts) == 1:
        ((_, median, sigma),) = delay.parts
        exact = median * np.exp(sigma * _normal_steps())
        doubt = exact * 1e-13 + 1e-9
    else:
        exact, doubt = _mixed_delays(delay)
    found = np.maximum(np.rint(exact), 1.0).astype(np.int64)
    near_an_edge = np.abs(exact - np.floor(exact) - 0.5) < doubt
    for place in places[near_an_edge]:
        found[place] = delay.milliseconds(int(place))
    found.flags.writeable = False
    return found


@cache
def _normal_steps() -> NDArray[np.float64]:
    return np.array([_NORMAL.inv_cdf((place + 0.5) / STEPS) for place in range(STEPS)])


_erfc = np.frompyfunc(math.erfc, 1, 1)


def _mixed_delays(delay: LogNormal) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the delays of a mix, and how far they may be off: Newton's method, kept in bounds."""
    share = (np.arange(STEPS) + 0.5) / STEPS
    low, high = np.full(STEPS, -2.0), np.full(STEPS, 30.0)
    logs = np.full(STEPS, 14.0)
    density = np.zeros(STEPS)
    for _ in range(60):
        below = np.zeros(STEPS)
        density = np.zeros(STEPS)
        for weight, median, sigma in delay.parts:
            width = max(sigma, 1e-9)
            place = (logs - math.log(median)) / width
            tails = np.asarray(_erfc(-place / math.sqrt(2)), dtype=np.float64)
            below += weight * 0.5 * tails
            density += weight * np.exp(-place * place / 2) / (width * math.sqrt(2 * math.pi))
        low, high = np.where(below < share, logs, low), np.where(below < share, high, logs)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = logs - (below - share) / density
        inside = (step > low) & (step < high) & np.isfinite(step)
        following = np.where(inside, step, (low + high) / 2)
        moved = float(np.max(np.abs(following - logs)))
        logs = following
        if moved < 1e-13:
            break
    exact = np.exp(logs)
    return exact, exact * (1e-13 + 1e-14 / np.maximum(density, 1e-12)) + 1e-9


@dataclass(frozen=True)
class Draws:
    """The draws of some runs."""

    seeds: Bits
    spreads: Bits = field(init=False, repr=False)
    turned: Bits = field(init=False, repr=False)
    """The spreads, `turned`."""

    def __post_init__(self) -> None:
        spreads = mixed(self.seeds * np.uint64(GOLDEN) + np.uint64(GOLDEN))
        object.__setattr__(self, "spreads", spreads)
        object.__setattr__(self, "turned", turned(spreads))

    def __len__(self) -> int:
        return len(self.seeds)

    def bits(self, key: int, rows: Rows | None = None) -> Bits:
        """Return 64 random bits for what `key` stands for, in these runs or in all."""
        spreads = self.spreads if rows is None else self.spreads[rows]
        return mixed(spreads ^ np.uint64(key))

    def steps(self, key: int, rows: Rows | None = None) -> Rows:
        """Return which of the 65,536 steps each draw falls on."""
        spreads = self.turned if rows is None else self.turned[rows]
        return steps_of(spreads ^ turned(np.array(key, dtype=np.uint64)))

    def happens(self, rate: Fraction, rows: Rows | None, purpose: str, *parts: str | int) -> Flags:
        """Return in which of these runs something of this rate happens."""
        if not rate:
            return np.zeros(len(self.spreads) if rows is None else len(rows), dtype=np.bool_)
        return self.steps(key_of(purpose, *parts), rows) < threshold(rate)


def chunks(runs: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of runs in chunks of `size`."""
    for first in range(0, runs, size):
        yield first, min(first + size, runs)
