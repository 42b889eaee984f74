"""An IMAP server that misbehaves as it is told, for what Dovecot never does."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.e2e.servers.certificates import Certificates
from tests.e2e.servers.processes import HOST, SECONDS_MAX


class HungUp(Exception):
    """The server closes the connection now, after it has said a little more."""

    def __init__(self, said: bytes = b"") -> None:
        self.said = said


@dataclass
class OddImap:
    """Serves `mails` with UIDs from 1, one connection at a time.

    Attributes:
        capabilities: what it offers.
        instead: what it says to a command, by its name, in place of the right thing: a function of
            tag and arguments that returns bytes, or None for the right thing after all.
        heard: every line that a client said.
    """

    certificates: Certificates
    is_tls: bool = True
    greeting: bytes = b"* OK ready\r\n"
    capabilities: str = "IMAP4rev1 AUTH=PLAIN IDLE"
    mails: list[bytes] = field(default_factory=list)
    instead: dict[str, Callable[[bytes, bytes], bytes | None]] = field(default_factory=dict)
    heard: list[bytes] = field(default_factory=list)
    news: threading.Event = field(default_factory=threading.Event)
    is_closing: bool = False
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        """Answer one client after the other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.chain, self.certificates.key)
        while not self.is_closing:
            with suppress(OSError):
                connection, _address = listener.accept()
                with connection:
                    connection.settimeout(SECONDS_MAX)
                    if self.is_tls:
                        connection = context.wrap_socket(connection, server_side=True)
                    with connection, connection.makefile("rwb", buffering=0) as stream:
                        self._talk(stream, connection)

    def _talk(self, stream: socket.SocketIO, connection: socket.socket) -> None:
        stream.write(self.greeting)
        try:
            while line := stream.readline():
                self._answer(line, stream, connection)
        except HungUp as last:
            stream.write(last.said)

    def _answer(self, line: bytes, stream: socket.SocketIO, connection: socket.socket) -> None:
        self.heard.append(line)
        tag, name, rest = (*line.strip().split(b" ", 2), b"", b"")[:3]
        if name == b"UID":
            name, _space, rest = rest.partition(b" ")
        key = name.decode().upper()
        said = self.instead[key](tag, rest) if key in self.instead else None
        if said is not None:
            stream.write(said)
            return
        if key == "AUTHENTICATE":
            stream.write(b"+ \r\n")
            self.heard.append(stream.readline())
        elif key == "IDLE":
            stream.write(b"+ idling\r\n")
            while not select.select([connection], [], [], 0.01)[0]:
                if self.is_closing:
                    raise HungUp
                if self.news.is_set():
                    self.news.clear()
                    stream.write(b"* %d EXISTS\r\n" % len(self.mails))
            self.heard.append(stream.readline())
        stream.write(self._right(key, rest) + tag + b" OK done\r\n")
        if key == "LOGOUT":
            raise HungUp

    def _right(self, key: str, rest: bytes) -> bytes:
        match key:
            case "CAPABILITY":
                return f"* CAPABILITY {self.capabilities}\r\n".encode()
            case "EXAMINE" | "SELECT":
                count = len(self.mails)
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n" % count
            case "SEARCH":
                uids = " ".join(str(number) for number in range(1, len(self.mails) + 1))
                return f"* SEARCH {uids}\r\n".encode()
            case "FETCH":
                return b"".join(self.fetched(uid, b"BODY" in rest) for uid in asked(rest))
            case "LOGOUT":
                return b"* BYE\r\n"
            case _:
                return b""

    def fetched(self, uid: int, body: bool) -> bytes:
        """Return what FETCH says of a mail."""
        raw = self.mails[uid - 1]
        if not body:
            when = b'INTERNALDATE "14-Oct-2026 10:00:00 +0900"'
            return b"* %d FETCH (UID %d %s RFC822.SIZE %d)\r\n" % (uid, uid, when, len(raw))
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, uid, len(raw), raw)


def asked(rest: bytes) -> list[int]:
    """Return the UIDs of a FETCH."""
    return [int(each) for each in rest.split(b" ", 1)[0].split(b",")]


@contextmanager
def odd_imap(server: OddImap) -> Iterator[OddImap]:
    """Run an odd server."""
    with socket.create_server((HOST, 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            server.is_closing = True
            server.news.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(SECONDS_MAX)
            assert not thread.is_alive()
