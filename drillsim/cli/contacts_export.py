"""`drillsim contacts export`: a contact tree for Excel, telephones and print."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.tree import ContactTree


@click.command(
    "export",
    help=_(
        "Write the contact tree in FILE as a list.\n\n"
        "The name given with -o tells the kind: .csv and .xlsx for Excel (to be edited there and "
        "imported again), .vcf for telephones and address books (vCard 4), .html to be printed: "
        "one A4 sheet a prefecture, with a picture of the tree.\n\n"
        "Contact lists are personal data: the file is written with access for you alone, and "
        "with --redact, names, addresses and numbers are masked."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option(
    "-o",
    "--output",
    metavar=_("LIST"),
    type=click.Path(path_type=Path),
    required=True,
    help=_("The file to write: .csv, .xlsx, .vcf or .html."),
)
@click.option("--redact", is_flag=True, help=_("Mask names, addresses, numbers and notes."))
@click.option("--replace", is_flag=True, help=_("Replace a file that is there already."))
def command(file: str, output: Path, redact: bool, replace: bool) -> None:
    """Write a list."""
    from drillsim.files.redaction import redacted
    from drillsim.files.saving import write_whole
    from drillsim.files.tree_file import load_tree

    write = WRITERS.get(output.suffix.lower())
    if write is None:
        raise UsageError(
            _("{path}: the name must end in one of {endings}").format(
                path=output, endings=", ".join(WRITERS)
            )
        )
    tree = load_tree(file).tree
    data = write(redacted(tree) if redact else tree, redact)
    write_whole(output, data, replace=replace)
    click.echo(_("written: {path}").format(path=clean_line(str(output))), err=True)


def _csv(tree: "ContactTree", is_redacted: bool) -> bytes:
    from drillsim.files.lists.table import as_csv

    return as_csv(tree)


def _excel(tree: "ContactTree", is_redacted: bool) -> bytes:
    from drillsim.files.lists.table import as_excel

    return as_excel(tree)


def _vcards(tree: "ContactTree", is_redacted: bool) -> bytes:
    from drillsim.files.lists.vcard import as_vcards

    return as_vcards(tree)


def _page(tree: "ContactTree", is_redacted: bool) -> bytes:
    from drillsim.files.contacts.office_rules import today_in_japan
    from drillsim.reports.contact_sheet import contact_sheet

    return contact_sheet(tree, today=today_in_japan(), is_redacted=is_redacted)


WRITERS = {".csv": _csv, ".xlsx": _excel, ".vcf": _vcards, ".html": _page}
"""Writers by the ending of the file."""
