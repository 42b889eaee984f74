"""How one body did: the score taken over its own points alone, under the same rubric.

Of a message that nobody wrote to it, nothing is counted: that was not its own miss.
For the sheet that a body gets about itself; bodies are never put in an order by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from drillsim.drill.tree import NodeId
from drillsim.evaluation.scoring import CriterionResult, Mark, Score


@dataclass(frozen=True, slots=True)
class BodyMarks:
    """Contact (連絡) and handling (対処) of one body; without a rating where nothing counts."""

    contact: Mark
    handling: Mark


def body_marks(score: Score) -> Mapping[NodeId, BodyMarks]:
    """Return the marks of every body with a point that is counted; O(points)."""
    shares: dict[NodeId, list[tuple[CriterionResult, Fraction]]] = {}
    for result in score.criteria:
        gained: dict[NodeId, list[Fraction]] = {}
        for point in result.points:
            if point.is_counted and (point.hop.is_written_to or point.hop.is_acknowledged):
                gained.setdefault(point.hop.node, []).append(Fraction(point.gained))
        for node, each in gained.items():
            shares.setdefault(node, []).append((result, sum(each, Fraction(0)) / len(each)))
    return {
        node: BodyMarks(
            contact=_mark(score, [pair for pair in pairs if pair[0].objective != "handle"]),
            handling=_mark(score, [pair for pair in pairs if pair[0].objective == "handle"]),
        )
        for node, pairs in shares.items()
    }


def _mark(score: Score, pairs: list[tuple[CriterionResult, Fraction]]) -> Mark:
    weights = sum(result.weight for result, _share in pairs)
    if not weights:
        return Mark(share=None, rating=None)
    share = sum((result.weight * share for result, share in pairs), Fraction(0)) / weights
    return Mark(share=share, rating=score.rubric.rating(share))
