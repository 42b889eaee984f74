"""Where a drill stands: the fold of its events.

Run screen, review, report, score and recovery after a crash use this one fold. The cost of an
event does not grow with the tree, but for the release of an inject and EndEx, which each happen
once and touch every notice in their scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, assert_never

from drillsim.drill import events as ev
from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Asked, Exercise
from drillsim.drill.machines import NoticeState, Trigger, move
from drillsim.drill.scenario import InjectId, PhaseId, WhenAnswer
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.drill.typed import typed_inject


class IllegalEventError(Exception):
    """An event that the machine has no move for: a promise of ours was broken."""


_NOTHING: Final[Mapping[str, Any]] = {}


def _nothing() -> Mapping[str, Any]:
    """Return one empty mapping for all notices: of most there is nothing to be said."""
    return _NOTHING


@dataclass(slots=True, eq=True)
class OfficerTrack:
    """How far one officer of a notice has been tried."""

    mails: int = 0
    """Mails handed over to this officer; the next attempt's number."""
    address: str = ""
    failure: ev.Failure | None = None
    """Why this officer cannot be reached by mail or will not act."""
    answered: bool = False
    """Whether a machine has answered already (robots answer once)."""
    is_to_be_sent: bool = False
    """Whether a person has yet to send the first mail to this officer."""
    sent: int = 0
    """The how many-th event said that they did; 0: none."""


@dataclass(slots=True, eq=True)
class NoticeRecord:
    """One notice: its state, and when each fact about it became true.

    Times count from StartEx, and are those at which things happened, also where they were booked
    later. `acknowledged_at` is fixed by the first answer that is known, `answers` by the latest
    report.
    """

    key: NoticeKey
    kind: NodeKind
    sender: NodeId
    asked: Asked
    state: NoticeState = NoticeState.WAITING
    officer: int = 0
    """The officer who is to act now, from 1; 0 before the first mail."""
    officers: dict[int, OfficerTrack] = field(default_factory=dict)
    submitted_at: timedelta | None = None
    """When its own first mail was handed over, and its periods began; of a mail that a person has
    yet to send, when it was written, and its periods have not begun."""
    begun: int = 0
    """The how many-th event began its periods; 0: they have not begun."""
    notified_at: timedelta | None = None
    acknowledged_at: timedelta | None = None
    acknowledged_by: str = ""
    acknowledged_officer: int = 0
    channel: ev.Channel | None = None
    matched_by: str = ""
    passed_on_at: timedelta | None = None
    passed_to: frozenset[NodeId] | set[NodeId] = frozenset()
    reported_at: timedelta | None = None
    reports: int = 0
    answers: Mapping[str, str] = field(default_factory=_nothing)
    to_collect: int = 0
    """Reports of next hops that have not come yet."""
    completed_at: timedelta | None = None
    unreachable_at: timedelta | None = None
    declined: bool = False
    called_at: timedelta | None = None
    """When the node came on the call list."""
    calls: int = 0
    reminders: int = 0
    deferred: int = 0
    ack_due: timedelta | None = None
    pass_on_due: timedelta | None = None
    report_due: timedelta | None = None
    cut_off_at: timedelta | None = None
    engaged_at: timedelta | None = None
    """World: when an officer took the matter up; nobody else at the node does then."""
    engaged_officer: int = 0
    report_sent: int = 0
    """World: reports that left the node."""
    collected_when_sent: int = 0
    """World: reports of next hops that the last report up contained."""
    by_person: bool = False
    """Whether a person at a seat answered it, reported or passed it on."""
    facts: Mapping[str, tuple[ev.Fate, str]] = field(default_factory=_nothing)
    """What became of the scenario's facts in the mail that was passed on to the node, by name:
    fate, and what stood in its place. Empty where the drill itself wrote to it."""

    def track(self, officer: int) -> OfficerTrack:
        """Return how far `officer` has been tried; from here on they count as tried."""
        track = self.officers.get(officer)
        if track is None:
            track = self.officers[officer] = OfficerTrack()
        return track

    @property
    def is_acknowledged(self) -> bool:
        """Whether a person at the node has answered."""
        return self.acknowledged_at is not None

    @property
    def is_late(self) -> bool:
        """Whether it was acknowledged after its `within`; exactly at the limit is in time."""
        return (
            self.acknowledged_at is not None
            and self.ack_due is not None
            and self.acknowledged_at > self.ack_due
        )

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked has come."""
        asked = self.asked
        return (
            (self.is_acknowledged or not asked.acknowledge)
            and (self.notified_at is not None or self.is_acknowledged)
            and (not asked.pass_on or self.passed_on_at is not None)
            and (not asked.report or self.reported_at is not None)
        )


@dataclass(slots=True, eq=True)
class Tally:
    """Counts of one inject over the nodes of one kind; every share names `scope` as denominator."""

    scope: int = 0
    submitted: int = 0
    notified: int = 0
    acknowledged: int = 0
    in_time: int = 0
    late: int = 0
    to_pass_on: int = 0
    passed_on: int = 0
    to_report: int = 0
    reported: int = 0
    unreachable: int = 0
    completed: int = 0


@dataclass(slots=True)
class Board:
    """Where a drill stands. `apply` is the only way to change it."""

    exercise: Exercise
    at: timedelta = ZERO
    count: int = 0
    phase: PhaseId | None = None
    level: int = 0
    phase_at: timedelta = ZERO
    phases: list[tuple[timedelta, PhaseId, int]] = field(default_factory=list)
    released: dict[InjectId, timedelta] = field(default_factory=dict)
    notices: dict[NoticeKey, NoticeRecord] = field(default_factory=dict)
    tallies: dict[tuple[InjectId, NodeKind], Tally] = field(default_factory=dict)
    answers: dict[tuple[InjectId, str], dict[tuple[str, NodeKind], int]] = field(
        default_factory=dict
    )
    """How many nodes gave a form answer: by inject and field, then by value and kind of node."""
    earlier: dict[NodeId, list[NoticeKey]] = field(default_factory=dict)
    """Notices that reached each node, oldest first."""
    calls: dict[NoticeKey, timedelta] = field(default_factory=dict)
    """The call list: open notices to be telephoned, and since when."""
    collected: dict[NoticeKey, list[NodeId]] = field(default_factory=dict)
    """By the notice of a node that puts reports together: its next hops that have reported, in the
    order in which they did. Only ever appended to."""
    tray: dict[str, ev.SetAside] = field(default_factory=dict)
    """Mails that a person should look at, by Message-ID."""
    unmarked: dict[NoticeKey, ev.PassedOn] = field(default_factory=dict)
    """Notices passed on without 【訓練】: an alarm, since readers may take them for real."""
    judged: dict[NoticeKey, dict[str, str]] = field(default_factory=dict)
    """Facts that an operator judged in what a node passed on, and who did; by the node's notice."""
    reached: set[NodeId] = field(default_factory=set)
    """Nodes with a person's answer to any notice, by any channel."""
    copied: set[NodeId] = field(default_factory=set)
    """Nodes that got an upward copy."""
    mails_sent: int = 0
    mails_received: int = 0
    seats: dict[NodeId, str] = field(default_factory=dict)
    """Nodes at which a person sits now, and who."""
    end: ev.DrillEnded | None = None
    stop_sent: dict[NodeId, timedelta] = field(default_factory=dict)
    stop_confirmed: dict[NodeId, timedelta] = field(default_factory=dict)
    stop_open: set[NodeId] = field(default_factory=set)
    """Nodes that were told to stop and have not confirmed it."""
    _same_answers: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def tally(self, record: NoticeRecord) -> Tally:
        """Return the counts that `record` belongs to."""
        return self.tallies[(record.key[0], record.kind)]

    def inject_tallies(self, inject: InjectId, of: NodeKind | None) -> Iterable[Tally]:
        """Yield the counts of `inject`, of all kinds or of one."""
        return (
            tally for (i, kind), tally in self.tallies.items() if i == inject and of in (None, kind)
        )

    def has_answer(self, when: WhenAnswer) -> bool:
        """Whether some node's latest report answers as `when` asks; O(different answers)."""
        given = self.answers.get((when.inject, when.field), {})
        return any(
            count and when.of in (None, kind) and when.is_met_by(value)
            for (value, kind), count in given.items()
        )

    def apply(self, event: AnyEvent) -> None:
        """Take `event` in.

        Raises:
            IllegalEventError: the machine has no such move; it names event, node and state.
        """
        if event.at < self.at:
            raise IllegalEventError(f"{event.kind} at {event.at} comes after {self.at}")
        self.at = event.at
        self.count += 1
        match event:
            case ev.Submitted():
                self._submitted(event)
            case ev.Notified():
                self._notified(event)
            case ev.AnswerSent():
                self._answer_sent(event)
            case ev.Acknowledged():
                self._acknowledged(event)
            case ev.Reported():
                self._reported(event)
            case ev.PassedOn():
                self._passed_on(event)
            case ev.Reminded():
                record = self._move("remind", event.notice, event)
                record.reminders += 1
            case ev.StandInCalled():
                record = self._move("stand_in", event.notice, event)
                record.officer = event.officer
                record.track(event.officer)
            case ev.Refused():
                self._failed(event.notice, event.officer, event.failure, event)
            case ev.Bounced():
                self.mails_received += 1
                if event.permanent:
                    self._failed(event.notice, event.officer, "bounced", event)
            case ev.AutoReplied():
                self.mails_received += 1
                self._failed(event.notice, event.officer, "absent", event)
            case ev.Declined():
                self._declined(event)
            case ev.Repeated():
                self.mails_received += not self._leaves_tray(event)
            case ev.Deferred():
                self._record(event.notice, event).deferred += 1
            case ev.Retried():
                self.mails_sent += 1
            case ev.CallDue():
                self._record(event.notice, event).called_at = event.at
                self.calls[event.notice] = event.at
            case ev.Called():
                self._record(event.notice, event).calls += 1
            case ev.GaveUp():
                record = self._move("give_up", event.notice, event)
                record.unreachable_at = event.at
                self.tally(record).unreachable += 1
            case ev.SetAside():
                self._set_aside(event)
            case ev.InjectWritten():
                self.exercise.add(typed_inject(event))
            case ev.InjectReleased():
                self._released(event)
            case ev.PhaseEntered():
                self.phase, self.level, self.phase_at = event.phase, event.level, event.at
                self.phases.append((event.at, event.phase, event.level))
            case ev.DrillEnded():
                self._ended(event)
            case ev.StopSubmitted():
                self.mails_sent += 1
                self.stop_sent.setdefault(event.node, event.at)
                if event.node not in self.stop_confirmed:
                    self.stop_open.add(event.node)
            case ev.StopConfirmed():
                self.mails_received += event.channel == "mail"
                self.stop_confirmed.setdefault(event.node, event.moment)
                self.stop_open.discard(event.node)
            case ev.AnsweredAfterEnd():
                self.mails_received += 1
            case ev.SeatTaken():
                self._seat_taken(event)
            case ev.SeatLeft():
                self.seats.pop(event.node, None)
            case ev.FidelityOverruled():
                self._overruled(event)
            case ev.DrillStarted() | ev.ActionDone() | ev.Noted() | ev.Delivered():
                pass
            case _:
                assert_never(event)

    def _set_aside(self, event: ev.SetAside) -> None:
        if event.tray:
            self.tray[event.mail] = event
        else:
            self._leaves_tray(event)
        # What the tray holds beside an answer, or let go, was counted when it came.
        self.mails_received += not event.why

    def _leaves_tray(
        self, event: ev.Acknowledged | ev.Reported | ev.Repeated | ev.SetAside
    ) -> bool:
        """Take a mail out of the tray that the operator booked or put aside."""
        return self.tray.pop(event.mail, None) is not None

    def _record(self, notice: NoticeKey, event: AnyEvent) -> NoticeRecord:
        record = self.notices.get(notice)
        if record is None:
            raise IllegalEventError(f"{event.kind} for {notice}, which no inject has begun")
        return record

    def _move(self, trigger: Trigger, notice: NoticeKey, event: AnyEvent) -> NoticeRecord:
        record = self._record(notice, event)
        target = move(trigger, record.state)
        if target is None:
            raise IllegalEventError(f"{notice} cannot be {event.kind} while {record.state.value}")
        record.state = target
        return record

    def _released(self, event: ev.InjectReleased) -> None:
        self.released[event.inject] = event.moment
        scope = self.exercise.scope(event.inject)
        for node, sender in scope.sender.items():
            kind = self.exercise.node(node).kind
            asked = scope.asked[node]
            key = (event.inject, node)
            self.notices[key] = NoticeRecord(
                key=key, kind=kind, sender=sender, asked=asked, to_collect=len(asked.collect)
            )
            tally = self.tallies.setdefault((event.inject, kind), Tally())
            tally.scope += 1
            tally.to_pass_on += bool(asked.pass_on)
            tally.to_report += asked.report

    def _submitted(self, event: ev.Submitted) -> None:
        record = self._record(event.notice, event)
        self.mails_sent += 1
        track = record.track(event.officer)
        track.is_to_be_sent = event.by_hand and (track.is_to_be_sent or not track.mails)
        track.mails += 1
        track.address = event.recipient
        if record.submitted_at is None:
            record.submitted_at = event.moment
            record.officer = event.officer
            self.tally(record).submitted += 1
            if not event.by_hand:
                self._begin(record, event.moment)
        elif not record.begun and not event.by_hand:
            self._begin(record, event.moment)

    def _begin(self, record: NoticeRecord, at: timedelta) -> None:
        """Start the clock of a notice: its own first mail, or the first failed try to write one."""
        record.submitted_at = at
        record.begun = self.count
        inject, due = self.exercise.inject(record.key[0]), self.exercise.due
        if inject.acknowledge is not None:
            record.ack_due = due(at, inject.acknowledge.within)
        if inject.pass_on is not None and record.asked.pass_on:
            record.pass_on_due = due(at, inject.pass_on.within)
        if inject.report is not None:
            record.report_due = due(at, inject.report.within)
            if record.asked.collect and inject.report.cut_off is not None:
                # Who puts reports together waits for them: its own cannot be due before.
                record.cut_off_at = due(at, inject.report.cut_off)
                record.report_due = max(record.report_due, record.cut_off_at)

    def _sent(self, record: NoticeRecord, event: ev.Notified) -> None:
        """A person has sent the first mail of a notice: now it begins, and is passed on."""
        answered = record.acknowledged_at
        # Who has answered already knew of it, whatever was booked since.
        at = event.moment if answered is None else min(event.moment, answered)
        self._begin(record, at)
        above = self.notices.get((record.key[0], record.sender))
        if above is not None and record.key[1] in above.passed_to and above.passed_on_at is None:
            self._passed(above, at)
            self._complete(above, event)

    def _notified(self, event: ev.Notified) -> None:
        record = self._move("notify", event.notice, event)
        track = record.officers.get(event.officer)
        if track is not None and track.is_to_be_sent:
            track.is_to_be_sent, track.sent = False, self.count
        if not record.begun and record.submitted_at is not None:
            self._sent(record, event)
        if record.notified_at is None:
            record.notified_at = event.moment
            self.tally(record).notified += 1
            self.earlier.setdefault(event.notice[1], []).append(event.notice)
        self._complete(record, event)

    def _failed(
        self, notice: NoticeKey, officer: int, failure: ev.Failure, event: AnyEvent
    ) -> None:
        record = self._move("fail", notice, event)
        if record.submitted_at is None:
            self.tally(record).submitted += 1
            self._begin(record, event.at)
            record.officer = officer
        record.track(officer).failure = failure

    def _answer_sent(self, event: ev.AnswerSent) -> None:
        self.copied.update(event.copies)
        if event.answer == "confirm-stop":
            return
        record = self._record(event.notice, event)
        if event.answer == "acknowledge":
            self._engage(record, event.at, event.officer)
        elif event.answer == "report":
            record.report_sent += 1
            record.collected_when_sent = len(record.asked.collect) - record.to_collect
        elif event.answer in ("auto-reply", "bounce"):
            record.track(event.officer).answered = True

    def _engage(self, record: NoticeRecord, at: timedelta, officer: int) -> None:
        if record.engaged_at is None:
            record.engaged_at = at
            record.engaged_officer = officer

    def _acknowledge(
        self, record: NoticeRecord, event: ev.Acknowledged | ev.Reported | ev.Declined | ev.PassedOn
    ) -> None:
        if record.acknowledged_at is not None:
            return
        tally = self.tally(record)
        if record.unreachable_at is not None and record.state is NoticeState.ACKNOWLEDGED:
            tally.unreachable -= 1
            record.unreachable_at = None
        record.acknowledged_at = event.moment
        record.acknowledged_officer = event.officer
        if not isinstance(event, ev.PassedOn):
            record.acknowledged_by = event.by
            record.matched_by = event.matched_by
        if isinstance(event, ev.Acknowledged | ev.Reported):
            record.channel = event.channel
        else:
            record.channel = "mail"
        tally.acknowledged += 1
        if record.is_late:
            tally.late += 1
        else:
            tally.in_time += 1
        self.reached.add(record.key[1])
        self.calls.pop(record.key, None)

    def _acknowledged(self, event: ev.Acknowledged) -> None:
        record = self._move("acknowledge", event.notice, event)
        self.mails_received += event.channel == "mail" and not self._leaves_tray(event)
        self._acknowledge(record, event)
        if event.channel != "mail":
            self._engage(record, event.at, event.officer)
        elif record.engaged_at is None:
            self._by_person(record, event)
        self._complete(record, event)

    def _declined(self, event: ev.Declined) -> None:
        record = self._record(event.notice, event)
        self.mails_received += 1
        record.declined = True
        record.track(event.officer).failure = "declined"

    def _reported(self, event: ev.Reported) -> None:
        record = self._move("acknowledge", event.notice, event)
        self.mails_received += event.channel == "mail" and not self._leaves_tray(event)
        self._acknowledge(record, event)
        first = record.reported_at is None
        # A report that a simulated officer sent before the seat was taken is still theirs.
        if event.channel == "mail" and record.report_sent == record.reports:
            self._by_person(record, event)
        record.reports += 1
        inject, node = event.notice
        self._answer(record, event)
        if first:
            record.reported_at = event.moment
            self.tally(record).reported += 1
            above = self.notices.get((inject, record.sender))
            # Whoever collects does so from all its next hops, and of these it is the sender.
            if above is not None and above.asked.collect:
                above.to_collect -= 1
                self.collected.setdefault(above.key, []).append(node)
        self._complete(record, event)

    def _answer(self, record: NoticeRecord, event: ev.Reported) -> None:
        """Count a node's answers in the form, in place of those that it gave before."""
        inject, kind = event.notice[0], record.kind
        for name, value in record.answers.items():
            self.answers[(inject, name)][(value, kind)] -= 1
        # Most report the same, word for word: they share it.
        record.answers = self._same_answers.setdefault(event.answers, dict(event.answers))
        for name, value in record.answers.items():
            given = self.answers.setdefault((inject, name), {})
            given[(value, kind)] = given.get((value, kind), 0) + 1

    def _passed_on(self, event: ev.PassedOn) -> None:
        record = self._move("acknowledge", event.notice, event)
        # Who passes a message on has evidently received it, whatever became of the answer.
        self._acknowledge(record, event)
        self._by_person(record, event)
        if isinstance(record.passed_to, set):
            record.passed_to.update(event.to)
        else:
            record.passed_to = set(event.to)
        if record.passed_on_at is None and not event.by_hand:
            self._passed(record, event.at)
        facts = {name: (fate, found) for name, fate, found in event.facts}
        for hop in event.to:
            self.notices[(event.notice[0], hop)].facts = facts
        if event.unmarked:
            self.unmarked[event.notice] = event
        self._complete(record, event)

    def _passed(self, record: NoticeRecord, at: timedelta) -> None:
        record.passed_on_at = at
        self.tally(record).passed_on += 1

    def _seat_taken(self, event: ev.SeatTaken) -> None:
        if event.node in self.seats:
            raise IllegalEventError(f"{event.node} is taken by {self.seats[event.node]}")
        self.seats[event.node] = event.by

    def _by_person(
        self, record: NoticeRecord, event: ev.Acknowledged | ev.Reported | ev.PassedOn
    ) -> None:
        """Take note of what a node did, if a person sits there; the world goes on from it."""
        if record.key[1] not in self.seats:
            return
        record.by_person = True
        self._engage(record, event.at, event.officer)
        if isinstance(event, ev.Reported):
            record.report_sent += 1
            record.collected_when_sent = len(record.asked.collect) - record.to_collect

    def _overruled(self, event: ev.FidelityOverruled) -> None:
        record = self._record(event.notice, event)
        self.judged.setdefault(event.notice, {})[event.fact] = event.by
        for hop in record.passed_to:
            below = self.notices[(event.notice[0], hop)]
            if event.fact in below.facts:
                overruled = (event.fate, below.facts[event.fact][1])
                below.facts = {**below.facts, event.fact: overruled}

    def _complete(self, record: NoticeRecord, event: AnyEvent) -> None:
        if record.completed_at is None and record.is_complete:
            self._move("complete", record.key, event)
            record.completed_at = max(
                event.moment,
                *(
                    at
                    for at in (
                        record.notified_at,
                        record.acknowledged_at,
                        record.passed_on_at,
                        record.reported_at,
                    )
                    if at is not None
                ),
            )
            self.tally(record).completed += 1

    def _ended(self, event: ev.DrillEnded) -> None:
        self.end = event
        trigger: Trigger = "cancel" if event.reason in ("operator", "real-incident") else "end"
        for notice in self.notices:
            self._move(trigger, notice, event)
        self.calls.clear()


def fold(exercise: Exercise, events: Iterable[AnyEvent]) -> Board:
    """Return where the drill stands after `events`."""
    board = Board(exercise)
    for event in events:
        board.apply(event)
    return board
