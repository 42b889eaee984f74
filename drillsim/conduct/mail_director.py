"""The director of a live drill over a mail server: real people are written to, and answer.

What is to be sent is on record before it goes into the outbox. Before a mail is handed over, that
is on record too, and what the server said is on record before the next mail begins: so of a
director that was killed, at most one mail of the drill is in doubt. It is handed over once more,
with the same bytes and so the same Message-ID, and marked (`handing-over`, `maybe_twice`): two
copies are better than none. When a mail is tried again follows from the events, as everything does.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from drillsim.conduct.check_mails import is_of_a_check
from drillsim.conduct.intake import FromOutside
from drillsim.conduct.live import LiveDirector
from drillsim.conduct.live_gate import require_leave
from drillsim.conduct.mail_doubts import doubts_in, key_of
from drillsim.conduct.mail_in import WayIn
from drillsim.conduct.mail_servers import account_of, new_session
from drillsim.conduct.mailroom import came_from_outside
from drillsim.conduct.seating import Producer
from drillsim.conduct.todo import sent_because
from drillsim.drill import events as ev
from drillsim.drill.agenda import Due
from drillsim.drill.durations import to_ms
from drillsim.drill.events import AnyEvent, MailId
from drillsim.drill.rules import Rules
from drillsim.drill.tree import NodeId
from drillsim.files.live_profile import LoadedProfile
from drillsim.i18n import _
from drillsim.journal.inbox import Command
from drillsim.journal.journal import Batch, Writing, conduct_entry
from drillsim.mail.diagnostics import Cause, find_cause
from drillsim.mail.outbox import BACK_OFF, Attempt, Outbox, Outgoing
from drillsim.mail.replies import recognise
from drillsim.mail.secured import client_context
from drillsim.mail.sink import Reply
from drillsim.text import clean_line

_SETTLE_SECONDS: Final = 15.0
"""How long a mail that is under way at the end may take to be done with."""
_WAITED_AT_LEAST: Final = timedelta(minutes=1)
"""An answer that was read so much later than it came counts from when it came."""
_GROUP_MAX: Final = 64
"""Answers of the server that are recorded together at most."""


@dataclass(slots=True)
class _Mail:
    """A mail of the drill, and whom it is to reach."""

    event: ev.Submitted | ev.StopSubmitted
    outgoing: Outgoing
    maybe_twice: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of a try, until it is on record."""

    attempt: Attempt
    recorded: "asyncio.Future[None]" = field(repr=False)


class MailDirector(LiveDirector):
    """Runs one live drill over a mail server."""

    def __init__(
        self,
        *args: Any,
        profile: LoadedProfile,
        back_off: Sequence[timedelta] = BACK_OFF,
        **options: Any,
    ) -> None:
        """Prepare a drill.

        Args:
            *args: as of `LiveDirector`.
            profile: over which servers, and to whom.
            back_off: how long until a mail that was deferred is tried again.
            **options: as of `LiveDirector`.
        """
        super().__init__(*args, plus_addresses=profile.profile.plus_addresses, **options)
        self._profile, self._back_off = profile, back_off
        self._mails: dict[str, _Mail] = {}
        self._written: set[MailId] = set()
        self._told: list[_Told] = []
        self._resting: asyncio.Future[None] | None = None
        self._has_begun = asyncio.Event()
        self._handed: set[tuple[NodeId, str]] = set()
        """To whom a mail has been handed over at least once, whatever came of it."""
        self._outbox = self._new_outbox()
        self._way_in = WayIn(self, profile, self._has_begun, self._poke)

    def _new_outbox(self) -> Outbox:
        submission = self._profile.profile.submission
        context = client_context(account_of(self._profile).ca_file)
        return Outbox(
            partial(new_session, self._profile, context),
            self._hear,
            begins=self._begins,
            noticed=self._notice,
            # One for the drill's mails: at most one of them is in doubt at any moment.
            sessions=1,
            urgent_sessions=submission.sessions,
            mails_per_minute=submission.mails_per_minute,
            urgent_per_minute=submission.stop_mails_per_minute,
            tries_again=False,
            back_off=self._back_off,
        )

    # A whole run --------------------------------------------------------------------------------

    @asynccontextmanager
    async def _mail_system(self) -> AsyncIterator[None]:
        require_leave(self.journal, self.exercise, self._profile.profile)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._way_in)
            await stack.enter_async_context(self._outbox)
            yield

    async def _begin(self) -> None:
        await super()._begin()
        self._has_begun.set()

    def _meaning(self, mail: FromOutside, at: timedelta) -> Producer:
        got = recognise(mail.raw)
        own = self._profile.profile.from_.address
        if got.message_id not in self._written and not is_of_a_check(got, own):
            return self._earlier(mail, at) or super()._meaning(mail, at)
        # One of the drill's own mails, as the office's server gives the sender a copy; or what is
        # left of a test round.
        copy = ev.SetAside(
            at=at,
            because="copy",
            mail_kind="not_a_reply",
            sender=got.sender,
            mail=f"{mail.name[:32]}@copy.invalid",
            raw=mail.name,
        )
        return lambda _rules: (copy,)

    def _earlier(self, mail: FromOutside, at: timedelta) -> Producer | None:
        """Return what yields the events of an answer that waited; None where it did not.

        While the director or the mailbox was away, answers lay in it: they count from when they
        came. The clocks of servers differ by some seconds; so little is left alone.
        """
        if mail.came_at is None or self._arriving(mail.raw) is not None:
            return None
        came = mail.came_at - self.exercise.start_ex
        if at - came < _WAITED_AT_LEAST:
            return None
        return self._came_earlier(mail, at, came)

    async def _settle(self) -> None:
        """Wait a little for what is under way, so that the journal has it."""
        until = time.monotonic() + _SETTLE_SECONDS
        while self._outbox.left and time.monotonic() < until:
            await self._take_told()
            await self._rest(0.05)
        await self._take_told()

    async def _rest(self, seconds: float) -> None:
        """Rest, unless a server says something."""
        # asyncio.wait_for, up to 3.11, may lose a cancellation that comes together with the poke.
        poked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._resting = poked
        if not self._told:
            await asyncio.wait([poked], timeout=seconds)
        self._resting = None
        self._polled = 0.0 if poked.done() or self._told else self._polled

    def _poke(self) -> None:
        """Have a look at what servers said, at once."""
        if self._resting is not None and not self._resting.done():
            self._resting.set_result(None)

    def limit(self, mails_per_minute: float | None) -> None:
        """Have at most so many of the drill's mails handed over a minute from now on."""
        self._outbox.limit(mails_per_minute)

    # Mails out ----------------------------------------------------------------------------------

    def _enact(self, events: Iterable[AnyEvent]) -> None:
        """Put the mails into the outbox, after they are on record."""
        posted, self.room.posted = self.room.posted, {}
        for event in events:
            match event:
                case ev.DrillEnded():
                    self._outbox.drop()  # Nobody is mailed any more, but for the stop.
                case ev.Submitted() if self._is_ours(event):
                    post = posted[event.mail]
                    mail = self._keep_mail(event, post.envelope_from, post.raw)
                    self._outbox.put(mail.outgoing)
                case ev.StopSubmitted():
                    post = posted[event.mail]
                    mail = self._keep_mail(event, post.envelope_from, post.raw)
                    self._outbox.put(mail.outgoing)
                case ev.Retried():
                    mail = self._mails[key_of(event.mail, event.notice[1])]
                    self._outbox.put(
                        mail.outgoing, tries=event.tries - 1, maybe_twice=mail.maybe_twice
                    )
                case _:
                    pass

    def _is_ours(self, event: ev.Submitted) -> bool:
        if not event.mail or event.mail in self.room.foreign:
            return False
        return not came_from_outside(event, self.exercise)

    def _keep_mail(
        self, event: ev.Submitted | ev.StopSubmitted, envelope_from: str, raw: bytes
    ) -> _Mail:
        node = event.node if isinstance(event, ev.StopSubmitted) else event.notice[1]
        key = key_of(event.mail, node)
        is_urgent = isinstance(event, ev.StopSubmitted)
        outgoing = Outgoing(key, envelope_from, event.recipient, raw, urgent=is_urgent)
        self._mails[key] = mail = _Mail(event, outgoing)
        self._written.add(event.mail)
        return mail

    def _resubmit(self, events: Sequence[AnyEvent], last: Due, in_doubt: int) -> list[MailId]:
        """Hand over again what was committed but has no answer on record; count the tries on."""
        posted, self.room.posted = self.room.posted, {}
        doubts = doubts_in(self.journal.journal.path)
        waiting: dict[str, int] = {}
        for event in events:
            match event:
                case ev.Submitted() if self._is_ours(event):
                    post = posted[event.mail]
                    self._keep_mail(event, post.envelope_from, post.raw)
                    waiting[key_of(event.mail, event.notice[1])] = 0
                case ev.StopSubmitted():
                    post = posted[event.mail]
                    self._keep_mail(event, post.envelope_from, post.raw)
                    waiting[key_of(event.mail, event.node)] = 0
                case ev.Retried():
                    waiting[key_of(event.mail, event.notice[1])] = event.tries - 1
                case ev.Notified() | ev.Refused() | ev.Deferred():
                    waiting.pop(key_of(event.mail, event.notice[1]), None)
                case _:
                    pass
        again: list[MailId] = []
        has_passed = (
            self.course.board.end is not None or self.clock.now() >= self.exercise.window_at
        )
        for key, mail in self._mails.items():
            mail.maybe_twice = key in doubts.unanswered
            if key in doubts.begun:
                self._handed.add((_node_of(mail.event), mail.event.recipient))
            is_stop = isinstance(mail.event, ev.StopSubmitted)
            if (
                key not in waiting
                or (is_stop and key in doubts.done)
                or (has_passed and not is_stop)
            ):
                continue
            self._outbox.put(mail.outgoing, tries=waiting[key], maybe_twice=mail.maybe_twice)
            again.append(mail.event.mail)
        return again

    # What the server says -----------------------------------------------------------------------

    async def _begins(self, mail: Outgoing, tries: int, maybe_twice: bool) -> None:
        """Have on record that a mail is being handed over, before the server can take it."""
        kept = self._mails[mail.key]
        self._handed.add((_node_of(kept.event), mail.envelope_to))
        note = {
            "mail": kept.event.mail,
            "node": _node_of(kept.event),
            "to": mail.envelope_to,
            "tries": tries,
            "maybe_twice": maybe_twice,
        }
        await self.journal.note_conduct("handing-over", note, to_ms(self.clock.now()))

    async def _notice(self, away: str) -> None:
        """Have on record whether the mail server can be reached."""
        note = {"away": clean_line(away, limit=300)}
        await self.journal.note_conduct("mail-server", note, to_ms(self.clock.now()))

    async def _hear(self, attempt: Attempt) -> None:
        """Return when what became of a try is on record."""
        recorded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._told.append(_Told(attempt, recorded))
        self._poke()
        await recorded

    async def _take_mails(self) -> None:
        self._outbox.raise_fault()
        await self._take_told()
        self._way_in.raise_fault()
        await super()._take_mails()

    async def _take_told(self) -> None:
        """Record what the server said, and what follows from it."""
        while self._told:
            group, self._told = self._told[:_GROUP_MAX], self._told[_GROUP_MAX:]
            events: list[AnyEvent] = []
            writings: list[Writing] = []
            for told in group:
                at = self._moment()
                note = conduct_entry("handed-over", self._note_of(told.attempt), to_ms(at))
                new = self.course.command(at, partial(self._became, told.attempt, at))
                self.clock.reach(at)
                events += new
                # Without events, its place in the agenda is none that a resume could go on from.
                writings += self._writings(new, note) if new else [Batch((note,))]
            await self._record(events, writings)
            self._enact(events)
            for told in group:
                if not told.recorded.done():
                    told.recorded.set_result(None)

    def _note_of(self, attempt: Attempt) -> dict[str, Any]:
        kept = self._mails[attempt.mail.key]
        kept.maybe_twice = kept.maybe_twice or (
            attempt.outcome == "deferred" and attempt.reply is None
        )
        return {
            "mail": kept.event.mail,
            "node": _node_of(kept.event),
            "to": attempt.mail.envelope_to,
            "outcome": attempt.outcome,
            "reply": "" if attempt.reply is None else clean_line(str(attempt.reply), limit=300),
            "tries": attempt.tries,
            "maybe_twice": attempt.maybe_twice,
        }

    def _became(self, attempt: Attempt, at: timedelta, rules: Rules) -> Iterator[AnyEvent]:
        """Yield what a try means for the drill."""
        event = self._mails[attempt.mail.key].event
        if isinstance(event, ev.StopSubmitted):
            yield from self._stop_became(event, attempt, at)
            return
        if self.course.board.end is not None:
            return
        common: dict[str, Any] = {
            "at": at,
            "because": event.mail,
            "notice": event.notice,
            "officer": event.officer,
            "attempt": event.attempt,
            "mail": event.mail,
        }
        code = 0 if attempt.reply is None else attempt.reply.code
        if attempt.outcome == "accepted":
            yield ev.Notified(**common)
        elif attempt.outcome == "deferred":
            assert attempt.retry_in is not None
            yield ev.Deferred(
                **common,
                reply_code=code,
                tries=attempt.tries,
                retry_at=at + attempt.retry_in,
            )
        else:
            yield from rules.refused(
                ev.Refused(**common, reply_code=code, failure=failure_of(attempt.reply))
            )

    def _stop_became(
        self, event: ev.StopSubmitted, attempt: Attempt, at: timedelta
    ) -> Iterator[AnyEvent]:
        if attempt.outcome == "deferred":
            return  # It is tried again; the list of calls has the body until it confirms.
        told = (
            _("the stop mail to {node} was sent")
            if attempt.outcome == "accepted"
            else _("the stop mail to {node} was refused; telephone")
        )
        is_sent = attempt.outcome == "accepted"
        yield ev.Noted(
            at=at,
            because=sent_because(event.mail) if is_sent else f"refused {event.mail}",
            text=told.format(node=self.exercise.node(event.node).name),
            by="",
        )

    # Orders -------------------------------------------------------------------------------------

    def _ordered_by(self, command: Command, at: timedelta) -> Producer | None:
        produce = super()._ordered_by(command, at)
        if command.kind != "stop" or produce is None or self.course.board.end is not None:
            return produce
        return self._stop(produce)

    def _stop(self, produce: Producer) -> Producer:
        """Have nobody told to stop who got nothing: what waits is dropped before all else."""
        spared = {
            (_node_of(self._mails[mail.key].event), mail.envelope_to)
            for mail in self._outbox.drop()
        } - self._handed

        def stop(rules: Rules) -> Iterator[AnyEvent]:
            for event in produce(rules):
                is_spared = (
                    isinstance(event, ev.StopSubmitted) and (event.node, event.recipient) in spared
                )
                if not is_spared:
                    yield event

        return stop


def failure_of(reply: Reply | None) -> ev.Failure:
    """Return why an officer cannot be reached, from what a server said."""
    if reply is None:
        return "refused"
    cause = find_cause(reply.text, transcript=str(reply))
    if cause is Cause.MAILBOX_FULL:
        return "mailbox-full"
    return "unknown-address" if cause.is_hard else "refused"


def _node_of(event: ev.Submitted | ev.StopSubmitted) -> NodeId:
    return event.node if isinstance(event, ev.StopSubmitted) else event.notice[1]
