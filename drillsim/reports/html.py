"""The report as one page of HTML that needs nothing from outside and prints well on A4."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from drillsim.i18n import _
from drillsim.reports.cells import RIGHT, cell_text
from drillsim.reports.charts import description, picture_svgs
from drillsim.reports.palette import DARK, FONTS, PAGE, PAPER, variables
from drillsim.reports.view import Block, Heading, ReportView, Row, Section, Table, Text
from drillsim.reports.wording import section_number

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

FOLD_FROM = 400
"""A table with more rows is folded on the screen; on paper it keeps its first ones."""
ROWS_MAX = 2_500
"""Rows of a table that a page has, so that it stays small; a spreadsheet has them all."""
GROUPED_ROWS_MAX = 6_000
"""The same where they are folded by groups."""
WIDE_FROM = 14
"""A table with more columns is printed on pages of their own, across."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block as the template takes it."""

    kind: str
    block: Block
    svgs: tuple[str, ...] = ()
    words: str = ""


def as_html(view: ReportView) -> bytes:
    """Return the page; every text is escaped."""
    page = _template().render(
        view=view,
        sections=[
            (section_number(number), section, list(_pieces(section, f"p{number}-")))
            for number, section in enumerate(view.filled, 1)
        ],
        rows_of=_rows_of,
        left_out=lambda table: max(len(table.rows) - _most(table), 0),
        right=RIGHT,
        is_wide=lambda table: len(table.columns) > WIDE_FROM,
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


def _pieces(section: Section, prefix: str) -> Iterator[_Piece]:
    for number, block in enumerate(section.blocks):
        if isinstance(block, Text):
            yield _Piece("text", block)
        elif isinstance(block, Heading):
            yield _Piece("heading", block)
        elif isinstance(block, Table):
            yield _Piece("table", block)
        else:
            svgs = tuple(picture_svgs(block, PAGE, f"{prefix}{number}-"))
            yield _Piece("picture", block, svgs, description(block))


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

    opening = ["<td class=r>" if c.kind in RIGHT else "<td>" for c in table.columns]
    lines = []
    for row in rows:
        cells = (
            f"{begin}{escape(cell_text(cell, column))}</td>"
            for cell, column, begin in zip(row, table.columns, opening, strict=True)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>\n")
    return Markup("".join(lines))  # noqa: S704 - every cell is escaped above.


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
