"""A scenario skeleton from a MSEL: all that the table says, and marks where something is missing.

What has to be written in is marked so that `drillsim check` refuses it and names its line: with a
word that is no date, node or file, and in texts with a name that nothing fills. What a MSEL cannot
say (when a phase ends, who stands in after how long) gets a usual value and a remark.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from drillsim.drill.durations import format_duration, parse_period
from drillsim.drill.model import SLUG, Unfit
from drillsim.drill.texts import TEXT_NAMES
from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.msel import (
    CONTINGENCY_WORDS,
    KIND_WORDS,
    OBJECTIVE_WORDS,
    TARGET_WORDS,
    ColumnName,
    Msel,
    MselRow,
    meaning,
)
from drillsim.i18n import _
from drillsim.mail.templates import TemplateFaultError, template
from drillsim.text import clean_line

MARK: Final = "要記入"
"""Stands in a skeleton where something is to be written in; `check` refuses it."""
MARK_IN_TEXT: Final = "{{ 要記入 }}"
"""The same within a text: a name that nothing fills."""

_SPLIT = re.compile(r"\s*[、，,;；\n]\s*")
_JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_BEYOND: Final = timedelta(hours=1)
"""How long after its last inject the drill goes on."""
_HALF_A_DAY: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class _Inject:
    """A row with its id, and when it is sent after the first one (None: by the operator)."""

    id: str
    row: MselRow
    after: timedelta | None
    is_contingency: bool


class Skeleton:
    """Writes the skeleton of one scenario."""

    def __init__(
        self, msel: Msel, scenario_id: str, *, tree: ContactTree | None, contacts: str
    ) -> None:
        """Prepare to write.

        Args:
            msel: the table.
            scenario_id: the id of the scenario.
            tree: the contact tree, by whose names bodies are known; None for none.
            contacts: its path from the scenario's folder; "" for none.
        """
        self._msel = msel
        self._id = scenario_id
        self._tree = tree
        self._contacts = contacts
        self._start, self._injects = _timed(msel)

    def text(self) -> str:
        """Return the file."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield "# yaml-language-server: $schema=../schemas/scenario.schema.json"
        yield "#"
        for said in (
            _("A skeleton made from a MSEL. Write something in wherever {mark} stands, then:"),
            _("drillsim check FILE; what is still missing is listed with its line."),
        ):
            yield f"# {said.format(mark=MARK)}"
        yield "format: drillsim-scenario/1"
        yield f"id: {self._id}"
        yield f"title: {_quoted(self._msel.title or self._id)}"
        kinds = _remark(_("misuse (不正行為) or fault (障害)"))
        yield f"incident: {{kind: {MARK}}}{kinds}"
        yield f"contacts: {_quoted(self._contacts) if self._contacts else MARK}"
        yield f"start: {self._start_text()}"
        end = self._last() + 2 * _BEYOND
        yield f"window: {format_duration(end)}" + _remark(_("how long answers count"))
        if not any(_JAPANESE.search(row.prose("text")) for row in self._msel.rows):
            yield "lang: en"
        yield from self._values()
        yield from self._forms()
        yield ""
        yield "injects:"
        for inject in self._injects:
            yield from self._inject(inject)
        yield from self._phases()

    def _start_text(self) -> str:
        if self._start is None:
            return MARK + _remark(_("date, time and zone, such as 2026-10-14T10:00+09:00"))
        return f"{self._start.isoformat(timespec='minutes')}+09:00" + _remark(_("check the zone"))

    def _last(self) -> timedelta:
        return max(
            (each.after for each in self._injects if each.after is not None), default=_BEYOND
        )

    def _values(self) -> Iterator[str]:
        """Yield the names that texts use and nothing fills."""
        names: dict[str, None] = {}
        for inject in self._injects:
            names |= dict.fromkeys(sorted(_names(inject.row) - TEXT_NAMES.keys()))
        if names:
            yield "values:" + _remark(_("what the texts leave open"))
            yield from (f"  {name}: {MARK}" for name in names)

    def _forms(self) -> Iterator[str]:
        """Yield the report forms, each named like its inject."""
        given = [each for each in self._injects if each.row.prose("form")]
        if given:
            yield "forms:"
        for inject in given:
            yield f"  {inject.id}:"
            lines = [line for line in inject.row.prose("form").split("\n") if line.strip()]
            for number, line in enumerate(lines, 1):
                label, _colon, rest = line.replace("：", ":").partition(":")
                options = [option for option in rest.strip().split("・") if option]
                choice = ""
                if len(options) > 1:
                    quoted = ", ".join(map(_quoted, options))
                    choice = f", type: choice, options: [{quoted}]"
                yield f"    - {{id: {inject.id}-{number}, label: {_quoted(label)}{choice}}}"

    # Injects ----------------------------------------------------------------------------------

    def _inject(self, inject: _Inject) -> Iterator[str]:
        row = inject.row
        yield f"  - id: {inject.id}"
        title = row.text("event")
        if title:
            yield f"    title: {_quoted(title)}"
        objective = meaning(row.text("objective"), OBJECTIVE_WORDS)
        if objective is not None:
            yield f"    objective: {objective}"
        yield f"    from: {self._sender(row)}"
        yield f"    to: {self._player(row)}"
        if inject.is_contingency:
            yield "    contingency: true"
        yield f"    subject: {_quoted(row.text('subject') or title or MARK_IN_TEXT)}"
        yield from _block("body", row.prose("text") or MARK_IN_TEXT, 4)
        yield from self._asked(inject)
        if row.text("expected"):
            yield f"    expected: {_quoted(row.text('expected'))}"

    def _asked(self, inject: _Inject) -> Iterator[str]:
        row, names = inject.row, _names(inject.row)
        usual = _remark(_("a usual value"))
        within = self._period(row, "acknowledge")
        if within is not None or "acknowledge" not in self._msel.columns:
            yield "    acknowledge:"
            # A MSEL of others does not say; a drill asks for an answer.
            yield f"      within: {within or '15m' + usual}"
            if within is None:
                yield "      remind: [10m]"
            if "call_at" in names:
                yield f"      call-after: 30m{usual}"
        onward = self._period(row, "pass-on")
        if onward is not None:
            yield "    pass-on:"
            yield "      to: children"
            yield f"      within: {onward}"
            if row.text("pass-on-subject"):
                yield f"      subject: {_quoted(row.text('pass-on-subject'))}"
            if row.prose("pass-on-text"):
                yield from _block("body", row.prose("pass-on-text"), 6)
        report = self._period(row, "report")
        if report is None and "report" not in self._msel.columns and "report_form" in names:
            report = f"60m{usual}"
        if report is not None:
            yield "    report:"
            yield f"      within: {report}"
            if row.prose("form"):
                yield f"      form: {inject.id}"
            elif "report_form" in names:
                yield f"      form: {MARK}" + _remark(_("a form under forms:"))
            if "cut_off_at" in names:
                yield "      collect: children"
                yield f"      cut-off: 90m{usual}"

    def _period(self, row: MselRow, column: ColumnName) -> str | None:
        text = row.text(column)
        if not text:
            return None
        try:
            parse_period(text)
        except Unfit:
            return MARK + _remark(clean_line(text, limit=40))
        return text

    def _sender(self, row: MselRow) -> str:
        text = row.text("sender") or row.text("controller")
        node = self._node(text)
        if node is not None:
            return _quoted(node)
        return MARK + _remark(_("the node in whose name it is sent; the MSEL says {text}"), text)

    def _player(self, row: MselRow) -> str:
        text = row.text("player")
        word = meaning(text, TARGET_WORDS)
        if word is not None:
            return word
        parts = [part for part in _SPLIT.split(row.prose("player")) if part]
        kinds = [meaning(part, KIND_WORDS) for part in parts]
        nodes = [self._node(part) for part in parts]
        if parts and all(kind or node for kind, node in zip(kinds, nodes, strict=True)):
            named = [
                _quoted(node)
                for kind, node in zip(kinds, nodes, strict=True)
                if node is not None and kind is None
            ]
            found = [f"kind: [{', '.join(kind for kind in kinds if kind)}]"] if any(kinds) else []
            found += [f"nodes: [{', '.join(named)}]"] if named else []
            return f"{{{', '.join(found)}}}"
        return f"{{nodes: [{MARK}]}}" + _remark(_("who gets it; the MSEL says {text}"), text)

    def _node(self, text: str) -> NodeId | None:
        if self._tree is None or not text:
            return None
        plain = clean_line(text)
        return next(
            (n.id for n in self._tree.nodes if plain in (n.id, clean_line(n.name))),
            None,
        )

    # Phases -----------------------------------------------------------------------------------

    def _phases(self) -> Iterator[str]:
        yield ""
        yield "phases:"
        yield "  initial: play"
        yield "  states:"
        yield "    play:"
        yield "      send:"
        planned = [each for each in self._injects if not each.is_contingency]
        for inject in planned:
            if inject.after is None:
                yield f"        - {{inject: {inject.id}, after: {MARK}}}" + _remark(_("when"))
            else:
                after = format_duration(inject.after)
                yield f"        - {{inject: {inject.id}, after: {after}}}"
        length = format_duration(self._last() + _BEYOND)
        yield "      next:"
        yield f"        - {{when: {{elapsed: {length}}}, to: ended}}" + _remark(_("a usual value"))
        yield "    ended: {final: true}"


_TEXTS: Final[Sequence[ColumnName]] = ("subject", "text", "pass-on-subject", "pass-on-text")


def _names(row: MselRow) -> frozenset[str]:
    """Return the names that the texts of a row use."""
    found: frozenset[str] = frozenset()
    for column in _TEXTS:
        try:
            found |= template(row.prose(column)).names
        except TemplateFaultError:
            continue  # `check` tells of it, with its line.
    return found


def _timed(msel: Msel) -> tuple[datetime | None, tuple[_Inject, ...]]:
    """Return when the first inject is sent, if its day is known, and all with their times."""
    ids = _ids(msel)
    moments = [_instant(row.moment()) for row in msel.rows]
    known = [at for at in moments if at is not None]
    first = min(known) if known else None
    injects = []
    day = timedelta(0)
    before: datetime | None = None
    for row, each, at in zip(msel.rows, ids, moments, strict=True):
        is_contingency = meaning(row.text("release"), {"x": CONTINGENCY_WORDS}) is not None
        after = None
        if at is not None and first is not None and not is_contingency:
            if before is not None and before - at > _HALF_A_DAY:
                day += timedelta(days=1)  # A time of day that went past midnight.
            before, after = at, at + day - first
        injects.append(_Inject(each, row, after, is_contingency))
    is_dated = any(isinstance(row.moment(), datetime) for row in msel.rows)
    return first if is_dated else None, tuple(injects)


_NO_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a table has no zone


def _instant(moment: datetime | timedelta | None) -> datetime | None:
    if isinstance(moment, timedelta):
        return _NO_DAY + moment
    return moment


def _ids(msel: Msel) -> list[str]:
    """Return an id for each row: its own where it is one, and no other row has it."""
    found: list[str] = []
    for number, row in enumerate(msel.rows, 1):
        wanted = row.text("id")
        if not re.fullmatch(SLUG, wanted) or wanted in found:
            wanted = f"inject-{number:02d}"
        while wanted in found:
            wanted += "-a"
        found.append(wanted)
    return found


def _remark(text: str, said: str = "") -> str:
    return "    # " + clean_line(
        text.format(text=said or "–") if said or "{text}" in text else text
    )


def _quoted(text: str) -> str:
    """Return `text` as a YAML scalar: JSON texts are such."""
    return json.dumps(clean_line(text), ensure_ascii=False)


def _block(key: str, text: str, indent: int) -> Iterator[str]:
    """Yield a text of lines as a literal block."""
    inner = " " * (indent + 2)
    lines = [line.rstrip() for line in text.split("\n")]
    # Told outright, since a first line may begin with blanks of its own.
    yield f"{' ' * indent}{key}: |2"
    yield from (f"{inner}{line}" if line else "" for line in lines)
