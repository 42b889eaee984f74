"""The call list: who is to be telephoned, at which number, and what to say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill.board import NoticeRecord
from drillsim.drill.events import NoticeKey
from drillsim.drill.tree import Node
from drillsim.i18n import _
from drillsim.mail.official_dates import official_time, short_time
from drillsim.mail.standard_texts import STOP_TELEPHONE, TELEPHONE
from drillsim.text import clean_line
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.due import owed_now
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tone import EMPTY, Cell


@dataclass(frozen=True, slots=True)
class Number:
    """A person or desk that can be called; `officer` is from 1, and 0 is the duty desk."""

    officer: int
    name: str
    role: str
    phone: str


@dataclass(frozen=True, slots=True)
class CallItem:
    """A body that is to be called for one notice."""

    notice: NoticeKey
    node: str
    inject: str
    since: str
    due: Cell
    """By when the answer is due, "!" where that has passed."""
    numbers: tuple[Number, ...]
    calls: int
    mail: str
    """SHA-256 of the mail that was sent, whose subject holds the 整理番号; "" if none was."""
    is_stop: bool = False


def call_list(view: DrillView, sentences: Sentences) -> list[CallItem]:
    """Return who is to be called, those first whose answer is due first."""
    board, order = view.board, view.exercise.tree.order
    if board.end is not None:
        unconfirmed = board.stop_sent.keys() - board.stop_confirmed.keys()
        return [
            CallItem(
                notice=(ev.STOP, node),
                node=view.names.node(node),
                inject=_("stop of the drill"),
                since=sentences.time(board.stop_sent[node]),
                due=EMPTY,
                numbers=tuple(numbers_of(view.exercise.node(node), view.exercise.off_hours)),
                calls=0,
                mail="",
                is_stop=True,
            )
            for node in sorted(unconfirmed, key=order.__getitem__)
        ]
    waiting = [(board.notices[notice], since) for notice, since in board.calls.items()]
    waiting.sort(key=lambda item: (_due(item[0]) or item[1], item[1], order[item[0].key[1]]))
    return [_item(view, sentences, record, since) for record, since in waiting]


def _due(record: NoticeRecord) -> timedelta | None:
    """Return when the first thing that the body still owes is due."""
    owed = owed_now(record)
    return owed[1] if owed is not None else None


def _item(
    view: DrillView, sentences: Sentences, record: NoticeRecord, since: timedelta
) -> CallItem:
    inject, node = record.key
    due, now = _due(record), max(view.known_to, view.board.at)
    text = f"{sentences.time(due)}{'!' if now > due else ''}" if due is not None else ""
    return CallItem(
        notice=record.key,
        node=view.names.node(node),
        inject=view.names.inject(inject),
        since=sentences.time(since),
        due=Cell(text, "alarm" if text.endswith("!") else ""),
        numbers=tuple(numbers_of(view.exercise.node(node), view.exercise.off_hours)),
        calls=record.calls,
        mail=sent_mail(view, record.key),
    )


def sent_mail(view: DrillView, notice: NoticeKey) -> str:
    """Return the SHA-256 of the latest mail of a notice, or "" if none was written."""
    for event in reversed(view.stream.of_node(notice[1])):
        if isinstance(event, ev.Submitted) and event.notice == notice:
            return event.raw
    return ""


def numbers_of(node: Node, off_hours: bool) -> Iterator[Number]:
    """Yield whom to call at a node, in calling order; at night the duty desk is the last."""
    for number, person in enumerate(node.officers, 1):
        yield Number(
            officer=number,
            name=clean_line(person.name, limit=60),
            role=clean_line(person.role, limit=60),
            phone=clean_line(node.phone(number, off_hours=off_hours), limit=40),
        )
    if node.duty_desk is not None:
        yield Number(
            officer=0,
            name=clean_line(node.duty_desk.name, limit=60) or _("duty desk"),
            role=_("duty desk"),
            phone=clean_line(node.duty_desk.phone, limit=40),
        )


def words_to_say(view: DrillView, item: CallItem, *, caller: str, ref: str) -> str:
    """Return the words for the telephone, with the reference `ref` (整理番号)."""
    record = view.board.notices.get(item.notice)
    language = view.exercise.scenario.lang
    words = (STOP_TELEPHONE if item.is_stop else TELEPHONE)[language]
    sent = record.submitted_at if record is not None else None
    sender = record.sender if record is not None else view.exercise.tree.root.id
    return words.format(
        body=view.names.node(sender),
        caller=clean_line(caller, limit=40),
        sent="" if sent is None else _as_it_is_said(view, sent),
        ref=ref or "-",
    )


def _as_it_is_said(view: DrillView, at: timedelta) -> str:
    """Return a time as one says it (10時25分), with its day if that is another."""
    moment = view.exercise.when(at)
    today = view.exercise.when(max(view.board.at, view.known_to)).date()
    is_today = moment.date() == today
    if view.exercise.scenario.lang == "ja":
        return official_time(moment) if is_today else short_time(moment)
    return f"{moment:%H:%M}" if is_today else f"{moment:%H:%M on %d %B}"
