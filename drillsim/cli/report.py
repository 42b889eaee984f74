"""`drillsim report`: the report of a drill, in the format that the suffix names."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import LANGUAGES, _, set_language

if TYPE_CHECKING:
    from drillsim.reports.formats import Writer
    from drillsim.reports.view import ReportView


@click.command(
    "report",
    help=_(
        "Write the report of DRILL: a path, the id of a drill in the folder drills, or latest, "
        "which is meant without DRILL too.\n\n"
        "The suffix of -o names the format: .html, .xlsx, .pdf, .csv, .md or .json."
    ),
)
@click.argument("drill", required=False)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar=_("FILE"),
    multiple=True,
    type=click.Path(path_type=Path),
    help=_("Write to this file; without it, HTML beside the drill. Several -o write several."),
)
@click.option(
    "--redact",
    is_flag=True,
    help=_("A copy for outsiders: no person, no address, no number, nothing that people wrote."),
)
@click.option(
    "--mask-bodies",
    is_flag=True,
    help=_("A copy for outsiders in which bodies have no names either."),
)
@click.option(
    "--table",
    metavar=_("TABLE"),
    help=_("Write one table alone to .csv files, such as bodies or tiers."),
)
@click.option("--lang", type=click.Choice(LANGUAGES), help=_("The language of the report."))
def command(
    drill: str | None,
    outputs: tuple[Path, ...],
    redact: bool,
    mask_bodies: bool,
    table: str | None,
    lang: str | None,
) -> None:
    """Write the report and name its files."""
    from drillsim.journal import JournalReader, find_drill
    from drillsim.problem import UsageError
    from drillsim.reports.drill_record import read_drill
    from drillsim.reports.formats import FORMATS, writer
    from drillsim.reports.redaction import redacted
    from drillsim.reports.report import report_view

    if lang is not None:
        set_language(lang)
    path = find_drill(drill)
    writers = []
    for target in outputs or (path.with_suffix(".html"),):
        write = writer(target.suffix)
        if write is None:
            raise UsageError(
                _("{file}: no such format; write one of: {suffixes}").format(
                    file=target, suffixes=", ".join(FORMATS)
                )
            )
        if table is not None:
            write = _of_one_table(target, table)
        writers.append((target, write))
    with JournalReader(path) as reader:
        drill_record = read_drill(reader)
        files = reader.files
    view = report_view(drill_record)
    if redact or mask_bodies:
        # The contact tree is confidential: only those who have it can tell the numbers apart.
        key = b"".join(files.values())
        view = redacted(view, drill_record.exercise.tree, mask_bodies=mask_bodies, key=key)
    for target, write in writers:
        target.write_bytes(write(view))
        click.echo(str(target))


def _of_one_table(target: Path, name: str) -> "Writer":
    """Return a writer of one table of the report."""
    from drillsim.problem import UsageError
    from drillsim.reports.plain import table_as_csv

    if target.suffix.lower() != ".csv":
        raise UsageError(_("{file}: --table goes with .csv").format(file=target))

    def write(view: "ReportView") -> bytes:
        found = view.table(name)
        if found is None:
            known = ", ".join(table.id for table in view.tables)
            raise UsageError(
                _("there is no table {name} in this report; write one of: {names}").format(
                    name=name, names=known
                )
            )
        return table_as_csv(found)

    return write
