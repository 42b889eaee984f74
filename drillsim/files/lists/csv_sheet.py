"""CSV as it comes from offices: UTF-8 with or without a mark, CP932, UTF-16 from Excel, EUC-JP."""

import csv
import io
import re
from typing import Final

from drillsim.files.lists.sheet import COLUMNS_MAX, ROWS_MAX, Sheet, text_cell, too_large
from drillsim.files.yaml_reader import UnreadableError
from drillsim.i18n import _
from drillsim.problem import Problem, ProblemsError

_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 (BOM)"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_DELIMITERS: Final = (",", "\t", ";")


def read_csv(data: bytes, name: str) -> Sheet:
    """Return the table in `data`.

    Raises:
        UnreadableError: its bytes are in none of the encodings above.
        ProblemsError: a quotation mark is not closed, or it is too large.
    """
    text, encoding = _decoded(data, name)
    delimiter = _delimiter(text)
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            if number > ROWS_MAX:
                raise ProblemsError([too_large(name, _("rows"), ROWS_MAX)])
            if len(row) > COLUMNS_MAX:
                raise ProblemsError([too_large(name, _("columns"), COLUMNS_MAX)])
            rows.append(tuple(text_cell(raw) for raw in row))
    except csv.Error:
        problem = Problem(
            name,
            len(rows) + 1,
            1,
            _("the quotation marks of row {row} do not fit together").format(row=len(rows) + 1),
            _('close them, and write " inside a cell as ""'),
        )
        raise ProblemsError([problem]) from None
    return Sheet(name, tuple(rows), read_as=encoding)


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    for mark, codec, shown in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(codec), shown
            except UnicodeDecodeError as error:
                raise _undecodable(data, error.start, name, shown) from None
    if b"\x1b$" in data:
        candidates = [("iso2022_jp_ext", "ISO-2022-JP")]
    else:
        candidates = [("utf-8", "UTF-8"), ("cp932", "CP932 (Shift_JIS)"), ("euc_jp", "EUC-JP")]
    fault: tuple[int, str] = (-1, "")
    fitting = []
    for codec, shown in candidates:
        try:
            fitting.append((data.decode(codec), shown))
        except UnicodeDecodeError as error:
            fault = max(fault, (error.start, shown))
    if not fitting:
        raise _undecodable(data, *fault, name=name)
    if fitting[0][1] == "UTF-8":
        return fitting[0]
    # EUC-JP passes for CP932 that is half-width kana from end to end.
    return min(fitting, key=lambda found: len(_HALF_KANA.findall(found[0])))


def _undecodable(data: bytes, at: int, shown_as: str, name: str) -> UnreadableError:
    line = data.count(b"\n", 0, at) + 1
    message = _("row {row} holds bytes that are no text in {encoding}").format(
        row=line, encoding=shown_as
    )
    remedy = _("save the list anew as CSV UTF-8, or as an Excel workbook")
    return UnreadableError([Problem(name, line, 1, message, remedy)])


def _delimiter(text: str) -> str:
    """Return what stands between the cells: what the first lines hold most of, outside quotes."""
    head = text[:20_000].splitlines()[:20]
    bare = ["".join(line.split('"')[::2]) for line in head]
    counts = {mark: sum(line.count(mark) for line in bare) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: counts[mark])
