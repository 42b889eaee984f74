"""Excel workbooks (.xlsx, .xlsm) as tables.

Values are what Excel last showed: results of formulas, numbers without a fraction as whole ones.
What it could not tell is kept apart: a formula without a saved result, and #N/A and its like.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from drillsim.files.lists.sheet import EMPTY, Cell, CellKind, Sheet, Span, text_cell
from drillsim.files.yaml_reader import UnreadableError
from drillsim.i18n import _
from drillsim.problem import Problem, UsageError
from drillsim.sheets import UnreadableSheetError, faults_named, safe_copy

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_excel(data: bytes, name: str, sheet: str | None = None) -> Sheet:
    """Return a sheet of a workbook: the one called `sheet`, or the first with something in it.

    Raises:
        UnreadableError: it is no workbook, has a password, or is too large.
        UsageError: it has no sheet of that name.
    """
    try:
        return _read(safe_copy(data), name, sheet)
    except UnreadableSheetError as error:
        what, _semicolon, how = str(error).partition("; ")
        remedy = how or _("open it in Excel and save it anew")
        raise UnreadableError([Problem(name, 1, 1, what, remedy)]) from None


def _read(data: bytes, name: str, sheet: str | None) -> Sheet:
    from python_calamine import CalamineWorkbook

    with faults_named():
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        filled = [each for each in _visible(book) if book.get_sheet_by_name(each).height]
        if sheet is not None and sheet not in book.sheet_names:
            raise UsageError(
                _("no sheet {sheet} in {file}; write one of: {names}").format(
                    sheet=sheet, file=name, names=", ".join(book.sheet_names)
                )
            )
        chosen = sheet if sheet is not None else next(iter(filled), book.sheet_names[0])
        page = book.get_sheet_by_name(chosen)
        odd = _odd_formulas(data, chosen)
        rows = tuple(
            tuple(_cell(value, odd.get((row, column))) for column, value in enumerate(values, 1))
            for row, values in enumerate(page.to_python(skip_empty_area=False), 1)
        )
    return Sheet(
        f"{name}[{chosen}]",
        rows,
        merged=_merged(page),
        read_as="Excel",
        others=tuple(each for each in filled if each != chosen),
    )


def _visible(book: "CalamineWorkbook") -> Iterator[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    for each in book.sheets_metadata:
        if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible:
            yield each.name


def _merged(page: "CalamineSheet") -> tuple[Span, ...]:
    """Return the merged cells, from 1; formats that do not tell have none."""
    return tuple(
        (top + 1, left + 1, bottom + 1, right + 1)
        for (top, left), (bottom, right) in page.merged_cell_ranges or ()
    )


def _cell(value: Any, odd: CellKind | None) -> Cell:
    if odd is not None:
        return Cell("", odd)
    match value:
        case None | "":
            return EMPTY
        case bool():
            return Cell("TRUE" if value else "FALSE")
        case int() | float():
            whole = float(value).is_integer() and abs(value) < 1e15
            return Cell(str(int(value)) if whole else repr(value), "number")
        case datetime():
            day = value.date()
            text = day.isoformat() if value.time() == time() else value.isoformat(" ")
            return Cell(text, "date", day)
        case date():
            return Cell(value.isoformat(), "date", value)
        case time() | timedelta():
            return Cell(str(value))
        case _:
            return text_cell(str(value), is_csv=False)


def _odd_formulas(data: bytes, sheet: str) -> dict[tuple[int, int], CellKind]:
    """Return the cells of an xlsx sheet that hold an error, or a formula without its result.

    The reader of values shows both as empty.
    """
    odd: dict[tuple[int, int], CellKind] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            path = _path_of(archive, sheet)
            if path is None:
                return {}
            with archive.open(path) as stream:
                for _event, element in ElementTree.iterparse(stream):  # noqa: S314 - safe_copy has refused entities
                    if element.tag == f"{_NS}c":
                        place = _place(element.get("r", ""))
                        kind = _kind(element)
                        if place is not None and kind is not None:
                            odd[place] = kind
                    elif element.tag == f"{_NS}row":
                        element.clear()
    except (KeyError, ElementTree.ParseError):
        return odd  # Not written as xlsx is; the reader of values has taken it all the same.
    return odd


def _kind(cell: ElementTree.Element) -> CellKind | None:
    value = cell.findtext(f"{_NS}v") or ""
    if cell.get("t") == "e":
        return "error"
    is_formula = cell.find(f"{_NS}f") is not None
    return "unknown-formula" if is_formula and not value and cell.get("t") != "str" else None


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    if "xl/workbook.xml" not in archive.namelist():
        return None
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - as above
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for each in book.iter(f"{_NS}sheet"):
        if each.get("name") == sheet:
            target = targets.get(each.get(_RELATION), "")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def _place(reference: str) -> tuple[int, int] | None:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column
