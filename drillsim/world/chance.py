"""Chance as a function: a draw depends on the seed and on what it is for, never on other draws.

A draw is an integer hash of (seed, key), where the key names purpose, inject, node, officer and
attempt. Thus the order of events changes no draw, a rehearsal that was cut off goes on exactly,
and thousands of rehearsals can be computed as arrays: `mix` is written in plain 64-bit arithmetic
(the finalizer of SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", 2014), which works on whole arrays of seeds just as well.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cache, lru_cache
from hashlib import blake2b
from statistics import NormalDist

from drillsim.drill.durations import MILLISECOND, to_ms

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
STEPS = 1 << 16
"""Draws for delays have 16 bits: one of so many equally likely steps of the distribution."""

_NORMAL = NormalDist()


def mix(z: int) -> int:
    """Return the SplitMix64 finalizer of `z` (64 bits)."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def key_of(purpose: str, *parts: str | int) -> int:
    """Return the 64-bit key of what a draw is for."""
    return int.from_bytes(blake2b(name_of(purpose, *parts), digest_size=8).digest(), "big")


def name_of(*parts: str | int) -> bytes:
    """Return the bytes that are hashed for a key."""
    return "\x1f".join(map(str, parts)).encode()


@lru_cache(maxsize=8)
def spread(seed: int) -> int:
    """Return `seed` spread over 64 bits, so that neighbouring seeds have nothing in common."""
    return mix((seed * GOLDEN + GOLDEN) & MASK)


def draw(seed: int, purpose: str, *parts: str | int) -> int:
    """Return 64 random bits for (seed, purpose, parts): always the same ones."""
    return mix(spread(seed) ^ key_of(purpose, *parts))


def step(bits: int) -> int:
    """Return which of the `STEPS` a draw falls on: its upper 16 bits."""
    return bits >> 48


def happens(rate: Fraction, seed: int, purpose: str, *parts: str | int) -> bool:
    """Return whether something of this rate happens; exact for rates of 0 and 1."""
    if not rate:  # Most habits are set to never; it costs no draw, since none depends on another.
        return False
    return step(draw(seed, purpose, *parts)) < threshold(rate)


def threshold(rate: Fraction) -> int:
    """Return how many of the `STEPS` mean yes; the nearest, so 0 % is never and 100 % always."""
    return _threshold(rate.numerator, rate.denominator)  # The hash of a fraction takes long.


@lru_cache(maxsize=256)
def _threshold(numerator: int, denominator: int) -> int:
    return round(Fraction(numerator, denominator) * STEPS)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A mix of log-normal delays: parts of (weight, median in ms, sigma of the log)."""

    parts: tuple[tuple[float, float, float], ...]

    def quantile(self, place: int) -> timedelta:
        """Return the delay at step `place` (0 to 65,535), in whole milliseconds, at least one."""
        return _quantile(self, place)

    def milliseconds(self, place: int) -> int:
        """Return as `quantile`, as a number; a forecast has the same ones in a table."""
        share = (place + 0.5) / STEPS
        if len(self.parts) == 1:
            ((_, median, sigma),) = self.parts
            ms = median * math.exp(sigma * _z(place))
        else:
            ms = _inverse(self.parts, share)
        return max(round(ms), 1)


def log_normal(median: timedelta, sigma: float) -> LogNormal:
    """Return the distribution LN(median, sigma)."""
    return LogNormal(((1.0, float(to_ms(median)), sigma),))


@lru_cache(maxsize=1 << 18)
def _quantile(delay: LogNormal, place: int) -> timedelta:
    return delay.milliseconds(place) * MILLISECOND


@cache
def _z(place: int) -> float:
    return _NORMAL.inv_cdf((place + 0.5) / STEPS)


def _inverse(parts: tuple[tuple[float, float, float], ...], share: float) -> float:
    """Return where the mixed distribution function reaches `share`, by bisection on the log."""
    low, high = -2.0, 30.0  # e^30 ms are some 340 years.
    for _ in range(60):
        middle = (low + high) / 2
        below = sum(
            weight * _NORMAL.cdf((middle - math.log(median)) / max(sigma, 1e-9))
            for weight, median, sigma in parts
        )
        low, high = (middle, high) if below < share else (low, middle)
    return math.exp((low + high) / 2)
