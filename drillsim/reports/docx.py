"""The report as a Word document (docx), in which offices go on writing.

The body of the report is read through: sentences, pictures and short tables in the order of the
view. Wide and long tables, and what is attached, follow as annexed tables across the page; where
they would stand, their number is named.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from drillsim.i18n import _
from drillsim.reports.cells import RIGHT, cell_text
from drillsim.reports.charts import description, picture_pngs
from drillsim.reports.html import FOLD_FROM, redaction_words
from drillsim.reports.view import Block, Heading, ReportView, Row, Section, Table, Text
from drillsim.reports.word import WordPaper
from drillsim.reports.wording import number_words

_COLUMNS_MAX: Final = 8
_ROWS_MAX: Final = 25
"""Of a table within the body of the report."""
_ROWS_FEW: Final = 100
"""Rows that are printed of a table that is too long to be printed."""
_SCALE: Final = 1.5
"""Of pictures: some 240 dots to the inch, as offices print."""


def as_docx(view: ReportView) -> bytes:
    """Return the report."""
    return _Report(view).written()


class _Report:
    def __init__(self, view: ReportView) -> None:
        self._view = view
        self._annexed: list[Table] = []
        self._paper = WordPaper(
            view.language, f"{view.kind} {view.title}", foot=view.foot, mark=redaction_words(view)
        )

    def written(self) -> bytes:
        view, paper = self._view, self._paper
        paper.title(view.title, view.kind)
        for sentence in view.headline:
            paper.text(sentence)
        if view.figures:
            labels = [figure.label for figure in view.figures]
            values = ["\n".join(filter(None, (f.value, f.note))) for f in view.figures]
            paper.table(labels, [values], shares=[1] * len(labels))
        for number, section in enumerate(view.filled, 1):
            self._section(number, section)
        if self._annexed:
            paper.turn()
            for number, table in enumerate(self._annexed, 1):
                paper.heading(_annex(number, table), 2)
                self._rows(table)
        return paper.as_bytes()

    def _section(self, number: int, section: Section) -> None:
        mark = f"{number_words(number)}　" if self._view.language == "ja" else f"{number}. "
        self._paper.heading(f"{mark}{section.heading}")
        for block in section.blocks:
            self._block(block, is_attached=section.id == "attachments")

    def _block(self, block: Block, *, is_attached: bool) -> None:
        paper = self._paper
        if isinstance(block, Text):
            write = {
                "sentence": paper.text,
                "item": paper.item,
                # What is attached are mails, whose lines stand as they were sent.
                "prose": paper.letter if is_attached else paper.prose,
                "remark": paper.remark,
            }
            write[block.style](block.text)
        elif isinstance(block, Heading):
            paper.heading(block.text, 2)
        elif isinstance(block, Table):
            if block.rows:
                self._table(block)
        else:
            paper.caption(block.title)
            for png in picture_pngs(block, scale=_SCALE):
                paper.picture(png, description(block))

    def _table(self, table: Table) -> None:
        if len(table.columns) > _COLUMNS_MAX or len(table.rows) > _ROWS_MAX:
            self._annexed.append(table)
            title = _annex(len(self._annexed), table)
            self._paper.remark(_("See {table} at the end.").format(table=title))
            return
        if table.title:
            self._paper.caption(table.title)
        self._rows(table)

    def _rows(self, table: Table) -> None:
        names = [column.name for column in table.columns]
        right = [n for n, column in enumerate(table.columns) if column.kind in RIGHT]
        most = len(table.rows) if len(table.rows) <= FOLD_FROM else _ROWS_FEW
        for heading, rows in _groups(table, most):
            if heading:
                self._paper.caption(heading)
            cells = (
                [cell_text(cell, column) for cell, column in zip(row, table.columns, strict=True)]
                for row in rows
            )
            self._paper.table(names if any(names) else (), cells, right=right)
        if table.note:
            self._paper.remark(table.note)
        if len(table.rows) > most:
            said = _("{n} further rows are in the spreadsheet.")
            self._paper.remark(said.format(n=len(table.rows) - most))


def _annex(number: int, table: Table) -> str:
    return _("Table {n}: {title}").format(n=number_words(number), title=table.title)


def _groups(table: Table, most: int) -> Iterator[tuple[str, Sequence[Row]]]:
    """Yield the first rows of a table, at most so many, by its groups."""
    begin = 0
    for heading, count in table.groups or (("", len(table.rows)),):
        rows = table.rows[begin : min(begin + count, most)]
        if rows:
            yield heading, rows
        begin += count
