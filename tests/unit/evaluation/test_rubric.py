"""Rubrics: what a scenario may set, and what is wrong with one that does not fit."""

from fractions import Fraction
from typing import Any

import pytest

from drillsim.drill.scenario import Scoring
from drillsim.evaluation.rubric import Rating, rubric_faults, rubric_of


def scoring(**raw: Any) -> Scoring:
    return Scoring.model_validate(raw)


def test_the_usual_rubric_is_that_of_the_design() -> None:
    rubric = rubric_of(Scoring())
    assert dict(rubric.weights) == {
        "acknowledge": 40,
        "pass-on": 20,
        "report": 20,
        "answers": 15,
        "actions": 5,
    }
    assert rubric.late_credit == Fraction(1, 2)


@pytest.mark.parametrize(
    ("percent", "rating"),
    [
        (100, "P"),
        (80, "P"),
        (79.999, "S"),
        (66, "S"),
        (65.9, "M"),
        (50, "M"),
        (49.9, "U"),
        (0, "U"),
    ],
)
def test_ratings_follow_hseep(percent: float, rating: Rating) -> None:
    assert rubric_of(Scoring()).rating(Fraction(percent) / 100) == rating


def test_what_a_scenario_sets_replaces_the_usual_and_the_rest_stays() -> None:
    rubric = rubric_of(
        scoring(weights={"report": 0, "pass-on": 30}, thresholds={"P": 90}, **{"late-credit": "0%"})
    )
    assert (rubric.weights["report"], rubric.weights["pass-on"]) == (0, 30)
    assert rubric.weights["acknowledge"] == 40
    assert dict(rubric.thresholds) == {"P": 90, "S": 66, "M": 50}
    assert rubric.late_credit == 0


FALL = "write for example {P: 80, S: 66, M: 50}"
CRITERIA = ["acknowledge", "pass-on", "report", "answers", "actions"]


@pytest.mark.parametrize(
    ("raw", "key", "message", "remedy"),
    [
        (
            {"weights": {"speed": 3}},
            ("weights", "speed"),
            "there is no criterion speed",
            "write one of: acknowledge, pass-on, report, answers, actions",
        ),
        (
            {"weights": {"report": -1}},
            ("weights", "report"),
            "the weight -1 is not between 0 and 1000",
            "write another weight",
        ),
        (
            {"weights": {"report": 1001}},
            ("weights", "report"),
            "the weight 1001 is not between 0 and 1000",
            "write another weight",
        ),
        (
            {"weights": dict.fromkeys(CRITERIA, 0)},
            ("weights",),
            "no criterion has any weight",
            "write a weight above 0",
        ),
        *(
            (
                {"thresholds": thresholds},
                ("thresholds",),
                "the thresholds do not fall from P over S to M",
                FALL,
            )
            for thresholds in ({"S": 80}, {"P": 101}, {"M": -1}, {"M": 66})
        ),
    ],
)
def test_what_is_no_rubric_is_told_by_its_key(
    raw: dict[str, Any], key: tuple[str, ...], message: str, remedy: str
) -> None:
    (fault,) = rubric_faults(scoring(**raw))
    assert (fault.key, fault.message, fault.remedy) == (key, message, remedy)
    assert fault.is_key == ("no criterion speed" in message)
    with pytest.raises(ValueError, match=f"^{'.'.join(key)}: {message}$"):
        rubric_of(scoring(**raw))


def test_weights_and_thresholds_may_go_to_their_limits() -> None:
    raw = {"weights": {"report": 1000, "answers": 0}, "thresholds": {"P": 100, "S": 1, "M": 0}}
    assert list(rubric_faults(scoring(**raw))) == []
