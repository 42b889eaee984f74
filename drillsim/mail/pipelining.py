"""A small SMTP client that sends a transaction in two writes (PIPELINING, RFC 2920).

aiosmtplib waits for the reply to each command: five round trips a mail, each through the event
loop. To the drill's own sink, envelope and DATA go out at once, then the mail: two. Where the
server does not offer PIPELINING, it waits like any other client.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Final, cast

from drillsim.i18n import _
from drillsim.mail.sessions import SubmitFailedError, SubmitResult
from drillsim.mail.sink import Peer, Reply

_REPLY_BYTES_MAX: Final = 65_536
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)


class PipelinedSession(asyncio.Protocol):
    """One connection to a server; carries out one transaction at a time."""

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
        self._deadline = 0.0
        self._watch: asyncio.TimerHandle | None = None

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

    @property
    def extensions(self) -> frozenset[str]:
        """What the server offers, by its names in EHLO."""
        return self._extensions

    async def open(self, known_as: Callable[[Peer], object] | None = None) -> None:
        """Connect and greet.

        Args:
            known_as: told, before the greeting, how the server knows this connection.

        Raises:
            SubmitFailedError: there is no server, or it does not want us.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                self._await_replies(1)  # The greeting may come before the connection is ours.
                await loop.create_connection(lambda: self, self._host, self._port)
        except OSError as error:  # TimeoutError is one.
            self._waiter = None
            raise SubmitFailedError(
                _("the mail server cannot be reached: {reason}").format(reason=error)
            ) from error
        _expect((await self._answered())[0], 220)
        if known_as is not None:
            known_as(self.local)
        hello = (await self._ask(b"EHLO %s\r\n" % self._local_hostname.encode("ascii"), 1))[0]
        _expect(hello, 250)
        self._extensions = frozenset(line.split(" ")[0].upper() for line in hello.text.split("\n"))

    async def is_alive(self) -> bool:
        """Ask the server whether it still listens."""
        try:
            return (await self._ask(b"NOOP\r\n", 1))[0].code == 250
        except SubmitFailedError:
            return False

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction; a refusal is a result.

        Raises:
            SubmitFailedError: the connection broke.
        """
        commands = [self._mail_command(sender, raw)]
        commands += [b"RCPT TO:<%s>\r\n" % each.encode("ascii") for each in recipients]
        if "PIPELINING" in self._extensions:
            replies = await self._ask(b"".join([*commands, b"DATA\r\n"]), len(commands) + 1)
            data = replies.pop()
        else:
            replies = [(await self._ask(command, 1))[0] for command in commands]
            data = None
        refused = {
            each: reply
            for each, reply in zip(recipients, replies[1:], strict=True)
            if not _is_good(reply)
        }
        is_taken = _is_good(replies[0]) and len(refused) < len(recipients)
        if data is None and is_taken:
            data = (await self._ask(b"DATA\r\n", 1))[0]
        if data is not None and data.code == 354:
            # A server that says 354 though nobody takes it waits for a mail (RFC 2920, 3.1).
            data = (await self._ask(_transparent(raw) if is_taken else b".\r\n", 1))[0]
        else:
            await self._ask(b"RSET\r\n", 1)
        if data is not None and is_taken:
            return SubmitResult(data.code, data.text, data.code == 250, refused)
        if not _is_good(replies[0]):
            return SubmitResult(replies[0].code, replies[0].text, accepted=False)
        first = next(iter(refused.values()))
        return SubmitResult(first.code, first.text, accepted=False, refused=refused)

    async def exchange(self, commands: bytes, count: int) -> list[Reply]:
        """Write commands, and return that many replies.

        Raises:
            SubmitFailedError: the connection broke.
        """
        return await self._ask(commands, count)

    async def close(self) -> None:
        """Say good-bye, and close."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
            self._transport.close()

    def abort(self) -> None:
        """Close at once; whoever still waits for a reply is told by being cancelled."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._waiter is not None:
            self._waiter.cancel()  # Without effect on one that was told already.
        if self._transport is not None:
            self._transport.abort()

    def _mail_command(self, sender: str, raw: bytes) -> bytes:
        size = b" SIZE=%d" % len(raw) if "SIZE" in self._extensions else b""
        body = b" BODY=8BITMIME" if "8BITMIME" in self._extensions and not raw.isascii() else b""
        return b"MAIL FROM:<%s>%s%s\r\n" % (sender.encode("ascii"), size, body)

    async def _ask(self, data: bytes, count: int) -> list[Reply]:
        """Write, and return that many replies."""
        if self._transport is None or self._transport.is_closing():
            raise SubmitFailedError(_("the mail server closed the connection"))
        self._await_replies(count)
        self._transport.write(data)
        return await self._answered()

    def _await_replies(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        self._wanted = count
        self._waiter = loop.create_future()
        self._deadline = loop.time() + self._timeout
        if self._watch is None:
            self._watch = loop.call_later(self._timeout, self._look)

    async def _answered(self) -> list[Reply]:
        assert self._waiter is not None
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def _look(self) -> None:
        """Give up a server that does not answer; one timer for many mails."""
        self._watch = None
        if self._waiter is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._deadline:
            self._watch = loop.call_at(self._deadline, self._look)
        else:
            self._fail(SubmitFailedError(_("the mail server does not answer")))

    # What asyncio calls ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take replies apart, and wake who waits once all have come."""
        self._buffer += data
        if len(self._buffer) > _REPLY_BYTES_MAX:
            self._fail(SubmitFailedError(_("the mail server talks without end")))
            return
        *lines, rest = self._buffer.split(b"\r\n")
        self._buffer = rest
        for line in lines:
            if not line[:3].isdigit():
                self._fail(SubmitFailedError(_("the mail server speaks no SMTP")))
                return
            self._lines.append(line[4:].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                self._replies.append(Reply(int(line[:3]), "\n".join(self._lines)))
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
        self.abort()


def _is_good(reply: Reply) -> bool:
    return 200 <= reply.code < 300


def _expect(reply: Reply, code: int) -> None:
    if reply.code != code:
        raise SubmitFailedError(_("the mail server said {reply}").format(reply=reply), reply)


def _transparent(raw: bytes) -> bytes:
    """Return a mail with every line ended by CRLF, its dots doubled, and the line that ends it."""
    if not raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r"):
        raw = _LINE_END.sub(b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    if b"\n." in raw or raw.startswith(b"."):
        raw = _DOT.sub(b"..", raw)
    return raw + b".\r\n"
