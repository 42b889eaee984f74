"""Many drills put together: spreads, and who was on the critical path."""

from datetime import timedelta
from statistics import median_low

from drillsim.drill.durations import to_ms
from drillsim.drill.scenario import InjectId
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.evaluation.path import acknowledgement_path
from drillsim.evaluation.statistics import Spread, Statistics
from drillsim.world.course import Course
from tests import examples

FIRST = InjectId("first")
SEEDS = range(1, 13)


def played() -> list[Evaluation]:
    exercise = examples.exercise()
    return [evaluate(exercise, list(Course(exercise, seed).run())) for seed in SEEDS]


def taken(evaluations: list[Evaluation]) -> Statistics:
    statistics = Statistics()
    for evaluation in evaluations:
        statistics.take(evaluation)
    return statistics


def test_a_quantile_is_a_value_that_occurred() -> None:
    spread = Spread(6, (1.0, 2.0, 3.0, 4.0))
    assert [spread.quantile(p) for p in (0, 25, 50, 75, 90, 100)] == [1, 1, 2, 3, 4, 4]
    assert (spread.n, spread.of) == (4, 6)
    assert Spread(3, ()).quantile(50) is None


def test_marks_and_scores_are_those_of_the_drills() -> None:
    drills = played()
    statistics = taken(drills)
    assert statistics.drills == len(drills)
    lasts = []
    for drill in drills:
        tier = next(t for t in drill.reach.tiers if t.kind == "municipality")
        if tier.marks.last is not None:
            lasts.append(to_ms(tier.marks.last) / 1000)
    last = statistics.marks[(FIRST, "municipality")]["last"]
    assert list(last.values) == sorted(lasts)
    assert last.quantile(50) == median_low(lasts)
    assert list(statistics.score.values) == sorted(d.score.total.score or 0 for d in drills)
    assert sum(statistics.ends.values()) == len(drills)
    assert statistics.length.quantile(100) == max(
        d.timeline.now / timedelta(seconds=1) for d in drills
    )


def test_the_share_on_the_critical_path_counts_drills_not_messages() -> None:
    drills = played()
    bodies = {body.node: body for body in taken(drills).bodies}
    for node, body in bodies.items():
        on = 0
        for drill in drills:
            path = acknowledgement_path(drill.timeline, FIRST)
            assert path is not None
            on += any(segment.node == node for segment in path.segments)
        assert (body.critical.count, body.critical.of) == (on, len(drills))
    # Everything passes through the one prefecture.
    assert bodies["n1"].critical.percent == 100  # type: ignore[index]
    assert sum(body.last.count for body in bodies.values()) == len(drills)


def test_bodies_stand_in_the_order_in_which_they_held_drills_up() -> None:
    counts = [body.critical.count for body in taken(played()).bodies]
    assert counts == sorted(counts, reverse=True)
