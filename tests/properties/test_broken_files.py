"""However a file is broken, check says so in lines, and never ends in a traceback."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillsim.files.scenario_file import parse_scenario
from drillsim.files.tree_file import parse_tree
from drillsim.files.yaml_reader import read_document
from drillsim.problem import ProblemsError

BAD = Path(__file__).parents[1] / "data" / "bad"
SCENARIO = (BAD / "good-scenario.yaml").read_text(encoding="utf-8")
TREE = (BAD / "good-tree.yaml").read_text(encoding="utf-8")

PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            *(
                "\t",
                "\n",
                "\n  ",
                ": ",
                "- ",
                "[",
                "]",
                "{",
                "}",
                "#",
                "&a ",
                "*a",
                "!x ",
                "|",
                ">",
            ),
            *("'", '"', "\\", "%", "@", "?", "---\n", "...\n", "<<: ", "{{ x }}", "{% if a %}"),
            *("~", "null", "0", "-1", "1e9", "10bd", "【訓練】", "訓練ではありません。", "\u200b"),
            *("\x00", "\ufeff", "\u2028", "\r", "：", "　", "350001", "352012", "jlis", "first"),
        ]
    ),
)


@st.composite
def broken(draw: st.DrawFn, text: str) -> str:
    """Return `text` with a few pieces cut out, put in or written twice."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(["cut", "put", "double", "replace"])):
            case "cut":
                text = text[:at] + text[at + length :]
            case "put":
                text = text[:at] + draw(PIECES) + text[at:]
            case "double":
                text = text[:at] + text[at : at + length] + text[at:]
            case _:
                text = text[:at] + draw(PIECES) + text[at + length :]
    return text


def assert_told(error: ProblemsError, text: str) -> None:
    lines = text.encode("utf-8", "surrogatepass").count(b"\n") + text.count("\r") + 2
    assert error.problems
    for problem in error.problems:
        said = str(problem)
        assert "\n" not in said
        assert problem.message
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
    places = [(p.path != "scenario.yaml", p.line, p.column) for p in error.problems]
    assert places == sorted(places)


@given(text=broken(SCENARIO))
def test_a_broken_scenario_is_told_in_lines(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    try:
        loaded = parse_scenario(data, "scenario.yaml", parse_tree(TREE.encode(), "contacts.yaml"))
    except ProblemsError as error:
        assert_told(error, text)
    else:
        assert all(problem.is_warning for problem in loaded.problems)
        assert all(loaded.exercise.scope(inject.id) for inject in loaded.scenario.injects)


@given(text=broken(TREE))
def test_a_broken_tree_is_told_in_lines(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    try:
        loaded = parse_tree(data, "scenario.yaml")
    except ProblemsError as error:
        assert_told(error, text)
    else:
        # Nothing that a drill counts on is missing: one top, and everybody hangs on it.
        assert len(list(loaded.tree.walk())) == len(loaded.tree.nodes)


def read(data: bytes) -> list[str]:
    """Return the lines with which `data` is refused, none where it is read."""
    try:
        read_document(data, "f")
    except ProblemsError as error:
        return [str(problem) for problem in error.problems] or ["no problem"]
    return []


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(line.startswith("f:") for line in read(text.encode("utf-8", "surrogatepass")))


@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert all(line.startswith("f:") for line in read(data))


@pytest.mark.parametrize("text", [SCENARIO, TREE])
def test_every_place_of_a_document_is_where_its_text_stands(text: str) -> None:
    from drillsim.files.yaml_nodes import Entries, Mapping, Scalar, YamlNode

    document = read_document(text.encode(), "f")
    lines = text.split("\n")
    queue: list[YamlNode] = [document.root]
    seen = 0
    while queue:
        node = queue.pop()
        match node:
            case Scalar():
                seen += 1
                rest = lines[node.place.line - 1][node.place.column - 1 :]
                written = text[node.start : node.end]
                assert rest.startswith(written.split("\n")[0])
                assert node.style or written == node.text
            case Entries():
                queue += node.items
            case Mapping():
                queue += [*node.keys.values(), *node.values.values()]
    assert seen > 50
