"""What a mail that came in means for the drill: whose answer it is, and what follows from it.

A mail was recognised and matched before (`drillsim.mail`); here it becomes events. A person's
answer acknowledges, reports or declines; an absence and a bounce move on to the next officer; a
node's own mail to the next hops begins their notices; what nobody can be credited with lies in the
tray.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.tree import NodeId

_LOOKED_AT = frozenset(
    {"human_reply", "auto_reply", "bounce_hard", "bounce_soft", "feedback_report", "malformed"}
)
"""What a person should look at where nobody can be credited with it."""

Advance: TypeAlias = Callable[[NoticeKey, str, timedelta, str], Iterator[AnyEvent]]
"""Moves a notice on to the next officer: (notice, cause, at, because)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """A node's own mail to the next hops, as it came in."""

    to: tuple[tuple[NodeId, int, str], ...]
    """The next hops that it went to: node, officer in calling order, address."""
    facts: tuple[ev.FactFate, ...] = ()
    is_unmarked: bool = False
    is_answer: bool = False
    """It answers what the node was asked as well: a consolidated report with copies, say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What the drill makes of one mail that came in."""

    kind: str
    """What the mail is: `human_reply`, `auto_reply`, `bounce_hard` … (DESIGN, section 7)."""
    mail: ev.MailId
    sender: str
    raw: str = ""
    notice: NoticeKey | None = None
    matched_by: str = ""
    officer: int = 0
    """The officer who wrote or whose address failed, from 1; 0 for somebody not on the list."""
    by: str = ""
    """Who answered, as the tree or the mail names them."""
    answers: tuple[tuple[str, str], ...] = ()
    is_report: bool = False
    is_refusal: bool = False
    is_identical: bool = False
    """The same words as an earlier answer of this sender."""
    is_about_stop: bool = False
    is_foreign: bool = False
    """It came from a domain that is not the node's."""
    happened_at: timedelta | None = None
    """When it came, where a person typed it; None: now."""
    has_unreadable_file: bool = False
    """A file came with it that may hold the report and could not be read."""
    status: str = ""
    suggested: tuple[NoticeKey, ...] = ()
    suggested_by: tuple[ev.SuggestedBy, ...] = ()
    bodies: tuple[NodeId, ...] = ()
    """Other bodies to which it went by its envelope."""
    is_between: bool = False
    """It went to other bodies alone and answers nothing: a matter between them."""
    onward: Onward | None = None
    """Where the mail passes the notice on; `notice` is that of the node that wrote it."""


@dataclass(frozen=True, slots=True)
class Crediting:
    """Turns what was received into events."""

    board: Board
    advance: Advance

    def credit(self, got: Received, at: timedelta) -> Iterator[AnyEvent]:
        """Yield what a mail that came in means for the drill."""
        yield from self._delivered(got, at)
        if got.is_between:
            return
        if got.is_about_stop and got.kind == "human_reply" and got.notice is not None:
            yield ev.StopConfirmed(at=at, node=got.notice[1], by=got.by, mail=got.mail, raw=got.raw)
            return
        if got.is_about_stop:
            yield self._set_aside(got, at, tray=got.kind == "malformed")
            return
        if got.notice is None or got.notice not in self.board.notices:
            looked_at = got.kind in _LOOKED_AT or (got.kind == "not_a_reply" and got.suggested)
            yield self._set_aside(got, at, tray=bool(looked_at))
            return
        if got.onward is not None and self.board.end is None:
            yield from self._credit_passing_on(got, got.notice, got.onward, at)
            if not got.onward.is_answer:
                return
        match got.kind:
            case "human_reply":
                yield from self._credit_person(got, got.notice, at)
            case kind if self.board.end is not None:
                yield self._set_aside(got, at, tray=kind == "malformed")
            case "not_a_reply":
                # It belongs to a notice, and does not say what it means by it.
                aside = replace(got, suggested=(got.notice,), suggested_by=("thread",))
                yield self._set_aside(aside, at, tray=True)
            case "auto_reply":
                yield from self._credit_absence(got, got.notice, at)
            case "bounce_hard" | "bounce_soft":
                yield from self._credit_bounce(got, got.notice, at)
            case kind:
                yield self._set_aside(got, at, tray=kind == "malformed")

    def _delivered(self, got: Received, at: timedelta) -> Iterator[AnyEvent]:
        """Yield that a mail lies in other inboxes, too; of those it answers or tells, in seats."""
        hops = {hop for hop, _officer, _address in got.onward.to} if got.onward else set()
        seats = self.board.seats
        to = tuple(n for n in got.bodies if n not in hops and (got.is_between or n in seats))
        if to:
            yield ev.Delivered(
                at=at, because=got.mail, sender=got.sender, to=to, mail=got.mail, raw=got.raw
            )

    def _set_aside(self, got: Received, at: timedelta, *, tray: bool) -> ev.SetAside:
        return ev.SetAside(
            at=at,
            because=got.mail,
            mail_kind=got.kind,
            sender=got.sender,
            mail=got.mail,
            raw=got.raw,
            tray=tray,
            suggested=got.suggested,
            suggested_by=got.suggested_by,
        )

    def _credit_passing_on(
        self, got: Received, notice: NoticeKey, onward: Onward, at: timedelta
    ) -> Iterator[AnyEvent]:
        """A node wrote to the next hops itself: their notices begin with its mail."""
        record = self.board.notices[notice]
        to = tuple(dict.fromkeys(hop for hop, _officer, _address in onward.to))
        reached = {*to, *record.passed_to}
        yield ev.PassedOn(
            at=at,
            because=got.mail,
            notice=notice,
            officer=got.officer,
            to=to,
            left_out=tuple(hop for hop in record.asked.pass_on if hop not in reached),
            one_mail=len(to) > 1,
            facts=onward.facts,
            unmarked=onward.is_unmarked,
            mail=got.mail,
            raw=got.raw,
            matched_by=got.matched_by,
        )
        for hop, officer, address in onward.to:
            below = self.board.notices[(notice[0], hop)]
            if below.submitted_at is None:
                yield ev.Submitted(
                    at=at,
                    because=got.mail,
                    notice=below.key,
                    officer=officer,
                    attempt=0,
                    mail=got.mail,
                    purpose="notice",
                    sender=notice[1],
                    recipient=address,
                    raw=got.raw,
                )

    def _credit_person(self, got: Received, notice: NoticeKey, at: timedelta) -> Iterator[AnyEvent]:
        record = self.board.notices[notice]
        if self.board.end is not None:
            yield ev.AnsweredAfterEnd(
                at=at,
                notice=notice,
                by=got.by,
                mail=got.mail,
                raw=got.raw,
                matched_by=got.matched_by,
            )
        elif got.is_identical:
            yield self._repeated(got, notice, at)
        elif got.is_report and record.asked.report:
            yield ev.Reported(
                at=at,
                happened_at=got.happened_at,
                because=got.mail,
                notice=notice,
                channel="mail",
                officer=got.officer,
                by=got.by,
                answers=got.answers,
                number=record.reports + 1,
                mail=got.mail,
                raw=got.raw,
                matched_by=got.matched_by,
                sender=got.sender,
                foreign=got.is_foreign,
            )
        elif record.is_acknowledged:
            yield self._repeated(got, notice, at)
            yield from self._unreadable_file(got, notice, at)
        elif got.is_refusal:
            yield ev.Declined(
                at=at,
                because=got.mail,
                notice=notice,
                officer=got.officer or record.officer,
                by=got.by,
                mail=got.mail,
                raw=got.raw,
                matched_by=got.matched_by,
                sender=got.sender,
                foreign=got.is_foreign,
            )
            yield from self.advance(notice, "declined", at, got.mail)
        else:
            yield ev.Acknowledged(
                at=at,
                happened_at=got.happened_at,
                because=got.mail,
                notice=notice,
                channel="mail",
                officer=got.officer,
                by=got.by,
                mail=got.mail,
                raw=got.raw,
                matched_by=got.matched_by,
                sender=got.sender,
                foreign=got.is_foreign,
            )
            yield from self._unreadable_file(got, notice, at)

    def _unreadable_file(
        self, got: Received, notice: NoticeKey, at: timedelta
    ) -> Iterator[AnyEvent]:
        """Put an answer into the tray whose report is in a file that nobody here can read."""
        record = self.board.notices[notice]
        if got.has_unreadable_file and record.asked.report and record.reported_at is None:
            aside = replace(got, suggested=(notice,), suggested_by=("thread",))
            yield replace(self._set_aside(aside, at, tray=True), why="unreadable-file")

    def _repeated(self, got: Received, notice: NoticeKey, at: timedelta) -> ev.Repeated:
        return ev.Repeated(
            at=at,
            because=got.mail,
            notice=notice,
            identical=got.is_identical,
            by=got.by,
            mail=got.mail,
            raw=got.raw,
            matched_by=got.matched_by,
        )

    def _credit_absence(
        self, got: Received, notice: NoticeKey, at: timedelta
    ) -> Iterator[AnyEvent]:
        officer = got.officer or self.board.notices[notice].officer
        yield ev.AutoReplied(
            at=at, because=got.mail, notice=notice, officer=officer, mail=got.mail, raw=got.raw
        )
        if officer == self.board.notices[notice].officer:
            yield from self.advance(notice, "absent", at, got.mail)

    def _credit_bounce(self, got: Received, notice: NoticeKey, at: timedelta) -> Iterator[AnyEvent]:
        officer = got.officer or self.board.notices[notice].officer
        permanent = got.kind == "bounce_hard"
        yield ev.Bounced(
            at=at,
            because=got.mail,
            notice=notice,
            officer=officer,
            status=got.status,
            permanent=permanent,
            mail=got.mail,
            raw=got.raw,
        )
        # A transient failure that came back as a report was given up by the server on the way:
        # the address may be right, but this mail will not arrive.
        if officer == self.board.notices[notice].officer:
            yield from self.advance(notice, "bounced", at, got.mail)
