"""The mailroom of a rehearsal: mails as bytes, and what the drill makes of those that come in.

It is the `Post` of a course. What the drill and its simulated people write is composed here, from
the seed alone, so that the same rehearsal writes the same bytes; what arrived at the sink is
recognised like any mail of a real person.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Received
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.journal.mails import mail_hash
from drillsim.mail.answers import is_refusal
from drillsim.mail.compose import Letter, Mailbox, compose, final_body
from drillsim.mail.correspondence import (
    STOP_CONFIRMED,
    absence_notice,
    acknowledgement_words,
    delivery_report,
    reply,
    report_words,
    thread,
)
from drillsim.mail.forms import fill_form, parse_answers, render_form
from drillsim.mail.matching import Match, MatchedBy, NoticeIndex, match, same_answer
from drillsim.mail.quote_styles import QUOTE_STYLES
from drillsim.mail.replies import Recognised, recognise
from drillsim.mail.tokens import plus_address
from drillsim.mail.wording import Wording
from drillsim.world.drafts import COLLEAGUE, Draft
from drillsim.world.references import reference

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


@dataclass(slots=True)
class Mailroom:
    """Writes and reads the mails of one rehearsal.

    Attributes:
        posted: mails that were written and not yet taken by the director, by Message-ID.
        arrived: gives the bytes of an answer as the sink received them.
    """

    exercise: Exercise
    seed: int
    digest: str
    board: Board
    arrived: Callable[[ev.AnswerSent], bytes]
    posted: dict[MailId, Posted] = field(default_factory=dict)
    _index: NoticeIndex = field(default_factory=NoticeIndex)
    _letters: dict[NoticeKey, dict[tuple[int, int], Letter]] = field(default_factory=dict)
    _joint: dict[NoticeKey, tuple[NodeId, ...]] = field(default_factory=dict)
    _heard: dict[NoticeKey, list[Recognised]] = field(default_factory=dict)
    _wording: Wording = field(init=False)

    def __post_init__(self) -> None:
        self._wording = Wording(self.exercise, self.board)
        for node in self.exercise.tree.nodes:
            for order, officer in enumerate(node.officers, 1):
                own = [*officer.email, *officer.off_hours.email]
                shared = [node.mailbox] if node.mailbox else []
                self._index.add_officer(node.id, order, own + shared)

    # What goes out ------------------------------------------------------------------------------

    def outgoing(self, mail: ev.Submitted) -> str:
        """Write a mail of the drill, or one that a node passes on; return its hash."""
        known = self.posted.get(mail.mail)
        if known is not None:  # One mail to many: the same bytes to the next recipient.
            letter = next(iter(self._letters[self._first_of(mail)].values()))
            self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter
            return mail_hash(known.raw)
        token = self.token(mail.notice)
        to = self._recipients(mail)
        ref = token if len(to) == 1 else ""
        words = self._wording.inject(mail, ref or token)
        letter = Letter(
            kind="drill" if mail.sender == self._origin(mail) else "passed-on",
            sender=self._sender(mail.sender),
            to=to,
            subject=words.subject,
            body=words.body,
            message_id=mail.mail,
            date=self.exercise.when(mail.at),
            reply_to=Mailbox(plus_address(DRILL_MAILBOX, ref) if ref else DRILL_MAILBOX),
            token=ref,
        )
        letter = self._threaded(letter, mail)
        self._letters.setdefault(mail.notice, {})[(mail.officer, mail.attempt)] = letter
        return_path = plus_address(DRILL_MAILBOX, token)
        self._post(letter, return_path, (mail.recipient,))
        notices = [mail.notice]
        if len(to) > 1:
            notices = [(mail.notice[0], hop) for hop in self._joint[self._above(mail)]]
        self._index.add_mail(
            message_id=mail.mail,
            notices=notices,
            token=ref or None,
            recipients=[each.address for each in to],
        )
        return mail_hash(self.posted[mail.mail].raw)

    def stop(self, mail: ev.StopSubmitted) -> str:
        """Write a stop mail (訓練中止); return its hash."""
        notice = (ev.STOP, mail.node)
        token = self.token(notice)
        reason = ""
        if self.board.end is not None:
            reason = self.board.end.because.partition(": ")[2]
        words = self._wording.stop(mail, token, reason)
        letter = Letter(
            kind="stop",
            sender=self._sender(self.exercise.tree.root.id),
            to=(self._officer(mail.node, mail.officer, mail.recipient),),
            subject=words.subject,
            body=words.body,
            message_id=mail.mail,
            date=self.exercise.when(mail.at),
            reply_to=Mailbox(plus_address(DRILL_MAILBOX, token)),
            token=token,
        )
        self._letters.setdefault(notice, {})[(mail.officer, 0)] = letter
        self._post(letter, plus_address(DRILL_MAILBOX, token), (mail.recipient,))
        self._index.add_mail(
            message_id=mail.mail, notices=[notice], token=token, recipients=[mail.recipient]
        )
        return mail_hash(self.posted[mail.mail].raw)

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """Write what a simulated officer, a mailbox or a mail server answers; return its hash."""
        letter = self._answer_letter(mail, draft)
        to = list(letter.envelope_to)
        if mail.copies:
            copies = [Mailbox(self.exercise.address(node, 1)) for node in mail.copies]
            kept = tuple(each for each in copies if each.address and each.address not in to)
            letter = replace(letter, cc=(*letter.cc, *kept))
        self._post(letter, letter.envelope_from, letter.envelope_to)
        return mail_hash(self.posted[mail.mail].raw)

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
        return Mailbox(address, " ".join(part for part in (body.name, name) if part))

    def _sender(self, node: NodeId) -> Mailbox:
        body = self.exercise.node(node)
        address = body.mailbox or (self.exercise.address(node, 1) if body.officers else "")
        return Mailbox(address or DRILL_MAILBOX, body.name)

    def _threaded(self, letter: Letter, mail: ev.Submitted) -> Letter:
        """Thread a mail on what its sender received, or a reminder on what it repeats."""
        if mail.purpose == "notice":
            earlier = self._last_letter(self._above(mail))
        else:
            earlier = self._last_letter(mail.notice)
        if earlier is None:
            return letter
        in_reply_to, references = thread(earlier)
        return replace(letter, in_reply_to=in_reply_to, references=references)

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
                compose(original),
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
        is_loose = style == "iphone" and (draft.style >> 4) % _UNTHREADED_ONE_IN == 0
        return reply(
            original,
            writer=Mailbox(mail.sender, f"{node.name} {draft.by}"),
            words=self._words(mail, draft),
            message_id=mail.mail,
            date=date,
            style=style,
            threaded=not is_loose or original.reply_to is None or original.token == "",
            to_all=draft.reply_all,
        )

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
            if report is not None and report.form is not None:
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
        """Take note of an event that was applied: which notices are open, who writes one mail."""
        if isinstance(event, ev.PassedOn) and event.one_mail:
            self._joint[event.notice] = event.to
        notice = getattr(event, "notice", None)
        if notice is not None and notice in self.board.notices:
            self._index.set_open(notice, not self.board.notices[notice].is_complete)

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the drill makes of an answer that arrived at the sink."""
        return self.read(self.arrived(mail), mail.raw)

    def read(self, raw: bytes, name: str) -> Received:
        """Return what the drill makes of any mail to its address.

        Args:
            raw: the mail.
            name: its hash, by which the journal keeps it.
        """
        got = recognise(raw)
        found = match(got, self._index)
        notice = None if found.notice is None else _key(found.notice)
        base = Received(
            kind=got.kind,
            mail=got.message_id or name,
            sender=got.sender,
            raw=name,
            suggested=tuple(_key(each.notice) for each in found.suggestions),
        )
        if notice is None:
            return base
        officer, by = self._answerer(got, found, notice)
        base = replace(
            base,
            notice=notice,
            matched_by=_matched_by(found),
            officer=officer,
            by=by,
            status=next((one.status for one in got.failed if one.status), ""),
            is_about_stop=notice[0] == ev.STOP,
        )
        if got.kind != "human_reply":
            return base
        earlier = self._heard.setdefault(notice, [])
        is_identical = any(same_answer(got, one) for one in earlier)
        earlier.append(got)
        answers = self._form_answers(notice, got)
        return replace(
            base,
            answers=answers,
            is_report=self._is_report(notice, got, answers),
            is_refusal=is_refusal(got.reply_text),
            is_identical=is_identical,
        )

    def _answerer(self, got: Recognised, found: Match, notice: NoticeKey) -> tuple[int, str]:
        """Return who answered: calling order (0: not on the list) and name."""
        node = self.exercise.node(notice[1])
        shown = got.sender_name or got.sender
        if got.kind in ("bounce_hard", "bounce_soft"):
            return self._failed_officer(got, notice), ""
        if found.officer is None:
            return 0, shown
        readers = [
            order
            for order in range(1, len(node.officers) + 1)
            if got.sender.lower() in _addresses(self.exercise, notice[1], order)
        ]
        # Several officers read a shared mailbox: the name that is shown tells who wrote.
        named = [n for n in readers if node.officers[n - 1].name in got.sender_name]
        if named:
            return named[0], node.officers[named[0] - 1].name
        if len(readers) == 1 and got.sender.lower() != node.mailbox.lower():
            return readers[0], node.officers[readers[0] - 1].name
        if not got.sender_name or got.kind == "auto_reply":
            return found.officer, node.officers[found.officer - 1].name
        return 0, COLLEAGUE if shown.endswith(COLLEAGUE) else shown

    def _failed_officer(self, got: Recognised, notice: NoticeKey) -> int:
        failed = {one.address.lower() for one in got.failed}
        count = len(self.exercise.node(notice[1]).officers)
        tracks = self.board.notices[notice].officers if notice in self.board.notices else {}
        for order in range(1, count + 1):
            address = self.exercise.address(notice[1], order)
            if address.lower() in failed and (not tracks or order in tracks):
                return order
        return 0

    def _form_answers(self, notice: NoticeKey, got: Recognised) -> tuple[tuple[str, str], ...]:
        report = self.exercise.inject(notice[0]).report if notice[0] != ev.STOP else None
        if report is None or report.form is None:
            return ()
        fields = self.exercise.scenario.forms[report.form]
        record = self.board.notices.get(notice)
        since = record.submitted_at if record is not None else None
        today = self.exercise.when(since or timedelta(0)).date()
        values = dict(parse_answers(fields, got.reply_text, today=today).values)
        if not values and _bare(render_form(fields)) not in _bare(got.text):
            # Some fill in the form inside the quote: what was not there when it was sent counts.
            asked = self._last_letter(notice)
            blank = "" if asked is None else final_body(asked)
            sent = parse_answers(fields, "", whole=blank, today=today).values
            inside = parse_answers(fields, "", whole=got.text, today=today).values
            values = {name: value for name, value in inside.items() if sent.get(name) != value}
        return tuple((each.id, values[each.id]) for each in fields if each.id in values)

    def _is_report(
        self, notice: NoticeKey, got: Recognised, answers: tuple[tuple[str, str], ...]
    ) -> bool:
        """Whether an answer reports: it fills in the form, or, without one, says that it does."""
        report = self.exercise.inject(notice[0]).report if notice[0] != ev.STOP else None
        if report is None:
            return False
        if report.form is not None:
            return bool(answers)
        return "報告します" in got.reply_text or "report as follows" in got.reply_text.lower()


def _addresses(exercise: Exercise, node: NodeId, order: int) -> frozenset[str]:
    body = exercise.node(node)
    officer = body.officers[order - 1]
    every = (*officer.email, *officer.off_hours.email, body.mailbox)
    return frozenset(address.lower() for address in every if address)


_NOT_WORDS = re.compile(r"[\s>|]+")


def _bare(text: str) -> str:
    """Return `text` without blanks and marks of quoting, to see whether a form is still blank."""
    return _NOT_WORDS.sub("", text)


def _key(notice: tuple[str, str]) -> NoticeKey:
    return InjectId(notice[0]), NodeId(notice[1])


def _matched_by(found: Match) -> str:
    return found.matched_by.value if isinstance(found.matched_by, MatchedBy) else ""
