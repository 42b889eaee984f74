"""What a person has to send in a drill by hand: every mail that was written, until it is sent.

The list is a fold of the events, like the board: the director, the shell and a resume have the same
one. A mail is a number in the order in which they were written.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent, MailId
from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId

_SENT = "sent "
"""Begins the reason of a note that a stop mail was sent; no notice could say so."""


def sent_because(mail: MailId) -> str:
    """Return the reason of the note that a stop mail was sent."""
    return f"{_SENT}{mail}"


@dataclass(slots=True)
class ToSend:
    """A mail that a person sends."""

    number: int
    mail: MailId
    raw: str
    written_at: timedelta
    node: NodeId
    """To whom; of one mail to many, the first."""
    notices: list[ev.Submitted] = field(default_factory=list)
    """What it carries; nothing for a stop mail."""

    @property
    def is_stop(self) -> bool:
        """Whether it is a stop mail (訓練中止)."""
        return not self.notices

    @property
    def stem(self) -> str:
        """What its files are called."""
        node = "".join(c if c.isalnum() or c in "-_" else "_" for c in self.node)
        return f"{self.number:03}-{node}"


@dataclass(slots=True)
class Todo:
    """The mails of one drill by hand."""

    exercise: Exercise
    written: dict[MailId, ToSend] = field(default_factory=dict)
    open: dict[MailId, ToSend] = field(default_factory=dict)
    """Those that were not sent yet, the oldest first."""

    def take(self, event: AnyEvent) -> ToSend | None:
        """Take note of an event; return the mail that it writes, if it is a new one."""
        match event:
            case ev.Submitted() if event.by_hand:
                known = self.written.get(event.mail)
                if known is not None:
                    known.notices.append(event)
                    return None
                return self._add(event, event.notice[1], [event])
            case ev.StopSubmitted():
                return self._add(event, event.node, [])
            case ev.Notified():
                self.open.pop(event.mail, None)
            case ev.Noted() if event.because.startswith(_SENT):
                self.open.pop(event.because.removeprefix(_SENT), None)
            case ev.DrillEnded():
                self.open.clear()
            case _:
                pass
        return None

    def _add(
        self, event: ev.Submitted | ev.StopSubmitted, node: NodeId, notices: list[ev.Submitted]
    ) -> ToSend:
        number = len(self.written) + 1
        item = ToSend(number, event.mail, event.raw, event.at, node, notices)
        self.written[event.mail] = self.open[event.mail] = item
        return item

    def named(self, word: str) -> list[ToSend]:
        """Return the open mails that a user means: a number, a Message-ID, or `all`."""
        if word == "all":
            return list(self.open.values())
        return [
            item
            for item in self.open.values()
            if word in (str(item.number), f"{item.number:03}", item.mail, item.stem)
        ]


def todo_of(events: Iterable[AnyEvent], board: Board) -> Todo:
    """Return what is to be sent after `events`, which `board` has taken in."""
    todo = Todo(board.exercise)
    for event in events:
        todo.take(event)
    return todo


def sent(
    item: ToSend, at: timedelta, author: str, happened_at: timedelta | None, told: str
) -> list[AnyEvent]:
    """Return that a mail was sent.

    Args:
        item: the mail.
        at: when it is booked.
        author: who says so.
        happened_at: when it was sent, where that was typed.
        told: the words of the note, for a stop mail.
    """
    if item.is_stop:
        because = sent_because(item.mail)
        return [ev.Noted(at=at, because=because, text=told, by=author, happened_at=happened_at)]
    return [
        ev.Notified(
            at=at,
            because=f"operator {author}",
            notice=each.notice,
            officer=each.officer,
            attempt=each.attempt,
            mail=each.mail,
            happened_at=happened_at,
        )
        for each in item.notices
    ]
