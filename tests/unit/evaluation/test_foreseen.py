"""A drill's file keeps what was to be expected before it began, and gives it back unchanged."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from drillsim.drill.injects import InjectId
from drillsim.evaluation.foreseen import FORESEEN, Foreseen, ForeseenTier, foreseen_in

FIRST, SECOND = InjectId("first"), InjectId("第二報")
ABOVE = ForeseenTier(
    inject=FIRST,
    kind="prefecture",
    of=1,
    at_ms=(0, 60_000),
    sure=(0.0, 0.5),
    middle=(0.0, 1.0),
    rare=(0.25, 1.0),
)
BELOW = replace(ABOVE, kind="municipality", of=3, at_ms=(0, 120_000), middle=(0.0, 0.5))
OTHER = replace(ABOVE, inject=SECOND, of=2)
FORECAST = Foreseen(runs=400, seed=7, tiers=(ABOVE, BELOW, OTHER))


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_it_comes_back_from_the_journal_as_it_was_kept() -> None:
    text = FORECAST.as_text()
    assert foreseen_in(text.encode()) == FORECAST
    assert text.startswith('{"format":1,"runs":400,"seed":7,"tiers":[{"inject":"first",')
    assert "第二報" in text
    assert FORESEEN == "forecast.json"


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"no JSON",
        b"[]",
        b"{}",
        json.dumps({**json.loads(FORECAST.as_text()), "format": 2}).encode(),
        json.dumps({**json.loads(FORECAST.as_text()), "tiers": [{}]}).encode(),
        json.dumps({**json.loads(FORECAST.as_text()), "runs": None}).encode(),
    ],
)
def test_a_drill_is_read_without_a_forecast_that_this_version_does_not_know(
    data: bytes | None,
) -> None:
    assert foreseen_in(data) is None


def test_the_share_is_that_of_the_last_time_that_has_passed() -> None:
    assert [ABOVE.share(minutes(at)) for at in (-1, 0, 0.99, 1, 9)] == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_the_share_of_an_inject_weighs_its_tiers_by_their_nodes() -> None:
    assert [FORECAST.share(FIRST, minutes(at)) for at in (0, 1, 2)] == [0.0, 0.25, 0.625]
    assert FORECAST.share(SECOND, minutes(2)) == 1.0
    assert FORECAST.of_inject(FIRST) == (ABOVE, BELOW)


def test_nothing_is_foreseen_of_another_inject_or_before_its_release() -> None:
    assert FORECAST.share(InjectId("rumour"), minutes(1)) is None
    assert FORECAST.share(FIRST, minutes(-0.001)) is None


def test_a_curve_changes_at_the_times_of_all_tiers() -> None:
    assert FORECAST.times(FIRST) == [minutes(0), minutes(1), minutes(2)]
    assert FORECAST.times(InjectId("rumour")) == []
