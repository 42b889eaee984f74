"""What is expected of a drill are medians of what its rehearsals did."""

from datetime import timedelta
from statistics import median_low
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId
from drillsim.world.course import Course
from drillsim.world.expectation import RUNS, expect, usual_runs
from tests import examples

FIRST = InjectId("first")
SEEDS = range(1, 10)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture(scope="module")
def drill() -> Exercise:
    rumour: dict[str, Any] = {**examples.INJECT, "id": "rumour", "contingency": True}
    people = {"preset": "announced-office-hours"}
    return examples.exercise(
        story=examples.scenario(injects=(examples.INJECT, rumour), people=people)
    )


def test_times_and_counts_are_the_medians_of_the_runs(drill: Exercise) -> None:
    found = expect(drill, SEEDS)
    runs = [list(Course(drill, seed).run()) for seed in SEEDS]
    first: list[dict[NodeId, timedelta]] = []
    for events in runs:
        begun: dict[NodeId, timedelta] = {}
        for event in events:
            if isinstance(event, ev.Submitted | ev.Refused):
                begun.setdefault(event.notice[1], event.at)
        first.append(begun)
    expected = {each.node: each for each in found.notices if each.inject == FIRST}
    assert set(expected) == set(drill.scope(FIRST).sender)
    for node, each in expected.items():
        times = [begun[node] for begun in first if node in begun]
        assert each.runs == len(times)
        assert each.mailed_at == median_low(times)
        assert each.sender == drill.scope(FIRST).sender[node]
    sent = sorted(
        sum(isinstance(event, ev.Submitted | ev.Retried) for event in events) for events in runs
    )
    span = found.mails_sent
    assert (span.least, span.median, span.most) == (sent[0], median_low(sent), sent[-1])
    ends = [events[-1] for events in runs]
    assert found.end_at == median_low([end.at for end in ends])
    assert sum(found.ends.values()) == found.runs == len(runs)


def test_the_latest_is_when_everybody_takes_all_the_time_there_is(drill: Exercise) -> None:
    found = [each for each in expect(drill, SEEDS).notices if each.inject == FIRST]
    assert {each.node: each.latest_at for each in found} == {
        "n1": minutes(0),
        **dict.fromkeys(("n1-1", "n1-2", "n1-3"), minutes(30)),
    }


def test_what_the_operator_alone_sends_is_not_expected(drill: Exercise) -> None:
    found = expect(drill, SEEDS)
    assert found.released == {"first": len(SEEDS), "rumour": 0}
    for each in found.notices:
        if each.inject == "rumour":
            assert (each.runs, each.mailed_at, each.latest_at) == (0, None, None)


def test_what_comes_about_in_half_of_the_runs_or_fewer_has_no_time() -> None:
    phases = {
        "initial": "notice",
        "states": {
            "notice": {
                "send": ["first"],
                "next": [
                    {"when": {"acknowledged": "first", "share": "100%"}, "to": "ended"},
                    {"when": {"elapsed": "60m"}, "to": "slow"},
                ],
            },
            "slow": {"next": [{"when": {"elapsed": "5m"}, "to": "ended"}]},
            "ended": {"final": "true"},
        },
    }
    drill = examples.exercise(story=examples.scenario(phases=phases))
    entered = {}
    for count in range(1, 20):
        for each in expect(drill, range(count)).phases:
            entered[each.runs, count, each.phase] = each.at
    assert any(2 * runs <= count and runs for runs, count, _phase in entered)
    for (runs, count, phase), at in entered.items():
        assert (at is not None) == (2 * runs > count), (runs, count, phase)
    ended = [at for (_runs, _count, phase), at in entered.items() if phase == PhaseId("notice")]
    assert set(ended) == {timedelta(0)}


def test_a_large_drill_is_rehearsed_less_often() -> None:
    assert usual_runs(examples.exercise()) == RUNS
    large = examples.exercise(examples.tree((2, 600)))
    assert 0 < usual_runs(large) < RUNS


def test_of_no_runs_nothing_is_expected(drill: Exercise) -> None:
    with pytest.raises(ValueError, match="no runs"):
        expect(drill, ())
