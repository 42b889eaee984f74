"""What an order means for the drill, and why some are refused."""

from datetime import timedelta
from typing import Any

import pytest

from drillsim.conduct import acts
from drillsim.conduct.acts import TEXT_LENGTH_MAX
from drillsim.conduct.clocks import DrillClock
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.world.course import Course
from tests import examples

SECOND = timedelta(seconds=1)
FIRST, PREFECTURE, TOWN = InjectId("first"), NodeId("n1"), NodeId("n1-1")


@pytest.fixture
def course() -> Course:
    inject = examples.INJECT
    course = Course(
        examples.exercise(story=examples.scenario(injects=[inject, {**inject, "id": "second"}])), 7
    )
    course.start()
    return course


def give(course: Course, kind: str, **payload: Any) -> list[AnyEvent]:
    """Carry out an order one second after StartEx, and return its events."""
    produce = acts.order(kind, payload, "統制員", SECOND, course.board)
    return course.command(SECOND, produce)


def refusal(course: Course, kind: str, **payload: Any) -> str:
    with pytest.raises(RefusedOrderError) as refused:
        give(course, kind, **payload)
    return str(refused.value)


# Clock --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "speed"), [("max", "max"), (60, 60.0), ("0.1", 0.1), (1_000_000, 1e6)]
)
def test_a_speed_is_max_or_a_number(value: object, speed: object) -> None:
    assert acts.parse_speed(value) == speed


@pytest.mark.parametrize(
    "value", ["", "fast", "nan", "inf", "-1", 0, 0.05, 1_000_001, None, [60], {"a": 1}, "MAX"]
)
def test_anything_else_is_no_speed(value: object) -> None:
    with pytest.raises(RefusedOrderError, match="is no speed"):
        acts.parse_speed(value)


def test_the_clock_takes_its_own_orders_and_no_others(course: Course) -> None:
    clock = DrillClock("max")
    assert acts.clock_order("pause", {}, clock, course.board)
    assert clock.is_paused
    assert acts.clock_order("continue", {}, clock, course.board)
    assert not clock.is_paused
    assert acts.clock_order("speed", {"speed": 60}, clock, course.board)
    assert clock.speed == 60
    assert not acts.clock_order("note", {"text": "x"}, clock, course.board)


def test_a_bad_speed_leaves_the_clock_as_it_was(course: Course) -> None:
    clock = DrillClock(60.0)
    with pytest.raises(RefusedOrderError):
        acts.clock_order("speed", {"speed": "nan"}, clock, course.board)
    assert clock.speed == 60


# Booking ------------------------------------------------------------------------------------------


def book(**changes: Any) -> dict[str, Any]:
    given = {"inject": FIRST, "node": PREFECTURE, "channel": "telephone", "result": "talked"}
    return given | changes


def test_a_talk_acknowledges_under_the_officers_name(course: Course) -> None:
    called, answered = give(course, "book", **book(officer=2))
    assert isinstance(called, ev.Called)
    assert isinstance(answered, ev.Acknowledged)
    assert answered.officer == 2
    assert answered.by == called.by == "n1 担当2"


def test_a_call_that_reached_nobody_acknowledges_nothing(course: Course) -> None:
    (called,) = give(course, "book", **book(officer=1, result="voicemail"))
    assert isinstance(called, ev.Called)
    assert not course.board.notices[(FIRST, PREFECTURE)].is_acknowledged


def test_a_second_talk_acknowledges_no_second_time(course: Course) -> None:
    give(course, "book", **book())
    later = 2 * SECOND
    produce = acts.order("book", book(), "統制員", later, course.board)
    assert [event.kind for event in course.command(later, produce)] == ["called"]


def test_a_report_by_telephone_is_booked_with_its_answers(course: Course) -> None:
    _called, reported = give(course, "book", **book(report={"terminals": "0", "line-cut": "無"}))
    assert isinstance(reported, ev.Reported)
    assert dict(reported.answers) == {"terminals": "0", "line-cut": "無"}
    record = course.board.notices[(FIRST, PREFECTURE)]
    assert record.is_acknowledged
    assert record.channel == "telephone"


def test_a_booking_afterwards_keeps_the_time_that_was_noted(course: Course) -> None:
    called, _answered = give(course, "book", **book(at_ms=500))
    assert called.at == SECOND
    assert called.moment == SECOND / 2


def test_a_text_that_is_too_long_is_cut(course: Course) -> None:
    (noted,) = give(course, "note", text="あ" * 5_000)
    assert isinstance(noted, ev.Noted)
    assert len(noted.text) == TEXT_LENGTH_MAX


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"inject": "nothing"}, "nothing has not been sent to n1"),
        ({"inject": None}, "has not been sent"),
        ({"node": "elsewhere"}, "first has not been sent to elsewhere"),
        ({"inject": "second"}, "second has not been sent to n1"),
        ({"channel": "mail"}, "mail is no channel"),
        ({"channel": "pigeon"}, "pigeon is no channel"),
        ({"result": "maybe"}, "maybe is no result of a call"),
        ({"officer": 3}, "3 is no officer of this body"),
        ({"officer": -1}, "-1 is no officer of this body"),
        ({"officer": "1"}, "1 is no officer of this body"),
    ],
)
def test_a_booking_that_cannot_be_is_refused(
    course: Course, changes: dict[str, Any], why: str
) -> None:
    assert why in refusal(course, "book", **book(**changes))
    assert course.board.notices[(FIRST, PREFECTURE)].calls == 0


# Others -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [
        ("inject", {"inject": "third"}, "there is no inject third"),
        ("inject", {}, "there is no inject"),
        ("inject", {"inject": "first"}, "first was sent already"),
        ("note", {}, "the note is empty"),
        ("note", {"text": "x", "inject": "first", "node": "q"}, "first has not been sent to q"),
        ("action", {"inject": "first", "node": "n1", "action": "dance"}, "dance is no step"),
        ("credit", {"inject": "first", "node": "n1", "mail": "m"}, "not in the tray"),
        ("resign", {}, "there is no order resign"),
        ("pause", {}, "there is no order pause"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    course: Course, kind: str, payload: dict[str, Any], why: str
) -> None:
    count = course.board.count
    assert why in refusal(course, kind, **payload)
    assert course.board.count == count


@pytest.mark.parametrize("kind", ["phase", "end", "stop", "inject", "book", "action", "credit"])
def test_after_endex_only_notes_are_taken(course: Course, kind: str) -> None:
    give(course, "end")
    assert "only notes are taken now" in refusal(course, kind)
    later = 2 * SECOND
    produce = acts.order("note", {"text": "講評は14時から"}, "統制員", later, course.board)
    assert [event.kind for event in course.command(later, produce)] == ["noted"]


def test_a_mail_of_the_tray_can_be_credited_to_a_notice(course: Course) -> None:
    aside = ev.SetAside(
        at=timedelta(0), mail_kind="human_reply", sender="x@n1.example", mail="m1", tray=True
    )
    course.board.apply(aside)
    (answered,) = give(course, "credit", inject=FIRST, node=PREFECTURE, mail="m1")
    assert isinstance(answered, ev.Acknowledged)
    assert (answered.mail, answered.by, answered.matched_by) == ("m1", "x@n1.example", "operator")


def test_the_next_phase_is_the_operators_to_enter(course: Course) -> None:
    entered, ended = give(course, "phase")
    assert isinstance(entered, ev.PhaseEntered)
    assert entered.because == "operator 統制員"
    assert isinstance(ended, ev.DrillEnded)
