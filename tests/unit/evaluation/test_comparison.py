"""The same bodies over years: how they are matched, and what is said of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.durations import ZERO
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.comparison import (
    BodyYear,
    Compared,
    Comparison,
    Year,
    compare,
    comparison_summary,
    year_of,
)
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.world.course import Course
from tests import examples
from tests.unit.evaluation.logs import Log, m


def body(
    name: str,
    minutes: float | None,
    code: str = "",
    *,
    late: int = 0,
    kind: NodeKind | None = "municipality",
) -> BodyYear:
    return BodyYear(
        code=code,
        name=name,
        kind=kind,
        asked=1,
        acknowledged=int(minutes is not None),
        late=late,
        charged=int(minutes is None),
        delay=None if minutes is None else timedelta(minutes=minutes),
    )


def year(label: str, *bodies: BodyYear) -> Year:
    return Year(label=label, bodies=bodies)


def names(found: tuple[Compared, ...]) -> list[str]:
    return [each.name for each in found]


def both(first: tuple[BodyYear, ...], last: tuple[BodyYear, ...]) -> Comparison:
    return compare([year("R7", *first), year("R8", *last)])


def test_bodies_are_matched_by_code_then_by_name_then_by_their_first_word() -> None:
    found = both(
        (body("旧名", 5, "350001"), body("山口市", 6), body("萩市　市民課", 7), body("消滅村", 8)),
        (
            body("山口県 市町課", 4, "350001"),
            body("山口市 市民課", 3, "352039"),
            body("萩市 市民課", 2, "352047"),
            body("新設市", 1),
        ),
    )
    assert names(found.both) == ["山口県 市町課", "山口市 市民課", "萩市 市民課"]
    alone = [b for b in found.bodies if b.before is None or b.now is None]
    assert names(tuple(alone)) == ["新設市", "消滅村"]


def test_names_are_the_same_whatever_their_width_blanks_and_case() -> None:
    found = both(
        (body("山口市　市民課", 5), body("ＡＢＣ市", 6), body("", 7), body(" ", 8)),
        (body("山口市市民課", 4), body("abc市 総務課", 3), body("萩市", 2)),
    )
    assert [(each.name, each.change) for each in found.both] == [
        ("山口市市民課", timedelta(minutes=-1)),
        ("abc市 総務課", timedelta(minutes=-3)),
    ]
    assert names(found.bodies) == ["山口市市民課", "abc市 総務課", "萩市", "", " "]


def test_a_body_keeps_what_any_year_tells_of_it() -> None:
    before = body("萩市", 5, "352047", kind=None)
    found = both((before,), (replace(body("萩市", 7, kind=None), node=NodeId("hagi")),))
    (hagi,) = found.bodies
    assert (hagi.code, hagi.kind, hagi.node) == ("352047", None, "hagi")
    (hagi,) = both((replace(before, node=NodeId("old")),), (body("萩市", 7),)).bodies
    assert (hagi.kind, hagi.node) == ("municipality", "old")
    (nameless,) = both((body("長門市", 5),), (body("長門市", 6.0001),)).bodies
    assert (nameless.code, nameless.kind, nameless.node) == ("", "municipality", None)


def test_bodies_without_a_code_are_told_by_their_names() -> None:
    found = comparison_summary(
        both(
            (body("長門市", 5, late=1), body("光市", None), body("萩市", 1, "352047")),
            (body("長門市", 6.0001, late=1), body("光市", None), body("萩市", 2, "352047")),
        )
    )
    assert (found["slower"], found["failing_again"], found["late_again"]) == (
        ["長門市", "352047"],
        ["光市"],
        ["長門市"],
    )
    assert found["median_now_seconds"] == 240.003
    changes = [each["change_seconds"] for each in found["bodies"]]  # type: ignore[attr-defined]
    assert changes == [60.006, None, 60.0]


def test_a_name_that_occurs_twice_matches_by_its_code_alone() -> None:
    found = both(
        (body("伊達市", 5), body("府中市", 5, "132063")),
        (
            body("伊達市 住民課", 9, "012335"),
            body("伊達市 市民課", 9, "072133"),
            body("府中市 総合窓口課", 9, "132063"),
            body("府中市 市民課", 9, "342084"),
        ),
    )
    assert names(found.both) == ["府中市 総合窓口課"]
    assert len(found.bodies) == 5


def test_two_rows_of_one_year_never_become_one_body() -> None:
    found = both((body("山口市", 5), body("山口市", 50)), (body("山口市", 9),))
    assert len(found.bodies) == 3
    assert found.both == ()


def test_who_got_slower_and_who_fails_again() -> None:
    found = both(
        (
            body("甲市", 5),
            body("乙市", 5),
            body("丙市", None),
            body("丁市", None),
            body("戊市", 9, late=1),
        ),
        (
            body("甲市", 9),
            body("乙市", 30),
            body("丙市", None),
            body("丁市", 3),
            body("戊市", 4, late=1),
        ),
    )
    assert names(found.slower) == ["乙市", "甲市"]
    assert names(found.failing_again) == ["丙市"]
    assert names(found.late_again) == ["戊市"]


def test_medians_are_of_those_who_took_part_in_both() -> None:
    found = both(
        (body("甲市", 10), body("乙市", 20), body("丙市", 90), body("去市", 500)),
        (body("甲市", 4), body("乙市", 6), body("丙市", None), body("来市", 500)),
    )
    assert len(found.both) == 3
    assert found.median_before == timedelta(minutes=20)
    assert found.median_now == timedelta(minutes=5)


def test_tiers_stand_side_by_side_with_their_denominators() -> None:
    found = both(
        (body("甲市", 10), body("乙市", None)),
        (body("甲市", 10), body("乙市", 10, late=1), body("県", 1, kind="prefecture")),
    )
    tiers = [
        (t.kind, t.label, t.bodies, t.reached.count, t.in_time.count, t.in_time.of)
        for t in found.tiers
    ]
    assert tiers == [
        ("municipality", "R7", 2, 1, 1, 2),
        ("municipality", "R8", 2, 2, 1, 2),
        ("prefecture", "R8", 1, 1, 1, 1),
    ]


def test_a_comparison_needs_two_years() -> None:
    with pytest.raises(ValueError, match="two years"):
        compare([year("R8", body("甲市", 1))])


def drill(seed: int) -> Evaluation:
    exercise = examples.exercise()
    return evaluate(exercise, list(Course(exercise, seed).run()))


def test_a_drill_as_a_year_has_the_figures_of_its_evaluation() -> None:
    evaluation = drill(7)
    found = year_of(evaluation, "now")
    tiers = [t for t in evaluation.reach.tiers if t.acknowledged.of]
    assert sum(b.asked for b in found.bodies) == sum(t.acknowledged.of for t in tiers)
    assert sum(b.acknowledged for b in found.bodies) == sum(t.acknowledged.done for t in tiers)
    hops = evaluation.timeline.by_node
    for each in found.bodies:
        assert each.node is not None
        assert each.delay == hops[each.node][0].delay


def test_a_drill_beside_itself_shows_no_change() -> None:
    found = compare([year_of(drill(7), "a"), year_of(drill(7), "b")])
    assert {body.change for body in found.both} <= {timedelta(0), None}
    assert found.slower == ()
    assert found.median_before == found.median_now
    summary = comparison_summary(found)
    assert summary["both"] == len(found.bodies)


def hindered(*towns: str) -> Log:
    """Return the log of a drill whose faults keep the mails of `towns` for two hours."""
    faults = [{"node": town, "kind": "defer", "from": "0m", "until": "120m"} for town in towns]
    log = Log(examples.exercise(story=examples.scenario(faults=faults)))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 5, "n1-1", "n1-2", "n1-3")
    log.notify("n1-3", 6)
    log.ack("n1-3", 7)
    return log


def outcomes(log: Log) -> dict[str, str]:
    found = year_of(evaluate(log.exercise, log.events), "R8")
    return {str(each.node): each.outcome for each in found.bodies}


def test_a_body_whose_answer_a_fault_made_impossible_was_not_in_time() -> None:
    log = hindered("n1-1")
    log.notify("n1-2", 8)
    log.defer("n1-1", 8, 1, 100)
    log.end(100)
    towns = {"n1-1": "not-charged", "n1-2": "missed", "n1-3": "in-time"}
    assert outcomes(log) == {"n1": "in-time", **towns}


def test_an_answer_that_a_fault_made_late_was_late_and_is_not_charged() -> None:
    log = hindered("n1-1")
    log.notify("n1-2", 8)
    log.defer("n1-1", 8, 1, 120)
    log.notify("n1-1", 120)
    log.ack("n1-1", 125)
    log.ack("n1-2", 125)
    log.end(240)
    towns = {"n1-1": "late-not-charged", "n1-2": "late", "n1-3": "in-time"}
    assert outcomes(log) == {"n1": "in-time", **towns}


def test_who_may_still_answer_is_open() -> None:
    log = hindered()
    log.notify("n1-2", 8)
    assert outcomes(log) == {"n1": "in-time", "n1-1": "open", "n1-2": "open", "n1-3": "in-time"}


def test_a_year_has_the_figures_of_the_report() -> None:
    log = hindered("n1-1", "n1-2")
    about: Any = {"officer": 1, "attempt": 0, "mail": "n1-2-1-0", "reply_code": 451, "tries": 1}
    log.add(ev.Deferred(at=m(8), notice=log.key("n1-2"), retry_at=m(122), **about))
    log.defer("n1-1", 8, 1, 120)
    log.notify("n1-1", 120)
    log.ack("n1-1", 121)
    log.end(121, "final-phase", "elapsed 121m")
    evaluation = evaluate(log.exercise, log.events)
    done = {tier.kind: tier.acknowledged for tier in evaluation.reach.tiers}
    found = compare([year_of(evaluation, "R7"), year_of(evaluation, "R8")])
    tiers = [(t.kind, t.in_time.count, t.late_not_charged, t.not_charged) for t in found.tiers]
    assert tiers == [("prefecture", 1, 0, 0)] * 2 + [("municipality", 1, 1, 1)] * 2
    for tier in found.tiers:
        assert tier.kind is not None
        same = done[tier.kind]
        assert (tier.in_time.count, tier.not_charged) == (same.in_time, same.excused)


def test_the_worst_of_several_answers_is_the_mark_of_a_body() -> None:
    marks: dict[str, Any] = {
        "asked": 5,
        "acknowledged": 2,
        "late": 1,
        "late_not_charged": 1,
        "delay": ZERO,
    }
    whole = replace(body("甲市", 1), **marks, charged=1, not_charged=1, open=1)
    found = [whole.outcome]
    for field in ("charged", "late", "open", "not_charged", "late_not_charged"):
        none: dict[str, Any] = {field: 0}
        whole = replace(whole, **none)
        found.append(whole.outcome)
    assert found == ["missed", "late", "open", "not-charged", "late-not-charged", "in-time"]


def test_what_is_not_charged_is_not_late_again_and_no_failure() -> None:
    excused = replace(body("甲市", None), charged=0, not_charged=1)
    for before in (body("甲市", 9, late=1), body("甲市", None), excused):
        found = both((before,), (excused,))
        assert found.late_again == ()
        assert found.failing_again == ()
