"""`drillsim status`: where a drill stands: what is open, what falls due, whom to call."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from drillsim.i18n import _, ngettext
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.cli.standing import Standing
    from drillsim.drill.board import NoticeRecord
    from drillsim.evaluation.evaluation import Evaluation
    from drillsim.journal import JournalReader
    from drillsim.tui.views.calls import CallItem
    from drillsim.tui.views.drill import DrillView
    from drillsim.tui.views.sentences import Sentences

SHOWN_MAX: Final = 20
"""Lines of each list without --json, which has them all."""
_NEXT_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Look:
    """A drill at one look."""

    reader: "JournalReader"
    standing: "Standing"
    view: "DrillView"
    sentences: "Sentences"
    evaluation: "Evaluation"
    now: timedelta
    """Drill time at this moment."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A notice of which something that was asked has not come."""

    record: "NoticeRecord"
    missing: tuple[str, ...]
    """Of `acknowledgement`, `passing-on`, `report`; in the order in which they are asked."""
    due: timedelta | None
    """The first deadline among them."""


@click.command(
    "status",
    help=_(
        "Tell where DRILL stands: a path, the id of a drill in the folder drills, or latest, "
        "which is meant without DRILL too.\n\n"
        "While it runs: phase, clock, who has answered, what is open and falls due next, whom to "
        "call. When it has ended: what it showed."
    ),
)
@click.argument("drill", required=False)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(drill: str | None, as_json: bool) -> None:
    """Print where a drill stands."""
    from drillsim.journal import JournalReader, find_drill

    with JournalReader(find_drill(drill)) as reader:
        look = look_at(reader)
        if as_json:
            click.echo(json.dumps(status_of(look), ensure_ascii=False, indent=2))
            return
        for line in _lines(look):
            click.echo(line)


def look_at(reader: "JournalReader") -> Look:
    """Read a journal.

    Raises:
        JournalError: it is not what was written.
        ProblemsError: its files cannot be read by this version.
        UsageError: another version wrote it, and this one does not know what.
    """
    from drillsim.cli.standing import other_version
    from drillsim.drill.board import IllegalEventError

    try:
        return _look_at(reader)
    except (ValueError, IllegalEventError):
        raise other_version(reader.path) from None


def _look_at(reader: "JournalReader") -> Look:
    from drillsim.cli.standing import standing_of
    from drillsim.evaluation.evaluation import evaluate
    from drillsim.files.scenario_file import load_stored
    from drillsim.reports.drill_record import overrulings_of
    from drillsim.tui.views.drill import DrillView
    from drillsim.tui.views.sentences import Sentences

    standing = standing_of(reader)
    view = DrillView(load_stored(reader.files).exercise)
    for event in standing.events:
        view.take(event)
    clock = standing.clock
    if standing.end is not None or standing.state == "cut-off":
        clock = clock.stopped(view.board.at)
    now = clock.now(datetime.now(UTC), view.board.at)
    if standing.end is None:
        view.pass_time(now)
    evaluation = evaluate(
        view.exercise,
        standing.events,
        view.board,
        # Faults of the scenario belong to a rehearsal; a live drill meets real ones.
        with_faults=reader.opening.meta.get("mode") != "live",
        overrulings=overrulings_of(reader),
    )
    return Look(reader, standing, view, Sentences(view.exercise, view.names), evaluation, now)


def owed_of(view: "DrillView") -> list[Owed]:
    """Return all that is open, the first deadline first; nothing when the drill has ended."""
    from drillsim.drill.machines import FINAL, NoticeState

    if view.board.end is not None:
        return []
    found = []
    for record in view.board.notices.values():
        # Who was given up may still answer, but nothing more is done about it.
        if record.submitted_at is None or record.state in FINAL - {NoticeState.UNREACHABLE}:
            continue
        asked = record.asked
        owed = [
            (what, due)
            for what, due, is_owed in (
                (
                    "acknowledgement",
                    record.ack_due,
                    asked.acknowledge and not record.is_acknowledged,
                ),
                ("passing-on", record.pass_on_due, asked.pass_on and record.passed_on_at is None),
                ("report", record.report_due, asked.report and record.reported_at is None),
            )
            if is_owed
        ]
        if owed:
            first = min((due for _what, due in owed if due is not None), default=None)
            found.append(Owed(record, tuple(what for what, _due in owed), first))
    order = view.exercise.tree.order
    found.sort(key=lambda each: (each.due or timedelta.max, order[each.record.key[1]]))
    return found


def waits_until(look: Look) -> timedelta | None:
    """Return until when a drill that has ended is kept open; None if it runs on or is sealed."""
    from drillsim.world.course import STOP_WAIT

    end = look.standing.end
    if end is None or look.standing.is_sealed:
        return None
    if end.reason == "real-incident":
        return end.at + STOP_WAIT
    return end.at + look.view.exercise.scenario.keep_open


# As data ------------------------------------------------------------------------------------------


def status_of(look: Look) -> dict[str, Any]:
    """Return where a drill stands, as an object of the `--json` output."""
    from drillsim.drill.durations import to_ms
    from drillsim.drill.ways import way_of
    from drillsim.evaluation.summary import summary
    from drillsim.journal.approval import approval_json, approval_of
    from drillsim.tui.views.calls import call_list

    reader, standing, view = look.reader, look.standing, look.view
    meta, board, exercise = reader.opening.meta, view.board, view.exercise

    def seconds(at: timedelta | None) -> float | None:
        return None if at is None else to_ms(at) / 1000

    upcoming = [] if board.end is not None else view.dues.upcoming(_NEXT_MAX)
    return {
        "drill": meta.get("id", reader.path.stem),
        "file": str(reader.path),
        "mode": meta.get("mode", "rehearsal"),
        "way": way_of(meta),
        "approval": approval_json(approval_of(reader)),
        "state": standing.state,
        "paused": standing.clock.is_paused and standing.state == "paused",
        "speed": "max" if standing.clock.speed is None else standing.clock.speed,
        "phase": board.phase,
        "level": board.level,
        "at_seconds": seconds(look.now),
        "time": exercise.when(look.now).isoformat(timespec="milliseconds"),
        "window_seconds": seconds(exercise.window_at),
        "open": [
            {
                "inject": owed.record.key[0],
                "node": owed.record.key[1],
                "name": exercise.node(owed.record.key[1]).name,
                "state": owed.record.state.value,
                "missing": list(owed.missing),
                "due_seconds": seconds(owed.due),
                "late": owed.due is not None and owed.due < look.now,
                "officer": owed.record.officer,
            }
            for owed in owed_of(view)
        ],
        "waits_until_seconds": seconds(waits_until(look)),
        "calls": [
            {
                "inject": item.notice[0],
                "node": item.notice[1],
                "name": item.node,
                "since_seconds": seconds(
                    board.stop_sent[item.notice[1]] if item.is_stop else board.calls[item.notice]
                ),
            }
            for item in call_list(view, look.sentences)
        ],
        "tray": [
            {"mail": mail, "kind": event.mail_kind, "at_seconds": seconds(event.at)}
            for mail, event in board.tray.items()
        ],
        "next": [
            {
                "at_seconds": seconds(due.at),
                "act": due.act,
                "inject": due.inject,
                "nodes": list(due.nodes),
            }
            for due in upcoming
        ],
        "head": reader.head,
        "count": reader.count,
        "digest": reader.digest,
        **summary(look.evaluation),
    }


# In words -----------------------------------------------------------------------------------------


def _lines(look: Look) -> Iterator[str]:
    from drillsim.cli.by_hand import todo_lines
    from drillsim.cli.standing import state_word
    from drillsim.cli.summary import count_lines, summary_lines
    from drillsim.drill.ways import way_of, way_word
    from drillsim.journal.approval import approval_of, approval_words
    from drillsim.tui.views.calls import call_list

    view, standing = look.view, look.standing
    meta = look.reader.opening.meta
    name = clean_line(meta.get("id", look.reader.path.stem))
    yield f"{name} · {way_word(way_of(meta))} · {state_word(standing.state)}"
    approval = approval_of(look.reader)
    if approval is not None:
        yield approval_words(approval)
    if standing.end is not None:
        yield from summary_lines(look.evaluation)
        yield from _stop_lines(look)
        if not standing.is_sealed:
            yield ""
            yield _waits_for(look)
    else:
        yield clean_line(view.exercise.scenario.title)
        yield from _clock_lines(look)
        yield ""
        yield from count_lines(look.evaluation)
        yield from todo_lines(look)
        yield from _open_lines(look)
        yield from _call_lines(call_list(view, look.sentences))
        yield from _next_lines(look)
    yield ""
    yield _("Records: {count}  Head: {head}").format(count=look.reader.count, head=look.reader.head)


def _clock_lines(look: Look) -> Iterator[str]:
    from drillsim.tui.views.clock import speed_text
    from drillsim.tui.views.times import full_length, time_of_day

    view, standing = look.view, look.standing
    exercise, board = view.exercise, view.board
    if board.phase is None:
        yield _("The drill has not begun.")
        return
    yield _("phase {phase}, threat level {level}").format(
        phase=view.names.phase(board.phase), level=board.level
    )
    clock = _("{time}, T+{elapsed}; the window closes in {left}").format(
        time=time_of_day(exercise.when(look.now), exercise.start_ex),
        elapsed=full_length(look.now),
        left=full_length(max(exercise.window_at - look.now, timedelta(0))),
    )
    if standing.state == "running":
        clock += _("; speed {speed}").format(speed=speed_text(standing.clock.speed))
    yield clock
    if standing.state == "cut-off":
        yield _("Nobody runs this drill any more; go on with drillsim resume {path}").format(
            path=look.reader.path
        )
    reached = board.reached & exercise.to_be_reached
    yield _("{reached}/{all} reached, mails {sent} out {received} in").format(
        reached=len(reached),
        all=len(exercise.to_be_reached),
        sent=board.mails_sent,
        received=board.mails_received,
    )


def _open_lines(look: Look) -> Iterator[str]:
    from drillsim.cli.table import table

    owed = owed_of(look.view)
    if not owed:
        return
    yield ""
    yield ngettext("Open: {n} notice", "Open: {n} notices", len(owed)).format(n=len(owed))
    rows = [
        [
            look.view.names.node(each.record.key[1]),
            look.view.names.inject(each.record.key[0]),
            ", ".join(_missing_word(what) for what in each.missing),
            _due_words(look, each.due),
            _reaching(look, each.record),
        ]
        for each in owed[:SHOWN_MAX]
    ]
    head = [_("body"), _("message"), _("missing"), _("due"), _("who is tried")]
    yield from table(head, rows)
    yield from _more(len(owed))


def _missing_word(what: str) -> str:
    return {
        "acknowledgement": _("acknowledgement"),
        "passing-on": _("passing on"),
        "report": _("report"),
    }[what]


def _due_words(look: Look, due: timedelta | None) -> str:
    if due is None:
        return "–"
    when = look.sentences.time(due)
    return _("{time} (missed)").format(time=when) if due < look.now else when


def _reaching(look: Look, record: "NoticeRecord") -> str:
    """Return who is being tried; nobody where the node has answered."""
    if record.is_acknowledged:
        return ""
    if record.unreachable_at is not None:
        return _("given up")
    count = len(look.view.exercise.node(record.key[1]).officers)
    tried = _("officer {n} of {count}").format(n=record.officer, count=count)
    return _("{tried}, to be called").format(tried=tried) if record.called_at else tried


def _call_lines(calls: "list[CallItem]") -> Iterator[str]:
    if not calls:
        return
    yield ""
    yield ngettext("To be called: {n} body", "To be called: {n} bodies", len(calls)).format(
        n=len(calls)
    )
    for item in calls[:SHOWN_MAX]:
        yield "  " + _("{node} · {inject}, since {since}").format(
            node=item.node, inject=item.inject, since=item.since
        )
    yield from _more(len(calls))


def _next_lines(look: Look) -> Iterator[str]:
    view = look.view
    if view.board.tray:
        count = len(view.board.tray)
        yield ""
        yield ngettext("In the tray: {n} mail", "In the tray: {n} mails", count).format(n=count)
    upcoming = view.dues.upcoming(_NEXT_MAX)
    if upcoming:
        yield ""
        yield _("Next")
    for due in upcoming:
        yield f"  {look.sentences.time(due.at)}  {look.sentences.due(due)}"


def _waits_for(look: Look) -> str:
    until = waits_until(look)
    assert until is not None
    time = look.sentences.time(until)
    if look.standing.state == "cut-off":
        return _("Nobody runs it; drillsim resume waits on, until {time} at most.").format(
            time=time
        )
    if look.standing.end is not None and look.standing.end.reason == "real-incident":
        return _(
            "It waits for confirmations of the stop, until {time} at most. Call those that are "
            "missing; the drill is sealed then."
        ).format(time=time)
    return _("It is kept open for late answers, until {time}.").format(time=time)


def _stop_lines(look: Look) -> Iterator[str]:
    """Yield who was told to stop, and who has not confirmed it and is to be called."""
    from drillsim.cli.by_hand import todo_lines
    from drillsim.tui.views.calls import call_list

    board = look.view.board
    if not board.stop_sent:
        return
    yield from todo_lines(look)
    confirmed = len(board.stop_sent) - len(board.stop_open)
    yield ""
    yield _("Told to stop: {sent}, of which {confirmed} have confirmed it").format(
        sent=len(board.stop_sent), confirmed=confirmed
    )
    yield from _call_lines(call_list(look.view, look.sentences))


def _more(count: int) -> Iterator[str]:
    if count > SHOWN_MAX:
        yield "  " + _("and {n} more; --json lists all").format(n=count - SHOWN_MAX)
