"""`drillsim watch`: the control room of a drill that runs, or has run."""

import sys

import click

from drillsim.i18n import _, language
from drillsim.problem import UsageError


@click.command(
    "watch",
    help=_(
        "Open the control room of DRILL: a path, the id of a drill in the folder drills, or "
        "latest, which is meant without DRILL too.\n\n"
        "Any number of terminals can watch one drill. Closing one does not stop it."
    ),
)
@click.argument("drill", required=False)
@click.option("--as", "author", metavar=_("NAME"), help=_("In whose name orders are given."))
def command(drill: str | None, author: str | None) -> int:
    """Show a drill until its screen is left."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            _("the control room needs a terminal; drillsim status tells where a drill stands")
        )
    from drillsim.journal import find_drill
    from drillsim.tui.app import open_run_screen

    return open_run_screen(find_drill(drill), lang=language(), author=author)
