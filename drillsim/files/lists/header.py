"""Where the heading of a list is, and which column means what.

Lists begin with a title, a date, a blank line; headings stand in one row or in two, the upper of
which is merged over several columns (通常業務時 above 電話 and メール). The row, or the pair of
rows, with the most known headings is taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from drillsim.files.lists.mapping import (
    BODY_FIELDS,
    OFFICER_FIELDS,
    FieldName,
    HeadingMap,
    Meaning,
    folded_heading,
)
from drillsim.files.lists.sheet import Sheet, letters
from drillsim.i18n import _
from drillsim.problem import ProblemsError
from drillsim.text import clean_line

_ROWS_SEARCHED: Final = 40
_KNOWN_MIN: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading as it stands, the field, and whose it is."""

    number: int
    heading: str
    field: FieldName | None
    """None where it is not taken."""
    officer: int = 0
    """Which officer of the row, from 1; 0 where it is about the body."""
    group: str = ""
    """The heading above it, or before its own: 責任者."""
    is_known: bool = True
    """False for a heading that stands in no mapping file."""

    @property
    def name(self) -> str:
        """What the column is called in messages: its letter and its heading."""
        return clean_line(f"{letters(self.number)} {self.heading}")


@dataclass(frozen=True, slots=True)
class Header:
    """The heading of a list."""

    first: int
    last: int
    """Its rows, from 1; the entries begin below `last`."""
    columns: tuple[Column, ...]

    @property
    def fields(self) -> frozenset[FieldName]:
        """The fields that the list has a column for."""
        return frozenset(column.field for column in self.columns if column.field is not None)

    @property
    def officers(self) -> int:
        """How many officers a row has room for."""
        return max((column.officer for column in self.columns), default=0)


def find_header(sheet: Sheet, headings: HeadingMap) -> Header:
    """Return the heading of a list.

    Raises:
        ProblemsError: there is none in its first rows.
    """
    best: tuple[int, int, Header] | None = None
    for row in range(1, min(len(sheet.rows), _ROWS_SEARCHED) + 1):
        for depth in (1, 2):
            if row + depth - 1 > len(sheet.rows):
                continue
            header = _header(sheet, row, depth, headings)
            known = sum(column.is_known for column in header.columns)
            if best is None or (known, -depth) > best[:2]:
                best = (known, -depth, header)
    if best is None or best[0] < _KNOWN_MIN or not _says_who(best[2]):
        message = _("no row with headings such as 団体名, 氏名, メールアドレス was found")
        remedy = _("name the headings of this list in a mapping file: drillsim contacts mapping")
        raise ProblemsError([sheet.problem(1, 1, message, remedy)])
    return best[2]


def _says_who(header: Header) -> bool:
    return bool(header.fields & {"id", "code", "body", "section"})


def _header(sheet: Sheet, row: int, depth: int, headings: HeadingMap) -> Header:
    meanings: list[tuple[int, str, str, Meaning | None]] = []
    for number, heading, group in _headings(sheet, row, depth):
        meanings.append((number, heading, group, headings.meaning(heading, group)))
    return Header(row, row + depth - 1, tuple(_numbered(meanings)))


def _headings(sheet: Sheet, row: int, depth: int) -> Iterator[tuple[int, str, str]]:
    """Yield column, heading and the heading above; columns without one are left out."""
    group, group_ends = "", 0
    spans = {(top, left): right for top, left, _bottom, right in sheet.merged}
    for column in range(1, sheet.width + 1):
        upper = sheet.cell(row, column).text
        if depth == 1:
            if upper:
                yield column, upper, ""
            continue
        lower = sheet.cell(row + 1, column).text
        if upper:
            group = upper
            # Without marks of merging (CSV), a group ends where the next one begins.
            group_ends = spans.get((row, column), column) if sheet.merged else sheet.width
        if lower:
            yield column, lower, group if column <= group_ends else ""
        elif upper:
            yield column, upper, ""


def _numbered(
    meanings: Sequence[tuple[int, str, str, Meaning | None]],
) -> Iterator[Column]:
    """Yield the columns, those of officers with whose they are.

    A number in the heading tells it (氏名２), else the group with a name of its own (責任者), else
    how often the field has come before.
    """
    count: dict[FieldName, int] = {}
    named: dict[str, int] = {}
    taken: set[tuple[FieldName, int]] = set()
    for _number, _heading, _group, meaning in meanings:
        if meaning is not None and meaning.field in ("name", "surname") and meaning.group:
            named.setdefault(meaning.group, len(named) + 1)
    for number, heading, group, meaning in meanings:
        shown = f"{group}／{heading}" if group else heading
        if meaning is None:
            yield Column(number, shown, None, is_known=False)
            continue
        field = meaning.field
        if field is None or field in BODY_FIELDS:
            is_doubled = field is not None and (field, 0) in taken
            if field is not None:
                taken.add((field, 0))
            yield Column(number, shown, None if is_doubled else field, is_known=not is_doubled)
            continue
        count[field] = count.get(field, 0) + 1
        officer = meaning.number or count[field]
        if meaning.number is None and len(named) > 1 and meaning.group in named:
            officer = named[meaning.group]
        if (field, officer) in taken and field not in ("note", "note-with-heading"):
            officer = count[field]
        is_doubled = (field, officer) in taken and field not in ("note", "note-with-heading")
        taken.add((field, officer))
        role = meaning.group if len(named) > 1 and meaning.group in named else ""
        if is_doubled:
            yield Column(number, shown, None, is_known=False)
        else:
            yield Column(number, shown, field, officer, role)


def is_header_again(sheet: Sheet, row: int, header: Header) -> bool:
    """Whether a row repeats the heading, as on every page of a printed list."""
    told = [
        (sheet.cell(header.last, c.number).text, sheet.cell(row, c.number).text)
        for c in header.columns
    ]
    same = [folded_heading(one) == folded_heading(other) for one, other in told if one]
    return len(same) >= _KNOWN_MIN and all(same)


def is_about_officers(fields: frozenset[FieldName]) -> bool:
    """Whether a list names officers at all."""
    return bool(fields & OFFICER_FIELDS - {"order", "verified", "note"})
