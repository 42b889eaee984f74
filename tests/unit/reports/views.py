"""Views for tests of the formats: small ones made by hand, and those of real drills."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from drillsim.drill.tree import NodeId
from drillsim.evaluation.rate import Rate
from drillsim.reports.view import (
    Bar,
    Body,
    Cell,
    Column,
    ColumnKind,
    Curve,
    CurveLine,
    Figure,
    Gantt,
    Heading,
    Lane,
    ReportView,
    Section,
    Table,
    Text,
    TreeNode,
    TreePicture,
)

MINUTE = timedelta(minutes=1)


def small_view(name: str, *cells: tuple[Cell, ColumnKind]) -> ReportView:
    """Return a view in which every text is `name`, with a table of these cells."""
    columns = tuple(Column(name, kind) for _cell, kind in cells)
    table = Table(
        id="table",
        title=name,
        columns=(Column(name), Column(name, "body"), *columns),
        rows=((name, Body(NodeId("n1"), name), *(cell for cell, _kind in cells)),),
        note=name,
    )
    return ReportView(
        kind=name,
        title=name,
        language="ja",
        headline=(name,),
        figures=(Figure(name, name, name),),
        sections=(
            Section("purpose", name, (Text(text=name, style="prose"),)),
            Section("results", name, (Heading(text=name), table, *pictures(name))),
            Section("comparison", name),
        ),
        foot=name,
        data={"score": 80.0},
    )


def pictures(name: str) -> Sequence[TreePicture | Curve | Gantt]:
    """Return one picture of each kind, in which every text is `name`."""
    leaf = TreeNode(node=NodeId("n1"), name=name, result="late", after=MINUTE, is_critical=True)
    box = TreeNode(
        node=None, name=name, result="missed", after=None, counts=(("in-time", 3), ("missed", 1))
    )
    root = TreeNode(node=NodeId("n"), name=name, result="apart", after=None, below=(leaf, box))
    line = CurveLine(name=name, of=2, points=((timedelta(), 0), (MINUTE, 1), (2 * MINUTE, 1)))
    bars = (
        Bar(kind="waiting", begin=timedelta(), end=MINUTE),
        Bar(kind="handling", begin=MINUTE, end=2 * MINUTE, is_open=True),
    )
    lane = Lane(node=NodeId("n1"), name=name, result="late", bars=bars, is_critical=True)
    return (
        TreePicture(title=name, root=root),
        Curve(title=name, lines=(line,), until=2 * MINUTE),
        Gantt(title=name, lanes=(lane,), until=2 * MINUTE, note=name),
    )


CELLS: tuple[tuple[Cell, ColumnKind], ...] = (
    (17, "count"),
    (Rate(17, 19), "rate"),
    (timedelta(hours=26, minutes=2, seconds=3), "length"),
    (datetime(2026, 10, 14, 10, 5, 9, tzinfo=UTC), "time"),
    (datetime(2026, 10, 14, 10, 5, 9, tzinfo=UTC), "day"),
    (79.96, "number"),
    (None, "count"),
)
"""One cell of each type."""
