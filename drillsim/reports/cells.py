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
            # `strftime` costs five times as much, and a national drill has 20,000 of them.
            time = f"{cell.hour:02}:{cell.minute:02}:{cell.second:02}"
            return time if column.kind == "time" else f"{cell.date().isoformat()} {time}"
        case timedelta():
            return clock(cell)
        case float():
            return f"{cell:.2f}".rstrip("0").rstrip(".")
        case _:
            return str(cell)
