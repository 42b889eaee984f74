"""Results of a drill from before drillsim: a table (Excel, CSV) with a row for each body.

Usual Japanese and English headings are known. A mapping file names others, and what the table does
not say itself: when the message was sent, how long an answer was in time, which words mean what.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ValidationError

from drillsim.drill.durations import Duration
from drillsim.drill.model import Line, Model, one_or_many
from drillsim.evaluation.comparison import BodyYear, Year, folded
from drillsim.files.lists.mapping import folded_heading
from drillsim.files.lists.reading import read_list
from drillsim.files.lists.sheet import Sheet
from drillsim.files.model_faults import model_problems
from drillsim.files.moments import length_in, moment_in
from drillsim.files.msel import KIND_WORDS, meaning
from drillsim.files.yaml_nodes import plain
from drillsim.files.yaml_reader import read_bytes, read_document
from drillsim.i18n import _
from drillsim.problem import Problem, ProblemsError
from drillsim.text import clean_line

Field = Literal["body", "code", "kind", "sent", "acknowledged", "minutes", "result"]
Outcome = Literal["in-time", "late", "missed", "not-charged"]
_Words = Annotated[
    tuple[Line, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])
]

_HEADINGS: Final[Mapping[Field, tuple[str, ...]]] = {
    "body": ("団体名", "団体", "市町村名", "市町名", "市町村", "所属", "所属名", "Body", "Name"),
    "code": ("団体コード", "全国地方公共団体コード", "コード", "Code"),
    "kind": ("区分", "種別", "Kind", "Tier"),
    "sent": ("送信時刻", "送信日時", "発信時刻", "発信日時", "送信", "Sent"),
    "acknowledged": (
        "受信確認時刻",
        "受信確認日時",
        "回答時刻",
        "回答日時",
        "返信時刻",
        "返信日時",
        "受信確認",
        "Acknowledged",
    ),
    "minutes": (
        "応答時間",
        "応答時間(分)",
        "所要時間",
        "所要時間(分)",
        "経過時間",
        "Response time",
        "Minutes",
    ),
    "result": ("結果", "判定", "状況", "Result"),
}
_WORDS: Final[Mapping[Outcome, tuple[str, ...]]] = {
    "in-time": ("○", "◯", "〇", "期限内", "済", "回答", "回答あり", "in time", "yes"),
    "late": ("△", "期限後", "遅延", "遅れ", "late"),
    "missed": ("×", "✕", "未回答", "未確認", "回答なし", "無回答", "なし", "missed", "no"),
    "not-charged": (
        "免除",
        "評価外",
        "減点なし",
        "回答なし(減点なし)",
        "未確認(減点なし)",
        "not charged",
        "excused",
    ),
}
_NO_BODIES: Final = frozenset(
    {"合計", "計", "小計", "平均", "中央値", "total", "average", "median"}
)
_ROWS_SEARCHED: Final = 30


class ResultsMapping(Model):
    """What a table of results means; all of it may be left out."""

    format: Literal["drillsim-results/1"]
    title: Line = ""
    """What the year is called, such as 令和５年度."""
    sheet: Line | None = None
    """Which sheet of a workbook; the first without it."""
    sent: Line = ""
    """When the message was sent to everybody, where the table has no column for it."""
    within: Duration | None = None
    """How long an answer was in time, where the table does not say what was late."""
    columns: dict[Field, _Words] = {}
    """Further headings of columns."""
    words: dict[Outcome, _Words] = {}
    """Further words of the column result."""


def read_mapping(path: Path, name: str) -> ResultsMapping:
    """Return the mapping file at `path`.

    Raises:
        UnreadableError: it cannot be had.
        ProblemsError: it is no such file.
    """
    document = read_document(read_bytes(path, name), name)
    try:
        return ResultsMapping.model_validate(plain(document.root), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, document, ResultsMapping)) from None


def read_year(path: Path, name: str, mapping: ResultsMapping | None = None) -> Year:
    """Return the results in a table.

    Raises:
        UnreadableError, UsageError: it cannot be had, or is no table.
        ProblemsError: a row cannot be read; all such rows are listed.
    """
    given = mapping or ResultsMapping(format="drillsim-results/1")
    sheet = read_list(path, name, given.sheet)
    return _Table(sheet, given, given.title or path.stem).year()


@dataclass(slots=True)
class _Table:
    sheet: Sheet
    mapping: ResultsMapping
    title: str

    def year(self) -> Year:
        head, columns = self._head()
        problems: list[Problem] = []
        bodies: list[BodyYear] = []
        for row in range(head + 1, len(self.sheet.rows) + 1):
            bodies.extend(self._body(row, columns, problems))
        if not bodies and not problems:
            problems.append(self._problem(1, 1, _("the table names no bodies"), ""))
        if problems:
            raise ProblemsError(problems)
        return Year(label=clean_line(self.title), bodies=tuple(bodies))

    def _head(self) -> tuple[int, dict[Field, int]]:
        """Return the row of the headings, and the column of each field, from 1."""
        known = self._headings()
        best: tuple[int, dict[Field, int]] = (0, {})
        for row, cells in enumerate(self.sheet.rows[:_ROWS_SEARCHED], 1):
            found: dict[Field, int] = {}
            for column, cell in enumerate(cells, 1):
                field = known.get(folded_heading(cell.text))
                if field is not None:
                    found.setdefault(field, column)
            if len(found) > len(best[1]):
                best = row, found
        fields = best[1].keys()
        if not fields & {"body", "code"} or not fields & {"acknowledged", "minutes", "result"}:
            raise ProblemsError(
                [
                    self._problem(
                        1,
                        1,
                        _("no headings of results were found"),
                        _(
                            "it needs a column such as 団体名 and one such as 受信確認時刻, "
                            "応答時間 or 結果; a mapping file names others"
                        ),
                    )
                ]
            )
        return best

    def _headings(self) -> dict[str, Field]:
        known = {folded_heading(w): field for field, words in _HEADINGS.items() for w in words}
        own = {
            folded_heading(w): field for field, words in self.mapping.columns.items() for w in words
        }
        return {**known, **own}

    def _body(
        self, row: int, columns: Mapping[Field, int], problems: list[Problem]
    ) -> Iterator[BodyYear]:
        def text(field: Field) -> str:
            return self.sheet.cell(row, columns[field]).text.strip() if field in columns else ""

        name, code = clean_line(text("body")), clean_line(text("code"))
        if not (name or code) or folded(name) in _NO_BODIES:
            return
        delay = self._delay(row, text("sent"), text("acknowledged"), text("minutes"))
        told = [text("result")]
        if delay is None:  # Where a time should be, people write 未回答 as well.
            told += [text("acknowledged"), text("minutes")]
        outcome = self._outcome(told, delay)
        if delay is None and outcome is None:
            outcome = "missed"
            written = text("minutes") or text("acknowledged") or text("result")
            if written and folded(written) not in ("-", "–", "―", "ー", "—"):
                problems.append(
                    self._problem(
                        row,
                        next(columns[f] for f in _ANSWERS if f in columns and text(f)),
                        _("{text} is neither a time nor a known result").format(
                            text=clean_line(written, limit=40)
                        ),
                        _("correct it, or name the word under words: of the mapping file"),
                    )
                )
                return
        has_answered = outcome not in ("missed", "not-charged")
        yield BodyYear(
            code=code,
            name=name or code,
            kind=meaning(text("kind"), KIND_WORDS),
            asked=1,
            acknowledged=int(has_answered),
            late=int(outcome == "late"),
            charged=int(outcome == "missed"),
            not_charged=int(outcome == "not-charged"),
            delay=delay if has_answered else None,
        )

    def _delay(self, row: int, sent: str, acknowledged: str, minutes: str) -> timedelta | None:
        length = length_in(minutes) if minutes else None
        if length is not None:
            return length
        begun, answered = moment_in(sent or self.mapping.sent), moment_in(acknowledged)
        if begun is None or answered is None:
            return None
        if isinstance(begun, datetime) and isinstance(answered, datetime):
            return max(answered - begun, timedelta(0))
        # Of one of them only the time of day is known: they lie on one day.
        return max(_time_of_day(answered) - _time_of_day(begun), timedelta(0))

    def _outcome(self, told: Sequence[str], delay: timedelta | None) -> Outcome | None:
        words = {key: (*_WORDS[key], *self.mapping.words.get(key, ())) for key in _WORDS}
        for text in told:
            outcome = meaning(text, words) if text else None
            if outcome is not None:
                return outcome
        if delay is None:
            return None
        within = self.mapping.within
        return "late" if within is not None and delay > within else "in-time"

    def _problem(self, row: int, column: int, message: str, remedy: str) -> Problem:
        return self.sheet.problem(row, column, message, remedy)


_ANSWERS: Final[Sequence[Field]] = ("minutes", "acknowledged", "result")


def _time_of_day(moment: datetime | timedelta) -> timedelta:
    if isinstance(moment, timedelta):
        return moment
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
