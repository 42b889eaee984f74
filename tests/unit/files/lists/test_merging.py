"""A list against a tree that is there: what the list says changes, all else stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drillsim.drill.tree import ContactTree
from drillsim.files.contacts.comparison import compare
from drillsim.files.contacts.lint import lint_data
from drillsim.files.lists.importing import Import, Options, import_list
from drillsim.files.lists.mapping import heading_map
from drillsim.files.lists.reading import read_list_data
from drillsim.files.lists.table import as_csv, as_excel
from drillsim.files.tree_file import parse_tree
from drillsim.i18n import set_language
from drillsim.problem import ProblemsError

TODAY = date(2026, 11, 23)
ROOT = Path(__file__).parents[4]
TREE = """\
# 取扱注意
format: drillsim-contacts/1
title: 架空の連絡網
nodes:
  - id: "350001"          # 県
    code: "350001"
    name: 山口県 市町課
    kind: prefecture
    mailbox: juki@pref.example   # 共用
    officers:
      # 課長
      - {name: 見本 一郎, role: 課長, email: i@pref.example, phone: 083-000-0101, verified: 2026-04-06}
      # 主査（産休の代替）
      - name: 見本 二葉
        email: [f@pref.example, f2@pref.example]
        off-hours: {phone: 090-0000-0102}  # 私用
        note: 火曜は不在
    duty-desk: {name: 守衛室, phone: 083-000-0199}

  # 東部
  - id: "352012"
    code: "352012"
    name: 下関市 市民課
    kind: municipality
    parent: "350001"
    officers:
      - name: 見本 三郎
        phone: 083-000-0201
"""  # noqa: E501


def merged(table: str, tree: str = TREE, **options: Any) -> Import:
    sheet = read_list_data(table.strip("\n").encode(), "list.csv")
    asked = replace(Options(heading_map()), **options)
    return import_list(sheet, asked, name="tree.yaml", data=tree.encode())


def lines_changed(found: Import) -> tuple[list[str], list[str]]:
    old, new = TREE.splitlines(), found.data.decode().splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_one_number_changes_one_line_and_no_comment() -> None:
    found = merged("団体名,氏名,電話\n下関市,見本 三郎,083-000-0299")
    assert lines_changed(found) == (
        ["        phone: 083-000-0201"],
        ["        phone: 083-000-0299"],
    )
    assert found.missing == ["350001"]


def test_who_is_in_another_order_is_moved_with_their_comments() -> None:
    found = merged("団体名,氏名\n山口県,見本 二葉\n山口県,見本 一郎")
    text = found.data.decode()
    assert sorted(text.splitlines()) == sorted(TREE.splitlines())
    assert text.index("主査（産休の代替）") < text.index("見本 二葉") < text.index("見本 一郎")


def test_who_is_no_longer_listed_goes_and_who_is_new_comes() -> None:
    found = merged(
        "団体名,職,氏名,メール\n山口県,主任,見本 四葉,y@pref.example\n山口県,課長,見本 一郎,"
    )
    assert found.new is not None
    officers = found.new.nodes[0].officers
    assert [officer.name for officer in officers] == ["見本 四葉", "見本 一郎"]
    assert officers[0].email == ("y@pref.example",)
    assert officers[1].email == ()  # The list has the column, and the cell is empty.
    assert str(officers[1].verified) == "2026-04-06"  # The list has no such column.
    comparison = found.comparison
    assert comparison is not None
    assert [entry.officer.name for entry in comparison.bodies[0].left] == ["見本 二葉"]


def test_an_empty_cell_keeps_the_field_if_asked() -> None:
    found = merged("団体名,氏名,メール\n山口県,見本 一郎,\n山口県,見本 二葉,", keep_empty=True)
    assert found.data.decode() == TREE


def test_a_name_written_otherwise_under_one_address_is_the_same_person() -> None:
    found = merged(
        "団体名,氏名,メール\n山口県,見本 一朗,i@pref.example\n山口県,見本 二葉,f@pref.example"
    )
    assert found.new is not None
    first = found.new.nodes[0].officers[0]
    assert (first.name, first.phone) == ("見本 一朗", "083-000-0101")


def test_a_successor_under_the_same_address_inherits_nothing() -> None:
    found = merged(
        "団体名,氏名,メール\n山口県,架空 七海,i@pref.example\n山口県,見本 二葉,f@pref.example"
    )
    assert found.new is not None
    assert found.new.nodes[0].officers[0].phone == ""


def test_new_bodies_go_behind_their_siblings_and_missing_ones_go_if_asked() -> None:
    table = "団体名,氏名\n山口県,見本 一郎\n山口県,見本 二葉\n宇部市,見本 五月"
    assert merged(table).data.decode().startswith(TREE)
    found = merged(table, remove_missing=True)
    assert found.new is not None
    assert [node.id for node in found.new.nodes] == ["350001", "352021"]
    assert found.new.nodes[1].parent == "350001"
    assert "# 東部" in found.data.decode()  # A comment of the user's own is not thrown away.


def test_a_bad_row_stops_all_or_leaves_its_body_out_whole() -> None:
    table = """
団体名,氏名,メール
山口県,見本 一郎,i@pref
山口県,見本 二葉,f@pref.example
下関市,見本 九美,k@shimo.example
"""
    stopped = merged(table)
    assert (stopped.new, stopped.data) == (None, b"")
    found = merged(table, leave_out_bad=True)
    assert [one.id for one in found.left_out] == ["350001"]
    assert found.new is not None
    assert [o.name for o in found.new.nodes[0].officers] == ["見本 一郎", "見本 二葉"]
    assert [o.name for o in found.new.nodes[1].officers] == ["見本 九美"]


def test_what_only_shows_in_the_whole_tree_is_told_at_its_row() -> None:
    found = merged("ID,団体名,種別,上位団体,氏名\nx,見本課,課,y,見本 一郎\ny,見本係,課,x,見本 二葉")
    assert found.new is None
    assert [(p.line, "circle" in p.message) for p in found.problems] == [(2, True)]


def test_a_tree_with_errors_takes_no_list() -> None:
    with pytest.raises(ProblemsError):
        merged("団体名,氏名\n下関市,x", TREE.replace('"352012"', '"352013"'))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("write", [as_csv, as_excel])
@pytest.mark.parametrize("name", ["yamaguchi", "yamaguchi-terminals"])
def test_an_exported_tree_comes_back_as_it_was(
    language: str, write: Callable[[ContactTree], bytes], name: str
) -> None:
    path = ROOT / "contacts" / f"{name}.yaml"
    tree = parse_tree(path.read_bytes(), path.name).tree
    set_language(language)
    try:
        data = write(tree)
    finally:
        set_language("en")
    sheet = read_list_data(data, "list")
    back = import_list(sheet, Options(heading_map()), name="t.yaml", data=path.read_bytes())
    assert [str(problem) for problem in back.problems] == []
    assert back.data == path.read_bytes()
    fresh = import_list(sheet, Options(heading_map(), title=tree.title), name="t.yaml")
    assert fresh.new is not None
    assert compare(tree, fresh.new).bodies == ()
    assert (
        lint_data(fresh.data, "t.yaml", TODAY).score
        == lint_data(path.read_bytes(), "t.yaml", TODAY).score
    )
