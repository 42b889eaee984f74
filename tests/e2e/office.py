"""A mail server of an office on this machine, with TLS and accounts, that does what a test says.

Its certificate comes from an authority that the test makes.
"""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from drillsim.mail.secret import Secret
from drillsim.mail.secured import Account

PASSWORD: Final = "correct-horse-battery-staple"
USER: Final = "kunren"
Security = Literal["starttls", "tls", "none"]


@cache
def authority() -> trustme.CA:
    """Return the one authority of this test run: a key takes a while to make."""
    return trustme.CA(organization_name="An authority of the tests")


@cache
def server_context(name: str = "127.0.0.1", *, of_another: bool = False) -> ssl.SSLContext:
    """Return the context of a server with a certificate for `name`."""
    ca = trustme.CA(organization_name="Somebody else") if of_another else authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


def ca_file(folder: Path) -> Path:
    """Write the certificate of the authority into `folder`; return its file."""
    path = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


@dataclass(frozen=True)
class Kept:
    """A mail that the server took."""

    envelope_from: str
    envelope_to: tuple[str, ...]
    raw: bytes
    user: str


def is_stop(mail: Kept) -> bool:
    """Whether a mail is the stop of a drill, as its subject says."""
    subject = message_from_bytes(mail.raw)["Subject"]
    return "訓練中止" in str(make_header(decode_header(subject)))


@dataclass
class Office:
    """What the server does, and what came to it.

    Attributes:
        port: where it listens.
        lacks: lines that it leaves out of its answer to EHLO.
        mails: what it took, in its order.
        said: each command, in its order; what is said in the clear has a star.
        rcpt: what it says to a recipient, or nothing to take it.
        before_data: what it says to DATA, or nothing to ask for the mail.
        data: what it says after a mail; None breaks off in its stead.
    """

    port: int = 0
    lacks: tuple[str, ...] = ()
    mails: list[Kept] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    mail: Callable[[str], str | None] = lambda _sender: None
    rcpt: Callable[[str], str | None] = lambda _to: None
    before_data: Callable[[], str | None] = lambda: None
    data: Callable[[Kept], str | None] = lambda _mail: "250 2.0.0 OK"
    came: asyncio.Event = field(default_factory=asyncio.Event)
    transports: set[Any] = field(default_factory=set)

    def account(
        self,
        folder: Path,
        security: Literal["starttls", "tls"] = "starttls",
        *,
        password: str = PASSWORD,
        host: str = "127.0.0.1",
    ) -> Account:
        return Account(
            host=host,
            port=self.port,
            security=security,
            user=USER,
            password=lambda: Secret(password),
            ca_file=ca_file(folder),
            hello="director.pref.example",
        )

    async def took(self, count: int) -> list[Kept]:
        """Return the mails when there are so many."""
        while len(self.mails) < count:
            self.came.clear()
            await self.came.wait()
        return self.mails

    def hang_up(self) -> None:
        """Break off every connection."""
        for transport in list(self.transports):
            transport.abort()


class _Server(SMTP):
    """aiosmtpd's server, which writes down what is said to it."""

    def __init__(self, office: Office, **options: Any) -> None:
        self._office = office
        super().__init__(_Handler(office), **options)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._office.transports.add(self.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._office.transports.discard(self.transport)
        super().connection_lost(error)

    async def _call(self, command: str, arg: str) -> None:
        is_clear = self.transport is None or self.transport.get_extra_info("sslcontext") is None
        self._office.said.append(f"{'*' if is_clear else ''}{command} {arg or ''}".strip())

    def _traced(self, name: str) -> Any:
        method = getattr(super(), f"smtp_{name}")

        async def run(arg: str) -> None:
            await self._call(name, arg)
            await method(arg)

        return run

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802
        await self._traced("EHLO")(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        await self._traced("AUTH")(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        await self._traced("MAIL")(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await self._traced("RCPT")(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        said = self._office.before_data()
        if said is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(said)  # The envelope stays, as it does at Postfix.

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        await self._traced("STARTTLS")(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        await self._traced("QUIT")(arg)


class _Handler:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [each for each in replies if each not in self._office.lacks]

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        said = self._office.mail(address)
        if said is None:
            envelope.mail_from = address
        return said or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        said = self._office.rcpt(address)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        user = (session.auth_data.login or b"").decode() if session.auth_data else ""
        mail = Kept(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content, user)
        said = self._office.data(mail)
        if said is None or said.startswith("250"):
            self._office.mails.append(mail)
            self._office.came.set()
        if said is None:
            server.transport.abort()
        return said or "250 2.0.0 Never heard"


def _authenticate(
    _server: Any, _session: Any, _envelope: Any, mechanism: str, data: LoginPassword
) -> AuthResult:
    good = data.login == USER.encode() and data.password == PASSWORD.encode()
    # A server that repeats the password in what it says: it must be taken out.
    message = None if good else f"535 5.7.8 no, {data.password.decode()}"
    return AuthResult(success=good, handled=False, message=message, auth_data=data)


@asynccontextmanager
async def office(
    security: Security = "starttls",
    *,
    context: ssl.SSLContext | None = None,
    port: int = 0,
    authenticates: bool = True,
    given: Office | None = None,
) -> AsyncIterator[Office]:
    """Run a server on 127.0.0.1 while the test does."""
    loop = asyncio.get_running_loop()
    place = given or Office()
    tls = context or server_context()

    def connection() -> _Server:
        with warnings.catch_warnings(action="ignore"):  # AUTH before STARTTLS: this is a test.
            return _Server(
                place,
                hostname="mail.office.test",
                tls_context=tls if security == "starttls" else None,
                require_starttls=security == "starttls",
                authenticator=_authenticate if authenticates else None,
                auth_required=authenticates,
                auth_exclude_mechanism=None if authenticates else ["LOGIN", "PLAIN"],
                auth_require_tls=security == "starttls",
                loop=loop,
            )

    server = await loop.create_server(
        connection, "127.0.0.1", port, ssl=tls if security == "tls" else None
    )
    place.port = server.sockets[0].getsockname()[1]
    try:
        yield place
    finally:
        server.close()
        place.hang_up()
        for _turn in range(3):  # A connection ends on a later turn of the loop.
            await asyncio.sleep(0)
        await server.wait_closed()
