"""A contact file that is edited as text: what changes, and what stays."""

import difflib
from pathlib import Path

import pytest

from drillsim.files.bodies import prefectures
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.edits import Edit
from drillsim.files.new_tree import new_tree
from drillsim.files.tree_file import read_tree
from drillsim.files.yaml_nodes import plain
from drillsim.files.yaml_reader import read_document
from drillsim.problem import ProblemsError
from drillsim.shipped import shipped_dir

HEAD = "format: drillsim-contacts/1\ntitle: 架空\n"
BLOCK = (
    HEAD
    + """\
zone: Asia/Tokyo
nodes:
  # the top
  - id: top
    name: 架空センター
    kind: national-center   # in Tokyo
    officers: []

  # municipalities

  # the town by the sea
  - id: "012345"
    name: 'さざなみ町'
    kind: municipality
    parent: top
    # asked on 1 April
    officers:
      # calling order
      - name: 架空 一郎
        email: a@town.example # own
        phone: "000-1"
        # moves in May
      - name: 架空 二葉
        email:
          - b@town.example
          - c@town.example   # at night
        off-hours:
          phone: 000-2
    note: |
      one
      two
    # end of the town
  - {id: x, name: 架空村, kind: municipality, parent: top, mailbox: "x@v.example"}
# the end
"""
)
FLOW = """\
{ "format": "drillsim-contacts/1", "title": "架空",
  "nodes": [
    {
      "id": "top", "name": "架空", "kind": "national-center",
      "officers": [
        {"name": "架空 一郎", "email": ["a@x.example", "b@x.example"]}, # first
        {"name": "架空 二葉"}
      ]
    }, # the top
    {"id": "a", "name": "さざなみ町", "kind": "municipality", "parent": "top"}
  ]
}"""
ALIASES = (
    HEAD
    + """\
nodes:
- id: top
  name: &name 架空
  kind: national-center
  officers:
  - &first {name: 架空 一郎, phone: 000-1}
  - name: 架空 二葉
    off-hours: &night {phone: 000-9}
- id: a
  name: *name
  kind: branch
  parent: top
  officers:
  - *first
  - name: 架空 三郎
    off-hours: *night
"""
)
FILES = {
    "block": BLOCK,
    "flow": FLOW,
    "aliases": ALIASES,
    "crlf": BLOCK.replace("\n", "\r\n"),
    "cr": BLOCK.replace("\n", "\r"),
    "mark": "\ufeff" + BLOCK,
    "no line end": BLOCK.rstrip("\n"),
    "flow, crlf": FLOW.replace("\n", "\r\n") + "\r\n",
    "keys after the nodes": "nodes:\n- {id: a, name: b, kind: branch}\n# last\n" + HEAD,
    "no nodes": HEAD + "nodes:\n",
    "no nodes in line": HEAD + "nodes: []",
    "a document mark": "%YAML 1.1\n---\n" + BLOCK + "...\n",
}


def document(text: str) -> ContactDocument:
    return ContactDocument.parse(text.encode(), "t.yaml")


def lines(before: str, after: str) -> list[str]:
    """Return the lines that went and came, each with its sign."""
    both = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))
    return [line for line in both[2:] if line[0] in "-+"]


def change(text: str, edit: Edit, made: ContactDocument) -> list[str]:
    """Make an edit, look whether it undoes itself and reads back; return the lines it changed."""
    before = made.data
    made.apply(edit)
    after = made.data
    again = ContactDocument.parse(after, "t.yaml")
    assert [entry.data for entry in again.entries] == [entry.data for entry in made.entries]
    assert again.data == after
    made.apply(edit.undone)
    assert made.data == before
    made.apply(edit)
    return lines(text, after.decode())


def town(text: str = BLOCK) -> ContactDocument:
    return document(text)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_edited_keeps_every_byte(name: str) -> None:
    text = FILES[name]
    made = document(text)
    assert made.data == text.encode()
    nodes = read_document(text.encode(), "t.yaml").find(("nodes",))
    assert nodes is not None
    assert [entry.data for entry in made.entries] == (plain(nodes) or [])


@pytest.mark.parametrize("path", sorted(shipped_dir("contacts").glob("*.yaml")), ids=str)
def test_every_shipped_tree_keeps_every_byte(path: Path) -> None:
    data = path.read_bytes()
    made = ContactDocument.parse(data, path.name)
    assert made.data == data
    tree = read_tree(data, path.name)[1]
    assert [entry.id for entry in made.entries] == [node.id for node in tree.nodes]


def test_the_national_tree_keeps_every_byte_through_every_kind_of_edit() -> None:
    data = "".join(new_tree(prefectures(), "全国")).encode()
    made = ContactDocument.parse(data, "national.yaml")
    assert made.data == data
    assert len(made.entries) == 1789
    place = made.place_of("353418")
    for edit in (
        made.set(place, ("officers", 1, "phone"), "000-9"),
        made.move(place, 3),
        made.delete([place]),
        made.rename(place, "x"),
    ):
        made.apply(edit)
        assert made.data != data
        made.apply(edit.undone)
        assert made.data == data


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (
            ("officers", 0, "email"),
            ["z@town.example"],
            [
                "-        email: a@town.example # own",
                "+        email: z@town.example # own",
            ],
        ),
        (
            ("officers", 0, "email"),
            ["a@town.example", "z@town.example"],
            [
                "-        email: a@town.example # own",
                "+        email:",
                "+          - a@town.example",
                "+          - z@town.example # own",
            ],
        ),
        (("officers", 0, "phone"), "000-7", ['-        phone: "000-1"', '+        phone: "000-7"']),
        (("officers", 0, "phone"), "", ['-        phone: "000-1"']),
        (("officers", 0, "kana"), "かくう いちろう", ["+        kana: かくう いちろう"]),
        (
            ("officers", 0, "off-hours", "phone"),
            "000-5",
            ["+        off-hours:", "+          phone: 000-5"],
        ),
        (("officers", 0, "verified"), "2026-04-10", ["+        verified: 2026-04-10"]),
        (
            ("officers", 1, "off-hours", "phone"),
            "",
            ["-        off-hours:", "-          phone: 000-2"],
        ),
        (
            ("officers", 1, "email"),
            ["c@town.example"],
            ["-          - b@town.example"],
        ),
        (
            ("officers", 1, "email"),
            ["b@town.example", "d@town.example", "c@town.example"],
            ["+          - d@town.example"],
        ),
        (("code",), "012345", ['+    code: "012345"']),
        (("name",), "なみ町", ["-    name: 'さざなみ町'", "+    name: 'なみ町'"]),
        (("name",), "it's", ["-    name: 'さざなみ町'", "+    name: 'it''s'"]),
        (("mailbox",), "t@town.example", ['+    mailbox: "t@town.example"']),
        (("note",), "one\ntwo\nthree", ["+      three"]),
        (("note",), "one", ["-    note: |", "-      one", "-      two", "+    note: one"]),
        (("duty-desk", "phone"), "000-3", ["+    duty-desk: {phone: 000-3}"]),
        (("also-notify",), ["top", "x"], ["+    also-notify: [top, x]"]),
        (("kana",), "a: b", ['+    kana: "a: b"']),
        (("kana",), "#1", ['+    kana: "#1"']),
        (("kana",), "yes", ['+    kana: "yes"']),
        (("kana",), "0123", ['+    kana: "0123"']),
        (("id",), "", ['-  - id: "012345"', "+  - id:"]),
    ],
)  # fmt: skip
def test_a_field_changes_its_own_lines_only(
    path: tuple[str | int, ...], value: object, expected: list[str]
) -> None:
    made = town()
    got = change(BLOCK, made.set(1, path, value), made)
    assert [line for line in got if line.strip("-+ ")] == expected


def test_a_node_in_line_is_changed_in_line() -> None:
    made = town()
    got = change(BLOCK, made.add_officer(2, {"name": "架空, 四葉", "phone": "000-4"}), made)
    assert [line[:3] for line in got] == ["-  ", "+  "]
    assert "".join(got) == (
        '-  - {id: x, name: 架空村, kind: municipality, parent: top, mailbox: "x@v.example"}'
        '+  - {id: x, name: 架空村, kind: municipality, parent: top, mailbox: "x@v.example", '
        'officers: [{name: "架空, 四葉", phone: 000-4}]}'
    )


def test_a_stand_in_comes_after_the_first_and_the_comments_stay() -> None:
    made = town()
    got = change(BLOCK, made.add_officer(1, {"name": "架空 四葉", "role": "係長"}, 1), made)
    assert got == ["+      - name: 架空 四葉", "+        role: 係長"]
    text = made.text
    assert text.index("moves in May") < text.index("架空 四葉") < text.index("架空 二葉")


def test_an_officer_moves_with_the_comments_within() -> None:
    made = town()
    change(BLOCK, made.move_officer(1, 0, 1), made)
    text = made.text
    assert text.index("calling order") < text.index("架空 二葉") < text.index("架空 一郎")
    assert text.index("架空 一郎") < text.index("moves in May")


def test_the_last_officer_leaves_the_comments_of_the_list() -> None:
    made = town()
    change(
        BLOCK,
        made.together(lambda d: d.remove_officer(1, 1), lambda d: d.remove_officer(1, 0)),
        made,
    )
    assert "# calling order" in made.text
    got = change(BLOCK, made.add_officer(1, {"name": "架空 四葉"}), made)
    assert "+      - name: 架空 四葉" in got
    assert made.entries[1].data["officers"] == [{"name": "架空 四葉"}]


def test_a_deleted_node_leaves_the_comments_above_it() -> None:
    made = town()
    got = change(BLOCK, made.delete([1]), made)
    assert not any("municipalities" in line or "by the sea" in line for line in got)
    assert [entry.id for entry in made.entries] == ["top", "x"]


def test_a_moved_node_takes_its_own_comment_and_leaves_the_heading() -> None:
    made = town()
    change(BLOCK, made.move(1, 2), made)
    text = made.text
    assert (
        text.index("# municipalities") < text.index("id: x") < text.index("# the town by the sea")
    )
    assert text.index("by the sea") < text.index('"012345"') < text.index("# the end")


def test_a_copy_has_its_own_id_no_code_and_nothing_verified() -> None:
    text = BLOCK.replace("phone: 000-2", "phone: 000-2\n        verified: 2026-04-01")
    made = town(text.replace("    parent: top\n", '    parent: top\n    code: "012345"\n', 1))
    change(made.text, made.duplicate(1, "new", {"name": "架空市"}), made)
    copy = made.entries[2].data
    assert (copy["id"], copy["name"], "code" in copy) == ("new", "架空市", False)
    assert "verified" not in copy["officers"][1]
    assert made.text.count("# moves in May") == 2


def test_a_new_id_is_written_wherever_the_node_is_named() -> None:
    made = town(BLOCK.replace("parent: top, mailbox", "parent: top, also-notify: [top], mailbox"))
    change(made.text, made.rename(0, "centre"), made)
    assert [entry.data.get("parent") for entry in made.entries] == [None, "centre", "centre"]
    assert made.entries[2].data["also-notify"] == ["centre"]


def test_what_is_deleted_is_no_longer_notified() -> None:
    made = town(
        BLOCK.replace("parent: top, mailbox", 'parent: top, also-notify: ["012345"], mailbox')
    )
    change(made.text, made.delete([1]), made)
    assert "also-notify" not in made.entries[1].data


def test_a_domain_is_changed_everywhere_and_nowhere_else() -> None:
    made = town()
    got = change(BLOCK, made.change_domain("TOWN.example", "city.example"), made)
    assert [line for line in got if line.startswith("+")] == [
        "+        email: a@city.example # own",
        "+          - b@city.example",
        "+          - c@city.example   # at night",
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_edit_undoes_itself_and_reads_back_in_every_notation(name: str) -> None:
    text = FILES[name]
    made = document(text)
    data = {"id": "new", "name": "架空", "kind": "branch", "officers": [{"name": "架空 五月"}]}
    for at in {0, len(made.entries), len(made.entries) // 2}:
        change(text, made.add(data, at), made)
    for place in range(len(made.entries)):
        change(text, made.set(place, ("note",), "架空, の\n覚え"), made)
        change(text, made.set(place, ("note",), ""), made)
        change(
            text, made.add_officer(place, {"name": "仮名", "off-hours": {"phone": "1"}}, 0), made
        )
        change(
            text, made.set(place, ("officers", 0, "email"), ["a@x.example", "b@x.example"]), made
        )
        last = len(made.entries[place].data["officers"]) - 1
        change(text, made.move_officer(place, 0, last), made)
        change(text, made.remove_officer(place, last), made)
        change(text, made.move(place, 0), made)
        change(text, made.move(0, len(made.entries) - 1), made)
    change(text, made.set_top("title", "新しい"), made)
    change(text, made.set_top("note", "覚え"), made)
    assert made.top["title"] == "新しい"
    while made.entries:
        change(text, made.delete([len(made.entries) // 2]), made)
    change(text, made.add(data), made)
    assert [entry.id for entry in made.entries] == ["new"]


@pytest.mark.parametrize(
    "text", ["nodes: {a: b}\n", "- a\n", "nodes: [a]\n", "nodes: [[a]]\n", "x: y\n"]
)
def test_what_is_no_list_of_nodes_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        document(text)
    assert str(caught.value).startswith("t.yaml:1:")


def test_an_edit_for_another_state_is_refused() -> None:
    made = town()
    edit = made.set(1, ("name",), "別")
    made.apply(edit)
    with pytest.raises(ValueError, match="another state"):
        made.apply(edit)
