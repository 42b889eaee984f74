"""A table as it was read from CSV or Excel: cells with their row and column, and nothing lost.

Rows and columns count from 1, as Excel shows them, so that whoever is told of row 12, column C
finds it at once.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from drillsim.i18n import _
from drillsim.problem import Problem, Severity
from drillsim.text import clean_line

BYTES_MAX: Final = 20_000_000
ROWS_MAX: Final = 50_000
COLUMNS_MAX: Final = 200
CELL_LENGTH_MAX: Final = 10_000

CellKind: TypeAlias = Literal["text", "number", "date", "error", "unknown-formula"]
"""`error`: Excel shows #N/A or the like; `unknown-formula`: no result of it was saved."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one cell: its text as people see it, and what kind of value it was."""

    text: str
    kind: CellKind = "text"
    day: date | None = None
    """Set where the cell is a date."""
    widened: bool = False
    """Whether half-width kana were made wide."""
    unseen: bool = False
    """Whether marks that cannot be seen were taken out."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there; a formula without a result is something."""
        return not self.text and self.kind not in ("error", "unknown-formula")


EMPTY: Final = Cell("")

Span: TypeAlias = tuple[int, int, int, int]
"""Merged cells: first row, first column, last row, last column, from 1."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; `name` is the file, with the sheet of an Excel file in brackets."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[Span, ...] = ()
    """Merged cells; all but the first of each are empty in `rows`."""
    read_as: str = ""
    """How the file was read: encoding or format, for the preview."""
    others: tuple[str, ...] = ()
    """Further sheets of the file with something in them, which are not read."""

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at `row` and `column`, both from 1; an empty one beyond the table."""
        if not 1 <= row <= len(self.rows):
            return EMPTY
        cells = self.rows[row - 1]
        return cells[column - 1] if 1 <= column <= len(cells) else EMPTY

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((len(row) for row in self.rows), default=0)

    def problem(
        self, row: int, column: int, message: str, remedy: str, severity: Severity = "error"
    ) -> Problem:
        """Return a problem of one cell, called as Excel calls it: C12."""
        where = f"{letters(column)}{row}"
        return Problem(self.name, row, column, f"{where}: {message}", remedy, severity)


def letters(column: int) -> str:
    """Return what Excel calls a column: 1 is A, 27 is AA."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


_TEXT_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
"""What programs write into CSV so that Excel leaves a number with a leading 0 alone."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\u3164\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_HALF_KANA = re.compile("[\uff61-\uff9f]+")
_FORMULA_START: Final = "=+-@＝＋－＠'\t"


def text_cell(raw: str, *, is_csv: bool = True) -> Cell:
    """Return a cell of text: tidied at its ends, half-width kana made wide, unseen marks out.

    Nothing else is changed: ①㈱髙﨑 stay what they are. In CSV, a quotation mark before the text,
    which tells Excel that it is text, is no part of it; nor are the marks of ="0830".
    """
    text = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    told = _TEXT_FORMULA.fullmatch(text.strip()) if is_csv else None
    if told is not None:
        text = told[1].replace('""', '"')
    seen = _UNSEEN.sub("", text.replace("\t", " "))
    wide = _HALF_KANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), seen)
    lines = [" ".join(re.split(r"[ \u00a0]+", line)).strip() for line in wide.split("\n")]
    tidy = "\n".join(lines).strip()
    if is_csv and tidy.startswith("'") and tidy[1:2] and tidy[1] in f"{_FORMULA_START}0123456789":
        tidy = tidy[1:]
    return Cell(tidy, widened=wide != seen, unseen=seen != text.replace("\t", " "))


def neutral(text: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula; `text_cell` undoes it.

    A quotation mark is put before it, as Excel itself shows that a cell is text.
    """
    return "'" + text if text.lstrip()[:1] in tuple(_FORMULA_START) and text.strip() else text


def empty_line(row: tuple[Cell, ...]) -> bool:
    """Whether nothing stands in a row."""
    return all(cell.is_empty for cell in row)


def too_large(name: str, what: str, limit: int) -> Problem:
    """Return the problem of a table with more of something than is read."""
    return Problem(
        clean_line(name),
        1,
        1,
        _("the list has more than {limit} {what}").format(limit=limit, what=what),
        _("divide it"),
    )
