"""The score of a drill: a mean of criteria, each point traced to the events that gave or cost it.

A criterion is made of *points*: one for each node that it asks something of, worth the same. The
share of a criterion is the mean of its points; the score is the mean of the shares by weight,
times 100. A criterion with no points, and one with the weight 0, is left out, and the weights of
the others make the whole: a drill without forms is not marked down for having none.

Where too little came due (less than `DUE_MIN` of what was asked, by weight: the operator ended the
drill early, or faults were in the way), nothing is rated: one answer in time is no drill achieved.

*Contact* (連絡) is made of the objectives reach and report, *handling* (対処) of handle. Shares are
exact fractions, and a rating follows from them unrounded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from drillsim.drill.scenario import InjectId, Objective
from drillsim.evaluation.causes import Miss
from drillsim.evaluation.criteria import CRITERIA, CriterionName, Material, Point
from drillsim.evaluation.duties import Duties
from drillsim.evaluation.handling import Handling
from drillsim.evaluation.rubric import Rating, Rubric
from drillsim.evaluation.timeline import Timeline

DUE_MIN = Fraction(1, 2)
"""From which share of what was asked on that can be judged a mark is given."""

OBJECTIVES: tuple[Objective, ...] = ("reach", "report", "handle")
"""The three rungs (IAEA ConvEx), in the order of reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A share with its rating; both None where nothing is rated.

    That is where nothing was counted, too little came due, or a real incident stopped the drill.
    """

    share: Fraction | None
    rating: Rating | None

    @property
    def score(self) -> float | None:
        """The share from 0 to 100 with one decimal, rounded down: 79.96 is not 80."""
        return None if self.share is None else int(self.share * 1000) / 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One criterion of a drill."""

    name: CriterionName
    objective: Objective
    weight: int
    share: Fraction
    points: tuple[Point, ...]
    """In the order of the hops, with those that are not counted."""

    @property
    def counted(self) -> int:
        """Of how many points the share is the mean."""
        return sum(point.is_counted for point in self.points)

    @property
    def excused(self) -> int:
        """How many points faults or an early end excuse."""
        return sum(bool(point.excuse) for point in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of a drill under one rubric."""

    rubric: Rubric
    total: Mark
    contact: Mark
    handling: Mark
    objectives: Mapping[Objective, Mark]
    injects: Mapping[InjectId, Mark]
    """Each inject by itself."""
    criteria: tuple[CriterionResult, ...]
    is_final: bool
    """False while the drill runs: what is overdue counts as missed so far."""
    is_stopped: bool = False
    """Whether a real incident stopped the drill: then nothing of it is rated."""

    def worth(self, criterion: CriterionResult) -> Fraction:
        """Return how much of the 100 each counted point of `criterion` is worth."""
        weights = sum(result.weight for result in self.criteria)
        return Fraction(100 * criterion.weight, weights * criterion.counted)


def score_of(
    timeline: Timeline, duties: Duties, misses: Sequence[Miss], handling: Handling, rubric: Rubric
) -> Score:
    """Return the score of a drill under `rubric`."""
    material = Material(
        duties=duties, misses=misses, handling=handling, late_credit=rubric.late_credit
    )
    measured = tuple(_measured(material, rubric))
    is_final = timeline.is_over
    end = timeline.board.end
    is_stopped = end is not None and end.reason == "real-incident"

    def mark(parts: Iterable[_Measured]) -> Mark:
        return _mark(() if is_stopped else list(parts), rubric, is_final)

    objectives = {
        objective: mark(part for part in measured if part.objective == objective)
        for objective in OBJECTIVES
    }
    return Score(
        rubric=rubric,
        total=mark(measured),
        contact=mark(part for part in measured if part.objective != "handle"),
        handling=objectives["handle"],
        objectives=objectives,
        injects={inject: mark(_within(measured, inject)) for inject in timeline.by_inject},
        criteria=tuple(r for part in measured if (r := part.result) is not None),
        is_final=is_final,
        is_stopped=is_stopped,
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """A criterion of some weight, with all its points, counted or not."""

    name: CriterionName
    objective: Objective
    weight: int
    points: tuple[Point, ...]

    @property
    def result(self) -> CriterionResult | None:
        """What came of it; None where nothing was counted."""
        gained = [point.gained for point in self.points if point.is_counted]
        if not gained:
            return None
        return CriterionResult(
            name=self.name,
            objective=self.objective,
            weight=self.weight,
            share=sum(gained, Fraction(0)) / len(gained),
            points=self.points,
        )

    @property
    def due(self) -> Fraction:
        """Which share of what was asked could be judged."""
        return Fraction(sum(point.is_counted for point in self.points), len(self.points))


def _measured(material: Material, rubric: Rubric) -> Iterator[_Measured]:
    for criterion in CRITERIA:
        weight = rubric.weights[criterion.name]
        points = tuple(criterion.measure(material))
        if weight and points:
            yield _Measured(criterion.name, criterion.objective, weight, points)


def _within(measured: Iterable[_Measured], inject: InjectId) -> Iterator[_Measured]:
    for part in measured:
        points = tuple(point for point in part.points if point.hop.inject == inject)
        if points:
            yield _Measured(part.name, part.objective, part.weight, points)


def _mark(measured: Sequence[_Measured], rubric: Rubric, is_final: bool) -> Mark:
    results = [result for part in measured if (result := part.result) is not None]
    if not results:
        return Mark(share=None, rating=None)
    due = sum((part.weight * part.due for part in measured), Fraction(0))
    if is_final and due < DUE_MIN * sum(part.weight for part in measured):
        return Mark(share=None, rating=None)
    weights = sum(result.weight for result in results)
    share = sum((r.weight * r.share for r in results), Fraction(0)) / weights
    return Mark(share=share, rating=rubric.rating(share))
