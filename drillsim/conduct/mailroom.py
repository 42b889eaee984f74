"""The mailroom of a drill: its mails as bytes, and what the drill makes of those that come in.

It is the `Post` of a course. What the drill and its simulated people write (`drill_letters`,
`answer_letters`) follows from the seed alone, so that the same rehearsal writes the same bytes;
their answers are recognised by their bytes, like any mail of a real person
(`drillsim.conduct.reader`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from drillsim.conduct.answer_letters import AnswerLetters
from drillsim.conduct.drill_address import DrillAddress
from drillsim.conduct.drill_letters import DrillLetters
from drillsim.conduct.letter_book import LetterBook
from drillsim.conduct.reader import Reader
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.crediting import Received
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.journal.mails import mail_hash
from drillsim.mail.compose import Letter, Mailbox, compose
from drillsim.mail.second_process import SecondProcess
from drillsim.world.drafts import Draft

_ANSWERED: Final = ev.Acknowledged | ev.Reported | ev.Repeated | ev.Declined
"""Events of answers, whose words are remembered."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail as bytes in its envelope, ready to be handed over."""

    name: str
    """The hash of its bytes."""
    raw: bytes
    envelope_from: str
    envelope_to: tuple[str, ...]


class Stored(Protocol):
    """The mails that the journal has (`drillsim.conduct.intake`)."""

    def stored(self, name: str) -> bytes:
        """Return a mail from outside by its hash."""


@dataclass(slots=True)
class Mailroom:
    """Has the mails of one drill written, and reads them.

    Attributes:
        posted: mails that were written and not yet taken by the director, by Message-ID.
        intake: mails from outside.
        reader: reads it.
        second: finds out ahead what answers are, and carries mails, where there is one.
    """

    exercise: Exercise
    seed: int
    digest: str
    board: Board
    intake: Stored
    desk: Mailbox | None = None
    """From where the mails of a live drill are sent; a rehearsal writes from its bodies."""
    plus_addresses: bool = False
    """Whether answers of a live drill may go to an address with the number of their notice."""
    posted: dict[MailId, Posted] = field(default_factory=dict)
    reader: Reader = field(init=False)
    second: SecondProcess | None = None
    _unread: dict[str, bytes] = field(default_factory=dict)
    """Answers that were written and not read, by their hash."""
    _address: DrillAddress = field(init=False)
    _book: LetterBook = field(default_factory=LetterBook)
    _drill_letters: DrillLetters = field(init=False)
    _answer_letters: AnswerLetters = field(init=False)

    def __post_init__(self) -> None:
        self._address = DrillAddress(self.seed, self.digest, self.desk, self.plus_addresses)
        self.reader = Reader(self.exercise, self.board, self._book.last)
        given = (self.exercise, self.board, self._address, self._book)
        self._drill_letters = DrillLetters(*given)
        self._answer_letters = AnswerLetters(*given)

    @property
    def foreign(self) -> Mapping[MailId, tuple[Letter, bytes]]:
        """Mails that nodes passed on themselves, from outside, and their bytes."""
        return self._book.foreign

    def token(self, notice: NoticeKey) -> str:
        """Return the 整理番号 of a notice."""
        return self._address.token(notice)

    # What goes out ------------------------------------------------------------------------------

    def outgoing(self, mail: ev.Submitted) -> str:
        """Write a mail of the drill, or one that a node passes on; return its hash."""
        if mail.mail in self._book.foreign:  # The node's own mail, which is there already.
            self._book.enter(mail, self._book.foreign[mail.mail][0])
            return mail.raw
        if self.desk is not None and came_from_outside(mail, self.exercise):
            if mail.raw:
                self._book.enter(mail, self._keep_foreign(mail, [mail.notice]))
            return mail.raw
        known = self.posted.get(mail.mail)
        if known is not None:  # One mail to many: the same bytes to the next recipient.
            self._book.enter(mail, self._book.first(self._drill_letters.first_of(mail)))
            return known.name
        letter = self._drill_letters.notice(mail)
        self._book.enter(mail, letter)
        to = letter.bcc or letter.to
        is_joint = len(to) > 1
        self.reader.index.add_mail(
            message_id=mail.mail,
            notices=self._drill_letters.joint(mail) if is_joint else [mail.notice],
            token=letter.token or None,
            recipients=[each.address for each in to],
            officer=0 if is_joint else mail.officer,
        )
        token = letter.token or self.token(mail.notice)
        return self._post(letter, self._address.return_path(token), (mail.recipient,))

    def stop(self, mail: ev.StopSubmitted) -> str:
        """Write a stop mail (訓練中止); return its hash."""
        letter = self._drill_letters.stop(mail)
        self._book.enter_stop(mail, letter)
        self.reader.index.add_mail(
            message_id=mail.mail,
            notices=[(ev.STOP, mail.node)],
            token=letter.token,
            recipients=[mail.recipient],
        )
        return self._post(letter, self._address.return_path(letter.token), (mail.recipient,))

    def try_stop(self) -> None:
        """Write a stop mail that is thrown away: the real one must not fail when it is needed.

        Raises:
            NotADrillMailError: it would call itself a drill.
            TemplateFaultError: its text cannot be filled in.
        """
        self._drill_letters.try_stop()

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """Write what a simulated officer, a mailbox or a mail server answers; return its hash."""
        letter = self._answer_letters.answer(mail, draft)
        name = self._post(letter, letter.envelope_from, letter.envelope_to)
        raw = self._unread[name] = self.posted[mail.mail].raw
        if self.second is not None:
            self.second.hand_in(name, raw)
        return name

    def _post(self, letter: Letter, return_path: str, to: tuple[str, ...]) -> str:
        raw = compose(letter)
        name = mail_hash(raw)
        self.posted[letter.message_id] = Posted(name, raw, return_path, to)
        return name

    # What came in -------------------------------------------------------------------------------

    def heard(self, event: AnyEvent) -> None:
        """Take note of an event that was applied: what begins, what is open, who writes once."""
        if isinstance(event, ev.InjectReleased):
            scope = self.exercise.scope(event.inject)
            for node in scope.sender:
                self.reader.index.add_notice((event.inject, node))
            if event.one_mail:
                source = (event.inject, self.exercise.inject(event.inject).from_)
                is_blind = event.one_mail == "bcc"
                self._drill_letters.join(source, scope.direct, is_blind=is_blind)
        elif isinstance(event, ev.PassedOn):
            if event.mail:  # Others answer it, or quote it.
                self._keep_foreign(event, [(event.notice[0], hop) for hop in event.to])
            elif event.one_mail:
                self._drill_letters.join(event.notice, event.to, is_blind=event.bcc)
        notice = getattr(event, "notice", None)
        if notice is not None and notice in self.board.notices:
            self.reader.hear(notice)

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the drill makes of an answer.

        Its hash names the bytes that arrive: what they are can be found out before.
        """
        raw = self._unread.pop(mail.raw)
        got = self.second.take(mail.raw) if self.second is not None else None
        if got is not None:
            return self.reader.make_out(got, mail.raw)
        return self.reader.read(raw, mail.raw)

    def passed_on(self, event: ev.PassedOn) -> tuple[ev.FactFate, ...]:
        """Return what becomes of the scenario's facts in what a simulated node writes."""
        if not self.exercise.scenario.facts or not event.to:
            return ()
        return self.reader.facts_in(event.notice[0], self._drill_letters.passed_on(event))

    def read_again(self, name: str, notice: NoticeKey) -> Received:
        """Return what a stored mail says as the answer to a notice."""
        return self.reader.read(self.intake.stored(name), name, notice=notice)

    def recall(self, event: AnyEvent) -> None:
        """Read an answer from outside again, so that a later copy of it is seen as one."""
        if isinstance(event, _ANSWERED):
            self.reader.read(self.intake.stored(event.raw), event.raw)

    def _keep_foreign(
        self, event: ev.PassedOn | ev.Submitted, notices: Sequence[NoticeKey]
    ) -> Letter:
        """Keep a mail that somebody wrote outside of the drill."""
        letter = self._book.enter_foreign(
            event.mail,
            self.intake.stored(event.raw),
            sender=self._drill_letters.sender(event.notice[1]),
            date=self.exercise.when(event.at),
        )
        recipients = [mailbox.address for mailbox in (*letter.to, *letter.cc)]
        self.reader.index.add_mail(
            message_id=event.mail, notices=notices, token=None, recipients=recipients
        )
        return letter


def came_from_outside(mail: ev.Submitted, exercise: Exercise) -> bool:
    """Whether a mail of a live drill is one that somebody outside of it wrote."""
    inject = exercise.inject(mail.notice[0])
    is_first = mail.purpose == "notice" and mail.sender == inject.from_
    return is_first and inject.source == "external"
