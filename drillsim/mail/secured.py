"""A session with the office's own mail server: encrypted and authenticated, or not at all.

Nothing that matters is said in the clear. With STARTTLS the server is greeted, asked for encryption
and, if it offers none, left at once: no AUTH and no MAIL goes over such a connection. Its
certificate is checked against its name. The password is asked for when the server wants it.

What is wrong with the server or the account (an outdated certificate, a password that is not taken,
a sender that it does not let us be) is not held against the recipient of a mail.
"""

import re
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from drillsim.i18n import _, system_reason
from drillsim.mail.headers import HeaderError, header_address
from drillsim.mail.secret import Secret
from drillsim.mail.sessions import SubmitFailedError, SubmitResult
from drillsim.mail.sink import Peer, Reply
from drillsim.problem import CommandError, UsageError
from drillsim.text import clean_line

TIMEOUT_SECONDS: Final = 60.0
_NO_ADDRESS: Final = 553
"""As a server would say it (RFC 5321, 4.2.3); nothing is said to a server."""
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")

# A refusal of whoever sends, whatever step it comes at: Postfix says it at RCPT, Exchange after
# DATA. RFC 4954 (530, 535, 538), the IANA registry (5.1.7, 5.1.8), Exchange (5.7.57, 5.7.60).
_ABOUT_US: Final = re.compile(
    r"\b5\.(?:1\.[78]|7\.(?:57|60|139|708))\b|sender address rejected|relay(?:ing)? "
    r"(?:access )?(?:denied|not permitted|not allowed)|unable to relay",
    re.I,
)
_ABOUT_US_CODES: Final = (421, 530, 534, 535, 538)


@dataclass(frozen=True, slots=True)
class Account:
    """How a mail server is reached.

    Attributes:
        host: its name, as its certificate has it.
        port: where it listens.
        security: STARTTLS, or TLS from the first byte.
        user: whom it knows; empty where it asks nobody.
        password: gives the password at the moment when it is needed.
        ca_file: certificates that are trusted beside those of the system.
        hello: what this machine calls itself; empty: as the system has it.
    """

    host: str
    port: int
    security: Literal["starttls", "tls"]
    user: str = ""
    password: Callable[[], Secret] | None = None
    ca_file: Path | None = None
    hello: str = ""


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return how servers are checked: certificate and name, by the system's and own authorities.

    Raises:
        UsageError: `ca_file` cannot be read.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # An SSLError is one.
            reason = clean_line(system_reason(error), limit=200)
            raise UsageError(
                _("ca-file {path} holds no certificates ({reason}); name a file in PEM").format(
                    path=clean_line(str(ca_file)), reason=reason
                )
            ) from None
    return context


class SecuredSession:
    """One connection to a mail server of the office (`drillsim.mail.sessions.Session`)."""

    def __init__(
        self, account: Account, context: ssl.SSLContext, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """Prepare; `timeout` is in seconds, for each reply."""
        import aiosmtplib

        self._library = aiosmtplib
        self._account = account
        is_tls = account.security == "tls"
        self._client = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            timeout=timeout,
            local_hostname=account.hello or own_name(),
            use_tls=is_tls,
            start_tls=False,  # Asked for below, once it is certain that it is offered.
            tls_context=context,
        )
        self._is_ready = False
        self._way = ""

    @property
    def is_open(self) -> bool:
        """Whether a transaction can begin."""
        return self._is_ready and self._client.is_connected

    @property
    def local(self) -> Peer:
        """Its own end of the connection."""
        address, port, *_rest = self._client.get_transport_info("sockname")
        return (address, port)

    @property
    def tls_version(self) -> str:
        """What was agreed on, such as TLSv1.3; the session is open."""
        return str(self._client.get_transport_info("ssl_object").version())

    @property
    def auth_way(self) -> str:
        """How it has logged in; empty where it has not."""
        return self._way

    async def open(self) -> None:
        """Connect, encrypt, and say who we are.

        Raises:
            SubmitFailedError: the server is away, does not encrypt, is not the one that it should
                be, or does not accept the account.
        """
        try:
            await self._connect()
            await self._log_in()
        except BaseException:
            self.abort()
            raise
        self._is_ready = True

    async def _connect(self) -> None:
        where = f"{self._account.host}:{self._account.port}"
        try:
            await self._client.connect()
            await self._client.ehlo()
            if self._account.security == "starttls":
                if not self._client.supports_extension("starttls"):
                    raise _failed(
                        _("{server} offers no encryption (STARTTLS); nothing was sent").format(
                            server=where
                        ),
                        is_lasting=True,
                    )
                await self._client.starttls()
                await self._client.ehlo()
        except (self._library.SMTPException, OSError) as error:
            raise _failed(*_unreached(error, where)) from None
        if self._client.get_transport_info("sslcontext") is None:  # What must not be, is not.
            raise _failed(
                _("{server} offers no encryption (STARTTLS); nothing was sent").format(
                    server=where
                ),
                is_lasting=True,
            )

    async def _log_in(self) -> None:
        """Say who we are, by one way and once: each failure may count towards a lock-out."""
        account, client = self._account, self._client
        if account.password is None:
            return
        ways = {
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram-md5": client.auth_crammd5,
        }
        offered = [way for way in ways if way in client.server_auth_methods]
        if not offered:
            raise _failed(
                _("{server} offers no authentication that is known here").format(
                    server=account.host
                ),
                is_lasting=True,
            )
        try:
            secret = account.password()
        except CommandError as error:
            raise _failed(str(error), is_lasting=True) from None
        try:
            # What goes wrong here may hold what was said: no cause, and the words are looked over.
            await ways[offered[0]](account.user, secret.reveal())
            self._way = offered[0]
            return
        except self._library.SMTPResponseException as error:
            code, text = error.code, secret.scrubbed(error.message)
        except (self._library.SMTPException, OSError) as error:
            code, text = 0, secret.scrubbed(str(error))
        except ValueError:
            code, text = 0, _("user or password hold a character that cannot be said")
        said = clean_line(text, limit=200)
        if code == 0:
            raise _failed(
                _("{server} broke off: {reason}").format(server=account.host, reason=said)
            )
        raise _failed(
            _("{server} does not accept the user {user} and the password ({code} {said})").format(
                server=account.host, user=clean_line(account.user, limit=60), code=code, said=said
            ),
            Reply(code, said),
            is_lasting=code >= 500,
        )

    async def is_alive(self) -> bool:
        """Ask the server whether it still listens."""
        try:
            reply = await self._client.noop()
        except (self._library.SMTPException, OSError):
            return False
        return reply.code == 250

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction.

        Raises:
            SubmitFailedError: the connection broke, or the server does not want us as sender; it
                says whether the mail may have been taken.
        """
        client = self._client
        try:
            # As RFC 5321 writes them: taro..yamada@… has to stand in quotation marks.
            written = {header_address(each): each for each in recipients}
        except HeaderError as error:
            return SubmitResult(_NO_ADDRESS, str(error), accepted=False)
        may_be_taken = False
        try:
            is_8bit = not raw.isascii() and client.supports_extension("8bitmime")
            options = ("BODY=8BITMIME",) if is_8bit else ()
            await client.mail(sender, options=options)
            refused: dict[str, Reply] = {}
            for form, address in written.items():
                try:
                    await client.rcpt(form)
                except self._library.SMTPRecipientRefused as error:
                    _require_not_about_us(Reply(error.code, error.message))
                    refused[address] = Reply(error.code, error.message)
            if len(refused) == len(written):
                await client.rset()
                first = next(iter(refused.values()))
                return SubmitResult(first.code, first.text, accepted=False, refused=refused)
            may_be_taken = True
            reply = await client.data(raw)
        except self._library.SMTPSenderRefused as error:
            raise _about_us(Reply(error.code, error.message)) from None
        except self._library.SMTPResponseException as error:
            answer = Reply(error.code, error.message)
            _require_not_about_us(answer)
            await self._reset()
            return SubmitResult(answer.code, answer.text, accepted=False)
        except (self._library.SMTPException, OSError) as error:
            raise SubmitFailedError(
                _("{server} broke off: {reason}").format(
                    server=self._account.host, reason=clean_line(str(error), limit=200)
                ),
                may_be_taken=may_be_taken,
            ) from None
        return SubmitResult(250, reply.message, accepted=True, refused=refused)

    async def _reset(self) -> None:
        """Have the server forget the mail that it said no to.

        Who says no to DATA still waits for that mail (RFC 5321, 4.1.1.4, clears it after the mail
        alone), and would say no to the next one, whatever it is.
        """
        try:
            await self._client.rset()
        except (self._library.SMTPException, OSError):
            self.abort()

    async def close(self) -> None:
        """Say good-bye if the server still listens, and close."""
        self._is_ready = False
        if not self._client.is_connected:
            return
        try:
            await self._client.quit()
        except (self._library.SMTPException, OSError):
            self._client.close()  # It is gone already, which is what was wanted.

    def abort(self) -> None:
        """Close at once."""
        self._is_ready = False
        self._client.close()


def own_name() -> str:
    """Return what this machine calls itself, without asking a name server."""
    name = socket.gethostname()
    return name if _NAME.fullmatch(name) else "localhost"


def _failed(
    message: str, reply: Reply | None = None, *, is_lasting: bool = False
) -> SubmitFailedError:
    return SubmitFailedError(message, reply, may_be_taken=False, is_lasting=is_lasting)


def _unreached(error: Exception, where: str) -> tuple[str, Reply | None]:
    """Return what kept a connection from coming about, in users' words."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _("the certificate of {server} cannot be trusted: {reason}").format(
                server=where, reason=clean_line(cause.verify_message, limit=200)
            ), None
        if isinstance(cause, ssl.SSLError):
            return _("{server} cannot be spoken to in TLS: {reason}").format(
                server=where, reason=clean_line(cause.reason or str(cause), limit=200)
            ), None
        cause = cause.__cause__
    reply = None
    if isinstance(code := getattr(error, "code", None), int):
        reply = Reply(code, str(getattr(error, "message", "")))
    return _("the mail server {server} cannot be reached: {reason}").format(
        server=where, reason=clean_line(str(error), limit=200) or type(error).__name__
    ), reply


def _require_not_about_us(reply: Reply) -> None:
    if reply.code in _ABOUT_US_CODES or (reply.code >= 500 and _ABOUT_US.search(reply.text)):
        raise _about_us(reply)


def _about_us(reply: Reply) -> SubmitFailedError:
    return _failed(
        _("the mail server does not take mails from this sender: {reply}").format(
            reply=clean_line(str(reply), limit=200)
        ),
        reply,
        is_lasting=reply.code >= 500,
    )
