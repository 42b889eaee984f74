"""A few lines of cells that are shown as they are, such as the clock bar."""

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip
from typing_extensions import override

from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.paint import Painter

Line = Sequence[Cell]


class Lines(Painter):
    """Lines of cells; the widget is as high as they are many, unless its style says otherwise."""

    heading: bool = False
    """Whether the first line is painted as a heading."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; nothing is drawn where they are the same as before."""
        shown = list(lines)
        if shown != self._lines:
            has_grown = len(shown) != len(self._lines)
            self._lines = shown
            self.refresh(layout=has_grown)

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join("".join(cell.text for cell in line) for line in self._lines)

    @override
    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    @override
    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.line_style())
        style = self.line_style("heading") if self.heading and y == 0 else self.line_style()
        return self.paint(self._lines[y], width, style)
