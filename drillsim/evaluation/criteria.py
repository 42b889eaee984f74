"""The criteria of the score: what each node gains a point by, and the events that show it.

| criterion     | objective | weight | a point is gained                                          |
|---------------|-----------|--------|------------------------------------------------------------|
| `acknowledge` | reach     | 40     | by an answer in time; a late one gains `late-credit`       |
| `pass-on`     | reach     | 20     | by the share of next hops written to, late ones as above   |
| `report`      | report    | 20     | by a report in time; a late one gains `late-credit`        |
| `answers`     | handle    | 15     | by the share of judged form lines answered as expected     |
| `actions`     | handle    | 5      | by the share of expected actions booked                    |

Further criteria belong into `CRITERIA` and appear once there is something for them to count.

What injected faults made unavoidable, and what was not due yet (`drillsim.evaluation.duties`), is
shown with its excuse: late points gain in full, missed ones are not counted. While a drill runs,
what is open is counted once it is overdue, as missed so far.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.drill.scenario import Objective
from drillsim.evaluation.causes import Miss
from drillsim.evaluation.duties import Duties, Duty, Excuse, What
from drillsim.evaluation.handling import Action, Answer, Handling
from drillsim.evaluation.timeline import Hop

CriterionName: TypeAlias = str
Evidence: TypeAlias = Mapping[NoticeKey, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one node gained of one criterion."""

    hop: Hop
    gained: Fraction
    """From 0 to 1; of an excused miss nothing is counted."""
    is_counted: bool
    excuse: Excuse
    because: tuple[int, ...]
    """The events that gave or cost it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the criteria measure."""

    duties: Duties
    misses: Sequence[Miss]
    handling: Handling
    late_credit: Fraction
    """What is gained late, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that is measured, with its usual weight."""

    name: CriterionName
    objective: Objective
    weight: int
    measure: Callable[[Material], Iterable[Point]]


def _acknowledging(material: Material) -> Iterator[Point]:
    evidence = _evidence(material, "acknowledge")
    for duty in _of(material.duties, "acknowledge"):
        yield _point(duty, _credit(duty, material.late_credit), evidence)


def _reporting(material: Material) -> Iterator[Point]:
    evidence = _evidence(material, "report")
    for duty in _of(material.duties, "report"):
        yield _point(duty, _credit(duty, material.late_credit), evidence)


def _passing_on(material: Material) -> Iterator[Point]:
    evidence = _evidence(material, "pass-on")
    for duty in _of(material.duties, "pass-on"):
        hop = duty.hop
        limit = None if duty.due is None else duty.due + hop.lost
        gained = sum(
            (Fraction(1) if limit is None or at <= limit else material.late_credit)
            for _, at in hop.written_to
        )
        yield _point(duty, Fraction(gained) / len(hop.asked.pass_on), evidence)


def _answering(material: Material) -> Iterator[Point]:
    by_notice: dict[NoticeKey, list[Answer]] = {}
    for answer in material.handling.answers:
        by_notice.setdefault(answer.hop.notice, []).append(answer)
    for answers in by_notice.values():
        as_expected = sum(answer.verdict == "expected" for answer in answers)
        yield Point(
            hop=answers[0].hop,
            gained=Fraction(as_expected, len(answers)),
            is_counted=True,
            excuse="",
            because=answers[0].because,
        )


def _acting(material: Material) -> Iterator[Point]:
    by_notice: dict[NoticeKey, list[Action]] = {}
    for action in material.handling.actions:
        by_notice.setdefault(action.hop.notice, []).append(action)
    for actions in by_notice.values():
        done = sum(action.done_at is not None for action in actions)
        yield Point(
            hop=actions[0].hop,
            gained=Fraction(done, len(actions)),
            is_counted=True,
            excuse="",
            because=tuple(sorted(n for action in actions for n in action.because)),
        )


CRITERIA: tuple[Criterion, ...] = (
    Criterion("acknowledge", "reach", 40, _acknowledging),
    Criterion("pass-on", "reach", 20, _passing_on),
    Criterion("report", "report", 20, _reporting),
    Criterion("answers", "handle", 15, _answering),
    Criterion("actions", "handle", 5, _acting),
)
"""All criteria, in the order of reports."""


def _of(duties: Duties, what: What) -> Iterator[Duty]:
    return (duty for duty in duties.values() if duty.what == what)


def _credit(duty: Duty, late_credit: Fraction) -> Fraction:
    if duty.standing == "in-time" or (duty.standing == "late" and duty.excuse):
        return Fraction(1)
    return late_credit if duty.standing == "late" else Fraction(0)


def _evidence(material: Material, what: What) -> Evidence:
    """Return the events behind each miss of this kind, or of the whole notice."""
    return {
        miss.notice: miss.because
        for miss in material.misses
        if miss.what in ("acknowledge", "delivery", what)
    }


_DOING: Mapping[What, tuple[str, ...]] = {
    "acknowledge": (ev.Acknowledged.kind, ev.Reported.kind, ev.PassedOn.kind),
    "pass-on": (ev.PassedOn.kind,),
    "report": (ev.Reported.kind,),
}


def _point(duty: Duty, gained: Fraction, evidence: Evidence) -> Point:
    hop = duty.hop
    if duty.standing in ("in-time", "late"):
        begun = hop.first(ev.Submitted.kind, ev.Refused.kind)[:1]
        done = hop.because(*_DOING[duty.what])
        done = done if duty.what == "pass-on" else done[:1]
        faults = hop.fault_numbers if duty.excuse else ()
        return Point(
            hop=hop,
            gained=gained,
            is_counted=True,
            excuse=duty.excuse,
            because=tuple(sorted({*begun, *done, *faults})),
        )
    is_counted = duty.is_overdue if duty.standing == "open" else not duty.excuse
    return Point(
        hop=hop,
        gained=gained if is_counted else Fraction(0),
        is_counted=is_counted,
        excuse=duty.excuse,
        because=evidence.get(hop.notice, hop.because(ev.Submitted.kind)),
    )
