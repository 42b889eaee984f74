"""Two versions of a contact file with a common base, brought together field by field."""

from typing import Any

import pytest

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.merging import Merge, Side

BASE = """\
format: drillsim-contacts/1
title: 架空
nodes:
  - id: top
    name: 架空センター
    kind: national-center
  - id: a
    name: 架空市
    kind: municipality
    parent: top
    officers:
      - name: 架空 一郎
        phone: 000-1
        off-hours: {phone: 000-8, email: n@a.example}
      - name: 架空 二葉
        phone: 000-2
  - {id: b, name: 架空町, kind: municipality, parent: top}
"""


def document(*changes: tuple[str, str], text: str = BASE) -> ContactDocument:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return ContactDocument.parse(text.encode(), "t.yaml")


def merge(mine: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> Merge:
    return Merge(document(), document(*mine), document(*theirs))


def differing(merged: Merge) -> list[tuple[str, Any, str]]:
    return [(d.key[0], d.key[1], d.who) for d in merged.differences]


MOVED = ("  - {id: b, name: 架空町, kind: municipality, parent: top}\n", "")


def test_changes_of_different_fields_are_both_taken() -> None:
    merged = merge([("000-1", "11-1")], [("000-2", "22-2"), ("架空町", "架空村")])
    assert not merged.undecided
    assert differing(merged) == [
        ("a", ("officers", 0, "phone"), "mine"),
        ("a", ("officers", 1, "phone"), "theirs"),
        ("b", ("name",), "theirs"),
    ]
    assert merged.result().text == document(
        ("000-1", "11-1"), ("000-2", "22-2"), ("架空町", "架空村")
    ).text  # fmt: skip


def test_the_same_change_of_both_is_no_difference() -> None:
    merged = merge([("000-1", "111")], [("000-1", "111")])
    assert merged.differences == []
    assert merged.result().text == document(("000-1", "111")).text


@pytest.mark.parametrize(("side", "phone"), [("mine", "111"), ("theirs", "999")])
def test_a_field_that_both_changed_has_to_be_chosen(side: Side, phone: str) -> None:
    merged = merge([("000-8", "111")], [("000-8", "999")])
    (difference,) = merged.undecided
    assert (difference.base, difference.mine, difference.theirs) == ("000-8", "111", "999")
    merged.choose(difference, side)
    assert not merged.undecided
    assert merged.result().text == document(("000-8", phone)).text


def test_what_one_side_alone_changed_can_be_refused() -> None:
    merged = merge([("000-1", "11-1")], [("000-2", "22-2")])
    for difference in merged.differences:
        merged.choose(difference, "theirs" if difference.who == "mine" else "mine")
    assert merged.result().text == BASE


@pytest.mark.parametrize("side", ["mine", "theirs"])
def test_one_side_can_be_taken_as_a_whole(side: Side) -> None:
    mine, theirs = [("000-1", "111"), MOVED], [("000-1", "999"), ("架空 二葉", "仮名 二葉")]
    merged = merge(mine, theirs)
    merged.choose_all(side)
    wanted = document(*(mine if side == "mine" else theirs))
    assert merged.result().text == wanted.text


def test_their_comments_and_order_stay() -> None:
    theirs = [("    officers:\n", "    # asked in May\n    officers:\n")]
    merged = merge([("000-1", "11-1")], theirs)
    assert merged.result().text == document(("000-1", "11-1"), *theirs).text


def test_officers_who_came_on_both_sides_are_both_there() -> None:
    third = "        phone: 000-2\n      - name: 架空 三郎\n"
    fourth = "    officers:\n      - name: 架空 四葉\n"
    merged = merge([("        phone: 000-2\n", third)], [("    officers:\n", fourth)])
    assert not merged.undecided
    officers = merged.result().entries[1].data["officers"]
    assert [officer["name"][3:] for officer in officers] == ["四葉", "一郎", "二葉", "三郎"]


def test_an_officer_whom_i_removed_and_they_changed_has_to_be_chosen() -> None:
    gone = "      - name: 架空 二葉\n        phone: 000-2\n"
    merged = merge([(gone, "")], [("000-2", "222")])
    (difference,) = merged.undecided
    assert difference.mine is None
    merged.choose(difference, "mine")
    assert merged.result().text == document((gone, "")).text
    merged.choose(difference, "theirs")
    assert merged.result().text == document(("000-2", "222")).text


def test_another_calling_order_is_taken_with_their_changes() -> None:
    one = "      - name: 架空 一郎\n        phone: 000-1\n"
    one += "        off-hours: {phone: 000-8, email: n@a.example}\n"
    two = "      - name: 架空 二葉\n        phone: 000-2\n"
    merged = merge([(one + two, two + one)], [("000-1", "111")])
    officers = merged.result().entries[1].data["officers"]
    assert [officer["phone"] for officer in officers] == ["000-2", "111"]


def test_bodies_that_came_and_went_on_either_side() -> None:
    new = "  - {id: c, name: 架空村, kind: municipality, parent: top}\n"
    merged = merge([MOVED], [("nodes:\n", "nodes:\n" + new)])
    assert differing(merged) == [("c", (), "theirs"), ("b", (), "mine")]
    assert [entry.id for entry in merged.result().entries] == ["c", "top", "a"]
    merged = merge([("nodes:\n", "nodes:\n" + new)], [("架空町", "架空区")])
    assert [entry.id for entry in merged.result().entries] == ["c", "top", "a", "b"]
    assert merged.result().entries[3].data["name"] == "架空区"


def test_a_body_that_they_removed_and_i_changed_has_to_be_chosen() -> None:
    merged = merge([("架空町", "架空区")], [MOVED])
    (difference,) = merged.undecided
    assert difference.theirs is None
    merged.choose(difference, "mine")
    assert merged.result().entries[2].data["name"] == "架空区"
    merged.choose(difference, "theirs")
    assert [entry.id for entry in merged.result().entries] == ["top", "a"]


def test_title_and_note_are_merged_too() -> None:
    merged = merge(
        [("title: 架空", "title: 架空県")], [("title: 架空\n", "title: 架空\nnote: 覚え\n")]
    )
    assert merged.result().top == {
        "format": "drillsim-contacts/1", "title": "架空県", "note": "覚え",
    }  # fmt: skip


def test_another_notation_of_theirs_is_theirs() -> None:
    theirs = ContactDocument.parse(
        b'{"format": "drillsim-contacts/1", "title": "\xe6\x9e\xb6\xe7\xa9\xba", "nodes": ['
        b'{"id": "top", "name": "x", "kind": "national-center"}]}',
        "t.yaml",
    )
    mine = document()
    made = Merge(document(), mine, theirs)
    made.choose_all("theirs")
    mine.apply(mine.become(made.result()))
    assert mine.data == theirs.data
