"""The summary: keys of the interface, denominators, nothing that names a person."""

import json
from datetime import timedelta
from typing import Any

import pytest

from drillsim.drill.events import StopConfirmed, StopSubmitted
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.summary import findings_of, hops_summary, points_summary, summary
from drillsim.evaluation.wording import length_words
from drillsim.world.course import Course
from tests import examples
from tests.unit.evaluation.logs import Log, m

CONTRACT = """scenario seed nodes participants notices reached acknowledged in_time late unreachable
passed_on reported mails_sent mails_received score rating drill_seconds""".split()


def rehearsed(seed: int = 7) -> dict[str, Any]:
    exercise = examples.exercise()
    return summary(evaluate(exercise, list(Course(exercise, seed).run())))


def test_the_keys_of_the_interface_come_first_in_their_order() -> None:
    assert list(rehearsed())[: len(CONTRACT)] == CONTRACT


def test_a_drill_of_calm_people_is_summed_up() -> None:
    found = rehearsed()
    counts = {key: found[key] for key in CONTRACT if key not in ("score", "rating")}
    assert counts == {
        "scenario": "example",
        "seed": 7,
        "nodes": 5,
        "participants": 4,
        "notices": 4,
        "reached": 4,
        "acknowledged": 4,
        "in_time": 4,
        "late": 0,
        "unreachable": 0,
        "passed_on": 1,
        "reported": 4,
        "mails_sent": 4,
        "mails_received": 8,
        "drill_seconds": 2843.56,
    }
    assert (found["score"], found["rating"], found["ended"]) == (100.0, "P", "final-phase")
    assert found["rates"]["acknowledged"] == {"count": 4, "of": 4, "percent": 100.0}


def test_the_same_drill_gives_the_same_bytes() -> None:
    first, second = (json.dumps(rehearsed(), ensure_ascii=False) for _ in range(2))
    assert first == second


def test_no_officer_and_no_address_is_named() -> None:
    text = json.dumps(rehearsed(), ensure_ascii=False)
    assert "担当" not in text
    assert "@" not in text
    assert ".example" not in text


def test_the_sentence_says_how_many_in_how_long_and_where_it_lay() -> None:
    log = Log(examples.exercise())
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    log.ack("n1-1", 17)
    log.ack("n1-2", 22)
    log.end(240)
    above, below = findings_of(evaluate(log.exercise, log.events))
    assert (
        below.sentence(log.exercise)
        == "municipality: 2 of 3 in 22 min; 14 min of them lay at 架空n1"
    )
    assert (
        above.sentence(log.exercise) == "prefecture: 1 of 1 in 4 min; 4 min of them lay at 架空n1"
    )


def test_the_sentence_says_when_the_time_went_by_on_the_way() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.ack("n1", 200, channel="telephone")
    (above, _below) = findings_of(evaluate(log.exercise, log.events))
    expected = "prefecture: 1 of 1 in 3 h 20 min; 3 h 20 min of them on the way to 架空n1"
    assert above.sentence(log.exercise) == expected


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=29), "0 min"),
        (timedelta(seconds=30), "1 min"),
        (timedelta(minutes=99), "99 min"),
        (timedelta(minutes=100), "1 h 40 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=48), "2 days 0 h"),
        (timedelta(hours=71, minutes=40), "3 days 0 h"),
    ],
)
def test_lengths_are_said_in_fitting_units(length: timedelta, words: str) -> None:
    assert length_words(length) == words


def test_the_sentence_of_a_tier_that_nobody_answered_in_gives_the_count_alone() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.end(240)
    sentences = [f.sentence(log.exercise) for f in findings_of(evaluate(log.exercise, log.events))]
    assert sentences == ["prefecture: 0 of 1", "municipality: 0 of 3"]


def test_every_point_and_every_hop_names_its_events() -> None:
    exercise = examples.exercise()
    events = list(Course(exercise, 7).run())
    evaluation = evaluate(exercise, events)
    points = points_summary(evaluation.score)
    assert round(sum(p["gained"] for p in points), 6) == 100
    assert all(p["because"] for p in points)
    for hop in hops_summary(evaluation.timeline):
        for number in hop["because"]:
            assert getattr(events[number - 1], "notice", None) == (hop["inject"], hop["node"])


def test_a_stopped_drill_tells_who_has_not_confirmed() -> None:
    log = Log(examples.exercise())
    log.release()
    log.submit("n1", 0)
    log.end(5, "real-incident")
    for node in ("n1", "n1-1"):
        log.add(
            StopSubmitted(
                at=m(5), node=NodeId(node), officer=1, mail=f"stop-{node}", recipient="x@x.example"
            )
        )
    log.add(StopConfirmed(at=m(6), node=NodeId("n1-1"), by="担当1"))
    found = summary(evaluate(log.exercise, log.events))
    assert found["stop"] == {"sent": 2, "confirmed": 1, "missing": ["n1"]}
    assert found["ended"] == "real-incident"


def test_a_drill_that_has_not_begun_has_a_summary() -> None:
    exercise = examples.exercise()
    found = summary(evaluate(exercise, []))
    assert (found["seed"], found["notices"], found["score"], found["ended"]) == (
        None,
        0,
        None,
        None,
    )
    assert found["rates"]["reached"] == {"count": 0, "of": 0, "percent": None}
