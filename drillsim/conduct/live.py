"""What every live drill has, by hand or over a mail server: the wall clock, and nobody simulated.

Drill time is the time on the wall since StartEx. A drill that was cut off does what is overdue
once, in order, and one whose window has passed only ends. Injects of outside begin when they have
come.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from drillsim.conduct import acts
from drillsim.conduct.clocks import DrillClock
from drillsim.conduct.director import Director
from drillsim.conduct.intake import FromOutside
from drillsim.conduct.mailroom import Mailroom
from drillsim.conduct.pasting import pasted
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.seating import Producer
from drillsim.conduct.typed_times import typed_moment
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.durations import MILLISECOND, ZERO
from drillsim.drill.events import AnyEvent
from drillsim.drill.injects import InjectId
from drillsim.drill.rules import Rules
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.journal.chain import Entry
from drillsim.journal.inbox import Command
from drillsim.journal.journal import Writing
from drillsim.journal.mails import Mail, mail_hash
from drillsim.journal.reader import JournalReader
from drillsim.mail.headers import Mailbox
from drillsim.mail.replies import recognise
from drillsim.problem import UsageError
from drillsim.text import clean_line
from drillsim.world.course import LiveCourse

_REFUSED: Final = frozenset({"pause", "continue", "speed", "seat", "seat-leave", "seat-stand-in"})


def wall_now() -> datetime:
    """Return the time on the wall."""
    return datetime.now(UTC)


class LiveDirector(Director):
    """Runs one live drill."""

    def __init__(
        self,
        *args: Any,
        desk: Mailbox,
        one_mail: ev.OneMail = "",
        plus_addresses: bool = False,
        wall: Callable[[], datetime] = wall_now,
        **options: Any,
    ) -> None:
        """Prepare a drill.

        Args:
            *args: as of `Director`.
            desk: from where the mails are sent.
            one_mail: how one mail goes to many; "" for a mail of its own to each.
            plus_addresses: whether answers may go to an address with the number of their notice.
            wall: the time.
            **options: as of `Director`.
        """
        self._desk, self._wall = desk, wall
        self._one_mail: ev.OneMail = one_mail
        self._plus_addresses = plus_addresses
        super().__init__(*args, **options)
        self.clock = self._clock_after(ZERO)
        self.known: set[str] = set()
        """Hashes of the mails that came in and are on record."""
        self._pasted: list[Mail] = []
        """Pasted texts that go on record with what follows from them."""

    def _course(self, seed: int, digest: str) -> LiveCourse:
        course = LiveCourse(
            self.exercise,
            seed,
            lambda board: self._room(board, seed, digest),
            digest=digest,
            domain=self._desk.address.rpartition("@")[2],
        )
        course.rules.one_mail = self._one_mail
        return course

    def _room(self, board: Board, seed: int, digest: str) -> Mailroom:
        room = Mailroom(
            self.exercise,
            seed,
            digest,
            board,
            self._intake,
            desk=self._desk,
            plus_addresses=self._plus_addresses,
        )
        self._rooms.append(room)
        return room

    # Time ---------------------------------------------------------------------------------------

    def _clock_after(self, at: timedelta) -> DrillClock:
        return DrillClock(self.clock.speed, max(at, self._wall() - self.exercise.start_ex))

    async def _begin(self) -> None:
        if not self.journal.journal.last_key and self.clock.now() >= self.exercise.window_at:
            raise UsageError(_("the window of this drill has passed; begin a new one"))
        await super()._begin()

    async def _restore(self, last_key: str) -> None:
        await super()._restore(last_key)
        with JournalReader(self.journal.journal.path) as reader:
            self.known = {each.hash for each in reader.envelopes() if each.direction == "in"}
        board, window_at = self.course.board, self.exercise.window_at
        if board.end is None and self.clock.now() >= window_at:
            # Nobody is mailed any more: the drill only ends.
            assert self.course.last is not None
            at = max(window_at, self.course.last.at + MILLISECOND)
            end = ev.DrillEnded(at=at, reason="window")
            events = self.course.command(at, lambda _rules: (end,))
            await self._commit(events)
            self._enact(events)

    # Mails in -----------------------------------------------------------------------------------

    def take_in(self, mail: FromOutside) -> None:
        """Have a mail credited that is on record."""
        self._intake.outside.append(mail)

    def _meaning(self, mail: FromOutside, at: timedelta) -> Producer:
        inject = self._arriving(mail.raw)
        return super()._meaning(mail, at) if inject is None else self._arrives(mail, inject, at)

    def _arrives(
        self, mail: FromOutside, inject: InjectId, at: timedelta, came: timedelta | None = None
    ) -> Producer:
        """Return what yields the events of an inject that came from outside, at `came`."""
        named = recognise(mail.raw).message_id or f"{mail.name[:32]}@{self._domain}"
        return partial(
            Rules.arrive,
            inject=inject,
            at=at,
            because=named,
            mail=named,
            raw=mail.name,
            happened_at=came,
        )

    def _came_earlier(self, mail: FromOutside, at: timedelta, came: timedelta) -> Producer:
        """Return what yields the events of an answer that came at `came`, after its question."""
        got = self.room.reader.read(mail.raw, mail.name, sender=mail.sender, to=mail.to)
        record = self.course.board.notices.get(got.notice) if got.notice is not None else None
        if record is not None and record.submitted_at is not None:
            came = max(came, record.submitted_at)
        came -= came % MILLISECOND
        return partial(Rules.credit, got=replace(got, happened_at=came), at=at)

    @property
    def _domain(self) -> str:
        return self._desk.address.rpartition("@")[2]

    def _waiting(self) -> Iterator[InjectId]:
        """Yield the injects of outside that have not come yet."""
        for inject in self.exercise.injects:
            if inject.source == "external" and inject.id not in self.course.board.released:
                yield inject.id

    def _arriving(self, raw: bytes) -> InjectId | None:
        """Return the inject of outside that a mail is: from its sender, with its subject."""
        if self.course.board.end is not None:
            return None
        got = recognise(raw)
        senders = self.room.reader.index.nodes_of(got.sender)
        for inject in self._waiting():
            given = self.exercise.inject(inject)
            if given.from_ in senders and given.subject in got.subject:
                return inject
        return None

    # Orders -------------------------------------------------------------------------------------

    def _ordered_by(self, command: Command, at: timedelta) -> Producer | None:
        kind, payload, author = command.kind, command.payload, command.author
        if kind in _REFUSED:
            raise RefusedOrderError(
                _("a live drill goes by the clock on the wall, and nobody in it is simulated")
            )
        if kind == "paste":
            return self._paste(command, at)
        board = self.course.board
        if board.end is None and kind == "arrived":
            return self._arrived(payload, author, at)
        if board.end is None and kind == "pass-on":
            return self._pass_on(payload, author, at)
        if kind == "inject" and str(payload.get("inject")) in set(self._waiting()):
            raise RefusedOrderError(
                _("{inject} comes from outside; book it with arrived when it has come").format(
                    inject=payload["inject"]
                )
            )
        return acts.order(kind, payload, author, at, board, self.room.read_again)

    def _paste(self, command: Command, at: timedelta) -> Producer:
        """Return what a pasted text means, as the mail that it was."""
        raw, sender = pasted(command.payload, command.id, self.exercise.when(at))
        happened_at = self._typed(command.payload, at, ZERO)
        mail = FromOutside(mail_hash(raw), raw, sender, ())
        self.known.add(mail.name)
        self._intake.hold(mail)
        self._pasted.append(Mail(raw, "in", sender, []))
        if (inject := self._arriving(raw)) is not None:
            return self._arrives(mail, inject, at, happened_at)
        if happened_at is not None:
            return self._came_earlier(mail, at, happened_at)
        return super()._meaning(mail, at)

    def _writings(self, events: Iterable[AnyEvent], *entries: Entry) -> list[Writing]:
        mails, self._pasted = self._pasted, []
        return [*mails, *super()._writings(events, *entries)]

    def _typed(self, payload: dict[str, Any], at: timedelta, since: timedelta) -> timedelta | None:
        return typed_moment(str(payload.get("at") or ""), self.exercise, at, since)

    def _arrived(self, payload: dict[str, Any], author: str, at: timedelta) -> Producer:
        inject = InjectId(str(payload.get("inject")))
        if inject not in self._waiting():
            raise RefusedOrderError(
                _("no message {inject} is waited for from outside").format(
                    inject=clean_line(inject, limit=60)
                )
            )
        return partial(
            Rules.arrive,
            inject=inject,
            at=at,
            because=f"operator {author}",
            happened_at=self._typed(payload, at, ZERO),
        )

    def _pass_on(self, payload: dict[str, Any], author: str, at: timedelta) -> Producer:
        notice = (InjectId(str(payload.get("inject"))), NodeId(str(payload.get("node"))))
        record = self.course.board.notices.get(notice)
        if record is None or record.submitted_at is None:
            raise RefusedOrderError(
                _("{inject} has not been sent to {node}").format(
                    inject=clean_line(notice[0], limit=60), node=clean_line(notice[1], limit=60)
                )
            )
        to = tuple(hop for hop in record.asked.pass_on if hop not in record.passed_to)
        if not to:
            raise RefusedOrderError(
                _("{node} has nobody left to pass it on to").format(
                    node=self.exercise.node(notice[1]).name
                )
            )
        officer = record.acknowledged_officer or record.officer or 1
        way = payload.get("one_mail") or self._one_mail
        way = "" if way == "no" else way
        bcc = way == "bcc" or (way is True and self._one_mail == "bcc")
        return lambda rules: rules.pass_on(notice, officer, to, at, bool(way), bcc=bcc)
