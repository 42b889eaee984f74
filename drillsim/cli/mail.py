"""`drillsim mail`: many mails at once."""

from collections.abc import Mapping
from typing import Final

import click

from drillsim.cli.lazy_group import Entry, LazyGroup
from drillsim.i18n import N_, _

COMMANDS: Final[Mapping[str, Entry]] = {
    "classify": ("drillsim.cli.mail_classify:command", N_("Say of each mail what it is.")),
}


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


group = LazyGroup("mail", COMMANDS, callback=_help, params=[], help=_("Look at many mails."))
