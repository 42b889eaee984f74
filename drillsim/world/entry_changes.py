"""What a simulated office changes in its own entry of the contact tree after transfers."""

from collections.abc import Sequence
from typing import Final

from drillsim.drill.entry_form import EntryLine, entry_line, entry_value
from drillsim.drill.scenario import FormField
from drillsim.drill.tree import Node

_GIVEN_NAMES: Final = ("一郎", "二葉", "三郎", "四葉", "五月", "六実", "七海", "八雲")
_SURNAME: Final = "新任"
"""Nobody is called so: a newcomer is plainly made up."""


def changed_entry(form: Sequence[FormField], node: Node, bits: int) -> dict[str, str]:
    """Return the lines of the form that an office fills in since something changed.

    Somebody was transferred, or a number or the mailbox is another; `bits` (a draw) says what.
    Empty where the form has no line for it.
    """
    lines = {line: field.id for field in form if (line := entry_line(field.id)) is not None}
    officers = [line.officer for line in lines if line.part == "name" and entry_value(node, line)]
    domain = _domain(node)
    kind, bits = bits % 4, bits // 4
    number = f"000-0000-{bits % 10_000:04}"
    if kind <= 1 and officers:  # Transfers are what most changes come from.
        officer = officers[bits % len(officers)]
        name = f"{_SURNAME} {_GIVEN_NAMES[bits // 8 % len(_GIVEN_NAMES)]}"
        wanted = {
            EntryLine(officer, "name"): name,
            EntryLine(officer, "email"): f"shinnin{bits % 90 + 10}@{domain}",
            EntryLine(officer, "phone"): number,
            EntryLine(officer, "night-phone"): f"000-1111-{bits % 10_000:04}",
        }
    elif kind == 2 and officers:
        wanted = {EntryLine(officers[bits % len(officers)], "phone"): number}
    else:
        wanted = {EntryLine(0, "mailbox"): f"renraku@{domain}"}
    return {lines[line]: value for line, value in wanted.items() if line in lines}


def _domain(node: Node) -> str:
    addresses = [node.mailbox, *(address for o in node.officers for address in o.email)]
    known = [address.rpartition("@")[2] for address in addresses if "@" in address]
    return known[0] if known else "body.example"
