"""Cells with a tone, painted as segments: text stays text and is never read as markup."""

from collections.abc import Iterable
from typing import ClassVar, Final, get_args

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from drillsim.tui.views.tone import Cell, Tone

TONES: Final = tuple(tone for tone in get_args(Tone) if tone)


class Painter(Widget):
    """A widget that paints lines of cells; the theme gives each tone its colour (`style.tcss`)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"tone--{tone}" for tone in TONES),
        "line--heading",
        "line--cursor",
    }

    _line_styles: dict[str, Style] | None = None
    """The colours of whole lines while a frame is painted: working them out costs more than all
    else of a line, and they are the same for every line of a frame."""

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        self._line_styles = {}
        try:
            return super().render_lines(crop)
        finally:
            self._line_styles = None

    def tone_style(self, tone: Tone) -> Style:
        """Return what a tone adds to the colours of the line."""
        if not tone:
            return Style.null()
        return self.get_component_rich_style(f"tone--{tone}", partial=True)

    def line_style(self, name: str = "") -> Style:
        """Return the colours of a whole line: ordinary, `heading` or `cursor`."""
        known = self._line_styles
        if known is None:
            return self._line_style(name)
        style = known.get(name)
        if style is None:
            style = known[name] = self._line_style(name)
        return style

    def _line_style(self, name: str) -> Style:
        if not name:
            return self.rich_style
        return self.rich_style + self.get_component_rich_style(f"line--{name}", partial=True)

    def paint(self, cells: Iterable[Cell], width: int, style: Style | None = None) -> Strip:
        """Return a line of `width` cells, filled, or cut with an ellipsis."""
        base = style if style is not None else self.line_style()
        segments = [
            Segment(cell.text, base + self.tone_style(cell.tone) if cell.tone else base)
            for cell in cells
        ]
        strip = Strip(segments)
        if strip.cell_length > width > 1 and strip.crop(width).text.strip():
            mark = Segment("…", segments[-1].style)
            return Strip.join([strip.crop(0, width - 1), Strip([mark])])
        return strip.adjust_cell_length(width, base)
