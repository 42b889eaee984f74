"""`drillsim resume`: go on with a drill that was cut off."""

import asyncio

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode


@click.command("resume", help=_("Go on with a drill that was cut off."))
@click.argument("drill", required=False)
@click.option(
    "--speed", metavar="max|N", help=_("Drill seconds per second; max: as fast as can be.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as one JSON object."))
def command(drill: str | None, speed: str | None, as_json: bool) -> ExitCode:
    """Go on with a rehearsal to its end."""
    from drillsim.cli.run import progress_line, speed_of, tell
    from drillsim.conduct.rehearsal import conduct, pace_of, reopen
    from drillsim.journal.folder import find_drill

    path = find_drill(drill)
    pace = pace_of(path, None if speed is None else speed_of(speed, "max"))
    journal, loaded = reopen(path)
    with progress_line() as progress:
        outcome = asyncio.run(conduct(journal, loaded, pace, progress))
    return tell(path, outcome, as_json=as_json)
