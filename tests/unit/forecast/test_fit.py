"""What 300 simulated drills were made of is found again; of three it is said to be too little."""

import math
from datetime import timedelta

import pytest

from drillsim.drill.durations import from_ms
from drillsim.forecast.draws import seed_of_run
from drillsim.forecast.fit import Observed, fit, fit_delay, gather
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


def _drills(count: int) -> list:  # type: ignore[type-arg]
    exercise = examples.exercise(
        examples.tree((2, 6)), examples.scenario(people=PEOPLE, window="3h")
    )
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


def test_three_drills_are_too_little_and_widen_the_spread() -> None:
    one = fit(gather(_drills(3))["municipality"])
    delay = one.delays["acknowledge"]
    assert not delay.is_enough
    assert delay.told_sigma > delay.sigma


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
