"""`drillsim scenario list`: the scenarios of the workspace, or the shipped ones."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from drillsim.cli.table import table
from drillsim.drill.scenario import Scenario
from drillsim.files.places import files_in, relative_name, shipped_files
from drillsim.files.scenario_file import read_scenario
from drillsim.files.yaml_reader import read_bytes
from drillsim.i18n import N_, _
from drillsim.problem import ExitCode, ProblemsError

ANNOUNCEMENTS = {
    "full": N_("announced"),
    "date-only": N_("day announced"),
    "none": N_("not announced"),
}


@dataclass(frozen=True, slots=True)
class _Found:
    path: Path
    scenario: Scenario | None
    """None where the file has errors."""


@click.command(
    "list",
    help=_(
        "List the scenarios of the folder scenarios below the current one, or else the shipped "
        "ones.\n\nExit code: 1 if some file has errors; drillsim check tells which."
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(as_json: bool) -> int:
    """Print a table of scenarios."""
    found = [_read(path) for path in files_in(Path("scenarios")) or shipped_files("scenarios")]
    if as_json:
        rows = [_row(each) for each in found]
        click.echo(json.dumps({"scenarios": rows}, ensure_ascii=False, indent=2))
    else:
        _print_table(found)
    return ExitCode.FOUND if any(each.scenario is None for each in found) else ExitCode.DONE


def _read(path: Path) -> _Found:
    name = relative_name(path)
    try:
        _document, scenario = read_scenario(read_bytes(path, name), name)
    except ProblemsError:
        return _Found(path, None)
    return _Found(path, scenario)


def _row(found: _Found) -> dict[str, object]:
    scenario = found.scenario
    if scenario is None:
        return {"path": str(found.path), "id": found.path.stem, "errors": True}
    return {
        "path": str(found.path),
        "id": scenario.id,
        "errors": False,
        "title": scenario.title,
        "purpose": scenario.purpose,
        "incident": scenario.incident.kind,
        "announcement": scenario.announcement,
        "contacts": scenario.contacts,
        "start": scenario.start.isoformat(),
        "window": str(scenario.window),
        "injects": len(scenario.injects),
    }


def _print_table(found: list[_Found]) -> None:
    head = [_("scenario"), _("start"), _("window"), _("announcement"), _("title")]
    for line in table(head, [_cells(each) for each in found], right=(2,)):
        click.echo(line)


def _cells(found: _Found) -> list[str]:
    scenario = found.scenario
    if scenario is None:
        fault = _("has errors: drillsim check {path}").format(path=found.path)
        return [found.path.stem, "", "", "", fault]
    return [
        found.path.stem,
        f"{scenario.start:%Y-%m-%d %H:%M}",
        str(scenario.window),
        _(ANNOUNCEMENTS[scenario.announcement]),
        scenario.title,
    ]
