"""The delays of simulated officers, as drawn over a thousand seeds, are those of the field.

The figures stand in the product's own record of the field: call-down drills for
`announced-office-hours`, Kooti 2015 for `ordinary-mail`, RAND 2005 for the unannounced ones. They
are about the first officer's answer as drawn, before stand-in, reminder, failure or window.
"""

from datetime import timedelta
from fractions import Fraction
from functools import cache
from statistics import fmean, median
from typing import get_args

import pytest

from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.preset import PresetName
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.world.chance import STEPS, draw, happens
from drillsim.world.habits import PRESETS, Town
from drillsim.world.staff import Staff
from tests import examples
from tests.simulation.drills import shipped

SEEDS = range(1_000)
POINTS = 0.02


@cache
def _exercise(preset: PresetName) -> Exercise:
    return examples.exercise(story=examples.scenario(people={"preset": preset}))


@cache
def delays(preset: PresetName) -> tuple[float, ...]:
    """Return the minutes that the first officers of all nodes take, over all seeds."""
    exercise = _exercise(preset)
    town = Town(exercise)
    notices = [(InjectId("first"), node.id) for node in exercise.tree.nodes]
    return tuple(
        Staff(exercise, town, seed).answer_delay(notice, 1, 0) / timedelta(minutes=1)
        for seed in SEEDS
        for notice in notices
    )


def share_within(preset: PresetName, minutes: float) -> float:
    drawn = delays(preset)
    return sum(delay <= minutes for delay in drawn) / len(drawn)


@pytest.mark.parametrize(("minutes", "share"), [(15, 0.63), (30, 0.82), (60, 0.93), (120, 0.98)])
def test_officers_who_were_told_of_the_drill_answer_as_in_call_down_drills(
    minutes: int, share: float
) -> None:
    assert share_within("announced-office-hours", minutes) == pytest.approx(share, abs=POINTS)


def test_the_drill_of_yamaguchi_is_among_people_who_were_told() -> None:
    exercise = shipped("r5-virus-suspicion")
    town = Town(exercise)
    assert exercise.scenario.people.preset == "announced-office-hours"
    municipalities = [n.id for n in exercise.tree.nodes if n.kind == "municipality"]
    inject = exercise.scenario.injects[0].id
    drawn = [
        Staff(exercise, town, seed).answer_delay((inject, node), 1, 0)
        for seed in SEEDS
        for node in municipalities
    ]
    assert len(drawn) == 19_000
    for minutes, share in ((15, 0.63), (30, 0.82), (60, 0.93), (120, 0.98)):
        within = sum(delay <= timedelta(minutes=minutes) for delay in drawn) / len(drawn)
        assert within == pytest.approx(share, abs=POINTS), minutes


def test_ordinary_mail_has_a_median_of_47_minutes_and_nine_in_ten_within_a_day() -> None:
    middle = PRESETS["ordinary-mail"].acknowledge.quantile(STEPS // 2)
    assert middle / timedelta(minutes=1) == pytest.approx(47, abs=1)
    assert median(delays("ordinary-mail")) == pytest.approx(47, rel=0.1)
    assert share_within("ordinary-mail", 24 * 60) == pytest.approx(0.90, abs=POINTS)


@pytest.mark.parametrize(
    ("preset", "mean"), [("unannounced-evening", 57), ("unannounced-weekend", 92)]
)
def test_unannounced_drills_have_the_means_of_the_study(preset: PresetName, mean: float) -> None:
    drawn = delays(preset)
    # 4,000 draws of a log-normal with sigma 1.2 give their mean to some 3 %; 8 % is beyond chance.
    assert fmean(drawn) == pytest.approx(mean, rel=0.08)
    assert median(drawn) == pytest.approx(mean / 2.0544, rel=0.06)


def test_medians_come_in_the_order_of_the_study() -> None:
    order: list[PresetName] = [
        "announced-office-hours",
        "unannounced-evening",
        "unannounced-weekend",
    ]
    medians = [median(delays(preset)) for preset in order]
    assert medians == sorted(medians)
    assert medians[0] == pytest.approx(10, rel=0.06)


def test_there_is_a_preset_for_every_name() -> None:
    assert set(get_args(PresetName)) == set(PRESETS)


def test_a_draw_does_not_depend_on_what_was_drawn_before() -> None:
    exercise = shipped("r5-virus-suspicion")
    town = Town(exercise)
    inject = exercise.scenario.injects[0].id
    keys: list[NoticeKey] = [(inject, node.id) for node in exercise.tree.nodes]
    there = {key: Staff(exercise, town, 7).answer_delay(key, 1, 0) for key in keys}
    staff = Staff(exercise, town, 7)
    for key in keys:
        staff.presence(key[1], 1)
        staff.pass_on_delay(key)
    back = {key: staff.answer_delay(key, 1, 0) for key in reversed(keys)}
    assert back == there


def test_another_node_officer_or_attempt_is_another_draw() -> None:
    exercise = _exercise("announced-office-hours")
    staff = Staff(exercise, Town(exercise), 7)
    first, other = (InjectId("first"), NodeId("n1-1")), (InjectId("first"), NodeId("n1-2"))
    drawn = {
        staff.answer_delay(first, 1, 0),
        staff.answer_delay(other, 1, 0),
        staff.answer_delay(first, 2, 0),
        staff.answer_delay(first, 1, 1),
    }
    assert len(drawn) == 4


@pytest.mark.parametrize("percent", [3, 5, 19, 36])
def test_rates_come_out_as_they_are_set(percent: int) -> None:
    rate = Fraction(percent, 100)
    count = sum(happens(rate, seed, "away", f"n{n}", 1) for seed in SEEDS for n in range(20))
    assert count / 20_000 == pytest.approx(percent / 100, abs=0.01)


def test_every_bit_of_a_draw_is_as_often_one_as_zero() -> None:
    draws = [draw(seed, "sanity", node) for seed in range(100) for node in range(100)]
    assert len(set(draws)) == len(draws)
    for bit in range(64):
        # 10,000 coins: five standard deviations are 250.
        assert abs(sum(value >> bit & 1 for value in draws) - 5_000) < 250, bit


def test_neighbouring_seeds_have_nothing_in_common() -> None:
    pairs = [
        (draw(seed, "sanity", node), draw(seed + 1, "sanity", node))
        for seed in range(100)
        for node in range(20)
    ]
    differing = fmean((a ^ b).bit_count() for a, b in pairs)
    assert differing == pytest.approx(32, abs=0.5)
