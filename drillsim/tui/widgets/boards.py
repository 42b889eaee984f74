"""The small boards of the run screen: clock, tiers with their curve, and what falls due next."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from drillsim.i18n import _
from drillsim.text import cut, fit, width
from drillsim.tui.views.clock import ClockView
from drillsim.tui.views.due import NextDue
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tiers import Curve, TierBoard, TierRow
from drillsim.tui.views.times import short_length
from drillsim.tui.views.tone import EMPTY, Cell
from drillsim.tui.widgets.curve import chart, chart_cells, marks, spark
from drillsim.tui.widgets.lines import Line, Lines

_GAP: Final = Cell("  ")


class ClockBar(Lines):
    """Title, mode, time, what is left, and the phase with its threat level."""

    heading = True

    def show_clock(self, clock: ClockView) -> None:
        """Show the clock as it is now."""
        cells = self.size.width or 80
        left = _("window {left}").format(left=clock.left) if clock.left else ""
        mode = [clock.mode, _GAP] if clock.mode.text else []
        right = [clock.state, _GAP, *mode, Cell(clock.time), _GAP, Cell(clock.elapsed)]
        mark = f" {clock.mark} |" if clock.mark else ""
        title_width = max(cells - sum(width(c.text) for c in right) - width(mark) - 3, 8)
        first = [Cell(mark), Cell(" " + fit(clock.title, title_width) + " "), *right]
        second = [Cell(" " + clock.phase), _GAP, clock.level, _GAP]
        for text in (clock.counts, left):
            if text and sum(width(c.text) for c in second) + width(text) <= cells:
                second += [Cell(text, "muted"), _GAP]
        if clock.warning.text:
            second = [Cell(" "), clock.warning]
        self.show([first, second])


class TierBoardLines(Lines):
    """Per tier the share reached with its denominator, in time, late, open; the answer curve."""

    heading = True
    has_total = True
    """Whether there is room for the line of all tiers."""

    chart_height = 0
    """How many lines a chart of the curve has; with 0 it is one line, beside its marks."""

    @property
    def spans(self) -> int:
        """How many spans of the curve there is room for."""
        if self.chart_height:
            return chart_cells(self.size.width)
        return max(self.size.width - 45, 8)

    def show_board(self, board: TierBoard, curve: Curve, *, behind: Sequence[float] = ()) -> None:
        """Show an inject's board and curve; `behind` is a second curve, such as a forecast."""
        rows = board.rows if self.has_total else [row for row in board.rows if row.name]
        lines: list[Line] = [_title(board), *map(_tier, rows)]
        if curve.levels and self.chart_height:
            lines += chart(curve, self.chart_height, behind=behind)
            lines.append([Cell(" " + marks(curve))])
        elif curve.levels:
            bars = fit(spark(curve.levels), self.spans)
            lines.append([Cell(" "), Cell(bars, "good"), Cell(" " + marks(curve))])
        self.show(lines)


_COLUMNS: Final = (13, 12, 8, 7, 7, 6, 9)


def _title(board: TierBoard) -> Line:
    name = _("reach")
    if board.number:
        name = f"{cut(board.inject, 20)} {board.number}/{board.count}"
    texts = (_("reached"), _("in time"), _("late"), _("open"), _("lost"), _("reported"))
    first, *rest = _COLUMNS
    cells = [Cell(" " + fit(name, first))]
    cells += [Cell(fit(t, w, right=True)) for t, w in zip(texts, rest, strict=True)]
    return cells


def _tier(row: TierRow) -> Line:
    first, *rest = _COLUMNS
    reported = f"{row.reported}/{row.to_report}" if row.to_report else "-"
    texts = (
        Cell(f"{row.reached}/{row.scope} {row.percent:>3}%", "strong"),
        Cell(f"{row.in_time}"),
        Cell(f"{row.late}", "late" if row.late else ""),
        Cell(f"{row.open}", "busy" if row.open else ""),
        Cell(f"{row.unreachable}", "alarm" if row.unreachable else ""),
        Cell(reported),
    )
    cells = [Cell(" " + fit(row.name or _("all tiers"), first))]
    cells += [Cell(fit(c.text, w, right=True), c.tone) for c, w in zip(texts, rest, strict=True)]
    return cells


class DueLines(Lines):
    """What falls due next, and how much waits for the operator."""

    heading = True

    def show_due(
        self,
        due: list[NextDue],
        sentences: Sentences,
        now: timedelta,
        *,
        overdue: int,
        calls: int,
        tray: int,
        to_do: Cell = EMPTY,
    ) -> None:
        """Show the next dues under a line that counts what is waiting."""
        waits = [
            Cell(" " + _("next due")),
            Cell("  " + _("overdue {count}").format(count=overdue), "alarm" if overdue else ""),
            Cell("  " + _("to call {count}").format(count=calls), "alarm" if calls else ""),
            Cell("  " + _("tray {count}").format(count=tray), "late" if tray else ""),
            Cell("  " + to_do.text if to_do.text else "", to_do.tone),
        ]
        lines: list[Line] = [waits]
        for item in due:
            left = short_length(max(item.at - now, timedelta(0)))
            text = f" {sentences.time(item.at)} ({left}) "
            lines.append([Cell(text, "muted"), Cell(sentences.due(item))])
        self.show(lines)
