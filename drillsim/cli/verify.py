"""`drillsim verify`: is a journal what was written?"""

import json
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.journal import Verdict

SHOWN_MAX = 20
"""Faults listed without --json; who has more needs another copy, not a longer list."""


@click.command(
    "verify",
    help=_(
        "Check that the journal of a drill is what was written: every record, file, mail and "
        "command.\n\nA cut-off end and a journal that was written anew show only with --expect."
    ),
)
@click.argument("drill", required=False)
@click.option(
    "--expect",
    metavar="HEAD",
    help=_("The head that was printed at the end of the drill, or that its report names."),
)
@click.option("--expect-file", metavar="SHA256", help=_("The SHA-256 of the whole file."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    drill: str | None, expect: str | None, expect_file: str | None, as_json: bool
) -> ExitCode:
    """Print what was found; 1 if anything is not what was written."""
    from drillsim.journal import find_drill, verify

    verdict = verify(find_drill(drill), expect_head=expect, expect_file=expect_file)
    if as_json:
        click.echo(json.dumps(verdict.as_json(), ensure_ascii=False, indent=2))
    else:
        _show(verdict)
        if verdict.ok and not verdict.is_sealed and expect is None:
            click.echo(
                _(
                    "The drill has not ended, or its end is missing; which of them shows only "
                    "with --expect."
                ),
                err=True,
            )
    return ExitCode.DONE if verdict.ok else ExitCode.FOUND


def _show(verdict: "Verdict") -> None:
    for fault in verdict.faults[:SHOWN_MAX]:
        click.echo(f"{verdict.path}: {clean_line(fault.message)}")
    left = len(verdict.faults) - SHOWN_MAX
    if left > 0:
        more = ngettext("{path}: {n} more fault", "{path}: {n} more faults", left)
        click.echo(more.format(path=verdict.path, n=left))
    if verdict.ok:
        state = _("whole, sealed") if verdict.is_sealed else _("whole so far, not sealed")
        click.echo(f"{verdict.path}: {state}")
    for name, value in (
        (_("records"), verdict.count),
        (_("mails"), verdict.mails),
        (_("commands"), verdict.commands),
        (_("additions after the end"), verdict.annex),
        (_("head"), verdict.head),
        (_("digest"), verdict.digest),
    ):
        click.echo(f"{name}: {value}")
