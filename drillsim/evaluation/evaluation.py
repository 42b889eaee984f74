"""All that a drill showed, in one object: what score, summary and report are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Scoring
from drillsim.evaluation.causes import misses_of
from drillsim.evaluation.duties import Duties, duties_of
from drillsim.evaluation.fidelity import Fidelity, Overruling, fidelity_of
from drillsim.evaluation.handling import Handling, handling_of
from drillsim.evaluation.mending import Mend, mends_of
from drillsim.evaluation.reach import Reach, reach_of
from drillsim.evaluation.rubric import rubric_of
from drillsim.evaluation.scoring import Score, score_of
from drillsim.evaluation.timeline import Timeline, trace


@dataclass(frozen=True)
class Evaluation:
    """What a drill showed, as it stands or as it ended."""

    timeline: Timeline
    duties: Duties
    reach: Reach
    handling: Handling
    score: Score
    fidelity: Fidelity
    """Scored apart from speed."""
    mends: tuple[Mend, ...]
    """What the drill found to be mended in the contact tree."""


def evaluate(
    exercise: Exercise,
    events: Iterable[AnyEvent],
    board: Board | None = None,
    *,
    with_faults: bool = True,
    overrulings: Sequence[Overruling] = (),
) -> Evaluation:
    """Return what a drill showed; a pure function of its files and events, O(events).

    Args:
        exercise: the files of the drill.
        events: all its events, in the order of the journal.
        board: the fold of exactly these events, where there is one already.
        with_faults: whether the scenario's faults were at work, as they are in a rehearsal alone.
        overrulings: judgements on facts that the annex of a sealed drill holds.

    Raises:
        IllegalEventError: the events are no drill of this exercise.
        ValueError: `board` is the fold of other events, or the scenario's `scoring` is no rubric.
    """
    events = list(events)
    timeline = trace(exercise, events, board, with_faults=with_faults)
    duties = duties_of(timeline)
    misses = misses_of(timeline, duties)
    handling = handling_of(timeline)
    rubric = rubric_of(exercise.scenario.scoring)
    return Evaluation(
        timeline=timeline,
        duties=duties,
        reach=reach_of(timeline, duties, misses),
        handling=handling,
        score=score_of(timeline, duties, misses, handling, rubric),
        fidelity=fidelity_of(timeline, rubric, overrulings),
        mends=mends_of(exercise, events),
    )


def rescore(evaluation: Evaluation, scoring: Scoring) -> Evaluation:
    """Return the same drill under another rubric.

    Raises:
        ValueError: `scoring` is no rubric (`drillsim.evaluation.rubric.rubric_faults`).
    """
    timeline, duties, handling = evaluation.timeline, evaluation.duties, evaluation.handling
    rubric = rubric_of(scoring)
    score = score_of(timeline, duties, evaluation.reach.misses, handling, rubric)
    fidelity = replace(evaluation.fidelity, rubric=rubric)
    return replace(evaluation, score=score, fidelity=fidelity)
