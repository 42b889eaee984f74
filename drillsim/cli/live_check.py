"""`drillsim live check`: one mail out and its answer back, over the servers of a profile."""

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.conduct.live_check import Round, Step
    from drillsim.files.live_profile import LiveProfile

WAIT_MINUTES: Final = 5.0


@click.command(
    "check",
    help=_(
        "Send one test mail over the servers of PROFILE and wait for its answer. Tells encryption, "
        "login, how long it took, how far apart the clocks are, and what changed on the way.\n\n"
        "Without --to it goes to the drill's own mailbox, and is answered here. With --to it goes "
        "to your own address: answer it there as the bodies would.\n\n"
        "Exit code: 1 if something was found, or no answer came; 2 if a server cannot be used."
    ),
)
@click.argument("profile", metavar=_("PROFILE.toml"))
@click.option("--to", metavar=_("ADDRESS"), help=_("Your own address, which you can answer from."))
@click.option(
    "--wait",
    type=click.FloatRange(0.01, 24 * 60),
    default=WAIT_MINUTES,
    show_default=True,
    metavar=_("MINUTES"),
    help=_("How long to wait for the answer."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(profile: str, to: str | None, wait: float, as_json: bool) -> ExitCode:
    """Make a test round, and tell what it found."""
    from drillsim.conduct.live_check import check_live
    from drillsim.files.live_profile import load_profile
    from drillsim.mail.headers import HeaderError, header_address

    if to is not None:
        try:
            to = header_address(to.strip())
        except HeaderError:
            raise UsageError(
                _("{address} is no mail address").format(address=clean_line(to, limit=60))
            ) from None
    loaded = load_profile(profile)
    found = asyncio.run(check_live(loaded, to, wait * 60, _tell))
    if as_json:
        click.echo(json.dumps(round_data(found), ensure_ascii=False, indent=2))
    else:
        for line in round_lines(found, loaded.profile):
            click.echo(line)
    return ExitCode.DONE if found.is_good else ExitCode.FOUND


def _tell(step: "Step") -> None:
    if not sys.stderr.isatty():
        return
    said = {
        "sent": _("The test mail was taken by the server."),
        "arrived": _("It has arrived, and was answered."),
        "answered": _("An answer has come."),
    }
    click.echo(said[step], err=True)


def round_lines(found: "Round", profile: "LiveProfile") -> Iterator[str]:
    """Yield what a test round found; what matters is marked."""
    from drillsim.reports.preflight import answers_words, server_words

    login = _("login {way}").format(way=found.auth.upper()) if found.auth else _("no login")
    yield _("Sent to {address} over {server}: {tls}, {login}").format(
        address=clean_line(found.to), server=server_words(profile), tls=found.tls, login=login
    )
    yield _("Answers come in: {place}").format(place=answers_words(profile))
    yield from _course(found)
    if found.clock_seconds is not None:
        text = _("Clocks: the mail servers' are {seconds} s ahead of this machine's")
        mark = "✕ " if found.clock_is_off else ""
        yield mark + text.format(seconds=f"{found.clock_seconds:+.0f}")
    yield from _changes(found)
    yield _("A drill can go this way.") if found.is_good else _("Mend what is marked ✕ first.")


def _course(found: "Round") -> Iterator[str]:
    if found.bounced:
        yield "✕ " + _("The test mail came back: {why}").format(
            why=clean_line(found.bounced, limit=200)
        )
        return
    if found.arrived_seconds is not None:
        yield _("Arrived after {seconds} s").format(seconds=f"{found.arrived_seconds:.1f}")
    elif found.is_own and found.answered is None:
        yield "✕ " + _("It has not arrived.")
        return
    answer = found.answered
    if answer is None:
        yield "✕ " + _("No answer has come.")
        return
    yes, no = _("yes"), _("no")
    is_told = answer.by_thread or answer.by_number
    yield ("" if is_told else "✕ ") + _(
        "Answered after {seconds} s; told by thread: {thread}, by number: {number}"
    ).format(
        seconds=f"{answer.after_seconds:.1f}",
        thread=yes if answer.by_thread else no,
        number=yes if answer.by_number else no,
    )
    if answer.kind != "human_reply":
        yield "✕ " + _("A machine has answered ({kind}), no person.").format(kind=answer.kind)
    if found.plus:
        mark = "" if answer.by_plus_address else "✕ "
        yield mark + _("Plus-address: {yes}").format(yes=yes if answer.by_plus_address else no)


def _changes(found: "Round") -> Iterator[str]:
    if found.changes is None:
        if found.answered is not None:
            yield _("What changed on the way is not known: the mail itself was not seen.")
    elif not found.changes:
        yield _("Nothing was changed on the way.")
    for change in found.changes or ():
        yield ("✕ " if change.matters else "  ") + change.text


def round_data(found: "Round") -> dict[str, Any]:
    """Return a test round as plain data."""
    answer = found.answered
    return {
        "to": found.to,
        "good": found.is_good,
        "tls": found.tls,
        "login": found.auth,
        "arrived_seconds": found.arrived_seconds,
        "clock_seconds": found.clock_seconds,
        "bounced": found.bounced or None,
        "answer": None
        if answer is None
        else {
            "after_seconds": answer.after_seconds,
            "kind": answer.kind,
            "by_thread": answer.by_thread,
            "by_number": answer.by_number,
            "by_plus_address": answer.by_plus_address,
        },
        "changes": None
        if found.changes is None
        else [
            {"what": each.what, "text": each.text, "matters": each.matters}
            for each in found.changes
        ],
    }
