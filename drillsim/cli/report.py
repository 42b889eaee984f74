"""`drillsim report`: the report of a drill, in the format that the suffix names."""

from pathlib import Path

import click

from drillsim.i18n import LANGUAGES, _, set_language


@click.command(
    "report",
    help=_(
        "Write the report of DRILL: a path, or the id of a drill in the folder drills.\n\n"
        "The suffix of -o names the format: .html, .csv, .md or .json."
    ),
)
@click.argument("drill", metavar="DRILL")
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Write to this file; without it, HTML beside the drill."),
)
@click.option("--lang", type=click.Choice(LANGUAGES), help=_("The language of the report."))
def command(drill: str, output: Path | None, lang: str | None) -> None:
    """Write the report and name its file."""
    from drillsim.cli.summary import evaluated
    from drillsim.drill.events import decode
    from drillsim.i18n import language
    from drillsim.journal import JournalReader, find_drill
    from drillsim.problem import UsageError
    from drillsim.reports.formats import FORMATS
    from drillsim.reports.view import report_view

    if lang is not None:
        set_language(lang)
    path = find_drill(drill)
    target = path.with_suffix(".html") if output is None else output
    write = FORMATS.get(target.suffix.lower())
    if write is None:
        raise UsageError(
            _("{file}: no such format; write one of: {suffixes}").format(
                file=target, suffixes=", ".join(FORMATS)
            )
        )
    with JournalReader(path) as reader:
        evaluation = evaluated(reader)
        events = [decode(record.data) for record in reader.events()]
        content = write(report_view(evaluation, events, reader, language()))
    target.write_bytes(content)
    click.echo(str(target))
