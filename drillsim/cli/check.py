"""`drillsim check`: every problem in scenarios, contact trees and preset files."""

import json

import click

from drillsim.files.checking import CheckResult, check_paths
from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode


@click.command(
    "check",
    help=_(
        "List every problem in scenarios, contact trees and preset files, each with its line and "
        "how to mend it."
        "\n\n"
        "PATH is a file, a folder, or the bare name of a shipped file. Without any, the folders "
        "scenarios, contacts and people below the current one are checked, or else the shipped "
        "files."
        "\n\n"
        "Exit code: 0 without errors (warnings may be listed), 1 with errors, 2 if a file cannot "
        "be read at all."
    ),
)
@click.argument("paths", metavar=_("[PATH]..."), nargs=-1)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(paths: tuple[str, ...], as_json: bool) -> int:
    """Check files and print what was found."""
    result = check_paths(paths)
    if as_json:
        click.echo(json.dumps(_as_json(result), ensure_ascii=False, indent=2))
    else:
        for problem in result.problems:
            click.echo(str(problem))
        click.echo(_summary(result), err=True)
    return exit_code(result)


def exit_code(result: CheckResult) -> ExitCode:
    """Return what the shell is told: warnings alone are no finding."""
    if result.unreadable:
        return ExitCode.WRONG_USE
    return ExitCode.FOUND if result.errors else ExitCode.DONE


def _as_json(result: CheckResult) -> dict[str, object]:
    return {
        "files": [{"path": file.name, "kind": file.kind} for file in result.files],
        "errors": result.errors,
        "warnings": result.warnings,
        "problems": [problem.as_json() for problem in result.problems],
    }


def _summary(result: CheckResult) -> str:
    count = len(result.files)
    files = ngettext("{n} file checked", "{n} files checked", count).format(n=count)
    if not result.problems:
        return _("{files}: no problems").format(files=files)
    errors = ngettext("{n} error", "{n} errors", result.errors).format(n=result.errors)
    warnings = ngettext("{n} warning", "{n} warnings", result.warnings).format(n=result.warnings)
    return _("{files}: {errors}, {warnings}").format(files=files, errors=errors, warnings=warnings)
