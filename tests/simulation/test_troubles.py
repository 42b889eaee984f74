"""Drills with troubles end as the same drills without; `python -m tests.simulation --faults`."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from drillsim.conduct.director import Director
from drillsim.drill import events as ev
from drillsim.drill.rules import Rules
from drillsim.journal.journal import Journal
from tests.simulation.drills import NAMES
from tests.simulation.judging import faults_of
from tests.simulation.troubles import (
    ENDS_THE_RUN,
    ORDERS,
    Plan,
    PlannedOrder,
    Trouble,
    TroubleKind,
    plan_of,
    shrunk,
)

SEEDS = range(10)
MINUTE = timedelta(minutes=1)
TERMINALS = "r5-terminal-failure"


def plan(
    *troubles: Trouble,
    orders: Iterable[PlannedOrder] = (),
    scenario: str = TERMINALS,
    seed: int = 7,
) -> Plan:
    return Plan(scenario, seed, rough=False, orders=tuple(orders), troubles=troubles)


FAILED: tuple[Plan, ...] = (
    # Two mails of one instant failed together, and asyncio printed a traceback for the second.
    plan(
        Trouble("killed-at-hand-over", 7),
        orders=[PlannedOrder(timedelta(milliseconds=47), "phase")],
        scenario="infected-terminal",
        seed=21,
    ),
)
"""What failed once; it runs always."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drill_with_troubles_ends_as_without(seed: int, tmp_path: Path) -> None:
    given = plan_of(seed, NAMES)
    assert faults_of(given, tmp_path) == [], str(given)


@pytest.mark.parametrize("given", FAILED, ids=str)
def test_what_failed_once_ends_as_without(given: Plan, tmp_path: Path) -> None:
    assert faults_of(given, tmp_path) == []


def test_the_seeds_meet_every_trouble_and_every_order() -> None:
    plans = [plan_of(seed, NAMES) for seed in range(200)]
    assert {t.kind for each in plans for t in each.troubles} == set(get_args(TroubleKind))
    assert {order.what for each in plans for order in each.orders} == set(ORDERS)
    assert {each.rough for each in plans} == {True, False}
    assert plan_of(5, NAMES) == plan_of(5, NAMES)


# What is broken is noticed ------------------------------------------------------------------------


def test_a_director_that_forgets_its_mails_at_a_resume_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(director: Director, *_args: object) -> list[str]:
        director.room.posted = {}
        return []

    monkeypatch.setattr(Director, "_resubmit", forget)
    assert faults_of(plan(Trouble("killed-after-commit", 30)), tmp_path)


def test_a_journal_that_loses_its_last_batch_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = Journal.close

    def forgetful(self: Journal) -> None:
        if not self._is_sealed and self.count > 60:
            last = "SELECT max(batch) - 3 FROM records"
            self._connection.execute(f"DELETE FROM records WHERE batch = ({last})")
        close(self)

    monkeypatch.setattr(Journal, "close", forgetful)
    with pytest.raises(Exception, match="record"):
        faults_of(plan(Trouble("killed-after-commit", 60)), tmp_path)


def test_rules_that_remind_whoever_has_answered_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credit = Rules.credit

    def pressing(self: Rules, got: Any, at: timedelta) -> Iterable[ev.AnyEvent]:
        for event in credit(self, got, at):
            yield event
            if isinstance(event, ev.Acknowledged):
                yield ev.Reminded(at=at, notice=event.notice, officer=1, missing="acknowledgement")

    monkeypatch.setattr(Rules, "credit", pressing)
    found = faults_of(plan(), tmp_path)
    assert any("NobodyWhoAcknowledgedIsReminded" in fault for fault in found), found[:3]


# A plan that fails is made smaller ----------------------------------------------------------------


def test_a_plan_is_shrunk_to_what_makes_it_fail() -> None:
    culprit, witness = Trouble("killed-after-250", 41), PlannedOrder(9 * MINUTE, "phase")
    troubles = tuple(Trouble("mail-doubled", count) for count in range(30))
    orders = [PlannedOrder(n * MINUTE, "note") for n in range(5)]
    large = Plan("any", 1, True, (*orders, witness), (*troubles[:17], culprit, *troubles[17:]))
    tried: list[Plan] = []

    def fails(smaller: Plan) -> bool:
        tried.append(smaller)
        return culprit in smaller.troubles and witness in smaller.orders

    assert shrunk(large, fails) == Plan("any", 1, False, (witness,), (culprit,))
    assert len(tried) <= 60


def test_a_plan_that_fails_by_itself_is_shrunk_to_nothing() -> None:
    large = Plan("any", 1, True, (PlannedOrder(MINUTE, "note"),), (Trouble("mail-doubled", 3),))
    assert shrunk(large, lambda _smaller: True) == Plan("any", 1, False, (), ())


def test_shrinking_stops_when_its_tries_are_used_up() -> None:
    troubles = tuple(Trouble("mail-doubled", count) for count in range(64))
    tried: list[Plan] = []

    def passes(smaller: Plan) -> bool:
        tried.append(smaller)
        return False

    shrunk(Plan("any", 1, True, (), troubles), passes, 10)
    assert len(tried) == 10


def test_every_trouble_that_ends_a_run_is_one() -> None:
    assert set(get_args(TroubleKind)) >= ENDS_THE_RUN
