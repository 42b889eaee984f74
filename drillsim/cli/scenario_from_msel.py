"""`drillsim scenario from-msel`: a scenario skeleton from a spreadsheet of injects."""

import os
import re
from pathlib import Path

import click

from drillsim.drill.model import SLUG
from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line


@click.command(
    "from-msel",
    help=_(
        "Begin a scenario from the MSEL in the Excel workbook FILE. What the table does not say is "
        "marked; drillsim check lists every mark with its line.\n\n"
        "With --contacts, bodies are recognised by their names."
    ),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path))
@click.option("--contacts", metavar=_("FILE"), help=_("The contact tree of the scenario."))
@click.option("--id", "scenario_id", metavar=_("ID"), help=_("The id of the scenario."))
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Where to write it; scenarios/ID.yaml without it."),
)
def command(file: Path, contacts: str | None, scenario_id: str | None, output: Path | None) -> None:
    """Write the skeleton."""
    from drillsim.cli.writing import write_new
    from drillsim.files.msel import NoMselError, read_msel
    from drillsim.files.msel_skeleton import MARK, Skeleton
    from drillsim.files.places import find, relative_name
    from drillsim.files.tree_file import TreeShelf
    from drillsim.files.yaml_reader import read_bytes
    from drillsim.sheets import PACKED_BYTES_MAX, UnreadableSheetError

    name = relative_name(file)
    try:
        msel = read_msel(read_bytes(file, name, limit=PACKED_BYTES_MAX))
    except (UnreadableSheetError, NoMselError) as error:
        raise UsageError(f"{clean_line(name)}: {error}") from None
    chosen = scenario_id or _slug((output or file).stem)
    if not re.fullmatch(SLUG, chosen):
        raise UsageError(
            _("{id} is no id; write small letters a to z, digits and hyphens").format(
                id=clean_line(chosen)
            )
        )
    target = output if output is not None else Path("scenarios") / f"{chosen}.yaml"
    tree, link = None, ""
    if contacts is not None:
        place = find(contacts, "contacts")
        tree = TreeShelf().load(place, relative_name(place)).tree
        link = Path(os.path.relpath(place, target.parent)).as_posix()
    text = Skeleton(msel, chosen, tree=tree, contacts=link).text()
    target.parent.mkdir(parents=True, exist_ok=True)
    write_new(target, text.encode())
    click.echo(
        _("Write in what is marked {mark}, then: drillsim check {path}").format(
            mark=MARK, path=clean_line(str(target))
        ),
        err=True,
    )


def _slug(text: str) -> str:
    """Return an id like `text`, as far as its letters go; "msel" where none is left."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "msel"
