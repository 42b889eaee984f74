"""The answers of a yearly round against a contact file."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from drillsim.drill.scenario import FormField
from drillsim.drill.tree import NodeId
from drillsim.files.bodies import prefectures
from drillsim.files.contacts.change_lines import body_lines
from drillsim.files.contacts.confirming import Answer, Proposal, accepted, proposals
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.round_scenario import SHIPPED, fits, fitted, sender_of
from drillsim.files.new_tree import new_tree
from drillsim.files.places import find
from drillsim.files.scenario_file import load_scenario
from drillsim.files.tree_file import parse_tree
from drillsim.files.yaml_reader import read_document

DAY = date(2027, 4, 14)
TREE = """\
format: drillsim-contacts/1
title: 架空の連絡網
nodes:
  - id: "352012"
    code: "352012"
    name: 下関市 市民課
    kind: municipality
    mailbox: juki@shimo.example
    officers:
      - name: 見本 一郎
        kana: みほん いちろう
        role: 課長
        phone: 083-000-0201   # 直通
        verified: 2026-04-06
      # 代理
      - name: 見本 二葉
        role: 主任
        email: futaba@shimo.example
        phone: 083-000-0202
        off-hours: {email: fk@x.example, phone: 090-0000-0202}
        verified: 2026-04-06
    duty-desk: {name: 守衛室, phone: 083-000-0299}
"""
LINES = (
    "mailbox duty-desk-phone officer-1-name officer-1-phone officer-2-name officer-2-role "
    "officer-2-email officer-2-phone officer-2-night-phone officer-3-name officer-3-email"
).split()
OPTIONS = ("変更なし", "変更あり", "確認中")
FORM = (
    *(FormField(id=name, label=name, required=False) for name in LINES),
    FormField(id="changed", label="変更", type="choice", options=OPTIONS),
)


def document() -> ContactDocument:
    return ContactDocument.parse(TREE.encode(), "tree.yaml")


def answered(lines: Mapping[str, str], *, is_reported: bool = True) -> Proposal:
    answer = Answer(NodeId("352012"), True, is_reported, "見本 一郎", DAY, lines)
    (found,) = proposals(document(), FORM, [answer])
    return found


def written(found: Proposal) -> str:
    return accepted(document(), [found]).decode()


def changes(found: Proposal) -> list[str]:
    return list(body_lines(found.changes)) if found.changes is not None else []


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ({"changed": "変更なし"}, "unchanged"),
        ({"changed": "変更なし", "officer-1-phone": "083-000-0201"}, "unchanged"),
        ({"changed": "変更あり", "officer-1-phone": "083-000-0209"}, "changed"),
        ({"changed": "変更なし", "officer-1-phone": "083-000-0209"}, "changed"),
        ({"officer-1-phone": "083-000-0209"}, "changed"),
        ({"changed": "変更あり"}, "unclear"),
        ({"changed": "確認中"}, "pending"),
        ({}, "pending"),
    ],
)
def test_an_answer_has_its_state(lines: Mapping[str, str], state: str) -> None:
    found = answered(lines)
    assert found.state == state
    assert found.is_acceptable == (state in ("unchanged", "changed"))


def test_who_has_not_answered_is_told_apart_from_who_has_read_it() -> None:
    silent = Answer(NodeId("352012"), False, False)
    (found,) = proposals(document(), FORM, [silent])
    assert found.state == "silent"
    assert answered({}, is_reported=False).state == "acknowledged"


def test_no_change_sets_the_day_of_confirmation_and_nothing_else() -> None:
    text = written(answered({"changed": "変更なし"}))
    assert text == TREE.replace("verified: 2026-04-06", "verified: 2027-04-14")


def test_a_number_is_changed_in_its_line_and_the_comment_stays() -> None:
    found = answered({"changed": "変更あり", "officer-1-phone": "０８３－０００－０２０９"})
    assert changes(found) == ["~ 見本 一郎", "    phone: 083-000-0201 → 083-000-0209"]
    assert "        phone: 083-000-0209   # 直通\n" in written(found)


def test_a_successor_inherits_neither_address_nor_private_number() -> None:
    found = answered(
        {"changed": "変更あり", "officer-2-name": "架空 七海", "officer-2-phone": "083-000-0203"}
    )
    assert changes(found) == [
        "- 見本 二葉  (主任)  futaba@shimo.example  083-000-0202",
        "+ 架空 七海  (主任)  083-000-0203",
    ]
    text = written(found)
    assert "090-0000-0202" not in text
    assert "futaba@" not in text
    assert "verified: 2027-04-14" in text


def test_a_name_written_otherwise_stays_the_same_person() -> None:
    found = answered({"changed": "変更あり", "officer-2-name": "見本　双葉"})
    assert "futaba@shimo.example" in written(found)


def test_an_officer_is_removed_added_or_loses_a_line() -> None:
    assert changes(answered({"changed": "変更あり", "officer-2-name": "削除"})) == [
        "- 見本 二葉  (主任)  futaba@shimo.example  083-000-0202"
    ]
    new = {"officer-3-name": "架空 八雲", "officer-3-email": "yakumo@shimo.example"}
    assert changes(answered(new)) == ["+ 架空 八雲  yakumo@shimo.example"]
    assert changes(answered({"officer-2-night-phone": "なし"})) == [
        "~ 見本 二葉",
        "    off-hours phone: 090-0000-0202 → (nothing)",
    ]
    assert changes(answered({"mailbox": "new@shimo.example", "duty-desk-phone": "なし"})) == [
        "~ mailbox: juki@shimo.example → new@shimo.example",
        "~ duty-desk: 守衛室 083-000-0299 → (nothing)",
    ]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ({"officer-2-email": "futaba＠shimo"}, "is no e-mail address"),
        ({"officer-2-phone": "宿直へ"}, "宿直へ is no telephone number"),
        ({"officer-3-email": "a@shimo.example"}, "officer 3 has no name"),
        ({"officer-1-name": "これは訓練ではありません"}, "no drill"),
    ],
)
def test_what_cannot_be_taken_is_said_and_not_accepted(
    lines: Mapping[str, str], fault: str
) -> None:
    found = answered({"changed": "変更あり", **lines})
    assert not found.is_acceptable
    assert any(fault in each for each in found.faults), found.faults


def test_a_body_that_the_file_no_longer_has_is_left_out() -> None:
    gone = Answer(NodeId("352021"), True, True, lines={"changed": "変更なし"}, day=DAY)
    assert proposals(document(), FORM, [gone]) == []


@pytest.mark.parametrize("code", ["350001", "010006", None])
def test_the_round_fits_the_tree_of_any_prefecture(code: str | None, tmp_path: Path) -> None:
    chosen = [body for body in prefectures() if code in (body.code, None)]
    path = tmp_path / "contacts" / "own.yaml"
    path.parent.mkdir()
    path.write_text("".join(new_tree(chosen, "架空")), "utf-8")
    place = find(SHIPPED, "scenarios")
    shipped = read_document(place.read_bytes(), SHIPPED)
    tree = parse_tree(path.read_bytes(), "own.yaml").tree
    target = tmp_path / "scenarios" / "own.yaml"
    target.parent.mkdir()
    target.write_text(fitted(shipped, tree, path, target), "utf-8")
    loaded = load_scenario(target)
    exercise = loaded.exercise
    asked = exercise.scope(loaded.scenario.injects[0].id).nodes
    assert asked == tree.children[sender_of(tree).id]
    assert not fits(shipped, tree) or code == "350001"
    assert [str(problem) for problem in loaded.problems if not problem.is_warning] == []
