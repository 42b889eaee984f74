"""Why it took so long: one sentence on the tier that was slowest, and where its time lay."""

from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.path import acknowledgement_path
from drillsim.evaluation.wording import finding_of


def finding(exercise: Exercise, evaluation: Evaluation, inject: InjectId) -> str:
    """Return the finding on an inject's acknowledgements, or "" where nobody gave one."""
    path = acknowledgement_path(evaluation.timeline, inject)
    hop = evaluation.timeline.hops.get((inject, path.node)) if path is not None else None
    if path is None or hop is None:
        return ""
    for tier in evaluation.reach.tiers:
        if tier.inject == inject and tier.kind == hop.kind:
            found = finding_of(inject, tier.kind, tier.acknowledged.rate, path)
            return found.sentence(exercise)
    return ""
