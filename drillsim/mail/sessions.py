"""One connection to a mail server, and what the server says to a mail.

`LibrarySession` goes through aiosmtplib; `drillsim.mail.pipelining` has a quicker one for the
drill's own sink. Both carry out one transaction at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from drillsim.i18n import _
from drillsim.mail.sink import Peer, Reply


class SubmitFailedError(Exception):
    """A mail could not be handed over, and nobody planned that.

    Attributes:
        reply: what the server said; None where there was no answer at all.
        may_be_taken: whether the server may have taken the mail all the same.
        is_lasting: whether it will be so until a person changes something (a password, a name).
    """

    def __init__(
        self,
        message: str,
        reply: Reply | None = None,
        *,
        may_be_taken: bool = True,
        is_lasting: bool = False,
    ) -> None:
        super().__init__(message)
        self.reply = reply
        self.may_be_taken = may_be_taken
        self.is_lasting = is_lasting


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """What the server said.

    Attributes:
        code: of the reply to the mail; where it took the mail for nobody, of the first refusal.
        text: of the same reply.
        accepted: whether it took the mail for at least one recipient.
        refused: what it said to those for whom it did not.
    """

    code: int
    text: str
    accepted: bool
    refused: Mapping[str, Reply] = field(default_factory=dict)


class Session(Protocol):
    """One connection to a server."""

    @property
    def is_open(self) -> bool:
        """Whether a transaction can begin."""

    @property
    def local(self) -> Peer:
        """Its own end of the connection: how the server knows it."""

    async def open(self) -> None:
        """Connect.

        Raises:
            SubmitFailedError: there is no server, or it does not want us.
        """

    async def is_alive(self) -> bool:
        """Ask the server whether it still listens."""

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction; a refusal is a result. "" is the null sender.

        Raises:
            SubmitFailedError: the connection broke.
        """

    async def close(self) -> None:
        """Say good-bye, and close."""

    def abort(self) -> None:
        """Close at once."""


class LibrarySession:
    """A session through aiosmtplib."""

    def __init__(self, host: str, port: int, timeout: float, local_hostname: str) -> None:
        """Prepare; `timeout` is in seconds, for each reply."""
        import aiosmtplib

        self._library = aiosmtplib
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
        try:
            await self._client.connect()
        except (self._library.SMTPException, OSError) as error:
            raise SubmitFailedError(
                _("the mail server cannot be reached: {reason}").format(reason=error)
            ) from error

    async def is_alive(self) -> bool:
        """Ask the server whether it still listens."""
        try:
            reply = await self._client.noop()
        except (self._library.SMTPException, OSError):
            return False
        return reply.code == 250

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction."""
        options = () if raw.isascii() else ("BODY=8BITMIME",)
        try:
            refused, text = await self._client.sendmail(
                sender, list(recipients), raw, mail_options=options
            )
        except self._library.SMTPRecipientsRefused as error:
            replies = {each.recipient: Reply(each.code, each.message) for each in error.recipients}
            first = next(iter(replies.values()))
            return SubmitResult(first.code, first.text, accepted=False, refused=replies)
        except self._library.SMTPResponseException as error:
            return SubmitResult(error.code, error.message, accepted=False)
        except (self._library.SMTPException, OSError) as error:
            raise SubmitFailedError(
                _("the mail server broke off: {reason}").format(reason=error)
            ) from error
        replies = {address: Reply(code, said) for address, (code, said) in refused.items()}
        return SubmitResult(250, text, accepted=True, refused=replies)

    async def close(self) -> None:
        """Say good-bye if the server still listens, and close."""
        if not self._client.is_connected:
            return
        try:
            await self._client.quit()
        except (self._library.SMTPException, OSError):
            self._client.close()  # It is gone already, which is what was wanted.

    def abort(self) -> None:
        """Close at once."""
        self._client.close()
