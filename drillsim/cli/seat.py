"""`drillsim seat`: practise at the seat of one body while its drill runs."""

import sys

import click

from drillsim.i18n import _, language
from drillsim.problem import ExitCode, UsageError


@click.command(
    "seat",
    help=_(
        "Open the seat of NODE in a rehearsal that runs: the mailbox of that body, at which you "
        "answer, report and pass on while everybody else is simulated.\n\n"
        "NODE is the id of a body, or a part of its name that only one has. DRILL is a path, the "
        "id of a drill in the folder drills, or latest, which is meant without DRILL too."
    ),
)
@click.argument("words", nargs=-1, required=True, metavar=_("[DRILL] NODE"))
@click.option("--as", "author", metavar=_("NAME"), help=_("Who sits there. Default: your login."))
def command(words: tuple[str, ...], author: str | None) -> int:
    """Sit down, and show the seat until it is left."""
    if len(words) > 2:
        raise UsageError(_("one body is named at a time; write drillsim seat DRILL NODE"))
    drill, node = (None, words[0]) if len(words) == 1 else words
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("a seat needs a terminal"))
    from drillsim.conduct.seating import seat_nodes, seated_in
    from drillsim.files.scenario_file import load_stored
    from drillsim.journal import JournalReader, find_drill, post_command
    from drillsim.tui.app import open_seat
    from drillsim.tui.orders import this_person

    path = find_drill(drill)
    with JournalReader(path) as reader:
        (place,) = seat_nodes([node], load_stored(reader.files).exercise)
        if reader.opening.meta.get("mode") != "rehearsal":
            raise UsageError(_("{path}: seats are for rehearsals").format(path=path))
        seats, _speed = seated_in(reader)
        is_taken = place in seats or reader.is_sealed
    if not is_taken:
        payload = {"node": place}
        post_command(path, kind="seat", payload=payload, author=author or this_person())
    open_seat(path, place, lang=language(), author=author)
    return ExitCode.DONE
