"""The thirty lists of `shapes`: imported right, or refused with row and column."""

from collections.abc import Iterator

import pytest

from drillsim.drill.tree import ContactTree, Node, Officer
from drillsim.files.lists.importing import Import, Options, import_list
from drillsim.files.lists.mapping import heading_map
from drillsim.files.lists.reading import read_list_data
from drillsim.problem import ProblemsError
from tests.unit.files.lists.shapes import SHAPES, Shape


def imported(shape: Shape) -> Import:
    sheet = read_list_data(shape.data, "list")
    return import_list(sheet, Options(heading_map()), name="new.yaml")


def shown(tree: ContactTree) -> Iterator[str]:
    for node in tree.nodes:
        yield " ".join(part for part in _node(node) if part)
        for officer in node.officers:
            yield "  " + " ".join(part for part in _officer(officer) if part)


def _node(node: Node) -> Iterator[str]:
    assert not node.code or node.code == node.id
    yield f"{node.id} {node.kind} ^{node.parent or '-'} {node.name}"
    yield node.mailbox
    yield f"desk: {node.duty_desk.phone}" if node.duty_desk else ""


def _officer(officer: Officer) -> Iterator[str]:
    yield officer.name
    yield f"[{officer.kana}]" if officer.kana else ""
    yield f"({officer.role})" if officer.role else ""
    yield from officer.email
    yield officer.phone
    night = " ".join(each for each in (*officer.off_hours.email, officer.off_hours.phone) if each)
    yield f"night: {night}" if night else ""
    yield officer.verified.isoformat() if officer.verified else ""
    yield f"note: {officer.note}" if officer.note else ""


def test_there_are_thirty_lists_or_more() -> None:
    assert len(SHAPES) >= 30
    assert len({shape.name for shape in SHAPES}) == len(SHAPES)


@pytest.mark.parametrize("shape", [s for s in SHAPES if not s.refused], ids=lambda s: s.name)
def test_a_list_is_imported_right(shape: Shape) -> None:
    found = imported(shape)
    assert [str(problem) for problem in found.problems if not problem.is_warning] == []
    assert found.new is not None
    assert list(shown(found.new)) == shape.tree.strip("\n").split("\n")


@pytest.mark.parametrize("shape", [s for s in SHAPES if s.refused], ids=lambda s: s.name)
def test_a_list_is_refused_with_row_and_column(shape: Shape) -> None:
    try:
        found = imported(shape)
    except ProblemsError as error:
        problems = error.problems
    else:
        assert found.new is None
        assert found.data == b""
        problems = [problem for problem in found.problems if not problem.is_warning]
    assert tuple(f"{problem.line}:{problem.column}" for problem in problems) == shape.refused
    assert all(problem.remedy for problem in problems)
