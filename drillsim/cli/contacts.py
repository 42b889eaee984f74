"""`drillsim contacts`: contact trees (緊急時連絡網), on the day of a drill and on all others."""

from collections.abc import Mapping
from typing import Final

import click

from drillsim.cli.lazy_group import Entry, LazyGroup
from drillsim.i18n import N_, _

COMMANDS: Final[Mapping[str, Entry]] = {
    "show": ("drillsim.cli.contacts_show:command", N_("Show a contact tree.")),
    "edit": ("drillsim.cli.contacts_edit:command", N_("Edit a contact tree on the screen.")),
    "new": ("drillsim.cli.contacts_new:command", N_("Write a new tree from the codes of bodies.")),
    "import": (
        "drillsim.cli.contacts_import:command",
        N_("Take a list in CSV or Excel into a contact tree."),
    ),
    "export": (
        "drillsim.cli.contacts_export:command",
        N_("Write a contact tree for Excel, telephones, print."),
    ),
    "mapping": (
        "drillsim.cli.contacts_mapping:command",
        N_("Print which headings of lists are known."),
    ),
    "check": ("drillsim.cli.contacts_check:command", N_("Score a contact tree, with reasons.")),
    "diff": ("drillsim.cli.contacts_diff:command", N_("Say what changed between two trees.")),
    "confirm": (
        "drillsim.cli.contacts_confirm:command",
        N_("Let every body confirm its own entry, yearly."),
    ),
    "mend": ("drillsim.cli.contacts_mend:command", N_("List what a drill found to be mended.")),
    "what-if": ("drillsim.cli.contacts_what_if:command", N_("Say who is cut off by an absence.")),
}


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


group = LazyGroup(
    "contacts",
    COMMANDS,
    callback=_help,
    params=[],
    help=_("Show, write, check and compare contact trees."),
)
