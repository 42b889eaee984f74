"""A message that a controller types: what it becomes, and why some are refused."""

from datetime import timedelta
from typing import Any

import pytest

from drillsim.conduct import acts
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill import events as ev
from drillsim.drill.board import fold
from drillsim.drill.events import AnyEvent, decode, encode
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.wording import inject_name
from drillsim.world.course import Course
from tests import examples

SECOND = timedelta(seconds=1)
TOWN = NodeId("n1-1")
TYPED = InjectId("typed-1")
WORDS: dict[str, Any] = {"subject": "報道からの照会", "body": "回答してください。", "to": ["n1-1"]}


@pytest.fixture
def course() -> Course:
    course = Course(examples.exercise(), 7)
    course.start()
    return course


def give(course: Course, **payload: Any) -> list[AnyEvent]:
    produce = acts.order("inject", {**WORDS, **payload}, "統制員", SECOND, course.board)
    return course.command(SECOND, produce)


def test_a_typed_message_is_written_released_and_sent(course: Course) -> None:
    written, released, submitted = give(course)
    assert isinstance(written, ev.InjectWritten)
    assert (written.by, written.because) == ("統制員", "operator 統制員")
    assert isinstance(released, ev.InjectReleased)
    assert isinstance(submitted, ev.Submitted)
    assert submitted.notice == (TYPED, TOWN)
    assert submitted.sender == "n"
    record = course.board.notices[(TYPED, TOWN)]
    assert record.ack_due == SECOND + timedelta(minutes=15)  # As the scenario's first inject.


def test_its_answers_count_like_any_other_and_the_journal_alone_tells_of_it(
    course: Course,
) -> None:
    # A second course of the same seed tells what the first one began with.
    events = [*Course(examples.exercise(), 7).start(), *give(course)]
    while course.next_at is not None:
        events += course.step()
    assert course.board.notices[(TYPED, TOWN)].state is NoticeState.COMPLETED
    again = [decode(encode(event)) for event in events]
    fresh = examples.exercise()
    assert fold(fresh, again).notices[(TYPED, TOWN)].state is NoticeState.COMPLETED
    evaluation = evaluate(examples.exercise(), again)
    assert TYPED in evaluation.timeline.by_inject
    assert inject_name(evaluation.timeline.exercise, TYPED) == "報道からの照会"


def test_several_are_told_apart(course: Course) -> None:
    give(course)
    produce = acts.order("inject", WORDS, "統制員", 2 * SECOND, course.board)
    written = course.command(2 * SECOND, produce)[0]
    assert isinstance(written, ev.InjectWritten)
    assert written.inject == "typed-2"


@pytest.mark.parametrize(
    ("to", "nodes"),
    [
        (["municipality"], ("n1-1", "n1-2", "n1-3")),
        ("all", ("n1", "n1-1", "n1-2", "n1-3")),
        (["n1-3", "n1-1", "n1-1"], ("n1-1", "n1-3")),
    ],
)
def test_recipients_are_bodies_kinds_or_all(
    course: Course, to: object, nodes: tuple[str, ...]
) -> None:
    written = give(course, to=to)[0]
    assert isinstance(written, ev.InjectWritten)
    assert written.to == nodes


def test_for_information_nothing_is_asked(course: Course) -> None:
    give(course, within="none")
    assert not course.board.notices[(TYPED, TOWN)].asked.acknowledge


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"subject": " "}, "no subject"),
        ({"subject": "a\r\nBcc: x@y.example"}, "more than one line"),
        ({"body": ""}, "no text"),
        ({"body": "x" * 20_001}, "over 20000 characters"),
        ({"to": []}, "no recipients"),
        ({"to": None}, "no recipients"),
        ({"to": ["n9"]}, "there is no body n9"),
        ({"to": ["n"]}, "cannot write to itself"),
        ({"to": ["branch"]}, "nobody is of the kind branch"),
        ({"from": "n9"}, "there is no body n9"),
        ({"within": "15"}, "15 has no unit"),
        ({"within": "0m"}, "nobody can answer within 0m"),
        ({"subject": "【訓練中止】"}, "訓練中止"),
        ({"body": "これは訓練ではありません。"}, "this says that the mail is no drill"),
        ({"body": "{{ report_form }}"}, "has no form:"),
        ({"body": "{{ plaze }}"}, "nothing is known as plaze"),
        ({"body": "{{ 1/0"}, ""),
        ({"subject": "あ" * 200}, "with mark and token"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_reason(
    course: Course, payload: dict[str, Any], why: str
) -> None:
    before = course.board.count
    with pytest.raises(RefusedOrderError) as refused:
        give(course, **payload)
    assert why in str(refused.value)
    assert course.board.count == before
    assert TYPED not in course.exercise.order
