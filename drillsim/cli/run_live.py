"""`drillsim run --live`: a drill in which real people are mailed over the office's mail server."""

import asyncio
import secrets
from pathlib import Path

import click

from drillsim.cli.room import is_at_terminal, open_room
from drillsim.i18n import _
from drillsim.problem import ExitCode, UsageError


def run_live(
    scenario: str,
    contacts: str | None,
    profile: str,
    path: Path | None,
    *,
    real: bool,
    headless: bool,
    as_json: bool,
) -> ExitCode:
    """Begin a live drill, and show its control room; with `headless`, run it in this process.

    Raises:
        UsageError: it is not said that it is real, something is refused, or a server is away.
    """
    if not real:
        raise UsageError(
            _(
                "--live writes to real people; nothing was begun. Write --real as well if you mean "
                "it, or rehearse without --live"
            )
        )
    is_shown = not (headless or as_json)
    if is_shown and not is_at_terminal():
        raise UsageError(_("the control room needs a terminal; run with --headless"))
    from drillsim.cli.live_start import begin_live
    from drillsim.conduct.live_start import Live, desk_for, lay_out_live
    from drillsim.conduct.mail_servers import require_passwords, require_servers
    from drillsim.conduct.rehearsal import conduct, drill_path
    from drillsim.files.live_profile import load_profile
    from drillsim.files.scenario_file import load_scenario

    loaded_profile = load_profile(profile)
    loaded = load_scenario(scenario, contacts)
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    desk_for(loaded.exercise, loaded_profile)
    require_passwords(loaded_profile)
    place = path if path is not None else drill_path(loaded.scenario.id)
    approval = begin_live(loaded, loaded_profile, place)
    asyncio.run(require_servers(loaded_profile))
    wanted = Live(loaded, loaded_profile, secrets.randbelow(2**31), place, approval)
    journal, started = lay_out_live(wanted)
    if is_shown:
        journal.close()
        return open_room(place)
    for line in (
        _("The drill has begun, and is kept in {path}.").format(path=place),
        _("In a second terminal: drillsim watch {path}").format(path=place),
    ):
        click.echo(line, err=True)
    from drillsim.cli.run import progress_line, tell

    with progress_line() as progress:
        outcome = asyncio.run(conduct(journal, started, 1.0, progress))
    return tell(place, outcome, as_json=as_json)
