"""The MSEL (状況付与計画) of a scenario as xlsx, with the columns of HSEEP.

Times are those of the plan, the median of rehearsals, where a condition decides when an inject is
sent. Facts and values stand filled in, as controllers read them; what differs by recipient stays a
name in braces. Everything typed is text: no cell can be a formula.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import Inject, Target
from drillsim.drill.scenario import InjectId, Phase
from drillsim.evaluation.wording import inject_name, node_name
from drillsim.files.msel import (
    COLUMNS,
    CONTINGENCY_WORDS,
    KIND_WORDS,
    OBJECTIVE_WORDS,
    PLANNED_WORDS,
    TARGET_WORDS,
    ColumnName,
)
from drillsim.i18n import Language, _, language, ngettext
from drillsim.reports.plan import Plan
from drillsim.reports.redaction import people_mask
from drillsim.text import clean, clean_line, width

_HEAD_ROW: Final = 3
_CELL_MAX: Final = 32_000
_LINE_POINTS: Final = 15
_PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")


def msel_xlsx(plan: Plan, *, redact: bool = False) -> bytes:
    """Return the MSEL of a plan's scenario, in the language in use.

    Args:
        plan: the plan.
        redact: take the persons, addresses and numbers of the contact tree out of all texts.
    """
    import xlsxwriter

    from drillsim.sheets import AS_TEXT

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, AS_TEXT) as book:
        _write(book, plan, people_mask(plan.exercise.tree) if redact else str)
    return out.getvalue()


def _write(book: Any, plan: Plan, mask: Callable[[str], str]) -> None:
    lang = language()
    scenario = plan.exercise.scenario
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format(
        {"bold": True, "bg_color": "#E7E6E6", "border": 1, "text_wrap": True, "valign": "vcenter"}
    )
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top", "border": 1})
    sheet = book.add_worksheet("MSEL")
    sheet.write_string(0, 0, clean_line(mask(scenario.title)), title)
    sheet.write_string(1, 0, _("Expected times: the median of rehearsals, in the drill's zone."))
    for number, column in enumerate(COLUMNS):
        sheet.set_column(number, number, column.width)
        sheet.write_string(_HEAD_ROW, number, column.heading(lang), head)
    injects = _in_time(plan)
    for row, (inject, at) in enumerate(injects, _HEAD_ROW + 1):
        cells: dict[ColumnName, str | int | datetime] = {
            name: mask(cell) if isinstance(cell, str) else cell
            for name, cell in _cells(plan, inject, at, row - _HEAD_ROW, lang).items()
        }
        sheet.set_row(row, _height(cells))
        for number, column in enumerate(COLUMNS):
            cell = cells.get(column.name, "")
            if isinstance(cell, datetime):
                sheet.write_datetime(row, number, cell.replace(tzinfo=None), when)
            elif isinstance(cell, int):
                sheet.write_number(row, number, cell, text)
            else:
                sheet.write_string(row, number, clean(cell, limit=_CELL_MAX), text)
    last = _HEAD_ROW + len(injects)
    sheet.autofilter(_HEAD_ROW, 0, last, len(COLUMNS) - 1)
    sheet.freeze_panes(_HEAD_ROW + 1, 4)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3, as such tables are printed: without our own columns.
    sheet.print_area(_HEAD_ROW, 0, last, [c.name for c in COLUMNS].index("remarks"))
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROW)
    book.set_properties({"title": clean_line(mask(scenario.title)), "author": ""})


def _height(cells: Mapping[ColumnName, str | int | datetime]) -> float:
    """Return how high a row has to be for its text, in points; Excel allows 409."""
    lines = 1
    for column in COLUMNS:
        cell = cells.get(column.name)
        if isinstance(cell, str):
            wrapped = (-(-width(line) // column.width) for line in cell.split("\n"))
            lines = max(lines, sum(max(each, 1) for each in wrapped))
    return min(_LINE_POINTS * lines + 4, 409)


def _in_time(plan: Plan) -> list[tuple[Inject, timedelta | None]]:
    """Return the injects in the order in which they are expected, contingency ones last."""
    released = _released(plan)
    pairs = [(inject, released.get(inject.id)) for inject in plan.exercise.scenario.injects]
    return sorted(pairs, key=lambda pair: (pair[1] is None, pair[1] or timedelta(0)))


def _released(plan: Plan) -> dict[InjectId, timedelta]:
    """Return when each inject that a phase sends is expected to be released."""
    exercise = plan.exercise
    entered = {each.phase: each.at for each in plan.expectation.phases}
    found: dict[InjectId, timedelta] = {}
    for name, state in exercise.scenario.phases.states.items():
        at = entered.get(name)
        if at is None:
            continue
        for send in state.send:
            due = exercise.due(at, send.after)
            found[send.inject] = min(due, found.get(send.inject, due))
    return found


def _cells(
    plan: Plan, inject: Inject, at: timedelta | None, number: int, lang: Language
) -> dict[ColumnName, str | int | datetime]:
    exercise = plan.exercise
    first, onward, report = inject.acknowledge, inject.pass_on, inject.report
    cells: dict[ColumnName, str | int | datetime] = {
        "number": number,
        "phase": "\n".join(_phases(exercise, inject.id)),
        "event": inject_name(exercise, inject.id),
        "subject": _filled(exercise, inject.subject),
        "text": _filled(exercise, inject.body),
        "means": _("mail") if inject.source == "drill" else _("from outside"),
        "controller": _("controller") if inject.contingency else _("drillsim (by itself)"),
        "sender": node_name(exercise, inject.from_),
        "player": _player(exercise, inject, lang),
        "expected": inject.expected,
        "objective": _word(OBJECTIVE_WORDS[inject.objective], lang),
        "remarks": "\n".join(_remarks(exercise, inject)),
        "acknowledge": str(first.within) if first is not None else "",
        "pass-on": str(onward.within) if onward is not None else "",
        "pass-on-subject": _filled(exercise, onward.subject) if onward is not None else "",
        "pass-on-text": _filled(exercise, onward.body) if onward is not None else "",
        "report": str(report.within) if report is not None else "",
        "form": _form(exercise, inject),
        "release": _word(CONTINGENCY_WORDS if inject.contingency else PLANNED_WORDS, lang),
        "id": inject.id,
    }
    if at is not None and not inject.contingency:
        cells["time"] = exercise.when(at).replace(second=0, microsecond=0)
    return cells


def _form(exercise: Exercise, inject: Inject) -> str:
    """Return the lines of the report form as they stand in the mail, without their widths."""
    report = inject.report
    if report is None or report.form is None:
        return ""
    return "\n".join(
        f"{clean_line(line.label)}：{'・'.join(line.options)}"
        for line in exercise.scenario.forms[report.form]
    )


def _word(words: tuple[str, ...], lang: Language) -> str:
    """Return the first word of a table that is in `lang`."""
    return next(word for word in words if word.isascii() == (lang == "en"))


def _phases(exercise: Exercise, inject: InjectId) -> Iterator[str]:
    for name, state in exercise.scenario.phases.states.items():
        if any(send.inject == inject for send in state.send):
            yield _phase_title(name, state)


def _phase_title(name: str, state: Phase) -> str:
    return clean_line(state.title or name)


def _player(exercise: Exercise, inject: Inject, lang: Language) -> str:
    if not isinstance(inject.to, Target):
        return _word(TARGET_WORDS[inject.to], lang)
    kinds = [_word(KIND_WORDS[kind], lang) for kind in inject.to.kind]
    return "\n".join([*kinds, *(node_name(exercise, node) for node in inject.to.nodes)])


def _remarks(exercise: Exercise, inject: Inject) -> Iterator[str]:
    count = len(exercise.scope(inject.id).nodes)
    yield ngettext("reaches {n} body", "reaches {n} bodies", count).format(n=count)
    if inject.contingency:
        yield _("sent only by the operator")
    if inject.actions:
        yield _("Handling to be booked: {actions}").format(actions=_(", ").join(inject.actions))


def _filled(exercise: Exercise, text: str) -> str:
    """Return a text with the scenario's facts and values in place of their names."""
    scenario = exercise.scenario
    known = {**scenario.values, **scenario.facts}
    return _PLACEHOLDER.sub(lambda name: known.get(name[1], name[0]), text)
