"""What 300 simulated drills were made of is found again; of three it is said to be too little."""

import math
from dataclasses import replace
from datetime import timedelta
from statistics import NormalDist
from typing import Any

import pytest

from drillsim.drill.durations import from_ms
from drillsim.drill.preset import Preset
from drillsim.drill.tree import NodeKind
from drillsim.forecast.draws import seed_of_run
from drillsim.forecast.fit import FittedRate, Observed, fit, fit_delay, gather, together
from drillsim.world.course import Course
from tests import examples

PEOPLE = {
    "preset": "announced-office-hours",
    "acknowledge": {"median": "14m", "sigma": "0.9"},
    "pass-on": {"median": "6m", "sigma": "0.7"},
    "report": {"median": "11m", "sigma": "0.6"},
    "no-answer": "0%",
    "away": "12%",
    "absence-notice": "9%",
    "dead-address": "8%",
    "report-forgotten": "15%",
}


def _drills(count: int, kinds: Any = None) -> list[Any]:
    story = examples.scenario(people=PEOPLE, window="3h")
    if kinds is not None:
        preset = {"format": "drillsim-people/1", "title": "架空の団体", "kinds": kinds}
        said = {"preset": "learnt.yaml", "acknowledge": None, "away": None}
        people = story.people.model_copy(update=said)
        people = people.with_preset_file(Preset.model_validate(preset))
        story = story.model_copy(update={"people": people})
    exercise = examples.exercise(examples.tree((2, 6)), story)
    found = []
    for run in range(count):
        course = Course(exercise, seed_of_run(9, run))
        found.append((exercise, list(course.run())))
    return found


def test_three_hundred_drills_tell_what_they_were_made_of() -> None:
    one = fit(gather(_drills(300))["municipality"])
    wanted = {"acknowledge": (14, 0.9), "report": (11, 0.6)}
    for name, (minutes, sigma) in wanted.items():
        delay = one.delays[name]  # type: ignore[index]
        assert delay.is_enough
        assert delay.censored > 0
        assert delay.median / timedelta(minutes=1) == pytest.approx(minutes, rel=0.1), name
        assert delay.sigma == pytest.approx(sigma, rel=0.1), name
    rates = {name: rate.rate for name, rate in one.rates.items()}
    assert rates["absence_notice"] == pytest.approx(0.09, rel=0.1)
    assert rates["dead_address"] == pytest.approx(0.08, rel=0.1)
    assert rates["away"] == pytest.approx(0.12, rel=0.1)
    assert rates["report_forgotten"] == pytest.approx(0.15, rel=0.1)


def test_each_kind_of_body_is_told_by_itself() -> None:
    wanted: dict[NodeKind, tuple[int, float, int]] = {
        "prefecture": (5, 0.6, 5),
        "municipality": (20, 1.1, 25),
    }
    kinds = {
        kind: {"acknowledge": {"median": f"{median}m", "sigma": str(sigma)}, "away": f"{away}%"}
        for kind, (median, sigma, away) in wanted.items()
    }
    found = gather(_drills(300, kinds))
    for kind, (median, sigma, away) in wanted.items():
        one = fit(found[kind])
        delay = one.delays["acknowledge"]
        assert delay.censored > 0
        assert delay.median / timedelta(minutes=1) == pytest.approx(median, rel=0.1), kind
        assert delay.sigma == pytest.approx(sigma, rel=0.1), kind
        # Of some 600 officers of prefectures 5 % are 30: give or take a dozen.
        assert one.rates["away"].rate == pytest.approx(away / 100, rel=0.1, abs=0.02), kind


def test_three_drills_are_too_little_and_widen_the_spread() -> None:
    found = gather(_drills(3))
    everybody = fit(together(found.values()))
    assert set(found) == {"prefecture", "municipality"}
    for material in found.values():
        one = fit(material, everybody)
        delay = one.delays["acknowledge"]
        assert not delay.is_enough
        assert delay.told_sigma > delay.sigma


def test_fewer_answers_widen_the_spread_more() -> None:
    lengths = [from_ms(round(60_000 * math.exp(0.3 * n))) for n in range(-4, 5)]
    wider = []
    for times in (1, 2, 3):
        observed = Observed()
        for length in lengths * times:
            observed.add(length, True)
        delay = fit_delay(observed, may_fail=False)
        assert delay is not None
        wider.append(delay.told_sigma / delay.sigma)
    assert wider == sorted(wider, reverse=True)
    assert wider[0] > 1.05


def test_a_share_of_few_cases_is_drawn_to_that_of_all_bodies() -> None:
    few = FittedRate(rate=1 / 3, low=0.1, high=0.7, of=3)
    assert few.told == pytest.approx(1.5 / 4)
    assert replace(few, usual=0.06).told == pytest.approx((1 + 33 * 0.06) / 36)
    assert replace(few, of=36).told == few.rate
    assert FittedRate(rate=0, low=0, high=0.5, of=3).told > 0, "what has not happened may happen"


def test_the_error_of_a_median_is_that_of_the_mean_of_its_logs() -> None:
    observed = Observed()
    for number in range(1, 401):
        place = NormalDist().inv_cdf((number - 0.5) / 400)
        observed.add(from_ms(round(600_000 * math.exp(0.8 * place))), True)
    delay = fit_delay(observed, may_fail=True)
    assert delay is not None
    assert delay.median_error == pytest.approx(0.8 / math.sqrt(400), rel=0.05)
    assert delay.sigma_error == pytest.approx(0.8 / math.sqrt(800), rel=0.05)


def test_censored_answers_count_as_longer() -> None:
    lengths = [from_ms(round(60_000 * math.exp(0.1 * n))) for n in range(-20, 21)]
    whole, cut = Observed(), Observed()
    for length in lengths:
        whole.add(length, True)
        cut.add(min(length, timedelta(minutes=1.5)), length <= timedelta(minutes=1.5))
    free, bounded = fit_delay(whole, may_fail=False), fit_delay(cut, may_fail=False)
    assert free is not None
    assert bounded is not None
    assert bounded.median / free.median == pytest.approx(1, rel=0.05)
    assert bounded.sigma == pytest.approx(free.sigma, rel=0.15)
