"""The yearly confirmation asks a body for each line of its own entry in the contact tree."""

from typing import Any

import pytest

from drillsim.drill.entry_form import (
    EntryLine,
    entry_line,
    entry_value,
    entry_values,
    is_entry_form,
)
from drillsim.drill.injects import FormField
from drillsim.drill.tree import Node

BODY = Node.model_validate(
    {
        "id": "352039",
        "name": "架空市 市民課",
        "kind": "municipality",
        "mailbox": "juki@city.example",
        "duty-desk": {"phone": "000-000-0009"},
        "officers": [
            {
                "name": "架空 一",
                "role": "責任者",
                "email": ["a@city.example", "b@city.example"],
                "phone": "000-000-0001",
                "off-hours": {
                    "email": ["n@city.example", "m@city.example"],
                    "phone": "000-000-0002",
                },
            },
            {"name": "架空 二"},
        ],
    }
)
ENTRY = {
    "mailbox": "juki@city.example",
    "duty-desk-phone": "000-000-0009",
    "officer-1-name": "架空 一",
    "officer-1-role": "責任者",
    "officer-1-email": "a@city.example, b@city.example",
    "officer-1-phone": "000-000-0001",
    "officer-1-night-email": "n@city.example, m@city.example",
    "officer-1-night-phone": "000-000-0002",
    "officer-2-name": "架空 二",
}
BLANK = ["officer-2-role", "officer-2-email", "officer-2-night-phone", "officer-3-name"]


def line(name: str, kind: str = "text") -> FormField:
    options = {"options": ["無", "有"]} if kind == "choice" else {}
    return FormField.model_validate({"id": name, "label": name, "type": kind, **options})


def test_a_form_is_sent_filled_in_with_what_stands_in_the_tree() -> None:
    form = [line("changed", "choice"), *map(line, (*ENTRY, *BLANK)), line("remarks")]
    assert entry_values(form, BODY) == ENTRY


def test_a_body_without_a_night_desk_has_nothing_on_that_line() -> None:
    body = BODY.model_copy(update={"duty_desk": None})
    assert entry_value(body, EntryLine(0, "duty-desk-phone")) == ""


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("mailbox", EntryLine(0, "mailbox")),
        ("duty-desk-phone", EntryLine(0, "duty-desk-phone")),
        ("officer-1-name", EntryLine(1, "name")),
        ("officer-9-night-email", EntryLine(9, "night-email")),
        ("officer-0-name", None),
        ("officer-10-name", None),
        ("officer-1-fax", None),
        ("changed", None),
    ],
)
def test_the_id_of_a_line_says_what_it_is_about(name: str, about: EntryLine | None) -> None:
    assert entry_line(name) == about


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [
        ([("changed", "choice"), ("mailbox", "text")], True),
        ([("mailbox", "text"), ("changed", "choice")], True),
        ([("changed", "text"), ("mailbox", "text")], False),
        ([("other", "choice"), ("mailbox", "text")], False),
        ([("changed", "choice"), ("remarks", "text")], False),
        ([], False),
    ],
)
def test_a_form_confirms_an_entry_if_it_asks_whether_and_what_changed(
    lines: list[tuple[Any, Any]], is_one: bool
) -> None:
    assert is_entry_form([line(*each) for each in lines]) is is_one
