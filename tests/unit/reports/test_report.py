"""The report of a drill: sections in their order, what they say, and what is suggested."""

from datetime import timedelta
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.tree import NodeId
from drillsim.evaluation.rate import Rate
from drillsim.i18n import set_language
from drillsim.reports.improvements import improvements
from drillsim.reports.redaction import redacted
from drillsim.reports.report import report_view
from drillsim.reports.view import Curve, Gantt, ReportView, Table, TreePicture
from tests import examples
from tests.unit.evaluation.logs import Log, m
from tests.unit.reports.drills import record_of, shipped


def log(**changes: Any) -> Log:
    tree = examples.tree(changes=changes.pop("tree", None))
    return Log(examples.exercise(tree, examples.scenario(**changes)))


def usual(**changes: Any) -> Log:
    """One town answers in time, one late by telephone, one not at all."""
    drill = log(**changes)
    drill.release()
    drill.reach("n1", 0, 4)
    drill.pass_on("n1", 18, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        drill.submit(node, 18, sender=NodeId("n1"))
        drill.notify(node, 18)
    drill.ack("n1-1", 24)
    drill.report("n1-1", 40, terminals="3")
    drill.ack("n1-2", 52, channel="telephone")
    drill.end(240)
    return drill


def view_of(drill: Log, *more: AnyEvent) -> ReportView:
    return report_view(record_of(drill.exercise, [*drill.events, *more]))


def table(view: ReportView, name: str) -> Table:
    found = view.table(name)
    assert found is not None
    return found


def test_the_sections_stand_in_the_order_of_official_reports() -> None:
    set_language("ja")
    try:
        view = view_of(usual(purpose="確認", story="架空の想定"))
        assert [section.heading for section in view.sections] == [
            "目的",
            "実施日時",
            "対象",
            "想定",
            "方法",
            "結果",
            "評価",
            "前年度との比較",
            "課題",
            "改善計画",
            "添付",
        ]
        assert view.kind == "訓練実施報告書"
        assert [s.id for s in view.sections if not s.blocks] == ["comparison"]
    finally:
        set_language("en")


def test_it_says_what_happened_in_one_sentence() -> None:
    (sentence,) = view_of(usual()).headline
    assert sentence == (
        "架空の障害（第一報）: the message reached 2 of 3 municipalities in 52 min; "
        "34 min of them lay at 架空n1-2."
    )
    nobody = log()
    nobody.release()
    nobody.end(240)
    assert view_of(nobody).headline[0].endswith(": none of 3 municipalities confirmed the message.")


def test_a_japanese_report_counts_as_official_reports_do() -> None:
    set_language("ja")
    try:
        sentences = view_of(usual()).section("results").sentences
        assert sentences[:2] == (
            "疎通確認　４団体中３団体（75.0％）",
            (
                "架空の障害（第一報）：受信確認は４団体中３団体（75.0％）、うち期限内２団体、"
                "電話によるもの１団体。"
            ),
        )
        course = table(view_of(usual()), "course").rows
        assert [row[3] for row in course if row[1] == "局面の開始"] == ["notice（脅威度２）"]
    finally:
        set_language("en")


def test_the_tables_agree_with_the_events() -> None:
    view = view_of(usual())
    towns = table(view, "tiers").rows[1]
    assert towns[2:12] == (3, 3, 2, Rate(2, 3), 1, 1, 1, 0, 1, 0)
    bodies = table(view, "bodies")
    (row,) = (row for row in bodies.rows if getattr(row[1], "node", "") == "n1-2")
    assert row[5:8] == (timedelta(0), m(34), None)
    assert [row[1] for row in table(view, "late").rows if row[2] == "acknowledgement"] == [row[1]]
    missing = table(view, "missing")
    assert ("acknowledgement", "no answer") in [row[2:4] for row in missing.rows]
    assert all(row[-1] for row in missing.rows)


def test_pictures_and_tables_tell_the_same() -> None:
    view = view_of(usual())
    tree, curve, gantt = (
        next(b for b in view.section("results").blocks if isinstance(b, kind))
        for kind in (TreePicture, Curve, Gantt)
    )
    assert isinstance(tree, TreePicture)
    assert isinstance(curve, Curve)
    assert isinstance(gantt, Gantt)
    (parent,) = tree.root.below
    assert [(n.name, n.result) for n in parent.below] == [
        ("架空n1-1", "in-time"),
        ("架空n1-2", "late"),
        ("架空n1-3", "missed"),
    ]
    assert curve.lines[1].points[-1][1] == 2
    assert curve.lines[2].is_expected
    assert [lane.is_critical for lane in gantt.lanes] == [True, False, True, False]
    lengths = [end - begin for _node, begin, end in gantt.critical]
    assert sum(lengths, timedelta(0)) == m(52)


def test_what_is_to_be_corrected_is_said_of_each_body_by_itself() -> None:
    drill = log()
    drill.release()
    drill.reach("n1", 0, 4)
    drill.pass_on("n1", 18, "n1-1", "n1-2")
    for node in ("n1-1", "n1-2"):
        drill.submit(node, 18, sender=NodeId("n1"))
        drill.notify(node, 18)
    drill.bounce("n1-1", 19)
    drill.ack("n1-2", 60, officer=0)
    drill.end(240)
    found = {row[0].name: row[1] for row in table(view_of(drill), "contacts").rows}  # type: ignore[union-attr]
    assert found == {
        "架空n1-1": "Mail to an address could not be delivered.",
        "架空n1-2": "Somebody answered who is not on the list.",
    }


def test_handling_stands_apart_from_contact() -> None:
    view = view_of(usual(), ev.ActionDone(at=m(250), notice=log().key("n1-1"), action="x", by="b"))
    (line,) = table(view, "answers").rows
    assert line[1:8] == ("影響端末数", "0", 1, 0, 1, 0, 0)
    assert [row[2:5] for row in table(view, "other-answers").rows] == [("影響端末数", "0", "3")]
    (log_row,) = table(view, "log").rows
    assert log_row[3] == "x"


def kinds(drill: Log, *more: AnyEvent) -> dict[str, tuple[str, ...]]:
    record = record_of(drill.exercise, [*drill.events, *more])
    return {item.kind: item.nodes for item in improvements(record)}


def test_each_finding_suggests_what_to_mend_and_names_its_events() -> None:
    drill = usual(tree={"n1-3": {"officers": [{"name": "甲", "email": "a@x.example"}]}})
    record = record_of(drill.exercise, drill.events)
    items = {item.kind: item for item in improvements(record)}
    assert {name: item.nodes for name, item in items.items()} == {
        "no-answer": ("n1-3",),
        "late": ("n1-2",),
        "other-channel": ("n1-2",),
        "not-reported": ("n1", "n1-2"),
        "answers": ("n1-1",),
    }
    assert "telephone number" in items["no-answer"].action
    for item in items.values():
        assert item.because
        assert all(drill.events[number - 1] for number in item.because)
    plan = table(report_view(record), "improvements")
    assert all(row[3:] == ("", "", "") for row in plan.rows)
    assert len(plan.rows) == len(items)


def test_the_contact_tree_is_held_against_the_last_first_of_april() -> None:
    old = {"officers": [{"name": "甲", "email": "a@x.example", "verified": "2026-03-31"}]}
    new = {"officers": [{"name": "乙", "email": "b@x.example", "verified": "2026-04-01"}]}
    assert kinds(usual(tree={"n1-1": old, "n1-3": new}))["stale-entry"] == ("n1-1",)
    view = view_of(usual(tree={"n1-1": old}))
    assert [row[0].name for row in table(view, "contacts").rows] == ["架空n1-1"]  # type: ignore[union-attr]


def test_a_dead_address_that_a_fault_plays_is_no_finding_about_the_list() -> None:
    def drill(faults: list[dict[str, Any]]) -> Log:
        found = log(faults=faults)
        found.release()
        found.reach("n1", 0, 4)
        found.pass_on("n1", 10, "n1-1", "n1-2", "n1-3")
        found.submit("n1-1", 10)
        found.add(
            ev.Refused(
                at=m(10),
                notice=found.key("n1-1"),
                officer=1,
                attempt=0,
                mail="x",
                reply_code=550,
                failure="unknown-address",
            )
        )
        found.end(240)
        return found

    fault = {"node": "n1-1", "kind": "unknown-address", "officer": 1}
    assert "dead-address" not in kinds(drill([fault]))
    assert kinds(drill([]))["dead-address"] == ("n1-1",)


def test_a_long_stay_of_who_passes_on_is_named() -> None:
    drill = log()
    drill.release()
    drill.reach("n1", 0, 4)
    drill.pass_on("n1", 50, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        drill.ack(node, 60)
    drill.end(240)
    assert kinds(drill)["long-stay"] == ("n1",)


def test_a_message_that_nobody_sent_for_long_is_told() -> None:
    drill = log()
    drill.release()
    drill.submit("n1", 0, by_hand=True)
    drill.notify("n1", 5)
    drill.ack("n1", 15)
    assert "slow-sending" not in kinds(drill)
    drill.events.pop()
    drill.ack("n1", 12)
    assert kinds(drill)["slow-sending"] == ()  # It says how the drill was conducted.
    view = report_view(record_of(drill.exercise, drill.events))
    (told,) = [text for text in view.section("results").sentences if "until 架空n sent it" in text]
    assert "12 min, of these 5 min until" in told


def test_a_mail_that_was_not_sent_is_told_and_charged_to_nobody() -> None:
    drill = log()
    drill.release()
    drill.submit("n1", 0, by_hand=True)
    drill.end(240)
    record = record_of(drill.exercise, drill.events)
    (item,) = (item for item in improvements(record) if item.kind == "not-sent")
    assert (
        item.finding == "架空の障害（第一報）: before the end of the drill nobody wrote to 架空n1."
    )
    (tier, *_) = table(report_view(record), "tiers").rows
    assert tier[7:10] == (0, 1, 1)  # Late, not reached, not charged.
    missing = table(report_view(record), "missing").rows
    remark = "the chain broke at 架空n; not charged: its mail was not sent"
    assert {row[4] for row in missing} == {remark}


def test_facts_that_did_not_arrive_are_told_with_the_hop_that_lost_them() -> None:
    drill = log(facts={"since": "９時40分", "place": "庁舎"})
    drill.release()
    drill.reach("n1", 0, 4)
    facts = (("since", "changed", "9時04分"), ("place", "kept", ""))
    drill.pass_on("n1", 10, "n1-1", "n1-2", facts=facts, unmarked=True)
    drill.end(240)
    view = view_of(drill)
    rows = {row[1]: row[2:6] for row in table(view, "facts").rows}
    assert rows == {"９時40分": (2, 0, 2, 0), "庁舎": (2, 2, 0, 0)}
    (loss,) = table(view, "losses").rows
    assert loss[1:2] + loss[3:6] == ("９時40分", "changed", "9時04分", 2)
    assert any("【訓練】" in text for text in view.section("results").sentences)
    found = kinds(drill)
    assert (found["facts-lost"], found["unmarked"]) == (("n1",), ("n1",))
    copy = redacted(view, drill.exercise.tree)
    assert table(copy, "losses").rows[0][4] == ""


def test_a_drill_in_which_all_went_well_suggests_nothing() -> None:
    drill = log()
    drill.release()
    drill.reach("n1", 0, 2)
    drill.pass_on("n1", 4, "n1-1", "n1-2", "n1-3")
    for node in ("n1-1", "n1-2", "n1-3"):
        drill.ack(node, 17)
    for node in ("n1-1", "n1-2", "n1-3"):
        drill.report(node, 30, terminals="0")
    drill.report("n1", 40, terminals="0")
    drill.end(40, "final-phase", "reported first share 100%")
    view = view_of(drill)
    assert not view.section("plan").blocks
    assert any("Nothing was found" in text for text in view.section("issues").sentences)


def test_a_drill_of_several_days_shows_dates() -> None:
    kind = {c.name: c.kind for c in table(view_of(usual()), "bodies").columns}["acknowledged"]
    assert kind == "time"
    days = usual(window="60h")
    days.events.pop()
    days.end(60 * 50)
    kind = {c.name: c.kind for c in table(view_of(days), "bodies").columns}["acknowledged"]
    assert kind == "day"


def test_too_little_to_be_rated_is_said() -> None:
    drill = log()
    drill.release()
    drill.reach("n1", 0, 4)
    drill.end(6, "operator")
    view = view_of(drill)
    assert any("Too little" in text for text in view.section("rating").sentences)
    assert table(view, "objectives").rows[0][1] == "not rated"


def test_who_did_not_confirm_a_stop_is_named() -> None:
    drill = usual()
    drill.events.pop()
    drill.end(60, "real-incident")
    for node in ("n1", "n1-1"):
        drill.add(
            ev.StopSubmitted(at=m(60), node=NodeId(node), officer=1, mail=node, recipient="x")
        )
    drill.add(ev.StopConfirmed(at=m(62), node=NodeId("n1"), by="x"))
    said = view_of(drill).section("results").sentences
    assert any("stopped for a real incident; 1 of 2 confirmed it" in text for text in said)
    assert any("not confirmed by: 架空n1-1." in text for text in said)


def test_a_stopped_drill_is_not_rated_and_the_report_says_why() -> None:
    drill = usual()
    drill.events.pop()
    drill.end(60, "real-incident")
    said = view_of(drill).section("rating").sentences
    assert any("A real incident stopped the drill: nothing of it is rated." in t for t in said)
    assert not any("of 100" in text for text in said)


def test_a_drill_that_has_not_ended_says_so() -> None:
    drill = usual()
    drill.events.pop()
    view = view_of(drill)
    assert any("has not ended" in text for text in view.section("results").sentences)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_shipped_drill_has_a_report_in_both_languages(language: str) -> None:
    set_language(language)
    try:
        for name in ("r5-virus-suspicion", "municipality-virus", "annual-self-check"):
            view = report_view(shipped(name))
            for found in view.tables:
                assert all(len(row) == len(found.columns) for row in found.rows), found.id
                assert sum(count for _h, count in found.groups) in (0, len(found.rows))
            assert len({found.id for found in view.tables}) == len(list(view.tables))
    finally:
        set_language("en")
