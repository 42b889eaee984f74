"""The answer curve as lines of cells: one line in little room, a chart with axes in more."""

from collections.abc import Sequence
from typing import Final

from drillsim.text import fit
from drillsim.tui.views.tiers import Curve
from drillsim.tui.views.times import short_length
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.lines import Line

LEVELS: Final = " ▁▂▃▄▅▆▇█"
_STEPS: Final = len(LEVELS) - 1
_AXIS: Final = 5
"""Cells left of the chart: the share, and the axis."""


def spark(levels: Sequence[float]) -> str:
    """Return shares (0 to 1) as one bar each; whatever is more than nothing is seen."""
    return "".join(LEVELS[_height(level, _STEPS)] for level in levels)


def _height(level: float, steps: int) -> int:
    return min(max(round(level * steps), 1), steps) if level > 0 else 0


def marks(curve: Curve) -> str:
    """Return in words when 50 %, 75 % … had answered."""
    return "  ".join(
        f"{share}% {short_length(at) if at is not None else '--:--'}" for share, at in curve.marks
    )


def chart_cells(width: int) -> int:
    """Return how many spans a chart has in `width` cells."""
    return max(width - _AXIS - 2, 8)


def chart(curve: Curve, height: int, *, behind: Sequence[float] = ()) -> list[Line]:
    """Return the curve `height` lines high (2 or more), with a line of time below.

    `behind` is a second curve over the same spans, such as a forecast: it is dotted, and the curve
    itself hides it. Spans that have not come yet have no level.
    """
    spans = max(curve.spans, len(curve.levels), 1)
    heights = [_height(level, height * _STEPS) for level in curve.levels]
    dots = [_height(level, height) for level in behind]
    lines: list[Line] = []
    for row in range(height, 0, -1):
        label = "100%" if row == height else " 50%" if 2 * row == height else ""
        lines.append([Cell(" " + fit(label, 4) + "│", "muted"), *_row(row, heights, dots, spans)])
    begin, end = short_length(curve.released), short_length(curve.released + curve.length)
    scale = "T+" + begin + fit("T+" + end, max(spans - len(begin) - 2, 0), right=True)
    lines.append([Cell(" " * _AXIS + "└", "muted"), Cell(scale, "muted")])
    return lines


def _row(row: int, heights: Sequence[int], dots: Sequence[int], spans: int) -> list[Cell]:
    """Return one line of the chart, `row` counted from 1 at the bottom."""
    cells: list[Cell] = []
    for place in range(spans):
        filled = heights[place] - (row - 1) * _STEPS if place < len(heights) else 0
        if filled > 0:
            cell = Cell(LEVELS[min(filled, _STEPS)], "good")
        elif place < len(dots) and dots[place] == row:
            cell = Cell("·", "control")
        else:
            cell = Cell(" ")
        if cells and cells[-1].tone == cell.tone:
            cells[-1] = Cell(cells[-1].text + cell.text, cell.tone)
        else:
            cells.append(cell)
    return cells
