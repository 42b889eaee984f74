"""The drill's own mails: what bodies are told, what they pass on, reminders, and the stop.

What real people pass on they write themselves (`drillsim.conduct.letter_book`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from drillsim.conduct.drill_address import DRILL_MAILBOX, DrillAddress
from drillsim.conduct.letter_book import LetterBook
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.entry_form import entry_values, is_entry_form
from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.mail.compose import Enclosed, Letter, Mailbox, compose, final_subject
from drillsim.mail.correspondence import thread
from drillsim.mail.drill_marks import stop_reason, without_marks
from drillsim.mail.form_sheets import enclosed_sheet, write_form_sheet
from drillsim.mail.forms import mailto_link, render_form
from drillsim.mail.standard_texts import NO_REFERENCE
from drillsim.mail.wording import Wording
from drillsim.world.habits import Town
from drillsim.world.retelling import retold
from drillsim.world.staff import Staff


@dataclass(slots=True)
class DrillLetters:
    """Writes the drill's own mails.

    Attributes:
        address: where the answers to them go.
        book: what they thread with.
    """

    exercise: Exercise
    board: Board
    address: DrillAddress
    book: LetterBook
    _joint: dict[NoticeKey, tuple[NodeId, ...]] = field(default_factory=dict)
    """To whom the one mail to many goes that a node writes."""
    _blind: set[NoticeKey] = field(default_factory=set)
    """Whose one mail to many names nobody of them."""
    _wording: Wording = field(init=False)

    def __post_init__(self) -> None:
        staff = Staff(self.exercise, Town(self.exercise), self.address.seed)
        # Real people pass on what they want; what the drill writes for them is right.
        retell = partial(retold, staff, self.board) if self.address.desk is None else None
        self._wording = Wording(self.exercise, self.board, retell=retell)

    # One mail to many ---------------------------------------------------------------------------

    def join(self, above: NoticeKey, to: tuple[NodeId, ...], *, is_blind: bool) -> None:
        """Take note that one mail goes to those of `to` who have an address."""
        self._joint[above] = tuple(hop for hop in to if self.exercise.address(hop, 1))
        if is_blind:
            self._blind.add(above)

    def joint(self, mail: ev.Submitted) -> list[NoticeKey]:
        """Return the notices of a mail that goes to many."""
        return [(mail.notice[0], hop) for hop in self._joint[_above(mail)]]

    def first_of(self, mail: ev.Submitted) -> NoticeKey:
        """Return the first notice of a mail that goes to many."""
        return (mail.notice[0], self._joint[_above(mail)][0])

    # A notice -----------------------------------------------------------------------------------

    def notice(self, mail: ev.Submitted) -> Letter:
        """Write a mail of the drill, or one that a node passes on."""
        token = self.address.token(mail.notice)
        to = self._recipients(mail)
        ref = token if len(to) == 1 else ""
        if self.address.desk is not None and len(to) > 1:
            words = self._wording.to_everybody(mail, NO_REFERENCE[self.exercise.scenario.lang])
        else:  # A simulated officer writes to the first of them, and the others read it too.
            words = self._wording.inject(mail, ref or token)
        sender = self.sender(mail.sender)
        is_blind = len(to) > 1 and _above(mail) in self._blind
        in_reply_to, references = self._thread_of(mail)
        is_origin = mail.sender == self.exercise.inject(mail.notice[0]).from_
        letter = Letter(
            kind="drill" if is_origin else "passed-on",
            sender=sender,
            to=(sender,) if is_blind else to,
            bcc=to if is_blind else (),
            subject=words.subject,
            body=words.body,
            message_id=mail.mail,
            date=self.exercise.when(mail.at),
            reply_to=self.address.reply_to(ref),
            token=ref,
            enclosed=self._form_sheet(mail, ref, to),
            in_reply_to=in_reply_to,
            references=references,
        )
        return self._styled(letter, mail.notice[0])

    def passed_on(self, event: ev.PassedOn) -> str:
        """Return subject and body of what a simulated node writes to the first of its next hops."""
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
        words = self._wording.inject(mail, self.address.token(mail.notice))
        return f"{words.subject}\n{words.body}"

    def sender(self, node: NodeId) -> Mailbox:
        """Return from where a node's mails come; in a live drill, all come from the desk."""
        if self.address.desk is not None:
            return self.address.desk
        body = self.exercise.node(node)
        address = body.mailbox or (self.exercise.address(node, 1) if body.officers else "")
        return Mailbox(address or DRILL_MAILBOX, without_marks(body.name))

    def _recipients(self, mail: ev.Submitted) -> tuple[Mailbox, ...]:
        """Return who stands in To: the officer, or everyone of a node's one mail to many."""
        joint = self._joint.get(_above(mail), ()) if mail.purpose == "notice" else ()
        if mail.notice[1] not in joint:
            return (self._officer(mail.notice[1], mail.officer, mail.recipient),)
        return tuple(self._officer(hop, 1, self.exercise.address(hop, 1)) for hop in joint)

    def _officer(self, node: NodeId, officer: int, address: str) -> Mailbox:
        body = self.exercise.node(node)
        name = body.officers[officer - 1].name if body.officers else ""
        shown = " ".join(part for part in (body.name, name) if part)
        return Mailbox(address, without_marks(shown))

    def _thread_of(self, mail: ev.Submitted) -> tuple[str, tuple[str, ...]]:
        """Return In-Reply-To and References: what its sender received, or a reminder repeats."""
        earlier = self.book.last(_above(mail) if mail.purpose == "notice" else mail.notice)
        return ("", ()) if earlier is None else thread(earlier)

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
        return (enclosed_sheet(data, scenario.lang),)

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

    # The stop -----------------------------------------------------------------------------------

    def stop(self, mail: ev.StopSubmitted) -> Letter:
        """Write a stop mail (訓練中止)."""
        token = self.address.token((ev.STOP, mail.node))
        typed = "" if self.board.end is None else self.board.end.because.partition(": ")[2]
        signer = self._signer_of_a_stop()
        words = self._wording.stop(mail, token, stop_reason(typed), signer)
        letter = Letter(
            kind="stop",
            sender=self.sender(signer),
            to=(self._officer(mail.node, mail.officer, mail.recipient),),
            subject=words.subject,
            body=words.body,
            message_id=mail.mail,
            date=self.exercise.when(mail.at),
            reply_to=self.address.reply_to(token),
            token=token,
        )
        return self._styled(letter, None)

    def _signer_of_a_stop(self) -> NodeId:
        """Return whom a stop tells its readers to call: the body whose drill it is.

        In a live drill that is the desk, for the first body of the tree may have no part in it.
        """
        tree, desk = self.exercise.tree, self.address.desk
        if desk is None:
            return tree.root.id
        return next((node.id for node in tree.nodes if node.name == desk.name), tree.root.id)

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
        compose(self.stop(trial))


def _above(mail: ev.Submitted) -> NoticeKey:
    """Return the notice by which the sender of a mail has the message."""
    return (mail.notice[0], mail.sender)
