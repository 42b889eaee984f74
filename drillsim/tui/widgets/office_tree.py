"""The tree of a contact file: bodies with marks of what is to be mended; a body can be dragged."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from typing_extensions import override

from drillsim.i18n import N_, _
from drillsim.text import fit
from drillsim.tui.views.editor import TreeRows, name_of
from drillsim.tui.views.tone import Cell, Tone
from drillsim.tui.widgets.rows import Rows


class OfficeTree(Rows):
    """One row per body."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold(True)", N_("collapse"), show=False),
        Binding("right", "fold(False)", N_("expand"), show=False),
    ]
    screen_opens = True

    class Dropped(Message):
        """A body was dragged onto another one; both by their places in the file."""

        def __init__(self, place: int, target: int) -> None:
            super().__init__()
            self.place = place
            self.target = target

    def __init__(self, branches: TreeRows, mark: Callable[[int], str]) -> None:
        """Show `branches`; `mark` gives the sign before a node, by its place."""
        super().__init__(id="offices")
        self.branches = branches
        self._mark = mark
        self._held: int | None = None
        """The row under the pressed button."""
        self._over: int | None = None
        """The row that it was dragged to."""
        self._was_dragged = False

    @override
    def count(self) -> int:
        return len(self.branches.rows)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        count = len(self.branches.document.entries)
        return (Cell(" " + fit(_("bodies ({count})").format(count=count), width - 1)),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        shown = self.branches.rows[row]
        entry = self.branches.document.entries[shown.place]
        mark = self._mark(shown.place)
        is_closed = entry.id in self.branches.closed
        fold = ("+ " if is_closed else "- ") if shown.has_below else "  "
        lead = "  " * min(shown.depth, 8) + fold
        tone: Tone = "alarm" if mark == "✘" else "late"
        is_target = row == self._over and self._held is not None
        name = fit(name_of(entry.data), max(width - 2 - len(lead) - 2 * is_target, 1))
        return (
            Cell(mark + " ", tone if mark.strip() else ""),
            Cell(lead, "muted"),
            Cell("» " if is_target else "", "control"),
            Cell(name, "control" if is_target else ""),
        )

    @property
    def place(self) -> int | None:
        """The node under the cursor, by its place in the file."""
        rows = self.branches.rows
        return rows[self.cursor].place if self.cursor < len(rows) else None

    def go_to(self, place: int) -> None:
        """Put the cursor on a node, opening whatever hides it."""
        row = self.branches.row_of(place)
        if row is None:
            row = self.branches.reveal(place)
        self.redraw()
        self.move_to(row)

    def action_fold(self, close: bool) -> None:
        if not self.branches.rows:
            return
        row = self.branches.rows[self.cursor]
        entry = self.branches.document.entries[row.place]
        if not row.has_below or (entry.id in self.branches.closed) == close:
            parent = str(entry.data.get("parent", ""))
            if close and parent in {each.id for each in self.branches.document.entries}:
                self.go_to(self.branches.document.place_of(parent))
            return
        if close:
            self.branches.closed.add(entry.id)
        else:
            self.branches.closed.discard(entry.id)
        self.branches.update()
        self.go_to(row.place)

    # Dragging -----------------------------------------------------------------------------------

    def _row_at(self, y: int) -> int | None:
        row = y - 1 + self.scroll_offset.y
        return row if y >= 1 and 0 <= row < self.count() else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._held, self._over, self._was_dragged = self._row_at(event.y), None, False
        if self._held is not None:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._held is None:
            return
        row = self._row_at(event.y)
        over = row if row != self._held else None
        if over != self._over:
            self._over = over
            self._was_dragged = True
            self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        held, over = self._held, self._over
        self._held = self._over = None
        self.release_mouse()
        self.refresh()
        if held is not None and over is not None:
            rows = self.branches.rows
            self.post_message(self.Dropped(rows[held].place, rows[over].place))

    @override
    def on_click(self, event: events.Click) -> None:
        if self._was_dragged:  # Rows would put the cursor there.
            self._was_dragged = False
            event.prevent_default()
