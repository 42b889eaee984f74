"""Mails on their way to a mail server that is not ours: handed over in turn, tried again, counted.

A server may be away, say "later" (4xx), or break off before its answer; none of that is the end of
a mail. It is tried again, with the same bytes and so the same Message-ID, until the server takes it
or says no (5xx), or the outbox is closed. What became of each try is told at once.

Where a server breaks off between the end of the mail and its 250, nobody knows whether it took it.
The mail is handed over once more and marked as perhaps a second copy (`Attempt.maybe_twice`):
losing a mail would be worse, and mail programs show one Message-ID once.
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

SESSIONS: Final = 4

Outcome: TypeAlias = Literal["accepted", "deferred", "refused"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to one recipient; `key` is the caller's name for it."""

    key: str
    envelope_from: str
    envelope_to: str
    raw: bytes = field(repr=False)


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
        sessions: int = SESSIONS,
        mails_per_minute: float | None = None,
        back_off: Sequence[timedelta] = BACK_OFF,
        away: Sequence[timedelta] = AWAY,
    ) -> None:
        """Prepare; nothing is connected before the first mail.

        Args:
            new_session: makes a connection that is not open yet.
            told: awaited with what became of each try, before the next one of that session.
            sessions: connections at most.
            mails_per_minute: how many may be handed over; None for as many as the server takes.
            back_off: how long until the next try, by the tries a mail has had.
            away: how long until a server that cannot be reached is asked again.
        """
        if sessions < 1:
            raise ValueError("an outbox needs a session")
        self.away = ""
        self._new_session = new_session
        self._told = told
        self._gap = 0.0 if mails_per_minute is None else 60 / mails_per_minute
        self._back_off = tuple(back_off)
        self._away = tuple(away)
        self._number = count()
        self._waiting: list[_Waiting] = []
        self._under_way = 0
        self._changed = asyncio.Condition()
        self._next_start = 0.0
        self._unreached = 0
        self._sessions = sessions
        self._workers: list[asyncio.Task[None]] = []
        self._is_fault_told = False

    async def __aenter__(self) -> Self:
        self._workers = [asyncio.create_task(self._work()) for _n in range(self._sessions)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.cancel()
        ends = await asyncio.gather(*self._workers, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and error is None and not self._is_fault_told:
                raise end

    @property
    def left(self) -> int:
        """How many mails the server has neither taken nor refused."""
        return len(self._waiting) + self._under_way

    async def put(self, *mails: Outgoing) -> None:
        """Have mails handed over, in this order, as soon as there is a session for them."""
        now = asyncio.get_running_loop().time()
        async with self._changed:
            for mail in mails:
                heapq.heappush(self._waiting, _Waiting(now, next(self._number), mail))
            self._changed.notify_all()

    async def drained(self) -> None:
        """Return when no mail is left.

        Raises:
            Exception: whatever `told` raised; the outbox hands nothing over any more.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: not self.left or self._has_failed())
        for worker in self._workers:
            if worker.done():
                self._is_fault_told = True
                worker.result()

    def _has_failed(self) -> bool:
        return any(worker.done() for worker in self._workers)

    # One session ----------------------------------------------------------------------------------

    async def _work(self) -> None:
        session: Session | None = None
        try:
            while True:
                waiting = await self._next()
                try:
                    session = await self._opened(session)
                    session = await self._try(session, waiting)
                finally:
                    self._under_way -= 1
                    async with self._changed:
                        self._changed.notify_all()
        finally:
            if session is not None:
                session.abort()
            async with self._changed:
                self._changed.notify_all()

    async def _next(self) -> _Waiting:
        """Wait for the mail that falls due next, and take it."""
        loop = asyncio.get_running_loop()
        async with self._changed:
            while True:
                left: float | None = None
                if self._waiting:
                    left = max(self._waiting[0].due, self._next_start) - loop.time()
                    if left <= 0:
                        self._next_start = max(self._next_start, loop.time()) + self._gap
                        self._under_way += 1
                        return heapq.heappop(self._waiting)
                try:
                    await asyncio.wait_for(self._changed.wait(), left)
                except TimeoutError:
                    continue

    async def _opened(self, session: Session | None) -> Session:
        """Return an open session; while the server is away, ask again and again."""
        if session is not None and session.is_open:
            return session
        while True:
            session = self._new_session()
            try:
                await session.open()
            except SubmitFailedError as error:
                session.abort()
                self.away = str(error)
                wait = self._away[min(self._unreached, len(self._away) - 1)]
                self._unreached += 1
                await asyncio.sleep(wait.total_seconds())
            except BaseException:
                session.abort()
                raise
            else:
                self.away, self._unreached = "", 0
                return session

    async def _try(self, session: Session, waiting: _Waiting) -> Session | None:
        """Hand a mail over once; return the session if it can be used again."""
        mail = waiting.mail
        waiting.tries += 1
        usable: Session | None = session
        reply: Reply | None = None
        try:
            result = await session.send(mail.envelope_from, (mail.envelope_to,), mail.raw)
            reply = Reply(result.code, result.text)
            outcome: Outcome = (
                "accepted" if result.accepted else "refused" if result.code >= 500 else "deferred"
            )
        except SubmitFailedError as error:
            session.abort()
            usable, reply, outcome = None, error.reply, "deferred"
        except BaseException:
            session.abort()
            raise
        was_maybe, retry_in = waiting.maybe_twice, None
        if outcome == "deferred":
            retry_in = self._back_off[min(waiting.tries, len(self._back_off)) - 1]
            waiting.maybe_twice = waiting.maybe_twice or reply is None
            waiting.due = asyncio.get_running_loop().time() + retry_in.total_seconds()
            heapq.heappush(self._waiting, waiting)
        await self._told(Attempt(mail, outcome, reply, waiting.tries, retry_in, was_maybe))
        return usable
