"""The telephone list of a large prefecture: who is called where, in columns on one sheet.

A sheet that holds all that is known of eighty bodies could not be read. Such a prefecture has its
telephone numbers on one sheet, by day and by night; the rest follows on sheets of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drillsim.drill.tree import Node
from drillsim.text import width

SHEET: Final = (190.0, 276.0)
"""What can be printed on, in mm."""
CELL: Final = 0.182
"""Width of a half-width letter in mm for each point of its size."""
_POINTS: Final = (5.0, 7.5)
"""The smallest type that can be read, and the largest that looks right."""
_POINTS_OF_MANY: Final = 5.5
"""The type where one sheet does not do."""
_LINE_HEIGHT: Final = 0.353 * 1.2
"""Height of a line in mm for each point."""
_ROW_PADDING: Final = 0.35
_COLUMN_PADDING: Final = 1.6
_BETWEEN: Final = 3.0
"""Between two columns of the sheet, in mm."""
_AROUND: Final = 24.0
"""Head, headings and note, in mm."""


@dataclass(frozen=True, slots=True)
class PhoneSheet:
    """One sheet: the bodies of each column, in letters of this size, perhaps below the picture."""

    columns: tuple[tuple[Node, ...], ...]
    points: float
    shares: tuple[float, ...]
    """The width of each column of a table, in per cent."""
    has_picture: bool


def phone_sheets(nodes: Sequence[Node], picture: float) -> tuple[PhoneSheet, ...]:
    """Return the list on one sheet, else on as many as it needs.

    Args:
        nodes: the bodies, in the order of the list.
        picture: how high the picture of the tree is, in mm; it is left out where the list alone
            fills a sheet.
    """
    for high in (picture, 0.0):
        best = max((_sheet(nodes, count, high) for count in (2, 3)), key=lambda each: each.points)
        if best.points >= _POINTS[0]:
            return (best,)
    room = (SHEET[1] - _AROUND) / _height(1, _POINTS_OF_MANY)
    count = math.ceil(sum(map(_lines, nodes)) / (2 * math.floor(room) - 4))
    return tuple(_sheet(part, 2, 0.0) for part in _parts(nodes, count))


def _sheet(nodes: Sequence[Node], count: int, picture: float) -> PhoneSheet:
    columns = _parts(nodes, count)
    cells = _cells(nodes)
    wide = (SHEET[0] - (count - 1) * _BETWEEN) / count - _COLUMN_PADDING * len(cells)
    lines = max(sum(map(_lines, column)) for column in columns)
    left = (SHEET[1] - _AROUND - picture) / lines - _ROW_PADDING
    points = min(wide / (sum(cells) * CELL), left / _LINE_HEIGHT, _POINTS[1])
    points = math.floor(points * 10) / 10
    every = [each * CELL * points + _COLUMN_PADDING for each in cells]
    shares = tuple(round(100 * each / sum(every), 2) for each in every)
    return PhoneSheet(columns, points, shares, has_picture=bool(picture))


def _height(lines: int, points: float) -> float:
    return lines * (points * _LINE_HEIGHT + _ROW_PADDING)


def _lines(node: Node) -> int:
    return max(len(node.officers), 1 + (node.duty_desk is not None))


def _cells(nodes: Sequence[Node]) -> list[float]:
    """Return how many cells each column needs: body, name, telephone, at night."""
    officers = [officer for node in nodes for officer in node.officers]
    desks = [node.duty_desk for node in nodes if node.duty_desk is not None]
    bodies = [1.05 * width(node.name) for node in nodes]
    bodies += [0.9 * width(f"{desk.name or '宿日直'} {desk.phone}") for desk in desks]
    columns: list[list[float]] = [
        bodies,
        [width(officer.name) for officer in officers],
        [width(officer.phone) for officer in officers],
        [width(officer.off_hours.phone) for officer in officers],
    ]
    return [min(max((8, *column)), 32) for column in columns]


def _parts(nodes: Sequence[Node], count: int) -> tuple[tuple[Node, ...], ...]:
    """Return nodes in order, in so many parts of about as many lines."""
    total = sum(map(_lines, nodes))
    parts: list[list[Node]] = [[] for _part in range(count)]
    before = 0
    for node in nodes:
        parts[min(before * count // total, count - 1)].append(node)
        before += _lines(node)
    return tuple(tuple(part) for part in parts if part)
