"""`drillsim init`: a workspace with the shipped files, to be edited."""

import shutil
from pathlib import Path

import click

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.shipped import Shelf, shipped_dir
from drillsim.text import clean_line

SHELVES: tuple[Shelf, ...] = ("scenarios", "contacts", "schemas")


@click.command(
    "init",
    help=_(
        "Copy the shipped scenarios, contact trees and JSON Schemas to DIR.\n\n"
        "DIR is made if it is missing. A file that is there already is kept as it is."
    ),
)
@click.argument("directory", metavar=_("DIR"), type=click.Path(path_type=Path))
def command(directory: Path) -> None:
    """Copy the files, and say what was written and what was kept."""
    if directory.exists() and not directory.is_dir():
        raise UsageError(
            _("{path} is a file; name a folder").format(path=clean_line(str(directory)))
        )
    written = kept = 0
    for shelf in SHELVES:
        target = directory / shelf
        target.mkdir(parents=True, exist_ok=True)
        for source in sorted(shipped_dir(shelf).iterdir()):
            if not source.is_file():
                continue
            if _copy(source, target / source.name):
                written += 1
            else:
                kept += 1
                click.echo(
                    _("kept {path}, which is there already").format(
                        path=clean_line(str(target / source.name))
                    ),
                    err=True,
                )
    click.echo(
        _("{written} files written to {path}, {kept} kept").format(
            written=written, path=clean_line(str(directory)), kept=kept
        )
    )
    click.echo(
        _("Go there, and try: drillsim check, then drillsim run scenarios/r5-virus-suspicion.yaml")
    )


def _copy(source: Path, target: Path) -> bool:
    """Copy one file; return False where there is one of that name. A link is not followed."""
    try:
        with target.open("xb") as new, source.open("rb") as old:
            shutil.copyfileobj(old, new)
    except FileExistsError:
        return False
    return True
