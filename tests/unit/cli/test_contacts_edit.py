import pytest

from drillsim.cli.contacts_edit import place_of
from drillsim.files.contacts.document import ContactDocument
from drillsim.problem import UsageError

DOCUMENT = ContactDocument.parse(
    "format: drillsim-contacts/1\ntitle: x\nnodes:\n"
    "  - {id: a, name: 架空市 市民課, kind: section}\n"
    "  - {id: b, name: 架空町, kind: section,\n"
    "     officers: [{name: 架空 一郎}, {name: 仮名}, {name: 仮名}]}\n".encode(),
    "t.yaml",
)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("a", (0, None)),
        ("架空市　市民課", (0, None)),
        ("b/2", (1, 1)),
        ("架空町/架空一郎", (1, 0)),
        ("b/", (1, None)),
    ],
)
def test_a_body_and_an_officer_are_named_by_id_name_or_number(
    at: str, found: tuple[int, int | None]
) -> None:
    assert place_of(DOCUMENT, at) == found


@pytest.mark.parametrize("at", ["c", "b/0", "b/4", "b/仮名", "b/誰か", "a/1", ""])
def test_what_is_not_there_is_said_in_a_line(at: str) -> None:
    with pytest.raises(UsageError, match=r"no (node|officer)"):
        place_of(DOCUMENT, at)
