"""`drillsim live preflight`: all that one should have seen before real people are mailed."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode
from drillsim.text import clean, clean_line

if TYPE_CHECKING:
    from drillsim.reports.preflight import Preflight

NAMES_MAX: Final = 8
"""Domains, addresses and bodies named without --all."""


@click.command(
    "preflight",
    help=_(
        "Show all that should be seen before SCENARIO is run as a live drill: whom it reaches and "
        "at which domains, who is not allowed, every text as it would be sent, holidays and hours, "
        "the clock, the mail server. Nothing is connected to.\n\n"
        "Exit code: 1 if the drill would not begin now."
    ),
)
@click.argument("scenario", metavar=_("SCENARIO"))
@click.option(
    "--live",
    "profile",
    metavar=_("PROFILE.toml"),
    help=_("The profile of the mail server; without it, as for a drill by hand."),
)
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Write the page to this new file: .html, .docx, .pdf, .md …"),
)
@click.option("--all", "show_all", is_flag=True, help=_("Name every domain, address and body."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    scenario: str,
    profile: str | None,
    contacts: str | None,
    output: Path | None,
    show_all: bool,
    as_json: bool,
) -> ExitCode:
    """Print the pre-flight page, or write it."""
    from drillsim.cli.report import writers_for
    from drillsim.cli.writing import refuse_existing, write_new
    from drillsim.conduct.live import wall_now
    from drillsim.files.live_profile import load_profile
    from drillsim.files.scenario_file import load_scenario
    from drillsim.reports.preflight import Preflight

    writers = writers_for([output]) if output is not None else []
    for path, _write in writers:
        refuse_existing(path)
    loaded = load_scenario(scenario, contacts)
    found = load_profile(profile).profile if profile is not None else None
    page = Preflight(loaded, wall_now(), found)
    for path, write in writers:
        from drillsim.reports.preflight_page import preflight_view

        write_new(path, write(preflight_view(page)), is_private=True)
    if as_json:
        paths = {
            "path": str(loaded.path),
            "contacts": str(loaded.contacts_path),
            "profile": profile,
        }
        click.echo(json.dumps({**paths, **page.as_json()}, ensure_ascii=False, indent=2))
    elif output is None:
        for line in preflight_lines(page, show_all=show_all):
            click.echo(line)
    return ExitCode.FOUND if page.is_blocked else ExitCode.DONE


def preflight_lines(page: "Preflight", *, show_all: bool = False) -> Iterator[str]:
    """Yield the page for a terminal; what decides stands last, where it is in sight."""
    lines = _Lines(page, show_all=show_all)
    for part in (
        lines.texts(),
        lines.schedule(),
        lines.tiers(),
        lines.addresses(),
        lines.servers(),
        lines.mails(),
        lines.concerns(),
    ):
        block = list(part)
        if block:
            yield from block
            yield ""
    yield lines.recipients()


class _Lines:
    """A pre-flight page as lines."""

    def __init__(self, page: "Preflight", *, show_all: bool) -> None:
        self._page = page
        self._most = len(page.exercise.tree.nodes) + len(page.recipients.all)
        if not show_all:
            self._most = NAMES_MAX

    def texts(self) -> Iterator[str]:
        from drillsim.reports.preflight_page import planned_mail_name

        for text in self._page.texts:
            yield f"── {planned_mail_name(self._page, text)}"
            yield _("Subject: {subject}").format(subject=clean_line(text.subject, limit=300))
            yield from (f"  {line}".rstrip() for line in clean(text.body).splitlines())
            yield ""

    def schedule(self) -> Iterator[str]:
        page, exercise = self._page, self._page.exercise
        begins, ends = page.planned, page.planned + exercise.window_at
        yield clean_line(exercise.scenario.title)
        yield _("Day: {day}, {begins} to {ends}, {hours}").format(
            day=begins.date().isoformat(),
            begins=f"{begins:%H:%M}",
            ends=f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%Y-%m-%d %H:%M}",
            hours=_("contacts for nights and holidays")
            if exercise.off_hours
            else _("contacts for office hours"),
        )
        yield _("Clock: {now} in {zone}").format(
            now=f"{page.now:%Y-%m-%d %H:%M:%S}", zone=exercise.tree.zone
        )
        yield from (f"  {clean_line(each.text)}" for each in page.plan.remarks)
        yield from (f"  {problem}" for problem in page.loaded.problems)

    def tiers(self) -> Iterator[str]:
        from drillsim.cli.table import table
        from drillsim.drill.kinds import kind_word

        head = [_("to be reached"), _("bodies"), _("by mail")]
        head += [_("stand-in by mail"), _("by telephone")]
        rows = [
            [
                kind_word(tier.kind),
                *map(str, (tier.nodes, tier.by_mail, tier.stand_in_by_mail, tier.by_telephone)),
            ]
            for tier in self._page.plan.tiers
        ]
        yield from table(head, rows, right=(1, 2, 3, 4))

    def addresses(self) -> Iterator[str]:
        from drillsim.cli.table import table

        page = self._page
        rows = [
            [each.domain, str(each.addresses), str(each.outside) if each.outside else "–"]
            for each in page.domains
        ]
        rows.sort(key=lambda row: row[2] == "–")  # Those with somebody outside come first.
        head = [_("domain"), _("addresses"), _("not allowed")]
        yield from table(head, rows[: self._most], right=(1, 2))
        if len(rows) > self._most:
            yield _("and {n} more; --all names all").format(n=len(rows) - self._most)
        recipients = page.recipients
        for nodes, text in (
            (recipients.without_mail, _("No mail address: {names}")),
            (recipients.sharing, _("Stand-in at the same mailbox: {names}")),
        ):
            if nodes:
                names = [clean_line(page.exercise.node(node).name) for node in nodes]
                yield text.format(names=self._some(names))
        if page.outside:
            named = [
                f"{clean_line(each.address, limit=80)} ({page.body_name(each)})"
                for each in page.outside
            ]
            yield _("Not allowed: {names}").format(names=self._some(named))

    def servers(self) -> Iterator[str]:
        from drillsim.reports.preflight import answers_words, server_words

        profile = self._page.profile
        if profile is None:
            yield _("By hand: drillsim sends nothing itself.")
            return
        yield _("Profile: {title}").format(title=clean_line(profile.title))
        yield _("From: {address}").format(address=clean_line(profile.from_.address))
        yield _("Mail goes out over {server}").format(server=server_words(profile))
        yield _("Answers come in: {place}").format(place=answers_words(profile))

    def mails(self) -> Iterator[str]:
        plan = self._page.plan
        sent, calls = plan.expectation.mails_sent, plan.expectation.calls
        yield _(
            "In all: {first} first mails, one for each message and body; with reminders and "
            "stand-ins {least} to {most} mails, and up to {calls} calls, as rehearsals go"
        ).format(first=plan.first_mails, least=sent.least, most=sent.most, calls=calls.most)

    def concerns(self) -> Iterator[str]:
        for each in self._page.concerns:
            yield ("✕ " if each.blocks else "! ") + clean_line(each.text)

    def recipients(self) -> str:
        recipients = self._page.recipients
        count = ngettext("Recipients: {n} body", "Recipients: {n} bodies", recipients.bodies)
        addresses = ngettext("{n} address", "{n} addresses", len(recipients.addresses))
        return (
            count.format(n=recipients.bodies)
            + f" ({addresses.format(n=len(recipients.addresses))})"
        )

    def _some(self, names: Sequence[str]) -> str:
        shown = list(names[: self._most])
        if len(names) > self._most:
            shown.append(_("{n} more").format(n=len(names) - self._most))
        return ", ".join(shown)
