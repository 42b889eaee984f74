"""When a condition of a scenario holds: shares of those in scope, answers, time gone by."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from drillsim.drill.conditions import Condition
from drillsim.drill.phases import holds
from drillsim.drill.scenario import InjectId
from tests import examples
from tests.unit.drill.desk import Desk, m
from tests.unit.drill.test_rules import answered, passes_on, reported, short

KINDS = ("national-center", "prefecture", "municipality", "branch")


def desk() -> Desk:
    """Return a drill at 20 minutes: the prefecture passed on, one of two towns has reported."""
    phases = {"initial": "notice", "states": {"notice": {"send": ["first"]}}}
    story = examples.scenario(injects=[examples.INJECT, short("second")], phases=phases)
    drill = Desk(examples.exercise(examples.tree((1, 2, 1), kinds=KINDS), story)).start()
    passes_on(answered(drill, 3), 5, "n1-1", "n1-2")
    return reported(drill, 9, "n1-1", "3").until(20)


@pytest.mark.parametrize(
    ("when", "is_met"),
    [
        ({"acknowledged": "first"}, False),
        ({"acknowledged": "first", "share": "40%"}, True),
        ({"acknowledged": "first", "share": "41%"}, False),
        ({"acknowledged": "first", "of": "prefecture"}, True),
        ({"acknowledged": "first", "of": "municipality", "share": "50%"}, True),
        ({"acknowledged": "first", "of": "municipality", "share": "51%"}, False),
        ({"acknowledged": "second", "share": "0%"}, False),
        ({"reported": "first", "share": "20%"}, True),
        ({"reported": "first", "share": "21%"}, False),
        ({"reported": "first", "of": "municipality", "share": "50%"}, True),
        ({"reported": "first", "of": "prefecture", "share": "1%"}, False),
        ({"passed-on": "first"}, False),
        ({"passed-on": "first", "of": "prefecture"}, True),
        ({"passed-on": "first", "of": "municipality", "share": "1%"}, False),
        ({"passed-on": "first", "share": "33.3%"}, True),
        # Nobody in scope is no success.
        ({"passed-on": "first", "of": "branch", "share": "0%"}, False),
        ({"acknowledged": "first", "of": "section", "share": "0%"}, False),
        ({"answer": "first.terminals", "is": "3"}, True),
        ({"answer": "first.terminals", "is": "3", "of": "prefecture"}, False),
        ({"answer": "first.terminals", "at-least": 4}, False),
        ({"answer": "first.line-cut", "is": "3"}, False),
        ({"elapsed": "20m"}, True),
        ({"elapsed": "21m"}, False),
        ({"operator": "next"}, False),
    ],
)
def test_a_condition_holds_as_soon_as_its_share_of_those_in_scope_has_done_it(
    when: dict[str, Any], is_met: bool
) -> None:
    board = desk().board
    condition: Condition = TypeAdapter[Any](Condition).validate_python(when)
    assert holds(board, condition, m(20)) is is_met
    assert InjectId("second") not in board.released
