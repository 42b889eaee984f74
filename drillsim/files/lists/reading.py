"""A list from a file, whatever kind of table it is; by its bytes, not by its name."""

from pathlib import Path

from drillsim.files.lists.csv_sheet import read_csv
from drillsim.files.lists.excel_sheet import read_excel
from drillsim.files.lists.sheet import BYTES_MAX, Sheet
from drillsim.files.yaml_reader import UnreadableError, read_bytes
from drillsim.i18n import _
from drillsim.problem import Problem, UsageError

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_list(path: Path, name: str, sheet: str | None = None) -> Sheet:
    """Return the table in the file at `path`; problems call it `name`.

    Raises:
        UnreadableError: it cannot be had, or is no table.
        UsageError: there is no sheet of that name.
        ProblemsError: it is broken or too large.
    """
    return read_list_data(read_bytes(path, name, limit=BYTES_MAX), name, sheet)


def read_list_data(data: bytes, name: str, sheet: str | None = None) -> Sheet:
    """Return the table in `data`; raises as `read_list`."""
    if data.startswith((b"PK\x03\x04", _OLD_EXCEL)):
        return read_excel(data, name, sheet)
    if sheet is not None:
        raise UsageError(_("{file} is no Excel workbook and has no sheets").format(file=name))
    if not data.strip():
        raise UnreadableError([Problem(name, 1, 1, _("the list is empty"), "")])
    if data.startswith(b"%PDF"):
        raise UnreadableError(
            [
                Problem(
                    name, 1, 1, _("this is a PDF, not a table"), _("import the CSV or Excel file")
                )
            ]
        )
    return read_csv(data, name)
