"""The pre-flight page of a live drill: all that one should have seen before real people are mailed.

Whom it would reach and at which addresses, who is outside of what the profile allows, every text as
it would be sent, the day and its hours, the clock, and over which server. Nothing is connected to.
Unlike a plan it names addresses: those that must be looked at.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Literal

from drillsim.drill.recipients import Recipient, Recipients
from drillsim.evaluation.wording import node_name
from drillsim.files.live_profile import LiveProfile
from drillsim.files.scenario_file import LoadedScenario
from drillsim.i18n import _, ngettext
from drillsim.reports.plan import Plan, span_json
from drillsim.reports.planned_mails import PlannedMail, PlannedMails
from drillsim.text import clean_line

_OFF_TIME: Final = timedelta(minutes=30)
"""Begun so far from the hour in the scenario, a drill is worth a word."""

ConcernKind = Literal[
    "another-day", "window-closed", "nobody", "outside", "zone", "other-hour", "no-mail", "sharing"
]


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that one must know, or mend, before the drill begins."""

    kind: ConcernKind
    text: str
    blocks: bool = False
    """Whether the drill does not begin with it."""


@dataclass(frozen=True, slots=True)
class DomainCount:
    """How many addresses of the drill lie in a domain."""

    domain: str
    addresses: int
    outside: int
    """How many of them may not be written to."""


class Preflight:
    """What is looked at before a live drill begins."""

    def __init__(
        self,
        loaded: LoadedScenario,
        now: datetime,
        profile: LiveProfile | None = None,
        *,
        planned: datetime | None = None,
        runs: int | None = None,
    ) -> None:
        """Work it out.

        Args:
            loaded: scenario and contact tree, with the start that is meant.
            now: the time on the wall.
            profile: over which server, and to whom; None for a drill by hand.
            planned: the start in the scenario's file, where `loaded` is stamped with another one.
            runs: of the plan; as many as are worth their time if None.
        """
        self.loaded = loaded
        self.exercise = loaded.exercise
        self.now = now.astimezone(self.exercise.zone)
        self.profile = profile
        self.planned = (planned or self.exercise.start_ex).astimezone(self.exercise.zone)
        self.recipients = Recipients(self.exercise)
        self._runs = runs

    @cached_property
    def plan(self) -> Plan:
        """How many mails and calls are to be expected."""
        return Plan(self.loaded, self._runs)

    @cached_property
    def texts(self) -> Sequence[PlannedMail]:
        """Every text once, the stop mail last; numbers (整理番号) are given when it begins."""
        return tuple(PlannedMails(self.plan, self.exercise).all())

    @cached_property
    def outside(self) -> Sequence[Recipient]:
        """Those to whom the profile does not let the drill write."""
        if self.profile is None:
            return ()
        return self.recipients.outside(self.profile.allows)

    @cached_property
    def domains(self) -> Sequence[DomainCount]:
        """The domains that are written to, the most addresses first."""
        addresses = {each.address: each.domain for each in self.outside}
        outside = Counter(addresses.values())
        return tuple(
            DomainCount(domain, count, outside[domain])
            for domain, count in self.recipients.domains.items()
        )

    @property
    def is_blocked(self) -> bool:
        """Whether the drill would not begin."""
        return any(concern.blocks for concern in self.concerns)

    @cached_property
    def concerns(self) -> Sequence[Concern]:
        """What keeps the drill from beginning, then what one should know."""
        found = (*self._when(), *self._whom())
        return tuple(sorted(found, key=lambda concern: not concern.blocks))

    def _when(self) -> Iterator[Concern]:
        planned, now = self.planned, self.now
        closes = planned + self.exercise.window_at
        if now.date() != planned.date():
            text = _("The scenario is for {day}, and today is {today}.")
            day, today = planned.date().isoformat(), now.date().isoformat()
            yield Concern("another-day", text.format(day=day, today=today), blocks=True)
        elif now >= closes:
            text = _("The window closed at {closes}, and it is {now}.")
            text = text.format(closes=f"{closes:%H:%M}", now=f"{now:%H:%M}")
            yield Concern("window-closed", text, blocks=True)
        elif abs(now - planned) > _OFF_TIME:
            text = _(
                "The scenario names {planned}, and it is {now}: the drill begins when it is begun, "
                "and its window closes so much earlier or later."
            )
            text = text.format(planned=f"{planned:%H:%M}", now=f"{now:%H:%M}")
            yield Concern("other-hour", text)
        here = self.machine_time
        if here.utcoffset() != now.utcoffset():
            text = _("This machine's clock shows {here} ({zone}), the drill's {now} ({drill}).")
            yield Concern(
                "zone",
                text.format(
                    here=f"{here:%H:%M}",
                    zone=here.tzname(),
                    now=f"{now:%H:%M}",
                    drill=self.exercise.tree.zone,
                ),
            )

    def _whom(self) -> Iterator[Concern]:
        recipients = self.recipients
        if not recipients.all:
            yield Concern("nobody", _("No body of this drill has a mail address."), blocks=True)
        addresses = dict.fromkeys(each.address for each in self.outside)
        if addresses:
            text = ngettext(
                "{n} address is not in the profile's [allow].",
                "{n} addresses are not in the profile's [allow].",
                len(addresses),
            )
            yield Concern("outside", text.format(n=len(addresses)), blocks=True)
        if recipients.without_mail:
            text = ngettext(
                "{n} body has no mail address, and is telephoned from the beginning.",
                "{n} bodies have no mail address, and are telephoned from the beginning.",
                len(recipients.without_mail),
            )
            yield Concern("no-mail", text.format(n=len(recipients.without_mail)))
        if recipients.sharing:
            text = ngettext(
                "At {n} body the stand-in reads the same mailbox: next comes the telephone.",
                "At {n} bodies the stand-in reads the same mailbox: next comes the telephone.",
                len(recipients.sharing),
            )
            yield Concern("sharing", text.format(n=len(recipients.sharing)))

    @property
    def machine_time(self) -> datetime:
        """The time as this machine shows it, in its own zone."""
        return self.now.astimezone()

    # As data --------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the page as plain data."""
        exercise, plan, recipients = self.exercise, self.plan, self.recipients
        expectation = plan.expectation
        return {
            "scenario": exercise.scenario.id,
            "title": exercise.scenario.title,
            "blocked": self.is_blocked,
            "concerns": [
                {"kind": each.kind, "text": each.text, "blocks": each.blocks}
                for each in self.concerns
            ],
            "recipients": recipients.bodies,
            "addresses": len(recipients.addresses),
            "tiers": [tier.as_json() for tier in plan.tiers],
            "domains": [
                {"domain": each.domain, "addresses": each.addresses, "outside": each.outside}
                for each in self.domains
            ],
            "outside": [self._named(each) for each in self.outside],
            "without_mail": list(recipients.without_mail),
            "sharing_mailbox": list(recipients.sharing),
            "mails": {
                "first": plan.first_mails,
                "sent": span_json(expectation.mails_sent),
                "received": span_json(expectation.mails_received),
                "calls": span_json(expectation.calls),
            },
            "remarks": [{"kind": each.kind, "text": each.text} for each in plan.remarks],
            "problems": [problem.as_json() for problem in self.loaded.problems],
            "clock": {
                "now": self.now.isoformat(timespec="seconds"),
                "machine": self.machine_time.isoformat(timespec="seconds"),
                "zone": exercise.tree.zone,
                "start": self.planned.isoformat(timespec="seconds"),
                "window_ends": (self.planned + exercise.window_at).isoformat(timespec="seconds"),
                "off_hours": exercise.off_hours,
            },
            "server": self._server(),
            "texts": [
                {
                    "kind": text.kind,
                    "inject": text.inject,
                    "recipients": len(text.recipients),
                    "subject": text.subject,
                    "body": text.body,
                }
                for text in self.texts
            ],
        }

    def _named(self, recipient: Recipient) -> dict[str, Any]:
        return {
            "node": recipient.node,
            "name": self.exercise.node(recipient.node).name,
            "officer": recipient.officer,
            "address": recipient.address,
        }

    def _server(self) -> dict[str, Any] | None:
        if self.profile is None:
            return None
        return {
            "title": self.profile.title,
            "from": self.profile.from_.address,
            "submission": server_words(self.profile),
            "answers": answers_words(self.profile),
        }

    def body_name(self, recipient: Recipient) -> str:
        """Return the body of a recipient, as it is shown."""
        return node_name(self.exercise, recipient.node)


def server_words(profile: LiveProfile) -> str:
    """Return over which server mail goes out."""
    server = profile.submission
    user = (
        _("as {user}").format(user=clean_line(server.user)) if server.user else _("without login")
    )
    return f"{clean_line(server.host)}:{server.port} ({server.security.upper()}), {user}"


def answers_words(profile: LiveProfile) -> str:
    """Return where answers come in."""
    if profile.mailbox is not None:
        box = profile.mailbox
        return _("mailbox {user}, folder {folder}, at {server}").format(
            user=clean_line(box.user),
            folder=clean_line(box.folder),
            server=f"{clean_line(box.host)}:{box.port} ({box.security.upper()})",
        )
    if profile.exchanger is not None:
        taker = profile.exchanger
        return _("taken here as mail exchanger, at {server}").format(
            server=f"{clean_line(taker.listen)}:{taker.port}"
        )
    return _("nowhere")
