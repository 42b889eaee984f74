"""The letters of a drill by their notices, for what threads with them, quotes or answers them.

Bodies may pass a message on themselves: such a mail came in from outside, and is kept here as the
letter that it is and with its bytes.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.events import MailId, NoticeKey
from drillsim.mail.compose import Letter, Mailbox, compose
from drillsim.mail.correspondence import read_letter
from drillsim.mail.headers import header_address, is_message_id
from drillsim.mail.replies import recognise

Try: TypeAlias = tuple[int, int]
"""To which officer a letter went (from 1), and which attempt it was."""


@dataclass(slots=True)
class LetterBook:
    """The letters of one drill."""

    foreign: dict[MailId, tuple[Letter, bytes]] = field(default_factory=dict)
    """Mails that nodes passed on themselves, from outside, and their bytes."""
    _letters: dict[NoticeKey, dict[Try, Letter]] = field(default_factory=dict)

    def enter(self, mail: ev.Submitted, letter: Letter) -> None:
        """Take in the letter of a mail."""
        self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter

    def enter_stop(self, mail: ev.StopSubmitted, letter: Letter) -> None:
        """Take in the letter of a stop mail."""
        self._letters.setdefault((ev.STOP, mail.node), {})[(mail.officer, 0)] = letter

    def enter_foreign(self, mail: MailId, raw: bytes, *, sender: Mailbox, date: datetime) -> Letter:
        """Take in a mail from outside; `sender` and `date` are for one that cannot be read."""
        letter = _letter_of(raw, mail, sender, date)
        self.foreign[mail] = (letter, raw)
        return letter

    def of(self, notice: NoticeKey) -> dict[Try, Letter]:
        """Return what was written about a notice, in that order.

        Raises:
            KeyError: nothing was.
        """
        return self._letters[notice]

    def first(self, notice: NoticeKey) -> Letter:
        """Return what was written first about a notice.

        Raises:
            KeyError: nothing was.
        """
        return next(iter(self._letters[notice].values()))

    def last(self, notice: NoticeKey) -> Letter | None:
        """Return what was written last about a notice."""
        letters = self._letters.get(notice)
        return next(reversed(letters.values())) if letters else None

    def bytes_of(self, letter: Letter) -> bytes:
        """Return a letter as it went over the wire."""
        foreign = self.foreign.get(letter.message_id)
        return foreign[1] if foreign is not None else compose(letter)


def _letter_of(raw: bytes, mail: MailId, sender: Mailbox, date: datetime) -> Letter:
    """Return somebody's own mail as a letter; what is missing or damaged in it is filled in."""
    try:
        letter = replace(read_letter(raw), message_id=mail)
        header_address(letter.sender.address)
    except (ValueError, TypeError):  # HeaderError is a ValueError.
        text = recognise(raw)
        return Letter(
            kind="passed-on",
            sender=sender,
            to=(),
            subject=text.subject,
            body=text.text,
            message_id=mail,
            date=date,
        )
    references = tuple(each for each in letter.references if is_message_id(each))
    return replace(letter, kind="passed-on", references=references)
