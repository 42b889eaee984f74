"""The course of a rehearsal: rules and world, an agenda in, events out.

This is the pure kernel beneath the director. It decides everything: when a mail arrives, who
answers and when, what the drill makes of it. A `Post` turns its mails into bytes and tells what
came back; with `IdealPost` there are no bytes at all, and every answer is credited as it was meant
(`plan`, tests and the forecast's cross-check use it so). The director has a post that composes real
mails, sends them by SMTP and recognises what the sink received.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.agenda import Agenda, Due, Rank
from drillsim.drill.board import Board
from drillsim.drill.durations import ZERO, from_ms, to_ms
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Rules
from drillsim.drill.tree import NodeId
from drillsim.world.drafts import Draft, draft_of
from drillsim.world.habits import Town
from drillsim.world.network import Carriage, Network, retry_after
from drillsim.world.offices import Offices
from drillsim.world.post import MAIL_DOMAIN, IdealPost, Post, mail_namer
from drillsim.world.staff import Staff

_WRITTEN = ev.Submitted | ev.AnswerSent | ev.StopSubmitted
"""Events whose mail is written here."""

STOP_WAIT = timedelta(minutes=30)
"""How long a rehearsal waits for confirmations of the stop mail; those missing are telephoned."""


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
        domain: str = MAIL_DOMAIN,
    ) -> None:
        """Prepare a rehearsal.

        Args:
            exercise: the files.
            seed: what makes the rehearsal repeatable.
            post: makes what writes and reads mails; without one, nothing is written.
            digest: names the files in Message-IDs.
            domain: of the Message-IDs.
        """
        self.exercise = exercise
        self.seed = seed
        self.board = Board(exercise)
        self.agenda = Agenda()
        self.post: Post = post(self.board) if post is not None else IdealPost()
        self.last: Due | None = None
        town = Town(exercise)
        self.staff = Staff(exercise, town, seed)
        self.network = Network(exercise, town, seed)
        name_mail = mail_namer(seed, digest, domain)
        self.rules = Rules(exercise, self.board, name_mail)
        self.offices = Offices(
            exercise, self.board, self.rules, town, self.staff, self.network, name_mail
        )
        self._under_way: dict[MailId, tuple[ev.AnswerSent, Draft]] = {}
        self._carried: dict[tuple[MailId, NoticeKey, int], Carriage] = {}
        """What becomes of the mails under way; it is asked for at every step of their way."""
        self._answers_at: dict[MailId, timedelta] = {}

    # Running ------------------------------------------------------------------------------------

    def start(self, seats: Iterable[NodeId] = (), by: str = "") -> list[AnyEvent]:
        """Carry out StartEx and return its events.

        Args:
            seats: nodes at which a person sits from the beginning.
            by: who it is.
        """
        self.last = Due(ZERO, Rank.COMMAND, -1, -1, 0, 0, "start")
        events = [self._take(event) for event in self.rules.start(self.seed)]
        # No mail has arrived at that instant: nobody is simulated there at all.
        return events + [self._take(ev.SeatTaken(at=ZERO, node=node, by=by)) for node in seats]

    @property
    def next_at(self) -> timedelta | None:
        """When the next instant is, or None when the drill is over or nothing is left to do."""
        due = self.agenda.peek()
        return None if due is None or self.is_over else due.at

    @property
    def next_answer(self) -> str:
        """The hash of the answer that arrives next; "" where something else comes next."""
        due = self.agenda.peek()
        if due is None or due.act != "answer":
            return ""
        return self._under_way[due.detail][0].raw

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
            elif getattr(event, "raw", "") and not isinstance(event, _WRITTEN):
                self.post.recall(event)
            if self._take(replace(event)) != event:
                raise ChangedMailError(mail)
        self.agenda.drop_through(last)
        self.last = last

    def _take(self, event: AnyEvent) -> AnyEvent:
        """Have the mail of `event` written, if it is one, and apply it; the event is a new one."""
        if isinstance(event, ev.Submitted):
            ev.name_bytes(event, self.post.outgoing(event))
        elif isinstance(event, ev.AnswerSent):
            # What an answer says depends on where the drill stands when it is written.
            draft = draft_of(self.staff, self.board, event)
            ev.name_bytes(event, self.post.answer(event, draft))
            self._under_way[event.mail] = (event, draft)
        elif isinstance(event, ev.StopSubmitted):
            ev.name_bytes(event, self.post.stop(event))
        elif isinstance(event, ev.PassedOn) and not event.mail:
            event = replace(event, facts=self.post.passed_on(event))
        self._apply(event)
        return event

    def _apply(self, event: AnyEvent) -> None:
        self.board.apply(event)
        self.post.heard(event)
        for due in self.rules.follow(event):
            self.agenda.add(due)
        for due in self._follow(event):
            self.agenda.add(due)

    def _follow(self, event: AnyEvent) -> Iterator[Due]:
        """Yield what falls due in the simulated world because of an event."""
        yield from self._arrives(event)
        yield from self.offices.follow(event)

    def _arrives(self, event: AnyEvent) -> Iterator[Due]:
        """Yield the arrival of a mail that was handed over."""
        match event:
            case ev.Submitted() | ev.Retried():
                tries = event.tries if isinstance(event, ev.Retried) else 1
                carriage = self._carry(event, tries)
                self._carried[(event.mail, event.notice, tries)] = carriage
                at, act = carriage.arrives_at, "deliver"
                detail = f"{tries} {to_ms(event.at)} {event.mail}"
            case ev.AnswerSent():
                at, act, detail = self.answer_arrives_at(event), "answer", event.mail
                self._answers_at[event.mail] = at
            case _:
                return
        yield self.rules.due(
            at, Rank.ARRIVAL, act, event.notice, event.officer, event.attempt, detail
        )

    def carriage(self, event: ev.Submitted | ev.Retried) -> Carriage:
        """Return what becomes of a mail, decided when it is handed over."""
        tries = event.tries if isinstance(event, ev.Retried) else 1
        known = self._carried.get((event.mail, event.notice, tries))
        return known if known is not None else self._carry(event, tries)

    def _carry(self, event: ev.Submitted | ev.Retried, tries: int) -> Carriage:
        return self.network.carry(*event.notice, event.officer, event.attempt, event.at, tries)

    def answer_arrives_at(self, event: ev.AnswerSent) -> timedelta:
        """Return when an answer is at the drill's own address."""
        known = self._answers_at.get(event.mail)
        if known is not None:
            return known
        return event.at + self.network.transit_up(
            event.notice, event.answer, event.officer, event.attempt
        )

    # What is carried out ------------------------------------------------------------------------

    def _carry_out(self, due: Due) -> Iterator[AnyEvent]:
        if due.act == "deliver":
            return self._deliver(due)
        if due.act == "answer":
            sent, draft = self._under_way.pop(due.detail)
            self._answers_at.pop(sent.mail, None)
            return self.rules.credit(self.post.received(sent, draft), due.at)
        if self.offices.is_ours(due):
            return self.offices.carry_out(due)
        return self.rules.carry_out(due)

    def _deliver(self, due: Due) -> Iterator[AnyEvent]:
        """A mail is at the server of its recipient, who says what was decided for it."""
        if self.board.end is not None:
            return
        notice = self.rules.notice_of(due)
        tries, sent_ms, mail = due.detail.split(" ", 2)
        carriage = self._carried.pop((mail, notice, int(tries)), None) or self.network.carry(
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


class LiveCourse(Course):
    """The course of a live drill: the same rules, and nobody is simulated.

    What was handed over, and what came back, is told to it by its director; injects of outside wait
    until they have come. After EndEx it goes on until the drill need not be kept open any more.
    """

    def __init__(
        self,
        exercise: Exercise,
        seed: int,
        post: Callable[[Board], Post] | None = None,
        *,
        digest: str = "",
        domain: str = MAIL_DOMAIN,
    ) -> None:
        """Prepare a live drill; as `Course`."""
        super().__init__(exercise, seed, post, digest=digest, domain=domain)
        self.rules.waits_for_outside = True

    def _follow(self, event: AnyEvent) -> Iterator[Due]:
        if isinstance(event, ev.DrillEnded):
            is_stop = event.reason == "real-incident"
            stays = STOP_WAIT if is_stop else self.exercise.scenario.keep_open
            # By its name it comes after everything else of its instant.
            yield Due(event.at + stays, Rank.PHASE, -1, -1, 0, 0, "wrap-up")

    def _carry_out(self, due: Due) -> Iterator[AnyEvent]:
        return iter(()) if due.act == "wrap-up" else self.rules.carry_out(due)


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
