"""Mails handed to the drill's own sink, many in one write.

What is due at one time goes out together: for each mail its envelope and, by BDAT (RFC 3030), its
bytes, without waiting for a reply in between (PIPELINING, RFC 2920). The sink answers each command
as ever. A reply that the world did not plan means that something is broken; it fails every mail
under way, and stops the drill.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, NamedTuple, Self

from drillsim.i18n import _
from drillsim.mail.headers import header_address
from drillsim.mail.pipelining import PipelinedSession
from drillsim.mail.sessions import SubmitFailedError
from drillsim.mail.sink import Reply, Sink
from drillsim.mail.submit import IDLE_SECONDS, LOCAL_HOSTNAME, NULL_SENDER, TIMEOUT_SECONDS

GROUP_MAX: Final = 64
"""Mails in one write."""

_OK: Final = 250


class _Load(NamedTuple):
    """A mail that waits, and who is told that the sink has it."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    planned: Reply | None
    taken: "asyncio.Future[None]"

    @property
    def commands(self) -> bytes:
        """The transaction; a mail that is to be refused ends with its envelope."""
        body = b"" if self.raw.isascii() else b" BODY=8BITMIME"
        size = len(self.raw)
        lines = [b"MAIL FROM:<%s> SIZE=%d%s\r\n" % (self.sender.encode("ascii"), size, body)]
        lines += [b"RCPT TO:<%s>\r\n" % each.encode("ascii") for each in self.recipients]
        if self.planned is not None:
            return b"".join((*lines, b"RSET\r\n"))
        return b"".join((*lines, b"BDAT %d LAST\r\n" % size, self.raw))

    def unplanned(self, replies: Sequence[Reply]) -> Reply | None:
        """Return the first reply that is not what was planned, or None."""
        first, *each, last = replies
        for reply in (first, last):
            if reply.code != _OK:
                return reply
        for reply in each:
            if (reply != self.planned) if self.planned is not None else (reply.code != _OK):
                return reply
        return None


class Conveyor:
    """Hands mails to one sink over one session; an async context manager.

    Attributes:
        taken: how many mails the sink took.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """Prepare; nothing is connected before the first mail.

        Args:
            sink: where mails go, and who is told what to reply.
            timeout_seconds: for the replies to one write.
            idle_seconds: how long the session may lie idle; afterwards a new one is opened.
        """
        self.taken = 0
        self._sink = sink
        self._timeout = timeout_seconds
        self._idle_seconds = idle_seconds
        self._waiting: deque[_Load] = deque()
        self._session: PipelinedSession | None = None
        self._used_at = 0.0
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session; mails under way are to be awaited before, or are given up."""
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
        if self._session is not None:
            await self._session.close()
            self._session = None

    def hand_over(
        self, sender: str, recipients: Sequence[str], raw: bytes, planned: Reply | None = None
    ) -> "asyncio.Future[None]":
        """Take in one mail; the future is done when the sink has it, or refused it as planned.

        Args:
            sender: the return path; "<>" or "" for the null sender.
            recipients: at least one.
            raw: the mail, lines ended by CRLF.
            planned: what the sink is to reply at RCPT.

        The future raises SubmitFailedError: the session broke, or the sink said something else.

        Raises:
            HeaderError: an address is none.
        """
        if not recipients:
            raise ValueError("a mail needs a recipient")
        load = _Load(
            "" if sender in ("", NULL_SENDER) else header_address(sender),
            tuple(dict.fromkeys(map(header_address, recipients))),
            raw,
            planned,
            asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(load)
        if self._pump is None or self._pump.done():
            # It starts on the next turn of the loop: what is handed over in this one goes along.
            self._pump = asyncio.create_task(self._run())
        return load.taken

    async def _run(self) -> None:
        """Send what waits, group by group."""
        group: list[_Load] = []
        try:
            while self._waiting:
                session = await self._open_session()
                group = [
                    self._waiting.popleft() for _mail in range(min(GROUP_MAX, len(self._waiting)))
                ]
                await self._send(session, group)
                self._used_at = asyncio.get_running_loop().time()
        except SubmitFailedError as fault:
            for load in (*group, *self._waiting):
                if not load.taken.done():
                    load.taken.set_exception(fault)
            self._waiting.clear()
            self._give_up()
        except BaseException:
            for load in (*group, *self._waiting):
                load.taken.cancel()
            self._give_up()
            raise

    async def _send(self, session: PipelinedSession, group: Sequence[_Load]) -> None:
        peer = session.local
        for load in group:
            self._sink.plan_next(peer, load.planned)
        counts = [2 + len(load.recipients) for load in group]
        replies = await session.exchange(b"".join(load.commands for load in group), sum(counts))
        at = 0
        for load, count in zip(group, counts, strict=True):
            wrong = load.unplanned(replies[at : at + count])
            if wrong is not None:
                raise SubmitFailedError(
                    _("the mail server said {reply}, which was not planned").format(reply=wrong),
                    wrong,
                ) from self._sink.fault
            at += count
            self.taken += load.planned is None
            if not load.taken.done():
                load.taken.set_result(None)

    async def _open_session(self) -> PipelinedSession:
        """Return the session, or a new one where it was closed or lay idle for long."""
        session = self._session
        now = asyncio.get_running_loop().time()
        if session is not None:
            if session.is_open and now - self._used_at < self._idle_seconds:
                return session
            await session.close()
        self._session = session = PipelinedSession(
            self._sink.host, self._sink.port, self._timeout, LOCAL_HOSTNAME
        )
        await session.open(self._sink.trust)
        if "CHUNKING" not in session.extensions:
            raise SubmitFailedError(_("the mail server does not know the drill's own session"))
        return session

    def _give_up(self) -> None:
        if self._session is not None:
            self._session.abort()
            self._session = None
