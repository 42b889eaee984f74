"""`drillsim review`: a drill that is over, looked at once more."""

import click

from drillsim.cli.room import is_at_terminal
from drillsim.i18n import _, language
from drillsim.problem import UsageError
from drillsim.text import clean_line


@click.command(
    "review",
    help=_(
        "Go through DRILL once more, when it is over: who had what when, where the time went, "
        "what it was worth. A path, the id of a drill in the folder drills, or latest, which is "
        "meant without DRILL too."
    ),
)
@click.argument("drill", required=False)
def command(drill: str | None) -> int:
    """Show a drill at any of its moments until the screen is left."""
    from drillsim.journal import JournalReader, find_drill

    if not is_at_terminal():
        raise UsageError(
            _("the review needs a terminal; drillsim report writes down what happened")
        )
    path = find_drill(drill)
    with JournalReader(path) as reader:
        if not reader.is_sealed:
            raise UsageError(
                _("{path}: this drill is not over; drillsim watch shows it").format(
                    path=clean_line(str(path))
                )
            )
    from drillsim.tui.app import open_review

    return open_review(path, lang=language())
