"""Whole drills of every shipped scenario keep the promises; `python -m tests.simulation` runs more.

A seed that has failed once joins `FAILED`, which always runs.
"""

import contextlib
from collections.abc import Sequence

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import IllegalEventError
from tests.simulation.drills import NAMES, Drill, roughened, run, shipped
from tests.simulation.promises import (
    PROMISES,
    a_drill_cut_off_goes_on_the_same,
    broken,
    every_notice_ends,
    nobody_is_written_to_before_the_node_above_passed_on,
    nobody_who_acknowledged_is_reminded_to,
)

SEEDS = range(10)
ROUGH_SEEDS = range(100, 114)
FAILED: tuple[tuple[str, int, bool], ...] = ()
"""Scenario, seed, and whether it ran under rough conditions."""


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_drill_keeps_every_promise(name: str) -> None:
    faults = {seed: broken(run(shipped(name), seed)) for seed in SEEDS}
    assert {seed: found for seed, found in faults.items() if found} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_rough_drill_keeps_every_promise(name: str) -> None:
    faults = {}
    for seed in ROUGH_SEEDS:
        exercise, orders = roughened(shipped(name), seed)
        faults[seed] = broken(run(exercise, seed, orders))
    assert {seed: found for seed, found in faults.items() if found} == {}


@pytest.mark.parametrize(("name", "seed", "rough"), FAILED)
def test_what_failed_once_keeps_every_promise(name: str, seed: int, rough: bool) -> None:
    exercise, orders = roughened(shipped(name), seed) if rough else (shipped(name), ())
    assert broken(run(exercise, seed, orders)) == []


def test_rough_drills_are_rough() -> None:
    kinds: set[str] = set()
    reasons: set[str] = set()
    for seed in ROUGH_SEEDS:
        exercise, orders = roughened(shipped("r5-virus-suspicion"), seed)
        drill = run(exercise, seed, orders)
        kinds |= {event.kind for event in drill.events}
        reasons |= {e.reason for e in drill.events if isinstance(e, ev.DrillEnded)}
    lacking = {event.kind for event in (ev.Deferred, ev.Retried, ev.Refused, ev.Bounced)} - kinds
    assert lacking == set()
    assert {ev.Repeated.kind, ev.AutoReplied.kind, ev.StopConfirmed.kind, ev.Called.kind} <= kinds
    assert {"operator", "real-incident"} <= reasons


# The promises notice what they are there for ------------------------------------------------------


@pytest.fixture(scope="module")
def drill() -> Drill:
    return run(shipped("r5-virus-suspicion"), 7)


def changed(drill: Drill, events: Sequence[ev.AnyEvent]) -> Drill:
    """Return `drill` as if these had been its events, all in one instant."""
    return Drill(
        drill.exercise, drill.seed, (), ((drill.instants[0][0], tuple(events)),), drill.board
    )


def test_a_drill_without_its_passing_on_is_noticed(drill: Drill) -> None:
    events = [event for event in drill.events if not isinstance(event, ev.PassedOn)]
    assert list(nobody_is_written_to_before_the_node_above_passed_on(changed(drill, events)))


def test_a_reminder_after_the_answer_is_noticed(drill: Drill) -> None:
    answer = next(e for e in drill.events if isinstance(e, ev.Acknowledged))
    late = ev.Reminded(at=answer.at, notice=answer.notice, officer=1, missing="acknowledgement")
    assert list(nobody_who_acknowledged_is_reminded_to(changed(drill, [*drill.events, late])))


def test_a_drill_without_an_end_is_noticed(drill: Drill) -> None:
    events = [event for event in drill.events if not isinstance(event, ev.DrillEnded)]
    assert list(every_notice_ends(changed(drill, events)))


def test_a_resume_that_lost_an_event_is_noticed(drill: Drill) -> None:
    lost = tuple(
        (due, tuple(e for e in events if not isinstance(e, ev.Acknowledged)))
        for due, events in drill.instants
    )
    shorter = Drill(drill.exercise, drill.seed, (), lost, drill.board)
    with contextlib.suppress(IllegalEventError):  # The board itself may notice first.
        assert list(a_drill_cut_off_goes_on_the_same(shorter))


def test_every_promise_says_what_it_is() -> None:
    assert all(promise.__doc__ for promise in PROMISES)
