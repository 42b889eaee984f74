"""Mail handed to a server: many transactions under way over a few sessions that stay open.

A `Submitter` keeps a pool of sessions. A mail waits for a free one, first come first served, and a
session that the server closed in the meantime is opened again. To the drill's own sink, what was
not planned is a `SubmitFailedError`; to any other server, a refusal is a result.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from drillsim.i18n import _
from drillsim.mail.headers import header_address
from drillsim.mail.sessions import LibrarySession, Session, SubmitFailedError, SubmitResult
from drillsim.mail.sink import Plan, Reply, Sink

__all__ = ["SubmitFailedError", "SubmitResult", "Submitter"]

CONNECTIONS: Final = 4
TIMEOUT_SECONDS: Final = 60.0
IDLE_SECONDS: Final = 20.0
"""After so long without a mail, a session asks whether the server still listens."""
LOCAL_HOSTNAME: Final = "director.drillsim.test"
NULL_SENDER: Final = "<>"


class Submitter:
    """Hands mails to one server; an async context manager.

    Attributes:
        host: of the server.
        port: of the server.
        submitted: how many mails the server accepted.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        connections: int = CONNECTIONS,
        sink: Sink | None = None,
        pipelined: bool = False,
        timeout_seconds: float = TIMEOUT_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        local_hostname: str = LOCAL_HOSTNAME,
    ) -> None:
        """Prepare; nothing is connected before the first mail.

        Args:
            host: of the server.
            port: of the server.
            connections: sessions at most.
            sink: the server itself, where it is the drill's own: told what to reply (`planned`).
            pipelined: use the client of `drillsim.mail.pipelining` in place of aiosmtplib.
            timeout_seconds: for each answer of the server.
            idle_seconds: how long a session may lie idle and still be trusted.
            local_hostname: by what name to greet; without one, each session would look it up.
        """
        if connections < 1:
            raise ValueError("a submitter needs a connection")
        self.host = host
        self.port = port
        self.submitted = 0
        self._sink = sink
        self._timeout = timeout_seconds
        self._idle_seconds = idle_seconds
        self._local_hostname = local_hostname
        self._pipelined = pipelined
        self._idle: list[tuple[Session, float]] = []
        self._free = asyncio.Semaphore(connections)  # Waiters are served in turn.

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
        """Close every session; mails under way are to be awaited, or cancelled, before."""
        idle, self._idle = self._idle, []
        for session, _since in idle:
            await session.close()

    async def submit(
        self, envelope_from: str, envelope_to: Sequence[str], raw: bytes, planned: Plan = None
    ) -> SubmitResult:
        """Hand over one mail.

        Args:
            envelope_from: the return path; "<>" or "" for the null sender.
            envelope_to: the recipients.
            raw: the mail, lines ended by CRLF.
            planned: what the sink is to reply at RCPT (451 for a deferral, 5xx for a refusal), to
                all or to some of the recipients.

        Raises:
            SubmitFailedError: the server could not be reached or broke off, or the drill's own sink
                did not say what was planned.
            HeaderError: an address is none.
            ValueError: `planned` is given, but there is no sink to tell it; or there is no
                recipient.
        """
        if planned is not None and self._sink is None:
            raise ValueError("only the drill's own sink can be told what to reply")
        if not envelope_to:
            raise ValueError("a mail needs a recipient")
        sender = "" if envelope_from in ("", NULL_SENDER) else header_address(envelope_from)
        written = {header_address(address): address for address in envelope_to}
        async with self._free:
            session = await self._session()
            try:
                if self._sink is not None:
                    self._sink.plan(session.local, planned)
                result = await session.send(sender, tuple(written), raw)
            except BaseException:
                session.abort()  # Where it stands is not known: the next mail gets a new one.
                raise
            self._idle.append((session, asyncio.get_running_loop().time()))
        if result.refused:
            refused = {written[address]: reply for address, reply in result.refused.items()}
            result = SubmitResult(result.code, result.text, result.accepted, refused)
        if self._sink is not None:
            _check(result, envelope_to, planned, self._sink)
        self.submitted += result.accepted
        return result

    async def _session(self) -> Session:
        """Return an open session that nobody uses."""
        if self._idle:
            session, since = self._idle.pop()
            is_fresh = asyncio.get_running_loop().time() - since < self._idle_seconds
            if session.is_open and (is_fresh or await session.is_alive()):
                return session
            session.abort()
        session = self._new_session()
        try:
            await session.open()
        except BaseException:
            session.abort()
            raise
        if self._sink is not None:
            self._sink.trust(session.local)
        return session

    def _new_session(self) -> Session:
        if self._pipelined:
            from drillsim.mail.pipelining import PipelinedSession

            return PipelinedSession(self.host, self.port, self._timeout, self._local_hostname)
        return LibrarySession(self.host, self.port, self._timeout, self._local_hostname)


def _check(result: SubmitResult, recipients: Sequence[str], planned: Plan, sink: Sink) -> None:
    """Raise SubmitFailedError where the drill's own sink did not say what was planned."""
    wanted: Mapping[str, Reply]
    if planned is None:
        wanted = {}
    elif isinstance(planned, Reply):
        wanted = dict.fromkeys(recipients, planned)
    else:
        wanted = {each: planned[each] for each in recipients if each in planned}
    should_accept = len(wanted) < len(set(recipients))
    if result.accepted == should_accept and result.refused == wanted:
        return
    reply = Reply(result.code, result.text)
    raise SubmitFailedError(
        _("the mail server said {reply}, which was not planned").format(reply=reply), reply
    ) from sink.fault
