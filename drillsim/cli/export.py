"""`drillsim export`: a copy of a drill, its events for other programs, its mails as files."""

import os
from pathlib import Path
from typing import Final

import click

from drillsim.cli.writing import empty_folder, tell_written
from drillsim.i18n import _
from drillsim.problem import UsageError

DRILL_SUFFIX: Final = ".drill"


@click.command(
    "export",
    help=_(
        "Export DRILL: a path, the id of a drill in the folder drills, or latest, which is meant "
        "without DRILL too. The drill may be running.\n\n"
        "-o copy.drill copies the whole drill; never copy the file of a running drill by other "
        "means. --events jsonl gives every event as a line of JSON, on standard output or in the "
        "file of -o; --mails writes every mail into a folder as .eml, with a list."
    ),
)
@click.argument("drill", required=False)
@click.option(
    "--events",
    "event_format",
    type=click.Choice(["jsonl"]),
    help=_("Give the events in this format."),
)
@click.option(
    "--mails",
    metavar=_("DIR"),
    type=click.Path(path_type=Path),
    help=_("Write the mails into this folder, which must be new or empty."),
)
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("FILE.drill: a copy of the drill. Any other: the events of --events."),
)
@click.option(
    "--redact",
    is_flag=True,
    help=_("Leave out names, addresses, what people wrote and the operator's words."),
)
def command(
    drill: str | None,
    event_format: str | None,
    mails: Path | None,
    output: Path | None,
    redact: bool,
) -> None:
    """Export what was asked for, and name what was written."""
    from drillsim.journal import export_copy, find_drill

    is_copy = output is not None and output.suffix.lower() == DRILL_SUFFIX
    if event_format is None and mails is None and not is_copy:
        raise UsageError(
            _("say what to export: -o copy.drill, --events jsonl, --mails DIR, or several of them")
        )
    if redact and (mails is not None or is_copy):
        raise UsageError(
            _("mails and copies hold names and addresses; only --events can be redacted")
        )
    path = find_drill(drill)
    if is_copy:
        assert output is not None
        export_copy(path, output)
        tell_written(output)
    if mails is not None:
        _write_mails(path, mails)
    if event_format is not None:
        _write_events(path, None if is_copy else output, redact=redact)


def _write_mails(path: Path, folder: Path) -> None:
    from drillsim.journal import JournalReader
    from drillsim.reports.export import write_mails

    with JournalReader(path) as reader:
        empty_folder(folder, is_private=True)
        write_mails(reader, folder)
    tell_written(folder)


def _write_events(path: Path, output: Path | None, *, redact: bool) -> None:
    from drillsim.files.scenario_file import load_stored
    from drillsim.journal import JournalReader
    from drillsim.reports.export import event_lines

    with JournalReader(path) as reader:
        lines = event_lines(reader, load_stored(reader.files).exercise, redact=redact)
        if output is None:
            for line in lines:
                click.echo(line)
            return
        how = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        descriptor = os.open(output, how, 0o666 if redact else 0o600)  # It names people.
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    tell_written(output)
