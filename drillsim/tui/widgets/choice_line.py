"""One of a few things, chosen on one line: quick by keyboard, and no menu is in the way."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from typing_extensions import override

from drillsim.i18n import N_
from drillsim.text import width
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.paint import Painter

T = TypeVar("T")


class ChoiceLine(Painter, Generic[T], can_focus=True):
    """Choices side by side, the chosen one in brackets; left and right change it.

    Lines are broken between choices where they do not fit.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", N_("choose"), show=False),
        Binding("right", "step(1)", N_("choose"), show=False),
    ]

    class Changed(Message):
        """Another choice was made."""

        def __init__(self, line: "ChoiceLine[object]") -> None:
            super().__init__()
            self.line = line

        @property
        @override
        def control(self) -> "ChoiceLine[object]":
            return self.line

    def __init__(
        self,
        choices: Sequence[tuple[str, T]],
        *,
        chosen: int = 0,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """Offer `choices`, each a clean text and its value; there is at least one."""
        super().__init__(id=id)
        self._choices = list(choices)
        self.chosen = chosen

    @property
    def value(self) -> T:
        """The value of the choice that is made."""
        return self._choices[self.chosen][1]

    def choose(self, value: object) -> bool:
        """Choose `value`; return False where it is none of the choices."""
        places = [place for place, (_text, offered) in enumerate(self._choices) if offered == value]
        if places:
            self._choose(places[0])
        return bool(places)

    def action_step(self, by: int) -> None:
        self._choose((self.chosen + by) % len(self._choices))

    def _choose(self, place: int) -> None:
        if place != self.chosen:
            self.chosen = place
            self.refresh()
            self.post_message(self.Changed(self))  # type: ignore[arg-type]

    def _lines(self, cells: int) -> list[list[tuple[int, int, str]]]:
        """Return on each line the choices that stand there: place, first cell, text."""
        lines: list[list[tuple[int, int, str]]] = [[]]
        x = 0
        for place, (text, _value) in enumerate(self._choices):
            taken = width(text) + 3
            if x and x + taken > cells:
                lines.append([])
                x = 0
            lines[-1].append((place, x, text))
            x += taken
        return lines

    @override
    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    @override
    def render_line(self, y: int) -> Strip:
        lines = self._lines(self.size.width)
        if y >= len(lines):
            return Strip.blank(self.size.width, self.line_style())
        cells = []
        for place, _x, text in lines[y]:
            is_chosen = place == self.chosen
            cells.append(
                Cell(f"[{text}] " if is_chosen else f" {text}  ", "strong" if is_chosen else "")
            )
        style = self.line_style("cursor") if self.has_focus else self.line_style()
        return self.paint(cells, self.size.width, style)

    @override
    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        lines = self._lines(self.size.width)
        for place, x, text in lines[event.y] if event.y < len(lines) else ():
            if x <= event.x < x + width(text) + 2:
                self._choose(place)
                return
