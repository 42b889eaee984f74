"""What stands in the drill's own mails: the texts of a scenario, filled in for each recipient.

A text that goes from one sender to many is rendered once and filled per recipient; what is the same
for all of them (dates, form, signature) is worked out once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Inject, InjectId, Text
from drillsim.drill.tree import Node, NodeId
from drillsim.mail.drill_marks import without_marks
from drillsim.mail.forms import render_form
from drillsim.mail.own_entries import own_entry
from drillsim.mail.standard_texts import EVERYBODY, MISSING, REMINDER, STOP, STOP_REASON
from drillsim.mail.templates import Stencil, Value, template

_PER_RECIPIENT: Final = frozenset(
    {"to_body", "officer", "officer_role", "ref", "prefecture", "own_entry"}
)


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body of one mail, before marks and token are put on."""

    subject: str
    body: str


@dataclass(slots=True)
class Wording:
    """The texts of one drill."""

    exercise: Exercise
    board: Board
    uncounted: str = ""
    """What stands in place of counts that nobody knows yet, as when a plan is printed."""
    retell: Callable[[NoticeKey], Mapping[str, str]] | None = None
    """The facts as the node of a notice tells them to the next hops; without it, all are right."""
    _stencils: dict[tuple[object, ...], tuple[Stencil, Stencil]] = field(default_factory=dict)
    _signatures: dict[NodeId, str] = field(default_factory=dict)
    _prefectures: dict[NodeId, str] = field(default_factory=dict)

    def inject(self, mail: ev.Submitted, ref: str) -> Words:
        """Return the words of a notice, a stand-in's mail or a reminder."""
        if mail.purpose in ("reminder", "report-reminder"):
            return self._reminder(mail, ref)
        return self._notice(mail, ref)

    def to_many(self, inject: InjectId, sender: NodeId, at: timedelta, ref: str) -> Words:
        """Return the words in which a node passes an inject on to all its next hops at once."""
        hop = self.exercise.scope(inject).asked[sender].pass_on[0]
        mail = ev.Submitted(
            at=at,
            notice=(inject, hop),
            officer=1,
            attempt=0,
            mail="",
            purpose="notice",
            sender=sender,
            recipient="",
        )
        return self.to_everybody(mail, ref)

    def to_everybody(self, mail: ev.Submitted, ref: str) -> Words:
        """Return the words of a notice that goes to many in one mail, of which `mail` is one."""
        subject, body = self._stencils_of(mail)
        everybody = EVERYBODY[self.exercise.scenario.lang]
        own = {
            **self._own(mail.notice[1], 1, ref),
            "to_body": everybody,
            "officer": "",
            "officer_role": "",
        }
        own["own_entry"] = ""  # What is of one body goes to nobody else.
        return Words(subject.fill(own), body.fill(own))

    def _notice(self, mail: ev.Submitted, ref: str) -> Words:
        subject, body = self._stencils_of(mail)
        own = self._own(mail.notice[1], mail.officer, ref)
        if any("own_entry" in stencil.slots or stencil.template for stencil in (subject, body)):
            own["own_entry"] = self._own_entry(mail.notice[1])
        return Words(subject.fill(own), body.fill(own))

    def _stencils_of(self, mail: ev.Submitted) -> tuple[Stencil, Stencil]:
        inject = self.exercise.inject(mail.notice[0])
        is_passed_on = mail.sender != inject.from_
        key = (inject.id, mail.sender, mail.at, is_passed_on)
        stencils = self._stencils.get(key)
        if stencils is None:
            text = _text_of(inject, is_passed_on)
            values = self._common(inject, mail)
            stencils = (
                template(text.subject).stencil(values, _PER_RECIPIENT),
                template(text.body).stencil(values, _PER_RECIPIENT),
            )
            self._stencils = {key: stencils}  # One sender writes to many at one instant.
        return stencils

    def _reminder(self, mail: ev.Submitted, ref: str) -> Words:
        scenario = self.exercise.scenario
        original = self._notice(mail, ref)
        text = scenario.texts.reminder or REMINDER[scenario.lang]
        record = self.board.notices[mail.notice]
        what = "report" if mail.purpose == "report-reminder" else "acknowledgement"
        due = record.report_due if what == "report" else record.ack_due
        inject = self.exercise.inject(mail.notice[0])
        values = {
            **self._common(inject, mail),
            **self._own(mail.notice[1], mail.officer, ref),
            "own_entry": self._own_entry(mail.notice[1]),
            "missing": MISSING[scenario.lang][what],
            "sent_at": self.exercise.when(
                mail.at if record.submitted_at is None else record.submitted_at
            ),
            # A reminder after the due time asks for an answer soon, not in the past.
            "new_due": self.exercise.when(
                max(mail.at if due is None else due, mail.at + timedelta(minutes=15))
            ),
            "original_text": original.body,
        }
        if scenario.texts.reminder is None:
            values["call_at"] = self._call_to_come(mail) if what == "acknowledgement" else ""
        subject = template(text.subject).render(values)
        if scenario.texts.reminder is None:
            subject += original.subject
        return Words(subject, template(text.body).render(values))

    def _call_to_come(self, mail: ev.Submitted) -> Value:
        """Return when a body that does not answer is telephoned, if that is fixed and to come."""
        asks = self.exercise.inject(mail.notice[0]).acknowledge
        since = self.board.notices[mail.notice].submitted_at
        if asks is None or asks.call_after is None or since is None:
            return ""
        call = self.exercise.due(since, asks.call_after)
        return self.exercise.when(call) if call > mail.at else ""

    def stop(
        self, mail: ev.StopSubmitted, ref: str, reason: str, signer: NodeId | None = None
    ) -> Words:
        """Return the words of the stop mail (訓練中止): no facts of the story.

        Without `signer` the first body of the tree signs it.
        """
        scenario = self.exercise.scenario
        text = scenario.texts.stop or STOP[scenario.lang]
        node = self.exercise.tree.root.id if signer is None else signer
        values: dict[str, Value] = {
            **scenario.values,
            "from_body": without_marks(self.exercise.node(node).name),
            "from_name": self._first_name(node),
            "drill_title": without_marks(scenario.title),
            "drill_purpose": without_marks(scenario.purpose),
            "started_at": self.exercise.start_ex,
            "first_sent_at": self.exercise.start_ex,
            "now": self.exercise.when(mail.at),
            "sent_at": self.exercise.when(mail.at),
            "stopped_at": self.exercise.when(mail.at),
            "ended_at": self.exercise.when(mail.at),
            "stop_reason": reason or STOP_REASON[scenario.lang],
            "signature": self.signature(node),
            **self._own(mail.node, mail.officer, ref),
        }
        names = template(text.subject).names | template(text.body).names
        values |= self._counted(names)
        for name in names - values.keys():
            values[name] = ""  # A name of TEXT_NAMES that says nothing in a stop mail.
        return Words(template(text.subject).render(values), template(text.body).render(values))

    def _own(self, node: NodeId, officer: int, ref: str) -> dict[str, Value]:
        body = self.exercise.node(node)
        person = body.officers[officer - 1] if body.officers else None
        return {
            "to_body": without_marks(body.name),
            "officer": without_marks(person.name) if person is not None else "",
            "officer_role": without_marks(person.role) if person is not None else "",
            "prefecture": self._prefecture(node),
            "ref": ref,
        }

    def _own_entry(self, node: NodeId) -> str:
        return without_marks(own_entry(self.exercise.node(node), self.exercise.scenario.lang))

    def _common(self, inject: Inject, mail: ev.Submitted) -> dict[str, Value]:
        """Return what the mails of one sender at one instant have in common."""
        exercise, at = self.exercise, mail.at
        scenario = exercise.scenario
        values: dict[str, Value] = {
            "from_body": without_marks(exercise.node(mail.sender).name),
            "from_name": self._first_name(mail.sender),
            "level": self.board.level,
            "now": exercise.when(at),
            "sent_at": exercise.when(at),
            "started_at": exercise.start_ex,
            "first_sent_at": exercise.start_ex,
            "drill_title": scenario.title,
            "drill_purpose": scenario.purpose,
            "signature": self.signature(mail.sender),
            "report_form": self._form(inject),
            "actions": "\n".join(inject.actions),
            "participants": len(exercise.to_be_reached),
            "municipalities": sum(n.kind == "municipality" for n in exercise.tree.nodes)
            if "municipalities" in template(inject.body).names
            else 0,
            "ended_at": exercise.when(at),
            "stopped_at": exercise.when(at),
            "missing": "",
            "original_text": "",
            "stop_reason": "",
            "extension": "",
            "late_until": exercise.when(exercise.window_at),
            "feedback_by": exercise.when(exercise.window_at),
        }
        record = self.board.notices.get(mail.notice)
        since = at if record is None or record.submitted_at is None else record.submitted_at
        values |= self._dues(inject, since)
        text = _text_of(inject, mail.sender != inject.from_)
        values |= self._counted(template(text.subject).names | template(text.body).names)
        facts: Mapping[str, str] = scenario.facts
        if self.retell is not None and mail.sender != inject.from_:
            facts = self.retell((inject.id, mail.sender))
        return {**values, **scenario.values, **facts}

    def _dues(self, inject: Inject, since: timedelta) -> dict[str, Value]:
        """Return by when what is asked, counted from the notice."""
        due, when = self.exercise.due, self.exercise.when
        ack = since if inject.acknowledge is None else due(since, inject.acknowledge.within)
        report = ack if inject.report is None else due(since, inject.report.within)
        cut_off = report
        if inject.report is not None and inject.report.cut_off is not None:
            cut_off = due(since, inject.report.cut_off)
        call = ack
        if inject.acknowledge is not None and inject.acknowledge.call_after is not None:
            call = due(since, inject.acknowledge.call_after)
        return {
            "ack_by": when(ack),
            "report_by": when(report),
            "cut_off_at": when(cut_off),
            "next_report_at": when(report),
            "call_at": when(call),
            "new_due": when(ack),
        }

    def _counted(self, names: frozenset[str]) -> Mapping[str, Value]:
        """Return counts of the board, where a text asks for them; only then all are looked at."""
        if self.uncounted:
            return {"acknowledged": self.uncounted, "reported": self.uncounted}
        counted: dict[str, Value] = {"acknowledged": 0, "reported": 0}
        if "acknowledged" in names:
            counted["acknowledged"] = len(self.board.reached)
        if "reported" in names:
            reported = {r.key[1] for r in self.board.notices.values() if r.reports}
            counted["reported"] = len(reported)
        return counted

    def _form(self, inject: Inject) -> str:
        if inject.report is None or inject.report.form is None:
            return ""
        return render_form(self.exercise.scenario.forms[inject.report.form])

    def _first_name(self, node: NodeId) -> str:
        officers = self.exercise.node(node).officers
        return without_marks(officers[0].name) if officers else ""

    def _prefecture(self, node: NodeId) -> str:
        """Return the name of the nearest prefecture at or above a node."""
        known = self._prefectures.get(node)
        if known is None:
            at: Node | None = self.exercise.node(node)
            while at is not None and at.kind != "prefecture" and at.parent is not None:
                at = self.exercise.tree.by_id.get(at.parent)
            is_found = at is not None and at.kind == "prefecture"
            known = without_marks(at.name) if at is not None and is_found else ""
            self._prefectures[node] = known
        return known

    def signature(self, node: NodeId) -> str:
        """Return 所属、担当者、電話、メール of a sender, a line each."""
        known = self._signatures.get(node)
        if known is not None:
            return known
        body = self.exercise.node(node)
        lines = [body.name]
        if body.officers:
            first = body.officers[0]
            lines.append(" ".join(part for part in (first.role, first.name) if part))
            phone = body.phone(1, off_hours=self.exercise.off_hours)
            mail = body.address(1, off_hours=self.exercise.off_hours)
            if self.exercise.scenario.lang == "ja":
                lines += [f"電話　{phone}" if phone else "", f"メール　{mail}" if mail else ""]
            else:
                lines += [f"Telephone {phone}" if phone else "", f"Mail {mail}" if mail else ""]
        self._signatures[node] = "\n".join(filter(None, map(without_marks, lines)))
        return self._signatures[node]


def _text_of(inject: Inject, is_passed_on: bool) -> Text:
    """Return the text of an inject, or the one in which it is passed on."""
    onward = inject.pass_on if is_passed_on else None
    return Text(
        subject=(onward.subject if onward is not None else "") or inject.subject,
        body=(onward.body if onward is not None else "") or inject.body,
    )
