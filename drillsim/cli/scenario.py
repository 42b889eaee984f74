"""`drillsim scenario`: the scenarios there are, and what is in one."""

from collections.abc import Mapping
from typing import Final

import click

from drillsim.cli.lazy_group import Entry, LazyGroup
from drillsim.i18n import N_, _

COMMANDS: Final[Mapping[str, Entry]] = {
    "list": ("drillsim.cli.scenario_list:command", N_("List the scenarios.")),
    "show": ("drillsim.cli.scenario_show:command", N_("Show what is in a scenario.")),
    "new": ("drillsim.cli.scenario_new:command", N_("Begin a new scenario from a shipped one.")),
    "msel": (
        "drillsim.cli.scenario_msel:command",
        N_("Write the injects in time order as an Excel workbook."),
    ),
    "from-msel": (
        "drillsim.cli.scenario_from_msel:command",
        N_("Begin a scenario from an Excel workbook of injects."),
    ),
    "diagram": ("drillsim.cli.scenario_diagram:command", N_("Draw the phases as Mermaid.")),
    "schema": ("drillsim.cli.scenario_schema:command", N_("Print the JSON Schema of the formats.")),
}


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


group = LazyGroup(
    "scenario",
    COMMANDS,
    callback=_help,
    params=[],
    help=_("Show, draw and begin scenarios."),
)
