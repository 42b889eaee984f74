"""Whole drills of every shipped scenario keep the promises; `python -m tests.simulation` runs more.

A seed that has failed once joins `FAILED`, which always runs.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import IllegalEventError, Tally
from tests.simulation.drills import NAMES, Drill, roughened, run, shipped
from tests.simulation.monitors import (
    MONITORS,
    AnswersAreCountedOnce,
    EventsRiseInTime,
    EveryMailHasOneOutcome,
    EveryMailIsWrittenOnce,
    Monitor,
    NobodyIsWrittenToBeforeTheNodeAbovePassedOn,
    NobodyWhoAcknowledgedIsReminded,
    NothingGoesOnAfterTheEnd,
    miscounted,
)
from tests.simulation.promises import (
    PROMISES,
    a_drill_cut_off_goes_on_the_same,
    broken,
    every_notice_ends,
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


def noticed(monitor: Monitor, drill: Drill, events: Sequence[ev.AnyEvent]) -> list[str]:
    """Return what a monitor says of these events, with the board as it was in the end."""
    return [fault for event in events for fault in monitor.take(event, drill.board)]


def first(drill: Drill, kind: type[Any]) -> Any:
    return next(event for event in drill.events if isinstance(event, kind))


def without_passing_on(drill: Drill) -> list[ev.AnyEvent]:
    return [event for event in drill.events if not isinstance(event, ev.PassedOn)]


def with_a_reminder_after_the_answer(drill: Drill) -> list[ev.AnyEvent]:
    answer = first(drill, ev.Acknowledged)
    late = ev.Reminded(at=answer.at, notice=answer.notice, officer=1, missing="acknowledgement")
    return [*drill.events, late]


def with_a_reminder_to_come(drill: Drill) -> list[ev.AnyEvent]:
    mail = first(drill, ev.Submitted)
    return [*drill.events, replace(mail, purpose="reminder", attempt=9)]


def backwards(drill: Drill) -> list[ev.AnyEvent]:
    return drill.events[::-1]


def all_twice(drill: Drill) -> list[ev.AnyEvent]:
    return [*drill.events, *drill.events]


def without_mails(drill: Drill) -> list[ev.AnyEvent]:
    return [event for event in drill.events if not isinstance(event, ev.Submitted)]


def with_one_name_for_two_mails(drill: Drill) -> list[ev.AnyEvent]:
    mail = first(drill, ev.Submitted)
    return [mail, replace(first(drill, ev.AnswerSent), mail=mail.mail)]


def with_an_answer_that_counts_twice(drill: Drill) -> list[ev.AnyEvent]:
    answer = first(drill, ev.Acknowledged)
    again = ev.Repeated(at=answer.at, notice=answer.notice, identical=True, by="", mail=answer.mail)
    return [answer, again]


@pytest.mark.parametrize(
    ("monitor", "changed_events"),
    [
        (EventsRiseInTime, backwards),
        (NobodyIsWrittenToBeforeTheNodeAbovePassedOn, without_passing_on),
        (NobodyWhoAcknowledgedIsReminded, with_a_reminder_after_the_answer),
        (NobodyWhoAcknowledgedIsReminded, with_a_reminder_to_come),
        (NothingGoesOnAfterTheEnd, all_twice),
        (EveryMailIsWrittenOnce, all_twice),
        (EveryMailIsWrittenOnce, with_one_name_for_two_mails),
        (EveryMailHasOneOutcome, without_mails),
        (AnswersAreCountedOnce, all_twice),
        (AnswersAreCountedOnce, with_an_answer_that_counts_twice),
    ],
)
def test_what_may_never_happen_is_noticed(
    drill: Drill,
    monitor: Callable[[], Monitor],
    changed_events: Callable[[Drill], list[ev.AnyEvent]],
) -> None:
    assert noticed(monitor(), drill, drill.events) == []
    assert noticed(monitor(), drill, changed_events(drill))


@pytest.mark.parametrize("name", [each.name for each in fields(Tally)])
def test_a_count_that_is_wrong_is_noticed(name: str) -> None:
    board = run(shipped("r5-terminal-failure"), 3).board
    assert list(miscounted(board)) == []
    if name.startswith("to_"):
        return  # What is asked is no fact of a drill.
    tally = next(iter(board.tallies.values()))
    setattr(tally, name, getattr(tally, name) + 1)
    assert list(miscounted(board))


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
    assert all(monitor.__doc__ for monitor in MONITORS)
