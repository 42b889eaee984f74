"""`drillsim approve`: a second person looks at a live drill, and enters the code to begin it."""

import sys
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode, UsageError

if TYPE_CHECKING:
    from drillsim.conduct.approval_request import Answer, Asked


@click.command(
    "approve",
    help=_(
        "Approve a live drill that waits for it: look at what it would send, enter your name, and "
        "the code that stands on the operator's screen.\n\n"
        "DRILL is what that screen shows; it can be left out if only one waits in the folder "
        "drills.\n\n"
        "Exit code: 2 if it was not approved."
    ),
)
@click.argument("drill", required=False, metavar=_("[DRILL]"))
@click.option("--all", "show_all", is_flag=True, help=_("Name every domain, address and body."))
def command(drill: str | None, show_all: bool) -> ExitCode:
    """Show a drill, and take a name and a code."""
    from drillsim.conduct.approval_request import find_request, read_request
    from drillsim.conduct.live import wall_now
    from drillsim.journal.folder import FOLDER

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("a second person approves a drill at a terminal of their own"))
    asked = read_request(find_request(drill, FOLDER), wall_now())
    for line in page_lines(asked, show_all=show_all):
        click.echo(line)
    while True:
        answer = _try(asked)
        if answer.verdict == "approved":
            click.echo(_("You have approved it; the operator's screen goes on from here."))
            return ExitCode.DONE
        said = verdict_words(answer)
        if answer.left == 0 or answer.verdict in ("expired", "gone"):
            raise UsageError(said)
        click.echo(said, err=True)


def page_lines(asked: "Asked", *, show_all: bool) -> list[str]:
    """Return what a second person is to look at: the page, and who asks for what."""
    from drillsim.cli.live_preflight import preflight_lines
    from drillsim.cli.live_start import page_of

    page = page_of(asked.files)
    asks = _("{name} asks to begin the live drill {scenario}. Real people would be mailed.")
    return [
        *preflight_lines(page, show_all=show_all),
        "",
        asks.format(name=asked.asked_by, scenario=asked.scenario),
    ]


def _try(asked: "Asked") -> "Answer":
    from drillsim.conduct.approval_request import approve

    name = click.prompt(_("Your own name, for the record"), default="", show_default=False)
    code = click.prompt(_("The code on the operator's screen"), default="", show_default=False)
    return approve(asked, name, code)


def verdict_words(answer: "Answer") -> str:
    """Return what became of a try that did not approve."""
    match answer.verdict:
        case "same-person":
            return _("whoever asks cannot approve; a second person enters a name of their own")
        case "no-name":
            return _("the record needs a name; enter your own")
        case "expired":
            return _("the code has expired; the operator begins the drill anew")
        case "void":
            return _("this was the last try, and the code is void; the operator begins anew")
        case "gone":
            return _("the request is gone; the operator's screen says what became of it")
        case _:
            return ngettext(
                "this is not the code; {n} try is left",
                "this is not the code; {n} tries are left",
                answer.left,
            ).format(n=answer.left)
