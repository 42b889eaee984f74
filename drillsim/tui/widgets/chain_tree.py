"""The contact tree with the state of every node, for one inject."""

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from typing_extensions import override

from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.text import fit
from drillsim.tui.views.chain import Chain, chain_row
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.rows import Rows

_STATE, _FACT, _DUE = 15, 9, 12
_NAME_MIN: Final = 20


class ChainTree(Rows):
    """One row per node: name, state, the times of the three facts, and what is due."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", N_("details"), show=False),
        Binding("left", "fold(True)", N_("collapse"), show=False),
        Binding("right", "fold(False)", N_("expand"), show=False),
    ]

    def __init__(self, view: DrillView, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view = view
        self.chain = Chain(view.exercise)
        self.inject: InjectId | None = None
        self.now = ZERO

    def show(self, inject: InjectId | None, now: timedelta) -> None:
        """Show the chain of an inject as it stands at `now`."""
        self.inject, self.now = inject, now
        self.redraw()

    @property
    def node(self) -> NodeId | None:
        """The node under the cursor."""
        return self.chain.node_at(self.cursor)

    def go_to(self, node: NodeId) -> None:
        """Put the cursor on a node, opening whatever hides it."""
        row = self.chain.reveal(node)
        self.redraw()
        if row is not None:
            self.move_to(row)

    def keep_node(self, node: NodeId | None) -> None:
        """Draw anew after rows were taken out or put in; the cursor stays on its node if it can."""
        self.redraw()
        row = self.chain.row_of(node) if node is not None else None
        self.move_to(row if row is not None else min(self.cursor, self.count() - 1))

    @override
    def count(self) -> int:
        return len(self.chain.rows)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        name, due = _widths(width - 1)
        texts = (_("acked"), _("passed"), _("report"))
        return (
            Cell(" " + fit(_("body"), name) + fit(_("state"), _STATE)),
            *(Cell(fit(text, _FACT - 1, right=True) + " ") for text in texts),
            Cell(fit(_("due"), due) if due else ""),
        )

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        shown = chain_row(self.view, self.chain, row, self.inject, self.now)
        name_width, due = _widths(width)
        lead = shown.guide + (f"{shown.fold} " if shown.fold else "")
        facts = (shown.acknowledged, shown.passed_on, shown.reported)
        return (
            Cell(lead, "muted"),
            Cell(fit(shown.name, max(name_width - 1 - len(lead), 4)) + " "),
            Cell(fit(shown.state.text, _STATE - 1) + " ", shown.state.tone),
            *(Cell(fit(fact.text, _FACT - 1, right=True) + " ", fact.tone) for fact in facts),
            Cell(fit(shown.due.text, due) if due else "", shown.due.tone),
        )

    def action_fold(self, close: bool) -> None:
        node = self.node
        if node is None:
            return
        if (node in self.chain.collapsed) == close:
            parent = self.view.exercise.node(node).parent
            if close and parent is not None:
                self.go_to(parent)
            return
        self.chain.toggle(node)
        self.keep_node(node)


def _widths(width: int) -> tuple[int, int]:
    """Return the widths of name and due in a row of `width` cells."""
    due = _DUE if width >= _NAME_MIN + _STATE + 3 * _FACT + _DUE else 0
    return max(width - _STATE - 3 * _FACT - due, _NAME_MIN), due
