"""Most notices take a short way, and come to the same times as by the rules in full."""

import numpy as np
import pytest

from drillsim.forecast import rehearsals
from drillsim.forecast.draws import seeds_of_runs
from drillsim.forecast.notice import TIMES
from drillsim.forecast.play import Play
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from tests.simulation import forecasting
from tests.simulation.drills import shipped


def _elements_in_full(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counts: list[int] = []
    run = Play.run

    def counted(play: Play) -> None:
        counts.append(play.count)
        run(play)

    monkeypatch.setattr(Play, "run", counted)
    return counts


def test_few_notices_of_a_shipped_drill_need_the_rules_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts, runs = _elements_in_full(monkeypatch), 200
    found = rehearse(Setting(shipped("national-virus")), seeds_of_runs(7, 0, runs))
    assert 0 < sum(counts) < 0.3 * runs * len(found.notices)


@pytest.mark.parametrize("name", ["national-virus", "r5-virus-suspicion", "r5-terminal-failure"])
def test_the_short_ways_lead_to_the_same_times(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, seeds = Setting(shipped(name)), seeds_of_runs(3, 0, 300)
    short = rehearse(setting, seeds)
    monkeypatch.setattr(rehearsals, "may_go_straight", lambda _notice: False)
    monkeypatch.setattr(rehearsals, "may_take_over", lambda _notice: False)
    full = rehearse(setting, seeds)
    assert not list(forecasting.differences(short, full))
    assert any((course.called < course.acknowledged).any() for course in short.notices.values())


def test_without_a_stand_in_everybody_goes_straight_or_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setting, seeds = Setting(shipped("r5-virus-suspicion")), seeds_of_runs(3, 0, 300)
    short = rehearse(setting, seeds)
    monkeypatch.setattr(rehearsals, "may_take_over", lambda _notice: False)
    full = rehearse(setting, seeds)
    for key, course in short.notices.items():
        for name in TIMES:
            assert np.array_equal(getattr(course, name), getattr(full.notices[key], name))


@pytest.mark.parametrize("number", [3, 55, 108, 214, 331, 502])
def test_many_runs_of_a_random_exercise_agree_with_the_kernel(number: int) -> None:
    found, _forecast = forecasting.check(
        Setting(forecasting.random_exercise(number)), seeds_of_runs(number, 0, 30)
    )
    assert found == []


@pytest.mark.parametrize("number", [10_063, 10_069, 10_152])
def test_what_was_misread_is_played_again(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, seeds = Setting(forecasting.random_exercise(number)), seeds_of_runs(number, 0, 60)
    by_kernel = rehearse(setting, seeds).alone
    monkeypatch.setattr(rehearsals, "_FEW", 1)
    found, forecast = forecasting.check(setting, seeds)
    assert found == []
    assert forecast.alone < by_kernel
