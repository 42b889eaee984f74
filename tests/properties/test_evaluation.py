"""An evaluation is a pure function of the events, whole or cut off, live or read back."""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent, decode, encode
from drillsim.drill.exercise import Exercise
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.evaluation.milestones import marks_of
from drillsim.evaluation.summary import hops_summary, paths_of, points_summary, summary
from drillsim.world.course import Course
from tests import examples
from tests.unit.evaluation.logs import m

SEEDS = st.integers(min_value=0, max_value=10**6)

ROUGH = {
    "preset": "announced-office-hours",
    "no-answer": "10%",
    "away": "10%",
    "absence-notice": "10%",
    "dead-address": "10%",
    "answer-twice": "10%",
    "child-left-out": "10%",
    "report-forgotten": "10%",
    "unexpected": "20%",
    "telephone": {"answered": "50%", "message": "25%", "voicemail": "6%"},
}
FAULTS = [
    {"node": "n1", "kind": "defer", "until": "9m"},
    {"node": "n1-1", "kind": "drop", "until": "25m"},
    {"node": "n1-2", "kind": "unknown-address", "officer": 1},
    {"node": "n2", "kind": "delay", "by": "4m"},
]


def rough() -> Exercise:
    return examples.exercise(
        contacts=examples.tree((2, 3)), story=examples.scenario(people=ROUGH, faults=FAULTS)
    )


def told(evaluation: Evaluation) -> str:
    """Return everything that is ever shown of an evaluation, as bytes of JSON."""
    return json.dumps(
        [summary(evaluation), points_summary(evaluation.score), hops_summary(evaluation.timeline)],
        ensure_ascii=False,
    )


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_live_board_events_and_journal_give_the_same_evaluation(first: int) -> None:
    exercise = rough()
    for seed in range(first, first + 20):
        course = Course(exercise, seed)
        events = list(course.run())
        live = evaluate(exercise, events, course.board)
        kept = [json.dumps(encode(event)) for event in events]
        read = [decode(json.loads(line)) for line in kept]
        # Other files objects, as after a restart, and a stream that can be read once only.
        again = evaluate(rough(), iter(read))
        assert again.timeline.hops == live.timeline.hops, seed
        assert told(again) == told(live), seed


@given(seed=SEEDS, data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_drill_can_be_evaluated_at_any_moment(seed: int, data: st.DataObject) -> None:
    exercise = rough()
    events = list(Course(exercise, seed).run())
    cut = data.draw(st.integers(min_value=0, max_value=len(events)))
    evaluation = evaluate(exercise, events[:cut])
    check_promises(evaluation, events[:cut])


@given(seed=SEEDS)
@settings(max_examples=60, deadline=None)
def test_the_promises_hold_when_a_drill_has_ended(seed: int) -> None:
    exercise = rough()
    events = list(Course(exercise, seed).run())
    evaluation = evaluate(exercise, events)
    check_promises(evaluation, events)
    for contact in evaluation.reach.contacts:
        for node in contact.unreached:
            assert any(miss.hop.node == node for miss in evaluation.reach.misses)
    for tier in evaluation.reach.tiers:
        assert tier.acknowledged.open == tier.passed_on.open == tier.reported.open == 0


def check_promises(evaluation: Evaluation, events: list[AnyEvent]) -> None:
    timeline = evaluation.timeline
    json.loads(told(evaluation), parse_constant=_refuse)
    for tier in evaluation.reach.tiers:
        for done in (tier.acknowledged, tier.passed_on, tier.reported):
            counts = (done.in_time, done.late, done.missed, done.excused, done.open)
            assert min(counts) >= 0
            assert sum(counts) == done.of <= tier.scope
        assert sum(tier.channels.values()) == tier.acknowledged.done
        times = [at for _, at in tier.marks.at_percent if at is not None]
        assert times == sorted(times)
    for hop in timeline.hops.values():
        lengths = (hop.transit, hop.waiting, hop.handling, hop.reporting, hop.delay, hop.lost)
        assert all(length >= ZERO for length in lengths if length is not None)
        if hop.delay is not None and hop.transit is not None and hop.waiting is not None:
            assert hop.transit + hop.waiting == hop.delay
    for path in paths_of(timeline):
        assert path.segments[0].begin == path.begin
        for before, after in zip(path.segments, path.segments[1:], strict=False):
            assert before.end == after.begin
        assert all(segment.length > ZERO for segment in path.segments)
        assert sum((segment.length for segment in path.segments), ZERO) == path.length
        for segment in path.segments:
            ends = [events[number - 1].at for number in segment.because]
            assert ends == [segment.begin, segment.end]
    score = evaluation.score
    assert score.is_final == timeline.is_over
    for criterion in score.criteria:
        for point in criterion.points:
            assert 0 <= point.gained <= 1
            assert point.is_counted or not point.gained
            assert list(point.because) == sorted(set(point.because))
            for number in point.because:
                about = getattr(events[number - 1], "notice", None)
                # Of the node itself, of a node above where the chain broke, or EndEx.
                assert about is None or about[0] == point.hop.inject
    if score.total.share is not None:
        gained = sum(
            (score.worth(c) * p.gained for c in score.criteria for p in c.points), Fraction(0)
        )
        assert gained == score.total.share * 100
    for miss in evaluation.reach.misses:
        assert miss.because


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


@given(
    times=st.lists(st.integers(min_value=0, max_value=500), max_size=40),
    silent=st.integers(min_value=0, max_value=40),
)
def test_at_a_mark_that_share_had_answered_and_just_before_it_had_not(
    times: list[int], silent: int
) -> None:
    answers, of = [m(t) for t in times], len(times) + silent
    for percent, at in marks_of(answers, of).at_percent:
        by_then = sum(answer <= at for answer in answers) if at is not None else len(answers)
        if at is None:
            assert not of or by_then * 100 < percent * of
        else:
            assert by_then * 100 >= percent * of
            assert sum(answer < at for answer in answers) * 100 < percent * of
