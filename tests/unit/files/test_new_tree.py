import re
from collections import Counter

import pytest

from drillsim.drill.tree import NodeId
from drillsim.files.bodies import by_code, prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.redaction import MASK, redacted
from drillsim.files.tree_file import LoadedTree, parse_tree
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
