import os
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.drill.tree import NodeId
from drillsim.files.bodies import by_code, prefectures
from drillsim.files.contacts.lint import lint_file
from drillsim.files.new_tree import new_tree
from drillsim.files.redaction import MASK, redacted
from drillsim.files.tree_file import LoadedTree, load_tree, parse_tree
from drillsim.i18n import set_language

SHIMONOSEKI = NodeId("352012")
NUMBER = re.compile(r"000-\d{4}-\d{4}")


def tree_of(*codes: str) -> LoadedTree:
    bodies = [by_code(code) for code in codes]
    text = "".join(new_tree([body for body in bodies if body is not None], "見本"))
    return parse_tree(text.encode(), "new.yaml")


def test_a_prefecture_comes_with_the_centre_and_its_municipalities() -> None:
    loaded = tree_of("350001")
    assert loaded.problems == ()
    assert len(loaded.tree.nodes) == 1 + 1 + 19
    assert loaded.tree.root.id == "jlis"
    assert loaded.tree.children[NodeId("jlis")] == (NodeId("350001"),)
    assert loaded.tree.by_id[SHIMONOSEKI].name == "下関市 住基ネット担当課"


@pytest.mark.parametrize("body", prefectures(), ids=lambda body: body.code)
def test_every_prefecture_passes_check(body: object) -> None:
    assert tree_of(getattr(body, "code", "")).problems == ()


def test_the_whole_country_has_1789_nodes_and_passes_check() -> None:
    text = "".join(new_tree(prefectures(), "全国"))
    loaded = parse_tree(text.encode(), "national.yaml")
    assert loaded.problems == ()
    assert len(loaded.tree.nodes) == 1_789
    assert Counter(node.kind for node in loaded.tree.nodes) == {
        "national-center": 1,
        "prefecture": 47,
        "municipality": 1_741,
    }
    codes = [node.id for node in loaded.tree.nodes if node.code]
    assert len(set(codes)) == 1_788
    assert codes[0] == "010006"


def test_everybody_is_fictional_and_nobody_can_be_reached() -> None:
    text = "".join(new_tree(prefectures(), "全国"))
    tree = parse_tree(text.encode(), "national.yaml").tree
    addresses, numbers, people = [], [], []
    for node in tree.nodes:
        addresses.append(node.mailbox)
        assert len(node.officers) == 2
        for officer in node.officers:
            people.append((node.parent, officer.name))
            addresses += [*officer.email, *officer.off_hours.email]
            numbers += [officer.phone, officer.off_hours.phone]
            assert officer.verified is None
    assert all(address.endswith(".example") for address in addresses)
    assert all(NUMBER.fullmatch(number) for number in numbers)
    assert len(set(addresses)) == len(addresses)
    assert len(set(numbers)) == len(numbers)
    assert max(Counter(name for _parent, name in people).values()) < 40


def test_the_comments_are_in_the_users_language() -> None:
    body = by_code("350001")
    assert body is not None
    assert "# Afterwards: drillsim check FILE" in "".join(new_tree([body], "x"))
    set_language("ja")
    text = "".join(new_tree([body], "x"))
    assert "【取扱注意】" in text
    assert "Afterwards" not in text


def test_a_redacted_tree_holds_nothing_personal() -> None:
    tree = tree_of("350001").tree
    assert tree.by_id[SHIMONOSEKI].officers[0].name in tree.model_dump_json()
    masked = redacted(tree)
    dumped = masked.model_dump_json()
    for node in tree.nodes:
        for officer in node.officers:
            for secret in (officer.name, officer.phone, *officer.email, officer.off_hours.phone):
                assert secret not in dumped
    assert masked.root.id == "jlis"
    assert masked.by_id[SHIMONOSEKI].officers[0].name == MASK
    assert masked.by_id[SHIMONOSEKI].mailbox == f"{MASK}@body-352012.example"
    assert masked.by_id[SHIMONOSEKI].officers[0].role == "セキュリティ責任者"
    assert [node.id for node in masked.nodes] == [node.id for node in tree.nodes]


def test_joint_bodies_and_contractors_stand_at_the_end_below_their_parents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["contacts", "new", "--prefecture", "35", "--prefecture", "鳥取県", "-o", "new.yaml"]
    more = ["--joint-body", "見本 広域事務組合=下関市", "--contractor", "㈱見本: 電算#1"]
    assert main([*words, *more]) == 0
    tree = load_tree("new.yaml").tree
    shown = [(node.name, node.kind, node.parent) for node in tree.nodes[-2:]]
    assert shown == [
        ("見本 広域事務組合", "joint-body", "352012"),
        ("㈱見本: 電算#1", "contractor", "jlis"),
    ]
    assert {node.id for node in tree.nodes if node.kind == "prefecture"} == {"350001", "310000"}
    assert {f.rule for f in lint_file("new.yaml", date(2026, 11, 23)).findings} == {"stale"}
    assert os.name == "nt" or (tmp_path / "new.yaml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("word", ["架空組合=京都市", "=352012", "架空\t組合", "あ" * 101])
def test_an_extra_body_needs_a_name_and_a_parent_of_the_tree(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contacts", "new", "--prefecture", "35", "--joint-body", word]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
