"""Drills as reports take them, played by the pure kernel: no journal, no mail."""

from collections.abc import Sequence
from functools import cache

from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import evaluate
from drillsim.files.scenario_file import load_scenario
from drillsim.reports.drill_record import DrillRecord, SentText
from drillsim.world.course import Course

HEAD = "ab12" * 16


def record_of(
    exercise: Exercise, events: Sequence[AnyEvent], sent: Sequence[SentText] = ()
) -> DrillRecord:
    """Return the record of a drill with these events."""
    return DrillRecord(
        name="example",
        mode="rehearsal",
        evaluation=evaluate(exercise, events),
        events=events,
        sent=sent,
        count=len(events),
        head=HEAD,
        digest=HEAD[::-1],
        is_sealed=True,
    )


@cache
def shipped(scenario: str = "r5-virus-suspicion", seed: int = 7) -> DrillRecord:
    """Return a shipped scenario as it goes with `seed`, with a text that names a person."""
    exercise = load_scenario(scenario).exercise
    inject = exercise.scenario.injects[0]
    named = exercise.tree.nodes[1].officers[0]
    text = SentText(
        inject=InjectId(inject.id),
        sender=NodeId(inject.from_),
        is_passed_on=False,
        subject="【訓練】架空の件名",
        body=f"{named.name} 様 {exercise.address(exercise.tree.nodes[1].id, 1)}",
    )
    return record_of(exercise, list(Course(exercise, seed).run()), (text,))
