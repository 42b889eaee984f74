"""`drillsim compare`: the same bodies over several drills."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drillsim.drill.tree import ContactTree
    from drillsim.files.results_table import ResultsMapping
    from drillsim.reports.view import Table

ROWS_MAX: Final = 60
"""Bodies shown without --all."""


@click.command(
    "compare",
    help=_(
        "Compare drills, the earliest first: who got slower, who fails again, and the figures of "
        "each tier side by side.\n\n"
        "Each is a drill, or a table of results (.xlsx, .csv) from before drillsim, with a row for "
        "each body; --mapping names its columns where they are not usual ones. The first and the "
        "last are compared; those between are shown."
    ),
)
@click.argument("names", metavar=_("EARLIER… LATER"), nargs=-1, required=True)
@click.option(
    "--mapping",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("What the columns and words of the tables mean (YAML)."),
)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar=_("FILE"),
    multiple=True,
    type=click.Path(path_type=Path),
    help=_("Write it to this file, in the formats of report; several -o write several."),
)
@click.option(
    "--redact",
    is_flag=True,
    help=_("A copy for outsiders: no person, address or number of the contact trees."),
)
@click.option("--all", "show_all", is_flag=True, help=_("Name every body."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    names: tuple[str, ...],
    mapping: Path | None,
    outputs: tuple[Path, ...],
    redact: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Print or write a comparison."""
    from drillsim.cli.report import write_view, writers_for
    from drillsim.evaluation.comparison import compare
    from drillsim.reports.comparison import comparison_view, read_years
    from drillsim.reports.redaction import redacted

    if len(names) < 2:
        raise UsageError(_("a comparison needs two drills; name the earlier one first"))
    writers = writers_for(outputs)
    places = [place(name) for name in names]
    view = comparison_view(compare(read_years(places, mapping_at(mapping))))
    if redact:
        for tree in _trees(places):
            view = redacted(view, tree)
    if as_json:
        click.echo(json.dumps(view.data["comparison"], ensure_ascii=False, indent=2))
    if writers:
        write_view(view, writers)
    if as_json or writers:
        return
    click.echo(view.section("comparison").sentences[0])
    for table in view.tables:
        click.echo()
        _show(table, None if show_all else ROWS_MAX)


def place(name: str) -> Path:
    """Return the file that a user means: a table by its path, or a drill."""
    from drillsim.journal import find_drill
    from drillsim.reports.comparison import TABLES

    path = Path(name)
    return path if path.suffix.lower() in TABLES else find_drill(name)


def _trees(places: list[Path]) -> "Iterator[ContactTree]":
    """Yield the contact trees of what is compared; they tell who the persons are.

    Raises:
        UsageError: there is none.
    """
    from drillsim.files.scenario_file import load_stored
    from drillsim.journal import JournalReader
    from drillsim.reports.comparison import TABLES

    drills = [path for path in places if path.suffix.lower() not in TABLES]
    if not drills:
        raise UsageError(
            _("--redact needs a drill: tables of results do not say who in them is a person")
        )
    for path in drills:
        with JournalReader(path) as reader:
            yield load_stored(reader.files).exercise.tree


def mapping_at(path: Path | None) -> "ResultsMapping | None":
    """Return what a mapping file says; None without one."""
    from drillsim.files.places import relative_name
    from drillsim.files.results_table import read_mapping

    return None if path is None else read_mapping(path, relative_name(path))


def _show(shown: "Table", most: int | None) -> None:
    from drillsim.cli.table import table
    from drillsim.reports.cells import RIGHT, cell_text

    rows = [
        [cell_text(cell, column) for cell, column in zip(row, shown.columns, strict=True)]
        for row in shown.rows[:most]
    ]
    right = [number for number, column in enumerate(shown.columns) if column.kind in RIGHT]
    click.echo(clean_line(shown.title))
    for line in table([column.name for column in shown.columns], rows, right=right):
        click.echo(line)
    if len(shown.rows) > len(rows):
        click.echo(_("and {n} more; --all names all").format(n=len(shown.rows) - len(rows)))
