"""Other bodies' mail servers, as far as the office's own server sees them.

They refuse strangers (550), tell some to come again (450), are away for a while, and hand on what
they took.
"""

import asyncio
import smtplib
import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.e2e.servers.processes import HOST, SECONDS_MAX, free_ports

Took = Callable[[bytes, str, str], None]
"""What becomes of a mail: content, recipient, return path."""


@dataclass
class Elsewhere:
    """One server in a thread; it can be stopped and started on the same port.

    Attributes:
        greylist: how often each recipient is told to come again.
        unknown: recipients that do not exist.
        mails: what was taken, as (return path, recipients, content).
    """

    took: Took
    port: int = field(default_factory=lambda: free_ports(1)[0])
    greylist: Mapping[str, int] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Listen."""
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=f"smtp-{self.port}")
        self._thread.start()
        assert ready.wait(SECONDS_MAX)

    def stop(self) -> None:
        """Close; more than once does nothing."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SECONDS_MAX)
        assert not self._thread.is_alive()
        self._thread = None

    def _run(self, ready: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        connections: list[SMTP] = []

        def connection() -> SMTP:
            connections.append(SMTP(self, hostname="elsewhere.example", loop=loop))
            return connections[-1]

        try:
            server = loop.run_until_complete(loop.create_server(connection, HOST, self.port))
            loop.call_soon(ready.set)
            loop.run_forever()
            server.close()
            for each in connections:
                # Postfix keeps connections for a while, and would wait for an answer on one.
                if isinstance(each.transport, asyncio.Transport):
                    each.transport.abort()
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            loop.close()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        key = address.lower()
        self.tries[key] += 1
        if key in self.unknown:
            return "550 5.1.1 User unknown"
        if self.tries[key] <= self.greylist.get(key, 0):
            return "450 4.2.0 Greylisted, please come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.content
        assert isinstance(raw, bytes)
        sender = envelope.mail_from or ""
        sender = "" if sender == "<>" else sender
        try:
            for recipient in envelope.rcpt_tos:
                await asyncio.to_thread(self.took, raw, recipient, sender)
        except (OSError, smtplib.SMTPException) as error:
            # Who is behind it is away just now: an uncaught error would be a permanent 500.
            return f"451 4.3.0 {type(error).__name__}, please come again"
        self.mails.append((sender, list(envelope.rcpt_tos), raw))
        return "250 OK"


@dataclass
class Greylist:
    """A policy server (Postfix's SMTPD_POLICY_README): it lets each of some recipients wait."""

    waits: dict[str, int] = field(default_factory=dict)
    port: int = 0
    tries: Counter[str] = field(default_factory=Counter)

    def verdict(self, asked: Mapping[str, str]) -> str:
        """Return what is to become of a recipient."""
        recipient = asked.get("recipient", "").lower()
        self.tries[recipient] += 1
        if self.tries[recipient] <= self.waits.get(recipient, 0):
            return "DEFER 4.2.0 Greylisted, please come again"
        return "DUNNO"


@contextmanager
def greylisting() -> Iterator[Greylist]:
    """Run a policy server."""
    greylist = Greylist()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked: dict[str, str] = {}
            for line in self.rfile:
                name, equals, value = line.decode("utf-8", "replace").strip().partition("=")
                if equals:
                    asked[name] = value
                else:
                    self.wfile.write(f"action={greylist.verdict(asked)}\n\n".encode())
                    asked = {}

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server((HOST, 0), Handler) as server:
        greylist.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield greylist
        finally:
            server.shutdown()
            thread.join(SECONDS_MAX)
