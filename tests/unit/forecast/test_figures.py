"""The forecast comes to the figures of the field (DOMAIN, section 4), within 5 %."""

from typing import Any

import numpy as np
import pytest

from drillsim.drill.exercise import Exercise
from drillsim.forecast.draws import Times, seeds_of_runs
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from tests import examples

RUNS = 4_000
AT_ONCE = {"median": "1ms", "sigma": "0"}
PROMPT = examples.CALM | {"no-answer": "0%", "transit": AT_ONCE, "pass-on": AT_ONCE}


def _answers(exercise: Exercise, node: str) -> Times:
    """Return by when all nodes whose id begins so had answered, in minutes."""
    found = rehearse(Setting(exercise), seeds_of_runs(4, 0, RUNS))
    times = [c.acknowledged for (_, name), c in found.notices.items() if name.startswith(node)]
    minutes: Times = np.maximum.reduce(times) / 60_000
    return minutes


def _exercise(widths: tuple[int, ...], **inject: Any) -> Exercise:
    asks = {"acknowledge": {"within": "15m"}}
    plain = {key: examples.INJECT[key] for key in ("id", "from", "subject", "body", "to")}
    elapsed = {"initial": "on", "states": {"on": {"send": ["first"]}}}
    story = examples.scenario(
        injects=[plain | asks | inject], people=PROMPT, window="7d", phases=elapsed
    )
    return examples.exercise(examples.tree(widths), story)


@pytest.mark.parametrize(
    ("count", "minutes"), [(9, 57), (19, 87), (25, 100), (47, 137), (179, 244)]
)
def test_the_last_of_many_answers(count: int, minutes: int) -> None:
    last = _answers(_exercise((count,), to="children"), "n")
    assert float(np.median(last)) == pytest.approx(minutes, rel=0.05)


def test_a_prefecture_first_and_then_its_nineteen_municipalities() -> None:
    exercise = _exercise((1, 19), **{"pass-on": {"to": "children", "within": "30m"}})
    last = _answers(exercise, "n1-")
    assert float(np.median(last)) == pytest.approx(106, rel=0.05)
    assert float(np.percentile(last, 90)) == pytest.approx(240, rel=0.05)
