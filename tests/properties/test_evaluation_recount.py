"""The figures of an evaluation, against a count over the raw events that shares no code with it.

The count reads the events as the journal keeps them (plain dicts of JSON), goes through all of
them for every question, and knows nothing of boards, hops or tiers.
"""

import json
import math
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from drillsim.drill.events import encode
from drillsim.drill.exercise import Exercise
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.summary import hops_summary, summary
from drillsim.world.course import Course
from tests import examples
from tests.recount import MINUTE, Key, RawEvent, Recount, minutes_of

UP = {
    "id": "up",
    "from": "n1-1",
    "to": "parent",
    "subject": "架空の発見",
    "body": "架空",
    "acknowledge": {"within": "20m", "remind": ["15m"], "stand-in-after": "30m"},
    "pass-on": {"to": "parent", "within": "25m"},
    "report": {"within": "40m", "form": "status"},
}
NEWS = {"id": "news", "from": "n", "to": "all", "subject": "架空の連絡", "body": "架空"}

REAL_OFFICES = {
    "preset": "announced-office-hours",
    "no-answer": "5%",
    "away": "10%",
    "absence-notice": "12%",
    "dead-address": "12%",
    "answer-twice": "10%",
    "unlisted-colleague": "10%",
    "reply-all": "10%",
    "one-mail-to-all": "30%",
    "child-left-out": "8%",
    "report-forgotten": "10%",
    "unexpected": "20%",
    "unsure": "15%",
}


def example(seed: int) -> Exercise:
    """Return an exercise in which much goes wrong, another for every seed."""
    dice = random.Random(seed)
    contacts = examples.tree(
        dice.choice([(1, 3), (2, 5), (1, 2, 3), (3, 4)]),
        count=dice.choice([1, 2, 3]),
        changes={"n1-2": {"officers": [{"name": "架空 無宛先"}]}} if seed % 3 == 0 else {},
    )
    nodes = [node.id for node in contacts.nodes if node.id != "n"]
    people = dict(REAL_OFFICES)
    if dice.random() < 0.5:
        people["telephone"] = {"answered": "50%", "message": "25%", "voicemail": "6%"}  # type: ignore[assignment]
    faults = []
    for _ in range(dice.randrange(5)):
        kind = dice.choice(["defer", "refuse", "unknown-address", "mailbox-full", "drop", "delay"])
        fault: dict[str, Any] = {"node": dice.choice(nodes), "kind": kind}
        if dice.random() < 0.6:
            fault["officer"] = 1
        if dice.random() < 0.7:
            fault["from"] = f"{dice.randrange(30)}m"
            fault["until"] = f"{dice.randrange(31, 200)}m"
        if kind == "delay":
            fault["by"] = f"{dice.randrange(1, 90)}m"
        faults.append(fault)
    end = dice.choice(
        [
            {"reported": "first", "share": "100%"},
            {"acknowledged": "first", "of": "municipality", "share": "60%"},
            {"elapsed": "75m"},
        ]
    )
    excepted = {nodes[-1]: "架空の理由"} if dice.random() < 0.4 else {}
    story = examples.scenario(
        injects=[examples.INJECT, UP, NEWS],
        people=people,
        faults=faults,
        participants={"default": "all", "except": excepted},
        window=dice.choice(["90m", "4h"]),
        phases={
            "initial": "notice",
            "states": {
                "notice": {
                    "send": [
                        "first",
                        {"inject": "up", "after": "10m"},
                        {"inject": "news", "after": "50m"},
                    ],
                    "next": [{"when": end, "to": "ended"}],
                },
                "ended": {"final": "true"},
            },
        },
    )
    return examples.exercise(contacts=contacts, story=story)


def recount_of(exercise: Exercise, events: list[RawEvent]) -> Recount:
    raw = exercise.scenario.model_dump(mode="json", by_alias=True)
    nodes = [{"id": n.id, "kind": n.kind, "parent": n.parent} for n in exercise.tree.nodes]
    return Recount(raw, nodes, events)


def drill(seed: int) -> tuple[Recount, dict[str, Any], list[dict[str, Any]]]:
    exercise = example(seed)
    events = list(Course(exercise, seed).run())
    raw: list[RawEvent] = json.loads(json.dumps([encode(event) for event in events]))
    evaluation = evaluate(exercise, events)
    return recount_of(exercise, raw), summary(evaluation), hops_summary(evaluation.timeline)


SEEDS = range(48)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_of_a_drill_equal_an_independent_count(seed: int) -> None:
    count, found, hops = drill(seed)

    assert {(hop["inject"], hop["node"]) for hop in hops} == count.senders.keys()
    assert found["notices"] == len(count.senders)
    for hop in hops:
        key = (hop["inject"], hop["node"])
        assert hop["sender"] == count.senders[key]
        assert _ms(hop["submitted_seconds"]) == count.begun(key)
        assert _ms(hop["notified_seconds"]) == count.at(key, "notified")
        assert _ms(hop["acknowledged_seconds"]) == count.answered(key)
        assert _ms(hop["passed_on_seconds"]) == count.at(key, "passed-on")
        assert _ms(hop["reported_seconds"]) == count.at(key, "reported")
        assert _ms(hop["lost_seconds"]) == count.lost(key), key
        assert hop["reminders"] == len(count.of(key, "reminded"))
        assert hop["stand_ins"] == len(count.of(key, "stand-in-called"))
        assert hop["calls"] == len(count.of(key, "called"))
        _check_durations(count, key, hop)

    kinds = [e["kind"] for _, e in count.events]
    received = ("reported", "acknowledged", "repeated", "bounced", "auto-replied", "set-aside")
    assert found["mails_sent"] == sum(k in ("submitted", "retried") for k in kinds)
    assert found["mails_received"] == sum(
        e["kind"] in received and e.get("channel") != "telephone" for _, e in count.events
    )
    reached = {key[1] for key in count.senders if count.answered(key) is not None}
    assert found["reached"] == len(reached)
    assert found["rates"]["reached"]["of"] == len({node for _, node in count.senders})
    gone = {row["node"] for row in found["unreached"]}
    assert gone == {node for _, node in count.senders} - reached
    assert all(row["cause"] and row["because"] for row in found["unreached"])
    assert _ms(found["drill_seconds"]) == count.end

    for tier in found["tiers"]:
        _check_tier(count, tier)

    share = count.score()
    letters = (("P", 80), ("S", 66), ("M", 50), ("U", 0))
    if share is None:
        assert (found["score"], found["rating"]) == (None, None)
    else:
        assert found["score"] == math.floor(share * 1000) / 10
        assert found["rating"] == next(letter for letter, least in letters if share * 100 >= least)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _check_durations(count: Recount, key: Key, hop: dict[str, Any]) -> None:
    begun, taken, answered = count.begun(key), count.at(key, "notified"), count.answered(key)
    came = min((at for at in (taken, answered) if at is not None), default=None)

    def between(a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else b - a

    assert _ms(hop["transit_seconds"]) == between(begun, came)
    assert _ms(hop["waiting_seconds"]) == between(came, answered)
    assert _ms(hop["handling_seconds"]) == between(answered, count.at(key, "passed-on"))
    assert _ms(hop["reporting_seconds"]) == between(answered, count.at(key, "reported"))


def _check_tier(count: Recount, tier: dict[str, Any]) -> None:
    keys = [k for k in count.senders if k[0] == tier["inject"] and count.kind[k[1]] == tier["kind"]]
    assert tier["scope"] == len(keys)
    assert tier["notified"] == sum(count.at(key, "notified") is not None for key in keys)
    for name, what in (
        ("acknowledged", "acknowledge"),
        ("passed_on", "pass-on"),
        ("reported", "report"),
    ):
        asked = [key for key in keys if count.asks(key, what)]
        verdicts = Counter(count.judge(key, what) for key in asked)
        got = tier[name]
        assert got["of"] == len(asked)
        assert got["in_time"] == verdicts["in-time"]
        assert got["late"] == verdicts["late"] + verdicts["late-excused"]
        assert got["missed"] == verdicts["missed"]
        assert got["excused"] == verdicts["excused"]
        assert got["open"] == 0
        assert got["done"] + got["missed"] + got["excused"] == got["of"]
    _check_marks(count, keys, tier["marks_seconds"], "acknowledge", count.answered)
    _check_marks(
        count, keys, tier["report_marks_seconds"], "report", lambda key: count.at(key, "reported")
    )
    asked = [key for key in keys if count.asks(key, "acknowledge")]
    for limit, rate in tier["within_minutes"].items():
        within = 0
        for key in asked:
            begun, answered = count.begun(key), count.answered(key)
            if begun is not None and answered is not None:
                within += answered - begun <= int(limit) * MINUTE
        assert (rate["count"], rate["of"]) == (within, len(asked))
    _check_causes(count, keys, tier)
    channels = Counter(
        min(answers)[1].get("channel", "mail")
        for key in asked
        if (
            answers := [(n, e) for n, e in count.of(key, "acknowledged", "reported", "passed-on")][
                :1
            ]
        )
    )
    assert tier["channels"] == dict(channels)


def _check_marks(
    count: Recount,
    keys: list[Key],
    marks: dict[str, Any],
    what: str,
    done: Callable[[Key], int | None],
) -> None:
    asked = [key for key in keys if count.asks(key, what)]
    times = sorted(at - count.released(key) for key in asked if (at := done(key)) is not None)
    assert marks["of"] == len(asked)
    assert _ms(marks["first"]) == (times[0] if times else None)
    assert _ms(marks["last"]) == (times[-1] if times else None)
    for percent in (25, 50, 75, 90):
        # Step through the answers until they are enough.
        expected = next(
            (at for n, at in enumerate(times, 1) if n * 100 >= percent * len(asked)), None
        )
        assert _ms(marks[f"{percent}%"]) == expected


def _check_causes(count: Recount, keys: list[Key], tier: dict[str, Any]) -> None:
    causes: dict[str, int] = tier["causes"]
    asks = count.injects[tier["inject"]]["acknowledge"] is not None
    gone = [
        key
        for key in keys
        if count.answered(key) is None and (asks or count.at(key, "notified") is None)
    ]
    assert sum(causes.values()) == len(gone)
    unwritten = [key for key in gone if count.begun(key) is None]
    assert causes.get("not-notified", 0) == len(unwritten)
    if asks:
        held = [k for k in gone if k not in unwritten and count.excuse(k, "acknowledge") == "fault"]
        assert causes.get("machine-fault", 0) == len(held)
        no_address = [
            key
            for key in gone
            if key not in unwritten
            and not count.of(key, "submitted")
            and all(e["failure"] == "no-address" for _, e in count.of(key, "refused"))
        ]
        assert causes.get("no-address", 0) >= len(no_address)


def test_the_seeds_meet_all_that_can_go_wrong() -> None:
    """Guards the test above: a count of drills in which nothing happens proves little."""
    causes: Counter[str] = Counter()
    excused = late_excused = 0
    ends = set()
    for seed in SEEDS:
        count, found, _hops = drill(seed)
        causes.update(found["causes"])
        ends.add((found["ended"], count.by_time))
        excused += sum(miss["excuse"] == "fault" for miss in found["misses"])
        late_excused += any(
            count.judge(key, "acknowledge") == "late-excused"
            for key in count.senders
            if count.asks(key, "acknowledge")
        )
    assert {cause for cause, n in causes.items() if n} >= {
        "no-address",
        "bounced",
        "absent",
        "not-passed-on",
        "no-answer",
        "not-notified",
        "machine-fault",
        "not-reported",
        "not-due",
    }
    assert excused
    assert late_excused
    assert ends == {("window", True), ("final-phase", True), ("final-phase", False)}


def test_a_minute_is_a_minute() -> None:
    """The count has parsers of its own."""
    assert minutes_of("15m") == timedelta(minutes=15) // timedelta(milliseconds=1)
    assert minutes_of("1h31m") == 91 * MINUTE
