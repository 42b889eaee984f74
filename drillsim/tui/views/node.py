"""One body in full: its people, what it answered, what is owed."""

from collections.abc import Sequence

from drillsim.drill.board import NoticeRecord
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.text import clean_line, width
from drillsim.tui.views.chain import state_cell
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.times import short_length
from drillsim.tui.views.tone import Cell

Line = list[Cell]


def node_lines(view: DrillView, node: NodeId, cells: int) -> list[Line]:
    """Return what is known of a node, in lines of `cells` cells; the first names it."""
    body = view.exercise.node(node)
    kind = view.names.kind(body.kind)
    lines: list[Line] = [[Cell(" " + view.names.node(node)), Cell(f"  {kind}  {body.id}", "muted")]]
    off_hours = view.exercise.off_hours
    for number in range(1, len(body.officers) + 1):
        contact = body.address(number, off_hours=off_hours)
        phone = body.phone(number, off_hours=off_hours)
        lines.append(
            [
                Cell(f" {number}. {view.names.officer(node, number)}  "),
                Cell(view.names.role(node, number) + "  ", "muted"),
                Cell(clean_line(f"{contact}  {phone}", limit=120)),
            ]
        )
    if body.duty_desk is not None:
        desk = clean_line(f"{body.duty_desk.name} {body.duty_desk.phone}", limit=80)
        lines.append([Cell(" " + _("duty desk") + "  ", "muted"), Cell(desk)])
    for inject in view.injects:
        record = view.board.notices.get((inject, node))
        if record is not None:
            lines += _notice(view, record, cells)
    return lines


def _notice(view: DrillView, record: NoticeRecord, cells: int) -> list[Line]:
    inject = record.key[0]
    line = [Cell(f" {view.names.inject(inject)}: "), state_cell(view.exercise, record)]
    since = record.submitted_at
    for word, at in (
        (_("acknowledged"), record.acknowledged_at),
        (_("passed on"), record.passed_on_at),
        (_("reported"), record.reported_at),
    ):
        if at is not None and since is not None:
            line.append(Cell(f"  {word} {short_length(at - since)}"))
    lines: list[Line] = [line]
    answers = record.answers
    if answers:
        report = view.exercise.inject(inject).report
        form = view.exercise.scenario.forms.get(report.form, ()) if report and report.form else ()
        labels = {field.id: clean_line(field.label, limit=30) for field in form}
        given = [
            (labels.get(name, clean_line(name, limit=30)) + ": ", clean_line(value, limit=200))
            for name, value in answers.items()
        ]
        lines += _packed(given, cells)
    return lines


def _packed(answers: Sequence[tuple[str, str]], cells: int) -> list[Line]:
    """Return the answers of a form in as few lines as they fit into, none of them broken."""
    lines: list[Line] = []
    taken = cells
    for label, value in answers:
        size = width(label) + width(value) + 3
        if taken + size > cells:
            lines.append([])
            taken = 0
        lines[-1] += [Cell("   " + label, "muted"), Cell(value)]
        taken += size
    return lines
