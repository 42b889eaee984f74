"""A count of a drill over what `drillsim export` writes, that shares no code with the evaluation.

    python -m tests.recount SCENARIO CONTACTS EVENTS.jsonl MAILS REPORT.json

reads the events and mails of a drill, counts everything anew from them, whatever it costs, and
prints every figure of the report (`drillsim report -o REPORT.json --lang en`) that is another one.
It knows nothing of boards, hops or tiers, and goes through all events for every question.
"""

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.parser import BytesParser
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import yaml

RawEvent: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, str]

MINUTE = 60_000
WEIGHTS = {"acknowledge": 40, "pass-on": 20, "report": 20, "answers": 15}
"""The usual weights; `actions` is left out, since nothing is booked in these drills."""


class Recount:
    """Every figure counted anew from raw events, whatever it costs."""

    def __init__(
        self, scenario: dict[str, Any], nodes: list[dict[str, Any]], events: list[RawEvent]
    ) -> None:
        """Take a scenario and the nodes of a tree as they stand in their files."""
        self.events = list(enumerate(events, 1))
        self.injects = {inject["id"]: inject for inject in scenario["injects"]}
        self.faults = scenario.get("faults", [])
        weights = scenario.get("scoring", {}).get("weights", {})
        self.weights = {name: int(weights.get(name, usual)) for name, usual in WEIGHTS.items()}
        self.expected = {
            (inject["id"], line["id"]): line["expect"]
            for inject in scenario["injects"]
            for line in scenario.get("forms", {}).get((inject.get("report") or {}).get("form"), [])
            if line.get("expect") is not None
        }
        self.kind: dict[str, str] = {node["id"]: node["kind"] for node in nodes}
        self.parent: dict[str, str | None] = {node["id"]: node.get("parent") for node in nodes}
        excepted = scenario.get("participants", {}).get("except", {})
        self.takes_part = [node for node in self.kind if node not in excepted]
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
            kinds = [to["kind"]] if isinstance(to["kind"], str) else to["kind"]
            wave = [n for n in self.takes_part if self.kind[n] in kinds]
        reached = dict.fromkeys(wave, origin)
        while wave:
            node = wave.pop(0)
            hops = []
            if raw.get("pass-on") is not None:
                down = raw["pass-on"].get("to", "children") == "children"
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
        return self.injects[key[0]].get(what) is not None

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
            and int(fault.get("officer") or officer) == officer
            and minutes_of(fault.get("from", "0s")) <= at
            and (fault.get("until") is None or at < minutes_of(fault["until"]))
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
        if what == "report" and raw["report"].get("collect") and self.hops[key]:
            cut_off = minutes_of(raw["report"]["cut-off"]) + 5 * MINUTE
            return begun + max(minutes_of(raw["report"]["within"]), cut_off)
        return begun + minutes_of(raw[what]["within"])

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
            return self.excuse(above, "pass-on") if above in self.senders else "not-sent"
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
                judged = self.judged(key[0])
                reports = self.of(key, "reported")
                if judged and reports:
                    given = dict(reports[-1][1]["answers"])
                    right = sum(given.get(line) == expect for line, expect in judged.items())
                    found.append(Fraction(right, len(judged)))
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

    def judged(self, inject: str) -> dict[str, str]:
        return {line: expect for (i, line), expect in self.expected.items() if i == inject}

    def asked(self, name: str) -> int:
        if name == "answers":
            return sum(
                bool(self.judged(key[0]) and self.of(key, "reported")) for key in self.senders
            )
        return sum(self.asks(key, name) for key in self.senders)

    def score(self, *names: str) -> Fraction | None:
        """Return the share of these criteria, or of all; None where nothing is rated."""
        weights = {name: w for name, w in self.weights.items() if not names or name in names}
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
        shares = {n: sum(points[n], Fraction(0)) / len(points[n]) for n in weights if points[n]}
        return sum((weights[n] * share for n, share in shares.items()), Fraction(0)) / total


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


# The report -----------------------------------------------------------------------------------

FORM_LINE = re.compile(r"^(?P<label>[^:：\n]{1,60}?)[\s　]*[:：][\s　]*(?P<given>\S[^\n]*)$", re.M)


class Differences:
    """What a report says otherwise than the count over the raw events and mails."""

    def __init__(
        self, count: Recount, mails: list[dict[str, Any]], folder: Path, report: dict[str, Any]
    ) -> None:
        self.count, self.mails, self.folder, self.report = count, mails, folder, report
        self.tables = {t["id"]: t["rows"] for s in report["sections"] for t in s["tables"]}
        self.start = datetime.fromisoformat(count.events[0][1]["time"])
        self.found: list[str] = []

    def same(self, what: str, said: Any, counted: Any) -> None:
        if said != counted:
            self.found.append(f"{what}: the report says {said!r}, the count {counted!r}")

    def at(self, time: str | None) -> int | None:
        """Return a time of the report in whole seconds since StartEx."""
        if time is None:
            return None
        return round((datetime.fromisoformat(time) - self.start).total_seconds())

    def look(self) -> list[str]:
        self.tiers()
        self.bodies()
        self.late_and_missing()
        self.rating()
        self.written()
        return self.found

    def groups(self) -> dict[Key, list[Key]]:
        """Return the notices of each tier: (inject, kind)."""
        groups: dict[Key, list[Key]] = {}
        for key in self.count.senders:
            groups.setdefault((key[0], self.count.kind[key[1]]), []).append(key)
        return groups

    def verdicts(self, keys: list[Key], what: str) -> Counter[str]:
        asked = (key for key in keys if self.count.asks(key, what))
        return Counter(self.count.judge(key, what) for key in asked)

    def tiers(self) -> None:
        count = self.count
        times = iter(self.tables["times"])
        self.same("tiers", len(self.tables["tiers"]), len(self.groups()))
        for row, ((inject, kind), keys) in zip(
            self.tables["tiers"], self.groups().items(), strict=True
        ):
            tier = f"{inject}, {kind}"
            asked = [key for key in keys if count.asks(key, "acknowledge")]
            v = self.verdicts(keys, "acknowledge")
            answered = [key for key in asked if count.answered(key) is not None]
            notified = sum(count.at(key, "notified") is not None for key in keys)
            self.same(f"{tier}: scope, notified", row[2:4], [len(keys), notified])
            if not asked:
                self.same(f"{tier}: nothing asked", row[4:12], [None] * 8)
                continue
            late = v["late"] + v["late-excused"]
            gone = v["missed"] + v["excused"]
            other = sum(self.channel(key) != "mail" for key in answered)
            after = sum(
                bool(count.of(key, "answered-after-end")) for key in asked if key not in answered
            )
            counted = [v["in-time"] + late, percent(len(answered), len(asked)), v["in-time"]]
            self.same(f"{tier}: acknowledged", row[4:7], counted)
            self.same(f"{tier}: late …", row[7:12], [late, gone, v["excused"], other, after])
            hops = sum(len(count.hops[key]) for key in keys)
            written = sum(len(count.written(key)) for key in keys)
            self.same(f"{tier}: passed on", row[12], percent(written, hops))
            to_report = [key for key in keys if count.asks(key, "report")]
            reported = sum(count.at(key, "reported") is not None for key in to_report)
            self.same(f"{tier}: reported", row[13], percent(reported, len(to_report)))
            self.times(tier, asked, next(times))
        self.same("rows of times", list(times), [])

    def times(self, tier: str, asked: list[Key], row: list[Any]) -> None:
        count = self.count
        after = sorted(
            at - count.released(key) for key in asked if (at := count.answered(key)) is not None
        )
        marks = [
            next((at for n, at in enumerate(after, 1) if n * 100 >= p * len(asked)), None)
            for p in (25, 50, 75, 90)
        ]
        expected = [min(after, default=None), *marks, max(after, default=None)]
        self.same(f"{tier}: marks", [ms(seconds) for seconds in row[3:9]], expected)
        delays = sorted(
            at - begun
            for key in asked
            if (at := count.answered(key)) is not None and (begun := count.begun(key)) is not None
        )
        within = [percent(sum(d <= n * MINUTE for d in delays), len(asked)) for n in (15, 30, 60)]
        self.same(f"{tier}: within", row[9:13], [*within, percent(len(after), len(asked))])
        half = len(delays) // 2
        middle = (delays[half] + delays[~half]) / 2 if delays else None
        self.same(f"{tier}: median", None if row[13] is None else round(row[13] * 1000, 1), middle)

    def channel(self, key: Key) -> str:
        first = self.count.of(key, "acknowledged", "reported", "passed-on")[0][1]
        return str(first.get("channel", "mail"))

    def bodies(self) -> None:
        count = self.count
        keys = [k for k in count.senders if count.asks(k, "acknowledge") or count.asks(k, "report")]
        rows = self.tables["bodies"]
        self.same("bodies", len(rows), len(keys))
        for key, row in zip(keys, rows, strict=True):
            name = " ".join(key)
            notified, answered = count.at(key, "notified"), count.answered(key)
            times = [notified, answered, count.at(key, "reported")]
            said = [self.at(row[place]) for place in (3, 4, 9)]
            self.same(f"{name}: times", said, [None if t is None else t // 1000 for t in times])
            came = min((at for at in (notified, answered) if at is not None), default=None)
            lengths = [
                between(count.begun(key), came),
                between(came, answered),
                between(answered, count.at(key, "passed-on")),
                between(answered, count.at(key, "reported")),
            ]
            self.same(f"{name}: lengths", [ms(seconds) for seconds in row[5:9]], lengths)
            kinds = ("reminded", "stand-in-called", "called")
            self.same(f"{name}: tries", row[12:15], [len(count.of(key, kind)) for kind in kinds])

    def late_and_missing(self) -> None:
        count = self.count
        late = missing = excused = 0
        for what in ("acknowledge", "pass-on", "report"):
            v = self.verdicts(list(count.senders), what)
            late += v["late"] + v["late-excused"]
        after = 0
        for key in count.senders:
            asks = count.asks(key, "acknowledge")
            if count.answered(key) is None and (asks or count.at(key, "notified") is None):
                missing += 1
                after += asks and bool(count.of(key, "answered-after-end"))
                continue
            for what in ("pass-on", "report"):
                if count.asks(key, what) and count.judge(key, what) in ("missed", "excused"):
                    missing += 1
        self.same("late rows", len(self.tables.get("late", [])), late + after)
        self.same("missing rows", len(self.tables.get("missing", [])), missing)
        causes = self.tables.get("causes", [])
        self.same("causes", sum(row[3] for row in causes), missing)
        excused = sum(miss["excuse"] != "" for miss in self.report["misses"])
        self.same("causes not charged", sum(row[4] for row in causes), excused)

    def rating(self) -> None:
        count = self.count
        for said, names in (
            (self.report["score"], ()),
            (self.report["scoring"]["contact"]["score"], ("acknowledge", "pass-on", "report")),
            (self.report["scoring"]["handling"]["score"], ("answers",)),
        ):
            share = count.score(*names)
            self.same(f"score {names}", said, None if share is None else floored(share))
        rows = {row["criterion"]: row for row in self.report["scoring"]["criteria"]}
        for name in WEIGHTS:
            points = count.points(name)
            self.same(f"{name}: counted", name in rows, bool(points))
            if points:
                row = rows[name]
                said = [row["points"], row["points"] + row["not_counted"], row["percent"]]
                gained = sum(points, Fraction(0)) / len(points)
                counted = [len(points), count.asked(name), rounded(gained)]
                self.same(f"{name}: share", said, counted)

    def written(self) -> None:
        """Look at the mails: how many there were, who answered by one, and what forms said."""
        count = self.count
        kinds = Counter(event["kind"] for _, event in count.events)
        self.same("mails sent", self.report["mails_sent"], kinds["submitted"] + kinds["retried"])
        stored = {mail["hash"]: mail for mail in self.mails}
        for _, event in count.events:
            if event.get("raw"):
                self.same(f"mail {event['raw'][:8]} is kept", event["raw"] in stored, True)
        received = [e for _, e in count.events if e.get("raw") and e["kind"] in RECEIVED]
        self.same("mails received", self.report["mails_received"], len(received))
        rows = self.tables.get("answers", [])
        self.same("lines of forms", len(rows), len(count.expected))
        for row, ((inject, line), expect) in zip(rows, count.expected.items(), strict=True):
            given = [
                self.form_line(event["raw"], row[1])
                for key in count.senders
                if key[0] == inject and (reports := count.of(key, "reported"))
                for event in [reports[-1][1]]
                if event.get("raw")
            ]
            by_hand = sum(
                not reports[-1][1].get("raw")
                for key in count.senders
                if key[0] == inject and (reports := count.of(key, "reported"))
            )
            self.same(f"{inject} {line}: reports", row[3], len(given) + by_hand)
            if not by_hand:
                right = sum(answer == expect for answer in given)
                self.same(f"{inject} {line}: as expected", row[4], right)

    def form_line(self, raw: str, label: str) -> str:
        """Return what stands behind a label in the mail itself, read by the standard library."""
        mail = next(mail for mail in self.mails if mail["hash"] == raw)
        message = BytesParser(policy=policy.default).parsebytes(
            (self.folder / mail["file"]).read_bytes()
        )
        body = message.get_body(("plain",))
        assert body is not None
        for found in FORM_LINE.finditer(body.get_content()):
            if found["label"].strip("　 ・>") == label:
                return found["given"].strip()
        return ""


RECEIVED = (
    "acknowledged",
    "reported",
    "repeated",
    "declined",
    "auto-replied",
    "bounced",
    "set-aside",
    "answered-after-end",
    "stop-confirmed",
)


def percent(count: int, of: int) -> float | None:
    return None if not of else rounded(Fraction(count, of))


def rounded(share: Fraction) -> float:
    """Return per cent with one decimal; only all is 100, and only none is 0."""
    tenths = math.floor(share * 1000 + Fraction(1, 2))
    if 0 < share < 1:
        tenths = min(max(tenths, 1), 999)
    return tenths / 10


def floored(share: Fraction) -> float:
    return math.floor(share * 1000) / 10


def ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def between(since: int | None, until: int | None) -> int | None:
    return None if since is None or until is None else max(until - since, 0)


def differences(
    scenario: Path, contacts: Path, events: Path, mails: Path, report: Path
) -> list[str]:
    """Return every figure of a report that the raw events and mails do not bear out."""
    story = yaml.load(scenario.read_text("utf-8"), Loader=yaml.BaseLoader)
    tree = yaml.load(contacts.read_text("utf-8"), Loader=yaml.BaseLoader)
    raw = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    list_of_mails = (mails / "mails.jsonl").read_text("utf-8").splitlines()
    count = Recount(story, tree["nodes"], raw)
    said = json.loads(report.read_text("utf-8"))
    return Differences(count, [json.loads(m) for m in list_of_mails], mails, said).look()


if __name__ == "__main__":
    amiss = differences(*map(Path, sys.argv[1:6]))
    sys.stdout.write("\n".join(amiss or ["every figure of the report is borne out"]) + "\n")
    sys.exit(bool(amiss))
