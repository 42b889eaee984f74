"""aiosmtpd's server, made short where a drill spends its time.

The shipped server parses each address with the parser for headers, reads a mail line by line, sends
each reply by itself and sets a timer anew for every command. The overrides here give the same
replies and keep the same bytes (tests compare both), four times as fast. They rest on methods that
aiosmtpd does not document, so they are taken with the version they were written for alone; with any
other the shipped methods serve, only slower.
"""

import asyncio
import collections
import re
from collections.abc import Callable
from typing import Any, Final, cast

import aiosmtpd
from aiosmtpd.smtp import MISSING, SMTP, syntax

AIOSMTPD_VERSION: Final = "1.4.6"
"""The version whose inner methods `ShortServer` replaces."""

LINE_LENGTH_MAX: Final = 100_000
"""Bytes of a line of a mail; RFC 5322 allows 998, and some programs write one line a paragraph."""
COMMAND_LENGTH_MAX: Final = 2048
"""Bytes of a command; RFC 5321, 4.5.3.1.4, asks for 512 at least, SIZE and SMTPUTF8 for more."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_PLAIN_ADDRESS = re.compile(rf"<({_ADDRESS})>((?: [!-~ ]*)?)")
_END = b"\r\n.\r\n"
_WHOLE_MAIL = re.compile(
    (
        rf"MAIL FROM:<((?:{_ADDRESS})?)> SIZE=(\d{{1,9}})( BODY=8BITMIME)?\r\n"
        rf"((?:RCPT TO:<{_ADDRESS}>\r\n)+)BDAT \2 LAST\r\n"
    ).encode()
)
_EACH_RECIPIENT = re.compile(rb"<([^>]*)>")
_WHOLE_CHUNK = re.compile(r"(\d{1,9}) LAST", re.IGNORECASE)


class ShippedServer(SMTP):
    """aiosmtpd's server with limits of its own, that tells when it opens and closes."""

    line_length_limit = LINE_LENGTH_MAX
    command_size_limit = COMMAND_LENGTH_MAX
    # The shipped class shares one table between all connections, and clears it with each new one.
    command_size_limits: dict[str, int] = collections.defaultdict(lambda: COMMAND_LENGTH_MAX)

    def __init__(
        self,
        handler: object,
        *,
        opened: Callable[[Any], object],
        closed: Callable[[Any], object],
        **options: Any,
    ) -> None:
        """Prepare a connection; `options` are those of aiosmtpd's server."""
        super().__init__(handler, **options)
        self._when_opened = opened
        self._when_closed = closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a session, and tell."""
        super().connection_made(transport)
        self.peer: tuple[str, int] = transport.get_extra_info("peername")[:2]
        self._when_opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        """End the session, and tell."""
        super().connection_lost(error)
        self._when_closed(self)

    def take_chunks(self) -> None:
        """Take mails by BDAT from now on (RFC 3030): from the drill's own session alone."""
        self._smtp_methods["BDAT"] = self._take_chunk

    async def _take_chunk(self, arg: str | None) -> None:
        """Take a mail in one chunk, `BDAT 1234 LAST`, as it is; what else is said ends the session.

        The chunk is read in any case: it must not be taken for commands.
        """
        found = _WHOLE_CHUNK.fullmatch(arg or "")
        if found is None:
            await self.push("501 5.5.4 Syntax: BDAT size LAST")
            cast("asyncio.Transport", self.transport).close()
            return
        try:
            content: bytes = await self._reader.readexactly(int(found[1]))
        except asyncio.IncompleteReadError:
            raise ConnectionResetError("connection lost during BDAT") from None
        assert self.envelope is not None
        status: Any = "503 5.5.1 Need RCPT command"
        if self.envelope.rcpt_tos:
            status = self._refusal(content, len(content))
            if not status:
                self.envelope.content = self.envelope.original_content = content
                status = await self._call_handler_hook("DATA")
        self.envelope = self._create_envelope()
        await self.push(status)

    def _refusal(self, content: bytes | bytearray, size: int) -> str:
        """Return the reply to a mail that breaks a limit, or ""."""
        if size > self.line_length_limit and any(
            len(line) + 2 > self.line_length_limit for line in content.split(b"\r\n")
        ):
            return "500 Line too long (see RFC5321 4.5.3.1.6)"
        limit = self.data_size_limit
        return "552 Error: Too much mail data" if limit and size > limit else ""

    def hang_up(self) -> "asyncio.Task[None]":
        """Close the connection at once; return the task that serves it, which ends soon."""
        assert self._handler_coroutine is not None
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()
        task: asyncio.Task[None] = self._handler_coroutine
        return task


class ShortServer(ShippedServer):
    """The same, with the hot path made short."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Prepare a connection, as `ShippedServer` does."""
        super().__init__(*arguments, **options)
        self._replies = bytearray()
        self._heard_at = 0.0

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found = _PLAIN_ADDRESS.fullmatch(arg)
        if found is None:
            parsed: tuple[str | None, str | None] = super()._getaddr(arg)
            return parsed
        return found[1], found[2].lstrip()

    async def _take_chunk(self, arg: str | None) -> None:
        """Take a mail, and at once those that are here already and are written as simply.

        The handler is asked what it would be asked for each command; only finding out which command
        it is, and what its parameters are, is left out. Whatever looks otherwise, or is not here as
        a whole, is left to the shipped loop.
        """
        await super()._take_chunk(arg)
        waiting: bytearray = self._reader._buffer  # type: ignore[attr-defined] # asyncio's own
        while self.transport is not None and (found := _WHOLE_MAIL.match(waiting)) is not None:
            size = int(found[2])
            if len(waiting) - found.end() < size or (0 < (self.data_size_limit or 0) < size):
                return
            assert self.envelope is not None
            self._reset_timeout()
            options = [f"SIZE={size}", *(["BODY=8BITMIME"] if found[3] else [])]
            sender = found[1].decode("ascii") or "<>"
            recipients = [each.decode("ascii") for each in _EACH_RECIPIENT.findall(found[4])]
            head = found.end()
            found = None  # It holds on to the buffer.
            await self._reader.readexactly(head)
            await self.push(await self._call_handler_hook("MAIL", sender, options))
            for recipient in recipients:
                await self.push(
                    await self._call_handler_hook("RCPT", recipient, [])
                    if self.envelope.mail_from
                    else "503 Error: need MAIL command"
                )
            await super()._take_chunk(f"{size} LAST")

    async def push(self, status: str | bytes) -> None:
        """Send a reply; a 250 together with the next one, where the next command is here already.

        Every command has a reply, so nothing stays behind. Others go out at once: for 354 the
        client waits, and after some the connection is closed.
        """
        line = status.encode("utf-8") if isinstance(status, str) else status
        self._replies += line + b"\r\n"
        waiting: bytearray = self._reader._buffer  # type: ignore[attr-defined] # asyncio's own
        if b"\n" in waiting and line.startswith(b"250"):
            return
        transport = self._writer.transport
        transport.write(bytes(self._replies))
        self._replies.clear()
        if transport.get_write_buffer_size():
            await self._writer.drain()

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Note when the client was last heard; one timer looks after it, not one a command."""
        self._heard_at = self.loop.time()
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_later(self._timeout_duration, self._timeout_cb)

    def _timeout_cb(self) -> None:
        left = self._heard_at + self._timeout_duration - self.loop.time()
        if left > 0:
            self._timeout_handle = self.loop.call_later(left, self._timeout_cb)
        elif self.transport is not None:
            self.transport.close()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take a mail: what the shipped method does, with the mail read at a stroke."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._read_mail()
        status: Any
        if isinstance(content, str):
            status = content
        else:
            self.envelope.content = self.envelope.original_content = content
            status = await self._call_handler_hook("DATA")
        self.envelope = self._create_envelope()
        await self.push("250 OK" if status is MISSING else status)

    async def _read_mail(self) -> bytes | str:
        """Read to the line that ends the mail; return it, or the reply that refuses it.

        What follows in the same read belongs to the next command, and is given back.
        """
        reader, limit = self._reader, self.data_size_limit
        data = bytearray(b"\r\n")  # So that a first line of one dot ends the mail like any other.
        refusal = ""
        searched = 0
        while True:
            chunk = await reader.read(1 << 24)
            if not chunk:
                # The client is gone. The shipped loop is cancelled in this state, too.
                raise ConnectionResetError("connection lost during DATA")
            data += chunk
            end = data.find(_END, searched)
            if end >= 0:
                break
            searched = max(0, len(data) - len(_END) + 1)
            if limit and len(data) > limit + len(_END) + 2:
                # Keep nothing of a mail that is too large but what may begin its end.
                refusal = refusal or self._refusal(data, len(data) - 2)
                del data[: -len(_END)]
                searched = 0
        rest = bytes(data[end + len(_END) :])
        if rest:
            reader.feed_data(rest)
        del data[end + 2 :]
        refusal = refusal or self._refusal(data, len(data) - 2)
        if refusal:
            return refusal
        return bytes(data.replace(b"\r\n.", b"\r\n"))[2:]


def server_class(*, shipped: bool = False) -> type[ShippedServer]:
    """Return the server to use: the short one, where this aiosmtpd is the one it was made for."""
    if shipped or aiosmtpd.__version__ != AIOSMTPD_VERSION:
        return ShippedServer
    return ShortServer
