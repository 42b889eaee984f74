"""Cells: what they are made of, and as text, the same in every format that writes text."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.wording import node_name
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


def body(exercise: Exercise, node: NodeId) -> Body:
    """Return the cell that names a body."""
    return Body(node, node_name(exercise, node))


def when(exercise: Exercise, at: timedelta | None) -> datetime | None:
    """Return the time of day of `at`, or nothing."""
    return None if at is None else exercise.when(at)


def numbers(because: Sequence[int]) -> str:
    """Return the numbers of events, as the journal counts them."""
    return " ".join(map(str, because))
