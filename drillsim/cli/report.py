"""`drillsim report`: the report of a drill, in the format that the suffix names."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import LANGUAGES, _, set_language

if TYPE_CHECKING:
    from drillsim.evaluation.comparison import Year
    from drillsim.reports.formats import Writer
    from drillsim.reports.view import ReportView


@click.command(
    "report",
    help=_(
        "Write the report of DRILL: a path, the id of a drill in the folder drills, or latest, "
        "which is meant without DRILL too.\n\n"
        "The suffix of -o names the format: .docx, .html, .xlsx, .pdf, .csv, .md or .json. Without "
        "-o it is written beside the drill: in Japanese as .docx, in English as .html."
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
    help=_("Write to this file. Several -o write several."),
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
@click.option(
    "--council",
    is_flag=True,
    help=_("In five rows, for a council: no municipality is named."),
)
@click.option(
    "--feedback",
    metavar=_("DIR"),
    type=click.Path(path_type=Path),
    help=_("Write a .docx sheet for each body about itself into this new or empty folder."),
)
@click.option(
    "--before",
    metavar=_("DRILL"),
    help=_("Compare with an earlier drill, or with a table of its results (.xlsx, .csv)."),
)
@click.option(
    "--mapping",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("What the columns and words of the table of --before mean (YAML)."),
)
@click.option("--lang", type=click.Choice(LANGUAGES), help=_("The language of the report."))
def command(
    drill: str | None,
    outputs: tuple[Path, ...],
    redact: bool,
    mask_bodies: bool,
    table: str | None,
    council: bool,
    feedback: Path | None,
    before: str | None,
    mapping: Path | None,
    lang: str | None,
) -> None:
    """Write the report and name its files."""
    from drillsim.cli.batch import without_collector
    from drillsim.cli.writing import empty_folder
    from drillsim.evaluation.comparison import compare
    from drillsim.i18n import language
    from drillsim.journal import JournalReader, find_drill
    from drillsim.reports.comparison import comparison_blocks, drill_year, told_apart
    from drillsim.reports.council import council_view
    from drillsim.reports.drill_record import read_drill
    from drillsim.reports.redaction import redacted
    from drillsim.reports.report import report_view

    if lang is not None:
        set_language(lang)
    path = find_drill(drill)
    if feedback is not None:
        empty_folder(feedback)
        if not (outputs or council):
            _write_feedback(path, feedback)
            return
    beside = usual_file(path, language(), council=council)
    writers = writers_for(outputs or (beside,), table)
    earlier = before_year(before, mapping)
    with without_collector():
        with JournalReader(path) as reader:
            drill_record = read_drill(reader)
            files = reader.files
        view = report_view(drill_record)
        if earlier is not None and before is not None:
            years = told_apart(
                [earlier, drill_year(drill_record.evaluation)], [Path(before).stem, path.stem]
            )
            blocks = comparison_blocks(compare(years), only_both=mask_bodies)
            view = view.with_blocks("comparison", blocks)
        if redact or mask_bodies:
            # The contact tree is confidential: only those who have it can tell the numbers apart.
            key = b"".join(files.values())
            view = redacted(view, drill_record.exercise.tree, mask_bodies=mask_bodies, key=key)
        if council:
            view = council_view(view, drill_record.exercise)
        write_view(view, writers)
        if feedback is not None:
            _write_feedback(path, feedback)


def writers_for(targets: Iterable[Path], table: str | None = None) -> "list[tuple[Path, Writer]]":
    """Return what writes each file, by its suffix; with `table` that table alone.

    Raises:
        UsageError: a suffix that names no format, or a Word document that is there already.
    """
    from drillsim.cli.writing import refuse_existing
    from drillsim.problem import UsageError
    from drillsim.reports.formats import FORMATS, writer

    writers = []
    for target in targets:
        write = writer(target.suffix)
        if write is None:
            raise UsageError(
                _("{file}: no such format; write one of: {suffixes}").format(
                    file=target, suffixes=", ".join(FORMATS)
                )
            )
        if _is_word(target):
            refuse_existing(target)
        writers.append((target, write if table is None else _of_one_table(target, table)))
    return writers


def write_view(view: "ReportView", writers: "Iterable[tuple[Path, Writer]]") -> None:
    """Write a view to files, and name them."""
    from drillsim.cli.writing import write_new

    for target, write in writers:
        if _is_word(target):
            write_new(target, write(view))  # Somebody may have gone on writing in it.
            continue
        target.write_bytes(write(view))
        click.echo(str(target))


def _is_word(target: Path) -> bool:
    return target.suffix.lower() == ".docx"


def before_year(before: str | None, mapping: Path | None) -> "Year | None":
    """Return the year before, from a drill or a table of results; None without one."""
    from drillsim.cli.compare import mapping_at, place
    from drillsim.problem import UsageError
    from drillsim.reports.comparison import read_years

    if before is None:
        if mapping is not None:
            raise UsageError(_("--mapping says what a table means; name the table with --before"))
        return None
    (year,) = read_years([place(before)], mapping_at(mapping))
    return year


def usual_file(drill: Path, lang: str, *, council: bool = False) -> Path:
    """Return where a report goes without -o: beside its drill; in Word where offices use that."""
    if council:
        return drill.with_name(f"{drill.stem}-council.docx")
    return drill.with_suffix(".docx" if lang == "ja" else ".html")


def _write_feedback(path: Path, folder: Path) -> None:
    """Write a sheet for each body, named by its id."""
    from drillsim.journal import JournalReader
    from drillsim.reports.docx import as_docx
    from drillsim.reports.drill_record import read_drill
    from drillsim.reports.feedback import Feedback, file_names

    with JournalReader(path) as reader:
        sheets = Feedback(read_drill(reader))
    for node, name in file_names(sheets.nodes).items():
        (folder / f"{name}.docx").write_bytes(as_docx(sheets.sheet(node)))
    click.echo(str(folder))


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
