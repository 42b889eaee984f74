"""What lies at a seat: the mails that came to a node and those that left it, and what is owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.board import NoticeRecord
from drillsim.drill.events import STOP, MailId, NoticeKey
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.text import clean_line
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.stream import Happening
from drillsim.tui.views.times import time_of_day
from drillsim.tui.views.tone import Cell, Tone

Line: TypeAlias = Sequence[Cell]
_NAME_MAX: Final = 60

_UP: Final = (ev.Acknowledged, ev.Reported, ev.Repeated, ev.Declined)
"""Answers by mail, as the drill recognised them."""


@dataclass(frozen=True, slots=True)
class SeatMail:
    """A mail at a seat."""

    at: timedelta
    raw: str
    """The hash by which the journal keeps it."""
    way: Literal["in", "out"]
    who: str
    """From whom it came, or to whom it went."""
    what: str
    tone: Tone
    event: Happening
    notice: NoticeKey | None
    """What can be answered by answering it: a notice of this node, or its stop mail."""


class Mailbox:
    """The mails of one node, oldest first."""

    def __init__(self, view: DrillView, node: NodeId) -> None:
        self.node = node
        self.mails: list[SeatMail] = []
        self._view = view
        self.read: set[str] = set()
        """The hashes of the mails that were looked at."""
        self._looked_at = 0
        self._written: dict[MailId, ev.Submitted] = {}
        """Mails to this node that are under way."""

    def take_new(self) -> bool:
        """Take in what has happened since; return whether a mail came or went."""
        events = self._view.stream.events
        before = len(self.mails)
        for event in events[self._looked_at :]:
            self.mails.extend(self._mails_of(event))
        self._looked_at = len(events)
        return len(self.mails) != before

    @property
    def unread(self) -> list[int]:
        """The places of the mails that came and were not looked at."""
        return [n for n, m in enumerate(self.mails) if m.way == "in" and m.raw not in self.read]

    def latest(self, notice: NoticeKey) -> SeatMail | None:
        """Return the last mail that brought a notice, the one that is answered."""
        came = (m for m in reversed(self.mails) if m.notice == notice and m.way == "in")
        return next(came, None)

    def _mails_of(self, event: Happening) -> Iterator[SeatMail]:
        match event:
            case ev.Submitted() if event.notice[1] == self.node:
                self._written[event.mail] = event
            case ev.Notified() if event.notice[1] == self.node and not event.lost:
                sent = self._written.get(event.mail)
                if sent is not None:
                    yield self._came(event, sent.raw, sent.sender, self._told(sent), event.notice)
            case ev.StopSubmitted() if event.node == self.node:
                top = self._view.exercise.tree.root.id
                notice = (STOP, event.node)
                yield self._came(event, event.raw, top, _("STOP"), notice, "alarm")
            case ev.AutoReplied() | ev.Bounced() if self._is_ours(event.notice):
                what = _("automatic reply") if isinstance(event, ev.AutoReplied) else _("came back")
                yield self._came(event, event.raw, event.notice[1], what, None, "late")
            case ev.Acknowledged() | ev.Reported() | ev.Repeated() | ev.Declined() if event.raw:
                yield from self._answered(event)
            case ev.StopConfirmed() if event.node == self.node and event.raw:
                yield self._left(event, event.raw, self._sender(STOP), _("stop confirmed"))
            case ev.PassedOn() if event.notice[1] == self.node:
                yield from self._passed_on(event)
            case ev.SetAside() if self._is_own_address(event.sender):
                what = _("not recognised; with the operator")
                yield self._left(event, event.raw, "", what, "late")
            case ev.Delivered():
                yield from self._between(event)
            case ev.AnswerSent() if self.node in event.copies:
                yield self._came(event, event.raw, event.notice[1], _("copy"), None)
            case _:
                pass

    def _told(self, sent: ev.Submitted) -> str:
        inject = self._view.names.inject(sent.notice[0])
        again = {"reminder": _("reminder"), "report-reminder": _("asks for the report")}
        word = again.get(sent.purpose)
        return f"{word}: {inject}" if word else inject

    def _answered(
        self, event: ev.Acknowledged | ev.Reported | ev.Repeated | ev.Declined
    ) -> Iterator[SeatMail]:
        what, tone = _answer_word(event)
        if event.notice[1] == self.node:
            yield self._left(event, event.raw, self._sender(event.notice[0]), what, tone)
        elif self._is_ours(event.notice):
            yield self._came(event, event.raw, event.notice[1], what, None, tone)

    def _passed_on(self, event: ev.PassedOn) -> Iterator[SeatMail]:
        raw = getattr(event, "raw", "")
        if not raw:
            return
        names = self._view.names
        who = names.node(event.to[0]) if event.to else ""
        if len(event.to) > 1:
            who = _("{node} and {count} more").format(node=who, count=len(event.to) - 1)
        tone: Tone = "late" if event.left_out else "good"
        yield self._left(event, raw, who, _("passed on"), tone)

    def _between(self, event: ev.Delivered) -> Iterator[SeatMail]:
        if self.node in event.to:
            who = clean_line(event.sender, limit=_NAME_MAX)
            yield SeatMail(event.at, event.raw, "in", who, _("a mail"), "", event, None)
        elif self._is_own_address(event.sender):
            who = ", ".join(self._view.names.node(node) for node in event.to[:2])
            yield self._left(event, event.raw, who, _("a mail"), "muted")

    def _is_ours(self, notice: NoticeKey) -> bool:
        """Whether it was this node that wrote the notice to another."""
        record = self._view.board.notices.get(notice)
        return record is not None and record.sender == self.node

    def _sender(self, inject: str) -> str:
        record = self._view.board.notices.get((inject, self.node))  # type: ignore[arg-type]
        above = record.sender if record is not None else self._view.exercise.tree.root.id
        return self._view.names.node(above)

    def _is_own_address(self, sender: str) -> bool:
        body = self._view.exercise.node(self.node)
        own = {
            body.mailbox,
            *(self._view.exercise.address(self.node, n + 1) for n in range(len(body.officers))),
        }
        return bool(sender) and sender.lower() in {each.lower() for each in own}

    def _came(
        self,
        event: ev.AnyEvent,
        raw: str,
        sender: NodeId,
        what: str,
        notice: NoticeKey | None,
        tone: Tone = "",
    ) -> SeatMail:
        who = self._view.names.node(sender)
        return SeatMail(event.at, raw, "in", who, what, tone, event, notice)

    def _left(self, event: ev.AnyEvent, raw: str, to: str, what: str, tone: Tone = "") -> SeatMail:
        return SeatMail(event.at, raw, "out", to, what, tone, event, None)


def _answer_word(
    event: ev.Acknowledged | ev.Reported | ev.Repeated | ev.Declined,
) -> tuple[str, Tone]:
    match event:
        case ev.Acknowledged():
            return _("acknowledged"), "good"
        case ev.Reported() if event.number > 1:
            return _("report no. {number}").format(number=event.number), "good"
        case ev.Reported():
            return _("reported"), "good"
        case ev.Declined():
            return _("cannot act"), "late"
        case ev.Repeated():
            return _("a further mail"), "muted"


def mail_cells(view: DrillView, mail: SeatMail, *, is_new: bool) -> list[Cell]:
    """Return a mail as a line of the list: when, which way, with whom, what; a new one with *."""
    when = time_of_day(view.exercise.when(mail.at), view.exercise.start_ex)
    way = "→" if mail.way == "out" else "←"
    return [
        Cell(when + " ", "muted"),
        Cell(way, "control"),
        Cell("*" if is_new else " ", "late"),
        Cell(" " + clean_line(mail.who, limit=_NAME_MAX) + "  ", "strong" if is_new else ""),
        Cell(mail.what, mail.tone),
    ]


# What is owed -------------------------------------------------------------------------------------


def open_notices(view: DrillView, node: NodeId) -> list[NoticeRecord]:
    """Return the notices that a node has got and not completed, the latest inject first."""
    records = (view.board.notices.get((inject, node)) for inject in reversed(view.injects))
    return [r for r in records if r is not None and r.notified_at and r.completed_at is None]


def owed_lines(view: DrillView, node: NodeId, now: timedelta) -> list[Line]:
    """Return what a node still has to do, a line per notice; one line where there is nothing."""
    board = view.board
    if node in board.stop_open:
        return [[Cell(" ! " + _("the drill was stopped: confirm that you know"), "alarm")]]
    if board.end is not None:
        return [[Cell(" = " + _("the drill has ended"), "strong")]]
    lines = [_owed(view, record, now) for record in open_notices(view, node)]
    if lines:
        return lines
    has_come = any((inject, node) in board.notices for inject in view.injects)
    nothing = _("nothing is owed at present") if has_come else _("nothing has come yet")
    return [[Cell(" " + nothing, "muted")]]


def _owed(view: DrillView, record: NoticeRecord, now: timedelta) -> Line:
    asked = record.asked
    cells = [Cell(f" {view.names.inject(record.key[0])}: ", "strong")]
    if asked.acknowledge:
        done = record.is_acknowledged
        cells += _duty(view, "✓", _("acknowledge"), done, record.ack_due, now)
    if asked.pass_on:
        done = set(asked.pass_on) <= set(record.passed_to)
        count = f" {len(record.passed_to)}/{len(asked.pass_on)}"
        cells += _duty(view, "»", _("pass on") + count, done, record.pass_on_due, now)
    if asked.report:
        done = record.reported_at is not None
        count = ""
        if asked.collect:
            count = f" {len(asked.collect) - record.to_collect}/{len(asked.collect)}"
        cells += _duty(view, "✎", _("report") + count, done, record.report_due, now)
    return cells


def _duty(
    view: DrillView, sign: str, word: str, done: bool, due: timedelta | None, now: timedelta
) -> Iterator[Cell]:
    if done:
        yield Cell(f"{sign} {word}  ", "good")
        return
    if due is None:
        yield Cell(f"… {word}  ", "busy")
        return
    by = _("by {time}").format(time=f"{view.exercise.when(due):%H:%M}")
    is_late = now > due
    yield Cell(f"{'!' if is_late else '…'} {word} {by}  ", "late" if is_late else "busy")
