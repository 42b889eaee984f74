"""What was due, what was late, and what nobody is charged for."""

from typing import Any

import pytest

from drillsim.evaluation.duties import Duty, What, duties_of
from drillsim.evaluation.timeline import trace
from tests import examples
from tests.unit.evaluation.logs import Log, m


def duty_of(log: Log, node: str, what: What) -> Duty:
    return duties_of(trace(log.exercise, log.events))[(log.key(node), what)]


def faulty_log(**fault: str) -> Log:
    return Log(examples.exercise(story=examples.scenario(faults=[{"node": "n1", **fault}])))


def test_an_answer_in_the_time_that_a_fault_took_is_late_and_excused() -> None:
    log = faulty_log(kind="defer", until="20m")
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 0.1, 1, 23)
    log.notify("n1", 23)
    log.ack("n1", 38)  # 15 min after it could be read
    duty = duty_of(log, "n1", "acknowledge")
    assert (duty.standing, duty.excuse, duty.due) == ("late", "fault", m(15))


def test_an_answer_later_than_that_is_charged() -> None:
    log = faulty_log(kind="defer", until="20m")
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 0.1, 1, 23)
    log.notify("n1", 23)
    log.ack("n1", 38.1)
    duty = duty_of(log, "n1", "acknowledge")
    assert (duty.standing, duty.excuse) == ("late", "")


def test_a_node_that_a_fault_cut_off_is_excused_and_those_below_it_too() -> None:
    log = faulty_log(kind="drop")
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1, lost="dropped")
    log.end(240)
    for node in ("n1", "n1-1"):
        for what in ("acknowledge", "report"):
            duty = duty_of(log, node, what)
            assert (duty.standing, duty.excuse) == ("missed", "fault")
    assert duty_of(log, "n1", "pass-on").excuse == "fault"


def test_a_node_that_had_its_time_after_the_fault_is_charged() -> None:
    log = faulty_log(kind="defer", until="20m")
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 0.1, 1, 23)
    log.notify("n1", 23)
    log.end(240)
    duty = duty_of(log, "n1", "acknowledge")
    assert (duty.standing, duty.excuse) == ("missed", "")


def test_what_was_not_due_when_the_operator_ended_the_drill_is_excused() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 8, "n1-1", "n1-2", "n1-3")
    log.ack("n1-1", 20)
    log.end(22.9, "operator")
    assert duty_of(log, "n1-2", "acknowledge").excuse == "not-due"
    assert duty_of(log, "n1-1", "report").excuse == "not-due"
    assert duty_of(log, "n1-1", "acknowledge").standing == "in-time"


def test_what_was_due_when_the_operator_ended_the_drill_is_charged() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 8, "n1-1", "n1-2", "n1-3")
    log.end(23, "operator")
    assert duty_of(log, "n1-2", "acknowledge").excuse == ""


def test_when_the_window_closes_what_is_missing_is_missing() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 230, "n1-1", "n1-2", "n1-3")
    log.end(240)
    assert duty_of(log, "n1-1", "acknowledge").excuse == ""


def test_a_node_that_was_left_out_is_charged_as_the_passing_on_is() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 10, "n1-1", "n1-2")
    log.end(29, "operator")
    assert duty_of(log, "n1", "pass-on").excuse == "not-due"
    assert duty_of(log, "n1-3", "acknowledge").excuse == "not-due"
    log.events.pop()
    log.end(30, "operator")
    assert duty_of(log, "n1", "pass-on").excuse == ""
    assert duty_of(log, "n1-3", "acknowledge").excuse == ""
    assert duty_of(log, "n1-3", "acknowledge").due is None


def to_towns(**more: Any) -> Log:
    """Return the log of a drill by hand whose mails to the towns were written."""
    to = {"kind": "municipality"}
    log = Log(examples.exercise(story=examples.scenario(injects=[{**examples.INJECT, "to": to}])))
    log.release()
    for town in ("n1-1", "n1-2", "n1-3"):
        log.submit(town, 0, by_hand=True, **more)
    return log


@pytest.mark.parametrize("reason", ["operator", "window"])
def test_whom_nobody_wrote_to_is_not_charged(reason: str) -> None:
    log = to_towns()
    log.notify("n1-1", 5)
    log.end(200, reason)
    for what in ("acknowledge", "report"):
        duty = duty_of(log, "n1-2", what)
        assert (duty.standing, duty.excuse, duty.due) == ("missed", "not-sent", None)
        assert duty_of(log, "n1-1", what).excuse == ""


def test_who_is_below_a_body_that_nobody_wrote_to_is_not_charged_either() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0, by_hand=True)
    log.end(240)
    assert duty_of(log, "n1", "pass-on").excuse == "not-sent"
    assert duty_of(log, "n1-1", "acknowledge").excuse == "not-sent"


def test_a_delivery_report_shows_that_a_mail_was_sent() -> None:
    log = to_towns()
    log.bounce("n1-2", 5)
    log.end(240)
    assert duty_of(log, "n1-2", "acknowledge").excuse == ""
    assert duty_of(log, "n1-3", "acknowledge").excuse == "not-sent"


def test_passing_on_is_done_when_the_last_next_hop_was_written_to() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 10, "n1-1", "n1-2")
    assert duty_of(log, "n1", "pass-on").standing == "open"
    log.pass_on("n1", 40, "n1-3")
    duty = duty_of(log, "n1", "pass-on")
    assert (duty.standing, duty.done_at) == ("late", m(40))


def test_while_a_drill_runs_what_is_open_may_be_overdue() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 15)
    assert not duty_of(log, "n1", "acknowledge").is_overdue
    log.events.pop()
    log.notify("n1", 16)
    duty = duty_of(log, "n1", "acknowledge")
    assert (duty.standing, duty.is_overdue) == ("open", True)
