"""The timetable of a message as rows of text, for the terminal and for the approval packet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId
from drillsim.evaluation.wording import node_name
from drillsim.i18n import _
from drillsim.reports.plan import Timetable

NOTHING = "–"


def plan_time(exercise: Exercise, at: timedelta | None) -> str:
    """Return a time of day as 10:05, with its date where that is not the drill's first."""
    if at is None:
        return NOTHING
    when, start = exercise.when(at), exercise.start_ex
    return f"{when:%H:%M}" if when.date() == start.date() else f"{when:%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class PlanTable:
    """Who would be mailed when, and what follows: every row as long as `head`."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def plan_table(
    exercise: Exercise, timetables: Sequence[Timetable], *, each_apart: bool
) -> PlanTable:
    """Return the timetable of one message; empty where nothing is expected.

    Args:
        exercise: the files of the drill.
        timetables: those of the message.
        each_apart: a row for each body, and not one for all with the same times and sender.
    """
    columns = _columns(exercise, timetables)
    if not columns:
        return PlanTable((), ())
    times = [tuple(cells[n] for _title, cells in columns) for n in range(len(timetables))]
    head = (_("body"), _("written to by"), *(title for title, _cells in columns))
    return PlanTable(head, tuple(_rows(exercise, timetables, times, each_apart)))


def _columns(exercise: Exercise, timetables: Sequence[Timetable]) -> list[tuple[str, list[str]]]:
    """Return the columns in which there is anything, each with its cells."""
    several: list[tuple[str, Callable[[Timetable], Sequence[timedelta | None]]]] = [
        (_("expected at"), lambda t: (t.expected.mailed_at,)),
        (_("if all keep to time"), lambda t: (t.expected.latest_at,)),
        (_("acknowledge by"), lambda t: (t.acknowledge_by,)),
        (_("reminders"), lambda t: t.reminders),
        (_("stand-in"), lambda t: (t.stand_in_at,)),
        (_("telephone"), lambda t: (t.call_at,)),
        (_("pass on by"), lambda t: (t.pass_on_by,)),
        (_("report by"), lambda t: (t.report_by,)),
    ]
    found = []
    for title, times_of in several:
        times = [times_of(timetable) for timetable in timetables]
        if any(at is not None for each in times for at in each):
            cells = [" ".join(plan_time(exercise, at) for at in each) or NOTHING for each in times]
            found.append((title, cells))
    return found


def _rows(
    exercise: Exercise,
    timetables: Sequence[Timetable],
    times: Sequence[tuple[str, ...]],
    each_apart: bool,
) -> list[tuple[str, ...]]:
    groups: dict[tuple[NodeId, str, tuple[str, ...], int], list[NodeId]] = {}
    for number, (timetable, cells) in enumerate(zip(timetables, times, strict=True)):
        expected = timetable.expected
        key = (expected.sender, expected.kind, cells, number if each_apart else -1)
        groups.setdefault(key, []).append(expected.node)
    rows = []
    for (sender, _kind, cells, _apart), nodes in groups.items():
        name = node_name(exercise, nodes[0])
        if len(nodes) > 1:
            name = _("{node} and {count} more").format(node=name, count=len(nodes) - 1)
        rows.append((name, node_name(exercise, sender), *cells))
    return rows
