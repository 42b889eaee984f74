"""The time that injected faults took: what counts, from when and until when."""

from collections.abc import Mapping
from typing import Any

import pytest

from drillsim.drill.exercise import Exercise
from drillsim.evaluation.timeline import Hop, trace
from tests import examples
from tests.unit.evaluation.logs import Log, m


def faulty(*faults: Mapping[str, Any]) -> Exercise:
    return examples.exercise(story=examples.scenario(faults=list(faults)))


def hop_of(log: Log, node: str = "n1") -> Hop:
    return trace(log.exercise, log.events).hops[log.key(node)]


def test_a_deferred_mail_costs_the_time_until_a_server_takes_it() -> None:
    log = Log(faulty({"node": "n1", "kind": "defer", "until": "20m"}))
    log.release()
    log.submit("n1", 0)
    first = log.defer("n1", 0.1, 1, 8)
    second = log.defer("n1", 8.1, 2, 23)
    log.notify("n1", 23.1)
    log.ack("n1", 30)
    assert hop_of(log).lost == m(23.1)
    assert hop_of(log).fault_numbers == (first, second)


def test_a_server_that_defers_by_itself_is_no_fault_of_the_scenario() -> None:
    log = Log(faulty({"node": "n1", "kind": "defer", "until": "5m"}))
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 6, 1, 8)
    log.notify("n1", 8.1)
    assert hop_of(log).lost == m(0)


def test_a_live_drill_knows_no_faults() -> None:
    log = Log(faulty({"node": "n1", "kind": "defer", "until": "20m"}))
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 0.1, 1, 8)
    log.notify("n1", 8.1)
    timeline = trace(log.exercise, log.events, with_faults=False)
    assert timeline.hops[log.key("n1")].lost == m(0)


def test_a_swallowed_mail_costs_the_time_until_the_next_one_arrives() -> None:
    log = Log(faulty({"node": "n1", "kind": "drop", "until": "5m"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1, lost="dropped")
    log.submit("n1", 10, attempt=1, purpose="reminder")
    log.notify("n1", 10.1, attempt=1)
    assert hop_of(log).lost == m(10.1)


def test_a_delayed_mail_costs_the_time_it_was_under_way() -> None:
    log = Log(faulty({"node": "n1", "kind": "delay", "by": "12m"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 12.1)
    assert hop_of(log).lost == m(12.1)


def test_a_refused_mail_costs_only_the_time_until_the_stand_in_has_one() -> None:
    log = Log(faulty({"node": "n1", "kind": "refuse", "officer": 1}))
    log.release()
    log.submit("n1", 0)
    log.refuse("n1", 0.1)
    log.stand_in("n1", 0.1)
    log.submit("n1", 0.1, officer=2)
    log.notify("n1", 0.2, officer=2)
    hop = hop_of(log)
    assert hop.lost == m(0.2)
    assert hop.held_officers == {1}


def test_a_dead_address_ends_a_hold_up_since_no_fault_caused_it() -> None:
    log = Log(faulty({"node": "n1", "kind": "refuse", "officer": 1}))
    log.release()
    log.submit("n1", 0)
    log.refuse("n1", 1)
    log.stand_in("n1", 1)
    log.submit("n1", 1, officer=2)
    log.refuse("n1", 2, officer=2, failure="unknown-address")
    log.end(240)
    assert hop_of(log).lost == m(2)


def test_a_dead_address_ends_no_hold_up_while_a_fault_still_defers_the_stand_ins_mail() -> None:
    log = Log(faulty({"node": "n1", "kind": "defer", "until": "45m"}))
    log.release()
    log.submit("n1", 0)
    log.defer("n1", 0.1, 1, 46)
    log.events.pop()
    log.stand_in("n1", 25)
    log.submit("n1", 25, officer=2)
    log.defer("n1", 25.1, 1, 56, officer=2)
    log.events.pop()
    log.refuse("n1", 46, officer=1, failure="unknown-address")
    log.notify("n1", 56.1, officer=2)
    assert hop_of(log).lost == m(56.1)


def test_a_stand_in_without_an_address_ends_no_hold_up() -> None:
    log = Log(faulty({"node": "n1", "kind": "refuse", "officer": 1}))
    log.release()
    log.submit("n1", 0)
    log.refuse("n1", 1)
    log.stand_in("n1", 1)
    log.refuse("n1", 1, officer=2, failure="no-address")
    log.end(240)
    assert hop_of(log).lost == m(240)


def test_a_fault_on_a_reminder_costs_nothing_when_the_first_mail_could_be_read() -> None:
    log = Log(faulty({"node": "n1", "kind": "drop", "from": "5m"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.submit("n1", 10, attempt=1, purpose="reminder")
    log.notify("n1", 10.1, attempt=1, lost="dropped")
    log.end(240)
    assert hop_of(log).lost == m(0)
    assert hop_of(log).fault_numbers == ()


def test_a_fault_on_the_stand_in_counts_when_the_first_officer_is_away() -> None:
    log = Log(faulty({"node": "n1", "kind": "defer", "officer": 2, "until": "30m"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.auto_reply("n1", 1)
    log.stand_in("n1", 1)
    log.submit("n1", 1, officer=2)
    log.defer("n1", 1.1, 1, 31, officer=2)
    log.notify("n1", 31.1, officer=2)
    log.ack("n1", 35, officer=2)
    assert hop_of(log).lost == m(30.1)


def test_a_fault_on_the_stand_in_costs_nothing_when_the_first_officer_is_just_silent() -> None:
    log = Log(faulty({"node": "n1", "kind": "defer", "officer": 2, "until": "60m"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.stand_in("n1", 25)
    log.submit("n1", 25, officer=2)
    log.defer("n1", 25.1, 1, 61, officer=2)
    log.end(240)
    assert hop_of(log).lost == m(0)


def test_an_answer_by_telephone_ends_a_hold_up() -> None:
    log = Log(faulty({"node": "n1", "kind": "drop"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1, lost="dropped")
    log.ack("n1", 40, channel="telephone")
    log.submit("n1", 75, attempt=1, purpose="report-reminder")
    log.notify("n1", 75.1, attempt=1, lost="dropped")
    log.end(240)
    assert hop_of(log).lost == m(40)


@pytest.mark.parametrize(("now", "lost"), [(10, 10), (240, 240)])
def test_a_hold_up_goes_on_until_now_or_the_end(now: int, lost: int) -> None:
    log = Log(faulty({"node": "n1", "kind": "drop"}))
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1, lost="dropped")
    log.end(now)
    assert hop_of(log).lost == m(lost)
