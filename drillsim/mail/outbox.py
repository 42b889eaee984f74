"""Mails on their way to a mail server that is not ours: handed over in turn, tried again, counted.

A server may be away, say "later" (4xx), or break off before its answer; none of that is the end of
a mail. It is tried again, with the same bytes and so the same Message-ID, until the server takes it
or says no (5xx), or the outbox is closed. What became of each try is told at once.

Where a server breaks off between the end of the mail and its 250, nobody knows whether it took it.
The mail is handed over once more and marked as perhaps a second copy (`Attempt.maybe_twice`):
losing a mail would be worse, and mail programs show one Message-ID once.

An urgent mail goes before all others, over sessions of its own, and by a rate of its own.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from drillsim.mail.sessions import Session, SubmitFailedError
from drillsim.mail.sink import Reply

BACK_OFF: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))
"""How long until a mail is tried again, by the tries it has had; the last one repeats.

RFC 5321, 4.5.4.1, asks for 30 minutes in general and for sooner tries at first. A drill lasts some
hours, and servers that greet with greylisting take a mail after one to five minutes.
"""

AWAY: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15, 30, 60))
"""How long until a server that cannot be reached is asked again; no mail is charged with a try."""

AWAY_LASTING: Final = timedelta(minutes=5)
"""The same where a person has to change something first: a password that is said wrong again and
again locks the account."""

URGENT_SECONDS_MAX: Final = 15.0
"""How long at most a server is left alone while an urgent mail waits."""

_LASTING_MAX: Final = 60.0
"""The same where a person has to change something first."""

IDLE_SECONDS: Final = 20.0
"""How long a session without work stays open; servers close idle ones by themselves."""

_GOOD_BYE_SECONDS: Final = 5.0
_CANCEL_SECONDS: Final = 0.1

SESSIONS: Final = 4

Outcome: TypeAlias = Literal["accepted", "deferred", "refused"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to one recipient; `key` is the caller's name for it."""

    key: str
    envelope_from: str
    envelope_to: str
    raw: bytes = field(repr=False)
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one try.

    Attributes:
        mail: the mail.
        outcome: whether the server took it, wants it later, or never.
        reply: what it said; None where it broke off or did not answer.
        tries: how often the mail was handed over, with this one.
        retry_in: how long until the next try; None where there is none.
        maybe_twice: whether an earlier try may have been taken after all.
    """

    mail: Outgoing
    outcome: Outcome
    reply: Reply | None
    tries: int
    retry_in: timedelta | None = None
    maybe_twice: bool = False


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    mail: Outgoing = field(compare=False)
    tries: int = field(default=0, compare=False)
    maybe_twice: bool = field(default=False, compare=False)


@dataclass(slots=True)
class _Lane:
    """The mails that wait, and when the next of them may begin."""

    gap: float
    waiting: list[_Waiting] = field(default_factory=list)
    next_start: float = 0.0

    @property
    def due(self) -> float | None:
        """When the next mail may begin; None where none waits."""
        return max(self.waiting[0].due, self.next_start) if self.waiting else None

    def push(self, waiting: _Waiting) -> None:
        heapq.heappush(self.waiting, waiting)

    def pop(self, now: float) -> _Waiting:
        self.next_start = max(self.next_start, now) + self.gap
        return heapq.heappop(self.waiting)


class Outbox:
    """Hands mails to one server; an async context manager.

    Attributes:
        away: why the server cannot be reached, or "" while it can.
    """

    def __init__(
        self,
        new_session: Callable[[], Session],
        told: Callable[[Attempt], Awaitable[None]],
        *,
        begins: Callable[[Outgoing, int, bool], Awaitable[None]] | None = None,
        noticed: Callable[[str], Awaitable[None]] | None = None,
        sessions: int = SESSIONS,
        urgent_sessions: int = 0,
        mails_per_minute: float | None = None,
        urgent_per_minute: float | None = None,
        tries_again: bool = True,
        back_off: Sequence[timedelta] = BACK_OFF,
        urgent_back_off: Sequence[timedelta] = AWAY,
        away: Sequence[timedelta] = AWAY,
    ) -> None:
        """Prepare; nothing is connected before the first mail.

        Args:
            new_session: makes a connection that is not open yet.
            told: awaited with what became of each try, before the next one of that session.
            begins: awaited before a mail is handed over, with the number of the try and whether it
                may come twice; what it records is on record when the server takes the mail.
            noticed: awaited with `away` whenever it changes.
            sessions: connections for all mails; with one, at most one mail at a time stands between
                the server's 250 and `told`.
            urgent_sessions: further connections, for urgent mails alone.
            mails_per_minute: how many may be handed over; None for as many as the server takes.
            urgent_per_minute: the same for urgent ones.
            tries_again: whether deferred mails that are not urgent are tried again from here; if
                not, whoever is told puts them in again.
            back_off: how long until the next try, by the tries a mail has had.
            urgent_back_off: the same for urgent ones.
            away: how long until a server that cannot be reached is asked again.
        """
        if sessions < 1:
            raise ValueError("an outbox needs a session")
        self.away = ""
        self._new_session = new_session
        self._told, self._begins, self._noticed = told, begins, noticed
        self._tries_again = tries_again
        self._back_off, self._urgent_back_off = tuple(back_off), tuple(urgent_back_off)
        self._away = tuple(away)
        self._number = count()
        self._plain, self._urgent = _Lane(_gap(mails_per_minute)), _Lane(_gap(urgent_per_minute))
        self._under_way = 0
        self._waiters: set[asyncio.Future[None]] = set()
        self._unreached = 0
        self._sessions, self._urgent_sessions = sessions, urgent_sessions
        self._workers: list[asyncio.Task[None]] = []
        self._is_fault_told = False

    async def __aenter__(self) -> Self:
        kinds = [False] * self._sessions + [True] * self._urgent_sessions
        self._workers = [asyncio.create_task(self._work(only_urgent=each)) for each in kinds]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # asyncio.wait_for, up to 3.11, may lose a cancellation that comes together with an answer.
        while pending := [worker for worker in self._workers if not worker.done()]:
            for worker in pending:
                worker.cancel()
            await asyncio.wait(pending, timeout=_CANCEL_SECONDS)
        ends = await asyncio.gather(*self._workers, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and error is None and not self._is_fault_told:
                raise end

    @property
    def left(self) -> int:
        """How many mails the server has neither taken nor refused."""
        return len(self._plain.waiting) + len(self._urgent.waiting) + self._under_way

    def limit(self, mails_per_minute: float | None) -> None:
        """Hand over at most so many from now on, but for urgent ones."""
        self._plain.gap = _gap(mails_per_minute)

    def put(self, *mails: Outgoing, tries: int = 0, maybe_twice: bool = False) -> None:
        """Have mails handed over, in this order, as soon as there is a session for them.

        Args:
            mails: to be handed over.
            tries: how often they have been handed over already.
            maybe_twice: whether one of these tries may have been taken.
        """
        now = asyncio.get_running_loop().time()
        for mail in mails:
            lane = self._urgent if mail.urgent else self._plain
            lane.push(_Waiting(now, next(self._number), mail, tries, maybe_twice))
        self._wake()

    def drop(self) -> list[Outgoing]:
        """Forget the mails that wait and are not urgent; return those never handed over.

        What is under way to the server stays so.
        """
        dropped, self._plain.waiting = self._plain.waiting, []
        self._wake()
        return [each.mail for each in sorted(dropped) if not each.tries and not each.maybe_twice]

    def unsent(self) -> list[Outgoing]:
        """Return the mails that wait for their first try and are not urgent, in their order."""
        waiting = sorted(self._plain.waiting)
        return [each.mail for each in waiting if not each.tries and not each.maybe_twice]

    async def drained(self) -> None:
        """Return when no mail is left.

        Raises:
            Exception: whatever `told` raised; the outbox hands nothing over any more.
        """
        while self.left and not self._has_failed():
            await self._change(None)
        self.raise_fault()

    def raise_fault(self) -> None:
        """Raise what ended the work of this outbox, if something did."""
        for worker in self._workers:
            if worker.done() and not worker.cancelled() and worker.exception() is not None:
                self._is_fault_told = True
                worker.result()

    def _has_failed(self) -> bool:
        return any(worker.done() for worker in self._workers)

    async def _change(self, seconds: float | None) -> None:
        """Wait until something has changed, at most so long."""
        # Between a look at the mails and this there is no await: no change is overlooked.
        changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(changed)
        try:
            await asyncio.wait([changed], timeout=seconds)
        finally:
            self._waiters.discard(changed)

    def _wake(self) -> None:
        """Have everybody look who waits."""
        for changed in self._waiters:
            if not changed.done():
                changed.set_result(None)

    # One session ----------------------------------------------------------------------------------

    async def _work(self, *, only_urgent: bool) -> None:
        session: Session | None = None
        try:
            while True:
                waiting = await self._next(IDLE_SECONDS if session else None, only=only_urgent)
                if waiting is None:
                    assert session is not None
                    await _said_good_bye(session)
                    session = None
                    continue
                try:
                    session = await self._carry_out(session, waiting)
                finally:
                    self._under_way -= 1
                    self._wake()
        finally:
            if session is not None:
                session.abort()
            self._wake()

    async def _next(self, seconds: float | None, *, only: bool) -> _Waiting | None:
        """Wait for the mail that falls due next, and take it; None after `seconds` without one."""
        loop = asyncio.get_running_loop()
        until = None if seconds is None else loop.time() + seconds
        while True:
            now = loop.time()
            lanes = (self._urgent,) if only else (self._urgent, self._plain)
            for lane in lanes:
                if lane.due is not None and lane.due <= now:
                    self._under_way += 1
                    return lane.pop(now)
            if until is not None and now >= until:
                return None
            ends = [lane.due for lane in lanes if lane.due is not None]
            ends += [] if until is None else [until]
            await self._change(min(ends) - now if ends else None)

    async def _carry_out(self, session: Session | None, waiting: _Waiting) -> Session | None:
        """Hand a mail over once; return the session if it can be used again."""
        is_fresh = session is None or not session.is_open
        opened = await self._opened(session, waiting)
        if opened is None:
            return None
        mail = waiting.mail
        if self._begins is not None:
            await self._begins(mail, waiting.tries + 1, waiting.maybe_twice)
        usable: Session | None = opened
        reply: Reply | None = None
        try:
            result = await opened.send(mail.envelope_from, (mail.envelope_to,), mail.raw)
            reply = Reply(result.code, result.text)
            outcome: Outcome = (
                "accepted" if result.accepted else "refused" if result.code >= 500 else "deferred"
            )
        except SubmitFailedError as error:
            opened.abort()
            if not error.may_be_taken:
                # Not the mail's affair. A session that had stood idle may just have ended.
                self._push(waiting)
                if is_fresh or error.reply is not None:
                    await self._wait_for_server(error)
                return None
            usable, reply, outcome = None, error.reply, "deferred"
        except BaseException:
            opened.abort()
            raise
        await self._noted("")
        await self._tell(waiting, outcome, reply)
        return usable

    async def _tell(self, waiting: _Waiting, outcome: Outcome, reply: Reply | None) -> None:
        mail = waiting.mail
        waiting.tries += 1
        was_maybe, retry_in = waiting.maybe_twice, None
        if outcome == "deferred":
            back_off = self._urgent_back_off if mail.urgent else self._back_off
            retry_in = back_off[min(waiting.tries, len(back_off)) - 1]
            waiting.maybe_twice = waiting.maybe_twice or reply is None
            waiting.due = asyncio.get_running_loop().time() + retry_in.total_seconds()
            if mail.urgent or self._tries_again:
                self._push(waiting)
        await self._told(Attempt(mail, outcome, reply, waiting.tries, retry_in, was_maybe))

    def _push(self, waiting: _Waiting) -> None:
        (self._urgent if waiting.mail.urgent else self._plain).push(waiting)
        self._wake()

    async def _opened(self, session: Session | None, waiting: _Waiting) -> Session | None:
        """Return an open session; where the server is away, wait a while and return None."""
        if session is not None:
            if session.is_open:
                return session
            session.abort()
        session = self._new_session()
        try:
            await session.open()
        except SubmitFailedError as error:
            session.abort()
            self._push(waiting)
            await self._wait_for_server(error)
            return None
        except BaseException:
            session.abort()
            raise
        return session

    async def _wait_for_server(self, error: SubmitFailedError) -> None:
        """Leave the server alone for a while; an urgent mail does not wait for long."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        wait = self._away[min(self._unreached, len(self._away) - 1)]
        if error.is_lasting:
            wait = max(wait, AWAY_LASTING)
        self._unreached += 1
        await self._noted(str(error))
        while True:
            seconds = wait.total_seconds()
            if self._urgent.waiting:
                seconds = min(seconds, _LASTING_MAX if error.is_lasting else URGENT_SECONDS_MAX)
            left = began + seconds - loop.time()
            if left <= 0:
                return
            await self._change(left)

    async def _noted(self, away: str) -> None:
        """Take note of whether the server can be reached."""
        if not away:
            self._unreached = 0
        if away != self.away:
            self.away = away
            if self._noticed is not None:
                await self._noticed(away)


async def _said_good_bye(session: Session) -> None:
    try:
        await asyncio.wait_for(session.close(), _GOOD_BYE_SECONDS)
    except TimeoutError:
        session.abort()


def _gap(mails_per_minute: float | None) -> float:
    return 0.0 if mails_per_minute is None else 60 / mails_per_minute
