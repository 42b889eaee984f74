"""What an event costs does not grow with the tree: calls are counted, not seconds."""

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import ContactTree, NodeId
from drillsim.world.course import Course
from tests import examples

SMALL, LARGE = 40, 160
LATE = {**examples.CALM, "acknowledge": {"median": "60m", "sigma": 1.5}}
"""People of whom many miss the cut-off, so that a follow-up is written for each of them."""


class CountedId(str):
    """An id whose every comparison and look-up is a call, which the profiler sees."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


def star(children: int) -> Exercise:
    """Return a centre, one prefecture, and so many municipalities below it."""
    ids: dict[str | None, CountedId] = {}
    tree = examples.tree((1, children))
    for node in tree.nodes:
        ids[node.id] = CountedId(node.id)
    nodes = tuple(
        node.model_copy(update={"id": ids[node.id], "parent": ids.get(node.parent)})
        for node in tree.nodes
    )
    counted = tree.model_copy(update={"nodes": nodes})
    assert isinstance(counted, ContactTree)
    return examples.exercise(counted, examples.scenario(people=LATE))


def whole(course: Course) -> Iterator[AnyEvent]:
    return course.run()


def stopped(course: Course) -> Iterator[AnyEvent]:
    """Run a drill that is stopped for a real incident when most have been mailed."""
    at = timedelta(minutes=150)
    yield from course.start()
    while course.next_at is not None and course.next_at < at:
        yield from course.step()
    yield from course.command(at, lambda rules: rules.stop(at, "防府", "実事案"))
    while course.next_at is not None:
        yield from course.step()


def calls_an_event(children: int, run: Callable[[Course], Iterator[AnyEvent]]) -> float:
    exercise = star(children)
    assert len(exercise.to_be_reached) == children + 1  # What is worked out once is worked out.
    course = Course(exercise, 7)
    calls = 0

    def count(frame: FrameType, what: str, arg: Any) -> None:
        nonlocal calls
        calls += what in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        events = list(run(course))
    finally:
        sys.setprofile(before)
    assert len(events) > 5 * children
    return calls / len(events)


@pytest.mark.parametrize("run", [whole, stopped])
def test_an_event_costs_the_same_however_many_children_a_node_has(
    run: Callable[[Course], Iterator[AnyEvent]],
) -> None:
    assert calls_an_event(LARGE, run) < 1.1 * calls_an_event(SMALL, run)


def test_the_count_sees_a_search_through_all_children() -> None:
    def searching(course: Course) -> Iterator[AnyEvent]:
        nodes = tuple(course.exercise.tree.order)
        for event in course.run():
            assert NodeId(CountedId("nowhere")) not in nodes
            yield event

    assert calls_an_event(LARGE, searching) > 1.5 * calls_an_event(SMALL, searching)
