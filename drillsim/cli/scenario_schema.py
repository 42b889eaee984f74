"""`drillsim scenario schema`: the JSON Schema of scenario or contact files."""

import json

import click

from drillsim.files.json_schema import json_schema
from drillsim.i18n import _


@click.command(
    "schema",
    help=_(
        "Print the JSON Schema of scenario files, for editors that check while one types.\n\n"
        "The shipped files name it in their first line; drillsim check finds more."
    ),
)
@click.option("--contacts", is_flag=True, help=_("That of contact trees instead."))
def command(contacts: bool) -> None:
    """Print a schema."""
    schema = json_schema("contacts" if contacts else "scenario")
    click.echo(json.dumps(schema, ensure_ascii=False, indent=2))
