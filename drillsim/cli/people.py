"""`drillsim people`: the habits of simulated people."""

from collections.abc import Mapping
from typing import Final

import click

from drillsim.cli.lazy_group import Entry, LazyGroup
from drillsim.i18n import N_, _

COMMANDS: Final[Mapping[str, Entry]] = {
    "fit": ("drillsim.cli.people_fit:command", N_("Learn their habits from past drills.")),
}


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


group = LazyGroup(
    "people",
    COMMANDS,
    callback=_help,
    params=[],
    help=_("The simulated people of a rehearsal."),
)
