"""Talking SMTP by hand, so that tests see every byte."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from drillsim.mail.sink import Delivery, KnownRecipients, Sink

KNOWN = KnownRecipients(
    ["suo@city.example", "irie@town.example"], with_detail=["kunren@pref.example"]
)
SECONDS_MAX = 20.0
"""After so long a test has failed; nothing here waits on purpose."""


@dataclass
class Shelf:
    """A store in memory; with `faults`, the next mails are not stored but raise these."""

    deliveries: list[Delivery] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    async def __call__(self, delivery: Delivery) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.deliveries.append(delivery)

    @property
    def mails(self) -> list[bytes]:
        return [delivery.raw for delivery in self.deliveries]


class Wire:
    """A connection to a sink, as raw bytes."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._sink.host, self._sink.port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.writer.close()
        with suppress(ConnectionError):  # The sink may be quicker.
            await self.writer.wait_closed()

    async def greet(self) -> str:
        """Read the greeting and say EHLO; return what the sink offers."""
        await self.reply()
        return await self.say("EHLO client.example")

    async def reply(self) -> str:
        """Return the next reply, all its lines; "" when the sink closed."""
        text = ""
        while True:
            line = await asyncio.wait_for(self.reader.readline(), SECONDS_MAX)
            text += line.decode("utf-8", "replace")
            if not line or line[3:4] != b"-":
                return text

    async def say(self, command: str | bytes) -> str:
        """Send one command and return its reply."""
        data = command.encode() if isinstance(command, str) else command
        self.writer.write(data + b"\r\n")
        return await self.reply()

    async def send(self, content: bytes, recipient: str = "suo@city.example") -> str:
        """Carry out one transaction; `content` comes with its own end."""
        await self.say("MAIL FROM:<kunren@pref.example>")
        await self.say(f"RCPT TO:<{recipient}>")
        await self.say("DATA")
        self.writer.write(content)
        return await self.reply()

    async def rest(self) -> bytes:
        """Return all that comes until the sink closes."""
        return await asyncio.wait_for(self.reader.read(), SECONDS_MAX)


async def talk(sink: Sink, chunks: Sequence[bytes]) -> bytes:
    """Send `chunks` one after the other, each by itself on the wire, and return all that comes.

    The last one must make the sink close the connection (QUIT).
    """
    async with Wire(sink) as wire:
        for chunk in chunks:
            wire.writer.write(chunk)
            await wire.writer.drain()
            for _turn in range(3):  # Let the sink read it before the next one is sent.
                await asyncio.sleep(0)
        return await wire.rest()
