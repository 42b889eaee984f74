"""Rates keep their denominators."""

from fractions import Fraction

import pytest

from drillsim.evaluation.rate import Rate, percent_of


@pytest.mark.parametrize(
    ("count", "of", "percent"),
    [
        (17, 19, 89.5),
        (1, 3, 33.3),
        (2, 3, 66.7),
        (1, 16, 6.3),  # 6.25, half up
        (0, 19, 0.0),
        (19, 19, 100.0),
        (9_999, 10_000, 99.9),  # 99.99 is not all
        (1, 10_000, 0.1),  # 0.01 is not none
    ],
)
def test_a_rate_in_per_cent(count: int, of: int, percent: float) -> None:
    assert Rate(count, of).percent == percent


def test_a_rate_of_nobody_has_no_share() -> None:
    assert Rate(0, 0).share is None
    assert Rate(0, 0).as_json() == {"count": 0, "of": 0, "percent": None}


def test_a_share_is_exact() -> None:
    assert Rate(17, 19).share == Fraction(17, 19)
    assert percent_of(Fraction(1, 2)) == 50.0
