"""Where all mail of a drill arrives: an SMTP server on this machine that keeps what it accepts.

A mail is handed to `store`, which returns when it is on disk; only then does the client read 250. A
fault of our own is 451, so that the client keeps its mail (RFC 5321, 4.2.1). The sink relays
nothing, sends nothing, bounces nothing: an unknown recipient is refused at RCPT (550).

In a rehearsal the world decides what becomes of a mail, and the sink only says it: the submitting
side registers the reply for its own connection with `plan` before the transaction begins.
"""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, cast

from drillsim.mail.sink_server import LINE_LENGTH_MAX, ShippedServer, server_class

__all__ = ["LINE_LENGTH_MAX", "Delivery", "KnownRecipients", "Peer", "Plan", "Reply", "Sink"]

Peer: TypeAlias = tuple[str, int]
"""Address and port of the other end of a connection."""

HOST: Final = "127.0.0.1"
SIZE_MAX_BYTES: Final = 2_000_000
CONNECTIONS_MAX: Final = 100
RECIPIENTS_MAX: Final = 2_000
MAILS_PER_MINUTE_MAX: Final = 600
IDLE_SECONDS_MAX: Final = 300.0
HOSTNAME: Final = "sink.drillsim.test"

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # Else Python prints errors over the screen (`Sink.fault`).
_NEEDLESSLY_QUOTED = re.compile(r'"([^"\\\s<>()\[\],;:@]+)"@')


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail as the sink received it.

    Attributes:
        envelope_from: the return path; "<>" for the null sender.
        envelope_to: the recipients, each once.
        raw: what stood between DATA and its end, with the doubled dots undone.
        peer: who handed it over.
    """

    envelope_from: str
    envelope_to: tuple[str, ...]
    raw: bytes
    peer: Peer


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: `Reply(451, "4.7.1 Try again later")`."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


Plan: TypeAlias = Reply | Mapping[str, Reply] | None
"""What RCPT answers in one transaction, to every recipient or to some; None: what is so."""

Store: TypeAlias = Callable[[Delivery], Awaitable[None]]


@dataclass(frozen=True)
class KnownRecipients:
    """The addresses for which a sink takes mail, in letters of either case.

    Attributes:
        exact: mailboxes of the contact tree.
        with_detail: mailboxes of the drill, to which kunren+7kq2m4xd@… belongs too (RFC 5233).
    """

    exact: Collection[str]
    with_detail: Collection[str] = ()
    _folded: frozenset[str] = field(init=False, repr=False)
    _detailed: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        detailed = frozenset(address.lower() for address in self.with_detail)
        folded = frozenset(address.lower() for address in self.exact)
        object.__setattr__(self, "_folded", folded | detailed)
        object.__setattr__(self, "_detailed", detailed)

    def __call__(self, address: str) -> bool:
        """Whether mail for `address` is taken."""
        address = address.lower()
        if address in self._folded:
            return True
        local, _at, domain = address.rpartition("@")
        base, plus, _detail = local.partition("+")
        return bool(plus) and f"{base}@{domain}" in self._detailed


class Sink:
    """An SMTP server in the running loop; an async context manager.

    Attributes:
        host: where it listens.
        port: where it listens; 0 until it does, where no port was asked for.
        fault: the last exception of `store`, so that what stopped a drill can be told.
        received: how many mails were accepted.
    """

    def __init__(
        self,
        store: Store,
        *,
        known_recipient: Callable[[str], bool],
        size_max_bytes: int = SIZE_MAX_BYTES,
        connections_max: int = CONNECTIONS_MAX,
        recipients_max: int = RECIPIENTS_MAX,
        mails_per_minute_max: int | None = MAILS_PER_MINUTE_MAX,
        idle_seconds_max: float = IDLE_SECONDS_MAX,
        host: str = HOST,
        port: int = 0,
        hostname: str = HOSTNAME,
        shipped: bool = False,
    ) -> None:
        """Prepare a sink.

        Args:
            store: called for each mail, and awaited before its 250. It is cancelled when the client
                goes away in between; what it has committed by then is kept, and the client's second
                try is a second mail with the same Message-ID.
            known_recipient: whether mail for an address (without angle brackets) is taken.
            size_max_bytes: of a mail; announced by SIZE (RFC 1870) and enforced.
            connections_max: at one time.
            recipients_max: of one mail (RFC 5321, 4.5.3.1.8, asks for 100 at least).
            mails_per_minute_max: from one address, over all its connections; None for no limit.
                The drill's own sessions (`trust`) are not counted.
            idle_seconds_max: how long a connection may say nothing, or take for one mail.
            host: where to listen.
            port: where to listen; 0 takes a free one.
            hostname: by what name the sink greets.
            shipped: take aiosmtpd's server as it is, not the shortened one.
        """
        self._store = store
        self._known_recipient = known_recipient
        self._size_max_bytes = size_max_bytes
        self._connections_max = connections_max
        self._recipients_max = recipients_max
        self._mails_per_minute_max = mails_per_minute_max
        self._idle_seconds_max = idle_seconds_max
        self._hostname = hostname
        self.host = host
        self.port = port
        self.fault: Exception | None = None
        self.received = 0
        self._server_class = server_class(shipped=shipped)
        self._server: asyncio.Server | None = None
        self._open: set[ShippedServer] = set()
        self._plans: dict[Peer, deque[Plan]] = {}
        self._trusted: set[Peer] = set()
        self._minutes: dict[str, tuple[int, int]] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen from now on.

        Raises:
            OSError: the port is taken.
        """
        # aiosmtpd logs every command there, and clients' faults as warnings: at INFO that costs a
        # fifth of the speed, and warnings that nobody handles are printed over the screen.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self.host, self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, and close every connection."""
        if self._server is None:
            return
        self._server.close()
        sessions = [connection.hang_up() for connection in list(self._open)]
        await asyncio.gather(*sessions, return_exceptions=True)  # They end by being cancelled.
        await self._server.wait_closed()
        self._server = None

    def plan(self, peer: Peer, plan: Plan) -> None:
        """Register what RCPT answers in the next transaction of the connection from `peer`."""
        self._plans.pop(peer, None)
        self.plan_next(peer, plan)

    def plan_next(self, peer: Peer, plan: Plan) -> None:
        """Register the same for the transaction after those that are registered already."""
        self._plans.setdefault(peer, deque()).append(plan)

    def trust(self, peer: Peer) -> None:
        """Count the connection from `peer` as the drill's own.

        The rate limit is not for it, and if it is known before its EHLO, it is offered CHUNKING.
        """
        self._trusted.add(peer)

    def trusts(self, peer: Peer) -> bool:
        """Whether the connection from `peer` is the drill's own."""
        return peer in self._trusted

    def _connection(self) -> asyncio.BaseProtocol:
        if len(self._open) >= self._connections_max:
            return _Busy(self._hostname)
        return self._server_class(
            _Handler(self),
            opened=self._open.add,
            closed=self._forget,
            data_size_limit=self._size_max_bytes,
            enable_SMTPUTF8=True,
            hostname=self._hostname,
            ident="drillsim",
            timeout=self._idle_seconds_max,
            loop=asyncio.get_running_loop(),
        )

    def _forget(self, connection: ShippedServer) -> None:
        self._open.discard(connection)
        peer = connection.peer
        self._plans.pop(peer, None)
        self._trusted.discard(peer)

    # What the handler of a connection asks --------------------------------------------------------

    def begins_mail(self, peer: Peer) -> tuple[Plan, bool]:
        """Return the plan of the mail that `peer` begins, and whether it may send one now."""
        plans = self._plans.get(peer)
        plan = plans.popleft() if plans else None
        if self._mails_per_minute_max is None or peer in self._trusted:
            return plan, True
        minute = int(asyncio.get_running_loop().time() // 60)
        since, count = self._minutes.get(peer[0], (minute, 0))
        count = count + 1 if since == minute else 1
        self._minutes[peer[0]] = (minute, count)
        return plan, count <= self._mails_per_minute_max

    def answers_recipient(self, address: str, plan: Plan, count: int) -> str | None:
        """Return the refusal of a recipient, of whom the mail has `count` already, or None."""
        planned = plan if plan is None or isinstance(plan, Reply) else plan.get(address)
        if planned is not None:
            return str(planned)
        if not self._known_recipient(address):
            return "550 5.1.1 No such mailbox here"
        if count >= self._recipients_max:
            return "452 4.5.3 Too many recipients"
        return None

    async def keeps(self, delivery: Delivery) -> str:
        """Store a mail and return the reply to it."""
        try:
            await self._store(delivery)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client must keep its mail
            self.fault = error
            _log.error("a mail was not stored", exc_info=error)
            return "451 4.3.0 Not stored, try again later"
        self.received += 1
        return "250 2.0.0 OK"


class _Handler:
    """What aiosmtpd asks at each step of one connection, by its own names (`handle_*`)."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._plan: Plan = None

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # aiosmtpd reads a pipelined group (RFC 2920) line by line, but does not announce it.
        offered = [*replies[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES"]
        if self._sink.trusts(server.peer):
            server.take_chunks()
            offered.append("250-CHUNKING")
        return [*offered, replies[-1]]

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._plan, may_send = self._sink.begins_mail(server.peer)
        if not may_send:
            return "450 4.7.1 Too many mails, try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        # Mailboxes such as taro..yamada@… have to be written with quotation marks, and mean the
        # same without.
        address = _NEEDLESSLY_QUOTED.sub(r"\1@", address)
        refusal = self._sink.answers_recipient(address, self._plan, len(envelope.rcpt_tos))
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        recipients = envelope.rcpt_tos
        return await self._sink.keeps(
            Delivery(
                envelope_from=envelope.mail_from,
                envelope_to=tuple(dict.fromkeys(recipients)),
                raw=envelope.content,
                peer=server.peer,
            )
        )

    async def handle_exception(self, error: Exception) -> str:
        """Keep aiosmtpd from answering a fault with a permanent 500 that holds its text."""
        _log.error("an SMTP session failed", exc_info=error)
        return "451 4.3.0 Local error, try again later"


class _Busy(asyncio.Protocol):
    """Says that there are too many connections, and closes."""

    def __init__(self, hostname: str) -> None:
        self._hostname = hostname

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        line = f"421 4.3.2 {self._hostname} Too many connections, try again later\r\n"
        stream = cast("asyncio.Transport", transport)
        stream.write(line.encode("ascii"))
        stream.close()
