"""MSEL (状況付与計画): the columns of a table of injects, as HSEEP has them, and how it is read.

A row is an inject: number, scenario time, event, inject text, means of delivery, responsible
controller, intended player, expected action, objective. Beside these stand columns of our own, so
that a scenario survives the way through a spreadsheet; a MSEL without them is read as well. What
headings and words mean is known in Japanese and English, whichever is in use.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, TypeVar

from drillsim.drill.injects import Objective
from drillsim.drill.tree import NodeKind
from drillsim.files.lists.mapping import folded_heading
from drillsim.files.moments import moment_in
from drillsim.i18n import Language, _
from drillsim.sheets import Cell, read_workbook, text_of
from drillsim.text import clean, clean_line

ColumnName = Literal[
    "number",
    "time",
    "phase",
    "event",
    "subject",
    "text",
    "means",
    "controller",
    "sender",
    "player",
    "expected",
    "objective",
    "remarks",
    "acknowledge",
    "pass-on",
    "pass-on-subject",
    "pass-on-text",
    "report",
    "form",
    "release",
    "id",
]


@dataclass(frozen=True, slots=True)
class MselColumn:
    """A column: its headings, ours first."""

    name: ColumnName
    ja: tuple[str, ...]
    en: tuple[str, ...]
    width: int
    """In letters of a spreadsheet."""

    def heading(self, language: Language) -> str:
        """Return the heading that we write."""
        return (self.ja if language == "ja" else self.en)[0]


COLUMNS: Final = (
    MselColumn("number", ("番号", "No", "付与番号"), ("No.", "Number", "#", "MSEL No."), 6),
    MselColumn(
        "time",
        ("時刻", "想定時刻", "予定時刻", "付与時刻", "日時"),
        ("Scenario time", "Time", "Planned time"),
        17,
    ),
    MselColumn("phase", ("局面", "フェーズ", "段階"), ("Phase",), 16),
    MselColumn("event", ("状況付与", "事象", "出来事", "標題"), ("Event", "Event description"), 18),
    MselColumn("subject", ("件名",), ("Subject",), 30),
    MselColumn(
        "text",
        ("付与内容", "本文", "内容", "状況付与の内容"),
        ("Inject text", "Inject", "Text", "Message"),
        60,
    ),
    MselColumn(
        "means", ("伝達手段", "手段", "付与方法"), ("Means of delivery", "Delivery", "Method"), 12
    ),
    MselColumn(
        "controller",
        ("担当統制者", "統制者", "訓練統制者", "担当"),
        ("Responsible controller", "Controller"),
        14,
    ),
    MselColumn("sender", ("発信者", "付与元", "送信者"), ("Sent by", "From", "Sender"), 22),
    MselColumn(
        "player",
        ("対象", "付与先", "宛先", "対象者", "参加者"),
        ("Intended player", "Player", "To", "Recipient"),
        22,
    ),
    MselColumn(
        "expected",
        ("期待される行動", "期待する行動", "予期される対応", "対応"),
        ("Expected action", "Expected player action", "Expected"),
        40,
    ),
    MselColumn("objective", ("目的", "検証項目", "評価項目"), ("Objective", "Objectives"), 12),
    MselColumn("remarks", ("備考", "摘要"), ("Remarks", "Notes", "Comments"), 24),
    MselColumn("acknowledge", ("受信確認の期限",), ("Acknowledge within",), 10),
    MselColumn("pass-on", ("伝達の期限",), ("Pass on within",), 10),
    MselColumn("pass-on-subject", ("伝達の件名",), ("Subject passed on",), 30),
    MselColumn("pass-on-text", ("伝達の本文",), ("Text passed on",), 60),
    MselColumn("report", ("報告の期限",), ("Report within",), 10),
    MselColumn("form", ("報告の様式",), ("Report form",), 30),
    MselColumn("release", ("付与の別",), ("Release",), 10),
    MselColumn("id", ("識別名",), ("Id",), 18),
)
"""In the order in which they are written: up to the objective HSEEP's, then our own."""

KIND_WORDS: Final[Mapping[NodeKind, tuple[str, ...]]] = {
    "national-center": ("全国センター", "national centre", "national center"),
    "prefecture": ("都道府県", "県", "prefecture"),
    "municipality": ("市区町村", "市町村", "市町", "municipality", "municipalities"),
    "section": ("課・室", "所属", "課", "section"),
    "branch": ("出先機関", "出先", "branch office", "branch"),
    "contractor": ("委託事業者", "事業者", "contractor"),
    "joint-body": ("広域事務組合", "一部事務組合", "joint body"),
}
OBJECTIVE_WORDS: Final[Mapping[Objective, tuple[str, ...]]] = {
    "reach": ("疎通確認", "連絡", "reach"),
    "report": ("状況報告", "報告", "report back", "report"),
    "handle": ("対処", "handle", "handling"),
}
TARGET_WORDS: Final[Mapping[Literal["all", "children", "parent"], tuple[str, ...]]] = {
    "all": ("全団体", "全参加者", "全員", "all bodies", "all players", "all"),
    "children": ("下位の団体", "children"),
    "parent": ("上位の団体", "parent"),
}
CONTINGENCY_WORDS: Final = ("随時", "contingency", "contingent", "必要に応じて")
PLANNED_WORDS: Final = ("予定", "planned")

_Word = TypeVar("_Word", bound=str)

_ROWS_SEARCHED: Final = 30
_KNOWN_MIN: Final = 3
_TEXT_MAX: Final = 30_000


@dataclass(frozen=True, slots=True)
class MselRow:
    """One inject as the table has it."""

    row: int
    """In the sheet, from 1."""
    cells: Mapping[ColumnName, Cell]
    """Those that hold something."""

    def text(self, name: ColumnName) -> str:
        """Return what stands in a column, on one line; "" where there is nothing."""
        return clean_line(text_of(self.cells.get(name, "")))

    def prose(self, name: ColumnName) -> str:
        """Return what stands in a column with its line breaks, without empty lines at its ends."""
        return clean(text_of(self.cells.get(name, "")), limit=_TEXT_MAX).strip("\n").rstrip()

    def moment(self) -> datetime | timedelta | None:
        """Return the scenario time: a date and time, or how long after midnight or StartEx."""
        cell = self.cells.get("time", "")
        if isinstance(cell, datetime):
            return cell
        if isinstance(cell, date):
            return datetime.combine(cell, time())
        if isinstance(cell, time):
            return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
        if isinstance(cell, timedelta):
            return cell
        return moment_in(clean_line(str(cell)))


@dataclass(frozen=True, slots=True)
class Msel:
    """A table of injects."""

    title: str
    """What stands above the table, or "" for nothing."""
    columns: frozenset[ColumnName]
    rows: tuple[MselRow, ...]


class NoMselError(ValueError):
    """A workbook without such a table; says why, in users' words."""


def read_msel(data: bytes) -> Msel:
    """Return the first table of injects in a workbook.

    Raises:
        UnreadableSheetError: it is no workbook that can be read.
        NoMselError: no sheet has such a table, or it is empty.
    """
    for sheet in read_workbook(data):
        for number, row in enumerate(sheet.rows[:_ROWS_SEARCHED]):
            columns = _columns(row)
            if len(columns) >= _KNOWN_MIN:
                above = sheet.rows[:number]
                title = next((text_of(c) for r in above for c in r if text_of(c).strip()), "")
                rows = _rows(sheet.rows[number + 1 :], columns, number + 2)
                if not rows:
                    raise NoMselError(_("the table has no injects"))
                return Msel(clean_line(title, limit=100), frozenset(columns.values()), rows)
    raise NoMselError(
        _("no table of injects was found; its head needs at least three of: {headings}").format(
            headings=", ".join(column.ja[0] for column in COLUMNS[:12])
        )
    )


def _columns(row: Sequence[Cell]) -> dict[int, ColumnName]:
    """Return which columns (from 0) are known; of two with one meaning the first counts."""
    found: dict[int, ColumnName] = {}
    for number, cell in enumerate(row):
        name = _HEADINGS.get(folded_heading(text_of(cell)))
        if name is not None and name not in found.values():
            found[number] = name
    return found


def _rows(
    rows: Sequence[Sequence[Cell]], columns: Mapping[int, ColumnName], first: int
) -> tuple[MselRow, ...]:
    found = []
    for number, row in enumerate(rows, first):
        cells = {name: row[at] for at, name in columns.items() if text_of(row[at]).strip()}
        if cells.keys() - {"number", "time", "phase"}:  # A row of these alone divides the table.
            found.append(MselRow(number, cells))
    return tuple(found)


_HEADINGS: Final[Mapping[str, ColumnName]] = {
    folded_heading(word): column.name for column in COLUMNS for word in (*column.ja, *column.en)
}


def meaning(text: str, words: Mapping[_Word, Sequence[str]]) -> _Word | None:
    """Return what `text` means by a table of words, or None."""
    folded = folded_heading(text)
    for key, each in words.items():
        if folded == folded_heading(key) or folded in map(folded_heading, each):
            return key
    return None
