"""What the sink received: mails that the drill wrote itself, and those that came from outside.

A mail is on disk before its 250. Of what simulated people answered it is seen to that it came as it
was sent; what a seat, a mail program or anybody else handed over waits here until the director
credits it at the drill time that it is then.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from drillsim.drill.events import MailId
from drillsim.i18n import _
from drillsim.journal.mails import mail_hash
from drillsim.journal.writer import AsyncJournal
from drillsim.mail.sink import Delivery
from drillsim.problem import StoppedError

if TYPE_CHECKING:
    from drillsim.journal.reader import JournalReader


@dataclass(frozen=True, slots=True)
class FromOutside:
    """A mail that nobody in the drill wrote, in its envelope."""

    name: str
    """Its hash, by which the journal keeps it."""
    raw: bytes
    sender: str
    to: tuple[str, ...]
    came_at: datetime | None = None
    """When it lay in the mailbox, as the server has it; None: just now."""


@dataclass(slots=True)
class Intake:
    """Keeps what arrives at the sink of one drill."""

    journal: AsyncJournal
    outside: deque[FromOutside] = field(default_factory=deque)
    """Mails from outside that were not credited yet, oldest first."""
    _own: set[str] = field(default_factory=set)
    _answers: dict[str, MailId] = field(default_factory=dict)
    """Answers of simulated people that have not arrived, by hash."""
    _read: dict[str, bytes] = field(default_factory=dict)
    _reader: "JournalReader | None" = None

    def expect(self, name: str) -> None:
        """Take note of a mail that the drill is about to hand over, by its hash; it is on disk."""
        self._own.add(name)

    def expect_answer(self, name: str, mail: MailId) -> None:
        """Take note of an answer that is handed over now: it is to arrive as it is sent."""
        self._answers[name] = mail

    async def keep(self, delivery: Delivery) -> None:
        """Have a mail on disk; the sink says 250 when this returns."""
        name = mail_hash(delivery.raw)
        self._answers.pop(name, None)
        if name in self._own:
            return
        await self.journal.store_mail(
            delivery.raw,
            direction="in",
            sender=delivery.envelope_from,
            recipients=delivery.envelope_to,
        )
        self.outside.append(
            FromOutside(name, delivery.raw, delivery.envelope_from, delivery.envelope_to)
        )

    def came(self, name: str) -> None:
        """Take note that a mail of the drill's own has come as it was sent."""
        self._answers.pop(name, None)

    def require_answers(self) -> None:
        """See to it, when all that was handed over is in, that the answers are.

        Raises:
            StoppedError: one has not arrived as it was sent.
        """
        for mail in self._answers.values():
            raise StoppedError(
                _("the drill was stopped: {mail} did not arrive as it was sent").format(mail=mail)
            )

    def hold(self, mail: FromOutside) -> None:
        """Have a mail at hand that is written to the journal with what follows from it."""
        self._read = {mail.name: mail.raw}

    def take(self) -> Iterator[FromOutside]:
        """Yield the mails from outside that wait, and let them go."""
        while self.outside:
            mail = self.outside.popleft()
            self.hold(mail)
            yield mail

    def stored(self, name: str) -> bytes:
        """Return a mail that the journal has."""
        raw = self._read.get(name)
        if raw is None:
            if self._reader is None:
                from drillsim.journal.reader import JournalReader

                # Kept, since it knows then where the mails lie; the file it opens for each call.
                self._reader = JournalReader(self.journal.journal.path)
            raw = self._reader.mail(name)
        return raw
