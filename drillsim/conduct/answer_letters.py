"""The answers of a rehearsal: what simulated officers, mailboxes and mail servers write.

Whether somebody answers, when and in which manner is decided by then (`drillsim.world.drafts`).
"""

from dataclasses import dataclass, field, replace
from typing import Final

from drillsim.conduct.drill_address import DRILL_MAILBOX, DrillAddress, known_recipients
from drillsim.conduct.letter_book import LetterBook
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.mail.compose import Enclosed, Letter, Mailbox
from drillsim.mail.correspondence import (
    STOP_CONFIRMED,
    absence_notice,
    acknowledgement_words,
    delivery_report,
    reply,
    report_words,
)
from drillsim.mail.form_sheets import enclosed_sheet, write_form_sheet
from drillsim.mail.forms import fill_form
from drillsim.mail.quote_styles import QUOTE_STYLES
from drillsim.mail.sink import KnownRecipients
from drillsim.mail.tokens import plus_address
from drillsim.world.drafts import Draft

_UNTHREADED_ONE_IN: Final = 8
"""Of mails in the style of a telephone, so many lose their threading headers."""
_LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1528)
"""A workbook under a password begins so: a compound file that holds it encrypted (MS-CFB)."""


@dataclass(slots=True)
class AnswerLetters:
    """Writes the answers of one rehearsal.

    Attributes:
        address: where they go.
        book: what they answer.
    """

    exercise: Exercise
    board: Board
    address: DrillAddress
    book: LetterBook
    _known: KnownRecipients = field(init=False)

    def __post_init__(self) -> None:
        self._known = known_recipients(self.exercise)

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> Letter:
        """Write what a simulated officer, a mailbox or a mail server answers."""
        letter = self._to_known(self._answer(mail, draft), mail.notice)
        if not mail.copies:
            return letter
        to = letter.envelope_to
        copies = [Mailbox(self.exercise.address(node, 1)) for node in mail.copies]
        kept = tuple(each for each in copies if each.address and each.address not in to)
        return replace(letter, cc=(*letter.cc, *kept))

    def _to_known(self, letter: Letter, notice: NoticeKey) -> Letter:
        """Return an answer without recipients that the sink does not know.

        They can stand in a mail that a node passed on itself; nothing leaves a rehearsal.
        """
        to = tuple(each for each in letter.to if self._known(each.address))
        cc = tuple(each for each in letter.cc if self._known(each.address))
        if len(to) == len(letter.to) and len(cc) == len(letter.cc):
            return letter
        return replace(letter, to=to or (self._back(notice),), cc=cc)

    def _back(self, notice: NoticeKey) -> Mailbox:
        return Mailbox(plus_address(DRILL_MAILBOX, self.address.token(notice)))

    def _answer(self, mail: ev.AnswerSent, draft: Draft) -> Letter:
        original = self._original(mail, draft)
        date = self.exercise.when(mail.at)
        node = self.exercise.node(mail.notice[1])
        if mail.answer == "bounce":
            report = delivery_report(
                original,
                self.book.bytes_of(original),
                recipient=self.exercise.address(mail.notice[1], mail.officer),
                message_id=mail.mail,
                date=date,
                plain=draft.style % 4 == 0,
            )
            return replace(report, to=(self._back(mail.notice),))
        if mail.answer == "auto-reply":
            owner = Mailbox(mail.sender, node.officers[mail.officer - 1].name)
            headers = draft.style % 4 != 1
            notice = absence_notice(
                original, owner=owner, message_id=mail.mail, date=date, headers=headers
            )
            return replace(notice, to=(self._back(mail.notice),))
        style = QUOTE_STYLES[draft.style % len(QUOTE_STYLES)]
        answer = reply(
            original,
            writer=Mailbox(mail.sender, f"{node.name} {draft.by}"),
            words=self._words(mail, draft),
            message_id=mail.mail,
            date=date,
            style=style,
            threaded=not _is_loose(style, draft, original),
            to_all=draft.reply_all,
        )
        filled_in = self._filled_in(mail, draft)
        return replace(answer, enclosed=filled_in) if filled_in else answer

    def _original(self, mail: ev.AnswerSent, draft: Draft) -> Letter:
        """Return the mail that is answered: the one that prompted it, or that of an old thread."""
        letters = self.book.of(draft.thread)
        if mail.answer == "report" and draft.thread == mail.notice:
            return next(reversed(letters.values()))
        attempt = mail.attempt if draft.thread == mail.notice else 0
        # Who was telephoned, or has another address, answers what came to a colleague.
        return letters.get((mail.officer, attempt)) or next(iter(letters.values()))

    def _words(self, mail: ev.AnswerSent, draft: Draft) -> str:
        exercise = self.exercise
        if mail.answer == "confirm-stop":
            return STOP_CONFIRMED[exercise.scenario.lang]
        node = exercise.node(mail.notice[1])
        officer = node.officers[mail.officer - 1]
        record = self.board.notices[mail.notice]
        if mail.answer == "report":
            report = exercise.inject(mail.notice[0]).report
            form = ""
            if report is not None and report.form is not None and not draft.file:
                form = fill_form(exercise.scenario.forms[report.form], dict(draft.answers))
            return report_words(
                form=form,
                body=node.name,
                by=draft.by,
                number=draft.number,
                collected=[exercise.node(hop).name for hop in draft.collected],
                missing=[exercise.node(hop).name for hop in draft.missing],
            )
        since = record.notified_at if record.notified_at is not None else mail.at
        return acknowledgement_words(
            body=node.name,
            by=draft.by,
            role="" if draft.unlisted else officer.role,
            at=exercise.when(since),
            original_by=exercise.node(record.sender).name,
            variant=draft.style >> 3,
        )

    def _filled_in(self, mail: ev.AnswerSent, draft: Draft) -> tuple[Enclosed, ...]:
        """Return the file in which a simulated officer reports."""
        lang = self.exercise.scenario.lang
        if draft.file == "unreadable":
            return (enclosed_sheet(_LOCKED, lang),)
        report = self.exercise.inject(mail.notice[0]).report if draft.file else None
        if report is None or report.form is None:
            return ()
        form = self.exercise.scenario.forms[report.form]
        ref = self.address.token(mail.notice)
        data = write_form_sheet(form, dict(draft.answers), ref=ref, lang=lang)
        return (enclosed_sheet(data, lang),)


def _is_loose(style: str, draft: Draft, original: Letter) -> bool:
    """Whether an answer loses its threading headers, as some from telephones do."""
    is_loose = style == "iphone" and (draft.style >> 4) % _UNTHREADED_ONE_IN == 0
    return is_loose and original.reply_to is not None and original.token != ""
