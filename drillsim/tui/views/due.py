"""What falls due next, and what was missed: the drill's own timers and everyone's deadlines.

The timers are those of `drillsim.drill.rules`, worked out from the same events; nothing is stored
for them. What the simulated people will do is not among them.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.board import Board, NoticeRecord
from drillsim.drill.events import AnyEvent
from drillsim.drill.phases import current
from drillsim.drill.rules import Rules
from drillsim.drill.scenario import InjectId, WhenElapsed
from drillsim.drill.tree import NodeId

Deadline: TypeAlias = Literal["ack-by", "pass-on-by", "report-by"]
_DEADLINES: Final = frozenset({"ack-by", "pass-on-by", "report-by"})
_LOOK_MAX: Final = 500
"""Dues looked at for one list, so that it costs the same on a tree of any size."""


@dataclass(frozen=True, slots=True)
class NextDue:
    """Something that falls due at `at`: the same act for one node or several."""

    at: timedelta
    act: str
    inject: InjectId | None
    nodes: tuple[NodeId, ...]


@dataclass(slots=True)
class DueList:
    """All that will fall due, and who has missed a deadline."""

    board: Board
    late: dict[InjectId, set[NodeId]] = field(default_factory=dict)
    """Nodes that missed a deadline of an inject, answered since or not."""
    overdue: dict[InjectId, dict[NodeId, set[str]]] = field(default_factory=dict)
    """Nodes that have missed a deadline and still owe an answer, and which ones."""
    _rules: Rules = field(init=False)
    _dues: list[Due] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rules = Rules(self.board.exercise, self.board, lambda *_notice: "")

    def take(self, event: AnyEvent) -> None:
        """Take in what follows from `event`, which the board has taken in already; O(log n)."""
        for due in self._rules.follow(event):
            if due.at > event.at:
                self._add(due)
        match event:
            case ev.Submitted() | ev.Refused():
                self._begin(self.board.notices[event.notice])
            case ev.Notified():
                record = self.board.notices[event.notice]
                self._begin(record)
                above = self.board.notices.get((event.notice[0], record.sender))
                if record.begun == self.board.count and above is not None:
                    self._settle(above)
            case ev.Acknowledged() | ev.Reported() | ev.PassedOn():
                self._settle(self.board.notices[event.notice])
            case ev.DrillEnded():
                self._dues.clear()
            case _:
                pass

    def _begin(self, record: NoticeRecord) -> None:
        if record.begun != self.board.count:
            return
        for act, when in (
            ("ack-by", record.ack_due),
            ("pass-on-by", record.pass_on_due),
            ("report-by", record.report_due),
        ):
            if when is not None:
                self._add(self._rules.due(when, Rank.TIMER, act, record.key))

    def _add(self, due: Due) -> None:
        place = bisect_left(self._dues, due)
        if self._dues[place : place + 1] != [due]:
            self._dues.insert(place, due)

    def _settle(self, record: NoticeRecord) -> None:
        """Forget what is owed no longer; a miss that the answer itself disproves goes as well."""
        inject, node = record.key
        owed = self.overdue.get(inject, {}).get(node)
        if owed is None:
            return
        owed -= {act for act in owed if not _owes(record, act)}
        if not owed:
            del self.overdue[inject][node]
            if not is_late(record):
                self.late[inject].discard(node)

    def pass_time(self, now: timedelta) -> None:
        """Say that every event before `now` is known: what is missing by then is late."""
        passed = 0
        for due in self._dues:
            if due.at >= now:
                break
            passed += 1
            if due.act in _DEADLINES:
                record = self._record(due)
                if record is not None and _owes(record, due.act):
                    inject, node = record.key
                    self.overdue.setdefault(inject, {}).setdefault(node, set()).add(due.act)
                    self.late.setdefault(inject, set()).add(node)
                elif record is not None and is_late(record):
                    self.late.setdefault(record.key[0], set()).add(record.key[1])
        del self._dues[:passed]

    def upcoming(self, count: int) -> list[NextDue]:
        """Return the next `count` things that fall due, equals put together."""
        found: list[NextDue] = []
        kept: list[Due] = []
        looked = 0
        for due in self._dues[:_LOOK_MAX]:
            looked += 1
            if self._is_moot(due):
                continue
            kept.append(due)
            notice = self._rules.notice_of(due) if due.node >= 0 else None
            inject = self._inject(due)
            nodes = (notice[1],) if notice is not None else ()
            last = found[-1] if found else None
            if last and (last.at, last.act, last.inject) == (due.at, due.act, inject):
                found[-1] = NextDue(last.at, last.act, inject, last.nodes + nodes)
            elif len(found) == count:
                break
            else:
                found.append(NextDue(due.at, due.act, inject, nodes))
        self._dues[:looked] = kept
        return found

    def _inject(self, due: Due) -> InjectId | None:
        if due.inject < 0:
            return None
        return self.board.exercise.injects[due.inject].id

    def _record(self, due: Due) -> NoticeRecord | None:
        return self.board.notices.get(self._rules.notice_of(due)) if due.node >= 0 else None

    def _is_moot(self, due: Due) -> bool:
        """Whether nothing will come of `due` any more, whatever happens."""
        board = self.board
        if due.act == "window":
            return board.end is not None
        if due.act == "send":
            inject = self._inject(due)
            return len(board.phases) != due.attempt or inject in board.released
        if due.act == "check":
            steps = current(board).next
            return not any(
                isinstance(step.when, WhenElapsed)
                and board.exercise.due(board.phase_at, step.when.elapsed) == due.at
                for step in steps
            )
        record = self._record(due)
        if record is None:
            return True
        if due.act in _DEADLINES:
            return not _owes(record, due.act)
        match due.act:
            case "remind-report":
                return record.reported_at is not None
            case "retry":
                return record.notified_at is not None
            case "stand-in":
                is_past = record.officer > due.officer or record.unreachable_at is not None
                return record.is_acknowledged or is_past
            case "call":
                return record.is_acknowledged or record.called_at is not None
            case _:
                return record.is_acknowledged or record.unreachable_at is not None


def _owes(record: NoticeRecord, act: str) -> bool:
    """Whether what a deadline is about has not come."""
    match act:
        case "ack-by":
            return record.asked.acknowledge and record.acknowledged_at is None
        case "pass-on-by":
            return bool(record.asked.pass_on) and record.passed_on_at is None
        case _:
            return record.asked.report and record.reported_at is None


def is_late(record: NoticeRecord) -> bool:
    """Whether anything of the notice came after its deadline; exactly at the limit is in time."""
    return any(
        at is not None and due is not None and at > due
        for at, due in (
            (record.acknowledged_at, record.ack_due),
            (record.passed_on_at, record.pass_on_due),
            (record.reported_at, record.report_due),
        )
    )


def owed_now(record: NoticeRecord) -> tuple[str, timedelta] | None:
    """Return the next deadline of a notice that is still owed, and when it is; None if none."""
    due = [
        (when, act)
        for act, when in (
            ("ack-by", record.ack_due),
            ("pass-on-by", record.pass_on_due),
            ("report-by", record.report_due),
        )
        if when is not None and _owes(record, act)
    ]
    if not due:
        return None
    when, act = min(due)
    return act, when
