"""The offices of a rehearsal: what their people do because of an event, and when their turn comes.

They read, acknowledge, pass on and report; mailboxes and servers answer by themselves; the drill's
caller works through the call list. What falls due follows from events alone, and what is done
depends on the board, so that nothing here keeps state.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.board import Board, NoticeRecord
from drillsim.drill.durations import MILLISECOND
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Rules
from drillsim.world.habits import CALL_BACK, CALLER, PUT_TOGETHER, ROBOT, TWICE, Town
from drillsim.world.network import Network
from drillsim.world.staff import Staff


@dataclass(frozen=True, slots=True)
class Offices:
    """Everybody in a rehearsal but the drill itself."""

    exercise: Exercise
    board: Board
    rules: Rules
    town: Town
    staff: Staff
    network: Network
    name_mail: Callable[..., MailId]

    # What they will do because of an event ------------------------------------------------------

    def follow(self, event: AnyEvent) -> Iterator[Due]:
        """Yield what falls due at the offices because of `event`, which the board has taken in."""
        match event:
            case ev.Notified() if not event.lost:
                yield from self._reads(event)
            case ev.Notified() if event.lost == "bounced":
                when = event.at + self.staff.length(ROBOT, "robot", event.notice, event.officer)
                yield self._due(when, "robot", event.notice, event.officer, event.attempt, "bounce")
            case ev.AnswerSent() if event.answer == "acknowledge":
                yield from self._takes_up(event.notice, event)
                if self.staff.happens("answer_twice", event.notice):
                    length = self.staff.length(TWICE, "twice", event.notice, event.attempt)
                    yield self._due(
                        event.at + length, "repeat", event.notice, event.officer, event.attempt
                    )
            case ev.Acknowledged() if event.channel != "mail":
                yield from self._takes_up(event.notice, event)
            case ev.Reported():
                yield from self._collects(event)
            case ev.Called():
                yield from self._after_call(event)
            case ev.CallDue() if self.town.usual.telephone is not None:
                yield from self._is_called(event)
            case ev.StopSubmitted():
                yield from self._reads_stop(event)
            case ev.SeatLeft():
                yield from self._goes_on(event)
            case _:
                pass

    def _due(
        self,
        at: timedelta,
        act: str,
        notice: NoticeKey,
        officer: int,
        attempt: int = 0,
        detail: str = "",
        rank: Rank = Rank.TIMER,
    ) -> Due:
        return self.rules.due(at, rank, act, notice, officer, attempt, detail)

    def _reads(self, event: ev.Notified) -> Iterator[Due]:
        """An officer's mailbox got a mail of the notice."""
        notice, officer, attempt = event.notice, event.officer, event.attempt
        if self._is_seat(notice):
            return
        record = self.board.notices[notice]
        if not record.asked.acknowledge:
            # Information only: read, and passed on where that is asked.
            if attempt == 0 and record.asked.pass_on and record.engaged_at is None:
                yield from self._informed(event)
            return
        presence = self.staff.presence(notice[1], officer)
        if presence == "absent":
            when = event.at + self.staff.length(ROBOT, "robot", notice, officer)
            yield self._due(when, "robot", notice, officer, attempt)
            return
        if presence == "away":
            return
        if record.is_acknowledged and record.asked.report and record.reported_at is None:
            if attempt and record.report_sent == 0:
                length = self.staff.report_delay(notice, attempt)
                yield self._due(
                    self.staff.after(event.at, length), "report", notice, officer, attempt
                )
            return
        engaged = record.engaged_officer == officer and record.engaged_at is not None
        if not engaged and self.staff.answers_earlier(notice, officer, attempt):
            return
        if self.staff.answers(notice, officer, attempt):
            length = self.staff.answer_delay(notice, officer, attempt)
            when = self.staff.after(event.at, length)
            yield self._due(when, "write", notice, officer, attempt)

    def _informed(self, event: ev.Notified) -> Iterator[Due]:
        if self.staff.presence(event.notice[1], event.officer) != "present":
            return
        length = self.staff.pass_on_delay(event.notice)
        when = self.staff.after(event.at, length)
        yield self._due(when, "pass-on", event.notice, event.officer)

    def _takes_up(self, notice: NoticeKey, event: ev.AnswerSent | ev.Acknowledged) -> Iterator[Due]:
        """An officer has taken the matter up: passing on and reporting follow."""
        record = self.board.notices[notice]
        if record.engaged_at == event.at and not self._is_seat(notice):
            yield from self._owes(record, event.at)

    def _owes(self, record: NoticeRecord, at: timedelta) -> Iterator[Due]:
        """Yield what an office that has taken the matter up still has to do, from `at` on."""
        notice, officer = record.key, max(record.engaged_officer, 1)
        if record.asked.pass_on and record.passed_on_at is None:
            when = self.staff.after(at, self.staff.pass_on_delay(notice))
            yield self._due(when, "pass-on", notice, officer)
        if record.asked.report and not self.staff.happens("report_forgotten", notice):
            soon = at + MILLISECOND
            yield self._due(max(self._ready_at(record), soon), "report", notice, officer)
            if record.asked.collect and record.cut_off_at is not None:
                yield self._due(max(record.cut_off_at, soon), "report", notice, officer)

    def _is_seat(self, notice: NoticeKey) -> bool:
        """Whether a person sits at the node of a notice, so that nobody is simulated there."""
        return notice[1] in self.board.seats

    def _goes_on(self, event: ev.SeatLeft) -> Iterator[Due]:
        """Yield what simulated officers do about the notices that a person leaves to them."""
        for inject in self.board.released:
            record = self.board.notices.get((inject, event.node))
            if record is None or record.notified_at is None:
                continue
            if record.engaged_at is not None:
                yield from self._owes(record, event.at)
            elif record.asked.acknowledge and not record.is_acknowledged:
                officer = max(record.officer, 1)
                if self.staff.presence(event.node, officer) == "present":
                    length = self.staff.answer_delay(record.key, officer, 0)
                    when = self.staff.after(event.at, length)
                    yield self._due(when, "write", record.key, officer)

    def _ready_at(self, record: NoticeRecord) -> timedelta:
        """When a node that took the matter up has filled in its own form."""
        assert record.engaged_at is not None
        return self.staff.after(record.engaged_at, self.staff.report_delay(record.key))

    def _collects(self, event: ev.Reported) -> Iterator[Due]:
        """A report came; the node above may have them all now, or owe a follow-up (続報)."""
        sender = self.board.notices[event.notice].sender
        record = self.board.notices.get((event.notice[0], sender))
        if record is None or not record.asked.collect or record.engaged_at is None:
            return
        if self._is_seat(record.key):
            return
        if record.to_collect == 0 or record.report_sent:
            number = len(record.asked.collect) - record.to_collect
            length = self.staff.length(PUT_TOGETHER, "put-together", record.key, number)
            officer = max(record.engaged_officer, 1)
            yield self._due(
                self.staff.after(event.at, length), "report", record.key, officer, number
            )

    def _is_called(self, event: ev.CallDue) -> Iterator[Due]:
        node = self.exercise.node(event.notice[1])
        first = 0 if self.exercise.off_hours and node.duty_desk is not None else 1
        length = self.staff.length(CALLER, "caller", event.notice, first)
        yield self._due(event.at + length, "telephone", event.notice, first)

    # What they do when their turn comes ---------------------------------------------------------

    def carry_out(self, due: Due) -> Iterator[AnyEvent]:
        """Yield the events of a due of the offices (`is_ours`); nothing where it is moot."""
        if due.act == "confirm-stop":
            return self._confirms_stop(due)
        # After EndEx nobody begins anything but an answer, while the drill is kept open.
        if self.board.end is not None and due.act not in ("report", "write"):
            return iter(())
        record = self.board.notices[self.rules.notice_of(due)]
        # Who sat down takes over what simulated officers had begun; servers bounce all the same.
        if self._is_seat(record.key) and due.detail != "bounce":
            return iter(())
        return _ACTS[due.act](self, due, record)

    @staticmethod
    def is_ours(due: Due) -> bool:
        """Whether a due is an act of the offices."""
        return due.act in _ACTS or due.act == "confirm-stop"

    def _robot(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        """A machine answers: once per notice and officer (RFC 3834, 2), or with a bounce."""
        if due.detail == "bounce":
            yield self._answer(due, record, "bounce")
        elif not record.officers[due.officer].answered:
            yield self._answer(due, record, "auto-reply")

    def _write(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        """An officer acknowledges, unless somebody at the node has taken the matter up."""
        by_other = record.engaged_at is not None and record.engaged_officer != due.officer
        if not record.is_acknowledged and not by_other:
            yield self._answer(due, record, "acknowledge")

    def _repeat(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        yield self._answer(due, record, "repeat")

    def _report(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        """A node reports as soon as it may: its own form filled in, the others' reports here.

        At the cut-off it reports without those missing, and again (続報) when more have come.
        """
        inject = self.exercise.inject(record.key[0])
        if record.engaged_at is None or inject.report is None:
            return
        collected = len(record.asked.collect) - record.to_collect
        if record.report_sent or record.reports:
            if collected > record.collected_when_sent:
                yield from self._reported(due, record)
            return
        if record.asked.collect:
            is_cut_off = record.cut_off_at is not None and due.at >= record.cut_off_at
            may_be_partial = is_cut_off and inject.report.partial == "allowed"
            if due.at < self._ready_at(record) or (record.to_collect and not may_be_partial):
                return
        yield from self._reported(due, record)

    def _reported(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        """A report by mail, or, from an office without any address, by telephone until EndEx."""
        officer = max(due.officer, 1)
        if self._sender(record, officer, "report"):
            yield self._answer(due, record, "report")
            return
        if self.board.end is not None:
            return
        yield ev.Reported(
            at=due.at,
            because=due.act,
            notice=record.key,
            channel="telephone",
            officer=officer,
            by=self.exercise.node(record.key[1]).officers[officer - 1].name,
            answers=self.staff.fill_in(record.key, officer),
            number=record.reports + 1,
        )

    def _answer(self, due: Due, record: NoticeRecord, answer: ev.AnswerKind) -> ev.AnswerSent:
        node = self.exercise.node(record.key[1])
        officer = max(due.officer, 1)
        number = due.attempt if answer != "report" else record.report_sent
        return ev.AnswerSent(
            at=due.at,
            because=due.act,
            notice=record.key,
            officer=officer,
            attempt=due.attempt,
            mail=self.name_mail(record.key, officer, number, answer),
            answer=answer,
            sender=self._sender(record, officer, answer),
            copies=node.also_notify if answer == "report" else (),
        )

    def _sender(self, record: NoticeRecord, officer: int, answer: ev.AnswerKind) -> str:
        if answer == "bounce":
            domain = self.exercise.address(record.key[1], officer).rpartition("@")[2]
            return f"mailer-daemon@{domain}"
        mailbox = self.exercise.node(record.key[1]).mailbox
        is_short = answer in ("acknowledge", "repeat")
        if is_short and mailbox and self.staff.happens("unlisted_colleague", record.key):
            return mailbox
        return self.exercise.address(record.key[1], officer) or mailbox

    def _pass_on(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        if record.passed_on_at is not None:
            return
        hops = self.staff.hops(record.key, record.asked.pass_on)
        one_mail = len(hops) > 1 and self.staff.happens("one_mail_to_all", record.key)
        yield from self.rules.pass_on(record.key, due.officer, hops, due.at, one_mail)

    def _telephone(self, due: Due, record: NoticeRecord) -> Iterator[AnyEvent]:
        """The drill's caller works through the call list, or an officer calls back."""
        if record.is_acknowledged:
            return
        node = self.exercise.node(record.key[1])
        if due.officer == 0:
            desk = node.duty_desk.name if node.duty_desk is not None else ""
            yield self._called(due, record, "talked", desk)
            return
        name = node.officers[due.officer - 1].name
        result = "talked" if due.act == "call-back" else self.staff.talks(record.key, due.officer)
        yield self._called(due, record, result, name if result == "talked" else "")
        if result == "talked":
            yield ev.Acknowledged(
                at=due.at,
                because=due.act,
                notice=record.key,
                channel="telephone",
                officer=due.officer,
                by=name,
            )

    def _called(self, due: Due, record: NoticeRecord, result: ev.CallResult, by: str) -> ev.Called:
        return ev.Called(
            at=due.at,
            because=due.act,
            notice=record.key,
            officer=due.officer,
            channel="telephone",
            result=result,
            by=by,
        )

    def _after_call(self, event: ev.Called) -> Iterator[Due]:
        """Answer a message by calling back; the desk calls officers; else it is the next one."""
        if self.town.usual.telephone is None or event.channel != "telephone":
            return
        notice, count = event.notice, len(self.exercise.node(event.notice[1]).officers)
        if event.officer == 0:
            reached = (
                n
                for n in range(1, count + 1)
                if self.staff.talks(notice, n) in ("talked", "message")
            )
            officer = next(reached, 0)
        elif event.result == "message":
            officer = event.officer
        else:
            officer = 0
        if officer:
            length = self.staff.length(CALL_BACK, "call-back", notice, officer)
            yield self._due(event.at + length, "call-back", notice, officer)
        elif event.officer and event.result != "talked" and event.officer < count:
            length = self.staff.length(CALLER, "caller", notice, event.officer + 1)
            yield self._due(event.at + length, "telephone", notice, event.officer + 1)

    def _reads_stop(self, event: ev.StopSubmitted) -> Iterator[Due]:
        notice = (ev.STOP, event.node)
        if self._is_seat(notice) or self.staff.presence(event.node, event.officer) != "present":
            return
        length = self.network.transit("stop", event.node, event.officer) + self.staff.answer_delay(
            notice, event.officer, 0
        )
        yield self._due(event.at + length, "confirm-stop", notice, event.officer)

    def _confirms_stop(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.rules.notice_of(due)
        if notice[1] in self.board.stop_confirmed or self._is_seat(notice):
            return
        yield ev.AnswerSent(
            at=due.at,
            because="stop",
            notice=notice,
            officer=due.officer,
            attempt=0,
            mail=self.name_mail(notice, due.officer, 0, "confirm-stop"),
            answer="confirm-stop",
            sender=self.exercise.address(notice[1], due.officer),
        )


_ACTS: dict[str, Callable[[Offices, Due, NoticeRecord], Iterator[AnyEvent]]] = {
    "robot": Offices._robot,
    "write": Offices._write,
    "repeat": Offices._repeat,
    "report": Offices._report,
    "pass-on": Offices._pass_on,
    "telephone": Offices._telephone,
    "call-back": Offices._telephone,
}
