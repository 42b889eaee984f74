"""The rules of a drill: what follows from an event, and what is done when something falls due.

The rules see the board and the exercise, never a clock or a socket. They yield events one by one;
whoever runs them (the course of a rehearsal, or the director of a live drill) applies each event
to the board before it asks for the next one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill import phases
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.board import Board, NoticeRecord
from drillsim.drill.crediting import Crediting, Received
from drillsim.drill.durations import ZERO, Period
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId, Transition, WhenElapsed
from drillsim.drill.tree import NodeId

MailNamer = Callable[[NoticeKey, int, int], ev.MailId]
"""Gives the Message-ID of the mail of (notice, officer, attempt)."""


@dataclass(slots=True)
class Rules:
    """The rules of one drill."""

    exercise: Exercise
    board: Board
    name_mail: MailNamer
    waits_for_outside: bool = False
    """Whether an inject of outside waits until it has come, as in a live drill; a rehearsal sends
    it."""
    one_mail: ev.OneMail = ""
    """How the drill writes to many at once; "" for a mail of its own to each."""
    by_hand: bool = False
    """Whether a person sends the mails; what runs from a mail then runs from when they did."""

    # What follows from an event -----------------------------------------------------------------

    def follow(self, event: AnyEvent) -> Iterator[Due]:
        """Yield what falls due because of `event`, which the board has taken in already."""
        match event:
            case ev.Submitted() if event.purpose == "notice" and not event.by_hand:
                yield from self._timers(event.notice, event.moment, event.at)
            case ev.Submitted() if event.purpose == "stand-in" and not event.by_hand:
                yield from self._stand_in_timer(event.notice, event.officer, event.at, event.at)
            case ev.Notified():
                yield from self._after_sending(event)
            case ev.Refused() if event.failure == "no-address" and event.officer == 1:
                yield from self._timers(event.notice, event.at, event.at)
            case ev.StandInCalled() if event.by == "telephone":
                yield from self._stand_in_timer(event.notice, event.officer, event.at, event.at)
            case ev.Deferred():
                yield self.due(
                    event.retry_at,
                    Rank.TIMER,
                    "retry",
                    event.notice,
                    event.officer,
                    event.attempt,
                    f"{event.tries + 1} {event.mail}",
                )
            case ev.PhaseEntered():
                yield from self._phase_timers(event)
            case ev.DrillStarted():
                yield Due(self.exercise.window_at, Rank.PHASE, -1, -1, 0, 0, "window")
            case _:
                pass
        if phases.may_change(self.board, event):
            yield Due(event.at, Rank.PHASE, -1, -1, 0, 0, "check")

    def due(
        self,
        at: timedelta,
        rank: Rank,
        act: str,
        notice: NoticeKey,
        officer: int = 0,
        attempt: int = 0,
        detail: str = "",
    ) -> Due:
        """Return the due for an act on a notice, in its place among equals."""
        inject = self.exercise.order.get(notice[0], -1)
        node = self.exercise.tree.order[notice[1]]
        return Due(at, rank, inject, node, officer, attempt, act, detail)

    def _after_sending(self, event: ev.Notified) -> Iterator[Due]:
        """Yield what runs from when a person sent a mail, if it is their first to somebody."""
        record, count = self.board.notices[event.notice], self.board.count
        track = record.officers.get(event.officer)
        if record.begun == count:
            yield from self._timers(event.notice, event.moment, event.at)
        elif track is not None and track.sent == count and event.officer > 1:
            yield from self._stand_in_timer(event.notice, event.officer, event.moment, event.at)

    def _timers(self, notice: NoticeKey, since: timedelta, now: timedelta) -> Iterator[Due]:
        """Yield what runs from the beginning of a notice; nothing falls due before `now`."""
        inject = self.exercise.inject(notice[0])
        asks = inject.acknowledge
        if asks is not None:
            for number, when in self._reminders(asks.remind, since, now):
                yield self.due(when, Rank.TIMER, "remind", notice, 0, number)
            yield from self._stand_in_timer(notice, 1, since, now)
            if asks.call_after is not None:
                when = self._not_before(now, since, asks.call_after)
                yield self.due(when, Rank.TIMER, "call", notice)
            if asks.give_up_after is not None:
                when = self._not_before(now, since, asks.give_up_after)
                yield self.due(when, Rank.TIMER, "give-up", notice)
        if inject.report is not None:
            for number, when in self._reminders(inject.report.remind, since, now):
                yield self.due(when, Rank.TIMER, "remind-report", notice, 0, number)

    def _reminders(
        self, periods: Sequence[Period], since: timedelta, now: timedelta
    ) -> Iterator[tuple[int, timedelta]]:
        """Yield number and time of the reminders; of those that were due before `now`, the last."""
        due = [self.exercise.due(since, period) for period in periods]
        passed = sum(at < now for at in due)
        for number in range(max(passed - 1, 0), len(due)):
            yield number, max(due[number], now)

    def _stand_in_timer(
        self, notice: NoticeKey, officer: int, since: timedelta, now: timedelta
    ) -> Iterator[Due]:
        asks = self.exercise.inject(notice[0]).acknowledge
        if asks is not None and asks.stand_in_after is not None:
            when = self._not_before(now, since, asks.stand_in_after)
            yield self.due(when, Rank.TIMER, "stand-in", notice, officer)

    def _not_before(self, now: timedelta, since: timedelta, period: Period) -> timedelta:
        return max(now, self.exercise.due(since, period))

    def _phase_timers(self, event: ev.PhaseEntered) -> Iterator[Due]:
        phase = self.exercise.scenario.phases.states[event.phase]
        count = len(self.board.phases)
        for step in phase.next:
            if isinstance(step.when, WhenElapsed):
                when = self.exercise.due(event.at, step.when.elapsed)
                yield Due(max(when, event.at), Rank.PHASE, -1, -1, 0, 0, "check")
        for send in phase.send:
            when = self.exercise.due(event.at, send.after)
            if when > event.at:
                place = self.exercise.scenario.order[send.inject]
                yield Due(when, Rank.TIMER, place, -1, 0, count, "send")

    # What is done when something falls due ------------------------------------------------------

    def carry_out(self, due: Due) -> Iterator[AnyEvent]:
        """Yield the events of a due of the drill itself; nothing where it has become moot.

        Raises:
            KeyError: `due` is none of the drill's own acts.
        """
        if self.board.end is not None:
            return iter(())
        match due.act:
            case "remind":
                return self._remind(due)
            case "remind-report":
                return self._remind_report(due)
            case "stand-in":
                return self._stand_in(due)
            case "call":
                return self._call(due)
            case "give-up":
                return self._give_up(due)
            case "retry":
                return self._retry(due)
            case "send":
                return self._send_later(due)
            case "check":
                return self._check_phase(due.at)
            case "window":
                return iter((ev.DrillEnded(at=due.at, reason="window"),))
            case act:
                raise KeyError(act)

    def start(self, seed: int) -> Iterator[AnyEvent]:
        """Yield the events of StartEx: the first phase, and what it sends."""
        yield ev.DrillStarted(
            at=ZERO,
            scenario=self.exercise.scenario.id,
            seed=seed,
            nodes=len(self.exercise.tree.nodes),
            participants=len(self.exercise.to_be_reached),
        )
        yield from self._enter(self.exercise.scenario.phases.initial, ZERO, "start")
        yield from self._check_phase(ZERO)

    def notice_of(self, due: Due) -> NoticeKey:
        """Return the notice that a due is about."""
        inject = ev.STOP if due.inject < 0 else self.exercise.injects[due.inject].id
        return inject, self.exercise.tree.nodes[due.node].id

    def _remind(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.notice_of(due)
        record = self.board.notices[notice]
        officer = record.officer
        track = record.officers.get(officer)
        # Who has failed is not reminded: the stand-in was called, or nobody is left. A first mail
        # that still lies in the queue of a server needs no second one beside it.
        if record.is_acknowledged or record.notified_at is None or track is None or track.failure:
            return
        if record.unreachable_at is not None or not self.exercise.address(notice[1], officer):
            return
        because = f"remind {due.attempt + 1}"
        yield ev.Reminded(
            at=due.at, because=because, notice=notice, officer=officer, missing="acknowledgement"
        )
        yield self._mail(record, officer, "reminder", due.at, because)

    def _remind_report(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.notice_of(due)
        record = self.board.notices[notice]
        if not record.is_acknowledged or record.reported_at is not None:
            return
        if record.cut_off_at is not None and due.at < record.cut_off_at:
            return  # It still waits for the reports of others.
        officer = record.acknowledged_officer or record.officer or 1
        if not self.exercise.address(notice[1], officer):
            return
        because = f"report remind {due.attempt + 1}"
        yield ev.Reminded(
            at=due.at, because=because, notice=notice, officer=officer, missing="report"
        )
        yield self._mail(record, officer, "report-reminder", due.at, because)

    def _stand_in(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.notice_of(due)
        if self.board.notices[notice].officer == due.officer:
            yield from self.advance(notice, "no-answer", due.at, "stand-in-after")

    def _call(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.notice_of(due)
        record = self.board.notices[notice]
        if not record.is_acknowledged and record.called_at is None:
            yield ev.CallDue(at=due.at, because="call-after", notice=notice)

    def _give_up(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.notice_of(due)
        record = self.board.notices[notice]
        if not record.is_acknowledged and record.unreachable_at is None:
            yield ev.GaveUp(at=due.at, because="give-up-after", notice=notice)

    def _retry(self, due: Due) -> Iterator[AnyEvent]:
        tries, mail = due.detail.split(" ", 1)
        yield ev.Retried(
            at=due.at,
            because="deferred",
            notice=self.notice_of(due),
            officer=due.officer,
            attempt=due.attempt,
            mail=mail,
            tries=int(tries),
        )

    def _send_later(self, due: Due) -> Iterator[AnyEvent]:
        inject = self.exercise.scenario.injects[due.inject].id
        if len(self.board.phases) == due.attempt and self._is_to_send(inject):
            yield from self.release(inject, due.at, f"phase {self.board.phase}")

    def _is_to_send(self, inject: InjectId) -> bool:
        if self.waits_for_outside and self.exercise.inject(inject).source == "external":
            return False
        return inject not in self.board.released

    # Phases -------------------------------------------------------------------------------------

    def _enter(self, phase: PhaseId, at: timedelta, because: str) -> Iterator[AnyEvent]:
        state = self.exercise.scenario.phases.states[phase]
        yield ev.PhaseEntered(at=at, because=because, phase=phase, level=state.level)
        if state.final:
            yield ev.DrillEnded(at=at, because=f"phase {phase}", reason="final-phase")
            return
        for send in state.send:
            if self.exercise.due(at, send.after) <= at and self._is_to_send(send.inject):
                yield from self.release(send.inject, at, f"phase {phase}")

    def _check_phase(self, at: timedelta) -> Iterator[AnyEvent]:
        # Phases that hold at once are passed through, each at most once at one instant.
        for _ in self.exercise.scenario.phases.states:
            if self.board.end is not None:
                return
            step = phases.first_that_holds(self.board, at)
            if step is None:
                return
            yield from self._enter(step.to, at, _because(step))

    def next_phase(self, at: timedelta, by: str) -> Iterator[AnyEvent]:
        """Yield what follows when the operator moves on to the next phase."""
        step = phases.operators_next(self.board)
        if step is not None and self.board.end is None:
            yield from self._enter(step.to, at, f"operator {by}")
            yield from self._check_phase(at)

    def release(self, inject: InjectId, at: timedelta, because: str) -> Iterator[AnyEvent]:
        """Yield the release of an inject, and its first mails."""
        direct = self.exercise.scope(inject).direct
        to = [node for node in direct if self.exercise.address(node, 1)]
        one_mail: ev.OneMail = self.one_mail if len(to) > 1 else ""
        yield ev.InjectReleased(at=at, because=because, inject=inject, one_mail=one_mail)
        shared = self.name_mail((inject, to[0]), 1, 0) if one_mail else ""
        for node in direct:
            yield from self.first_mail((inject, node), at, f"inject {inject}", shared)

    def arrive(
        self,
        inject: InjectId,
        at: timedelta,
        because: str,
        mail: ev.MailId = "",
        raw: str = "",
        happened_at: timedelta | None = None,
    ) -> Iterator[AnyEvent]:
        """Yield that an inject has come from outside: by the mail `raw`, or as was booked."""
        yield ev.InjectReleased(at=at, because=because, inject=inject, happened_at=happened_at)
        for node in self.exercise.scope(inject).direct:
            notice = (inject, node)
            yield ev.Submitted(
                at=at,
                because=because,
                notice=notice,
                officer=1,
                attempt=0,
                mail=mail,
                purpose="notice",
                sender=self.board.notices[notice].sender,
                recipient=self.exercise.address(node, 1),
                raw=raw,
                happened_at=happened_at,
            )
            yield ev.Notified(
                at=at,
                because=because,
                notice=notice,
                officer=1,
                attempt=0,
                mail=mail,
                happened_at=happened_at,
            )

    def stop(self, at: timedelta, by: str, reason: str) -> Iterator[AnyEvent]:
        """Yield the real-incident stop: EndEx, then the stop mail to everyone who was mailed.

        This looks at every notice once; it happens at most once in a drill.
        """
        if self.board.end is not None:
            return
        yield ev.DrillEnded(at=at, because=f"stop {by}: {reason}", reason="real-incident")
        mailed: dict[tuple[NodeId, str], int] = {}
        for (_, node), record in self.board.notices.items():
            for officer, track in record.officers.items():
                if track.mails and track.failure not in ("unknown-address", "bounced"):
                    mailed.setdefault((node, track.address), officer)
        for node in self.board.copied:
            if address := self.exercise.address(node, 1):
                mailed.setdefault((node, address), 1)
        order = self.exercise.tree.order
        for (node, address), officer in sorted(
            mailed.items(), key=lambda item: (order[item[0][0]], item[1])
        ):
            yield ev.StopSubmitted(
                at=at,
                because="stop",
                node=node,
                officer=officer,
                mail=self.name_mail((ev.STOP, node), officer, 0),
                recipient=address,
            )

    def end(self, at: timedelta, by: str) -> Iterator[AnyEvent]:
        """Yield EndEx by the operator."""
        if self.board.end is None:
            yield ev.DrillEnded(at=at, because=f"operator {by}", reason="operator")

    # Mails --------------------------------------------------------------------------------------

    def first_mail(
        self, notice: NoticeKey, at: timedelta, because: str, mail: ev.MailId = ""
    ) -> Iterator[AnyEvent]:
        """Yield the first mail of a notice; `mail` names one that went to others as well."""
        record = self.board.notices[notice]
        if self.exercise.address(notice[1], 1):
            yield self._mail(record, 1, "notice", at, because, mail)
            return
        yield self._without_address(notice, 1, at)
        yield from self.advance(notice, "no-address", at, because)

    def _without_address(self, notice: NoticeKey, officer: int, at: timedelta) -> ev.Refused:
        return ev.Refused(
            at=at,
            notice=notice,
            officer=officer,
            attempt=0,
            mail="",
            reply_code=0,
            failure="no-address",
        )

    def _mail(
        self,
        record: NoticeRecord,
        officer: int,
        purpose: ev.Purpose,
        at: timedelta,
        because: str,
        mail: ev.MailId = "",
    ) -> ev.Submitted:
        track = record.officers.get(officer)
        attempt = track.mails if track else 0
        return ev.Submitted(
            at=at,
            because=because,
            notice=record.key,
            officer=officer,
            attempt=attempt,
            mail=mail or self.name_mail(record.key, officer, attempt),
            purpose=purpose,
            sender=record.sender,
            recipient=self.exercise.address(record.key[1], officer),
            by_hand=self.by_hand,
        )

    def advance(
        self, notice: NoticeKey, cause: str, at: timedelta, because: str
    ) -> Iterator[AnyEvent]:
        """Yield the move to the next officer, or what is left when there is none.

        A stand-in who reads a mailbox that was mailed already is no stand-in by mail: the next
        step is the telephone.
        """
        record = self.board.notices[notice]
        asks = self.exercise.inject(notice[0]).acknowledge
        if record.is_acknowledged or record.completed_at or record.unreachable_at is not None:
            return
        officers = self.exercise.node(notice[1]).officers
        tried = {track.address for track in record.officers.values()}
        while (officer := record.officer + 1) <= len(officers):
            address = self.exercise.address(notice[1], officer)
            by_mail = bool(address) and address not in tried
            yield ev.StandInCalled(
                at=at,
                because=because,
                notice=notice,
                officer=officer,
                by="mail" if by_mail else "telephone",
                cause=cause,  # type: ignore[arg-type]
            )
            if by_mail:
                yield self._mail(record, officer, "stand-in", at, because)
                return
            if asks is not None and record.called_at is None:
                yield ev.CallDue(at=at, because=because, notice=notice)
            if address:
                return
            # Without any address there is nothing to wait for at this officer.
            yield self._without_address(notice, officer, at)
        yield from self._nobody_left(record, at, because)

    def _nobody_left(self, record: NoticeRecord, at: timedelta, because: str) -> Iterator[AnyEvent]:
        asks = self.exercise.inject(record.key[0]).acknowledge
        in_vain = all(track.failure for track in record.officers.values())
        if asks is not None and asks.call_after is not None and record.called_at is None:
            yield ev.CallDue(at=at, because=because, notice=record.key)
            return
        is_hopeless = in_vain and record.called_at is None
        if is_hopeless or asks is None or asks.give_up_after is None:
            yield ev.GaveUp(at=at, because=because, notice=record.key)

    # What came in, and what is refused or passed on ---------------------------------------------

    def credit(self, got: Received, at: timedelta) -> Iterator[AnyEvent]:
        """Yield what a mail that came in means for the drill."""
        return Crediting(self.board, self.advance).credit(got, at)

    def refused(self, event: ev.Refused) -> Iterator[AnyEvent]:
        """Yield a refusal by the server, and the move to the next officer."""
        yield event
        if self.board.end is None and self.board.notices[event.notice].officer == event.officer:
            yield from self.advance(event.notice, event.failure, event.at, event.mail)

    def pass_on(
        self,
        notice: NoticeKey,
        officer: int,
        to: tuple[NodeId, ...],
        at: timedelta,
        one_mail: bool = False,
        *,
        bcc: bool = False,
    ) -> Iterator[AnyEvent]:
        """Yield the passing on of a notice to the next hops, with the mails that carry it."""
        record = self.board.notices[notice]
        written_to = frozenset(to)
        left_out = tuple(hop for hop in record.asked.pass_on if hop not in written_to)
        because = f"pass-on {notice[1]}"
        new = [h for h in to if self.board.notices[(notice[0], h)].submitted_at is None]
        yield ev.PassedOn(
            at=at,
            because=because,
            notice=notice,
            officer=officer,
            to=to,
            left_out=left_out,
            one_mail=one_mail,
            bcc=one_mail and bcc,
            by_hand=self.by_hand and any(self.exercise.address(hop, 1) for hop in new),
        )
        shared = self.name_mail((notice[0], to[0]), 1, 0) if one_mail and to else ""
        for hop in new:
            yield from self.first_mail((notice[0], hop), at, because, shared)


def _because(step: Transition) -> str:
    when = step.when.model_dump(mode="json", by_alias=True, exclude_none=True)
    return " ".join(f"{key} {value}" for key, value in when.items())
