"""The mails of a drill before it, each text once as it would be sent.

They are written by what writes them in the drill (`drillsim.mail`), for the first body that gets
each. Times are those that the plan expects; what nobody can know yet is shown as ○.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.durations import ZERO
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import Inject
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId
from drillsim.mail.compose import Letter, Mailbox, final_body, final_subject
from drillsim.mail.wording import Wording, Words
from drillsim.reports.plan import Plan
from drillsim.world.references import files_digest, reference

UNKNOWN: Final = "○"
NO_REFERENCE: Final = "○○○○-○○○○"
"""整理番号 of a drill whose seed is not fixed yet."""

MailKind = Literal["notice", "passed-on", "reminder", "report-reminder", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMail:
    """One text, as the first of its recipients would get it."""

    kind: MailKind
    inject: InjectId | None
    """None for the stop mail."""
    sender: NodeId
    recipients: tuple[NodeId, ...]
    """All bodies that get this text; the first is the one that it was written for."""
    at: timedelta | None
    """When it is expected; None where that hangs on the operator, or on who answers."""
    subject: str
    body: str


class PlannedMails:
    """Writes the mails of a plan."""

    def __init__(self, plan: Plan, exercise: Exercise, seed: int | None = None) -> None:
        """Prepare to write.

        Args:
            plan: when what is expected.
            exercise: the plan's own, or the same with people masked.
            seed: of the rehearsal whose 整理番号 are printed; None for blank ones.
        """
        self.plan = plan
        self.exercise = exercise
        self.seed = seed
        self._digest = files_digest(plan.loaded.files)

    def reference(self, inject: InjectId, node: NodeId) -> str:
        """Return the 整理番号 of a notice, or what stands for one."""
        if self.seed is None:
            return NO_REFERENCE
        return reference(self.seed, self._digest, (inject, node))

    def all(self) -> Iterator[PlannedMail]:
        """Yield every text once: injects in file order with what is passed on, reminders, stop."""
        for inject in self.exercise.scenario.injects:
            yield from self.of(inject)
        yield from self._reminders()
        yield self.stop()

    def of(self, inject: Inject) -> Iterator[PlannedMail]:
        """Yield the text that the drill sends, and the one that is passed on."""
        scope = self.exercise.scope(inject.id)
        passed_on = tuple(node for node, sender in scope.sender.items() if sender != inject.from_)
        if scope.direct:
            yield self._mail("notice", inject, scope.direct)
        if passed_on:
            yield self._mail("passed-on", inject, passed_on)

    def _reminders(self) -> Iterator[PlannedMail]:
        """Yield each kind of reminder once: for the first inject that has it."""
        for inject in self.exercise.scenario.injects:
            if inject.acknowledge is not None and inject.acknowledge.remind:
                yield self._mail("reminder", inject, self.exercise.scope(inject.id).nodes)
                break
        for inject in self.exercise.scenario.injects:
            if inject.report is not None and inject.report.remind:
                yield self._mail("report-reminder", inject, self.exercise.scope(inject.id).nodes)
                break

    def stop(self) -> PlannedMail:
        """Return the stop mail (訓練中止)."""
        root = self.exercise.tree.root.id
        # In the order of the tree, and without the centre itself.
        everyone = tuple(n.id for n in self.exercise.tree.nodes if n.id in self.plan.ladders)
        node = everyone[0] if everyone else root
        mail = ev.StopSubmitted(at=ZERO, node=node, officer=1, mail="", recipient="")
        words = self._wording(Board(self.exercise)).stop(mail, self.reference(ev.STOP, node), "")
        subject, body = self._final("stop", root, node, ev.STOP, words)
        return PlannedMail(
            kind="stop",
            inject=None,
            sender=root,
            recipients=everyone,
            at=None,
            subject=subject,
            body=body,
        )

    def _mail(self, kind: MailKind, inject: Inject, recipients: tuple[NodeId, ...]) -> PlannedMail:
        node = recipients[0]
        sender = self.exercise.scope(inject.id).sender[node]
        expected = self._expected_at(inject.id, node)
        since = expected if expected is not None else ZERO
        board = self._board(inject.id, since)
        at = since
        purpose: ev.Purpose = "notice"
        if kind == "reminder" and inject.acknowledge is not None:
            purpose, at = kind, self.exercise.due(since, inject.acknowledge.remind[0])
        elif kind == "report-reminder" and inject.report is not None:
            purpose, at = kind, self.exercise.due(since, inject.report.remind[0])
        mail = self._submitted(inject.id, node, sender, since, "notice")
        board.apply(mail)
        if purpose != "notice":
            mail = self._submitted(inject.id, node, sender, at, purpose)
        words = self._wording(board).inject(mail, self.reference(inject.id, node))
        marked: Literal["drill", "passed-on"] = "drill" if sender == inject.from_ else "passed-on"
        subject, body = self._final(marked, sender, node, inject.id, words)
        return PlannedMail(
            kind=kind,
            inject=inject.id,
            sender=sender,
            recipients=recipients,
            at=expected if purpose == "notice" else None,
            subject=subject,
            body=body,
        )

    def _submitted(
        self, inject: InjectId, node: NodeId, sender: NodeId, at: timedelta, purpose: ev.Purpose
    ) -> ev.Submitted:
        return ev.Submitted(
            at=at,
            notice=(inject, node),
            officer=1,
            attempt=0,
            mail="",
            purpose=purpose,
            sender=sender,
            recipient=self.exercise.address(node, 1) if self.exercise.node(node).officers else "",
        )

    def _expected_at(self, inject: InjectId, node: NodeId) -> timedelta | None:
        return next(
            (
                timetable.expected.mailed_at
                for timetable in self.plan.timetables[inject]
                if timetable.expected.node == node
            ),
            None,
        )

    def _board(self, inject: InjectId, at: timedelta) -> Board:
        """Return a board on which nothing has happened but that this inject was released."""
        board = Board(self.exercise)
        phase = self._phase(inject)
        if phase is not None:
            level = self.exercise.scenario.phases.states[phase].level
            board.apply(ev.PhaseEntered(at=at, phase=phase, level=level))
        board.apply(ev.InjectReleased(at=at, inject=inject))
        return board

    def _phase(self, inject: InjectId) -> PhaseId | None:
        phases = self.exercise.scenario.phases
        return next(
            (
                name
                for name, state in phases.states.items()
                if any(send.inject == inject for send in state.send)
            ),
            phases.initial if phases.initial in phases.states else None,
        )

    def _wording(self, board: Board) -> Wording:
        return Wording(self.exercise, board, uncounted=UNKNOWN)

    def _final(
        self,
        kind: Literal["drill", "passed-on", "stop"],
        sender: NodeId,
        node: NodeId,
        inject: InjectId,
        words: Words,
    ) -> tuple[str, str]:
        """Return subject and body with their marks and the token."""
        letter = Letter(
            kind=kind,
            sender=Mailbox("", self.exercise.node(sender).name),
            to=(Mailbox("", self.exercise.node(node).name),),
            subject=words.subject,
            body=words.body,
            message_id="",
            date=self.exercise.start_ex,
            token=self.reference(inject, node),
        )
        return final_subject(letter), final_body(letter)
