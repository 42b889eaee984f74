"""How the incident was handled (対処): form answers against what was expected, and booked actions.

A line of a form is judged where the scenario says what to `expect`, by the latest report of each
node. Full-width digits and letters count as their plain ones; 確認中 is kept apart from a wrong
answer, and is not what was expected either. A node that did not report is judged for that alone.

Actions are booked by the operator. Where none was booked for a tier, nobody kept the book there,
and nothing follows from it.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.drill.scenario import FormField, InjectId
from drillsim.drill.tree import NodeKind
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.timeline import Hop, Timeline

PENDING = "確認中"
"""What is written where something is not known yet (TEXTS, rule 2)."""

Verdict = Literal["expected", "other", "pending", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one node wrote into one line that is judged."""

    hop: Hop
    field: FormField
    given: str
    verdict: Verdict
    because: tuple[int, ...]
    """The report that gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One judged line of a form over all who reported."""

    inject: InjectId
    field: FormField
    counts: Mapping[Verdict, int]

    @property
    def rate(self) -> Rate:
        """How many answered as expected, of those who reported."""
        return Rate(self.counts["expected"], sum(self.counts.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One expected action at one node of a tier for which the book was kept."""

    hop: Hop
    action: str
    done_at: timedelta | None
    """When it was first booked."""
    because: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What is known about the handling."""

    answers: tuple[Answer, ...]
    lines: tuple[Line, ...]
    """In the order of injects and forms; those that nobody reported on are there too."""
    actions: tuple[Action, ...]


def handling_of(timeline: Timeline) -> Handling:
    """Return what is known about the handling."""
    answers = tuple(_answers(timeline))
    return Handling(
        answers=answers,
        lines=tuple(_lines(timeline, answers)),
        actions=tuple(_actions(timeline)),
    )


def judged_fields(timeline: Timeline, inject: InjectId) -> tuple[FormField, ...]:
    """Return the lines of an inject's form for which the scenario expects an answer."""
    report = timeline.exercise.inject(inject).report
    if report is None or report.form is None:
        return ()
    form = timeline.exercise.scenario.forms.get(report.form, ())
    return tuple(line for line in form if line.expect is not None)


def verdict_on(line: FormField, given: str) -> Verdict:
    """Return how `given` compares with what `line` expects."""
    words = _plain(given)
    if not words:
        return "empty"
    expected = _plain(line.expect or "")
    if words == expected:
        return "expected"
    if line.type == "integer" and _number(words) is not None:
        return "expected" if _number(words) == _number(expected) else "other"
    return "pending" if words == PENDING else "other"


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def _answers(timeline: Timeline) -> Iterator[Answer]:
    for inject, hops in timeline.by_inject.items():
        judged = judged_fields(timeline, inject)
        for hop in hops if judged else ():
            if hop.reported_at is None:
                continue
            because = hop.because(ev.Reported.kind)[-1:]
            for line in judged:
                given = hop.answers.get(line.id, "")
                yield Answer(
                    hop=hop,
                    field=line,
                    given=given,
                    verdict=verdict_on(line, given),
                    because=because,
                )


def _lines(timeline: Timeline, answers: Sequence[Answer]) -> Iterator[Line]:
    counts: dict[tuple[InjectId, str], dict[Verdict, int]] = {}
    fields: dict[tuple[InjectId, str], FormField] = {}
    for inject in timeline.by_inject:
        for line in judged_fields(timeline, inject):
            fields[(inject, line.id)] = line
            counts[(inject, line.id)] = {"expected": 0, "other": 0, "pending": 0, "empty": 0}
    for answer in answers:
        counts[(answer.hop.inject, answer.field.id)][answer.verdict] += 1
    for key, line in fields.items():
        yield Line(inject=key[0], field=line, counts=counts[key])


def _actions(timeline: Timeline) -> Iterator[Action]:
    kept: set[tuple[InjectId, NodeKind]] = {
        (notice[0], timeline.hops[notice].kind)
        for notice in timeline.booked
        if notice in timeline.hops
    }
    for inject, hops in timeline.by_inject.items():
        expected = timeline.exercise.inject(inject).actions
        for hop in hops if expected else ():
            if (inject, hop.kind) in kept:
                first = _first_booked(timeline, hop.notice)
                for action in expected:
                    number, at = first.get(action, (None, None))
                    because = () if number is None else (number,)
                    yield Action(hop=hop, action=action, done_at=at, because=because)


def _first_booked(timeline: Timeline, notice: NoticeKey) -> dict[str, tuple[int, timedelta]]:
    first: dict[str, tuple[int, timedelta]] = {}
    for number, at, action in timeline.booked.get(notice, ()):
        first.setdefault(action, (number, at))
    return first
