"""What score to expect: some of the runs rehearsed in full by the kernel, and scored.

A score depends on every event of a drill (form answers, excuses by faults), which arrays do not
have. So the first runs of a forecast are rehearsed one by one and scored as `drillsim score` does;
their mean is told with its standard error. What only an operator books (`actions`) counts as
missed, as in any rehearsal without one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drillsim.drill.exercise import Exercise
from drillsim.evaluation.evaluation import evaluate
from drillsim.forecast.draws import seed_of_run
from drillsim.world.course import Course


@dataclass(frozen=True, slots=True)
class ExpectedScore:
    """The scores of some runs."""

    scores: Sequence[float]

    @property
    def mean(self) -> float:
        """Their mean."""
        return sum(self.scores) / len(self.scores)

    @property
    def error(self) -> float:
        """The standard error of the mean; 0 of a single run."""
        count = len(self.scores)
        if count < 2:
            return 0.0
        spread = sum((score - self.mean) ** 2 for score in self.scores) / (count - 1)
        return math.sqrt(spread / count)


def expected_score(exercise: Exercise, seed: int, runs: int) -> ExpectedScore | None:
    """Rehearse the first `runs` runs and score them; None where nothing is scored."""
    scores = []
    for run in range(runs):
        course = Course(exercise, seed_of_run(seed, run))
        events = list(course.run())
        share = evaluate(exercise, events, course.board).score.total.share
        if share is not None:
            scores.append(float(share * 100))
    return ExpectedScore(scores) if scores else None
