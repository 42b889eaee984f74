"""Whom a message reaches if all goes well, and where everybody is reached."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from drillsim.drill.calendar import Calendar
from drillsim.drill.conditions import Condition, WhenAnswer
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import Inject, InjectId
from drillsim.drill.tree import NodeId
from tests import examples

WORD = InjectId("word")


def exercise(inject: dict[str, Any], **story: Any) -> Exercise:
    word = {"id": "word", "from": "n1", "subject": "word", "body": "架空の連絡", **inject}
    injects = [examples.INJECT, word]
    return examples.exercise(examples.tree((2, 2)), examples.scenario(injects=injects, **story))


@pytest.mark.parametrize(
    ("sender", "to", "direct"),
    [
        ("n1", "all", ["n", "n1-1", "n1-2", "n2", "n2-1", "n2-2"]),
        ("n1", "children", ["n1-1", "n1-2"]),
        ("n1-1", "children", []),
        ("n1-1", "parent", ["n1"]),
        ("n", "parent", []),
        ("n1", {"kind": "prefecture"}, ["n2"]),
        ("n", {"kind": ["prefecture"], "nodes": ["n1-2"]}, ["n1", "n1-2", "n2"]),
        ("n", {"nodes": "n2-1"}, ["n2-1"]),
    ],
)
def test_a_message_is_addressed_to_everybody_named_but_its_sender(
    sender: str, to: Any, direct: list[str]
) -> None:
    scope = exercise({"from": sender, "to": to}).scope(WORD)
    assert list(scope.direct) == list(scope.nodes) == direct
    assert set(scope.sender.values()) <= {sender}
    asked = [scope.asked[NodeId(node)] for node in direct]
    assert not any(each.acknowledge or each.report or each.pass_on for each in asked)


def test_who_takes_no_part_is_neither_written_to_nor_passed_on_to() -> None:
    absent = {"except": {"n1-1": "庁舎移転", "n2": "庁舎移転"}}
    word = {"from": "n", "to": {"kind": "prefecture"}, "pass-on": {"within": "30m"}}
    scope = exercise(word, participants=absent).scope(WORD)
    assert scope.sender == {"n1": "n", "n1-2": "n1"}
    assert scope.asked[NodeId("n1")].pass_on == ("n1-2",)


def test_a_message_goes_up_to_the_top_and_not_back_to_its_sender() -> None:
    up = {"pass-on": {"to": "parent", "within": "30m"}}
    scope = exercise({"from": "n1-1", "to": "parent", **up}).scope(WORD)
    assert scope.sender == {"n1": "n1-1", "n": "n1"}
    assert scope.asked[NodeId("n")].pass_on == ()
    scope = exercise({"from": "n", "to": {"nodes": ["n1-1"]}, **up}).scope(WORD)
    assert scope.sender == {"n1-1": "n", "n1": "n1-1"}


def test_whom_the_drill_writes_to_itself_is_not_written_to_again() -> None:
    word = {"from": "n", "to": {"nodes": ["n1", "n1-2"]}, "pass-on": {"within": "30m"}}
    scope = exercise(word).scope(WORD)
    assert scope.sender == {"n1": "n", "n1-2": "n", "n1-1": "n1"}


@pytest.mark.parametrize("collect", [None, "children"])
def test_who_passes_on_collects_only_where_reports_are_put_together(collect: str | None) -> None:
    word = {"from": "n", "to": {"nodes": "n1"}, "pass-on": {"within": "30m"}}
    scope = exercise({**word, "report": {"within": "1h", "collect": collect}}).scope(WORD)
    asked = scope.asked[NodeId("n1")]
    assert (asked.report, asked.pass_on) == (True, ("n1-1", "n1-2"))
    assert asked.collect == (asked.pass_on if collect else ())


def test_a_scope_is_worked_out_once() -> None:
    drill = exercise({"to": "all"})
    assert drill.scope(WORD) is drill.scope(WORD)


def test_a_typed_message_that_is_typed_anew_gives_way_to_the_later_one() -> None:
    drill = exercise({"to": "all"})
    known = list(drill.injects)

    def typed(to: str) -> Inject:
        raw = {"id": "typed-1", "from": "n", "to": {"nodes": to}, "subject": "a", "body": "b"}
        return Inject.model_validate(raw)

    drill.add(typed("n1"))
    scope = drill.scope(InjectId("typed-1"))
    assert scope.direct == ("n1",)
    drill.add(typed("n1"))
    assert drill.scope(InjectId("typed-1")) is scope
    drill.add(typed("n2"))
    assert drill.scope(InjectId("typed-1")).direct == ("n2",)
    drill.add(known[1])
    assert drill.injects == [*known, typed("n2")]


NIGHT = {
    "mailbox": "office@n1.example",
    "officers": [
        {
            "name": "架空 一",
            "email": ["a@n1.example", "b@n1.example"],
            "phone": "1",
            "off-hours": {"email": ["c@n1.example", "d@n1.example"], "phone": "2"},
        },
        {"name": "架空 二", "phone": "3"},
        {"name": "架空 三", "email": "e@n1.example", "off-hours": {"phone": "4"}},
    ],
}


@pytest.mark.parametrize(
    ("hours", "calendar", "addresses", "phones"),
    [
        ("office", Calendar(), ["a", "office", "e"], ["1", "3", ""]),
        ("off-hours", Calendar(), ["c", "office", "e"], ["2", "3", "4"]),
        ("auto", Calendar(), ["c", "office", "e"], ["2", "3", "4"]),
        ("auto", None, ["a", "office", "e"], ["1", "3", ""]),
    ],
)
def test_at_night_everybody_is_reached_where_they_are_at_night(
    hours: str, calendar: Calendar | None, addresses: list[str], phones: list[str]
) -> None:
    drill = examples.exercise(
        examples.tree((1,), changes={"n1": NIGHT}), examples.scenario(hours=hours), calendar
    )
    node = drill.node(NodeId("n1"))
    assert [drill.address(node.id, n) for n in (1, 2, 3)] == [f"{a}@n1.example" for a in addresses]
    assert [node.phone(n, off_hours=drill.off_hours) for n in (1, 2, 3)] == phones
    assert [node.phone(n) for n in (1, 2, 3)] == ["1", "3", ""]
    assert [node.address(n) for n in (1, 2)] == ["a@n1.example", "office@n1.example"]


def test_a_tree_is_walked_from_above_in_the_order_of_the_file() -> None:
    tree = examples.tree((2, 2))
    assert [(depth, node.id) for depth, node in tree.walk()] == [
        (0, "n"),
        (1, "n1"),
        (2, "n1-1"),
        (2, "n1-2"),
        (1, "n2"),
        (2, "n2-1"),
        (2, "n2-2"),
    ]
    assert [(depth, node.id) for depth, node in tree.walk(NodeId("n2"))] == [
        (0, "n2"),
        (1, "n2-1"),
        (1, "n2-2"),
    ]


@pytest.mark.parametrize(
    ("waits_for", "met", "not_met"),
    [
        ({"is": "有"}, ["有"], ["無", "", "有 "]),
        ({"at-least": 3}, ["3", "４", "12"], ["2", "", "three", "-3", "3.5"]),
    ],
)
def test_an_answer_is_waited_for_by_its_words_or_as_a_number(
    waits_for: dict[str, Any], met: list[str], not_met: list[str]
) -> None:
    when = WhenAnswer.model_validate({"answer": "first.terminals", **waits_for})
    assert (when.inject, when.field) == ("first", "terminals")
    assert all(map(when.is_met_by, met))
    assert not any(map(when.is_met_by, not_met))


@pytest.mark.parametrize("value", [{"sometimes": "x"}, "operator", 3])
def test_what_is_none_of_the_conditions_is_told_once(value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter[Any](Condition).validate_python(value)
    assert len(refused.value.errors()) == 1
