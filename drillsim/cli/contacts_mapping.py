"""`drillsim contacts mapping`: which headings of a list are known, as a file to be edited."""

from pathlib import Path

import click

from drillsim.i18n import _
from drillsim.text import clean_line


@click.command(
    "mapping",
    help=_(
        "Print the mapping file: which heading of a list means which field of a contact tree.\n\n"
        "Write it to a file with -o, add the headings of your own lists, and name it with "
        "drillsim contacts import --mapping. A file may hold just what you add."
    ),
)
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Write to this file, which must not be there yet."),
)
def command(output: Path | None) -> None:
    """Print or write the shipped mapping file."""
    from drillsim.files.lists.mapping import shipped_mapping_text
    from drillsim.files.saving import write_whole

    text = shipped_mapping_text()
    if output is None:
        click.echo(text, nl=False)
        return
    write_whole(output, text.encode(), replace=False)
    click.echo(_("written: {path}").format(path=clean_line(str(output))), err=True)
