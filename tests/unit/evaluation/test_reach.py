"""Reach per tier: denominators, late, after the end, other channels, and who is not counted."""

from collections.abc import Mapping
from typing import Any

from drillsim.drill.events import AnsweredAfterEnd
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.reach import Reach, Tier
from tests import examples
from tests.unit.evaluation.logs import Log, m


def reach(log: Log) -> Reach:
    return evaluate(log.exercise, log.events).reach


def tier(log: Log, kind: str) -> Tier:
    (found,) = (t for t in reach(log).tiers if t.kind == kind)
    return found


def drill(**changes: Any) -> Log:
    log = Log(examples.exercise(story=examples.scenario(**changes)))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2", "n1-3")
    return log


def test_every_node_in_scope_is_counted_once() -> None:
    log = drill()
    log.ack("n1-1", 20)
    log.ack("n1-2", 50)
    log.end(240)
    below = tier(log, "municipality")
    assert below.confirmed == Rate(2, 3)
    done = below.acknowledged
    assert (done.in_time, done.late, done.missed, done.excused, done.open) == (1, 1, 1, 0, 0)
    assert below.causes["other"] == 1  # n1-3: no server has taken its mail
    assert tier(log, "prefecture").confirmed == Rate(1, 1)
    assert [duty.hop.node for duty in reach(log).late] == ["n1-2"]


def test_shares_count_from_the_own_notice_and_marks_from_the_release() -> None:
    log = drill()
    log.ack("n1-1", 28)
    log.ack("n1-2", 50)
    log.end(240)
    below = tier(log, "municipality")
    assert dict(below.within) == {m(15): Rate(1, 3), m(30): Rate(1, 3), m(60): Rate(2, 3)}
    assert below.marks.first == m(28)
    assert dict(below.marks.at_percent)[50] == m(50)
    assert dict(below.marks.at_percent)[75] is None
    assert below.delay_median == m(25)


def test_an_answer_after_the_end_counts_as_none_and_is_listed_apart() -> None:
    log = drill()
    log.end(240)
    log.add(AnsweredAfterEnd(at=m(250), notice=log.key("n1-1"), by="担当1"))
    log.add(AnsweredAfterEnd(at=m(251), notice=log.key("n1"), by="担当1"))
    assert tier(log, "municipality").confirmed == Rate(0, 3)
    assert tier(log, "municipality").after_end == 1
    assert tier(log, "prefecture").after_end == 0


def test_other_channels_are_told_apart() -> None:
    log = drill()
    log.ack("n1-1", 20)
    log.ack("n1-2", 21, channel="telephone")
    log.ack("n1-3", 22, channel="telephone")
    assert tier(log, "municipality").channels == {"mail": 1, "telephone": 2}


def test_who_declines_is_reached_and_has_not_acknowledged() -> None:
    log = drill()
    log.notify("n1-1", 14.1)
    log.decline("n1-1", 20)
    log.end(240)
    assert tier(log, "municipality").declined == 1
    assert tier(log, "municipality").confirmed == Rate(0, 3)
    assert reach(log).reached == Rate(2, 4)


def test_contact_is_counted_by_kind_and_names_the_unreached() -> None:
    log = drill()
    log.ack("n1-2", 20)
    log.end(240)
    above, below, everyone = reach(log).contacts
    assert (above.kind, above.rate) == ("prefecture", Rate(1, 1))
    assert (below.kind, below.rate) == ("municipality", Rate(1, 3))
    assert below.unreached == ("n1-1", "n1-3")
    assert (everyone.kind, everyone.rate) == (None, Rate(2, 4))


def apart(log: Log) -> list[tuple[str, str, str]]:
    return [(a.node, a.why, a.reason) for a in reach(log).apart]


def test_who_takes_no_part_stands_apart_with_the_reason() -> None:
    excepted: Mapping[str, Any] = {"default": "all", "except": {"n1-3": "システム更新"}}
    log = Log(examples.exercise(story=examples.scenario(participants=excepted)))
    log.release()
    log.reach("n1", 0, 4)
    log.pass_on("n1", 14, "n1-1", "n1-2")
    log.end(240)
    assert tier(log, "municipality").scope == 2
    assert apart(log) == [("n1-3", "no-participant", "システム更新")]


def test_who_stands_below_a_node_that_takes_no_part_is_named() -> None:
    excepted = {"default": "all", "except": {"n1": "工事"}}
    log = Log(
        examples.exercise(
            contacts=examples.tree((2, 1)), story=examples.scenario(participants=excepted)
        )
    )
    log.release()
    log.reach("n2", 0, 4)
    log.end(240)
    assert apart(log) == [
        ("n1", "no-participant", "工事"),
        ("n1-1", "behind-no-participant", ""),
    ]


def test_where_only_some_take_part_the_others_stand_apart() -> None:
    chosen = {"default": "none", "except": {"n1": "", "n1-2": ""}}
    log = Log(examples.exercise(story=examples.scenario(participants=chosen)))
    log.release()
    log.reach("n1", 0, 4)
    log.end(240)
    assert apart(log) == [("n1-1", "no-participant", ""), ("n1-3", "no-participant", "")]


def test_participants_to_whom_nothing_was_sent_are_named() -> None:
    second = {**examples.INJECT, "id": "second", "to": {"kind": "prefecture"}}
    first = {**examples.INJECT, "pass-on": None}
    first.pop("pass-on")
    first["report"] = {"within": "60m"}
    phases = {
        "initial": "notice",
        "states": {
            "notice": {"send": ["first"], "next": [{"when": {"elapsed": "30m"}, "to": "more"}]},
            "more": {"send": ["second"], "next": [{"when": {"elapsed": "60m"}, "to": "ended"}]},
            "ended": {"final": "true"},
        },
    }
    log = Log(examples.exercise(story=examples.scenario(injects=[first, second], phases=phases)))
    log.release()
    log.reach("n1", 0, 4)
    log.end(20, "operator")
    assert [(node, why) for node, why, _ in apart(log)] == [
        ("n1-1", "not-sent"),
        ("n1-2", "not-sent"),
        ("n1-3", "not-sent"),
    ]
