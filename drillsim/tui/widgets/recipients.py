"""Whom a mail goes to: a list to be ticked off, narrowed down by what is typed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from typing_extensions import override

from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.text import clean_line, fit
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.rows import Rows

_NAME_CELLS = 26


@dataclass(frozen=True, slots=True)
class Recipient:
    """An officer who can be written to; without an address they can only be called."""

    node: NodeId
    officer: int
    name: str
    """Body and officer, as they stand before the address in the mail."""
    address: str
    note: str = ""
    """What there is to know, such as that it was written to already."""


def recipients_at(
    exercise: Exercise, nodes: Iterable[NodeId], *, first_only: bool = False
) -> list[Recipient]:
    """Return the officers of `nodes`, in the order of the contact tree's lists."""
    found = []
    for node in nodes:
        body = exercise.node(node)
        officers = body.officers[:1] if first_only else body.officers
        for number, officer in enumerate(officers, 1):
            address = exercise.address(node, number)
            found.append(Recipient(node, number, f"{body.name} {officer.name}".strip(), address))
    return found


class Recipients(Rows):
    """Recipients with a mark before those who are chosen; space ticks one off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", N_("choose"), show=False),
        Binding("ctrl+a", "tick_all", N_("choose all"), show=False),
    ]
    screen_opens = True

    class Ticked(Message):
        """Others are chosen now."""

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        super().__init__(id="recipients")
        self.recipients = list(recipients)
        self.chosen: set[str] = set()
        """Their addresses."""
        self._shown = self.recipients

    def narrow(self, words: str) -> None:
        """Show those alone whose name or address holds `words`, and those who are chosen."""
        words = words.strip().lower()
        self._shown = [
            one
            for one in self.recipients
            if words in one.name.lower()
            or words in one.address.lower()
            or words in one.node.lower()
            or (one.address and one.address in self.chosen)
        ]
        self.move_to(0)
        self.redraw()

    @property
    def ticked(self) -> list[Recipient]:
        """Those who are chosen, each address once, in the order of the list."""
        found = {one.address: one for one in self.recipients if one.address in self.chosen}
        return list(found.values())

    @override
    def count(self) -> int:
        return len(self._shown)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        text = _("to {count} of {all}   space: choose   ^a: all or none")
        return (Cell(" " + text.format(count=len(self.chosen), all=len(self.recipients))),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        one = self._shown[row]
        name = fit(clean_line(one.name, limit=80), min(_NAME_CELLS, max(width - 40, 16)))
        if not one.address:
            return (Cell("    "), Cell(name + " "), Cell(_("no address: telephone"), "late"))
        is_chosen = one.address in self.chosen
        return (
            Cell("[x] " if is_chosen else "[ ] ", "strong" if is_chosen else ""),
            Cell(name + " "),
            Cell(clean_line(one.address, limit=80) + " ", "muted"),
            Cell(one.note, "good"),
        )

    def action_tick(self) -> None:
        if self._shown and (address := self._shown[self.cursor].address):
            self.chosen ^= {address}
            self._tell()
            self.action_move(1)

    def action_tick_all(self) -> None:
        every = {one.address for one in self._shown if one.address}
        self.chosen = set() if every <= self.chosen else self.chosen | every
        self._tell()

    @override
    def action_choose(self) -> None:
        self.action_tick()

    def _tell(self) -> None:
        self.refresh()
        self.post_message(self.Ticked())
