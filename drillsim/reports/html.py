"""The report as one page of HTML that needs nothing from outside and prints well on A4."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from drillsim.i18n import _
from drillsim.reports.cells import RIGHT, cell_text
from drillsim.reports.charts import picture_svgs
from drillsim.reports.palette import DARK, FONTS, PAGE, PAPER, variables
from drillsim.reports.view import Block, Heading, ReportView, Row, Section, Table, Text
from drillsim.reports.wording import number_words
from drillsim.text import width

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

FOLD_FROM = 200
"""A table with more rows is folded on the screen; on paper it keeps its first ones."""
ROWS_MAX = 1_000
"""Rows of a table that a page has, so that it stays small; a spreadsheet has them all."""
GROUPED_ROWS_MAX = 6_000
"""The same where they are folded by groups."""
WIDE_FROM = 14
"""A table with more columns is printed on pages of their own, across."""

_SHORT = 16
"""Cells up to which a text is not broken: Japanese would be, between any two letters."""
_ROWS_MEASURED = 500


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block as the template takes it."""

    kind: str
    block: Block
    svgs: tuple[str, ...] = ()
    is_wide: bool = False
    """Printed across: a wide table, and the headings that stand over it."""
    is_named: bool = False
    """A table whose title the heading over it says already."""


def as_html(view: ReportView) -> bytes:
    """Return the page; every text is escaped."""
    page = _template().render(
        view=view,
        sections=[
            (number_words(number), section, _pieces(section))
            for number, section in enumerate(view.filled, 1)
        ],
        rows_of=_rows_of,
        left_out=lambda table: max(len(table.rows) - _most(table), 0),
        right=RIGHT,
        is_folded=lambda table: len(table.rows) > FOLD_FROM,
        groups=_groups,
        css={"paper": variables(PAPER), "dark": variables(DARK), "fonts": FONTS},
        words={
            "contents": _("Contents"),
            "rows": _("{n} rows"),
            "left_out": _("{n} further rows are in the spreadsheet."),
            "folded": _("The rows are folded; open this page on a screen, or see the spreadsheet."),
            "redacted": redaction_words(view),
        },
    )
    return page.encode()


def redaction_words(view: ReportView) -> str:
    """Return what has been taken out of a copy for outsiders; "" for the whole report."""
    return {
        "": "",
        "people": _("Copy for outsiders: without names of persons and contacts."),
        "bodies": _("Copy for outsiders: without names of bodies, persons and contacts."),
    }[view.redaction]


def _pieces(section: Section) -> list[_Piece]:
    pieces: list[_Piece] = []
    for block in section.blocks:
        if isinstance(block, Text):
            pieces.append(_Piece("text", block))
        elif isinstance(block, Heading):
            pieces.append(_Piece("heading", block))
        elif isinstance(block, Table):
            before = pieces[-1] if pieces else None
            is_wide = len(block.columns) > WIDE_FROM
            is_named = before is not None and is_title(before.block, block)
            if is_wide and before is not None and before.kind == "heading":
                pieces[-1] = replace(before, is_wide=True)
            pieces.append(_Piece("table", block, is_wide=is_wide, is_named=is_named))
        else:
            pieces.append(_Piece("picture", block, tuple(picture_svgs(block, PAGE))))
    return pieces


def is_title(before: Block, table: Table) -> bool:
    """Whether the block before a table is a heading that says what its title says."""
    return isinstance(before, Heading) and before.text == table.title


def _groups(table: Table) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield the rows of a table by its groups; all of them below "" where it has none."""
    begin, most = 0, _most(table)
    for heading, count in table.groups or (("", len(table.rows)),):
        yield heading, table.rows[begin : min(begin + count, most)]
        begin += count


def _most(table: Table) -> int:
    return GROUPED_ROWS_MAX if table.groups else ROWS_MAX


def _rows_of(table: Table, rows: Sequence[Row]) -> "Markup":
    """Return table rows; a national report has 140,000 cells, too many for a template's loops."""
    from markupsafe import Markup, escape

    opening = [_opening(table, place) for place in range(len(table.columns))]
    lines = []
    for row in rows:
        cells = (
            f"{begin}{escape(cell_text(cell, column))}</td>"
            for cell, column, begin in zip(row, table.columns, opening, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return Markup("".join(lines))  # noqa: S704 - every cell is escaped above.


def _opening(table: Table, place: int) -> str:
    """Return the tag of a column's cells: figures to the right, short texts on one line."""
    column = table.columns[place]
    if column.kind in RIGHT:
        return "<td class=r>"
    texts = {cell_text(row[place], column) for row in table.rows[:_ROWS_MEASURED]}
    is_short = column.kind != "blank" and all(width(text) <= _SHORT for text in texts)
    return "<td class=n>" if is_short else "<td>"


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("drillsim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
