"""What a person at a seat writes, as letters: answers, a report, a message passed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from drillsim.drill.board import NoticeRecord
from drillsim.drill.marks import SUBJECT_LENGTH_MAX, slips
from drillsim.drill.scenario import FormField
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.mail.compose import Letter, Mailbox, final_subject
from drillsim.mail.correspondence import (
    STOP_CONFIRMED,
    acknowledgement_words,
    reply,
    report_words,
    thread,
)
from drillsim.mail.forms import fill_form
from drillsim.tui.views.drill import DrillView

SEAT_DOMAIN = "seat.drillsim.test"
"""Of Message-IDs; `.test` names no real host (RFC 6761)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes: an officer of a node, at the moment of writing."""

    view: DrillView
    node: NodeId
    officer: int
    """From 1."""
    date: datetime

    @property
    def mailbox(self) -> Mailbox:
        """The officer's address with body and name, as the simulated ones have it."""
        body = self.view.exercise.node(self.node)
        address = self.view.exercise.address(self.node, self.officer) or body.mailbox
        return Mailbox(address, f"{body.name} {self.name}".strip())

    @property
    def name(self) -> str:
        """The officer's name."""
        officers = self.view.exercise.node(self.node).officers
        return officers[self.officer - 1].name if self.officer <= len(officers) else ""

    @property
    def role(self) -> str:
        """The officer's post."""
        officers = self.view.exercise.node(self.node).officers
        return officers[self.officer - 1].role if self.officer <= len(officers) else ""

    def answer(self, original: Letter, words: str) -> Letter:
        """Return an answer to a mail that came, which is quoted below it."""
        return reply(
            original, writer=self.mailbox, words=words, message_id=_new_id(), date=self.date
        )

    def letter(
        self,
        to: Sequence[Mailbox],
        subject: str,
        body: str,
        original: Letter | None = None,
        reply_to: Mailbox | None = None,
    ) -> Letter:
        """Return a mail of its own; with `original`, one that passes it on or belongs to it."""
        letter = Letter(
            kind="passed-on",
            sender=self.mailbox,
            to=tuple(to),
            subject=subject,
            body=body,
            message_id=_new_id(),
            date=self.date,
            reply_to=reply_to,
        )
        if original is None:
            return letter
        in_reply_to, references = thread(original)
        return replace(letter, in_reply_to=in_reply_to, references=references)

    def acknowledgement(self, record: NoticeRecord | None, remark: str) -> str:
        """Return the words that acknowledge a notice, or without one the stop of the drill."""
        body = self.view.exercise.node(self.node).name
        if record is None:
            words = STOP_CONFIRMED[self.view.exercise.scenario.lang]
            return "\n\n".join(part for part in (words, remark, f"{body} {self.name}") if part)
        words = acknowledgement_words(
            body=body,
            by=self.name,
            role=self.role,
            at=self.view.exercise.when(
                record.notified_at or record.submitted_at or self.view.board.at
            ),
            original_by=self.view.exercise.node(record.sender).name,
        )
        return f"{words}\n\n{remark}" if remark else words

    def report(
        self,
        record: NoticeRecord,
        form: Sequence[FormField],
        answers: Mapping[str, str],
        words: str,
    ) -> str:
        """Return the words of a report: the form, whose reports it puts together, and remarks."""
        node = self.view.exercise.node
        there = frozenset(self.view.board.collected.get(record.key, ()))
        text = report_words(
            form=fill_form(form, answers) if form else words,
            body=node(self.node).name,
            by=self.name,
            number=record.reports + 1,
            collected=[node(hop).name for hop in record.asked.collect if hop in there],
            missing=[node(hop).name for hop in record.asked.collect if hop not in there],
        )
        return f"{text}\n\n{words}" if form and words else text


def _new_id() -> str:
    return f"{uuid4().hex}@{SEAT_DOMAIN}"


def fault_of_text(subject: str, body: str) -> str | None:
    """Return why a mail of one's own may not leave as it is, or None.

    The composer puts the marks of a drill on it and would refuse it for the same reasons.
    """
    if not subject.strip():
        return _("the subject is empty")
    if not body.strip():
        return _("the text is empty")
    slip = next((s for text in (subject, body) for s in slips(text)), None)
    if slip is not None:
        return f"{slip.message}; {slip.remedy}"
    return None


def fault_of_length(letter: Letter) -> str | None:
    """Return whether the subject of a finished letter is too long, in words, or None."""
    if len(final_subject(letter)) <= SUBJECT_LENGTH_MAX:
        return None
    return _("the subject has over {limit} characters").format(limit=SUBJECT_LENGTH_MAX)
