"""The last gate before the wire: whoever is not on the allow-list gets nothing, whatever asks."""

from collections.abc import Callable, Sequence

from drillsim.i18n import _
from drillsim.mail.sessions import Session, SubmitResult
from drillsim.mail.sink import Peer, Reply
from drillsim.text import clean_line

_NOT_ALLOWED = 550
"""As a server would say it (RFC 5321, 4.2.3); nothing is said to a server."""


class AllowedSession:
    """A session that refuses recipients by itself (`drillsim.mail.sessions.Session`)."""

    def __init__(self, session: Session, allows: Callable[[str], bool]) -> None:
        """Stand before `session`; `allows` says who may be written to."""
        self._session, self._allows = session, allows

    @property
    def is_open(self) -> bool:
        """Whether a transaction can begin."""
        return self._session.is_open

    @property
    def local(self) -> Peer:
        """Its own end of the connection."""
        return self._session.local

    async def open(self) -> None:
        """Connect."""
        await self._session.open()

    async def is_alive(self) -> bool:
        """Ask the server whether it still listens."""
        return await self._session.is_alive()

    async def send(self, sender: str, recipients: Sequence[str], raw: bytes) -> SubmitResult:
        """Carry out one transaction, if every recipient may be written to; else none at all."""
        outside = [each for each in recipients if not self._allows(each)]
        if outside:
            text = _("{address} is outside the allow-list; nothing was sent").format(
                address=clean_line(outside[0], limit=80)
            )
            replies = {each: Reply(_NOT_ALLOWED, text) for each in outside}
            return SubmitResult(_NOT_ALLOWED, text, accepted=False, refused=replies)
        return await self._session.send(sender, recipients, raw)

    async def close(self) -> None:
        """Say good-bye, and close."""
        await self._session.close()

    def abort(self) -> None:
        """Close at once."""
        self._session.abort()
