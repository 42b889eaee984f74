"""What the drill makes of a mail that comes in: recognised, matched, its form and facts read.

It is the same for what simulated people answer and for what real ones write: only bytes and their
envelope count. What went out is known from the `NoticeIndex`, which the mailroom fills.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.crediting import Onward, Received
from drillsim.drill.events import MailId, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import FormField
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.mail.answers import is_refusal, reports_in_words
from drillsim.mail.compose import Letter, final_body
from drillsim.mail.fidelity import relevant_facts, trace_facts
from drillsim.mail.form_sheets import UnreadableSheetError, read_form_sheet
from drillsim.mail.forms import parse_answers, render_form
from drillsim.mail.headers import is_message_id
from drillsim.mail.matching import Match, MatchedBy, NoticeIndex, match, same_answer
from drillsim.mail.passing_on import Hop, PassingOn, recognise_passing_on
from drillsim.mail.replies import Recognised, recognise
from drillsim.world.drafts import COLLEAGUE
from drillsim.world.post import MAIL_DOMAIN

_SHEETS_READ_MAX: Final = 5


@dataclass(slots=True)
class Reader:
    """Reads the mails of one drill.

    Attributes:
        last_letter: returns the mail that was last written to a notice.
    """

    exercise: Exercise
    board: Board
    last_letter: Callable[[NoticeKey], Letter | None]
    index: NoticeIndex = field(default_factory=NoticeIndex)
    _heard: dict[NoticeKey, list[Recognised]] = field(default_factory=dict)
    _facts: dict[InjectId, dict[str, str]] = field(default_factory=dict)
    _blanks: dict[InjectId, str] = field(default_factory=dict)
    _read_at: dict[tuple[NodeId, int], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in self.exercise.tree.nodes:
            for order, officer in enumerate(node.officers, 1):
                own = [*officer.email, *officer.off_hours.email]
                shared = [node.mailbox] if node.mailbox else []
                self.index.add_officer(node.id, order, own + shared)

    def read(
        self,
        raw: bytes,
        name: str,
        *,
        sender: str = "",
        to: Sequence[str] = (),
        notice: NoticeKey | None = None,
    ) -> Received:
        """Return what the drill makes of a mail.

        Args:
            raw: the mail.
            name: its hash, by which the journal keeps it.
            sender: the envelope's, where the mail came from outside.
            to: the envelope's recipients.
            notice: to what it answers, where an operator has said so.
        """
        got = recognise(raw, envelope_from=sender, envelope_to=to)
        received = self.make_out(got, name, notice)
        if not to:
            return received
        own = self.index.nodes_of(got.sender)
        bodies = [n for address in to for n in self.index.nodes_of(address) if n not in own]
        return replace(
            received,
            bodies=tuple(NodeId(node) for node in dict.fromkeys(bodies)),
            is_between=self._is_between(received, to, bodies),
        )

    def _is_between(self, received: Received, to: Sequence[str], bodies: Sequence[str]) -> bool:
        """Whether a mail to other bodies answers nothing: no thread or number says that it does."""
        if not bodies or not all(self.index.nodes_of(address) for address in to):
            return False  # It went to the drill's own address, too.
        if received.onward is not None or received.kind != "human_reply":
            return received.onward is None and received.kind == "not_a_reply"
        if received.notice is None:
            return True
        record = self.board.notices.get(received.notice)
        is_guessed = received.matched_by == MatchedBy.only_open.value
        return is_guessed and (record is None or record.sender not in bodies)

    def make_out(self, got: Recognised, name: str, notice: NoticeKey | None = None) -> Received:
        """Return what the drill makes of a mail, when it is known what it is; see `read`."""
        if got.is_own or (got.message_id and self.index.sent_as(got.message_id) is not None):
            passing = self._passing_on(got) if not self._is_known(got) else None
            return self._onward(got, passing, name) if passing else self._aside(got, name)
        passing = self._passing_on(got) if notice is None else None
        if passing is not None:
            return self._onward(got, passing, name)
        found = match(got, self.index) if notice is None else _booked(got, notice, self.index)
        if found.notice is None:
            found = self._by_sheet(got, found)
        return self._answer(got, found, name, is_booked=notice is not None)

    def hear(self, notice: NoticeKey) -> None:
        """Take note of whether a notice still waits for anything."""
        self.index.set_open(notice, not self.board.notices[notice].is_complete)

    def facts_in(self, inject: InjectId, text: str) -> tuple[ev.FactFate, ...]:
        """Return what became of the facts of an inject in the text of a mail that passes it on."""
        facts = self._facts.get(inject)
        if facts is None:
            given = self.exercise.inject(inject)
            told = (given.subject, given.body)
            facts = self._facts[inject] = relevant_facts(self.exercise.scenario.facts, told)
        if not facts:
            return ()
        return tuple((each.name, each.fate, each.found) for each in trace_facts(facts, text))

    # Passing on ---------------------------------------------------------------------------------

    def _is_known(self, got: Recognised) -> bool:
        return self.index.sent_as(got.message_id) is not None

    def _passing_on(self, got: Recognised) -> PassingOn | None:
        """Return what a mail passes on; an answer that only has copies passes nothing on."""
        passing = recognise_passing_on(got, self.index, self._hops)
        if passing is None:
            return None
        facts = self.facts_in(_key(passing.notice)[0], f"{got.subject}\n{got.text}")
        carries = any(fate != "lost" for _name, fate, _found in facts)
        if got.kind == "human_reply" and facts and not carries:
            return None
        done = self.board.notices[_key(passing.notice)].passed_to
        return passing if any(node not in done for node, _order, _address in passing.to) else None

    def _hops(self, node: str) -> Sequence[Hop]:
        hops = []
        for inject in self.board.released:
            record = self.board.notices.get((inject, NodeId(node)))
            # What the node was never sent, it cannot pass on; its sender is answered, not told.
            if record is None or record.submitted_at is None:
                continue
            to = tuple(hop for hop in record.asked.pass_on if hop != record.sender)
            if to:
                waits = any(hop not in record.passed_to for hop in to)
                subject = self.exercise.inject(inject).subject
                hops.append(Hop(notice=record.key, subject=subject, to=to, waits=waits))
        return hops

    def _onward(self, got: Recognised, passing: PassingOn, name: str) -> Received:
        notice = _key(passing.notice)
        answers, _ = self._report_in(notice, got)
        is_report = got.kind == "human_reply" and self._is_report(notice, got, answers)
        by = got.sender_name or got.sender
        if passing.officer:
            by = self.exercise.node(notice[1]).officers[passing.officer - 1].name
        return Received(
            kind=got.kind,
            mail=self._mail_id(got, name),
            sender=got.sender,
            raw=name,
            notice=notice,
            matched_by=passing.matched_by.value,
            officer=passing.officer,
            by=by,
            answers=answers,
            is_report=is_report,
            onward=Onward(
                to=tuple((NodeId(node), order, address) for node, order, address in passing.to),
                facts=self.facts_in(notice[0], f"{got.subject}\n{got.text}"),
                is_unmarked=not got.is_drill_marked,
                is_answer=is_report,
            ),
        )

    # Answers ------------------------------------------------------------------------------------

    def _answer(
        self, got: Recognised, found: Match, name: str, *, is_booked: bool = False
    ) -> Received:
        notice = None if found.notice is None else _key(found.notice)
        if notice is None:
            return self._aside(got, name, found)
        officer, by = self._answerer(got, found, notice)
        said: dict[str, Any] = {}
        if got.kind == "human_reply" or is_booked:
            said = self._said(got, notice, is_booked=is_booked)
        return self._aside(
            got,
            name,
            found,
            notice=notice,
            matched_by="operator" if is_booked else _matched_by(found),
            officer=officer,
            by=by,
            status=next((one.status for one in got.failed if one.status), ""),
            is_about_stop=notice[0] == ev.STOP,
            is_foreign=found.foreign_sender,
            **said,
        )

    def _said(self, got: Recognised, notice: NoticeKey, *, is_booked: bool) -> dict[str, Any]:
        """Return the fields of what a person says in an answer."""
        earlier = self._heard.setdefault(notice, [])
        is_identical = any(same_answer(got, one) for one in earlier)
        earlier.append(got)
        answers, has_unreadable_file = self._report_in(notice, got)
        return {
            "kind": "human_reply",
            "answers": answers,
            "is_report": self._is_report(notice, got, answers),
            "is_refusal": is_refusal(got.reply_text),
            "is_identical": is_identical and not is_booked,
            "has_unreadable_file": has_unreadable_file,
        }

    def _aside(
        self, got: Recognised, name: str, found: Match | None = None, **said: Any
    ) -> Received:
        """Return what is to be said of a mail that answers nothing, or `said` of one that does."""
        suggestions = () if found is None or got.is_own else found.suggestions
        return Received(
            kind=said.pop("kind", got.kind),
            mail=self._mail_id(got, name),
            sender=got.sender,
            raw=name,
            suggested=tuple(_key(each.notice) for each in suggestions),
            suggested_by=tuple(each.by for each in suggestions),
            **said,
        )

    def _mail_id(self, got: Recognised, name: str) -> MailId:
        """Return by what a mail is known: its Message-ID, unless that is none or taken."""
        lies_there = self.board.tray.get(got.message_id)
        is_taken = lies_there is not None and lies_there.raw != name
        if is_message_id(got.message_id) and not is_taken:
            return got.message_id
        return f"{name[:32]}@{MAIL_DOMAIN}"

    def _by_sheet(self, got: Recognised, found: Match) -> Match:
        """Match by the 整理番号 in an attached workbook, which may come in a mail of its own."""
        for attachment in got.attachments[:_SHEETS_READ_MAX]:
            if attachment.data:
                try:
                    ref = read_form_sheet(attachment.data, ()).ref
                except UnreadableSheetError:
                    continue
                if ref is not None:
                    again = match(replace(got, token=ref), self.index)
                    if again.notice is not None:
                        return again
        return found

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
            if got.sender.lower() in self._addresses(notice[1], order)
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
        """Return whose mail came back; of several officers at one address, whose mail it was."""
        failed = {one.address.lower() for one in got.failed}
        count = len(self.exercise.node(notice[1]).officers)
        tracks = self.board.notices[notice].officers if notice in self.board.notices else {}
        there = [
            order
            for order in range(1, count + 1)
            if self.exercise.address(notice[1], order).lower() in failed
            and (not tracks or order in tracks)
        ]
        if len(there) > 1:
            sent = (self.index.sent_as(message_id) for message_id in got.thread)
            to = next((each.officer for each in sent if each is not None), 0)
            if to in there:
                return to
        return there[0] if there else 0

    def _addresses(self, node: NodeId, order: int) -> frozenset[str]:
        """Return where an officer reads mail, in small letters."""
        known = self._read_at.get((node, order))
        if known is None:
            body = self.exercise.node(node)
            officer = body.officers[order - 1]
            every = (*officer.email, *officer.off_hours.email, body.mailbox)
            known = frozenset(address.lower() for address in every if address)
            self._read_at[(node, order)] = known
        return known

    # Reports ------------------------------------------------------------------------------------

    def _report_in(
        self, notice: NoticeKey, got: Recognised
    ) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Return the form's answers, and whether a file may hold them that cannot be read."""
        fields = self._form(notice)
        files = [each for each in got.attachments if not each.is_decoration]
        if fields is None:
            return (), False
        values = self._in_text(notice, got, fields)
        is_unread = False
        for file in files[:_SHEETS_READ_MAX]:
            try:
                sheet = read_form_sheet(file.data, fields, today=self._today(notice))
            except UnreadableSheetError:
                is_unread = True
            else:
                values = sheet.answers.values | values
        answers = tuple((each.id, values[each.id]) for each in fields if each.id in values)
        return answers, is_unread and not answers

    def _form(self, notice: NoticeKey) -> tuple[FormField, ...] | None:
        """Return the form that a notice's report is filled in on."""
        report = self.exercise.inject(notice[0]).report if notice[0] != ev.STOP else None
        if report is None or report.form is None:
            return None
        return self.exercise.scenario.forms[report.form]

    def _today(self, notice: NoticeKey) -> date:
        record = self.board.notices.get(notice)
        since = record.submitted_at if record is not None else None
        return self.exercise.when(since or timedelta(0)).date()

    def _in_text(
        self, notice: NoticeKey, got: Recognised, fields: tuple[FormField, ...]
    ) -> dict[str, str]:
        today = self._today(notice)
        values = dict(parse_answers(fields, got.reply_text, today=today).values)
        if not values and self._blank(notice[0], fields) not in _bare(got.text):
            # Some fill in the form inside the quote: what was not there when it was sent counts.
            inside = parse_answers(fields, "", whole=got.text, today=today).values
            asked = self.last_letter(notice) if inside else None
            blank = "" if asked is None else final_body(asked)
            sent = parse_answers(fields, "", whole=blank, today=today).values
            values = {name: value for name, value in inside.items() if sent.get(name) != value}
        return values

    def _blank(self, inject: InjectId, fields: tuple[FormField, ...]) -> str:
        """Return an inject's form as it is before anybody fills it in, without blanks."""
        blank = self._blanks.get(inject)
        if blank is None:
            blank = self._blanks[inject] = _bare(render_form(fields))
        return blank

    def _is_report(
        self, notice: NoticeKey, got: Recognised, answers: tuple[tuple[str, str], ...]
    ) -> bool:
        """Whether an answer reports: it fills in the form, or, without one, says that it does."""
        report = self.exercise.inject(notice[0]).report if notice[0] != ev.STOP else None
        if report is None:
            return False
        return bool(answers) if report.form is not None else reports_in_words(got.reply_text)


def _bare(text: str) -> str:
    """Return `text` without blanks and marks of quoting, to see whether a form is still blank."""
    return "".join(text.replace(">", " ").replace("|", " ").split())


def _key(notice: tuple[str, str]) -> NoticeKey:
    return InjectId(notice[0]), NodeId(notice[1])


def _matched_by(found: Match) -> str:
    return found.matched_by.value if isinstance(found.matched_by, MatchedBy) else ""


def _booked(got: Recognised, notice: NoticeKey, index: NoticeIndex) -> Match:
    """Return the match that an operator made."""
    officer = index.officer(got.sender, notice[1])
    foreign = officer is None and not index.is_at_home(got.sender, notice[1])
    return Match(notice=notice, officer=officer, listed=officer is not None, foreign_sender=foreign)
