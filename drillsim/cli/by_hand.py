"""`drillsim run --by-hand`, and the list of what is to be sent in such a drill."""

import asyncio
import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.cli.status import Look
    from drillsim.drill.events import OneMail

_ONE_MAIL: "Final[Mapping[str, OneMail]]" = {"to": "to", "bcc": "bcc", "no": ""}


def run_by_hand(
    scenario: str,
    contacts: str | None,
    folder: str,
    path: Path | None,
    *,
    operator: str | None,
    one_mail: str | None,
    any_day: bool,
    yes: bool,
    headless: bool,
    as_json: bool,
) -> ExitCode:
    """Begin a drill by hand, and show its control room.

    With `headless`, or where there is no terminal, it is run in this process and its result
    printed.

    Raises:
        UsageError: it is another day, the start was not confirmed, or something is amiss.
    """
    from drillsim.cli.room import is_at_terminal, open_room
    from drillsim.cli.run import progress_line, tell
    from drillsim.conduct.by_hand_start import (
        ByHand,
        desk_of,
        lay_out_by_hand,
        require_the_day,
        to_itself,
    )
    from drillsim.conduct.hand_folder import HandFolder
    from drillsim.conduct.live import wall_now
    from drillsim.conduct.rehearsal import conduct, drill_path
    from drillsim.files.scenario_file import load_scenario

    loaded = load_scenario(scenario, contacts)
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    if not any_day:
        require_the_day(loaded.exercise, wall_now())
    desk = desk_of(loaded.exercise, operator)
    place = path if path is not None else drill_path(loaded.scenario.id)
    hand = HandFolder(Path(folder))
    hand.require_unused()
    if own := to_itself(loaded.exercise, desk):
        click.echo(
            _(
                "You would send this to yourself, as {node}: {injects}. What comes from outside "
                "has source: external in the scenario."
            ).format(injects=", ".join(own), node=clean_line(loaded.exercise.node(desk).name)),
            err=True,
        )
    _confirm(loaded.scenario.id, len(loaded.exercise.to_be_reached), yes=yes)
    way = None if one_mail is None else _ONE_MAIL[one_mail]
    wanted = ByHand(loaded, secrets.randbelow(2**31), place, hand, desk, way)
    journal, started = lay_out_by_hand(wanted)
    if is_at_terminal() and not (headless or as_json):
        journal.close()
        return open_room(place)
    for line in (
        _("The drill has begun, and is kept in {path}.").format(path=place),
        _("Mails to send: {outbox}. Put the answers into {inbox}.").format(
            outbox=hand.outbox, inbox=hand.inbox
        ),
        _("Those that came a while ago go into {earlier}: they count from when they came.").format(
            earlier=hand.earlier
        ),
        _("In a second terminal: drillsim watch {path}").format(path=place),
    ):
        click.echo(line, err=True)
    with progress_line() as progress:
        outcome = asyncio.run(conduct(journal, started, 1.0, progress))
    return tell(place, outcome, as_json=as_json)


def _confirm(scenario: str, count: int, *, yes: bool) -> None:
    """Have the id of the scenario typed, as a drill that real people are written to begins."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(_("a live drill is begun at a terminal; elsewhere write --yes"))
    typed = click.prompt(
        ngettext(
            "A live drill with {n} body begins. Type its name, {scenario}, to begin",
            "A live drill with {n} bodies begins. Type its name, {scenario}, to begin",
            count,
        ).format(n=count, scenario=scenario),
        err=True,
        default="",
        show_default=False,
    )
    if typed.strip() != scenario:
        raise UsageError(_("this is not its name; nothing was begun"))


def todo_data(look: "Look") -> list[dict[str, object]]:
    """Return what is to be sent by hand, as data."""
    from drillsim.conduct.todo import todo_of
    from drillsim.drill.durations import to_ms

    return [
        {
            "number": item.number,
            "mail": item.mail,
            "kind": "stop" if item.is_stop else item.notices[0].purpose,
            "nodes": [each.notice[1] for each in item.notices] or [item.node],
            "written_seconds": to_ms(item.written_at) / 1000,
            "file": f"{item.stem}.eml",
        }
        for item in todo_of(look.standing.events, look.view.board).open.values()
    ]


def todo_lines(look: "Look") -> Iterator[str]:
    """Yield what is to be sent by hand, the oldest first; nothing in another drill."""
    from drillsim.cli.table import table
    from drillsim.conduct.by_hand_start import is_by_hand
    from drillsim.conduct.todo import todo_of

    if not is_by_hand(look.reader.opening.meta):
        return
    view = look.view
    items = list(todo_of(look.standing.events, view.board).open.values())
    yield ""
    if not items:
        yield _("Nothing is to be sent.")
        return
    yield ngettext("To be sent: {n} mail", "To be sent: {n} mails", len(items)).format(n=len(items))
    rows = []
    for item in items:
        what = _("stop mail") if item.is_stop else view.names.inject(item.notices[0].notice[0])
        to = view.names.node(item.node)
        if len(item.notices) > 1:
            to = _("{node} and {n} more").format(node=to, n=len(item.notices) - 1)
        rows.append(
            [
                str(item.number),
                to,
                what,
                look.sentences.time(item.written_at),
                clean_line(f"{item.stem}.eml"),
            ]
        )
    yield from table([_("no."), _("body"), _("message"), _("written"), _("file")], rows)
