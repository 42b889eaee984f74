"""`drillsim scenario schema`: the JSON Schema of scenarios, contact trees or preset files."""

import json

import click

from drillsim.files.json_schema import json_schema
from drillsim.i18n import _
from drillsim.problem import UsageError


@click.command(
    "schema",
    help=_(
        "Print the JSON Schema of scenario files, for editors that check while one types.\n\n"
        "The shipped files name it in their first line; drillsim check finds more."
    ),
)
@click.option("--contacts", is_flag=True, help=_("That of contact trees instead."))
@click.option("--people", is_flag=True, help=_("That of preset files instead."))
def command(contacts: bool, people: bool) -> None:
    """Print a schema."""
    if contacts and people:
        raise UsageError(_("--contacts and --people are two schemas; name one"))
    schema = json_schema("contacts" if contacts else "people" if people else "scenario")
    click.echo(json.dumps(schema, ensure_ascii=False, indent=2))
