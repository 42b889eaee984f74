"""A small SMTP client that sends a transaction in two writes (PIPELINING, RFC 2920).

aiosmtplib waits for the reply to each command: five round trips a mail, each through the event
loop. To the drill's own sink, envelope and DATA go out at once, then the mail: two. Where the
server does not offer PIPELINING, it waits like any other client.
"""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from typing import Final

from drillsim.i18n import _
from drillsim.mail.sink import Peer, Reply
from drillsim.mail.submit import SubmitFailedError, SubmitResult

_REPLY_BYTES_MAX: Final = 65_536
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)
_UNSAFE = re.compile(r"[\x00-\x20<>\x7f]")


class PipelinedSession(asyncio.Protocol):
    """One connection; carries out one transaction at a time."""

    def __init__(self, host: str, port: int, timeout: float, local_hostname: str) -> None:
        """Prepare; `timeout` is in seconds, for each group of replies."""
        self._host = host
        self._port = port
        self._timeout = timeout
        self._local_hostname = local_hostname
        self._transport: asyncio.Transport | None = None
        self._extensions: frozenset[str] = frozenset()
        self._buffer = bytearray()
        self._replies: list[Reply] = []
        self._lines: list[str] = []
        self._wanted = 0
        self._waiter: asyncio.Future[list[Reply]] | None = None

    @property
    def is_open(self) -> bool:
        """Whether a transaction can begin."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def local(self) -> Peer:
        """Its own end of the connection."""
        assert self._transport is not None
        address, port, *_rest = self._transport.get_extra_info("sockname")
        return (address, port)

    async def open(self) -> None:
        """Connect and greet.

        Raises:
            SubmitFailedError: there is no server, or it does not want us.
        """
        loop = asyncio.get_running_loop()
        self._buffer.clear()
        self._replies = []
        self._lines = []
        self._wanted = 1
        self._waiter = loop.create_future()
        try:
            async with asyncio.timeout(self._timeout):
                await loop.create_connection(lambda: self, self._host, self._port)
                greeting = (await self._waiter)[0]
        except OSError as error:  # TimeoutError is one.
            raise SubmitFailedError(
                _("the mail server cannot be reached: {reason}").format(reason=error)
            ) from error
        _expect(greeting, 220)
        hello = (await self._ask(b"EHLO %s\r\n" % self._local_hostname.encode("ascii"), 1))[0]
        _expect(hello, 250)
        self._extensions = frozenset(
            line.split(" ")[0].upper() for line in hello.text.split("\n")[1:]
        )

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction; a refusal is a result.

        Raises:
            SubmitFailedError: the connection broke.
            ValueError: an address cannot stand in a command.
        """
        commands = [self._mail_command(sender, raw)]
        commands += [b"RCPT TO:<%s>\r\n" % _safe(each) for each in recipients]
        commands.append(b"DATA\r\n")
        if "PIPELINING" in self._extensions:
            replies = await self._ask(b"".join(commands), len(commands))
        else:
            replies = []
            for command in commands:
                replies += await self._ask(command, 1)
                if command is commands[-2] and not _taken(recipients, replies[1:]):
                    break
        refused = {
            each: reply
            for each, reply in zip(recipients, replies[1:], strict=False)
            if not 200 <= reply.code < 300
        }
        last = replies[-1]
        if len(replies) == len(commands) and last.code == 354:
            # Though nobody takes it: a server that says 354 waits for a mail (RFC 2920, 3.1).
            nobody = len(refused) == len(set(recipients))
            last = (await self._ask(b".\r\n" if nobody else _transparent(raw), 1))[0]
            if not nobody:
                return SubmitResult(last.code, last.text, last.code == 250, refused)
        else:
            await self._ask(b"RSET\r\n", 1)
        first = replies[0] if replies[0].code >= 300 else next(iter(refused.values()), last)
        return SubmitResult(first.code, first.text, accepted=False, refused=refused)

    async def close(self) -> None:
        """Say good-bye if the server still listens, and close."""
        if self._transport is None:
            return
        if self._waiter is None and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
        self._transport.close()
        self._transport = None

    def _mail_command(self, sender: str, raw: bytes) -> bytes:
        size = b" SIZE=%d" % len(raw) if "SIZE" in self._extensions else b""
        body = b" BODY=8BITMIME" if "8BITMIME" in self._extensions and not raw.isascii() else b""
        return b"MAIL FROM:<%s>%s%s\r\n" % (_safe(sender), size, body)

    async def _ask(self, data: bytes, count: int) -> list[Reply]:
        """Write, and return that many replies."""
        if self._transport is None or self._transport.is_closing():
            raise SubmitFailedError(_("the mail server closed the connection"))
        self._wanted = count
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._waiter
        except TimeoutError as error:
            raise SubmitFailedError(_("the mail server does not answer")) from error
        finally:
            self._waiter = None

    # What asyncio calls ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take replies apart, and wake who waits once all have come."""
        self._buffer += data
        if len(self._buffer) > _REPLY_BYTES_MAX:
            self._fail(SubmitFailedError(_("the mail server talks without end")))
            return
        *lines, rest = self._buffer.split(b"\r\n")
        self._buffer = rest
        for line in lines:
            text = line.decode("utf-8", "replace")
            if not text[:3].isdecimal():
                self._fail(SubmitFailedError(_("the mail server speaks no SMTP")))
                return
            self._lines.append(text[4:])
            if text[3:4] != "-":
                self._replies.append(Reply(int(text[:3]), "\n".join(self._lines)))
                self._lines = []
        if self._waiter is not None and len(self._replies) >= self._wanted:
            replies, self._replies = self._replies, []
            if not self._waiter.done():
                self._waiter.set_result(replies)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits."""
        self._transport = None
        self._fail(SubmitFailedError(_("the mail server closed the connection")))

    def _fail(self, error: SubmitFailedError) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        if self._transport is not None:
            self._transport.abort()


def _taken(recipients: Sequence[str], replies: Sequence[Reply]) -> bool:
    return any(200 <= reply.code < 300 for reply in replies[: len(recipients)])


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise SubmitFailedError(
            _("the mail server said {code} {text}").format(code=reply.code, text=reply.text), reply
        )


def _safe(address: str) -> bytes:
    """Return an address as it stands in a command.

    Raises:
        ValueError: it holds what would end it, or what is not ASCII.
    """
    if _UNSAFE.search(address) and not (address.startswith('"') and '"@' in address):
        raise ValueError(f"{address!r} cannot stand in an SMTP command")
    if not address.isprintable():
        raise ValueError(f"{address!r} cannot stand in an SMTP command")
    return address.encode("ascii")


def _transparent(raw: bytes) -> bytes:
    """Return a mail with every line ended by CRLF, its dots doubled, and the line that ends it."""
    if raw.count(b"\n") != raw.count(b"\r\n") or raw.count(b"\r") != raw.count(b"\r\n"):
        raw = _LINE_END.sub(b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    if b"\n." in raw or raw.startswith(b"."):
        raw = _DOT.sub(b"..", raw)
    return raw + b".\r\n"
