"""A drill in which a person sends the mails: what runs from a mail runs from when they did."""

from datetime import timedelta

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import NoticeRecord, fold
from drillsim.drill.events import AnyEvent
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.duties import duties_of
from drillsim.evaluation.timeline import trace
from drillsim.tui.views.drill import DrillView
from drillsim.world.course import LiveCourse
from tests import examples

MINUTE = timedelta(minutes=1)
FIRST, PREFECTURE, TOWN = InjectId("first"), NodeId("n1"), NodeId("n1-1")


class ByHand:
    """A course that a test drives, and its events."""

    def __init__(self, officers: int = 2) -> None:
        self.course = LiveCourse(examples.exercise(examples.tree(count=officers)), 7)
        self.course.rules.by_hand = True
        self.events: list[AnyEvent] = list(self.course.start())

    def until(self, minutes: float) -> None:
        while (at := self.course.next_at) is not None and at <= minutes * MINUTE:
            self.events += self.course.step()

    def do(self, minutes: float, *events: AnyEvent) -> None:
        self.until(minutes)
        self.events += self.course.command(minutes * MINUTE, lambda _rules: events)

    def sent(self, minutes: float, node: NodeId, typed: float | None = None) -> None:
        mail = self.written(node)[-1]
        self.do(
            minutes,
            ev.Notified(
                at=minutes * MINUTE,
                notice=mail.notice,
                officer=mail.officer,
                attempt=mail.attempt,
                mail=mail.mail,
                happened_at=None if typed is None else typed * MINUTE,
            ),
        )

    def answered(self, minutes: float, node: NodeId, typed: float | None = None) -> None:
        self.do(
            minutes,
            ev.Acknowledged(
                at=minutes * MINUTE,
                notice=(FIRST, node),
                channel="telephone",
                officer=1,
                by="架空",
                happened_at=None if typed is None else typed * MINUTE,
            ),
        )

    def passed_on(self, minutes: float) -> None:
        self.until(minutes)
        to = self.course.board.notices[(FIRST, PREFECTURE)].asked.pass_on
        at = minutes * MINUTE
        self.events += self.course.command(
            at, lambda rules: rules.pass_on((FIRST, PREFECTURE), 1, to, at)
        )

    def written(self, node: NodeId) -> list[ev.Submitted]:
        return [e for e in self.events if isinstance(e, ev.Submitted) and e.notice[1] == node]

    def record(self, node: NodeId) -> NoticeRecord:
        return self.course.board.notices[(FIRST, node)]


@pytest.fixture
def drill() -> ByHand:
    return ByHand()


def test_nothing_is_due_of_a_mail_that_was_not_sent(drill: ByHand) -> None:
    drill.until(200)
    assert [mail.purpose for mail in drill.written(PREFECTURE)] == ["notice"]
    assert drill.record(PREFECTURE).ack_due is None
    assert drill.record(PREFECTURE).officer == 1


def test_periods_run_from_the_time_that_was_typed(drill: ByHand) -> None:
    drill.sent(30, PREFECTURE, typed=22)
    record = drill.record(PREFECTURE)
    assert record.submitted_at == record.notified_at == 22 * MINUTE
    assert record.ack_due == 37 * MINUTE
    drill.until(33)
    assert [(mail.purpose, mail.at) for mail in drill.written(PREFECTURE)[1:]] == [
        ("reminder", 32 * MINUTE)
    ]
    drill.answered(40, PREFECTURE, typed=36)
    assert not record.is_late
    assert drill.course.board.tally(record).in_time == 1


def test_of_the_reminders_that_a_typed_time_makes_overdue_one_is_written(drill: ByHand) -> None:
    drill.sent(24, PREFECTURE, typed=1)
    drill.until(24)
    assert [mail.at for mail in drill.written(PREFECTURE)[1:]] == [24 * MINUTE]
    drill.until(27)
    assert [mail.purpose for mail in drill.written(PREFECTURE)[2:]] == ["stand-in"]


def test_a_stand_in_has_the_full_time_from_their_own_mail() -> None:
    drill = ByHand(officers=3)
    drill.sent(0.1, PREFECTURE)
    drill.until(60)
    assert drill.written(PREFECTURE)[-1].purpose == "stand-in"
    assert drill.record(PREFECTURE).officer == 2
    drill.sent(61, PREFECTURE, typed=60.5)
    drill.until(85)
    assert drill.record(PREFECTURE).officer == 2
    drill.until(86)
    assert drill.record(PREFECTURE).officer == 3


def test_a_message_is_passed_on_when_the_first_mail_was_sent(drill: ByHand) -> None:
    drill.sent(1, PREFECTURE)
    drill.answered(2, PREFECTURE)
    drill.passed_on(3)
    record, tally = drill.record(PREFECTURE), drill.course.board.tally(drill.record(PREFECTURE))
    assert record.passed_on_at is None
    assert tally.passed_on == 0
    drill.sent(20, TOWN, typed=10)
    drill.sent(40, NodeId("n1-2"))
    assert record.passed_on_at == 10 * MINUTE
    assert tally.passed_on == 1
    timeline = trace(drill.course.exercise, drill.events, drill.course.board)
    hop = timeline.hops[(FIRST, PREFECTURE)]
    assert hop.handling == 8 * MINUTE
    assert dict(hop.written_to) == {TOWN: 10 * MINUTE, NodeId("n1-2"): 40 * MINUTE}
    assert hop.left_out == (NodeId("n1-3"),)
    assert duties_of(timeline)[hop.notice, "pass-on"].standing == "open"


def test_who_answered_before_it_was_booked_as_sent_is_not_charged(drill: ByHand) -> None:
    drill.answered(5, PREFECTURE)
    drill.sent(30, PREFECTURE)
    record = drill.record(PREFECTURE)
    assert record.submitted_at == record.acknowledged_at == 5 * MINUTE
    assert not record.is_late


def test_the_screen_and_a_replay_see_the_same(drill: ByHand) -> None:
    drill.sent(30, PREFECTURE, typed=22)
    drill.answered(50, PREFECTURE, typed=39)
    drill.passed_on(51)
    drill.sent(60, TOWN, typed=52)
    drill.until(100)
    view = DrillView(examples.exercise())
    for event in drill.events:
        view.take(ev.decode(ev.encode(event)))
    view.pass_time(100 * MINUTE)
    assert view.board == fold(view.exercise, drill.events)
    assert view.board.notices == drill.course.board.notices
    assert view.answered[FIRST] == [39 * MINUTE]
    assert PREFECTURE in view.dues.late[FIRST]  # Due at 37.
    assert TOWN in view.dues.overdue[FIRST]
