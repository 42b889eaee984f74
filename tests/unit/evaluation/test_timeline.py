"""Hops: durations, who answered, and the events that show each fact."""

import pytest

from drillsim.drill.board import IllegalEventError, fold
from drillsim.drill.machines import NoticeState
from drillsim.evaluation.timeline import TO_PUT_TOGETHER, trace
from tests import examples
from tests.unit.evaluation.logs import Log, m


def test_a_hop_is_cut_into_transit_waiting_handling_and_reporting() -> None:
    log = Log(examples.exercise())
    log.release()
    submitted = log.reach("n1", 0, 4)
    log.pass_on("n1", 9, "n1-1", "n1-2", "n1-3")
    reported = log.report("n1", 30)
    timeline = trace(log.exercise, log.events)
    hop = timeline.hops[log.key("n1")]
    assert (hop.transit, hop.waiting, hop.handling) == (m(0.1), m(3.9), m(5))
    assert hop.reporting == m(26)
    assert hop.delay == m(4)
    assert hop.sender == "n"
    assert (hop.officer, hop.by, hop.channel) == (1, "担当1", "mail")
    assert [node for node, _ in hop.written_to] == ["n1-1", "n1-2", "n1-3"]
    assert hop.because("submitted") == (submitted,)
    assert hop.because("reported") == (reported,)
    assert hop.first("submitted", "notified", "acknowledged", "bounced") == (
        submitted,
        submitted + 1,
        submitted + 2,
    )


def test_a_hop_that_has_not_come_so_far_has_no_durations() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    hops = trace(log.exercise, log.events).hops
    assert hops[log.key("n1")].transit is None
    assert hops[log.key("n1")].delay is None
    assert hops[log.key("n1-1")].submitted_at is None
    assert hops[log.key("n1-1")].sender == "n1"


def test_an_answer_by_telephone_before_the_mail_arrives_ends_the_transit() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.ack("n1", 7, channel="telephone")
    log.notify("n1", 20)
    hop = trace(log.exercise, log.events).hops[log.key("n1")]
    assert hop.transit == m(7)
    assert hop.waiting == m(0)
    assert hop.channel == "telephone"


def test_an_answer_exactly_at_the_limit_is_in_time_and_the_next_millisecond_late() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 10, "n1-1", "n1-2")
    log.ack("n1-1", 25)
    log.ack("n1-2", 25 + 1 / 60_000)
    hops = trace(log.exercise, log.events).hops
    assert not hops[log.key("n1-1")].is_late
    assert hops[log.key("n1-2")].is_late


def test_a_consolidated_report_is_due_after_the_cut_off() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 10, "n1-1")
    hops = trace(log.exercise, log.events).hops
    assert hops[log.key("n1")].report_due == m(120) + TO_PUT_TOGETHER
    assert hops[log.key("n1-1")].report_due == m(70)


def test_reminders_stand_ins_failures_and_answers_after_the_end_are_told() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.auto_reply("n1", 0.2)
    log.stand_in("n1", 0.2)
    log.submit("n1", 0.2, officer=2)
    log.notify("n1", 0.3, officer=2)
    end = log.end(240)
    after = len(log.events) + 1
    from drillsim.drill.events import AnsweredAfterEnd

    log.add(AnsweredAfterEnd(at=m(250), notice=log.key("n1"), by="担当2"))
    timeline = trace(log.exercise, log.events)
    hop = timeline.hops[log.key("n1")]
    assert hop.failures == ((1, "absent"),)
    assert hop.readers == (2,)
    assert hop.stand_ins == 1
    assert hop.state is NoticeState.UNANSWERED
    assert hop.answered_after_end_at == m(250)
    assert hop.because("answered-after-end") == (after,)
    assert timeline.ended == end
    assert timeline.now == m(240)


@pytest.mark.parametrize(
    ("reason", "because", "by_time"),
    [
        ("window", "", True),
        ("final-phase", "elapsed 40m", True),
        ("final-phase", "reported first share 100%", False),
        ("operator", "", False),
        ("real-incident", "", False),
    ],
)
def test_a_drill_ends_by_time_or_by_something_else(
    reason: str, because: str, by_time: bool
) -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.end(10, reason, because)
    assert trace(log.exercise, log.events).ended_by_time is by_time


def test_a_board_of_other_events_is_refused() -> None:
    log = Log(examples.exercise())
    log.release()
    board = fold(log.exercise, log.events)
    log.submit("n1", 0)
    with pytest.raises(ValueError, match="a board of 3 events is not the fold of 4"):
        trace(log.exercise, log.events, board)


def test_events_of_another_drill_are_refused() -> None:
    log = Log(examples.exercise())
    log.ack("n1", 3)
    with pytest.raises(IllegalEventError, match="no inject has begun"):
        trace(log.exercise, log.events)
