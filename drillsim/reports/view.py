"""The report of a drill (訓練実施報告書) as plain data, from which every format is rendered.

A `ReportView` is made by `drillsim.reports.report.report_view`. It holds sections in the order of
official reports; a section holds blocks: sentences, small headings, tables of typed cells, and
pictures as data. A format decides how they look, and nothing else. Texts are clean
(`drillsim.text`) and no markup. A copy for outsiders is made from the view by
`drillsim.reports.redaction`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from drillsim.drill.tree import NodeId
from drillsim.evaluation.rate import Rate
from drillsim.i18n import Language

SectionId = Literal[
    "purpose",
    "when",
    "participants",
    "story",
    "method",
    "results",
    "rating",
    "comparison",
    "issues",
    "plan",
    "attachments",
]
"""目的、実施日時、対象、想定、方法、結果、評価、前年度との比較、課題、改善計画、添付."""


@dataclass(frozen=True, slots=True)
class Body:
    """A cell that names a body of the tree."""

    node: NodeId
    name: str


Cell: TypeAlias = str | int | float | timedelta | datetime | Rate | Body | None
"""None is shown as an empty cell: nothing to count, or not come to pass. A `Rate` is shown as its
percentage; the counts behind it stand in columns of their own. `datetime` has the drill's zone."""

ColumnKind = Literal[
    "text", "body", "count", "rate", "length", "time", "day", "number", "blank", "events"
]
"""What a column holds. `length` is a stretch of time, `time` a time of day of the drill (a
`datetime` cell), `day` the same with its date, `number` anything else with decimals, `blank` is
left for somebody to fill in, `events` are numbers of events in the journal."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: ColumnKind = "text"
    is_private: bool = False
    """Left out of a copy for outsiders, since it holds what people wrote."""


Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: every row is as long as `columns`."""

    id: str
    """A word that stays the same in every language, such as `tiers`."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    """What to know to read it."""
    groups: tuple[tuple[str, int], ...] = ()
    """Of a long table: headings, and how many of the rows stand below each, in order. A page may
    fold them; empty for a table that is read as a whole."""
    is_in_tree_order: bool = False
    """Whether the order of its rows follows from the tree, and so tells which body is which."""
    is_private: bool = False
    """Left out of a copy for outsiders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A sentence or more; a line feed begins a new line."""

    text: str
    style: Literal["sentence", "item", "prose", "remark"] = "sentence"
    """`item`: one of a list. `prose`: written by the authors of the scenario, shown as it is.
    `remark`: small, beside the matter."""
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading within a section; what follows belongs to it up to the next one."""

    text: str
    is_private: bool = False
    """With all that belongs to it."""


Result = Literal["in-time", "late", "other-channel", "missed", "not-charged", "open", "apart"]
"""How a body did, as the tree picture colours it. `other-channel`: in time, by telephone, FAX or
visit. `not-charged`: missed, and nobody is charged for it. `apart`: not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """A body in the tree picture, or many of them in one box."""

    node: NodeId | None
    """None for a box of many."""
    name: str
    result: Result
    after: timedelta | None
    """From the release of the message to the answer; of a box, to its last one."""
    counts: tuple[tuple[Result, int], ...] = ()
    """Of a box: how many of each result."""
    is_critical: bool = False
    below: tuple["TreeNode", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreePicture:
    """How far one message came, drawn on the contact tree."""

    title: str
    root: TreeNode


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLine:
    """One line of a curve: how many had answered by when. It begins at (0, 0)."""

    name: str
    of: int
    """The denominator."""
    points: tuple[tuple[timedelta, float], ...]
    """Times from the release, rising, each with the count from then on; the last one at the end.
    What is expected is no whole number, and rises evenly between its points."""
    is_expected: bool = False
    """Not measured, but what a preset or a forecast expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The answer curve of one message, in per cent of each line's denominator."""

    title: str
    lines: tuple[CurveLine, ...]
    until: timedelta
    """Where the axis ends."""
    due: timedelta | None = None
    """A limit to be marked, from the release."""


BarKind = Literal["transit", "waiting", "handling", "reporting", "spread"]
"""`spread`: from the first to the last answer of many bodies in one lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of a lane, counted from the release."""

    kind: BarKind
    begin: timedelta
    end: timedelta
    is_open: bool = False
    """It had not come to its end when the drill did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One body in the Gantt picture, or many of them in one lane."""

    node: NodeId | None
    name: str
    result: Result
    bars: tuple[Bar, ...]
    depth: int = 0
    """How far below the first hop."""
    is_critical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gantt:
    """Where the time went, lane by lane, for one message."""

    title: str
    lanes: tuple[Lane, ...]
    until: timedelta
    critical: tuple[tuple[NodeId, timedelta, timedelta], ...] = ()
    """The critical path: stretches at a body, from the release, without gaps."""
    note: str = ""


Picture: TypeAlias = Curve | TreePicture | Gantt
Block: TypeAlias = Text | Heading | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of the report; one without blocks is left out."""

    id: SectionId
    heading: str
    blocks: tuple[Block, ...] = ()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the section."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The texts of the section."""
        return tuple(block.text for block in self.blocks if isinstance(block, Text))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure for the head of the report, such as 受信確認率 95.0 %."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """All that a report says."""

    kind: str
    """What the document is: 訓練実施報告書."""
    title: str
    """The title of the drill."""
    language: Language
    headline: tuple[str, ...]
    """What happened, in a sentence for each message."""
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    foot: str
    """Which drill, and the head of its journal: for the foot of a page."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The summary, as `--json` gives it."""
    redaction: Literal["", "people", "bodies"] = ""
    """What has been taken out for outsiders: people, or the names of bodies too."""

    @property
    def filled(self) -> tuple[Section, ...]:
        """The sections that say something, as they are numbered."""
        return tuple(section for section in self.sections if section.blocks)

    @property
    def tables(self) -> Iterator[Table]:
        """All tables, in order."""
        return (table for section in self.sections for table in section.tables)

    def section(self, wanted: SectionId) -> Section:
        """Return the section of this id."""
        return next(section for section in self.sections if section.id == wanted)

    def table(self, wanted: str) -> Table | None:
        """Return the table of this id, or None where the report has none."""
        return next((table for table in self.tables if table.id == wanted), None)

    def with_blocks(self, wanted: SectionId, blocks: Iterable[Block]) -> "ReportView":
        """Return the report with `blocks` at the end of a section."""
        sections = tuple(
            replace(section, blocks=(*section.blocks, *blocks)) if section.id == wanted else section
            for section in self.sections
        )
        return replace(self, sections=sections)
