"""The score of a drill: a mean of criteria, each point traced to the events that gave or cost it.

A criterion is made of *points*: one for each node that it asks something of, worth the same. The
share of a criterion is the mean of its points; the score is the mean of the shares by weight,
times 100. A criterion with no points, and one with the weight 0, is left out, and the weights of
the others make the whole: a drill without forms is not marked down for having none.

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

OBJECTIVES: tuple[Objective, ...] = ("reach", "report", "handle")
"""The three rungs (IAEA ConvEx), in the order of reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A share with its rating; both None where nothing was counted."""

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
    results = tuple(_results(material, rubric))
    objectives = {
        objective: _mark([r for r in results if r.objective == objective], rubric)
        for objective in OBJECTIVES
    }
    return Score(
        rubric=rubric,
        total=_mark(results, rubric),
        contact=_mark([r for r in results if r.objective != "handle"], rubric),
        handling=objectives["handle"],
        objectives=objectives,
        injects={
            inject: _mark(list(_within(results, inject)), rubric) for inject in timeline.by_inject
        },
        criteria=results,
        is_final=timeline.is_over,
    )


def _results(material: Material, rubric: Rubric) -> Iterator[CriterionResult]:
    for criterion in CRITERIA:
        weight = rubric.weights[criterion.name]
        points = tuple(criterion.measure(material))
        result = _result(criterion.name, criterion.objective, weight, points)
        if weight and result is not None:
            yield result


def _result(
    name: CriterionName, objective: Objective, weight: int, points: tuple[Point, ...]
) -> CriterionResult | None:
    gained = [point.gained for point in points if point.is_counted]
    if not gained:
        return None
    return CriterionResult(
        name=name,
        objective=objective,
        weight=weight,
        share=sum(gained, Fraction(0)) / len(gained),
        points=points,
    )


def _within(results: Iterable[CriterionResult], inject: InjectId) -> Iterator[CriterionResult]:
    for result in results:
        points = tuple(point for point in result.points if point.hop.inject == inject)
        part = _result(result.name, result.objective, result.weight, points)
        if part is not None:
            yield part


def _mark(results: Sequence[CriterionResult], rubric: Rubric) -> Mark:
    weights = sum(result.weight for result in results)
    if not weights:
        return Mark(share=None, rating=None)
    share = sum((r.weight * r.share for r in results), Fraction(0)) / weights
    return Mark(share=share, rating=rubric.rating(share))
