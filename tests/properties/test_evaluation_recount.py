"""The figures of an evaluation, against a count over the raw events that shares no code with it.

The count reads the events as the journal keeps them (plain dicts of JSON), goes through all of
them for every question, and knows nothing of boards, hops or tiers.
"""

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

import pytest

from drillsim.drill.events import encode
from drillsim.drill.exercise import Exercise
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.summary import hops_summary, summary
from drillsim.world.course import Course
from tests import examples

RawEvent: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, str]

MINUTE = 60_000

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


def minutes(text: str) -> int:
    """Return `15m` or `4h` in milliseconds."""
    return int(text[:-1]) * {"m": MINUTE, "h": 60 * MINUTE}[text[-1]]


class Recount:
    """Every figure counted anew from raw events, whatever it costs."""

    def __init__(self, exercise: Exercise, events: list[RawEvent]) -> None:
        self.events = list(enumerate(events, 1))
        raw = exercise.scenario.model_dump(mode="json", by_alias=True)
        self.injects = {inject["id"]: inject for inject in raw["injects"]}
        self.faults = raw["faults"]
        self.kind: dict[str, str] = {node.id: node.kind for node in exercise.tree.nodes}
        self.parent: dict[str, str | None] = {node.id: node.parent for node in exercise.tree.nodes}
        self.takes_part = [n for n in self.kind if n not in raw["participants"]["except"]]
        (ended,) = (e for _, e in self.events if e["kind"] == "drill-ended")
        self.end = ended["at"]
        last_phase = [e for _, e in self.events if e["kind"] == "phase-entered"][-1]
        self.by_time = ended["reason"] == "window" or (
            ended["reason"] == "final-phase" and last_phase["because"].startswith("elapsed")
        )
        self.senders: dict[Key, str] = {}
        self.hops: dict[Key, list[str]] = {}
        for _, event in self.events:
            if event["kind"] == "inject-released":
                self._spread(event["inject"])

    # Who was to be reached ----------------------------------------------------------------------

    def _spread(self, inject: str) -> None:
        raw = self.injects[inject]
        origin, to = raw["from"], raw["to"]
        if to == "all":
            wave = [n for n in self.takes_part if n != origin]
        elif to == "parent":
            wave = [n for n in self.takes_part if n == self.parent[origin]]
        else:
            wave = [n for n in self.takes_part if self.kind[n] in to["kind"]]
        reached = dict.fromkeys(wave, origin)
        while wave:
            node = wave.pop(0)
            hops = []
            if raw["pass-on"] is not None:
                down = raw["pass-on"]["to"] == "children"
                for other in self.takes_part:
                    related = self.parent[other] == node if down else self.parent[node] == other
                    if related and other != origin and other not in reached:
                        hops.append(other)
                        reached[other] = node
                        wave.append(other)
            self.hops[(inject, node)] = hops
        for node, sender in reached.items():
            self.senders[(inject, node)] = sender

    def asks(self, key: Key, what: str) -> bool:
        if what == "pass-on":
            return bool(self.hops[key])
        return self.injects[key[0]][what] is not None

    # When it happened ---------------------------------------------------------------------------

    def of(self, key: Key, *kinds: str) -> list[tuple[int, RawEvent]]:
        return [
            (n, e) for n, e in self.events if e.get("notice") == list(key) and e["kind"] in kinds
        ]

    def at(self, key: Key, *kinds: str) -> int | None:
        return min((e["at"] for _, e in self.of(key, *kinds)), default=None)

    def begun(self, key: Key) -> int | None:
        return self.at(key, "submitted", "refused")

    def answered(self, key: Key) -> int | None:
        return self.at(key, "acknowledged", "reported", "passed-on")

    def released(self, key: Key) -> int:
        (at,) = (
            e["at"]
            for _, e in self.events
            if e["kind"] == "inject-released" and e["inject"] == key[0]
        )
        return int(at)

    def written(self, key: Key) -> dict[str, int]:
        """Return when each next hop was written to."""
        found: dict[str, int] = {}
        for _, event in self.of(key, "passed-on"):
            for hop in event["to"]:
                begun = self.begun((key[0], hop))
                found.setdefault(hop, event["at"] if begun is None else begun)
        return {hop: at for hop, at in found.items() if hop in self.hops[key]}

    # What faults took ---------------------------------------------------------------------------

    def _is_faulty(self, key: Key, officer: int, at: int, *kinds: str) -> bool:
        return any(
            fault["node"] == key[1]
            and fault["kind"] in kinds
            and fault["officer"] in (None, officer)
            and minutes_of(fault["from"]) <= at
            and (fault["until"] is None or at < minutes_of(fault["until"]))
            for fault in self.faults
        )

    def _effects(self, key: Key) -> Iterator[tuple[int, int]]:
        """Yield (event number, when the mail was handed over) of what faults did."""
        refusals = {
            "refused": "refuse",
            "mailbox-full": "mailbox-full",
            "unknown-address": "unknown-address",
        }
        for n, e in self.of(key, "submitted", "retried", "deferred", "refused", "notified"):
            handed = min(
                (
                    s["at"]
                    for _, s in self.of(key, "submitted")
                    if (s["officer"], s["attempt"]) == (e["officer"], e["attempt"])
                ),
                default=None,
            )
            kind, officer, at = e["kind"], e["officer"], e["at"]
            if kind in ("submitted", "retried"):
                hit, handed = self._is_faulty(key, officer, at, "delay"), at
            elif kind == "deferred":
                hit = self._is_faulty(key, officer, at, "defer")
            elif kind == "refused":
                why = refusals.get(e["failure"])
                hit = why is not None and self._is_faulty(key, officer, at, why)
            else:
                hit = e["lost"] == "dropped"
            if hit:
                assert handed is not None
                yield n, handed

    def _fails_by_itself(self, n: int, event: RawEvent, hit: set[int]) -> bool:
        return (
            event["kind"] == "bounced"
            or (event["kind"] == "notified" and event["lost"] == "bounced")
            or (event["kind"] == "refused" and n not in hit and event["failure"] != "no-address")
        )

    def _is_queued(self, key: Key, number: int, hit: set[int]) -> bool:
        """Whether a fault still defers or delays some mail after event `number`."""
        queued = set()
        for n, e in self.of(key, "submitted", "retried", "deferred", "refused", "notified"):
            mail = (e["officer"], e["attempt"])
            if n <= number and n in hit and e["kind"] in ("submitted", "retried", "deferred"):
                queued.add(mail)
            if n <= number and e["kind"] in ("refused", "notified"):
                queued.discard(mail)
        return bool(queued)

    def lost(self, key: Key) -> int:
        """Add up the stretches between neighbouring events in which a fault held the notice up."""
        effects = list(self._effects(key))
        hit = {n for n, _ in effects}
        mine = [(n, e) for n, e in self.events if e.get("notice") == list(key)]
        answers = [n for n, e in mine if e["kind"] in ("acknowledged", "reported", "passed-on")]
        free = [
            (n, e["at"])
            for n, e in mine
            if n in answers[:1]
            or (e["kind"] == "notified" and not e["lost"])
            or (self._fails_by_itself(n, e, hit) and not self._is_queued(key, n, hit))
        ]

        def has_reader(before: int) -> bool:
            readers = set()
            for n, e in mine:
                if n < before and e["kind"] == "notified" and not e["lost"]:
                    readers.add(e["officer"])
                if n < before and e["kind"] in ("auto-replied", "bounced", "declined"):
                    readers.discard(e["officer"])
            return bool(readers)

        spans = []
        for n, handed in effects:
            if has_reader(n) or any(a < n for a in answers):
                continue
            begin = max([handed, *(at for number, at in free if number < n)])
            spans.append((begin, min((at for number, at in free if number > n), default=self.end)))
        edges = sorted({edge for span in spans for edge in span})
        return sum(
            b - a
            for a, b in pairwise(edges)
            if any(begin <= a and b <= end for begin, end in spans)
        )

    # What was due -------------------------------------------------------------------------------

    def due(self, key: Key, what: str) -> int | None:
        begun, raw = self.begun(key), self.injects[key[0]]
        if begun is None:
            return None
        if what == "report" and raw["report"]["collect"] and self.hops[key]:
            cut_off = minutes(raw["report"]["cut-off"]) + 5 * MINUTE
            return begun + max(minutes(raw["report"]["within"]), cut_off)
        return begun + minutes(raw[what]["within"])

    def done(self, key: Key, what: str) -> int | None:
        if what == "acknowledge":
            return self.answered(key)
        if what == "report":
            return self.at(key, "reported")
        written = self.written(key)
        return max(written.values()) if len(written) == len(self.hops[key]) else None

    def excuse(self, key: Key, what: str) -> str:
        """Return why a duty that was missed is not counted, or ""."""
        due = self.due(key, what)
        if due is None:
            above = (key[0], self.senders[key])
            return self.excuse(above, "pass-on") if above in self.senders else ""
        lost = self.lost(key)
        if lost and due + lost > self.end:
            return "fault"
        return "not-due" if due > self.end and not self.by_time else ""

    def judge(self, key: Key, what: str) -> str:
        due, done = self.due(key, what), self.done(key, what)
        if done is not None:
            if due is None or done <= due:
                return "in-time"
            return "late-excused" if done <= due + self.lost(key) else "late"
        return "excused" if self.excuse(key, what) else "missed"

    # The score ----------------------------------------------------------------------------------

    def points(self, name: str) -> list[Fraction]:
        found = []
        for key in self.senders:
            if name == "answers":
                reports = self.of(key, "reported")
                if reports:
                    given = dict(reports[-1][1]["answers"])
                    found.append(Fraction(given.get("terminals") == "0"))
                continue
            if not self.asks(key, name):
                continue
            verdict = self.judge(key, name)
            if verdict == "excused":
                continue
            if name == "pass-on":
                due = self.due(key, name)
                limit = math.inf if due is None else due + self.lost(key)
                each = [
                    Fraction(1) if at <= limit else Fraction(1, 2)
                    for at in self.written(key).values()
                ]
                found.append(sum(each, Fraction(0)) / len(self.hops[key]))
            else:
                worth = {"in-time": 2, "late-excused": 2, "late": 1, "missed": 0}
                found.append(Fraction(worth[verdict], 2))
        return found

    def asked(self, name: str) -> int:
        if name == "answers":
            return sum(bool(self.of(key, "reported")) for key in self.senders)
        return sum(self.asks(key, name) for key in self.senders)

    def score(self) -> Fraction | None:
        weights = {"acknowledge": 40, "pass-on": 20, "report": 20, "answers": 15}
        points = {name: self.points(name) for name in weights}
        asked = {name: self.asked(name) for name in weights}
        due = sum(
            (weights[n] * Fraction(len(points[n]), asked[n]) for n in weights if asked[n]),
            Fraction(0),
        )
        total = sum(weights[name] for name in weights if points[name])
        # A fault cut the first hop off, or the end came early: too little is there to be judged.
        if not total or 2 * due < sum(weights[name] for name in weights if asked[name]):
            return None
        return (
            sum(
                (
                    weights[n] * sum(points[n], Fraction(0)) / len(points[n])
                    for n in weights
                    if points[n]
                ),
                Fraction(0),
            )
            / total
        )


def minutes_of(text: str) -> int:
    """Return a duration as pydantic writes it (`1h30m`, `0s`) in milliseconds."""
    total, number = 0, ""
    for sign in text:
        if sign.isdecimal():
            number += sign
        else:
            total += int(number) * {"s": 1000, "m": MINUTE, "h": 60 * MINUTE}[sign]
            number = ""
    return total


def drill(seed: int) -> tuple[Recount, dict[str, Any], list[dict[str, Any]]]:
    exercise = example(seed)
    events = list(Course(exercise, seed).run())
    raw: list[RawEvent] = json.loads(json.dumps([encode(event) for event in events]))
    evaluation = evaluate(exercise, events)
    return Recount(exercise, raw), summary(evaluation), hops_summary(evaluation.timeline)


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
    assert minutes("15m") == minutes_of("15m") == timedelta(minutes=15) // timedelta(milliseconds=1)
    assert minutes_of("1h31m") == 91 * MINUTE
