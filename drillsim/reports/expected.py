"""What the scenario's preset expects of the people, beside what a drill showed (予測と実績).

The expectation is about the delay of a first officer's answer from the body's own notice, before
any stand-in, reminder, fault or window (DOMAIN, section 4). It is conditional on when each body
was in fact written to, so that a slow parent spoils no comparison of its children.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist

from drillsim.drill.durations import MILLISECOND, to_ms
from drillsim.evaluation.milestones import WITHIN
from drillsim.evaluation.timeline import Hop
from drillsim.world.chance import STEPS, LogNormal
from drillsim.world.habits import Habits

_POINTS = 60
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a preset expects of so many bodies that are written to."""

    within: tuple[tuple[timedelta, float], ...]
    """The share that answers within each of the usual limits, from 0 to 1."""
    median: timedelta | None
    """The middle of the delays; None where not even half would answer."""
    last: timedelta | None
    """The middle of the delay of the slowest, if everybody answers."""


def expectation_of(habits: Habits, bodies: int) -> Expectation:
    """Return what the habits at so many bodies (at least 1) make one expect."""
    answering = 1 - float(habits.no_answer)
    return Expectation(
        within=tuple(
            (limit, answering * share_within(habits.acknowledge, limit)) for limit in WITHIN
        ),
        median=_quantile(habits.acknowledge, 0.5 / answering) if answering > 0.5 else None,
        last=_quantile(habits.acknowledge, 0.5 ** (1 / bodies)) if answering else None,
    )


def share_within(delay: LogNormal, length: timedelta) -> float:
    """Return the share of delays that are at most `length`."""
    ms = to_ms(length)
    if ms <= 0:
        return 0.0
    return sum(
        weight * _NORMAL.cdf((math.log(ms) - math.log(median)) / max(sigma, 1e-9))
        for weight, median, sigma in delay.parts
    )


def expected_answers(
    habits: Habits, hops: Sequence[Hop], until: timedelta
) -> tuple[tuple[timedelta, float], ...]:
    """Return how many of `hops` would have answered by when, as (time, number), up to `until`.

    Times count from StartEx, `until` from the release. Bodies that nobody wrote to answer nothing.
    """
    answering = 1 - float(habits.no_answer)
    # A parent writes to all its children at once: few times, however many bodies.
    begun = Counter(hop.submitted_at for hop in hops if hop.submitted_at is not None)
    if not begun:
        return ()
    released = hops[0].released_at
    first = min(begun)
    length = max(released + until - first, MILLISECOND)
    points = []
    for number in range(_POINTS + 1):
        at = first + length * number / _POINTS
        count = sum(n * share_within(habits.acknowledge, at - since) for since, n in begun.items())
        points.append((at, answering * count))
    return tuple(points)


def _quantile(delay: LogNormal, share: float) -> timedelta:
    return delay.quantile(min(int(share * STEPS), STEPS - 1))
