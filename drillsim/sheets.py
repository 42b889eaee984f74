"""Workbooks from strangers (xlsx, xlsm), read within limits; and how ours are written.

The reader, calamine, is quick and strict, but it lays out every sheet as a full rectangle: one cell
at XFD1048576 asks for more memory than any machine has, and a few kilobytes of deflate grow to
gigabytes. So a workbook is unpacked here within limits, its sheets are walked by a parser that only
counts, and the reader gets a copy that holds nothing else. Formulas are never worked out: what a
cell was last seen to show is what is read.
"""

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias
from xml.parsers import expat

from drillsim.i18n import _

Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta

AS_TEXT: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
"""How our own are written: text stays text, and never becomes a formula, a number or a link."""

PACKED_BYTES_MAX: Final = 8_000_000
UNPACKED_BYTES_MAX: Final = 40_000_000
ENTRIES_MAX: Final = 400
SHEETS_MAX: Final = 50
ROWS_MAX: Final = 20_000
COLUMNS_MAX: Final = 256

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/_rels/workbook\.xml\.rels|xl/workbook\.xml"
    r"|xl/sharedStrings\.xml|xl/styles\.xml|xl/worksheets/[\w.-]{1,100}\.xml",
    re.IGNORECASE,
)
"""What the values of cells are made of; pictures, macros and links to elsewhere stay behind."""
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class UnreadableSheetError(ValueError):
    """A workbook that cannot be read, or must not be; says why, in users' words."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows from the first to the last that holds anything, all equally long."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]


def read_workbook(data: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of a workbook; an empty cell is "".

    Raises:
        UnreadableSheetError: it is damaged, locked by a password, of an older kind, or beyond the
            limits of this module.
    """
    safe = safe_copy(data)
    from python_calamine import CalamineWorkbook

    with faults_named():
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(safe))
        names = workbook.sheet_names[:SHEETS_MAX]
        return tuple(
            Sheet(name, tuple(map(tuple, workbook.get_sheet_by_name(name).to_python())))
            for name in names
        )


@contextlib.contextmanager
def faults_named() -> Iterator[None]:
    """Run a block that reads a workbook through calamine, of a `safe_copy`.

    Raises:
        UnreadableSheetError: for whatever the reader stumbles on.
    """
    import python_calamine as calamine

    try:
        yield
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableSheetError(_("it is no readable workbook")) from error
    except BaseException as error:
        # A fault inside the reader (written in Rust) comes as an exception of its own kind, which
        # is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableSheetError(_("it is no readable workbook")) from error


def text_of(cell: Cell) -> str:
    """Return what a cell shows, as a person would type it: 3.0 is 3, a moment is ISO."""
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            at_midnight = cell.time() == time(0)
            return cell.date().isoformat() if at_midnight else cell.isoformat(timespec="minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat(timespec="minutes")
        case timedelta():
            minutes = round(cell.total_seconds() / 60)
            return f"{minutes // 60}:{minutes % 60:02}"
        case _:
            return str(cell)


def safe_copy(data: bytes) -> bytes:
    """Return a copy of the workbook, uncompressed, with only the parts that hold cells.

    Raises:
        UnreadableSheetError: it is damaged, locked by a password, of an older kind, or beyond the
            limits of this module.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableSheetError(
            _("it is locked by a password, or of Excel 2003 or older; save it as .xlsx")
        )
    if len(data) > PACKED_BYTES_MAX:
        raise UnreadableSheetError(_("it is too large"))
    left = UNPACKED_BYTES_MAX
    copy = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as packed,
            zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as plain,
        ):
            entries = packed.infolist()
            if len(entries) > ENTRIES_MAX:
                raise UnreadableSheetError(_("it is too large"))
            seen: set[str] = set()
            for entry in entries:
                name = entry.filename.replace("\\", "/")
                if not _PARTS.fullmatch(name) or name.lower() in seen:
                    continue
                seen.add(name.lower())
                with packed.open(entry) as part:
                    content = part.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise UnreadableSheetError(_("it is too large"))
                _look_through(content, is_sheet=name.lower().startswith("xl/worksheets/"))
                plain.writestr(zipfile.ZipInfo(name), content)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        if isinstance(error, UnreadableSheetError):
            raise
        raise UnreadableSheetError(_("it is no readable workbook")) from error
    return copy.getvalue()


class _Counter:
    """Walks a part and stops where it would grow beyond the limits."""

    def __init__(self, *, is_sheet: bool) -> None:
        self._is_sheet = is_sheet
        self._row = 0
        self._column = 0

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of a row or a cell, at the place that it claims or the next one."""
        if not self._is_sheet:
            return
        kind = name.rpartition(":")[2]
        if kind == "row":
            claimed = attributes.get("r", "")
            self._row = int(claimed) if claimed.isdecimal() and len(claimed) < 9 else self._row + 1
            self._column = 0
        elif kind == "c":
            place = _REFERENCE.fullmatch(attributes.get("r", ""))
            if place is not None:
                self._column = _column_number(place[1])
                self._row = int(place[2])
            elif attributes.get("r"):
                raise UnreadableSheetError(_("it is no readable workbook"))
            else:
                self._column += 1
        if self._row > ROWS_MAX or self._column > COLUMNS_MAX:
            raise UnreadableSheetError(
                _("it has cells beyond row {rows} or column {columns}").format(
                    rows=ROWS_MAX, columns=COLUMNS_MAX
                )
            )

    def declares(self, version: str, encoding: str | None, standalone: int) -> None:
        """Stop at another encoding: the reader and this walk must see the same letters."""
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise UnreadableSheetError(_("it is no readable workbook"))

    def refuses(self, *what: object) -> None:
        """Stop at a document type: no workbook has one, and entities in it can grow."""
        raise UnreadableSheetError(_("it is no readable workbook"))


def _look_through(content: bytes, *, is_sheet: bool) -> None:
    """Walk one part.

    Raises:
        UnreadableSheetError: it is no XML in UTF-8, or beyond the limits.
    """
    counter = _Counter(is_sheet=is_sheet)
    parser = expat.ParserCreate("utf-8")
    parser.XmlDeclHandler = counter.declares
    parser.StartElementHandler = counter.begins
    parser.StartDoctypeDeclHandler = counter.refuses
    if b"\x00" in content:  # UTF-16, by its byte order mark.
        counter.refuses()
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableSheetError(_("it is no readable workbook")) from error


def _column_number(letters: str) -> int:
    """Return the number of a column, from 1: AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
