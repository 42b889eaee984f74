"""Confirmations of the stop mail that come by telephone, and bookings that come too early."""

from datetime import timedelta

import pytest

from drillsim.conduct.acts import order
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill import events as ev
from drillsim.world.course import Course
from tests import examples

LATER = timedelta(minutes=20)


def running() -> Course:
    course = Course(examples.exercise(), seed=3)
    course.start()
    while course.next_at is not None and course.next_at < LATER:
        course.step()
    return course


def test_a_confirmation_of_the_stop_is_booked_by_telephone() -> None:
    course = running()
    course.command(LATER, order("stop", {"reason": "地震"}, "係", LATER, course.board))
    later = LATER + timedelta(minutes=1)
    payload = {
        "inject": ev.STOP,
        "node": "n1",
        "channel": "telephone",
        "result": "talked",
        "by": "架空 花子",
    }
    events = course.command(later, order("book", payload, "係", later, course.board))
    assert [event.kind for event in events] == ["stop-confirmed"]
    assert "n1" in course.board.stop_confirmed


def test_who_has_not_been_mailed_cannot_have_answered() -> None:
    course = Course(examples.exercise(), seed=3)
    course.start()
    payload = {"inject": "first", "node": "n1-1", "channel": "telephone", "result": "talked"}
    with pytest.raises(RefusedOrderError):
        order("book", payload, "係", LATER, course.board)
