"""Form answers against what was expected, and booked actions."""

from typing import Any

import pytest

from drillsim.drill.scenario import FormField
from drillsim.evaluation.handling import Handling, Verdict, handling_of, verdict_on
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.timeline import trace
from tests import examples
from tests.unit.evaluation.logs import Log, m


def handling(log: Log) -> Handling:
    return handling_of(trace(log.exercise, log.events))


def field(expect: str, **more: Any) -> FormField:
    return FormField.model_validate({"id": "x", "label": "項目", "expect": expect, **more})


@pytest.mark.parametrize(
    ("line", "given", "verdict"),
    [
        (field("0", type="integer"), "0", "expected"),
        (field("0", type="integer"), "０", "expected"),
        (field("3", type="integer"), "03", "expected"),
        (field("0", type="integer"), "1", "other"),
        (field("0", type="integer"), "0台", "other"),
        (field("0", type="integer"), "確認中", "pending"),
        (field("無", type="choice", options=["有", "無", "確認中"]), " 無 ", "expected"),
        (field("無", type="choice", options=["有", "無", "確認中"]), "有", "other"),
        (field("無", type="choice", options=["有", "無", "確認中"]), "確認中", "pending"),
        (field("確認中", type="choice", options=["有", "確認中"]), "確認中", "expected"),
        (field("異常 なし"), "異常　なし", "expected"),
        (field("異常 なし"), "異常なし", "other"),
        (field("-3", type="integer"), "-03", "expected"),
        (field("-3", type="integer"), "3", "other"),
        (field("3", type="integer"), "3-", "other"),
        (field("1", type="integer"), "0" * 17 + "1", "expected"),
        (field("1", type="integer"), "0" * 18 + "1", "other"),
        (field("最新"), "  ", "empty"),
        (field("最新"), "", "empty"),
        (field("0", type="integer"), "9" * 5000, "other"),
    ],
)
def test_an_answer_is_compared_with_what_is_expected(
    line: FormField, given: str, verdict: Verdict
) -> None:
    assert verdict_on(line, given) == verdict


def reported() -> Log:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    log.report("n1-1", 30, terminals="0", line_cut="有")
    log.report("n1-2", 31, terminals="2")
    log.report("n1-3", 32, line_cut="無")
    return log


def test_only_lines_with_an_expected_answer_are_judged_and_only_where_a_report_came() -> None:
    found = handling(reported())
    assert [(a.hop.node, a.field.id, a.verdict) for a in found.answers] == [
        ("n1-1", "terminals", "expected"),
        ("n1-2", "terminals", "other"),
        ("n1-3", "terminals", "empty"),
    ]
    (line,) = found.lines
    assert (line.rate, line.counts["empty"]) == (Rate(1, 3), 1)


def test_the_latest_report_is_judged_and_named() -> None:
    log = reported()
    number = log.report("n1-2", 40, number=2, terminals="0")
    answer = handling(log).answers[1]
    assert (answer.given, answer.verdict, answer.because) == ("0", "expected", (number,))


def acting() -> Log:
    inject = {**examples.INJECT, "actions": ["責任者へ報告", "脅威度の判定"]}
    log = Log(examples.exercise(story=examples.scenario(injects=[inject])))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    return log


def test_without_a_booked_action_nothing_follows() -> None:
    assert handling(acting()).actions == ()


def test_where_the_book_was_kept_for_a_tier_every_action_there_counts() -> None:
    log = acting()
    first = log.act("n1", 20, "責任者へ報告")
    log.act("n1", 25, "責任者へ報告")
    found = handling(log).actions
    assert [(a.hop.node, a.action, a.done_at, a.because) for a in found] == [
        ("n1", "責任者へ報告", m(20), (first,)),
        ("n1", "脅威度の判定", None, ()),
    ]


def test_an_action_that_the_scenario_does_not_name_is_no_point() -> None:
    log = acting()
    log.act("n1", 20, "お茶をいれる")
    assert [a.done_at for a in handling(log).actions] == [None, None]


def test_each_judged_line_counts_what_was_answered_by_all_who_reported() -> None:
    form = [
        {"id": "down", "label": "使用不可", "type": "integer", "expect": "0"},
        {"id": "note", "label": "備考", "required": "false"},
        {"id": "word", "label": "確認", "expect": "異常なし", "required": "false"},
    ]
    story = examples.scenario(forms={"status": form})
    log = Log(examples.exercise(examples.tree((1, 4)), story))
    log.release()
    log.reach("n1", 0, 1)
    log.pass_on("n1", 2, "n1-1", "n1-2", "n1-3", "n1-4")
    log.report("n1-1", 10, down="0", word="異常なし")
    log.report("n1-2", 11, down="0", word="確認中")
    log.report("n1-3", 12, down="２", note="0")
    found = handling(log)
    assert [(line.inject, line.field.id, dict(line.counts), line.rate) for line in found.lines] == [
        ("first", "down", {"expected": 2, "other": 1, "pending": 0, "empty": 0}, Rate(2, 3)),
        ("first", "word", {"expected": 1, "other": 0, "pending": 1, "empty": 1}, Rate(1, 3)),
    ]
    assert [answer.hop.node for answer in found.answers] == [
        node for node in ("n1-1", "n1-2", "n1-3") for _line in found.lines
    ]


@pytest.mark.parametrize("report", [{"within": "1h"}, None])
def test_a_message_without_a_form_has_no_lines(report: Any) -> None:
    log = Log(
        examples.exercise(story=examples.scenario(injects=[{**examples.INJECT, "report": report}]))
    )
    log.release()
    log.reach("n1", 0, 1)
    if report:
        log.report("n1", 2)
    assert handling(log) == Handling(answers=(), lines=(), actions=())
