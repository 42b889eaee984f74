"""What a simulated answer says and how it is written, before it is a mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import NoticeKey
from drillsim.drill.tree import NodeId
from drillsim.world.chance import draw
from drillsim.world.staff import Staff

COLLEAGUE = "課員"
"""How a colleague who is not on the list signs; no name, so that no real one is hit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer, as it was meant."""

    mail_kind: Literal["human_reply", "auto_reply", "bounce_hard"]
    thread: NoticeKey
    """The notice whose mail is answered; not the one meant, where an old thread is used."""
    by: str
    unlisted: bool = False
    reply_all: bool = False
    answers: tuple[tuple[str, str], ...] = ()
    file: Literal["", "sheet", "unreadable"] = ""
    """Whether the report stands in a workbook, or in a file that nobody can read."""
    number: int = 1
    """第１報, 第２報 …"""
    style: int = 0
    """Which mail program it looks like: a draw of 16 bits."""
    hops: tuple[NodeId, ...] = ()
    """The next hops whose reports are to be put together in this one, in file order."""
    reported: Sequence[NodeId] = ()
    """Those of them that have reported, in the order in which they did; it may have grown since."""
    count: int = 0
    """How many of `reported` there were when the answer was written."""

    @property
    def collected(self) -> tuple[NodeId, ...]:
        """The next hops whose reports are in this one; worked out only where a mail is written."""
        there = frozenset(self.reported[: self.count])
        return tuple(hop for hop in self.hops if hop in there)

    @property
    def missing(self) -> tuple[NodeId, ...]:
        """The next hops whose reports had not come."""
        there = frozenset(self.reported[: self.count])
        return tuple(hop for hop in self.hops if hop not in there)


_KINDS: dict[ev.AnswerKind, Literal["human_reply", "auto_reply", "bounce_hard"]] = {
    "acknowledge": "human_reply",
    "report": "human_reply",
    "repeat": "human_reply",
    "confirm-stop": "human_reply",
    "auto-reply": "auto_reply",
    "bounce": "bounce_hard",
}


def draft_of(staff: Staff, board: Board, event: ev.AnswerSent) -> Draft:
    """Return what `event` says, from the seed and where the drill stands when it is written."""
    node = staff.exercise.node(event.notice[1])
    notice = event.notice
    style = draw(staff.seed, "style", notice[1], event.officer) >> 48
    name = node.officers[event.officer - 1].name if node.officers else node.name
    kind = _KINDS[event.answer]
    if event.answer not in ("acknowledge", "report", "repeat"):
        return Draft(mail_kind=kind, thread=notice, by=name, style=style)
    unlisted = (
        event.answer != "report"
        and bool(node.mailbox)
        and event.sender == node.mailbox
        and staff.happens("unlisted_colleague", notice)
    )
    thread, number = notice, 1
    answers: tuple[tuple[str, str], ...] = ()
    hops: tuple[NodeId, ...] = ()
    reported: Sequence[NodeId] = ()
    file: Literal["", "sheet", "unreadable"] = ""
    if event.answer == "report":
        record = board.notices[notice]
        file = _file(staff, notice)
        answers = staff.fill_in(notice, event.officer)
        number = record.report_sent + 1
        hops, reported = record.asked.collect, board.collected.get(notice, ())
    elif staff.happens("old_thread", notice, event.attempt):
        older = [key for key in board.earlier.get(notice[1], ()) if key != notice]
        thread = older[-1] if older else notice
    return Draft(
        mail_kind=kind,
        thread=thread,
        by=COLLEAGUE if unlisted else name,
        unlisted=unlisted,
        reply_all=staff.happens("reply_all", notice),
        answers=answers,
        file=file,
        number=number,
        style=style,
        hops=hops,
        reported=reported,
        count=len(reported),
    )


def _file(staff: Staff, notice: NoticeKey) -> Literal["", "sheet", "unreadable"]:
    report = staff.exercise.inject(notice[0]).report
    if report is None or report.form is None:
        return ""
    if staff.happens("unreadable_file", notice):
        return "unreadable"
    return "sheet" if report.sheet and staff.happens("by_sheet", notice) else ""
