"""`drillsim scenario msel`: the injects of a scenario as a spreadsheet, in time order."""

from pathlib import Path

import click

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line


@click.command(
    "msel",
    help=_(
        "Write the MSEL of SCENARIO (its injects in time order) as an Excel workbook, with the "
        "columns of HSEEP. drillsim scenario from-msel reads it again."
    ),
)
@click.argument("scenario", metavar=_("SCENARIO"))
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    required=True,
    help=_("Where to write it: a new .xlsx file."),
)
@click.option(
    "--redact",
    is_flag=True,
    help=_("A copy for outsiders: no person, address or number of the contact tree."),
)
def command(scenario: str, contacts: str | None, output: Path, redact: bool) -> None:
    """Write the workbook."""
    from drillsim.cli.writing import write_new
    from drillsim.files.scenario_file import load_scenario
    from drillsim.reports.msel import msel_xlsx
    from drillsim.reports.plan import Plan

    if output.suffix.lower() != ".xlsx":
        raise UsageError(
            _("{path}: the MSEL is an Excel workbook; name a file that ends in .xlsx").format(
                path=clean_line(str(output))
            )
        )
    write_new(output, msel_xlsx(Plan(load_scenario(scenario, contacts)), redact=redact))
