"""A forecast tells the same times and final states as the drill with the seed of its run."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from drillsim.drill.durations import to_ms
from drillsim.forecast.draws import seed_of_run, seeds_of_runs
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.stamps import NEVER
from tests.simulation import forecasting
from tests.simulation.drills import NAMES, shipped
from tests.simulation.rehearsing import loaded, rough
from tests.simulation.rehearsing import rehearse as run_for_real


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_forecast_and_kernel_agree_on_random_exercises(first: int) -> None:
    told = {}
    for number in range(first, first + 50):
        setting = Setting(forecasting.random_exercise(number))
        found, forecast = forecasting.check(setting, seeds_of_runs(number, 0, 1))
        assert not found, (number, found[:5])
        told[number] = forecast
    by_kernel = sum(forecast.whole for forecast in told.values())
    assert by_kernel < len(told) / 4, "most is told by arrays"


def test_who_forgot_a_report_may_be_brought_to_it_by_a_follow_up_from_below() -> None:
    # Run 6 of this exercise: an office that put reports together wrote again, and the one above it,
    # which had forgotten its own, sent it then.
    setting = Setting(forecasting.random_exercise(20_161))
    found, forecast = forecasting.check(setting, seeds_of_runs(20_161, 0, 7))
    assert found == []
    assert forecast.whole


def test_forecast_and_director_agree_on_random_exercises(tmp_path: Path) -> None:
    play = partial(forecasting.by_director, tmp_path)
    notices = 0
    for number in range(1_000, 1_012):
        setting = Setting(forecasting.random_exercise(number))
        found, forecast = forecasting.check(setting, seeds_of_runs(number, 0, 1), play)
        assert not found, (number, found[:5])
        notices += sum(int(np.sum(each.submitted < NEVER)) for each in forecast.notices.values())
    assert notices > 60


def test_random_exercises_switch_every_habit_on_and_off() -> None:
    drawn = [forecasting.random_exercise(number).scenario.people for number in range(200)]
    for name in (*forecasting.RATES, *forecasting.OF_WORDS, "telephone"):
        given = [getattr(people, name.replace("-", "_")) for people in drawn]
        assert 40 < sum(map(bool, given)) < 160, name


@pytest.mark.parametrize("name", NAMES)
def test_forecast_and_kernel_agree_on_shipped_scenarios(name: str) -> None:
    found, forecast = forecasting.check(Setting(shipped(name)), seeds_of_runs(7, 0, 8))
    assert found == []
    assert forecast.unfit is None


@pytest.mark.parametrize(
    ("name", "number"),
    [("r5-terminal-failure", None), ("off-hours-contact-check", 3), ("municipality-virus", 5)],
)
def test_forecast_and_director_agree(name: str, number: int | None, tmp_path: Path) -> None:
    given = loaded(name) if number is None else rough(name, number)
    seed = seed_of_run(11, 2)
    forecast = rehearse(Setting(given.exercise), seeds_of_runs(11, 0, 3))
    board = run_for_real(given, seed, tmp_path / "real.drill").board
    for key, course in forecast.notices.items():
        record = board.notices.get(key)
        for what in ("submitted", "notified", "acknowledged", "passed_on", "reported", "called"):
            at: timedelta | None = getattr(record, f"{what}_at", None)
            assert course_time(getattr(course, what)[2]) == at, (key, what)
        if record is not None:
            assert record.state == forecast.state(key)[2], key
    assert board.end is not None
    assert forecast.end[2] == to_ms(board.end.at)


def course_time(ms: np.int64) -> timedelta | None:
    return None if ms >= NEVER else timedelta(milliseconds=int(ms))
