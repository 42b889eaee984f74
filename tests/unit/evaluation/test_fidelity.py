"""Facts on their way: what arrived, who first lost one, and what an operator judges."""

from datetime import timedelta

import pytest

from drillsim.drill import events as ev
from drillsim.drill.board import fold
from drillsim.drill.events import AnyEvent, FactFate
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.evaluation.fidelity import Overruling
from drillsim.evaluation.mending import mends_of
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.summary import summary
from tests import examples

FIRST = InjectId("first")
MINUTE = timedelta(minutes=1)
KEPT: tuple[FactFate, ...] = (("place", "kept", ""), ("since", "kept", ""))
SLIPPED: tuple[FactFate, ...] = (("place", "kept", ""), ("since", "changed", "9時50分"))
GONE: tuple[FactFate, ...] = (("place", "lost", ""), ("since", "changed", "9時50分"))


@pytest.fixture
def exercise() -> Exercise:
    """A chain of three: n writes to n1, n1 to n1-1, n1-1 to n1-1-1."""
    tree = examples.tree(
        (1, 1, 1), kinds=("national-center", "prefecture", "municipality", "section")
    )
    story = examples.scenario(facts={"place": "庁舎", "since": "9時40分"})
    return examples.exercise(tree, story)


def passed(node: str, to: str, facts: tuple[FactFate, ...], minute: int) -> list[AnyEvent]:
    at = minute * MINUTE
    above, below = (FIRST, NodeId(node)), (FIRST, NodeId(to))
    common = {"officer": 1, "attempt": 0, "mail": f"{to}@x.example"}
    return [
        ev.PassedOn(at=at, notice=above, officer=1, to=(NodeId(to),), facts=facts),
        ev.Submitted(
            at=at,
            notice=below,
            purpose="notice",
            sender=NodeId(node),
            recipient=f"o1@{to}.example",
            **common,  # type: ignore[arg-type]
        ),
        ev.Notified(at=at, notice=below, **common),  # type: ignore[arg-type]
    ]


def drill(*more: AnyEvent) -> list[AnyEvent]:
    zero = timedelta(0)
    begun: list[AnyEvent] = [
        ev.DrillStarted(at=zero, scenario="example", seed=1, nodes=4, participants=3),
        ev.PhaseEntered(at=zero, phase=PhaseId("notice"), level=2),
        ev.InjectReleased(at=zero, inject=FIRST),
        ev.Submitted(
            at=zero,
            notice=(FIRST, NodeId("n1")),
            officer=1,
            attempt=0,
            mail="a@x.example",
            purpose="notice",
            sender=NodeId("n"),
            recipient="o1@n1.example",
        ),
    ]
    return [*begun, *more]


def evaluated(exercise: Exercise, events: list[AnyEvent], *later: Overruling) -> Evaluation:
    return evaluate(exercise, events, fold(exercise, events), overrulings=later)


def test_the_first_hop_that_spoilt_a_fact_is_named_with_all_who_got_it_so(
    exercise: Exercise,
) -> None:
    events = drill(*passed("n1", "n1-1", SLIPPED, 5), *passed("n1-1", "n1-1-1", GONE, 9))
    fidelity = evaluated(exercise, events).fidelity
    assert fidelity.arrived == Rate(1, 4)
    assert [(each.name, each.node, each.fate, each.found) for each in fidelity.losses] == [
        ("since", "n1", "changed", "9時50分"),
        ("place", "n1-1", "lost", ""),
    ]
    assert [each.reached for each in fidelity.losses] == [("n1-1", "n1-1-1"), ("n1-1-1",)]
    assert fidelity.by_fact[(FIRST, "since")] == Rate(0, 2)
    assert fidelity.losses[0].because == (5,)


def test_a_fact_that_comes_right_again_has_arrived_but_the_loss_stays(exercise: Exercise) -> None:
    events = drill(*passed("n1", "n1-1", SLIPPED, 5), *passed("n1-1", "n1-1-1", KEPT, 9))
    fidelity = evaluated(exercise, events).fidelity
    assert fidelity.arrived == Rate(3, 4)
    assert [(each.node, each.reached) for each in fidelity.losses] == [("n1", ("n1-1",))]


def test_an_operator_judges_for_all_who_got_that_mail(exercise: Exercise) -> None:
    judged = ev.FidelityOverruled(
        at=6 * MINUTE, notice=(FIRST, NodeId("n1")), fact="since", fate="kept", by="統制員"
    )
    fidelity = evaluated(exercise, drill(*passed("n1", "n1-1", SLIPPED, 5), judged)).fidelity
    assert fidelity.arrived == Rate(2, 2)
    assert fidelity.losses == ()
    assert [each.overruled_by for each in fidelity.facts] == ["", "統制員"]
    assert fidelity.facts[1].because == (5, 8)


def test_after_the_seal_the_annex_judges(exercise: Exercise) -> None:
    later = Overruling(notice=(FIRST, NodeId("n1")), fact="place", fate="lost", by="評価員")
    fidelity = evaluated(exercise, drill(*passed("n1", "n1-1", KEPT, 5)), later).fidelity
    assert [(each.name, each.fate) for each in fidelity.losses] == [("place", "lost")]


def test_it_is_rated_apart_from_speed(exercise: Exercise) -> None:
    good = evaluated(exercise, drill(*passed("n1", "n1-1", KEPT, 5)))
    bad = evaluated(exercise, drill(*passed("n1", "n1-1", GONE, 5)))
    assert (good.fidelity.mark.rating, bad.fidelity.mark.rating) == ("P", "U")
    assert good.score.total == bad.score.total
    shown = summary(bad)["fidelity"]
    assert (shown["kept"], shown["changed"], shown["lost"], shown["rating"]) == (0, 1, 1, "U")


def test_a_drill_without_facts_has_no_fidelity(exercise: Exercise) -> None:
    fidelity = evaluated(exercise, drill(*passed("n1", "n1-1", (), 5))).fidelity
    assert (fidelity.facts, fidelity.mark.share, fidelity.mark.rating) == ((), None, None)


def test_a_notice_that_was_passed_on_without_the_mark_is_listed(exercise: Exercise) -> None:
    unmarked = ev.PassedOn(
        at=MINUTE, notice=(FIRST, NodeId("n1")), officer=1, to=(NodeId("n1-1"),), unmarked=True
    )
    assert evaluated(exercise, drill(unmarked)).fidelity.unmarked == ((FIRST, "n1"),)


def test_what_a_drill_finds_in_the_tree_is_proposed_once_and_says_where(
    exercise: Exercise,
) -> None:
    notice = (FIRST, NodeId("n1"))
    bounce = ev.Bounced(at=MINUTE, notice=notice, officer=1, status="5.1.1", permanent=True)
    found: list[AnyEvent] = [
        bounce,
        bounce,
        ev.AutoReplied(at=MINUTE, notice=notice, officer=2),
        ev.Acknowledged(
            at=MINUTE,
            notice=notice,
            channel="mail",
            officer=0,
            by="架空 三郎",
            sender="saburo@n1.example",
        ),
        ev.Bounced(at=MINUTE, notice=notice, officer=2, status="4.2.2", permanent=False),
    ]
    mends = mends_of(exercise, drill(*found))
    assert [(each.kind, each.place, each.because) for each in mends] == [
        ("dead-address", "n1/1", (5, 6)),
        ("absent", "n1/2", (7,)),
        ("colleague", "n1", (8,)),
    ]
    assert "o1@n1.example" in mends[0].sentence()
    assert "saburo@n1.example" in mends[2].sentence()


def test_an_answer_from_the_offices_own_mailbox_proposes_nothing(exercise: Exercise) -> None:
    answer = ev.Acknowledged(
        at=MINUTE,
        notice=(FIRST, NodeId("n1")),
        channel="mail",
        officer=0,
        by="課員",
        sender="O1@n1.example",
    )
    assert mends_of(exercise, drill(answer)) == ()
