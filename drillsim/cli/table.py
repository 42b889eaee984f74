"""Tables of plain text: aligned for wide characters, and folded where a terminal is too narrow."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final

from drillsim.text import clean_line, fit, width

_GAP: Final = 2
_INDENT: Final = 4


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    *,
    columns: int | None = None,
) -> Iterator[str]:
    """Yield a table of plain text; columns are as wide as what is in them.

    `right` names the columns (from 0) that are set to the right. A row of one cell is a heading
    over the rows below it, and may be as wide as it is.

    `columns` is the room there is, that of the terminal if None, and without end where there is no
    terminal. Where a row has no room, what is left of it stands on lines of its own below, the same
    for every row: nothing is cut off.
    """
    room = terminal_columns() if columns is None else columns
    cleaned = [[clean_line(cell) for cell in row] for row in [head, *rows]]
    lead = "  " if any(len(row) == 1 for row in rows) else ""
    for row in cleaned[1:]:
        if len(row) > 1:
            row[0] = lead + row[0]
    full = [row for row in cleaned if len(row) == len(head)]
    widths = [max(width(row[n]) for row in full) for n in range(len(head))]
    folds = _folds(widths, room)
    for number, row in enumerate(cleaned):
        if len(row) == 1:
            yield from _broken(row[0], room, 0)
        else:
            yield from _lines(row, widths, folds, right, room)
        if number == 0:
            size = max(_size(widths[first:end]) + _indent(first) for first, end in folds)
            yield "─" * (size if room is None else min(size, room))


def terminal_columns() -> int | None:
    """Return how wide the terminal is; None where what is printed goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _size(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _indent(first: int) -> int:
    return _INDENT if first else 0


def _folds(widths: Sequence[int], room: int | None) -> list[tuple[int, int]]:
    """Return which columns stand on one line: from the first to before the end."""
    starts = [0]
    for place in range(1, len(widths)):
        first = starts[-1]
        if room is not None and _indent(first) + _size(widths[first : place + 1]) > room:
            starts.append(place)
    return list(pairwise([*starts, len(widths)]))


def _lines(
    row: Sequence[str],
    widths: Sequence[int],
    folds: Sequence[tuple[int, int]],
    right: Sequence[int],
    room: int | None,
) -> Iterator[str]:
    for first, end in folds:
        cells = [fit(row[n], widths[n], right=n in right) for n in range(first, end)]
        line = " " * _indent(first) + (" " * _GAP).join(cells)
        if first and not line.strip():
            continue
        yield from _broken(line.rstrip(), room, _INDENT if first else 0)


def _broken(line: str, room: int | None, indent: int) -> Iterator[str]:
    """Yield a line, broken where it is wider than the room by itself."""
    while room is not None and room > indent and width(line) > room:
        ends = accumulate(map(width, line))
        kept = sum(1 for end in ends if end <= room)
        yield line[:kept].rstrip()
        line = " " * indent + line[kept:].lstrip()
    yield line
