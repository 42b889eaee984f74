"""Lists and contact trees: what is exported comes back, whatever stands in it."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from drillsim.drill.tree import ContactTree
from drillsim.files.contacts.comparison import compare
from drillsim.files.contacts.new_file import contact_file
from drillsim.files.lists.importing import Options, import_list
from drillsim.files.lists.mapping import heading_map
from drillsim.files.lists.reading import read_list_data
from drillsim.files.lists.table import as_csv, as_excel
from drillsim.files.tree_file import parse_tree

# Letters that CSV, Excel, YAML and formulas make something of, and Japanese as it is.
WORDS = (
    st.text("=+-@'\"#:,;[]{}&*!|>%`~0aあ漢①㈱髙﨑・　 ", min_size=1, max_size=8)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: bool(text) and text not in "-ー" and not set(text) <= set("-ー"))
)
ADDRESSES = st.sampled_from(["a@x.test", "b.c@y.test", "+tag=1@x.test", "-d@z.test"])
NUMBERS = st.sampled_from(["083-000-0001", "+81-83-0000", "0001", "000(1)2 内線34", "000-1"])
OFFICERS = st.fixed_dictionaries(
    {"name": WORDS},
    optional={
        "kana": WORDS,
        "role": WORDS,
        "email": st.lists(ADDRESSES, min_size=1, max_size=2, unique=True),
        "phone": NUMBERS,
        "off-hours": st.fixed_dictionaries({"phone": NUMBERS}),
        "verified": st.sampled_from(["2026-04-06", "2025-12-31"]),
        "note": st.lists(WORDS, min_size=1, max_size=2).map("\n".join),
    },
)


@st.composite
def nodes(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(1, 5))
    found: list[dict[str, Any]] = []
    for place in range(count):
        node: dict[str, Any] = {
            "id": f"n{place}",
            "name": f"架空{place} {draw(WORDS)}",
            "kind": draw(st.sampled_from(["section", "branch", "joint-body"])),
            "officers": draw(
                st.lists(OFFICERS, max_size=3, unique_by=lambda officer: str(officer["name"]))
            ),
        }
        if place:
            node["parent"] = f"n{draw(st.integers(0, place - 1))}"
        if draw(st.booleans()):
            node["mailbox"] = draw(ADDRESSES)
        if draw(st.booleans()):
            node["duty-desk"] = {"phone": draw(NUMBERS), "name": draw(WORDS)}
        found.append({key: value for key, value in node.items() if value})
    return found


@settings(max_examples=60)
@given(nodes=nodes(), in_excel=st.booleans())
def test_an_exported_tree_comes_back_as_it_was(nodes: list[dict[str, Any]], in_excel: bool) -> None:
    data = contact_file(nodes, "架空")
    tree: ContactTree = parse_tree(data, "t.yaml").tree
    sheet = read_list_data(as_excel(tree) if in_excel else as_csv(tree), "list")
    fresh = import_list(sheet, Options(heading_map()), name="t.yaml")
    assert [str(problem) for problem in fresh.problems if not problem.is_warning] == []
    assert fresh.new is not None
    assert compare(tree, fresh.new).bodies == ()
    again = import_list(sheet, Options(heading_map()), name="t.yaml", data=data)
    assert again.data == data
