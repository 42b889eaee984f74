"""The director: runs one drill, from StartEx to the seal of its journal.

It enacts what the course decides. Each instant's events are committed together with the mails that
they name; only then are those mails handed over by SMTP, and only when these are in is more
committed (`drillsim.conduct.under_way`).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from drillsim.conduct import acts
from drillsim.conduct.clocks import DrillClock, Speed
from drillsim.conduct.drill_address import known_recipients
from drillsim.conduct.intake import FromOutside, Intake
from drillsim.conduct.mailroom import Mailroom, Posted
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.seating import Producer
from drillsim.conduct.under_way import MailSent, UnderWay
from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, due_of_text
from drillsim.drill.board import Board
from drillsim.drill.durations import MILLISECOND, ZERO, to_ms
from drillsim.drill.event_json import event_json
from drillsim.drill.events import AnyEvent, MailId, decode
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Rules
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.journal.chain import Entry, Record
from drillsim.journal.inbox import Command
from drillsim.journal.journal import Batch, Writing, conduct_entry
from drillsim.journal.mails import Direction, Mail
from drillsim.journal.seal import Seal
from drillsim.journal.wall import wall_now
from drillsim.journal.writer import AsyncJournal
from drillsim.machine import cores
from drillsim.mail.conveyor import Conveyor
from drillsim.mail.drill_marks import NotADrillMailError
from drillsim.mail.second_process import Load, SecondProcess
from drillsim.mail.sessions import SubmitFailedError
from drillsim.mail.sink import Delivery, Reply, Sink
from drillsim.mail.templates import TemplateFaultError
from drillsim.problem import StoppedError, UsageError
from drillsim.world.course import ChangedMailError, Course

_POLL_SECONDS: Final = 0.05
"""How often the inbox is looked into."""
_STEP_SECONDS: Final = 0.1
"""How long at most the clock is trusted without a look at the inbox."""
_IDLE_SECONDS_MAX: Final = 3600.0
"""A drill that has been paused for so long without an order stops, and can be resumed."""


_GROUP_MAX: Final = 32
"""Instants in one transaction at most; orders are looked for in between.

A resume takes it that the mails of so many instants may not have been handed over.
"""

_NODES_LARGE: Final = 300
"""Nodes from which on the start of a second process pays."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        board: where the drill stands.
        seal: what the sealed journal says, or None if the drill goes on another time.
        drill_seconds: how long the drill took, in drill time.
        wall_seconds: how long this run took.
        reason: how it ended; `idle` when it was left paused.
    """

    board: Board = field(repr=False)  # asyncio.run() has it printed when it puts SIGINT back.
    seal: Seal | None
    drill_seconds: float
    wall_seconds: float
    reason: str


class Director:
    """Runs one rehearsal."""

    def __init__(
        self,
        exercise: Exercise,
        journal: AsyncJournal,
        *,
        seed: int,
        digest: str,
        speed: Speed,
        seats: Sequence[NodeId] = (),
        seated_by: str = "",
        progress: Callable[[Board, timedelta], None] | None = None,
    ) -> None:
        """Prepare a run.

        Args:
            exercise: the files.
            journal: new, or one that was cut off.
            seed: what makes the rehearsal repeatable.
            digest: names the files in Message-IDs and tokens.
            speed: drill seconds per second, or `max`.
            seats: nodes at which a person sits from the beginning.
            seated_by: who it is.
            progress: told where the drill stands, some times a second.
        """
        self.exercise = exercise
        self.journal = journal
        self._rooms: list[Mailroom] = []
        self._intake = Intake(journal)
        self.course = self._course(seed, digest)
        self._under_way = UnderWay(self.course, self._hand_over)
        self.clock = DrillClock(speed)
        self._seats, self._seated_by = seats, seated_by
        self._last_command = 0
        self._polled = 0.0
        self._ordered = 0.0
        self._progress = progress
        self._conveyor: Conveyor | None = None
        self._carried: asyncio.Future[None]

    def _course(self, seed: int, digest: str) -> Course:
        return Course(
            self.exercise, seed, lambda board: self._room(board, seed, digest), digest=digest
        )

    def _room(self, board: Board, seed: int, digest: str) -> Mailroom:
        room = Mailroom(self.exercise, seed, digest, board, self._intake)
        self._rooms.append(room)
        return room

    @property
    def room(self) -> Mailroom:
        """Where mails are written and read."""
        return self._rooms[0]

    # A whole run --------------------------------------------------------------------------------

    async def run(self) -> Outcome:
        """Run the drill to its end, or go on with one that was cut off.

        Raises:
            StoppedError: mail or journal failed in a way that was not planned; it can be resumed.
            UsageError: the journal was written by another version and cannot be gone on with.
        """
        began = time.monotonic()
        try:
            with self._second_process():
                async with self._mail_system():
                    await self._begin()
                    reason = await self._go_on()
                    await self._settle()
        except SubmitFailedError as error:
            raise StoppedError(
                _("the drill was stopped: {error}; go on with drillsim resume").format(error=error)
            ) from error
        seal = await self.journal.seal() if reason != "idle" else None
        board = self.course.board
        end = board.end.at if board.end is not None else board.at
        return Outcome(
            board=board,
            seal=seal,
            drill_seconds=end.total_seconds(),
            wall_seconds=time.monotonic() - began,
            reason=reason,
        )

    @contextmanager
    def _second_process(self) -> Iterator[None]:
        """Have a second process read and carry mails, where they are many and time matters."""
        is_large = len(self.exercise.tree.nodes) >= _NODES_LARGE
        if not is_large or self.clock.speed != "max" or cores() < 2:
            yield
            return
        known, limit = known_recipients(self.exercise), self.exercise.scenario.mail.size_max
        # Of each mail it is told that it is in with all that was sent off together.
        self._carried = asyncio.get_running_loop().create_future()
        self._carried.set_result(None)
        second = SecondProcess(known, limit, self._intake.came)
        with second as self.room.second:
            yield

    @asynccontextmanager
    async def _mail_system(self) -> AsyncIterator[None]:
        known = known_recipients(self.exercise)
        limit = self.exercise.scenario.mail.size_max
        async with (
            Sink(self._keep, known_recipient=known, size_max_bytes=limit) as sink,
            Conveyor(sink) as conveyor,
        ):
            self._conveyor = conveyor
            await self.journal.note_conduct("port", {"host": sink.host, "port": sink.port})
            try:
                yield
            finally:
                await self._under_way.cancel()

    async def _begin(self) -> None:
        stored = self.journal.journal
        if not stored.last_key:
            self._require_a_stop_mail()
            events = self.course.start(self._seats, self._seated_by)
            await self._note_clock()
            await self._commit(events)
            self._enact(events)
            return
        await self._restore(stored.last_key)

    def _require_a_stop_mail(self) -> None:
        """See to it, before anybody is mailed, that everybody can be told to stop.

        Raises:
            UsageError: the stop mail of this scenario cannot be written.
        """
        try:
            self.room.try_stop()
        except (NotADrillMailError, TemplateFaultError) as error:
            raise UsageError(
                _("the stop mail (訓練中止) cannot be written: {error}").format(error=error)
            ) from None

    async def _restore(self, last_key: str) -> None:
        """Go on after a crash: everything follows from the journal."""
        from drillsim.journal.reader import JournalReader

        with JournalReader(self.journal.journal.path) as reader:
            records = list(reader.events())
            events = [decode(record.data) for record in records]
            named = {getattr(event, "raw", "") for event in events}
            uncredited = [
                FromOutside(each.hash, reader.mail(each.hash), each.sender, tuple(each.recipients))
                for each in reader.envelopes()
                if each.direction == "in" and each.hash not in named
            ]
        last = due_of_text(last_key)
        try:
            self.course.restore(events, last)
        except ChangedMailError:
            raise UsageError(
                _("this drill was begun by another version of drillsim; resume it with that one")
            ) from None
        self._last_command = self.journal.journal.last_command
        self.clock = self._clock_after(last.at)
        again = self._resubmit(events, last, _in_doubt(records))
        self._intake.outside.extend(uncredited)
        await self.journal.note_conduct("resumed", {"mails_again": again}, to_ms(last.at))
        await self._note_clock()

    def _clock_after(self, at: timedelta) -> DrillClock:
        """Return the clock of a drill that goes on and had come to `at`."""
        return DrillClock(self.clock.speed, at)

    def _resubmit(self, events: Sequence[AnyEvent], last: Due, in_doubt: int) -> list[MailId]:
        """Hand over again what may not have been: same mail, same Message-ID.

        Args:
            events: all of them.
            last: what was carried out last.
            in_doubt: how many of the last events may have been committed together.
        """
        posted, self.room.posted = self.room.posted, {}
        again: dict[tuple[MailId, str], MailSent] = {}
        for left, event in zip(range(len(events), 0, -1), events, strict=True):
            if getattr(event, "mail", "") in self.room.foreign:
                continue  # It came in from outside, and is nobody's to hand over.
            if isinstance(event, ev.Deferred):
                self._under_way.defer(event, posted[event.mail])
            elif isinstance(event, ev.Notified | ev.Refused):
                self._under_way.close(event)
            if not isinstance(event, MailSent):
                continue
            self._intake.expect(posted[event.mail].name)
            if left <= in_doubt or self._under_way.arrives_after(event, last):
                node = event.node if isinstance(event, ev.StopSubmitted) else event.notice[1]
                again[(event.mail, node)] = event  # Of several tries the last one counts.
        for event in again.values():
            post = posted[event.mail]
            if isinstance(event, ev.AnswerSent):
                self._intake.expect_answer(post.name, event.mail)
            self._under_way.start(event, post)
        return [mail for mail, _node in again]

    async def _go_on(self) -> str:
        """Carry out one instant after the other; return why the drill stopped."""
        while (at := self.course.next_at) is not None:
            if not await self._wait_until(at):
                return "idle"
            if self.course.next_at != at:
                continue  # An order has changed what comes next.
            await self._carry_out_what_is_due(at)
        await self._take_mails()
        end = self.course.board.end
        return end.reason if end is not None else "window"

    async def _carry_out_what_is_due(self, at: timedelta) -> None:
        """Carry out the instant `at`, and those after it that are due at once.

        Each is a batch of its own in the journal; all are committed together, and only then are
        their mails handed over.
        """
        done: list[AnyEvent] = []
        writings: list[Writing] = []
        following: timedelta | None = at
        for count in range(_GROUP_MAX):
            if following is None:
                break
            if count and (not self._is_due(following) or self._has_time_to_commit()):
                break
            events = self.course.step()
            self.clock.reach(following)
            done += events
            writings += self._writings(events)
            following = self.course.next_at
        await self._require_in()
        await self._record(done, writings)
        self._enact(done)

    def _is_due(self, at: timedelta) -> bool:
        """Whether the next instant, `at`, is carried out with those before it."""
        return self.clock.seconds_until(at) == 0

    def _has_time_to_commit(self) -> bool:
        """Whether the answer that comes next is still being read, and nothing is being carried."""
        second = self.room.second
        if second is None or not second.is_reading(self.course.next_answer):
            return False
        return not second.is_carrying

    async def _settle(self) -> None:
        """Wait for mails that are still being handed over, so that the journal has them all."""
        await self._require_in()

    async def _require_in(self) -> None:
        """Wait until what was handed over is in, before anything more is committed."""
        if self.room.second is not None:
            for load in self.room.second.require_in():
                self._under_way.add(self._convey(load))
        await self._under_way.settle()
        self._intake.require_answers()

    # Time and orders ----------------------------------------------------------------------------

    async def _wait_until(self, at: timedelta) -> bool:
        """Wait until drill time is `at`, taking orders meanwhile; False if left idle too long."""
        while True:
            now = time.monotonic()
            if now - self._polled >= _POLL_SECONDS:
                self._polled = now
                await asyncio.sleep(0)  # Whoever else has a turn gets it, however much is due.
                await self._take_orders()
                await self._take_mails()
                if self._progress is not None:
                    self._progress(self.course.board, self.clock.now())
                following = self.course.next_at
                if following is None or following != at:
                    return True
            left = self.clock.seconds_until(at)
            if left == 0:
                return True
            if left is None and self._ordered and now - self._ordered > _IDLE_SECONDS_MAX:
                return False
            await self._rest(min(left, _STEP_SECONDS) if left is not None else _STEP_SECONDS)

    async def _rest(self, seconds: float) -> None:
        """Let so much time go by; less, where something calls for a look."""
        await asyncio.sleep(seconds)

    async def _take_orders(self) -> None:
        for command in await self.journal.take_commands(self._last_command):
            self._last_command = command.id
            self._ordered = time.monotonic()
            await self._carry_out(command)

    async def _take_mails(self) -> None:
        """Credit what came in from outside, at the drill time that it is; not while it stops."""
        if self.clock.is_paused or not self._intake.outside:
            return
        for mail in self._intake.take():
            at = self._moment()
            events = self.course.command(at, self._meaning(mail, at))
            self.clock.reach(at)
            await self._commit(events)
            self._enact(events)

    def _meaning(self, mail: FromOutside, at: timedelta) -> Producer:
        """Return what yields the events of a mail from outside."""
        got = self.room.reader.read(mail.raw, mail.name, sender=mail.sender, to=mail.to)
        return partial(Rules.credit, got=got, at=at)

    async def _carry_out(self, command: Command) -> None:
        at = self._moment()
        try:
            produce = self._ordered_by(command, at)
        except RefusedOrderError as refusal:
            note = {"command": command.id, "why": str(refusal)}
            await self.journal.append(
                [command.entry(to_ms(at)), conduct_entry("order-refused", note, to_ms(at))]
            )
            return
        if produce is None:
            await self.journal.append([command.entry(to_ms(at))])
            await self._note_clock()
            return
        events = self.course.command(at, produce)
        self.clock.reach(at)
        await self._commit(events, command.entry(to_ms(at)))
        self._enact(events)

    def _ordered_by(self, command: Command, at: timedelta) -> Producer | None:
        """Return what yields the events of an order; None where it is one to the clock.

        Raises:
            RefusedOrderError: it cannot be carried out.
        """
        if acts.clock_order(command.kind, command.payload, self.clock, self.course.board):
            return None
        board, read = self.course.board, self.room.read_again
        return acts.order(command.kind, command.payload, command.author, at, board, read)

    def _moment(self) -> timedelta:
        """Return the drill time of an order: after what was done, not after what comes next."""
        last = self.course.last.at if self.course.last is not None else ZERO
        now = self.clock.now()
        at = max(last + MILLISECOND, now - now % MILLISECOND)
        following = self.course.next_at
        return at if following is None else min(at, following)

    async def _note_clock(self) -> None:
        speed = self.clock.speed
        at = self.clock.now()
        data = {
            "speed": speed,
            "paused": self.clock.is_paused,
            "at_ms": to_ms(at),
            "wall": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        await self.journal.note_conduct("clock", data, to_ms(at))

    # Committing and enacting --------------------------------------------------------------------

    async def _commit(self, events: Iterable[AnyEvent], *entries: Entry) -> None:
        """Commit the events of one instant, and the mails that they name, in one transaction."""
        events = list(events)
        writings = self._writings(events, *entries)
        if writings:
            await self._require_in()
            await self._record(events, writings)

    async def _record(self, events: Sequence[AnyEvent], writings: Sequence[Writing]) -> None:
        """Have events on record, with the mails that they name: all of it or none."""
        await self.journal.write(writings)

    def _writings(self, events: Iterable[AnyEvent], *entries: Entry) -> list[Writing]:
        """Return what is to be written of one instant: its batch, and the mails that it names."""
        assert self.course.last is not None
        new = [
            *entries,
            *(Entry("event", each.kind, event_json(each), to_ms(each.at)) for each in events),
        ]
        if not new:
            return []
        writings: list[Writing] = [Batch(tuple(new), self.course.last.as_text())]
        wall = wall_now()
        for event in events:
            if isinstance(event, ev.Submitted | ev.AnswerSent | ev.StopSubmitted):
                post = self.room.posted.get(event.mail)
                if post is None:
                    continue  # It came in from outside, and is stored.
                self._intake.expect(event.raw)
                direction: Direction = "in" if isinstance(event, ev.AnswerSent) else "out"
                to = post.envelope_to
                mail = Mail(post.raw, direction, post.envelope_from, to, wall, post.name)
                writings.append(mail)
        return writings

    def _enact(self, events: Iterable[AnyEvent]) -> None:
        """Hand over the mails that were written."""
        posted, self.room.posted = self.room.posted, {}
        for event in events:
            if getattr(event, "mail", "") in self.room.foreign:
                continue
            if isinstance(event, ev.Retried):
                self._under_way.start(event, self._under_way.deferred(event))
            elif isinstance(event, MailSent):
                if isinstance(event, ev.AnswerSent):
                    self._intake.expect_answer(event.raw, event.mail)
                self._under_way.start(event, posted[event.mail])
            elif isinstance(event, ev.Notified | ev.Refused):
                self._under_way.close(event)
        if self.room.second is not None:
            self.room.second.send_off()

    def _hand_over(
        self, post: Posted, to: tuple[str, ...], planned: Reply | None
    ) -> "asyncio.Future[None]":
        load = Load(post.name, post.envelope_from, to, post.raw, planned)
        if self.room.second is not None and self.room.second.carry(load):
            return self._carried
        return self._convey(load)

    def _convey(self, load: Load) -> "asyncio.Future[None]":
        """Hand a mail over in this process."""
        assert self._conveyor is not None
        return self._conveyor.hand_over(load.sender, load.recipients, load.raw, load.planned)

    async def _keep(self, delivery: Delivery) -> None:
        """Have a mail on disk before its 250."""
        await self._intake.keep(delivery)


def _in_doubt(records: Sequence[Record]) -> int:
    """Return how many of these last records of events may have been committed together."""
    batches = sorted({each.batch for each in records})[-_GROUP_MAX:]
    return sum(each.batch >= batches[0] for each in records) if batches else 0
