"""The pre-flight page as a document, in the formats of a report: to be signed and kept."""

from collections.abc import Iterator

from drillsim.drill.kinds import kind_word
from drillsim.evaluation.wording import inject_name
from drillsim.i18n import _, language, ngettext
from drillsim.reports.planned_mails import PlannedMail
from drillsim.reports.preflight import Preflight, answers_words, server_words
from drillsim.reports.view import Block, Column, Figure, Heading, ReportView, Section, Table, Text
from drillsim.text import clean, clean_line

__all__ = ["planned_mail_name", "preflight_view"]


def preflight_view(page: Preflight) -> ReportView:
    """Return the page as a document, in the language in use."""
    scenario = page.exercise.scenario
    decides = [each.text for each in page.concerns if each.blocks]
    return ReportView(
        kind=_("Before a live drill"),
        title=clean_line(scenario.title),
        language=language(),
        headline=tuple(decides) or (_("Nothing keeps the drill from beginning."),),
        figures=tuple(_figures(page)),
        sections=(
            Section("when", _("When"), tuple(_when(page))),
            Section("participants", _("To whom"), tuple(_whom(page))),
            Section("method", _("Over which servers"), tuple(_servers(page))),
            Section("attachments", _("The texts"), tuple(_texts(page))),
        ),
        foot=_("{scenario}, as of {now}").format(
            scenario=clean_line(scenario.id), now=f"{page.now:%Y-%m-%d %H:%M}"
        ),
        data=page.as_json(),
    )


def _figures(page: Preflight) -> Iterator[Figure]:
    recipients, mails = page.recipients, page.plan.expectation.mails_sent
    yield Figure(_("bodies that are mailed"), str(recipients.bodies))
    yield Figure(_("addresses"), str(len(recipients.addresses)))
    yield Figure(_("mails in all"), f"{mails.least}–{mails.most}")


def _when(page: Preflight) -> Iterator[Block]:
    begins, ends = page.planned, page.planned + page.exercise.window_at
    yield Text(
        text=_("From {begins} to {ends}, {hours}.").format(
            begins=f"{begins:%Y-%m-%d %H:%M}",
            ends=f"{ends:%Y-%m-%d %H:%M}",
            hours=_("contacts for nights and holidays")
            if page.exercise.off_hours
            else _("contacts for office hours"),
        )
    )
    yield from (Text(text=each.text, style="item") for each in page.plan.remarks)
    yield from (Text(text=each.text, style="item") for each in page.concerns if not each.blocks)
    yield from (Text(text=str(problem), style="item") for problem in page.loaded.problems)


def _whom(page: Preflight) -> Iterator[Block]:
    yield Table(
        id="tiers",
        title=_("Bodies to be reached"),
        columns=(
            Column(_("tier")),
            Column(_("bodies"), "count"),
            Column(_("by mail"), "count"),
            Column(_("stand-in by mail"), "count"),
            Column(_("by telephone"), "count"),
        ),
        rows=tuple(
            (
                kind_word(tier.kind),
                tier.nodes,
                tier.by_mail,
                tier.stand_in_by_mail,
                tier.by_telephone,
            )
            for tier in page.plan.tiers
        ),
    )
    yield Table(
        id="domains",
        title=_("Addresses by domain"),
        columns=(
            Column(_("domain")),
            Column(_("addresses"), "count"),
            Column(_("not allowed"), "count"),
        ),
        rows=tuple((each.domain, each.addresses, each.outside) for each in page.domains),
    )
    if page.outside:
        yield Table(
            id="outside",
            title=_("Not in the profile's [allow]"),
            columns=(Column(_("body")), Column(_("address"))),
            rows=tuple(
                (page.body_name(each), clean_line(each.address, limit=120)) for each in page.outside
            ),
            is_private=True,
        )
    for nodes, text in (
        (page.recipients.without_mail, _("No mail address: {names}")),
        (page.recipients.sharing, _("Stand-in at the same mailbox: {names}")),
    ):
        if nodes:
            names = (clean_line(page.exercise.node(node).name) for node in nodes)
            yield Text(text=text.format(names=_(", ").join(names)), style="item")


def _servers(page: Preflight) -> Iterator[Block]:
    profile = page.profile
    if profile is None:
        yield Text(text=_("By hand: drillsim sends nothing itself."))
        return
    yield Text(text=_("Profile: {title}").format(title=clean_line(profile.title)))
    yield Text(text=_("From: {address}").format(address=clean_line(profile.from_.address)))
    yield Text(text=_("Mail goes out over {server}").format(server=server_words(profile)))
    yield Text(text=_("Answers come in: {place}").format(place=answers_words(profile)))


def _texts(page: Preflight) -> Iterator[Block]:
    for text in page.texts:
        yield Heading(text=planned_mail_name(page, text))
        subject = _("Subject: {subject}").format(subject=clean_line(text.subject, limit=300))
        yield Text(text=f"{subject}\n\n{clean(text.body).strip()}", style="prose")


def planned_mail_name(page: Preflight, text: PlannedMail) -> str:
    """Return which text it is, and to how many bodies it goes."""
    inject = inject_name(page.exercise, text.inject) if text.inject is not None else ""
    name = {
        "notice": _("{inject}, as it is sent"),
        "passed-on": _("{inject}, as it is passed on"),
        "reminder": _("Reminder, as it is sent"),
        "report-reminder": _("Reminder of the report, as it is sent"),
        "stop": _("Stop mail (訓練中止), held ready"),
    }[text.kind].format(inject=inject)
    count = len(text.recipients)
    return name + "  " + ngettext("{n} body", "{n} bodies", count).format(n=count)
