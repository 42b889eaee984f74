"""The shipped contact trees: whole, plainly fictional, without a finding."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from drillsim.drill.tree import ContactTree, Node, Officer
from drillsim.files.bodies import by_code, municipalities
from drillsim.files.office_hours import closed_because
from drillsim.files.tree_file import load_tree

YAMAGUCHI = "350001"
CONTACTS = Path(__file__).resolve().parents[2] / "contacts"
FILES = sorted(CONTACTS.glob("*.yaml"))
FICTIONAL_NUMBER = re.compile(r"0\d{1,4}-0{1,4}-\d{4}")
"""An exchange of noughts only: no such subscriber exists in Japan."""


def tree_of(name: str) -> ContactTree:
    return load_tree(CONTACTS / name).tree


def everyone(tree: ContactTree) -> list[tuple[Node, Officer]]:
    return [(node, officer) for node in tree.nodes for officer in node.officers]


@pytest.fixture(params=FILES, ids=lambda path: path.name)
def file(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def tree(file: Path) -> ContactTree:
    return load_tree(file).tree


def test_the_shipped_trees_are_these() -> None:
    assert [path.name for path in FILES] == ["yamaguchi-terminals.yaml", "yamaguchi.yaml"]


def test_a_check_finds_nothing(file: Path) -> None:
    assert load_tree(file).problems == ()


def test_the_file_names_its_schema_first_and_says_that_it_is_confidential(file: Path) -> None:
    head = file.read_text(encoding="utf-8").split("\nformat:")[0]
    assert head.startswith("# yaml-language-server: $schema=../schemas/contacts.schema.json\n")
    assert "【取扱注意】" in head
    assert "架空" in head


def test_every_address_ends_in_example(tree: ContactTree) -> None:
    addresses = [node.mailbox for node in tree.nodes if node.mailbox]
    for _, officer in everyone(tree):
        addresses += [*officer.email, *officer.off_hours.email]
    assert len(addresses) > len(tree.nodes)
    assert [one for one in addresses if not one.endswith(".example")] == []


def test_every_number_is_plainly_fictional(tree: ContactTree) -> None:
    numbers = [node.duty_desk.phone for node in tree.nodes if node.duty_desk]
    for _, officer in everyone(tree):
        numbers += [officer.phone, officer.off_hours.phone]
    assert [one for one in numbers if not FICTIONAL_NUMBER.fullmatch(one)] == []
    assert [one for one, count in Counter(numbers).items() if count > 1] == []


def test_nobody_stands_at_two_posts(tree: ContactTree) -> None:
    names = Counter(officer.name for _, officer in everyone(tree))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("off_hours", [False, True], ids=["by day", "off hours"])
def test_every_stand_in_is_one_by_mail(tree: ContactTree, off_hours: bool) -> None:
    for node in tree.nodes:
        assert len(node.officers) >= 2, node.name
        read = [
            node.address(number, off_hours=off_hours) for number in range(1, len(node.officers) + 1)
        ]
        assert "" not in read, node.name
        assert len(set(read)) == len(read), node.name


def test_every_officer_has_a_post_a_reading_and_a_number_for_the_night(tree: ContactTree) -> None:
    for node, officer in everyone(tree):
        assert officer.role, officer.name
        assert officer.kana, officer.name
        assert officer.phone, officer.name
        assert officer.off_hours.phone, officer.name
        assert node.kana, node.name


def test_every_entry_was_confirmed_on_a_working_day_after_the_transfers_of_april(
    tree: ContactTree,
) -> None:
    for _, officer in everyone(tree):
        assert officer.verified is not None, officer.name
        assert date(2026, 4, 1) < officer.verified < date(2026, 5, 1), officer.name
        assert closed_because(officer.verified, tree.zone) is None, officer.name


def test_the_prefecture_has_all_of_its_municipalities_under_their_codes() -> None:
    tree = tree_of("yamaguchi.yaml")
    assert tree.root.id == "jlis"
    assert tree.children[tree.root.id] == (YAMAGUCHI,)
    below = [node for node in tree.nodes if node.parent == YAMAGUCHI]
    assert {node.code for node in below} == {body.code for body in municipalities(YAMAGUCHI)}
    assert len(tree.nodes) == 21
    for node in below:
        body = by_code(node.code)
        assert body is not None
        assert node.id == node.code
        assert node.name.split()[0] == body.name
        assert node.kana.split()[0] == body.kana
        assert node.duty_desk is not None, node.name


def test_some_municipalities_write_to_the_centre_as_well() -> None:
    copies = [node for node in tree_of("yamaguchi.yaml").nodes if node.also_notify]
    assert 1 <= len(copies) <= 5
    assert {target for node in copies for target in node.also_notify} == {"jlis"}


def test_the_terminals_stand_in_sections_and_branches_straight_below_the_prefecture() -> None:
    tree = tree_of("yamaguchi-terminals.yaml")
    kinds = Counter(node.kind for node in tree.nodes)
    assert kinds == {"prefecture": 1, "section": 8, "branch": 12}
    assert len(tree.children[tree.root.id]) == 20
    for node in tree.nodes[1:]:
        assert node.officers[0].role.startswith("端末機管理責任者")
