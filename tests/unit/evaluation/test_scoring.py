"""The score: each point, what it is worth, and the events behind it."""

from fractions import Fraction
from typing import Any

import pytest

from drillsim.drill.scenario import Scoring
from drillsim.evaluation.criteria import Point
from drillsim.evaluation.evaluation import evaluate, rescore
from drillsim.evaluation.scoring import CriterionResult, Score
from tests import examples
from tests.unit.evaluation.logs import Log


def score(log: Log) -> Score:
    return evaluate(log.exercise, log.events).score


def criterion(log: Log, name: str) -> CriterionResult:
    (found,) = (c for c in score(log).criteria if c.name == name)
    return found


def point(log: Log, name: str, node: str) -> Point:
    (found,) = (p for p in criterion(log, name).points if p.hop.node == node)
    return found


def perfect() -> Log:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        log.ack(node, 20)
    for node in ("n1-1", "n1-2", "n1-3", "n1"):
        log.report(node, 40, terminals="0", line_cut="無")
    log.end(40, "final-phase", "reported first share 100%")
    return log


def test_a_drill_in_which_all_went_well_has_all_points() -> None:
    result = score(perfect())
    assert (result.total.share, result.total.score, result.total.rating) == (
        Fraction(1),
        100.0,
        "P",
    )
    assert {mark.rating for mark in result.objectives.values()} == {"P"}
    assert result.is_final


def test_criteria_without_anything_to_count_are_left_out() -> None:
    assert [c.name for c in score(perfect()).criteria] == [
        "acknowledge",
        "pass-on",
        "report",
        "answers",
    ]


def test_a_drill_in_which_nobody_answered_has_none() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.end(240)
    result = score(log)
    assert (result.total.score, result.total.rating) == (0.0, "U")
    assert result.handling.rating is None


def test_before_anything_is_due_there_is_no_score() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    result = score(log)
    assert (result.total.score, result.total.rating, result.criteria) == (None, None, ())
    assert not result.is_final


def test_where_less_than_half_of_what_was_asked_came_due_nothing_is_rated() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.end(6, "operator")
    found = score(log)
    # One answer in time; three towns, the passing on and the reports were not due yet.
    (result,) = found.criteria
    assert (result.name, result.share, result.counted) == ("acknowledge", Fraction(1), 1)
    for mark in (found.total, found.contact, *found.objectives.values(), *found.injects.values()):
        assert (mark.share, mark.rating, mark.score) == (None, None, None)


def test_of_a_drill_that_a_real_incident_stopped_nothing_is_rated() -> None:
    log = perfect()
    log.events.pop()
    log.end(60, "real-incident")
    result = score(log)
    assert result.is_final
    assert result.is_stopped
    marks = (result.total, result.contact, result.handling, *result.objectives.values())
    assert {mark.score for mark in (*marks, *result.injects.values())} == {None}
    assert result.criteria  # What was done stands there all the same.
    assert not score(perfect()).is_stopped


def test_where_half_of_it_came_due_it_is_rated() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        log.ack(node, 20)
    log.end(22, "operator")
    # Acknowledging (40) and passing on (20) can be judged, the reports (20) cannot.
    assert score(log).total.rating == "P"
    assert score(log).objectives["report"].rating is None


def test_a_late_answer_gains_the_late_credit() -> None:
    log = perfect()
    late = Log(examples.exercise())
    late.release()
    late.reach("n1", 0, 16)
    assert point(log, "acknowledge", "n1").gained == 1
    assert point(late, "acknowledge", "n1").gained == Fraction(1, 2)


def test_passing_on_gains_by_next_hop() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    first = log.pass_on("n1", 14, "n1-1")
    second = log.pass_on("n1", 31, "n1-2")
    log.end(240)
    found = point(log, "pass-on", "n1")
    assert found.gained == (1 + Fraction(1, 2) + 0) / 3
    assert {first, second} <= set(found.because)


def test_a_point_that_was_gained_names_the_mail_and_the_answer() -> None:
    log = perfect()
    found = point(log, "acknowledge", "n1")
    assert [log.events[n - 1].kind for n in found.because] == ["submitted", "acknowledged"]
    found = point(log, "report", "n1-1")
    assert [log.events[n - 1].kind for n in found.because] == ["submitted", "reported"]


def test_a_point_that_was_lost_names_what_was_tried() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.notify("n1", 0.1)
    log.bounce("n1", 1)
    log.end(240)
    found = point(log, "acknowledge", "n1")
    kinds = [log.events[n - 1].kind for n in found.because]
    assert kinds == ["submitted", "bounced", "drill-ended"]
    assert found.gained == 0


def faulty() -> Log:
    story = examples.scenario(faults=[{"node": "n1-3", "kind": "drop"}])
    log = Log(examples.exercise(story=story))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    log.notify("n1-3", 14.1, lost="dropped")
    for node in ("n1-1", "n1-2"):
        log.ack(node, 20)
    for node in ("n1-1", "n1-2"):
        log.report(node, 40, terminals="0")
    log.report("n1", 120, terminals="0")
    log.end(240)
    return log


def test_a_miss_that_a_fault_made_unavoidable_is_shown_and_not_counted() -> None:
    log = faulty()
    found = point(log, "acknowledge", "n1-3")
    assert (found.is_counted, found.excuse) == (False, "fault")
    result = criterion(log, "acknowledge")
    assert (result.share, result.counted, result.excused) == (Fraction(1), 3, 1)
    assert score(log).total.share == 1


def test_without_the_fault_the_same_miss_costs() -> None:
    log = faulty()
    result = evaluate(log.exercise, log.events, with_faults=False).score
    assert result.total.share is not None
    assert result.total.share < 1


def test_the_points_add_up_to_the_score() -> None:
    log = faulty()
    log.events = log.events[:-1]
    log.ack("n1-3", 150)
    log.report("n1-3", 160, terminals="4")
    log.end(240)
    result = score(log)
    total = sum(
        (result.worth(c) * p.gained for c in result.criteria for p in c.points if p.is_counted),
        Fraction(0),
    )
    assert result.total.share is not None
    assert total == result.total.share * 100
    assert sum(result.worth(c) * c.counted for c in result.criteria) == 100


def test_contact_and_handling_are_rated_apart() -> None:
    log = perfect()
    log.events = log.events[:-2]
    for node in ("n1-1", "n1-2", "n1-3", "n1"):
        log.report(node, 41, number=2, terminals="7")
    log.end(42, "operator")
    result = score(log)
    assert (result.contact.rating, result.handling.rating) == ("P", "U")
    assert result.total.share == Fraction(80, 95)


@pytest.mark.parametrize(
    ("raw", "total"),
    [
        ({"weights": {"acknowledge": 0, "pass-on": 0, "report": 0}}, 0.0),
        ({"weights": {"answers": 0}}, 100.0),
        ({"weights": {"acknowledge": 1, "pass-on": 0, "report": 0, "answers": 1}}, 50.0),
    ],
)
def test_another_rubric_scores_the_same_drill_anew(raw: dict[str, Any], total: float) -> None:
    log = perfect()
    log.events = log.events[:-2]
    for node in ("n1-1", "n1-2", "n1-3", "n1"):
        log.report(node, 41, number=2, terminals="7")
    log.end(42, "operator")
    before = evaluate(log.exercise, log.events)
    after = rescore(before, Scoring.model_validate(raw))
    assert after.score.total.score == total
    assert after.reach == before.reach


def test_a_score_is_rounded_down_so_that_it_never_looks_better_than_its_rating() -> None:
    log = Log(examples.exercise(contacts=examples.tree((1, 24))))
    log.release()
    log.reach("n1", 0, 4)
    children = [f"n1-{n}" for n in range(1, 25)]
    log.pass_on("n1", 14, *children)
    for child in children[:-6]:
        log.ack(child, 20)
    for child in children[-6:-5]:
        log.ack(child, 200)
    log.end(240)
    weights = {"pass-on": 0, "report": 0}
    result = rescore(evaluate(log.exercise, log.events), Scoring(weights=weights)).score.total
    # 19 in time and one late of 25: 78 %.
    assert (result.score, result.rating) == (78.0, "S")
    assert result.share == Fraction(39, 50)


def test_while_a_drill_runs_only_what_is_done_or_overdue_counts() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    log.ack("n1-1", 20)
    counted = [p.hop.node for p in criterion(log, "acknowledge").points if p.is_counted]
    assert counted == ["n1", "n1-1"]
    log.ack("n1-2", 29.5)
    found = point(log, "acknowledge", "n1-3")
    assert (found.is_counted, found.gained, score(log).is_final) == (True, Fraction(0), False)


def test_each_inject_has_a_mark_of_its_own() -> None:
    second = {
        "id": "second",
        "from": "n",
        "to": {"kind": "prefecture"},
        "subject": "続報",
        "body": "架空",
        "acknowledge": {"within": "15m"},
    }
    log = Log(examples.exercise(story=examples.scenario(injects=[examples.INJECT, second])))
    log.release()
    log.reach("n1", 0, 4)
    other = Log(log.exercise, "second")
    other.events = log.events
    other.release(10)
    other.reach("n1", 10, 30)
    log.end(240)
    marks = score(log).injects
    assert marks[other.inject].share == Fraction(1, 2)
    assert marks[log.inject].share != marks[other.inject].share
