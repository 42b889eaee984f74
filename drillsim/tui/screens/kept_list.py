"""A list that is kept as the drill stands, and what there is about the row under the cursor."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen
from typing_extensions import override

from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Items

T = TypeVar("T")
R = TypeVar("R")

_REFRESH_SECONDS = 0.25


class KeptList(Screen[R], Generic[T, R]):
    """The list above, the row under the cursor below."""

    def __init__(self, rows: Items[T], pane: Pane) -> None:
        super().__init__()
        self._rows, self._pane = rows, pane

    @override
    def compose(self) -> ComposeResult:
        yield self._rows
        yield self._pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._rows.focus()
        self.set_interval(_REFRESH_SECONDS, self._draw)
        self._draw()

    def listed(self) -> Sequence[T]:
        """Return what is to be listed as the drill stands."""
        raise NotImplementedError

    def key(self, item: T) -> object:
        """Return by what the cursor finds an item again; without a key it stays where it stood."""
        return None

    def show(self) -> None:
        """Show below what there is about the item under the cursor."""
        raise NotImplementedError

    @property
    def _item(self) -> T | None:
        return self._rows.item

    def _draw(self) -> None:
        items = self.listed()
        if items != self._rows.items:
            self.take(items)
        self.show()

    def take(self, items: Sequence[T]) -> None:
        """List other items; the cursor stays on its own, or where it stood."""
        rows, before = self._rows, self._item
        rows.items = items
        rows.redraw()
        key = self.key(before) if before is not None else None
        keys = [self.key(item) for item in items]
        if key is not None and key in keys:
            rows.move_to(keys.index(key))
        self.call_after_refresh(self.refresh_bindings)

    def on_rows_moved(self) -> None:
        self.show()
        self.refresh_bindings()

    def action_leave(self) -> None:
        self.dismiss()
