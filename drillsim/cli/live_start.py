"""How a live drill over a mail server is begun: looked at, typed, and approved by a second person.

Nothing is connected to in here: what is refused here has not so much as looked a server up.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.conduct.approval_request import Verdict
    from drillsim.files.live_profile import LoadedProfile
    from drillsim.files.scenario_file import LoadedScenario
    from drillsim.journal.approval import Approval
    from drillsim.reports.preflight import Preflight


def begin_live(loaded: "LoadedScenario", profile: "LoadedProfile", path: Path) -> "Approval":
    """Let a live drill be looked at, confirmed and approved; return by whom.

    Args:
        loaded: scenario and contact tree.
        profile: over which server, and to whom.
        path: where the drill will be kept.

    Raises:
        UsageError: it is not its day, somebody is not allowed, there is no terminal, what was
            typed is wrong, or no second person approved it.
    """
    from drillsim.conduct.approval_request import Asking, ask_for_approval
    from drillsim.conduct.by_hand_start import stamped
    from drillsim.conduct.live import wall_now
    from drillsim.conduct.live_guards import require_allowed, require_the_window
    from drillsim.drill.recipients import Recipients
    from drillsim.files.live_profile import PROFILE

    now = wall_now()
    require_the_window(loaded.exercise, now)
    allows = profile.profile.allows
    require_allowed(Recipients(stamped(loaded, now).exercise), allows)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(_("a live drill over a mail server is begun at a terminal, by two people"))
    files = {**loaded.files, PROFILE: profile.data}
    page = page_of(files)
    _show_page(page)
    recipients = page.recipients
    name = confirmed(loaded.scenario.id, recipients.bodies, _ask)
    asking = Asking(
        path=path,
        scenario=loaded.scenario.id,
        recipients=recipients.bodies,
        asked_by=name,
        zone=loaded.tree.zone,
        files=files,
    )
    approval = ask_for_approval(asking, show=show_code, tell=tell_verdict)
    # Minutes have passed: after hours, other contacts are written to.
    now = wall_now()
    require_the_window(loaded.exercise, now)
    begun = Recipients(stamped(loaded, now).exercise)
    require_allowed(begun, allows)
    if begun.addresses != recipients.addresses:
        raise UsageError(
            _("office hours have begun or ended, and others would be mailed; begin anew")
        )
    return approval


def page_of(files: Mapping[str, bytes], now: datetime | None = None) -> "Preflight":
    """Return the pre-flight page of a drill that is to begin now.

    Raises:
        ProblemsError: the files cannot be read.
        UsageError: the scenario's start cannot be replaced.
    """
    from drillsim.conduct.by_hand_start import stamped
    from drillsim.conduct.live import wall_now
    from drillsim.files.live_profile import PROFILE, parse_profile
    from drillsim.files.scenario_file import load_stored
    from drillsim.reports.preflight import Preflight

    moment = now or wall_now()
    loaded = load_stored(files)
    profile = parse_profile(files[PROFILE], PROFILE).profile
    return Preflight(stamped(loaded, moment), moment, profile, planned=loaded.exercise.start_ex)


def confirmed(scenario: str, recipients: int, ask: Callable[[str], str]) -> str:
    """Have the scenario's id and the number of recipients typed; return the operator's name.

    Raises:
        UsageError: one of them is wrong.
    """
    name = clean_line(ask(_("LIVE: your name, for the record"))).strip()
    if not name:
        raise UsageError(_("the record needs the operator's name; nothing was begun"))
    typed = ask(
        _("LIVE: real people will be mailed. Type the scenario's name, {scenario}").format(
            scenario=scenario
        )
    )
    if typed.strip() != scenario:
        raise UsageError(_("this is not the scenario's name; nothing was begun"))
    typed = ask(_("LIVE: type how many bodies will be mailed, as the page above says"))
    if unicodedata.normalize("NFKC", typed).strip() != str(recipients):
        raise UsageError(_("this is not the number of recipients; nothing was begun"))
    return name


def _ask(text: str) -> str:
    typed: str = click.prompt(text, err=True, default="", show_default=False)
    return typed


def _show_page(page: "Preflight") -> None:
    from drillsim.cli.live_preflight import preflight_lines

    for line in _framed(preflight_lines(page)):
        click.echo(line, err=True)


def _framed(lines: Iterator[str]) -> Iterator[str]:
    yield from lines
    yield ""


def show_code(code: str, request: Path) -> None:
    """Show the code to the operator, and how a second person enters it."""
    from drillsim.conduct.approval_request import EXPIRES_AFTER, TRIES_MAX

    place = str(request.resolve())
    for line in (
        "",
        _("LIVE: a second person must approve. Code: {code}").format(code=code),
        _(
            "They look at the drill and enter it in another terminal: drillsim approve {path}"
        ).format(path=f'"{place}"' if " " in place else place),
        _("It is good for {minutes} minutes and {tries} tries. Ctrl-C: begin nothing.").format(
            minutes=int(EXPIRES_AFTER.total_seconds()) // 60, tries=TRIES_MAX
        ),
    ):
        click.echo(line, err=True)


def tell_verdict(verdict: "Verdict", name: str, left: int) -> None:
    """Tell the operator what a second person has done."""
    if verdict == "approved":
        text = _("Approved by {name}.").format(name=name)
    elif verdict in ("wrong", "void"):
        text = ngettext(
            "A wrong code was entered by {name}; {n} try is left.",
            "A wrong code was entered by {name}; {n} tries are left.",
            left,
        ).format(name=name, n=left)
    else:
        text = _("A try by {name} did not count.").format(name=name or "–")
    click.echo(text, err=True)
