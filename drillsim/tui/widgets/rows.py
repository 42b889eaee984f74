"""A list of any length of which only the rows in sight are worked out."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from typing_extensions import override

from drillsim.i18n import N_
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.paint import Painter

T = TypeVar("T")


class Rows(Painter, ScrollView, can_focus=True):
    """Rows under a heading line, with a cursor; subclasses say how many there are, and of what.

    The cursor's row begins with ">", so that it is seen without colours too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", N_("up"), show=False),
        Binding("down", "move(1)", N_("down"), show=False),
        Binding("pageup", "page(-1)", N_("page up"), show=False),
        Binding("pagedown", "page(1)", N_("page down"), show=False),
        Binding("home", "edge(-1)", N_("first row"), show=False),
        Binding("end", "edge(1)", N_("last row"), show=False),
        Binding("enter", "choose", N_("open it"), show=False),
    ]

    screen_opens: ClassVar[bool] = False
    """Whether Enter is left to the screen, which names in the footer what it does."""

    cursor: reactive[int] = reactive(0)

    class Chosen(Message):
        """A row was opened by Enter or a second click."""

        def __init__(self, rows: "Rows", row: int) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        @override
        def control(self) -> "Rows":
            return self.rows

    class Moved(Message):
        """The cursor has moved."""

        def __init__(self, rows: "Rows", row: int) -> None:
            super().__init__()
            self.rows = rows
            self.row = row

        @property
        @override
        def control(self) -> "Rows":
            return self.rows

    def count(self) -> int:
        """Return how many rows there are."""
        raise NotImplementedError

    def heading(self, width: int) -> Sequence[Cell]:
        """Return the line above the rows."""
        raise NotImplementedError

    def row(self, row: int, width: int) -> Sequence[Cell]:
        """Return what stands in a row, `width` cells wide."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw anew: rows have changed, come or gone."""
        count = self.count()
        size = Size(self.size.width, count + 1)
        if size != self.virtual_size:
            self.virtual_size = size
        if self.cursor >= count:
            self.cursor = max(count - 1, 0)
        self.refresh()

    @override
    def on_mount(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()
        self._keep_cursor_in_sight()

    @override
    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if y == 0:
            return self.paint(self.heading(width), width, self.line_style("heading"))
        row = y - 1 + self.scroll_offset.y
        if row >= self.count():
            return Strip.blank(width, self.line_style())
        is_cursor = row == self.cursor
        style = self._cursor_style() if is_cursor else self.line_style()
        mark = Cell(">" if is_cursor else " ")
        return self.paint((mark, *self.row(row, width - 1)), width, style)

    def _cursor_style(self) -> Style:
        if self.has_focus:
            return self.line_style("cursor")
        return self.line_style() + Style(bold=True)

    def move_to(self, row: int) -> None:
        """Put the cursor on a row and bring it into sight."""
        self.cursor = min(max(row, 0), max(self.count() - 1, 0))
        self._keep_cursor_in_sight()

    def _keep_cursor_in_sight(self) -> None:
        page = max(self.size.height - 1, 1)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor > top + page - 1:
            self.scroll_to(y=self.cursor - page + 1, animate=False, force=True)

    def watch_cursor(self, _before: int, row: int) -> None:
        self.refresh()
        self.post_message(self.Moved(self, row))

    @override
    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self.refresh()

    def action_move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        self.move_to(self.cursor + by * max(self.size.height - 2, 1))

    def action_edge(self, side: int) -> None:
        self.move_to(0 if side < 0 else self.count() - 1)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "choose" and self.screen_opens)

    def action_choose(self) -> None:
        if self.count():
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        row = event.y - 1 + self.scroll_offset.y
        if event.y < 1 or row >= self.count():
            return
        if event.chain > 1:
            self.action_choose()
        else:
            self.move_to(row)


class Items(Rows, Generic[T]):
    """Rows of things, one a row."""

    items: Sequence[T] = ()

    @override
    def count(self) -> int:
        return len(self.items)

    @property
    def item(self) -> T | None:
        """What is under the cursor."""
        return self.items[self.cursor] if self.items else None
