"""Seats: who sits where, what the simulated world leaves to them, and what happens afterwards."""

from datetime import timedelta
from typing import Any

import pytest

from drillsim.conduct import acts
from drillsim.conduct.clocks import DrillClock
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.seating import seat_nodes
from drillsim.drill import events as ev
from drillsim.drill.board import IllegalEventError, fold
from drillsim.drill.events import AnyEvent
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.problem import UsageError
from drillsim.world.course import Course
from tests import examples

FIRST, PREFECTURE, TOWN = InjectId("first"), NodeId("n1"), NodeId("n1-1")
BY = "練習 一郎"


def course(*seats: NodeId, **changes: Any) -> Course:
    drill = Course(examples.exercise(story=examples.scenario(**changes)), 7)
    drill.start(seats, BY)
    return drill


def run_to(drill: Course, at: timedelta) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    while (following := drill.next_at) is not None and following <= at:
        events += drill.step()
    return events


def give(drill: Course, kind: str, **payload: Any) -> list[AnyEvent]:
    last = drill.last
    assert last is not None
    at = last.at + timedelta(milliseconds=1)
    return drill.command(at, acts.order(kind, payload, BY, at, drill.board))


def refusal(drill: Course, kind: str, **payload: Any) -> str:
    with pytest.raises(RefusedOrderError) as refused:
        give(drill, kind, **payload)
    return str(refused.value)


def of_node(events: list[AnyEvent], node: NodeId) -> list[AnyEvent]:
    """Return what the simulated people of a node did."""
    theirs = (ev.AnswerSent, ev.PassedOn, ev.Acknowledged, ev.Reported, ev.Called)
    return [e for e in events if isinstance(e, theirs) and e.notice[1] == node]


# The world leaves seats alone ---------------------------------------------------------------------


def test_nobody_is_simulated_at_a_seat_from_the_beginning() -> None:
    drill = course(PREFECTURE)
    assert drill.board.seats == {PREFECTURE: BY}
    events = run_to(drill, timedelta(hours=12))
    assert of_node(events, PREFECTURE) == []
    record = drill.board.notices[(FIRST, PREFECTURE)]
    assert record.notified_at is not None
    assert record.reminders  # The drill asks a person like anybody else.


def test_who_sits_down_later_takes_over_what_was_begun() -> None:
    free = course()
    acknowledged = next(e for e in run_to(free, timedelta(hours=1)) if of_node([e], PREFECTURE))
    drill = course()
    run_to(drill, acknowledged.at)
    give(drill, "seat", node=PREFECTURE)
    later = run_to(drill, timedelta(hours=12))
    # What was under way arrives; nothing more is begun.
    assert not any(isinstance(e, ev.AnswerSent | ev.PassedOn) for e in of_node(later, PREFECTURE))


def test_when_the_person_has_got_up_simulated_officers_go_on() -> None:
    drill = course(PREFECTURE)
    run_to(drill, timedelta(minutes=9))
    give(drill, "seat-leave", node=PREFECTURE)
    assert drill.board.seats == {}
    run_to(drill, timedelta(hours=12))
    assert drill.board.notices[(FIRST, PREFECTURE)].state is NoticeState.COMPLETED


def test_a_matter_that_a_person_took_up_is_passed_on_and_reported_by_those_who_follow() -> None:
    drill = course(PREFECTURE)
    run_to(drill, timedelta(minutes=2))
    last = drill.last
    assert last is not None
    at = last.at + timedelta(milliseconds=1)
    answer = ev.Acknowledged(
        at=at, notice=(FIRST, PREFECTURE), channel="mail", officer=1, by="n1 担当1"
    )
    drill.command(at, lambda _rules: [answer])
    record = drill.board.notices[(FIRST, PREFECTURE)]
    assert record.by_person
    assert record.engaged_at == at
    give(drill, "seat-leave", node=PREFECTURE)
    events = run_to(drill, timedelta(hours=12))
    assert record.state is NoticeState.COMPLETED
    assert any(isinstance(e, ev.PassedOn) for e in of_node(events, PREFECTURE))


def test_an_answer_that_was_under_way_before_is_not_the_persons() -> None:
    drill = course()
    sent = next(
        e
        for e in iter(lambda: drill.step()[0], None)
        if isinstance(e, ev.AnswerSent) and e.notice[1] == PREFECTURE
    )
    give(drill, "seat", node=PREFECTURE)
    run_to(drill, sent.at + timedelta(minutes=2))
    record = drill.board.notices[(FIRST, PREFECTURE)]
    assert record.is_acknowledged
    assert not record.by_person


# Orders -------------------------------------------------------------------------------------------


def test_a_seat_has_room_for_one() -> None:
    drill = course(PREFECTURE)
    assert refusal(drill, "seat", node=PREFECTURE) == f"{BY} sits at 架空n1 already"
    assert refusal(drill, "seat-leave", node=TOWN) == "nobody sits at 架空n1-1"
    assert refusal(drill, "seat", node="n9") == "there is no body n9 in this drill"
    with pytest.raises(IllegalEventError):
        drill.board.apply(ev.SeatTaken(at=timedelta(hours=1), node=PREFECTURE, by="別人"))


def test_an_office_can_call_in_its_own_stand_in_once() -> None:
    drill = course(PREFECTURE)
    run_to(drill, timedelta(minutes=2))
    (called,) = give(drill, "seat-stand-in", node=PREFECTURE, inject=FIRST)
    assert isinstance(called, ev.StandInCalled)
    assert (called.officer, called.cause, called.because) == (2, "absent", f"seat {BY}")
    assert drill.board.notices[(FIRST, PREFECTURE)].officer == 2
    why = refusal(drill, "seat-stand-in", node=PREFECTURE, inject=FIRST)
    assert why == "there is no further stand-in in the contact tree"
    assert "has not been sent" in refusal(drill, "seat-stand-in", node=PREFECTURE, inject="x")


def test_a_seat_needs_a_clock_that_a_person_can_follow() -> None:
    drill = course(PREFECTURE)
    clock = DrillClock(60.0)
    with pytest.raises(RefusedOrderError, match="somebody sits at 架空n1"):
        acts.clock_order("speed", {"speed": "max"}, clock, drill.board)
    assert clock.speed == 60
    with pytest.raises(RefusedOrderError, match="choose a slower one first"):
        acts.clock_order("seat", {"node": TOWN}, DrillClock("max"), drill.board)
    clock.pause()
    with pytest.raises(RefusedOrderError, match="the drill is paused"):
        acts.clock_order("seat-stand-in", {"node": PREFECTURE}, clock, drill.board)


@pytest.mark.parametrize(("word", "node"), [("n1", "n1"), ("架空n1-2", "n1-2")])
def test_a_seat_is_named_by_id_or_by_a_name_that_only_one_has(word: str, node: str) -> None:
    assert seat_nodes([word, word], examples.exercise()) == (node,)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("n9", "there is no body n9; write the id of one"),
        ("架空n1-", "several bodies are called 架空n1-; write the id of one: n1-1 架空n1-1"),
        ("", "there is no body"),
        ("n1-3", "n1-3 does not take part in this drill"),
    ],
)
def test_a_seat_that_cannot_be_meant_is_wrong_use(word: str, why: str) -> None:
    story = examples.scenario(participants={"default": "all", "except": {"n1-3": "不参加"}})
    with pytest.raises(UsageError) as refused:
        seat_nodes([word], examples.exercise(story=story))
    assert str(refused.value).startswith(why)


# The journal --------------------------------------------------------------------------------------


def test_a_resume_knows_who_sits_where() -> None:
    drill = Course(examples.exercise(), 7)
    events = drill.start([PREFECTURE], BY)
    events += run_to(drill, timedelta(minutes=9))
    last = drill.last
    assert last is not None
    again = Course(examples.exercise(), 7)
    again.restore(events, last)
    rest = run_to(again, timedelta(hours=12))
    assert rest == run_to(drill, timedelta(hours=12))
    assert fold(examples.exercise(), [*events, *rest]).seats == {PREFECTURE: BY}
