"""The simulated officers of a rehearsal: whether and when they read, answer, pass on and report.

Every answer is a draw of (seed, purpose, inject, node, officer, attempt); nothing here keeps state.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from drillsim.drill.entry_form import CHANGED, entry_line, is_entry_form
from drillsim.drill.events import CallResult, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import FormField
from drillsim.drill.tree import NodeId
from drillsim.world.chance import LogNormal, draw, happens, step
from drillsim.world.entry_changes import changed_entry
from drillsim.world.habits import Town

Presence = Literal["present", "absent", "away"]
"""`absent`: the mailbox says so. `away`: nobody says anything."""

_PERSON = re.compile("職|氏名|担当者|対応者|name|officer", re.IGNORECASE)
_TIME = re.compile("日時|時刻|time", re.IGNORECASE)
"""What the label of a line asks for, where it is filled in freely."""

PENDING = "確認中"
"""What is written where something is not known yet (TEXTS, rule 2)."""


@dataclass(frozen=True)
class Staff:
    """Everyone at the nodes of one rehearsal."""

    exercise: Exercise
    town: Town
    seed: int

    def presence(self, node: NodeId, officer: int) -> Presence:
        """Whether `officer` is there on the day of the drill: one draw for all its injects."""
        particular = self.town.particular(node)
        if officer in particular.absent:
            return "absent"
        if officer in particular.silent:
            return "away"
        habits = self.town.habits(node)
        if happens(habits.absence_notice, self.seed, "absence", node, officer):
            return "absent"
        if happens(habits.away, self.seed, "away", node, officer):
            return "away"
        return "present"

    def answers(self, notice: NoticeKey, officer: int, attempt: int) -> bool:
        """Whether `officer`, who is there, answers this mail; a reminder is a new chance."""
        rate = self.town.habits(notice[1]).no_answer
        return not happens(rate, self.seed, "no-answer", *notice, officer, attempt)

    def answers_earlier(self, notice: NoticeKey, officer: int, attempt: int) -> bool:
        """Whether an earlier mail than the `attempt`-th is being answered already.

        A reminder redraws only for those whose draw was no answer.
        """
        return any(self.answers(notice, officer, earlier) for earlier in range(attempt))

    def answer_delay(self, notice: NoticeKey, officer: int, attempt: int) -> timedelta:
        """How long `officer` takes to acknowledge, as drawn."""
        delay = self.town.delay(notice[1], "acknowledge")
        return self._length(delay, "acknowledge", notice, officer, attempt)

    def pass_on_delay(self, notice: NoticeKey) -> timedelta:
        """How long a node takes to pass on after it took the matter up."""
        return self._length(self.town.delay(notice[1], "pass_on"), "pass-on", notice, 0, 0)

    def report_delay(self, notice: NoticeKey, attempt: int = 0) -> timedelta:
        """How long a node takes to fill in the form."""
        return self._length(self.town.delay(notice[1], "report"), "report", notice, 0, attempt)

    def length(self, delay: LogNormal, purpose: str, notice: NoticeKey, number: int) -> timedelta:
        """A delay of another kind at this notice."""
        return self._length(delay, purpose, notice, 0, number)

    def after(self, at: timedelta, length: timedelta) -> timedelta:
        """When someone who begins at `at` is done after `length` of their working time."""
        if self.town.usual.office_hours_only:
            return self.exercise.calendar.worked(at, length)
        return at + length

    def _length(
        self, delay: LogNormal, purpose: str, notice: NoticeKey, officer: int, attempt: int
    ) -> timedelta:
        return delay.quantile(step(draw(self.seed, purpose, *notice, officer, attempt)))

    def happens(self, what: str, notice: NoticeKey, number: int = 0) -> bool:
        """Whether one of the things that real offices do happens at this notice (`Habits`)."""
        rate = getattr(self.town.habits(notice[1]), what)
        return happens(rate, self.seed, what, *notice, number)

    def happens_to_fact(self, what: str, notice: NoticeKey, fact: str) -> bool:
        """Whether a fact is dropped or altered where this notice is passed on (`Habits`)."""
        return happens(getattr(self.town.usual, what), self.seed, what, *notice, fact)

    def hops(self, notice: NoticeKey, hops: tuple[NodeId, ...]) -> tuple[NodeId, ...]:
        """Return to whom a node really passes on: a child may be forgotten, never all."""
        forgotten = self.town.particular(notice[1]).leave_out
        kept = tuple(
            hop
            for hop in hops
            if hop not in forgotten
            and not happens(self.town.usual.child_left_out, self.seed, "left-out", *notice, hop)
        )
        return kept or hops[:1]

    def fill_in(self, notice: NoticeKey, officer: int) -> tuple[tuple[str, str], ...]:
        """Return what `officer` of a node writes into the form of a notice, as (field, value)."""
        inject = self.exercise.inject(notice[0])
        if inject.report is None or inject.report.form is None:
            return ()
        form = self.exercise.scenario.forms[inject.report.form]
        if is_entry_form(form):
            return tuple(self._confirmed(notice, form, officer))
        return tuple((line.id, self._value(notice, line, officer)) for line in form)

    def _confirmed(
        self, notice: NoticeKey, form: Sequence[FormField], officer: int
    ) -> Iterator[tuple[str, str]]:
        """Yield what an office answers that is to confirm its own entry: blank is as it is."""
        given = self.town.particular(notice[1]).answers
        changed = next(line for line in form if line.id == CHANGED)
        usual, key = self.town.usual, (*notice, CHANGED)
        own: dict[str, str] = {}
        word = changed.options[0]
        if PENDING in changed.options and happens(usual.unsure, self.seed, "unsure", *key):
            word = PENDING
        elif happens(usual.unexpected, self.seed, "unexpected", *key):
            bits = draw(self.seed, "other", *key)
            own = changed_entry(form, self.exercise.node(notice[1]), bits)
            word = changed.options[1] if own else word
        for line in form:
            if line.id in given:
                yield line.id, given[line.id]
            elif line.id == CHANGED:
                yield line.id, word
            elif line.id in own:
                yield line.id, own[line.id]
            elif entry_line(line.id) is None:
                yield line.id, self._value(notice, line, officer)

    def _value(self, notice: NoticeKey, line: FormField, officer: int) -> str:
        given = self.town.particular(notice[1]).answers.get(line.id)
        if given is not None:
            return given
        key = (*notice, line.id)
        usual = self.town.usual
        if names_a_person(line):
            return self._signed(notice[1], officer)
        if may_be_open(line) and happens(usual.unsure, self.seed, "unsure", *key):
            return PENDING
        if happens(usual.unexpected, self.seed, "unexpected", *key):
            return other_value(line, draw(self.seed, "other", *key))
        return usual_value(line)

    def _signed(self, node: NodeId, officer: int) -> str:
        """Return post and name of who fills in the form."""
        person = self.exercise.node(node).officers[officer - 1]
        return " ".join(part for part in (person.role, person.name) if part)

    def talks(self, notice: NoticeKey, officer: int) -> CallResult:
        """How a call to `officer` ends (`Telephone`)."""
        telephone = self.town.usual.telephone
        assert telephone is not None
        place = step(draw(self.seed, "call", *notice, officer)) / (1 << 16)
        if self.presence(notice[1], officer) == "absent":
            return "absent"
        if place < telephone.answered:
            return "talked"
        if place < telephone.answered + telephone.message:
            return "message"
        if place < telephone.answered + telephone.message + telephone.voicemail:
            return "voicemail"
        return "absent"


def names_a_person(line: FormField) -> bool:
    """Whether a line of a form asks for whoever fills it in."""
    return line.type == "text" and _PERSON.search(line.label) is not None


def may_be_open(line: FormField) -> bool:
    """Whether a line may be answered 確認中."""
    return line.type in ("text", "datetime") or PENDING in line.options


def usual_value(line: FormField) -> str:
    """Return what is written into a line by those who answer as expected."""
    if line.expect is not None:
        return line.expect
    match line.type:
        case "integer":
            return "0"
        case "choice":
            return next((one for one in line.options if one != PENDING), line.options[0])
        case "datetime":
            return PENDING
        case "text":
            return PENDING if _TIME.search(line.label) else "特になし"


def other_value(line: FormField, bits: int) -> str:
    """Return what is written into a line by those who answer otherwise; `bits` chooses."""
    match line.type:
        case "integer":
            return str(1 + bits % 3)
        case "choice":
            others = [one for one in line.options if one not in (line.expect, PENDING)]
            return others[bits % len(others)] if others else line.options[0]
        case "text" | "datetime":
            return PENDING
