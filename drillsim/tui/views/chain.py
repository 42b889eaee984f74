"""The chain: one row per node, as the tree shows it for one inject."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from drillsim.drill.board import NoticeRecord
from drillsim.drill.exercise import Exercise
from drillsim.drill.machines import NoticeState
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.due import owed_now
from drillsim.tui.views.times import short_length
from drillsim.tui.views.tone import EMPTY, Cell

_NOT_ASKED: Final = Cell("-", "muted")


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One node for one inject: its state, and when it acknowledged, passed on and reported.

    Times count from the node's own notice; one in brackets is still running, and "!" marks one
    that was missed.
    """

    node: NodeId
    guide: str
    fold: str
    """"-" for an open branch, "+" for a closed one, "" for a leaf."""
    name: str
    state: Cell
    acknowledged: Cell
    passed_on: Cell
    reported: Cell
    due: Cell


class Chain:
    """Which nodes are shown, in the order of the tree: collapsing, and only those that are late."""

    def __init__(self, exercise: Exercise) -> None:
        self._tree = exercise.tree
        self.order: list[tuple[int, NodeId]] = [(d, n.id) for d, n in exercise.tree.walk()]
        self._guides = _guides([depth for depth, _node in self.order])
        self._place = {node: place for place, (_depth, node) in enumerate(self.order)}
        self.collapsed: set[NodeId] = set()
        self.only: frozenset[NodeId] | None = None
        """With it, only these nodes and those above them are shown."""
        self.rows: list[int] = list(range(len(self.order)))
        self._row_of: dict[NodeId, int] | None = None

    @property
    def depth_max(self) -> int:
        """How deep the tree is; the root has depth 0."""
        return max(depth for depth, _node in self.order)

    def node_at(self, row: int) -> NodeId | None:
        """Return the node in a row that is shown, or None."""
        return self.order[self.rows[row]][1] if 0 <= row < len(self.rows) else None

    def row_of(self, node: NodeId) -> int | None:
        """Return the row in which a node is shown, or None where it is not."""
        if self._row_of is None:
            self._row_of = {self.order[place][1]: row for row, place in enumerate(self.rows)}
        return self._row_of.get(node)

    def guide(self, row: int) -> str:
        """Return the lines of the tree before the name in a row."""
        return self._guides[self.rows[row]]

    def fold_mark(self, node: NodeId) -> str:
        """Return "+" for a collapsed node, "-" for an open one, "" for a leaf."""
        if not self._tree.children[node]:
            return ""
        return "+" if node in self.collapsed else "-"

    def arrange(self) -> None:
        """Work out anew which rows are shown; O(nodes), so only when that was asked for."""
        wanted = None if self.only is None else self._with_those_above(self.only)
        rows: list[int] = []
        hidden_below: int | None = None
        for place, (depth, node) in enumerate(self.order):
            if hidden_below is not None and depth > hidden_below:
                continue
            hidden_below = depth if node in self.collapsed else None
            if wanted is None or node in wanted:
                rows.append(place)
        self.rows = rows
        self._row_of = None

    def toggle(self, node: NodeId) -> None:
        """Collapse a branch, or open it."""
        if self._tree.children[node]:
            self.collapsed ^= {node}
            self.arrange()

    def collapse_to(self, depth: int) -> None:
        """Show the tree down to a tier; 0 is the root alone."""
        self.collapsed = {
            node for d, node in self.order if d >= depth and self._tree.children[node]
        }
        self.arrange()

    def reveal(self, node: NodeId) -> int | None:
        """Open whatever hides a node and return its row; None for a node unknown to the tree."""
        if node not in self._place:
            return None
        if self.row_of(node) is None:
            self.collapsed -= self._with_those_above({node}) - {node}
            if self.only is not None and node not in self.only:
                self.only = None
            self.arrange()
        return self.row_of(node)

    def _with_those_above(
        self, nodes: Sequence[NodeId] | set[NodeId] | frozenset[NodeId]
    ) -> set[NodeId]:
        found: set[NodeId] = set()
        for node in nodes:
            at: NodeId | None = node
            while at is not None and at not in found:
                found.add(at)
                at = self._tree.by_id[at].parent
        return found


def _guides(depths: Sequence[int]) -> list[str]:
    """Return the lines before each name, worked out from the bottom: they join siblings."""
    guides = [""] * len(depths)
    follows: list[bool] = []
    for place in range(len(depths) - 1, -1, -1):
        depth = depths[place]
        del follows[depth + 1 :]
        follows.extend([False] * (depth + 1 - len(follows)))
        if depth:
            lines = "".join("│ " if more else "  " for more in follows[1:depth])
            guides[place] = lines + ("├ " if follows[depth] else "└ ")
        follows[depth] = True
    return guides


def chain_row(
    view: DrillView, chain: Chain, row: int, inject: InjectId | None, now: timedelta
) -> ChainRow:
    """Return the row as it is to be shown at `now`."""
    node = chain.order[chain.rows[row]][1]
    record = view.board.notices.get((inject, node)) if inject is not None else None
    if record is None:
        cells = (_outside(view, node, inject), EMPTY, EMPTY, EMPTY, EMPTY)
    else:
        cells = _cells(view, record, now)
    return ChainRow(node, chain.guide(row), chain.fold_mark(node), view.names.node(node), *cells)


def _outside(view: DrillView, node: NodeId, inject: InjectId | None) -> Cell:
    if node not in view.exercise.participants:
        return Cell(_("not taking part"), "muted")
    if inject is not None and view.exercise.inject(inject).from_ == node:
        return Cell(_("sender"), "muted")
    return Cell("")


def _cells(
    view: DrillView, record: NoticeRecord, now: timedelta
) -> tuple[Cell, Cell, Cell, Cell, Cell]:
    end = view.board.end
    until = end.at if end is not None else now
    asked = record.asked
    return (
        state_cell(view.exercise, record),
        _fact(asked.acknowledge, record.acknowledged_at, record.ack_due, record, until),
        _fact(bool(asked.pass_on), record.passed_on_at, record.pass_on_due, record, until),
        _fact(asked.report, record.reported_at, record.report_due, record, until),
        EMPTY if end is not None else _due(record, now),
    )


def _fact(
    is_asked: bool,
    at: timedelta | None,
    due: timedelta | None,
    record: NoticeRecord,
    until: timedelta,
) -> Cell:
    if not is_asked and at is None:
        return _NOT_ASKED
    since = record.submitted_at
    if since is None or not record.begun:
        return Cell("") if at is None else Cell(_("done"), "good")
    if at is not None:
        is_late = due is not None and at > due
        return Cell(
            short_length(at - since) + ("!" if is_late else ""), "late" if is_late else "good"
        )
    is_overdue = due is not None and until > due
    length = short_length(max(until - since, timedelta(0)))
    return Cell(f"({length})" + ("!" if is_overdue else ""), "alarm" if is_overdue else "busy")


def _due(record: NoticeRecord, now: timedelta) -> Cell:
    """Return what the node owes next and how long it has for it."""
    owed = owed_now(record)
    if owed is None or record.unreachable_at is not None:
        return EMPTY
    act, when = owed
    word = {"ack-by": _("ack"), "pass-on-by": _("pass"), "report-by": _("rep")}[act]
    if now > when:
        return Cell(f"{word} +{short_length(now - when)}!", "alarm")
    return Cell(f"{word} -{short_length(when - now)}", "")


def state_cell(exercise: Exercise, record: NoticeRecord) -> Cell:
    """Return the state of a notice in a word, with a sign before it."""
    match record.state:
        case NoticeState.WAITING:
            return _waiting(record)
        case NoticeState.NOTIFIED:
            return _notified(exercise, record)
        case NoticeState.ACKNOWLEDGED:
            return Cell("✓ " + _("acknowledged"), "good")
        case NoticeState.COMPLETED:
            return Cell("✔ " + _("complete"), "good")
        case NoticeState.UNREACHABLE:
            return Cell("✘ " + _("unreachable"), "alarm")
        case NoticeState.INCOMPLETE:
            return Cell("✓ " + _("incomplete"), "late")
        case NoticeState.UNANSWERED:
            return Cell("✘ " + _("no answer"), "alarm")
        case NoticeState.NOT_NOTIFIED:
            return Cell("✘ " + _("not notified"), "alarm")
        case NoticeState.CANCELLED:
            return Cell("- " + _("cancelled"), "muted")


def _waiting(record: NoticeRecord) -> Cell:
    if record.submitted_at is None:
        return Cell("  " + _("not yet sent"), "muted")
    if record.called_at is not None:
        return Cell("✆ " + _("to be called"), "alarm")
    if record.deferred:
        return Cell("⚠ " + _("deferred"), "late")
    if not record.begun:
        return Cell("✉ " + _("to send"), "late")
    return Cell("✉ " + _("under way"), "busy")


def _notified(exercise: Exercise, record: NoticeRecord) -> Cell:
    if not record.asked.acknowledge:
        return Cell("✉ " + _("delivered"), "busy")
    if record.called_at is not None:
        return Cell("✆ " + _("to be called"), "alarm")
    if record.officer > 1:
        count = len(exercise.node(record.key[1]).officers)
        text = _("stand-in {number}/{count}").format(number=record.officer, count=count)
        return Cell("⚠ " + text, "late")
    if record.reminders:
        return Cell("✉ " + _("reminded {count}").format(count=record.reminders), "late")
    return Cell("✉ " + _("delivered"), "busy")
