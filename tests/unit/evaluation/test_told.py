"""Evaluations told in full: whoever changes one reads in a diff what it changes for a drill.

A sealed drill is evaluated as it was: an auditor who counts again in the next version of the
program gets the figures of the report. What is to change is written anew by
`python -m tests.unit.evaluation.test_told`; the files lie in tests/data/evaluations.
"""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from drillsim.evaluation.comparison import compare, comparison_summary, year_of
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.evaluation.statistics import Statistics
from drillsim.evaluation.summary import findings_of, hops_summary, points_summary, summary
from tests.unit.evaluation.told import DAYS

TOLD = Path(__file__).parents[2] / "data" / "evaluations"


def evaluated(name: str) -> Evaluation:
    log = DAYS[name]()
    return evaluate(log.exercise, log.events)


def drill(name: str) -> dict[str, Any]:
    evaluation = evaluated(name)
    exercise = evaluation.timeline.exercise
    return {
        "sentences": [found.sentence(exercise) for found in findings_of(evaluation)],
        "mends": [mend.sentence() for mend in evaluation.mends],
        "summary": summary(evaluation),
        "points": points_summary(evaluation.score),
        "hops": hops_summary(evaluation.timeline),
    }


def all_together() -> dict[str, Any]:
    statistics = Statistics()
    drills = [evaluated(name) for name in DAYS]
    for evaluation in drills:
        statistics.take(evaluation)
    return {
        "drills": statistics.drills,
        "ends": dict(statistics.ends),
        "score": statistics.score.as_json(),
        "reached": statistics.reached.as_json(),
        "length": statistics.length.as_json(),
        "confirmed": {" ".join(key): each.as_json() for key, each in statistics.confirmed.items()},
        "marks": {
            " ".join(key): {name: each.as_json() for name, each in marks.items()}
            for key, marks in statistics.marks.items()
        },
        "bodies": [
            {
                "node": body.node,
                "kind": body.kind,
                "critical": body.critical.as_json(),
                "last": body.last.as_json(),
                "late": body.late.as_json(),
                "missed": body.missed.as_json(),
                "delay": body.delay.as_json(),
            }
            for body in statistics.bodies
        ],
    }


def years() -> dict[str, Any]:
    names = (
        "a-phase-runs-out-of-time",
        "a-condition-holds-before-the-rest-is-due",
        "the-window-closes-on-a-bad-day",
    )
    drills = zip(("R6", "R7", "R8"), names, strict=True)
    return dict(comparison_summary(compare([year_of(evaluated(n), year) for year, n in drills])))


TELL: dict[str, Callable[[], dict[str, Any]]] = {
    **{name: partial(drill, name) for name in DAYS},
    "all-together": all_together,
    "over-the-years": years,
}


def as_text(found: Any, depth: int = 0) -> str:
    """Return JSON with a line for each hop, point, tier and miss, so that a diff tells a fact."""
    flat = json.dumps(found, ensure_ascii=False)
    if len(flat) <= 96 or not isinstance(found, dict | list) or depth > isinstance(found, list) + 1:
        return flat
    inner = " " * (depth + 1)
    if isinstance(found, dict):
        each = [f"{json.dumps(key)}: {as_text(value, depth + 1)}" for key, value in found.items()]
        begin, end = "{}"
    else:
        each = [as_text(value, depth + 1) for value in found]
        begin, end = "[]"
    return f"{begin}\n{inner}" + f",\n{inner}".join(each) + f"\n{' ' * depth}{end}"


@pytest.mark.parametrize("name", TELL)
def test_a_drill_is_evaluated_as_it_was(name: str) -> None:
    assert as_text(TELL[name]()) + "\n" == (TOLD / f"{name}.json").read_text("utf-8")


def test_every_evaluation_that_is_told_is_made() -> None:
    assert sorted(TELL) == sorted(path.stem for path in TOLD.glob("*.json"))


if __name__ == "__main__":
    for each, tell in TELL.items():
        (TOLD / f"{each}.json").write_text(as_text(tell()) + "\n", "utf-8")
