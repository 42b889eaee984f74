"""A body's own entry in the contact tree as a form: the yearly confirmation (連絡先の照会).

A form asks for it by the ids of its lines: `changed` with the options for no and yes, in this
order, and any of `mailbox`, `duty-desk-phone`, `officer-1-name`, `officer-1-role`, `…-email`,
`…-phone`, `…-night-email`, `…-night-phone`, for officers 1 to 9 in calling order. What is left
blank stays as it is.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from drillsim.drill.injects import FormField
from drillsim.drill.tree import Node, Officer

CHANGED: Final = "changed"
"""The id of the line that says whether anything changed: no, yes, and perhaps a third."""

OfficerPart: TypeAlias = Literal["name", "role", "email", "phone", "night-email", "night-phone"]
_OFFICER = re.compile(r"officer-([1-9])-(name|role|email|phone|night-email|night-phone)")
_BODY: Final = ("mailbox", "duty-desk-phone")


class EntryLine(NamedTuple):
    """What a line of the form is about; `officer` counts from 1, and is 0 for the body itself."""

    officer: int
    part: str


def entry_line(field_id: str) -> EntryLine | None:
    """Return what the line with this id is about; None for any other line."""
    if field_id in _BODY:
        return EntryLine(0, field_id)
    found = _OFFICER.fullmatch(field_id)
    return None if found is None else EntryLine(int(found[1]), found[2])


def is_entry_form(form: Sequence[FormField]) -> bool:
    """Whether a form asks a body to confirm its own entry."""
    asks = any(line.id == CHANGED and line.type == "choice" for line in form)
    return asks and any(entry_line(line.id) is not None for line in form)


def entry_value(node: Node, line: EntryLine) -> str:
    """Return what stands in the tree on a line of the form; "" for nothing."""
    if line.part == "mailbox":
        return node.mailbox
    if line.part == "duty-desk-phone":
        return node.duty_desk.phone if node.duty_desk is not None else ""
    if line.officer > len(node.officers):
        return ""
    return _of_officer(node.officers[line.officer - 1], line.part)


def _of_officer(officer: Officer, part: str) -> str:
    match part:
        case "name":
            return officer.name
        case "role":
            return officer.role
        case "email":
            return ", ".join(officer.email)
        case "phone":
            return officer.phone
        case "night-email":
            return ", ".join(officer.off_hours.email)
        case _:
            return officer.off_hours.phone


def entry_values(form: Sequence[FormField], node: Node) -> dict[str, str]:
    """Return the answers that leave a body's entry as it is, for a form that is sent filled in."""
    found = {}
    for each in form:
        line = entry_line(each.id)
        if line is not None and (value := entry_value(node, line)):
            found[each.id] = value
    return found
