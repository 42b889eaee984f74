"""Each miss has one cause, with the events that show it."""

from typing import Any

import pytest

from drillsim.drill.events import AnyEvent, AutoReplied, CallDue, Called, GaveUp
from drillsim.evaluation.causes import CAUSES, Miss, count_causes, misses_of
from drillsim.evaluation.duties import duties_of
from drillsim.evaluation.timeline import trace
from tests import examples
from tests.unit.evaluation.logs import Log, m


def misses(log: Log) -> tuple[Miss, ...]:
    timeline = trace(log.exercise, log.events)
    return misses_of(timeline, duties_of(timeline))


def miss_of(log: Log, node: str, what: str = "acknowledge") -> Miss:
    (miss,) = (x for x in misses(log) if x.notice == log.key(node) and x.what == what)
    return miss


def test_a_mail_that_lay_there_unanswered_is_no_answer() -> None:
    log = Log(examples.exercise())
    log.release()
    submitted = log.submit("n1", 0)
    log.notify("n1", 0.1)
    end = log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse) == ("no-answer", "")
    assert miss.because == (submitted, end)


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        ("no-address", "no-address"),
        ("unknown-address", "bounced"),
        ("mailbox-full", "bounced"),
        ("refused", "bounced"),
    ],
)
def test_a_refusal_is_the_cause_when_nobody_else_had_a_mail(failure: str, cause: str) -> None:
    log = Log(examples.exercise(contacts=examples.tree(count=1)))
    log.release()
    if failure != "no-address":
        log.submit("n1", 0)
    refused = log.refuse("n1", 0.1, failure=failure)
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.failure) == (cause, failure)
    assert refused in miss.because


def test_a_stand_in_who_had_a_mail_and_was_silent_makes_it_no_answer() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.bounce("n1", 1)
    log.stand_in("n1", 1)
    log.submit("n1", 1, officer=2)
    log.notify("n1", 1.1, officer=2)
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.failure) == ("no-answer", None)


def test_why_the_first_officer_failed_is_no_matter_where_the_stand_in_still_had_time() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.bounce("n1", 1)
    log.stand_in("n1", 1)
    log.submit("n1", 1, officer=2)
    log.notify("n1", 1.1, officer=2)
    log.end(10, "operator")
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse, miss.failure) == ("not-due", "not-due", None)


def test_a_fault_is_the_cause_even_where_somebody_else_was_away() -> None:
    log = Log(examples.exercise(story=examples.scenario(faults=[{"node": "n1", "kind": "drop"}])))
    log.release()
    log.submit("n1", 0)
    dropped = log.notify("n1", 0.1, lost="dropped")
    log.add(AutoReplied(at=m(1), notice=log.key("n1"), officer=2))
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse, miss.failure) == ("machine-fault", "fault", None)
    assert miss.because == (dropped,)


def test_a_fault_that_cost_too_little_time_is_the_cause_and_no_excuse() -> None:
    fault = {"node": "n1", "kind": "refuse", "officer": 1}
    contacts = examples.tree(count=1)
    log = Log(examples.exercise(contacts, examples.scenario(faults=[fault])))
    log.release()
    log.submit("n1", 0)
    refused = log.refuse("n1", 1)
    log.bounce("n1", 2)
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse, miss.failure) == ("machine-fault", "", None)
    assert miss.because == (refused,)


def test_the_drill_may_end_before_anything_was_written() -> None:
    log = Log(examples.exercise())
    released = log.release()
    end = log.end(5, "operator")
    for node in ("n1", "n1-1"):
        miss = miss_of(log, node)
        assert (miss.cause, miss.excuse, miss.because) == (
            "not-notified",
            "not-sent",
            (released, end),
        )
        assert (miss.origin, miss.origin_cause) == ("n", None)


def test_an_absence_is_the_cause_when_the_stand_in_reads_the_same_mailbox() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    away = log.auto_reply("n1", 1)
    log.stand_in("n1", 1, by="telephone")
    log.add(CallDue(at=m(1), notice=log.key("n1")))
    called = log.add(
        Called(at=m(4), notice=log.key("n1"), officer=2, channel="telephone", result="absent")
    )
    gave_up = log.add(GaveUp(at=m(90), notice=log.key("n1")))
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.failure) == ("absent", "absent")
    assert {away, called, gave_up} <= set(miss.because)


def test_the_first_officer_whom_no_fault_stopped_gives_the_cause() -> None:
    story = examples.scenario(faults=[{"node": "n1", "kind": "refuse", "officer": 1}])
    log = Log(examples.exercise(story=story))
    log.release()
    log.submit("n1", 0)
    log.refuse("n1", 0.1)
    log.stand_in("n1", 0.1)
    log.submit("n1", 0.1, officer=2)
    log.notify("n1", 0.2, officer=2)
    log.auto_reply("n1", 0.3, officer=2)
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse) == ("absent", "")


def test_a_fault_that_left_no_way_is_the_cause_and_nobody_is_charged() -> None:
    log = Log(examples.exercise(story=examples.scenario(faults=[{"node": "n1", "kind": "drop"}])))
    log.release()
    log.submit("n1", 0)
    dropped = log.notify("n1", 0.1, lost="dropped")
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse) == ("machine-fault", "fault")
    assert miss.because == (dropped,)


def test_a_reminder_that_a_fault_refused_does_not_undo_that_the_first_mail_could_be_read() -> None:
    story = examples.scenario(faults=[{"node": "n1", "kind": "mailbox-full", "from": "15m"}])
    log = Log(examples.exercise(story=story))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.submit("n1", 20, attempt=1, purpose="reminder")
    log.refuse("n1", 20.1, failure="mailbox-full")
    log.stand_in("n1", 20.1)
    log.submit("n1", 20.1, officer=2)
    log.refuse("n1", 20.2, officer=2, failure="mailbox-full")
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.excuse) == ("no-answer", "")


def test_a_person_who_declines_is_another_cause() -> None:
    log = Log(examples.exercise(contacts=examples.tree(count=1)))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.decline("n1", 5)
    log.end(240)
    miss = miss_of(log, "n1")
    assert (miss.cause, miss.failure) == ("other", "declined")


def test_a_mail_still_under_way_long_after_is_another_cause() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 0.1, 1, 100)
    log.end(240)
    assert miss_of(log, "n1").cause == "other"


def test_a_node_without_its_time_was_not_due_even_where_the_window_charges_it() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 230, "n1-1", "n1-2", "n1-3")
    log.notify("n1-1", 230.1)
    log.end(240)
    miss = miss_of(log, "n1-1")
    assert (miss.cause, miss.excuse) == ("not-due", "")


def test_of_a_mail_that_was_not_sent_the_chain_broke_at_the_sender() -> None:
    log = Log(examples.exercise())
    released = log.release()
    written = log.submit("n1", 0, by_hand=True)
    ended = log.end(240)
    for node in ("n1", "n1-1"):
        miss = miss_of(log, node)
        assert (miss.cause, miss.excuse, miss.failure) == ("not-notified", "not-sent", None)
        assert (miss.origin, miss.origin_cause) == ("n", None)
        assert miss.because == (released, written, ended)


def test_of_an_information_that_was_not_sent_the_chain_broke_at_the_sender() -> None:
    word = {"id": "word", "from": "n", "to": {"kind": "prefecture"}, "subject": "w", "body": "w"}
    log = Log(examples.exercise(story=examples.scenario(injects=[examples.INJECT, word])), "word")
    log.release()
    log.submit("n1", 0, by_hand=True)
    log.end(240)
    (miss,) = [m for m in misses(log) if m.what == "delivery"]
    assert (miss.cause, miss.excuse, miss.origin) == ("not-notified", "not-sent", "n")


def test_who_was_left_out_was_not_notified_and_the_parent_did_not_pass_on() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    passed = log.pass_on("n1", 10, "n1-1", "n1-2")
    log.end(240)
    parent = miss_of(log, "n1", "pass-on")
    child = miss_of(log, "n1-3")
    assert (parent.cause, parent.left_out) == ("not-passed-on", ("n1-3",))
    assert (child.cause, child.origin, child.origin_cause) == (
        "not-notified",
        "n1",
        "not-passed-on",
    )
    assert passed in parent.because
    assert child.because == parent.because


def test_a_chain_that_broke_two_hops_above_names_where_and_why() -> None:
    exercise = examples.exercise(contacts=examples.tree((1, 1, 2)))
    log = Log(exercise)
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.end(240)
    child = miss_of(log, "n1-1-2")
    assert (child.cause, child.origin, child.origin_cause) == ("not-notified", "n1", "no-answer")
    assert [x.what for x in misses(log)] == ["acknowledge"] * 4


def test_acknowledged_but_not_reported() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 5)
    log.pass_on("n1", 10, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        log.ack(node, 12)
    log.report("n1-1", 30)
    log.end(240)
    assert [(x.hop.node, x.what, x.cause) for x in misses(log)] == [
        ("n1", "report", "not-reported"),
        ("n1-2", "report", "not-reported"),
        ("n1-3", "report", "not-reported"),
    ]


def test_information_that_was_delivered_is_no_miss_and_else_has_its_cause() -> None:
    news = {
        "id": "first",
        "from": "n",
        "to": {"kind": ["prefecture", "municipality"]},
        "subject": "架空の連絡",
        "body": "架空",
    }
    log = Log(examples.exercise(contacts=examples.tree(count=1), story=_story(news)))
    log.release()
    for node in ("n1", "n1-1", "n1-2", "n1-3"):
        log.submit(node, 0)
    log.notify("n1", 0.1)
    log.notify("n1-1", 0.1)
    log.notify("n1-2", 0.1)
    log.refuse("n1-3", 0.1, failure="unknown-address")
    log.end(5, "operator")
    (miss,) = misses(log)
    assert (miss.hop.node, miss.what, miss.cause) == ("n1-3", "delivery", "bounced")


def _story(inject: dict[str, Any]) -> Any:
    return examples.scenario(
        injects=[inject],
        phases={
            "initial": "notice",
            "states": {
                "notice": {"send": ["first"], "next": [{"when": {"elapsed": "5m"}, "to": "end"}]},
                "end": {"final": "true"},
            },
        },
    )


def test_while_a_drill_runs_only_who_was_given_up_is_missed() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    assert misses(log) == ()
    log.add(GaveUp(at=m(90), notice=log.key("n1")))
    assert [(x.hop.node, x.cause) for x in misses(log)] == [("n1", "no-answer")]


def test_the_events_of_a_miss_are_those_it_names() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.auto_reply("n1", 0.2)
    log.end(240)
    shown: list[AnyEvent] = [log.events[n - 1] for n in miss_of(log, "n1").because]
    assert [event.kind for event in shown] == ["submitted", "auto-replied", "drill-ended"]


def test_the_count_of_causes_names_every_cause() -> None:
    assert count_causes(()) == dict.fromkeys(CAUSES, 0)
    assert list(count_causes(())) == list(CAUSES)
