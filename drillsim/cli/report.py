"""`drillsim report`: the report of a drill, in the format that the suffix names."""

from pathlib import Path

import click

from drillsim.i18n import LANGUAGES, _, set_language


@click.command(
    "report",
    help=_(
        "Write the report of DRILL: a path, the id of a drill in the folder drills, or latest, "
        "which is meant without DRILL too.\n\n"
        "The suffix of -o names the format: .html, .csv, .md or .json."
    ),
)
@click.argument("drill", metavar="DRILL", required=False)
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar=_("FILE"),
    multiple=True,
    type=click.Path(path_type=Path),
    help=_("Write to this file; without it, HTML beside the drill. Several -o write several."),
)
@click.option("--lang", type=click.Choice(LANGUAGES), help=_("The language of the report."))
def command(drill: str | None, outputs: tuple[Path, ...], lang: str | None) -> None:
    """Write the report and name its files."""
    from drillsim.journal import JournalReader, find_drill
    from drillsim.problem import UsageError
    from drillsim.reports.drill_record import read_drill
    from drillsim.reports.formats import FORMATS, writer
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
        writers.append((target, write))
    with JournalReader(path) as reader:
        view = report_view(read_drill(reader))
    for target, write in writers:
        target.write_bytes(write(view))
        click.echo(str(target))
