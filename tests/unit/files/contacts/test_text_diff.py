from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.text_diff import text_diff

TEXT = "format: drillsim-contacts/1\ntitle: x\nnodes:\n" + "".join(
    f"  - id: n{n}\n    name: 架空{n}町\n    kind: section\n" for n in range(9)
)


def document(text: str = TEXT) -> ContactDocument:
    return ContactDocument.parse(text.encode(), "t.yaml")


def test_what_is_the_same_has_no_lines() -> None:
    assert text_diff(document(), document()) == []


def test_lines_that_differ_stand_under_their_line_and_body_with_two_lines_around() -> None:
    new = document()
    new.apply(new.set(2, ("note",), "新しい"))
    new.apply(new.set(7, ("name",), "別"))
    lines = text_diff(document(), new)
    assert [(line.sign, line.text, line.line) for line in lines if line.sign != " "] == [
        ("@", "架空2町", 11),
        ("+", "    note: 新しい", 13),
        ("@", "別", 25),
        ("-", "    name: 架空7町", 26),
        ("+", "    name: 別", 26 + 1),
    ]
    assert sum(line.sign == " " for line in lines) == 8


def test_line_ends_do_not_show_and_do_not_confuse() -> None:
    old = document(TEXT.replace("\n", "\r\n"))
    new = document(TEXT.replace("\n", "\r\n"))
    new.apply(new.delete([8]))
    changed = [line for line in text_diff(old, new) if line.sign in "+-"]
    assert [line.text for line in changed] == [
        "  - id: n8", "    name: 架空8町", "    kind: section",
    ]  # fmt: skip
