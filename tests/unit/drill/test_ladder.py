"""Whom a drill tries, told beforehand, is whom the rules try when nobody answers."""

from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.calendar import Calendar
from drillsim.drill.exercise import Exercise
from drillsim.drill.ladder import Ladder, ladder_of
from drillsim.drill.tree import NodeId
from drillsim.world.course import Course
from tests import examples

NODE = NodeId("n1")


def person(email: str = "", phone: str = "", night: dict[str, str] | None = None) -> dict[str, Any]:
    raw: dict[str, Any] = {"name": "架空 太郎"}
    if email:
        raw["email"] = email
    if phone:
        raw["phone"] = phone
    return raw | ({"off-hours": night} if night else {})


def exercise(changes: dict[str, Any], calendar: Calendar | None = None) -> Exercise:
    tree = examples.tree((1, 1), changes={NODE: changes})
    story = examples.scenario(people={**examples.CALM, "no-answer": "100%"})
    return examples.exercise(tree, story, calendar)


CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "two with addresses": (
        {"officers": [person("a@x.example"), person("b@x.example", "1")]},
        ["mail", "mail"],
    ),
    "a stand-in who reads the same mailbox": (
        {"officers": [person("a@x.example"), person("a@x.example", "1"), person("c@x.example")]},
        ["mail", "telephone", "mail"],
    ),
    "all read the office's mailbox": (
        {"mailbox": "m@x.example", "officers": [person(phone="1"), person(phone="2")]},
        ["mail", "telephone"],
    ),
    "the first has no address": (
        {"officers": [person(phone="1"), person("b@x.example")]},
        ["telephone", "mail"],
    ),
    "nobody has an address": (
        {"officers": [person(phone="1"), person()]},
        ["telephone", "nothing"],
    ),
    "one alone": ({"officers": [person("a@x.example")]}, ["mail"]),
}


@pytest.mark.parametrize("case", CASES)
def test_every_officer_is_tried_as_the_ladder_says(case: str) -> None:
    changes, means = CASES[case]
    drill = exercise(changes)
    ladder = ladder_of(drill, NODE)
    assert [rung.by for rung in ladder.rungs] == means
    assert [rung.officer for rung in ladder.rungs] == list(range(1, len(means) + 1))
    mailed, called = set(), set()
    for event in Course(drill, 7).run():
        if isinstance(event, ev.Submitted) and event.notice[1] == NODE:
            mailed.add(event.officer)
        if isinstance(event, ev.StandInCalled) and event.by == "telephone":
            called.add(event.officer)
    assert mailed == {rung.officer for rung in ladder.rungs if rung.by == "mail"}
    assert called == {rung.officer for rung in ladder.rungs[1:] if rung.by != "mail"}


@pytest.mark.parametrize(
    ("changes", "has_mail", "has_stand_in", "has_number"),
    [
        ({"officers": [person("a@x.example"), person("b@x.example")]}, True, True, False),
        ({"officers": [person("a@x.example"), person("a@x.example")]}, True, False, False),
        ({"officers": [person("a@x.example", "1")]}, True, False, True),
        ({"officers": [person()], "duty-desk": {"phone": "1"}}, False, False, True),
        ({"officers": []}, False, False, False),
    ],
)
def test_what_a_body_lacks_is_told(
    changes: dict[str, Any], has_mail: bool, has_stand_in: bool, has_number: bool
) -> None:
    ladder = ladder_of(exercise(changes), NODE)
    assert (ladder.has_mail, ladder.has_stand_in_by_mail) == (has_mail, has_stand_in)
    assert ladder.has_number == has_number


def test_at_night_the_contacts_for_the_night_are_the_ladder() -> None:
    changes = {
        "officers": [
            person("a@x.example", "1", {"email": "night@x.example", "phone": "9"}),
            person("b@x.example", "2", {"email": "night@x.example"}),
        ]
    }
    assert [r.by for r in ladder_of(exercise(changes), NODE).rungs] == ["mail", "mail"]
    night: Ladder = ladder_of(exercise(changes, Calendar()), NODE)
    assert [(r.by, r.address) for r in night.rungs] == [
        ("mail", "night@x.example"),
        ("telephone", "night@x.example"),
    ]
