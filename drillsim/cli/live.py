"""`drillsim live`: what is done before a drill goes over the office's own mail server."""

from collections.abc import Mapping
from typing import Final

import click

from drillsim.cli.lazy_group import Entry, LazyGroup
from drillsim.i18n import N_, _

COMMANDS: Final[Mapping[str, Entry]] = {
    "preflight": (
        "drillsim.cli.live_preflight:command",
        N_("Show all that should be seen before real people are mailed."),
    ),
    "check": (
        "drillsim.cli.live_check:command",
        N_("Send one test mail, and wait for its answer."),
    ),
}


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


group = LazyGroup(
    "live",
    COMMANDS,
    callback=_help,
    params=[],
    help=_("Prepare a live drill over a mail server; it is begun with drillsim run --live."),
)
