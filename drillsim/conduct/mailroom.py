"""The mailroom of a rehearsal: mails as bytes, and what the drill makes of those that come in.

It is the `Post` of a course. What the drill and its simulated people write is composed here, from
the seed alone, so that the same rehearsal writes the same bytes; what arrived at the sink is
recognised like any mail of a real person (`drillsim.conduct.reader`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from drillsim.conduct.reader import Reader
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.crediting import Received
from drillsim.drill.entry_form import entry_values, is_entry_form
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.journal.mails import mail_hash
from drillsim.mail.bodies import XLSX
from drillsim.mail.compose import Enclosed, Letter, Mailbox, compose, final_subject
from drillsim.mail.correspondence import (
    STOP_CONFIRMED,
    absence_notice,
    acknowledgement_words,
    delivery_report,
    read_letter,
    reply,
    report_words,
    thread,
)
from drillsim.mail.drill_marks import stop_reason, without_marks
from drillsim.mail.form_sheets import write_form_sheet
from drillsim.mail.forms import fill_form, mailto_link, render_form
from drillsim.mail.headers import header_address, is_message_id
from drillsim.mail.quote_styles import QUOTE_STYLES
from drillsim.mail.replies import recognise
from drillsim.mail.sink import KnownRecipients
from drillsim.mail.standard_texts import NO_REFERENCE
from drillsim.mail.tokens import plus_address
from drillsim.mail.wording import Wording
from drillsim.world.drafts import Draft
from drillsim.world.habits import Town
from drillsim.world.references import reference
from drillsim.world.retelling import retold
from drillsim.world.staff import Staff

DRILL_MAILBOX: Final = "kunren@drillsim.test"
"""The drill's own address; `.test` names no real host (RFC 6761)."""

_UNTHREADED_ONE_IN: Final = 8
"""Of mails in the style of a telephone, so many lose their threading headers."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail as bytes in its envelope, ready to be handed over."""

    raw: bytes
    envelope_from: str
    envelope_to: tuple[str, ...]


class Arrivals(Protocol):
    """What arrived at the sink (`drillsim.conduct.intake`)."""

    def arrived(self, name: str, mail: MailId) -> bytes:
        """Return an answer, by its hash and its Message-ID, as the sink received it."""

    def stored(self, name: str) -> bytes:
        """Return a mail from outside by its hash."""


_SHEET_NAMES: Final = {"ja": "回答様式.xlsx", "en": "form.xlsx"}
_LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1528)
"""A workbook under a password begins so: a compound file that holds it encrypted (MS-CFB)."""

_ANSWERED: Final = ev.Acknowledged | ev.Reported | ev.Repeated | ev.Declined
"""Events of answers, whose words are remembered."""


def known_recipients(exercise: Exercise) -> KnownRecipients:
    """Return for whom the sink of a drill takes mail: those of the tree, and the drill itself."""
    addresses = {
        address
        for node in exercise.tree.nodes
        for address in (
            node.mailbox,
            *(a for o in node.officers for a in (*o.email, *o.off_hours.email)),
        )
        if address
    }
    return KnownRecipients(addresses, (DRILL_MAILBOX,))


@dataclass(slots=True)
class Mailroom:
    """Writes and reads the mails of one rehearsal.

    Attributes:
        posted: mails that were written and not yet taken by the director, by Message-ID.
        intake: what the sink received.
        reader: reads it.
    """

    exercise: Exercise
    seed: int
    digest: str
    board: Board
    intake: Arrivals
    desk: Mailbox | None = None
    """From where the mails of a live drill are sent; a rehearsal writes from its bodies."""
    plus_addresses: bool = False
    """Whether answers of a live drill may go to an address with the number of their notice."""
    posted: dict[MailId, Posted] = field(default_factory=dict)
    reader: Reader = field(init=False)
    _letters: dict[NoticeKey, dict[tuple[int, int], Letter]] = field(default_factory=dict)
    _joint: dict[NoticeKey, tuple[NodeId, ...]] = field(default_factory=dict)
    _blind: set[NoticeKey] = field(default_factory=set)
    """Whose one mail to many names nobody of them."""
    foreign: dict[MailId, tuple[Letter, bytes]] = field(default_factory=dict)
    """Mails that nodes passed on themselves, from outside, and their bytes."""
    _known: KnownRecipients = field(init=False)
    _wording: Wording = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Reader(self.exercise, self.board, self._last_letter)
        self._known = known_recipients(self.exercise)
        staff = Staff(self.exercise, Town(self.exercise), self.seed)
        # Real people pass on what they want; what the drill writes for them is right.
        retell = partial(retold, staff, self.board) if self.desk is None else None
        self._wording = Wording(self.exercise, self.board, retell=retell)

    # What goes out ------------------------------------------------------------------------------

    def outgoing(self, mail: ev.Submitted) -> str:
        """Write a mail of the drill, or one that a node passes on; return its hash."""
        if mail.mail in self.foreign:  # The node's own mail, which is there already.
            letter = self.foreign[mail.mail][0]
            self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter
            return mail.raw
        if self.desk is not None and came_from_outside(mail, self.exercise):
            if mail.raw:
                self._keep_foreign(mail, [mail.notice])
                letter = self.foreign[mail.mail][0]
                self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter
            return mail.raw
        known = self.posted.get(mail.mail)
        if known is not None:  # One mail to many: the same bytes to the next recipient.
            letter = next(iter(self._letters[self._first_of(mail)].values()))
            self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter
            return mail_hash(known.raw)
        token = self.token(mail.notice)
        to = self._recipients(mail)
        ref = token if len(to) == 1 else ""
        if self.desk is not None and len(to) > 1:
            words = self._wording.to_everybody(mail, NO_REFERENCE[self.exercise.scenario.lang])
        else:  # A simulated officer writes to the first of them, and the others read it too.
            words = self._wording.inject(mail, ref or token)
        sender = self._sender(mail.sender)
        is_blind = len(to) > 1 and self._above(mail) in self._blind
        in_reply_to, references = self._thread_of(mail)
        letter = Letter(
            kind="drill" if mail.sender == self._origin(mail) else "passed-on",
            sender=sender,
            to=(sender,) if is_blind else to,
            bcc=to if is_blind else (),
            subject=words.subject,
            body=words.body,
            message_id=mail.mail,
            date=self.exercise.when(mail.at),
            reply_to=self._reply_to(ref),
            token=ref,
            enclosed=self._form_sheet(mail, ref, to),
            in_reply_to=in_reply_to,
            references=references,
        )
        letter = self._styled(letter, mail.notice[0])
        self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter
        self._post(letter, self._return_path(token), (mail.recipient,))
        notices = [mail.notice]
        if len(to) > 1:
            notices = [(mail.notice[0], hop) for hop in self._joint[self._above(mail)]]
        self.reader.index.add_mail(
            message_id=mail.mail,
            notices=notices,
            token=ref or None,
            recipients=[each.address for each in to],
            officer=mail.officer if len(to) == 1 else 0,
        )
        return mail_hash(self.posted[mail.mail].raw)

    def stop(self, mail: ev.StopSubmitted) -> str:
        """Write a stop mail (訓練中止); return its hash."""
        notice, letter = (ev.STOP, mail.node), self._stop_letter(mail)
        token = letter.token
        self._letters.setdefault(notice, {})[(mail.officer, 0)] = letter
        self._post(letter, self._return_path(token), (mail.recipient,))
        self.reader.index.add_mail(
            message_id=mail.mail, notices=[notice], token=token, recipients=[mail.recipient]
        )
        return mail_hash(self.posted[mail.mail].raw)

    def try_stop(self) -> None:
        """Write a stop mail that is thrown away: the real one must not fail when it is needed.

        Raises:
            NotADrillMailError: it would call itself a drill.
            TemplateFaultError: its text cannot be filled in.
        """
        root = self.exercise.tree.root.id
        trial = ev.StopSubmitted(
            at=timedelta(0),
            node=root,
            officer=1,
            mail="trial@drillsim.test",
            recipient=DRILL_MAILBOX,
        )
        compose(self._stop_letter(trial))

    def _stop_letter(self, mail: ev.StopSubmitted) -> Letter:
        token = self.token((ev.STOP, mail.node))
        typed = "" if self.board.end is None else self.board.end.because.partition(": ")[2]
        words = self._wording.stop(mail, token, stop_reason(typed))
        letter = Letter(
            kind="stop",
            sender=self._sender(self.exercise.tree.root.id),
            to=(self._officer(mail.node, mail.officer, mail.recipient),),
            subject=words.subject,
            body=words.body,
            message_id=mail.mail,
            date=self.exercise.when(mail.at),
            reply_to=self._reply_to(token),
            token=token,
        )
        return self._styled(letter, None)

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """Write what a simulated officer, a mailbox or a mail server answers; return its hash."""
        letter = self._to_known(self._answer_letter(mail, draft), mail.notice)
        to = list(letter.envelope_to)
        if mail.copies:
            copies = [Mailbox(self.exercise.address(node, 1)) for node in mail.copies]
            kept = tuple(each for each in copies if each.address and each.address not in to)
            letter = replace(letter, cc=(*letter.cc, *kept))
        self._post(letter, letter.envelope_from, letter.envelope_to)
        return mail_hash(self.posted[mail.mail].raw)

    def _to_known(self, letter: Letter, notice: NoticeKey) -> Letter:
        """Return an answer without recipients that the sink does not know.

        They can stand in a mail that a node passed on itself; nothing leaves a rehearsal.
        """
        to = tuple(each for each in letter.to if self._known(each.address))
        cc = tuple(each for each in letter.cc if self._known(each.address))
        if len(to) == len(letter.to) and len(cc) == len(letter.cc):
            return letter
        drill = Mailbox(plus_address(DRILL_MAILBOX, self.token(notice)))
        return replace(letter, to=to or (drill,), cc=cc)

    def _reply_to(self, ref: str) -> Mailbox | None:
        """Return where answers go; in a live drill, to the sender unless it has plus-addresses."""
        if self.desk is not None:
            with_number = self.plus_addresses and ref
            return Mailbox(plus_address(self.desk.address, ref)) if with_number else None
        return Mailbox(plus_address(DRILL_MAILBOX, ref) if ref else DRILL_MAILBOX)

    def _return_path(self, token: str) -> str:
        if self.desk is None:
            return plus_address(DRILL_MAILBOX, token)
        return plus_address(self.desk.address, token) if self.plus_addresses else self.desk.address

    def token(self, notice: NoticeKey) -> str:
        """Return the 整理番号 of a notice."""
        return reference(self.seed, self.digest, notice)

    def _post(self, letter: Letter, return_path: str, to: tuple[str, ...]) -> None:
        self.posted[letter.message_id] = Posted(compose(letter), return_path, to)

    def _origin(self, mail: ev.Submitted) -> NodeId:
        return self.exercise.inject(mail.notice[0]).from_

    def _above(self, mail: ev.Submitted) -> NoticeKey:
        return (mail.notice[0], mail.sender)

    def _first_of(self, mail: ev.Submitted) -> NoticeKey:
        return (mail.notice[0], self._joint[self._above(mail)][0])

    def _recipients(self, mail: ev.Submitted) -> tuple[Mailbox, ...]:
        """Return who stands in To: the officer, or everyone of a node's one mail to many."""
        joint = self._joint.get(self._above(mail), ()) if mail.purpose == "notice" else ()
        if mail.notice[1] not in joint:
            return (self._officer(mail.notice[1], mail.officer, mail.recipient),)
        hops = (hop for hop in joint if self.exercise.address(hop, 1))
        return tuple(self._officer(hop, 1, self.exercise.address(hop, 1)) for hop in hops)

    def _officer(self, node: NodeId, officer: int, address: str) -> Mailbox:
        body = self.exercise.node(node)
        name = body.officers[officer - 1].name if body.officers else ""
        shown = " ".join(part for part in (body.name, name) if part)
        return Mailbox(address, without_marks(shown))

    def _sender(self, node: NodeId) -> Mailbox:
        if self.desk is not None:
            return self.desk
        body = self.exercise.node(node)
        address = body.mailbox or (self.exercise.address(node, 1) if body.officers else "")
        return Mailbox(address or DRILL_MAILBOX, without_marks(body.name))

    def _thread_of(self, mail: ev.Submitted) -> tuple[str, tuple[str, ...]]:
        """Return In-Reply-To and References: what its sender received, or a reminder repeats."""
        if mail.purpose == "notice":
            earlier = self._last_letter(self._above(mail))
        else:
            earlier = self._last_letter(mail.notice)
        return ("", ()) if earlier is None else thread(earlier)

    def _styled(self, letter: Letter, inject: InjectId | None) -> Letter:
        """Write a mail as the scenario wants its mails; `inject` says which form is prefilled."""
        style = self.exercise.scenario.mail
        if not style.html:
            return letter if style.charset == "utf-8" else replace(letter, charset=style.charset)
        link = ""
        if letter.reply_to is not None:
            report = self.exercise.inject(inject).report if inject is not None else None
            form = ""
            if report is not None and report.form is not None:
                form = render_form(self.exercise.scenario.forms[report.form])
            subject = f"Re: {final_subject(letter)}"
            link = mailto_link(letter.reply_to.address, subject=subject, body=form)
        return replace(letter, charset=style.charset, html=True, reply_link=link)

    def _last_letter(self, notice: NoticeKey) -> Letter | None:
        letters = self._letters.get(notice)
        return next(reversed(letters.values())) if letters else None

    def _answered_letter(self, mail: ev.AnswerSent, draft: Draft) -> Letter:
        """Return the mail that is answered: the one that prompted it, or that of an old thread."""
        letters = self._letters[draft.thread]
        if mail.answer == "report" and draft.thread == mail.notice:
            return next(reversed(letters.values()))
        attempt = mail.attempt if draft.thread == mail.notice else 0
        # Who was telephoned, or has another address, answers what came to a colleague.
        return letters.get((mail.officer, attempt)) or next(iter(letters.values()))

    # What is answered ---------------------------------------------------------------------------

    def _answer_letter(self, mail: ev.AnswerSent, draft: Draft) -> Letter:
        original = self._answered_letter(mail, draft)
        date = self.exercise.when(mail.at)
        node = self.exercise.node(mail.notice[1])
        back = plus_address(DRILL_MAILBOX, self.token(mail.notice))
        if mail.answer == "bounce":
            report = delivery_report(
                original,
                self._bytes_of(original),
                recipient=self.exercise.address(mail.notice[1], mail.officer),
                message_id=mail.mail,
                date=date,
                plain=draft.style % 4 == 0,
            )
            return replace(report, to=(Mailbox(back),))
        if mail.answer == "auto-reply":
            owner = Mailbox(mail.sender, node.officers[mail.officer - 1].name)
            headers = draft.style % 4 != 1
            notice = absence_notice(
                original, owner=owner, message_id=mail.mail, date=date, headers=headers
            )
            return replace(notice, to=(Mailbox(back),))
        style = QUOTE_STYLES[draft.style % len(QUOTE_STYLES)]
        answer = reply(
            original,
            writer=Mailbox(mail.sender, f"{node.name} {draft.by}"),
            words=self._words(mail, draft),
            message_id=mail.mail,
            date=date,
            style=style,
            threaded=not self._is_loose(style, draft, original),
            to_all=draft.reply_all,
        )
        filled_in = self._filled_in(mail, draft)
        return replace(answer, enclosed=filled_in) if filled_in else answer

    @staticmethod
    def _is_loose(style: str, draft: Draft, original: Letter) -> bool:
        """Whether an answer loses its threading headers, as some from telephones do."""
        is_loose = style == "iphone" and (draft.style >> 4) % _UNTHREADED_ONE_IN == 0
        return is_loose and original.reply_to is not None and original.token != ""

    def _form_sheet(
        self, mail: ev.Submitted, ref: str, to: Sequence[Mailbox]
    ) -> tuple[Enclosed, ...]:
        """Return the form of a mail as a workbook, where the scenario offers one.

        A body that is to confirm its own entry gets it filled in, in a mail of its own.
        """
        inject = self.exercise.inject(mail.notice[0])
        if inject.report is None or inject.report.form is None or not inject.report.sheet:
            return ()
        scenario = self.exercise.scenario
        form = scenario.forms[inject.report.form]
        is_own = is_entry_form(form) and len(to) == 1
        data = write_form_sheet(
            form,
            entry_values(form, self.exercise.node(mail.notice[1])) if is_own else None,
            title=inject.title or scenario.title,
            ref=ref,
            lang=scenario.lang,
        )
        return (Enclosed(name=_SHEET_NAMES[scenario.lang], content_type=XLSX, data=data),)

    def _filled_in(self, mail: ev.AnswerSent, draft: Draft) -> tuple[Enclosed, ...]:
        """Return the file in which a simulated officer reports."""
        name = _SHEET_NAMES[self.exercise.scenario.lang]
        if draft.file == "unreadable":
            return (Enclosed(name=name, content_type=XLSX, data=_LOCKED),)
        report = self.exercise.inject(mail.notice[0]).report if draft.file else None
        if report is None or report.form is None:
            return ()
        fields = self.exercise.scenario.forms[report.form]
        data = write_form_sheet(
            fields,
            dict(draft.answers),
            ref=self.token(mail.notice),
            lang=self.exercise.scenario.lang,
        )
        return (Enclosed(name=name, content_type=XLSX, data=data),)

    def _bytes_of(self, letter: Letter) -> bytes:
        foreign = self.foreign.get(letter.message_id)
        return foreign[1] if foreign is not None else compose(letter)

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

    # What came in -------------------------------------------------------------------------------

    def heard(self, event: AnyEvent) -> None:
        """Take note of an event that was applied: what begins, what is open, who writes once."""
        if isinstance(event, ev.InjectReleased):
            scope = self.exercise.scope(event.inject)
            for node in scope.sender:
                self.reader.index.add_notice((event.inject, node))
            if event.one_mail:
                source = (event.inject, self.exercise.inject(event.inject).from_)
                self._join(source, scope.direct, is_blind=event.one_mail == "bcc")
        elif isinstance(event, ev.PassedOn):
            if event.mail:
                self._take_in(event)
            elif event.one_mail:
                self._join(event.notice, event.to, is_blind=event.bcc)
        notice = getattr(event, "notice", None)
        if notice is not None and notice in self.board.notices:
            self.reader.hear(notice)

    def _join(self, above: NoticeKey, to: tuple[NodeId, ...], *, is_blind: bool) -> None:
        """Take note that one mail goes to those of `to` who have an address."""
        self._joint[above] = tuple(hop for hop in to if self.exercise.address(hop, 1))
        if is_blind:
            self._blind.add(above)

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the drill makes of an answer that arrived at the sink."""
        posted = self.posted.get(mail.mail)  # Still there while a drill is being restored.
        raw = posted.raw if posted is not None else self.intake.arrived(mail.raw, mail.mail)
        return self.reader.read(raw, mail.raw)

    def passed_on(self, event: ev.PassedOn) -> tuple[ev.FactFate, ...]:
        """Return what becomes of the scenario's facts in what a simulated node writes."""
        if not self.exercise.scenario.facts or not event.to:
            return ()
        hop = event.to[0]
        mail = ev.Submitted(
            at=event.at,
            notice=(event.notice[0], hop),
            officer=1,
            attempt=0,
            mail="",
            purpose="notice",
            sender=event.notice[1],
            recipient="",
        )
        words = self._wording.inject(mail, self.token(mail.notice))
        return self.reader.facts_in(event.notice[0], f"{words.subject}\n{words.body}")

    def read_again(self, name: str, notice: NoticeKey) -> Received:
        """Return what a stored mail says as the answer to a notice."""
        return self.reader.read(self.intake.stored(name), name, notice=notice)

    def recall(self, event: AnyEvent) -> None:
        """Read an answer from outside again, so that a later copy of it is seen as one."""
        if isinstance(event, _ANSWERED):
            self.reader.read(self.intake.stored(event.raw), event.raw)

    def _take_in(self, event: ev.PassedOn) -> None:
        """Keep a mail that a node passed on itself: others answer it, or quote it."""
        self._keep_foreign(event, [(event.notice[0], hop) for hop in event.to])

    def _keep_foreign(
        self, event: ev.PassedOn | ev.Submitted, notices: Sequence[NoticeKey]
    ) -> None:
        raw = self.intake.stored(event.raw)
        letter = _letter_of(raw, event.mail, self._sender(event.notice[1]), event.at, self.exercise)
        self.foreign[event.mail] = (letter, raw)
        recipients = [mailbox.address for mailbox in (*letter.to, *letter.cc)]
        self.reader.index.add_mail(
            message_id=event.mail, notices=notices, token=None, recipients=recipients
        )


def came_from_outside(mail: ev.Submitted, exercise: Exercise) -> bool:
    """Whether a mail of a live drill is one that somebody outside of it wrote."""
    inject = exercise.inject(mail.notice[0])
    is_first = mail.purpose == "notice" and mail.sender == inject.from_
    return is_first and inject.source == "external"


def _letter_of(
    raw: bytes, mail: MailId, sender: Mailbox, at: timedelta, exercise: Exercise
) -> Letter:
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
            date=exercise.when(at),
        )
    references = tuple(each for each in letter.references if is_message_id(each))
    return replace(letter, kind="passed-on", references=references)
