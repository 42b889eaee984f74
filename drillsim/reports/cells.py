"""Cells as text, the same in every format that writes text."""

from datetime import datetime, timedelta

from drillsim.evaluation.rate import Rate
from drillsim.reports.view import Body, Cell, Column
from drillsim.reports.wording import clock

RIGHT = frozenset({"count", "rate", "length", "time", "day", "number"})
"""Columns that are set to the right."""


def cell_text(cell: Cell, column: Column) -> str:
    """Return a cell as text: times to the second, lengths as h:mm:ss, rates in per cent."""
    match cell:
        case None:
            return ""
        case Body():
            return cell.name
        case Rate():
            return "" if cell.percent is None else f"{cell.percent:.1f} %"
        case datetime():
            return f"{cell:%H:%M:%S}" if column.kind == "time" else f"{cell:%Y-%m-%d %H:%M:%S}"
        case timedelta():
            return clock(cell)
        case float():
            return f"{cell:.2f}".rstrip("0").rstrip(".")
        case _:
            return str(cell)
