"""The course of a rehearsal: rules and world, an agenda in, events out.

This is the pure kernel beneath the director. It decides everything: when a mail arrives, who
answers and when, what the drill makes of it. A `Post` turns its mails into bytes and tells what
came back; with `IdealPost` there are no bytes at all, and every answer is credited as it was meant
(`plan`, tests and the forecast's cross-check use it so). The director has a post that composes real
mails, sends them by SMTP and recognises what the sink received.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Literal, Protocol

from drillsim.drill import events as ev
from drillsim.drill.agenda import Agenda, Due, Rank
from drillsim.drill.board import Board, NoticeRecord
from drillsim.drill.durations import MILLISECOND, ZERO, from_ms, to_ms
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Received, Rules
from drillsim.drill.tree import NodeId
from drillsim.world.chance import draw
from drillsim.world.drafts import Draft, draft_of
from drillsim.world.habits import CALL_BACK, CALLER, PUT_TOGETHER, ROBOT, TWICE, Town
from drillsim.world.network import Carriage, Network, retry_after
from drillsim.world.staff import Staff

STOP_WAIT = timedelta(minutes=30)
"""How long a rehearsal waits for confirmations of the stop mail; those missing are telephoned."""

MAIL_DOMAIN = "drillsim.test"
"""Message-IDs of a rehearsal; `.test` names no real host (RFC 6761)."""


class Post(Protocol):
    """What turns the course's mails into bytes, and what came in into meaning."""

    def outgoing(self, mail: ev.Submitted) -> str:
        """Write a mail of the drill or a passed-on one; return the SHA-256 of its bytes."""

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """Write a simulated answer; return the SHA-256 of its bytes."""

    def stop(self, mail: ev.StopSubmitted) -> str:
        """Write a stop mail; return the SHA-256 of its bytes."""

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the drill makes of an answer that has arrived."""

    def heard(self, event: AnyEvent) -> None:
        """Take note of an event that the board has taken in."""


@dataclass(slots=True)
class IdealPost:
    """A post without bytes: every answer is credited as it was meant."""

    _seen: set[tuple[NoticeKey, NoticeKey, int, int]] = field(default_factory=set)
    """Acknowledgements that came in already: the same words again are a duplicate."""

    def outgoing(self, mail: ev.Submitted) -> str:
        """No bytes, no hash."""
        return ""

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """No bytes, no hash."""
        return ""

    def stop(self, mail: ev.StopSubmitted) -> str:
        """No bytes, no hash."""
        return ""

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the answer was meant to be."""
        # In an old thread it is always the first mail that is answered.
        attempt = mail.attempt if draft.thread == mail.notice else 0
        words = (mail.notice, draft.thread, mail.officer, attempt)
        is_identical = mail.answer in ("acknowledge", "repeat") and words in self._seen
        if mail.answer in ("acknowledge", "repeat"):
            self._seen.add(words)
        return Received(
            kind=draft.mail_kind,
            mail=mail.mail,
            sender=mail.sender,
            notice=draft.thread,
            matched_by="thread",
            officer=0 if draft.unlisted else mail.officer,
            by=draft.by,
            answers=draft.answers,
            is_report=mail.answer == "report",
            is_identical=is_identical,
            is_about_stop=mail.answer == "confirm-stop",
            status="5.1.1" if mail.answer == "bounce" else "",
        )

    def heard(self, event: AnyEvent) -> None:
        """Nothing to take note of."""


def mail_namer(seed: int, digest: str) -> Callable[..., MailId]:
    """Return what names the mails of a rehearsal: Message-IDs from the seed and the files."""

    def name(notice: NoticeKey, officer: int, attempt: int, what: str = "down") -> MailId:
        bits = draw(seed, f"mail {digest} {what}", *notice, officer, attempt)
        return f"{bits:016x}@{MAIL_DOMAIN}"

    return name


class ChangedMailError(Exception):
    """A mail of a journal cannot be written again: another version of the program wrote it."""


class Course:
    """One rehearsal, instant by instant.

    Attributes:
        board: where the drill stands.
        agenda: what falls due next.
        last: the due that was carried out last; a resume goes on after it.
    """

    def __init__(
        self,
        exercise: Exercise,
        seed: int,
        post: Callable[[Board], Post] | None = None,
        *,
        digest: str = "",
        seats: Container[NodeId] = (),
    ) -> None:
        """Prepare a rehearsal.

        Args:
            exercise: the files.
            seed: what makes the rehearsal repeatable.
            post: makes what writes and reads mails; without one, nothing is written.
            digest: names the files in Message-IDs.
            seats: nodes at which a person sits, so that nobody is simulated there.
        """
        self.exercise = exercise
        self.seed = seed
        self.board = Board(exercise)
        self.agenda = Agenda()
        self.post: Post = post(self.board) if post is not None else IdealPost()
        self.seats = seats
        self.last: Due | None = None
        town = Town(exercise.scenario.people)
        self.town = town
        self.staff = Staff(exercise, town, seed)
        self.network = Network(exercise, town, seed)
        self._name = mail_namer(seed, digest)
        self.rules = Rules(exercise, self.board, self._name)
        self._under_way: dict[MailId, tuple[ev.AnswerSent, Draft]] = {}

    # Running ------------------------------------------------------------------------------------

    def start(self) -> list[AnyEvent]:
        """Carry out StartEx and return its events."""
        self.last = Due(ZERO, Rank.COMMAND, -1, -1, 0, 0, "start")
        return [self._take(event) for event in self.rules.start(self.seed)]

    @property
    def next_at(self) -> timedelta | None:
        """When the next instant is, or None when the drill is over or nothing is left to do."""
        due = self.agenda.peek()
        return None if due is None or self.is_over else due.at

    @property
    def is_over(self) -> bool:
        """Whether the drill has ended and nothing more is waited for."""
        end = self.board.end
        if end is None:
            return False
        if end.reason == "real-incident" and self.board.stop_open:
            due = self.agenda.peek()
            return due is None or due.at > end.at + STOP_WAIT
        due = self.agenda.peek()
        return due is None or due.at > end.at + self.exercise.scenario.keep_open

    def step(self) -> list[AnyEvent]:
        """Carry out everything due at the next instant, and return its events in order."""
        events: list[AnyEvent] = []
        due = self.agenda.peek()
        if due is None:
            return events
        at = due.at
        while due is not None and due.at == at and not self.is_over:
            self.last = self.agenda.pop()
            events.extend(self._take(event) for event in self._carry_out(self.last))
            due = self.agenda.peek()
        return events

    def command(
        self, at: timedelta, produce: Callable[[Rules], Iterable[AnyEvent]]
    ) -> list[AnyEvent]:
        """Carry out an operator's act at `at`, which must lie after the last instant."""
        self.last = Due(at, Rank.COMMAND, -1, -1, 0, 0, "command")
        return [self._take(event) for event in produce(self.rules)]

    def run(self) -> Iterator[AnyEvent]:
        """Yield the events of the whole rehearsal."""
        yield from self.start()
        while self.next_at is not None:
            yield from self.step()

    def restore(self, events: Iterable[AnyEvent], last: Due) -> None:
        """Take in the events of a journal, of which `last` was carried out last.

        Their mails are written anew, so that those under way can be handed over again.

        Raises:
            ChangedMailError: a mail comes out different from the one that was sent.
        """
        for event in events:
            mail = getattr(event, "mail", "")
            if mail in self._under_way and not isinstance(event, ev.AnswerSent):
                # Reading it again lets the post know it, so that a duplicate is seen as one.
                self.post.received(*self._under_way.pop(mail))
            if self._take(event) != event:
                raise ChangedMailError(mail)
        self.agenda.drop_through(last)
        self.last = last

    def _take(self, event: AnyEvent) -> AnyEvent:
        """Have the mail of `event` written, if it is one, and apply it."""
        if isinstance(event, ev.Submitted):
            event = replace(event, raw=self.post.outgoing(event))
        elif isinstance(event, ev.AnswerSent):
            # What an answer says depends on where the drill stands when it is written.
            draft = draft_of(self.staff, self.board, event)
            event = replace(event, raw=self.post.answer(event, draft))
            self._under_way[event.mail] = (event, draft)
        elif isinstance(event, ev.StopSubmitted):
            event = replace(event, raw=self.post.stop(event))
        self._apply(event)
        return event

    def _apply(self, event: AnyEvent) -> None:
        self.board.apply(event)
        self.post.heard(event)
        for due in self.rules.follow(event):
            self.agenda.add(due)
        for due in self._follow(event):
            self.agenda.add(due)

    # What the world does because of an event ----------------------------------------------------

    def _follow(self, event: AnyEvent) -> Iterator[Due]:
        match event:
            case ev.Submitted() | ev.Retried():
                tries = event.tries if isinstance(event, ev.Retried) else 1
                carriage = self.carriage(event)
                detail = f"{tries} {to_ms(event.at)} {event.mail}"
                yield self._due(
                    carriage.arrives_at,
                    "deliver",
                    event.notice,
                    event.officer,
                    event.attempt,
                    detail,
                    Rank.ARRIVAL,
                )
            case ev.Notified() if not event.lost:
                yield from self._reads(event)
            case ev.Notified() if event.lost == "bounced":
                when = event.at + self.staff.length(ROBOT, "robot", event.notice, event.officer)
                yield self._due(when, "robot", event.notice, event.officer, event.attempt, "bounce")
            case ev.AnswerSent():
                yield self._due(
                    self.answer_arrives_at(event),
                    "answer",
                    event.notice,
                    event.officer,
                    event.attempt,
                    event.mail,
                    Rank.ARRIVAL,
                )
                if event.answer == "acknowledge":
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
            case _:
                pass

    def carriage(self, event: ev.Submitted | ev.Retried) -> Carriage:
        """Return what becomes of a mail, decided when it is handed over."""
        inject, node = event.notice
        tries = event.tries if isinstance(event, ev.Retried) else 1
        return self.network.carry(inject, node, event.officer, event.attempt, event.at, tries)

    def answer_arrives_at(self, event: ev.AnswerSent) -> timedelta:
        """Return when an answer is at the drill's own address."""
        return event.at + self.network.transit("up", event.mail)

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
        if notice[1] in self.seats:
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
        if record.engaged_at != event.at or notice[1] in self.seats:
            return
        officer = max(record.engaged_officer, 1)
        if record.asked.pass_on and record.passed_on_at is None:
            when = self.staff.after(event.at, self.staff.pass_on_delay(notice))
            yield self._due(when, "pass-on", notice, officer)
        if record.asked.report and not self.staff.happens("report_forgotten", notice):
            yield self._due(self._ready_at(record), "report", notice, officer)
            if record.asked.collect and record.cut_off_at is not None:
                when = max(record.cut_off_at, event.at + MILLISECOND)
                yield self._due(when, "report", notice, officer)

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
        if record.key[1] in self.seats:
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

    # What is carried out ------------------------------------------------------------------------

    def _carry_out(self, due: Due) -> Iterator[AnyEvent]:
        match due.act:
            case "deliver":
                return self._deliver(due)
            case "answer":
                sent, draft = self._under_way.pop(due.detail)
                return self.rules.credit(self.post.received(sent, draft), due.at)
            case "confirm-stop":
                return self._confirms_stop(due)
            case act if act in _ACTS:
                # After EndEx nobody begins anything but an answer, while the drill is kept open.
                if self.board.end is not None and act not in ("report", "write"):
                    return iter(())
                record = self.board.notices[self.rules.notice_of(due)]
                return _ACTS[act](self, due, record)
            case _:
                return self.rules.carry_out(due)

    def _deliver(self, due: Due) -> Iterator[AnyEvent]:
        """A mail is at the server of its recipient, who says what was decided for it."""
        if self.board.end is not None:
            return
        notice = self.rules.notice_of(due)
        tries, sent_ms, mail = due.detail.split(" ", 2)
        carriage = self.network.carry(
            *notice, due.officer, due.attempt, from_ms(int(sent_ms)), int(tries)
        )
        about = _About(due.at, mail, notice, due.officer, due.attempt)
        match carriage.outcome:
            case "accepted":
                yield about.notified("")
            case "lost":
                yield about.notified("dropped")
            case "bounced":
                yield about.notified("bounced")
            case "deferred":
                yield ev.Deferred(
                    at=due.at,
                    because=mail,
                    notice=notice,
                    officer=due.officer,
                    attempt=due.attempt,
                    mail=mail,
                    reply_code=carriage.reply_code,
                    tries=int(tries),
                    retry_at=due.at + retry_after(int(tries)),
                )
            case "refused":
                assert carriage.failure is not None
                yield from self.rules.refused(
                    ev.Refused(
                        at=due.at,
                        because=mail,
                        notice=notice,
                        officer=due.officer,
                        attempt=due.attempt,
                        mail=mail,
                        reply_code=carriage.reply_code,
                        failure=carriage.failure,
                    )
                )

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
        if record.report_sent:
            if collected > record.collected_when_sent:
                yield self._answer(due, record, "report")
            return
        if record.asked.collect:
            is_cut_off = record.cut_off_at is not None and due.at >= record.cut_off_at
            may_be_partial = is_cut_off and inject.report.partial == "allowed"
            if due.at < self._ready_at(record) or (record.to_collect and not may_be_partial):
                return
        yield self._answer(due, record, "report")

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
            mail=self._name(record.key, officer, number, answer),
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
        if event.node in self.seats or self.staff.presence(event.node, event.officer) != "present":
            return
        length = self.network.transit("stop", event.mail) + self.staff.answer_delay(
            notice, event.officer, 0
        )
        yield self._due(event.at + length, "confirm-stop", notice, event.officer)

    def _confirms_stop(self, due: Due) -> Iterator[AnyEvent]:
        notice = self.rules.notice_of(due)
        if notice[1] in self.board.stop_confirmed:
            return
        yield ev.AnswerSent(
            at=due.at,
            because="stop",
            notice=notice,
            officer=due.officer,
            attempt=0,
            mail=self._name(notice, due.officer, 0, "confirm-stop"),
            answer="confirm-stop",
            sender=self.exercise.address(notice[1], due.officer),
        )


@dataclass(frozen=True, slots=True)
class _About:
    """What the events of one arrival have in common."""

    at: timedelta
    mail: MailId
    notice: NoticeKey
    officer: int
    attempt: int

    def notified(self, lost: Literal["", "dropped", "bounced"]) -> ev.Notified:
        return ev.Notified(
            at=self.at,
            because=self.mail,
            notice=self.notice,
            officer=self.officer,
            attempt=self.attempt,
            mail=self.mail,
            lost=lost,
        )


_ACTS: dict[str, Callable[[Course, Due, NoticeRecord], Iterator[AnyEvent]]] = {
    "robot": Course._robot,
    "write": Course._write,
    "repeat": Course._repeat,
    "report": Course._report,
    "pass-on": Course._pass_on,
    "telephone": Course._telephone,
    "call-back": Course._telephone,
}
