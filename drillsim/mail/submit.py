"""Mail handed to a server: many transactions under way over a few sessions that stay open.

A `Submitter` keeps a pool of sessions. A transaction waits for a free one, first come first served,
and a session that the server closed in the meantime is opened again. Refusals that the world of a
rehearsal planned come back as results; every other failure is a `SubmitFailedError`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self

from drillsim.i18n import _
from drillsim.mail.sink import Peer, Plan, Reply, Sink

CONNECTIONS: Final = 4
TIMEOUT_SECONDS: Final = 60.0
LOCAL_HOSTNAME: Final = "director.drillsim.test"


class SubmitFailedError(Exception):
    """A mail could not be handed over, and nobody planned that.

    Attributes:
        reply: what the server said; None where there was no answer at all.
    """

    def __init__(self, message: str, reply: Reply | None = None) -> None:
        super().__init__(message)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What the server said.

    Attributes:
        code, text: the reply to the mail, or where it took it for nobody, that to the first
            recipient.
        accepted: whether it took the mail for at least one recipient.
        refused: what it said to those for whom it did not.
    """

    code: int
    text: str
    accepted: bool
    refused: Mapping[str, Reply] = field(default_factory=dict)


class Session(Protocol):
    """One connection to a server, through a client library."""

    @property
    def is_open(self) -> bool:
        """Whether a transaction can begin."""

    @property
    def local(self) -> Peer:
        """Its own end of the connection: how the server knows it."""

    async def open(self) -> None:
        """Connect and greet."""

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction; a refusal is a result.

        Raises:
            SubmitFailedError: the connection broke, or the server said what makes no sense.
        """

    async def close(self) -> None:
        """Say good-bye and close."""


class Submitter:
    """Hands mails to one server; an async context manager.

    Attributes:
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
        local_hostname: str = LOCAL_HOSTNAME,
    ) -> None:
        """Prepare; nothing is connected before the first mail.

        Args:
            host, port: the server.
            connections: sessions at most.
            sink: the server itself, where it is the drill's own: told what to reply (`planned`).
            pipelined: use the client of `drillsim.mail.pipelining` in place of aiosmtplib.
            timeout_seconds: for each answer of the server.
            local_hostname: by what name to greet; without one, each session would look it up.
        """
        if connections < 1:
            raise ValueError("a submitter needs a connection")
        self.host = host
        self.port = port
        self.sink = sink
        self.submitted = 0
        self._timeout = timeout_seconds
        self._local_hostname = local_hostname
        self._pipelined = pipelined
        self._idle: list[Session] = []
        self._all: list[Session] = []
        self._connections = connections
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
        """Close every session."""
        sessions, self._all, self._idle = self._all, [], []
        for session in sessions:
            await session.close()

    async def submit(
        self, envelope_from: str, envelope_to: Sequence[str], raw: bytes, planned: Plan = None
    ) -> SubmitResult:
        """Hand over one mail.

        Args:
            envelope_from: the return path; "" for the null sender.
            envelope_to: the recipients.
            raw: the mail, lines ended by CRLF.
            planned: what the sink is to reply at RCPT (451 for a deferral, 5xx for a refusal), to
                all or to some of the recipients.

        Raises:
            SubmitFailedError: the server refused what was not planned, took what was, or could
                not be reached.
            ValueError: `planned` is given, but there is no sink to tell it.
        """
        if planned is not None and self.sink is None:
            raise ValueError("only the drill's own sink can be told what to reply")
        async with self._free:
            session = self._idle.pop() if self._idle else self._new_session()
            try:
                if not session.is_open:
                    await session.open()
                    if self.sink is not None:
                        self.sink.trust(session.local)
                if self.sink is not None:
                    self.sink.plan(session.local, planned)
                result = await session.send(envelope_from, envelope_to, raw)
            except BaseException:
                # Where it stands is not known: the next mail gets a new one.
                self._all.remove(session)
                await session.close()
                raise
            self._idle.append(session)
        _check(result, envelope_to, planned)
        self.submitted += result.accepted
        return result

    def _new_session(self) -> Session:
        session: Session
        if self._pipelined:
            from drillsim.mail.pipelining import PipelinedSession

            session = PipelinedSession(self.host, self.port, self._timeout, self._local_hostname)
        else:
            session = LibrarySession(self.host, self.port, self._timeout, self._local_hostname)
        self._all.append(session)
        return session


class LibrarySession:
    """A session through aiosmtplib."""

    def __init__(self, host: str, port: int, timeout: float, local_hostname: str) -> None:
        import aiosmtplib

        self._client = aiosmtplib.SMTP(
            hostname=host,
            port=port,
            timeout=timeout,
            local_hostname=local_hostname,
            start_tls=False,
        )

    @property
    def is_open(self) -> bool:
        """Whether a transaction can begin."""
        return self._client.is_connected

    @property
    def local(self) -> Peer:
        """Its own end of the connection."""
        address, port, *_rest = self._client.get_transport_info("sockname")
        return (address, port)

    async def open(self) -> None:
        """Connect; aiosmtplib greets with the first mail."""
        import aiosmtplib

        try:
            await self._client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise SubmitFailedError(
                _("the mail server cannot be reached: {reason}").format(reason=error)
            ) from error

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction."""
        import aiosmtplib

        options = () if raw.isascii() else ("BODY=8BITMIME",)
        try:
            refused, text = await self._client.sendmail(
                sender, list(recipients), raw, mail_options=options
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            replies = {each.recipient: Reply(each.code, each.message) for each in error.recipients}
            first = next(iter(replies.values()))
            return SubmitResult(first.code, first.text, accepted=False, refused=replies)
        except aiosmtplib.SMTPResponseException as error:
            return SubmitResult(error.code, error.message, accepted=False)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise SubmitFailedError(
                _("the mail server broke off: {reason}").format(reason=error)
            ) from error
        replies = {address: Reply(code, said) for address, (code, said) in refused.items()}
        return SubmitResult(250, text, accepted=True, refused=replies)

    async def close(self) -> None:
        """Say good-bye if the server still listens, and close."""
        import aiosmtplib

        if not self._client.is_connected:
            return
        try:
            await self._client.quit()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()  # It is gone already, which is what was wanted.


def _check(result: SubmitResult, recipients: Sequence[str], planned: Plan) -> None:
    """Raise SubmitFailedError where the server did not say what was planned."""
    if planned is None:
        wanted: Mapping[str, Reply] = {}
    elif isinstance(planned, Reply):
        wanted = dict.fromkeys(recipients, planned)
    else:
        wanted = {each: planned[each] for each in recipients if each in planned}
    should_accept = len(wanted) < len(set(recipients))
    if result.accepted != should_accept or result.refused != wanted:
        raise SubmitFailedError(
            _("the mail server said {code} {text}, which was not planned").format(
                code=result.code, text=result.text
            ),
            Reply(result.code, result.text),
        )
