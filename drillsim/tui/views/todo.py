"""What a person has to do in a drill by hand: mails to send, messages to book, to pass on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from drillsim.conduct.todo import ToSend
from drillsim.drill import events as ev
from drillsim.drill.durations import ZERO
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.sentences import Sentences

ToDo: TypeAlias = Literal["send", "arrival", "pass-on"]


@dataclass(frozen=True, slots=True)
class TodoItem:
    """One thing to do; `order` and `payload` are what says that it was done."""

    kind: ToDo
    number: str
    """Of a mail, from 1, as in the name of its file; else ""."""
    node: str
    """To whom; of a message from outside, from whom; of passing on, who does it."""
    what: str
    since: str
    """When its mail was written; "" for others."""
    since_at: timedelta
    """Before it, it cannot have been done."""
    order: str
    payload: Mapping[str, Any]
    file: str = ""
    raw: str = ""
    """SHA-256 of the mail."""
    address: str = ""
    """Where its mail goes; of one mail to many, the first."""
    is_stop: bool = False
    is_answered: bool = False
    """Whether somebody there has answered already, so that it was sent, or is late."""


def to_send(view: DrillView) -> int:
    """Return how many mails are to be sent."""
    return len(view.todo.open) if view.todo is not None else 0


def todo_list(view: DrillView, sentences: Sentences, desk: NodeId) -> list[TodoItem]:
    """Return what is to be done: stop mails first, then other mails by age, then the rest.

    Args:
        view: the drill.
        sentences: tells times.
        desk: the body that runs the drill; the others pass on themselves.
    """
    mails = list(view.todo.open.values()) if view.todo is not None else []
    mails.sort(key=lambda item: not item.is_stop)
    found = [_mail(view, sentences, item) for item in mails]
    if view.board.end is None:
        found += _arrivals(view)
        found += _passing_on(view, sentences, desk)
    return found


def _mail(view: DrillView, sentences: Sentences, item: ToSend) -> TodoItem:
    node = view.names.node(item.node)
    count = len({each.notice for each in item.notices})
    if count > 1:
        node = _("{node} and {count} more").format(node=node, count=count - 1)
    if item.is_stop:
        what, address, is_answered = _("stop mail"), "", False
    else:
        first = item.notices[0]
        what, address = view.names.inject(first.notice[0]), first.recipient
        if first.purpose != "notice":
            what = f"{_purpose(first.purpose)}: {what}"
        is_answered = all(view.board.notices[each.notice].is_acknowledged for each in item.notices)
    return TodoItem(
        kind="send",
        number=str(item.number),
        node=node,
        what=what,
        since=sentences.time(item.written_at),
        since_at=item.written_at,
        order="sent",
        payload={"mail": item.mail},
        file=f"{item.stem}.eml",
        raw=item.raw,
        address=address,
        is_stop=item.is_stop,
        is_answered=is_answered,
    )


def _purpose(purpose: ev.Purpose) -> str:
    match purpose:
        case "reminder":
            return _("reminder")
        case "stand-in":
            return _("stand-in")
        case _:
            return _("reminder of the report")


def _arrivals(view: DrillView) -> Iterator[TodoItem]:
    """Yield the messages from outside that have not come yet."""
    for inject in view.exercise.injects:
        if inject.source == "external" and inject.id not in view.board.released:
            yield TodoItem(
                kind="arrival",
                number="",
                node=view.names.node(inject.from_),
                what=view.names.inject(inject.id),
                since="",
                since_at=ZERO,
                order="arrived",
                payload={"inject": inject.id},
            )


def _passing_on(view: DrillView, sentences: Sentences, desk: NodeId) -> Iterator[TodoItem]:
    """Yield what the desk has received and not passed on."""
    for inject in view.board.released:
        record = view.board.notices.get((inject, desk))
        if record is None or record.submitted_at is None:
            continue
        left = [hop for hop in record.asked.pass_on if hop not in record.passed_to]
        if left:
            yield TodoItem(
                kind="pass-on",
                number="",
                node=view.names.node(desk),
                what=_("{inject}: pass it on to {count}").format(
                    inject=view.names.inject(inject), count=len(left)
                ),
                since=sentences.time(record.submitted_at),
                since_at=record.submitted_at,
                order="pass-on",
                payload={"inject": inject, "node": desk},
            )
