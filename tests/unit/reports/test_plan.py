"""The plan of a drill: timetables, what each body lacks, and who is not reached."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drillsim.drill.scenario import InjectId, Scenario
from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.reports.plan import Plan
from tests import examples

FIRST = InjectId("first")


def m(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def plan(
    tree: ContactTree | None = None, story: Scenario | None = None, runs: int | None = 3
) -> Plan:
    drill = examples.exercise(tree, story)
    loaded = LoadedScenario(
        scenario=drill.scenario,
        tree=drill.tree,
        calendar=drill.calendar,
        files={},
        path=Path("scenarios/example.yaml"),
        contacts_path=Path("contacts/example.yaml"),
    )
    return Plan(loaded, runs)


def test_a_timetable_runs_from_the_time_a_body_is_expected_to_be_mailed() -> None:
    found = plan()
    for timetable in found.timetables[FIRST]:
        at = timetable.expected.mailed_at
        assert at is not None
        assert timetable.acknowledge_by == at + m(15)
        assert timetable.reminders == (at + m(10), at + m(20))
        assert timetable.stand_in_at == at + m(25)
        assert timetable.give_up_at == at + m(90)
        assert timetable.call_at is None
        is_parent = timetable.expected.node == "n1"
        # It puts reports together: its own is due at the cut-off, and is not reminded before.
        assert timetable.report_by == at + m(120 if is_parent else 60)
        assert timetable.report_reminders == (() if is_parent else (at + m(75),))
        assert timetable.pass_on_by == (at + m(30) if is_parent else None)


def test_who_has_no_stand_in_has_no_time_for_one() -> None:
    found = plan(examples.tree((1, 2), count=1))
    assert [each.stand_in_at for each in found.timetables[FIRST]] == [None] * 3
    assert found.without_stand_in == ("n1", "n1-1", "n1-2")


def test_what_each_body_lacks_is_found() -> None:
    def only(**fields: str) -> dict[str, Any]:
        return {"officers": [{"name": "架空 太郎", **fields}]}

    changes = {
        "n1-1": only(email="a@x.example", phone="1"),
        "n1-2": only(phone="1"),
        "n1-3": only(email="a@Y.example"),
        "n1-4": {"mailbox": "m@x.example", "officers": [{"name": "甲"}, {"name": "乙"}]},
    }
    found = plan(examples.tree((1, 5), changes=changes))
    assert found.without_mail == ("n1-2",)
    assert found.without_stand_in == ("n1-1", "n1-3", "n1-4")
    assert found.without_telephone == ("n1-3", "n1-4")
    assert found.domains == {"x.example": 2, "n1-5.example": 1, "n1.example": 1, "y.example": 1}
    tiers = [(t.kind, t.nodes, t.by_mail, t.stand_in_by_mail, t.by_telephone) for t in found.tiers]
    assert tiers == [("prefecture", 1, 1, 1, 1), ("municipality", 5, 4, 1, 3)]
    assert found.first_mails == 5


def test_who_is_not_reached_is_told_with_the_reason() -> None:
    except_ = {"n2": "システム更新", "n1-2": "不参加"}
    tree = examples.tree((2, 2))
    found = plan(tree, examples.scenario(participants={"default": "all", "except": except_}))
    apart = {each.node: (each.why, each.reason) for each in found.apart}
    assert apart == {
        "n1-2": ("no-participant", "不参加"),
        "n2": ("no-participant", "システム更新"),
        "n2-1": ("behind-no-participant", ""),
        "n2-2": ("behind-no-participant", ""),
    }
    inject = {**examples.INJECT, "to": {"nodes": ["n1"]}}
    apart = {
        each.node: (each.why, each.reason)
        for each in plan(tree, examples.scenario(injects=(inject,))).apart
    }
    assert apart == dict.fromkeys(("n2", "n2-1", "n2-2"), ("not-addressed", ""))


def test_a_contingency_inject_counts_neither_as_mail_nor_as_reach() -> None:
    rumour = {
        **examples.INJECT,
        "id": "rumour",
        "contingency": True,
        "to": {"kind": "municipality"},
        "pass-on": None,
    }
    inject = {**examples.INJECT, "pass-on": None}
    found = plan(story=examples.scenario(injects=(inject, rumour)))
    assert found.first_mails == 1
    assert set(found.ladders) == {NodeId("n1")}
    assert [each.expected.mailed_at for each in found.timetables[InjectId("rumour")]] == [None] * 3


def test_the_same_files_give_the_same_plan() -> None:
    assert plan().as_json() == plan().as_json()


@pytest.mark.parametrize("scenario", ["r5-virus-suspicion", "annual-self-check"])
def test_the_data_are_json_and_agree_with_themselves(scenario: str) -> None:
    found = Plan(load_scenario(scenario), 5)
    data = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert data["runs"] == 5
    assert sum(tier["nodes"] for tier in data["tiers"]) == data["participants"]
    assert sum(data["domains"].values()) == data["participants"] - len(data["without_mail"])
    mailed = [
        notice
        for inject in data["injects"]
        for notice in inject["notices"]
        if notice["mailed_seconds"] is not None
    ]
    assert len(mailed) == data["first_mails"]
    for notice in mailed:
        deadline = notice["acknowledge_by_seconds"]
        assert deadline is None or deadline > notice["mailed_seconds"]
    addresses = json.dumps(data, ensure_ascii=False)
    officers = [o for node in found.exercise.tree.nodes for o in node.officers]
    assert officers
    assert not any(o.name in addresses or e in addresses for o in officers for e in o.email)
