"""The report as an Excel workbook: a sheet for each table, real dates and lengths, a chart.

Nothing in it is a formula: what users typed is written as strings, whatever it begins with.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from drillsim.evaluation.rate import Rate
from drillsim.i18n import _
from drillsim.reports.cells import cell_text
from drillsim.reports.view import (
    Body,
    Cell,
    Column,
    ColumnKind,
    Curve,
    Heading,
    ReportView,
    Section,
    Table,
    Text,
)
from drillsim.reports.wording import number_words
from drillsim.text import clean, clean_line, width

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no zones.
"""When every workbook says it was made, so that the same drill gives the same bytes."""
_CELL_MAX: Final = 32_767
"""Characters that Excel takes in a cell."""
_NAME_MAX: Final = 31
_WIDTH_MIN, _WIDTH_MAX = 9, 48
_ROWS_MEASURED: Final = 300
"""Rows from which the width of a column is taken."""

_NUMBER_FORMATS: Final[dict[ColumnKind, str]] = {
    "count": "0",
    "number": "0.00",
    "rate": "0.0%",
    "length": "[h]:mm:ss",
    "time": "hh:mm:ss",
    "day": "yyyy-mm-dd hh:mm:ss",
}


def as_xlsx(view: ReportView) -> bytes:
    """Return the workbook."""
    import xlsxwriter

    from drillsim.sheets import AS_TEXT

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, AS_TEXT) as workbook:
        words = {"title": clean_line(view.title), "subject": clean_line(view.kind)}
        workbook.set_properties({**words, "created": _MADE})
        _Book(workbook, view).write()
    return out.getvalue()


class _Book:
    """A workbook that is being written."""

    def __init__(self, workbook: "Workbook", view: ReportView) -> None:
        self._workbook = workbook
        self._view = view
        self._names: set[str] = set()
        font = {"font_name": "Yu Gothic" if view.language == "ja" else "Calibri", "font_size": 10}
        workbook.formats[0].set_font_name(font["font_name"])
        workbook.formats[0].set_font_size(font["font_size"])
        edge = {**font, "border": 1, "border_color": "#C9CFD6", "valign": "top"}
        self._head = workbook.add_format(
            {**edge, "bold": True, "bg_color": "#E7EAEE", "text_wrap": True, "valign": "bottom"}
        )
        self._text = workbook.add_format({**edge, "text_wrap": True})
        self._blank = workbook.add_format({**edge, "bg_color": "#FFF8E1", "text_wrap": True})
        self._numbers: dict[ColumnKind, Format] = {
            kind: workbook.add_format({**edge, "num_format": number})
            for kind, number in _NUMBER_FORMATS.items()
        }
        self._big = workbook.add_format({**font, "bold": True, "font_size": 14})
        self._bold = workbook.add_format({**font, "bold": True, "text_wrap": True})
        self._plain = workbook.add_format({**font, "text_wrap": True, "valign": "top"})
        self._small = workbook.add_format({**font, "italic": True, "font_color": "#5B6570"})

    def write(self) -> None:
        self._overview()
        for table in self._view.tables:
            if table.rows:
                self._table(table)
        curves = [
            block
            for section in self._view.sections
            for block in section.blocks
            if isinstance(block, Curve)
        ]
        if curves:
            self._curves(curves)

    # The sentences --------------------------------------------------------------------------------

    def _overview(self) -> None:
        sheet = self._sheet(self._view.kind)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, _OVERVIEW_WIDTH)
        sheet.hide_gridlines(2)
        _string(sheet, 0, 0, self._view.title, self._big)
        row = 2
        for sentence in self._view.headline:
            _string(sheet, row, 1, sentence, self._bold)
            row += 1
        for figure in self._view.figures:
            _string(sheet, row, 0, figure.label, self._plain)
            _string(sheet, row, 1, f"{figure.value}  {figure.note}".strip(), self._bold)
            row += 1
        for number, section in enumerate(self._view.filled, 1):
            row += 1
            heading = f"{number_words(number)}  {section.heading}"
            _string(sheet, row, 0, heading, self._bold)
            for text, style in self._told(section):
                sheet.set_row(row, 15 * _lines(text))
                _string(sheet, row, 1, text, style)
                row += 1
        _string(sheet, row + 1, 0, self._view.foot, self._small)
        _print_on_a4(sheet, landscape=False)

    def _told(self, section: Section) -> Iterator[tuple[str, "Format"]]:
        """Yield the sentences of a section, and in the attachments what the sheets hold."""
        if section.id == "attachments":
            yield _(", ").join(table.title for table in section.tables), self._plain
            return
        for block in section.blocks:
            if isinstance(block, Text):
                yield block.text, self._plain
            elif isinstance(block, Heading):
                yield block.text, self._bold

    # The tables -----------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        sheet = self._sheet(table.title)
        for place, column in enumerate(table.columns):
            _string(sheet, 0, place, column.name, self._head)
            sheet.set_column(place, place, _column_width(table, place, column))
        for number, cells in enumerate(table.rows, 1):
            for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                self._cell(sheet, number, place, cell, column)
        last = len(table.rows)
        sheet.autofilter(0, 0, last, len(table.columns) - 1)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        if table.note:
            _string(sheet, last + 2, 0, table.note, self._small)
        _print_on_a4(sheet, landscape=True)

    def _cell(self, sheet: "Worksheet", row: int, place: int, cell: Cell, column: Column) -> None:
        style = self._numbers.get(column.kind, self._text)
        match cell:
            case None:
                sheet.write_blank(row, place, None, style)
            case Body():
                _string(sheet, row, place, cell.name, self._text)
            case Rate() if cell.percent is not None:
                sheet.write_number(row, place, cell.percent / 100, style)
            case datetime():
                sheet.write_datetime(row, place, cell.replace(tzinfo=None), style)
            case timedelta():
                # A number: `write_datetime` would take no length of more than a day's fractions.
                sheet.write_number(row, place, cell / timedelta(days=1), style)
            case int() | float():
                sheet.write_number(row, place, cell, style)
            case _ if column.kind == "blank":
                sheet.write_blank(row, place, None, self._blank)
            case _:
                _string(sheet, row, place, cell_text(cell, column), self._text)

    # The chart ------------------------------------------------------------------------------------

    def _curves(self, curves: Sequence[Curve]) -> None:
        """Draw a chart of each curve, one below the other, and write its points beside them."""
        sheet = self._sheet(_("Answers over time"))
        place = _CHART_COLUMNS
        for number, curve in enumerate(curves):
            chart = self._workbook.add_chart({"type": "scatter", "subtype": "straight"})
            # Names are taken from cells: as a string, one that begins with = would be a formula.
            _string(sheet, 0, place, curve.title, self._head)
            title = [sheet.name, 0, place]
            for which, line in enumerate(curve.lines):
                _string(sheet, 1, place, _("minutes"), self._head)
                _string(sheet, 1, place + 1, line.name, self._head)
                points = list(line.points) if line.is_expected else _steps(line.points)
                for row, (at, count) in enumerate(points, 2):
                    sheet.write_number(row, place, round(at / timedelta(minutes=1), 3))
                    share = self._numbers["rate"]
                    sheet.write_number(row, place + 1, round(count / line.of, 5), share)
                last = len(points) + 1
                chart.add_series(
                    {
                        "name": [sheet.name, 1, place + 1],
                        "categories": [sheet.name, 2, place, last, place],
                        "values": [sheet.name, 2, place + 1, last, place + 1],
                        "line": {
                            "width": 2,
                            "color": "#5B6570" if line.is_expected else "#1B1F24",
                            "dash_type": "round_dot"
                            if line.is_expected
                            else _DASHES[which % len(_DASHES)],
                        },
                        "marker": {"type": "none"},
                    }
                )
                place += 2
            chart.set_title({"name": title, "name_font": {"size": 11}})
            minutes = curve.until / timedelta(minutes=1)
            chart.set_x_axis({"name": _("minutes from the release"), "min": 0, "max": minutes})
            chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%"})
            chart.set_legend({"position": "bottom"})
            chart.set_size({"width": 760, "height": 340})
            sheet.insert_chart(2 + 18 * number, 0, chart)
        sheet.freeze_panes(2, 0)
        sheet.print_area(0, 0, 2 + 18 * len(curves), _CHART_COLUMNS - 1)
        _print_on_a4(sheet, landscape=False)

    def _sheet(self, title: str) -> "Worksheet":
        """Add a sheet; Excel takes short names, without some signs, each once in any case."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", clean(title).replace("\n", " ")).strip() or "-"
        name, number = plain[:_NAME_MAX], 1
        while name.lower() in self._names:
            number += 1
            tail = f" {number}"
            name = plain[: _NAME_MAX - len(tail)] + tail
        self._names.add(name.lower())
        return self._workbook.add_worksheet(name)


_DASHES = ("solid", "dash", "square_dot", "dash_dot")
_OVERVIEW_WIDTH = 90
_CHART_COLUMNS = 13
"""Columns that the charts cover; what they draw stands to the right of them."""


def _lines(text: str) -> int:
    """Return how many lines a text takes in the overview: not every program finds out itself."""
    return sum(max(-(-width(line) // _OVERVIEW_WIDTH), 1) for line in text.split("\n"))


def _string(sheet: "Worksheet", row: int, place: int, text: str, style: "Format") -> None:
    """Write text as text; no line of it is longer than Excel takes."""
    sheet.write_string(row, place, _cleaned(text), style)


@lru_cache(maxsize=1 << 14)
def _cleaned(text: str) -> str:
    return clean(text, limit=_CELL_MAX)


def _steps(points: Sequence[tuple[timedelta, float]]) -> list[tuple[timedelta, float]]:
    """Return the corners of the staircase through `points`."""
    corners = [points[0]]
    for at, count in points[1:]:
        corners += [(at, corners[-1][1]), (at, count)]
    return corners


def _column_width(table: Table, place: int, column: Column) -> int:
    cells = (cell_text(row[place], column) for row in table.rows[:_ROWS_MEASURED])
    # A heading may break; what stands below it should not.
    longest = max([min(width(column.name), 12), *(width(text) for text in cells)])
    if column.kind == "blank":
        longest = max(longest, 14)
    return min(max(longest + 2, _WIDTH_MIN), _WIDTH_MAX)


def _print_on_a4(sheet: "Worksheet", *, landscape: bool) -> None:
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
