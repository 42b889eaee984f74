"""The chance of arrays is that of the world, bit by bit."""

from fractions import Fraction

import numpy as np
import pytest

from drillsim.forecast.draws import Draws, delays, keys_of, seed_of_run, seeds_of_runs
from drillsim.world import chance
from drillsim.world.habits import PRESETS


def test_seeds_of_runs_are_the_documented_stream() -> None:
    seeds = seeds_of_runs(7, 3, 40)
    assert [seed_of_run(7, run) for run in range(3, 40)] == seeds.tolist()
    steps = (chance.spread(7) + 3 * chance.GOLDEN) & chance.MASK
    assert seeds[0] == chance.mix(steps) >> 33


def test_draws_are_those_of_the_world() -> None:
    draws = Draws(seeds_of_runs(7, 0, 500))
    seeds = [int(seed) for seed in draws.seeds]
    key = chance.key_of("call", "first", "352012", 2)
    assert draws.bits(key).tolist() == [
        chance.draw(seed, "call", "first", "352012", 2) for seed in seeds
    ]
    rate = Fraction(7, 100)
    assert draws.happens(rate, None, "away", "352012", 1).tolist() == [
        chance.happens(rate, seed, "away", "352012", 1) for seed in seeds
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_delays_are_those_of_the_world_to_the_millisecond(preset: str) -> None:
    delay = PRESETS[preset].acknowledge
    table = delays(delay)
    places = [*range(64), *range(64, chance.STEPS, 97), *range(chance.STEPS - 64, chance.STEPS)]
    assert [int(table[place]) for place in places] == [delay.milliseconds(p) for p in places]
    assert np.all(np.diff(table) >= 0)


def test_keys_of_many_names_are_those_of_chance() -> None:
    names = [("first", "350001"), ("first", "宇部市")]
    keys = keys_of([chance.name_of(*name) for name in names], "transit\x1fdown", 1, 0)
    assert keys.tolist() == [chance.key_of("transit\x1fdown", *name, 1, 0) for name in names]
    assert keys_of([chance.name_of("350001")], "away").tolist() == [chance.key_of("away", "350001")]
