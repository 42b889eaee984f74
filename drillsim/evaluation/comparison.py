"""The same bodies over several drills, usually years: who got slower, who fails again.

A year is what one drill, or a table of results from before drillsim, says of each body. Bodies are
matched by their codes; where there is none, by name, and by the first word of it (山口市 of
山口市 市民課) where only one body has it: 25 names occur twice in the country.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Literal

from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.milestones import median
from drillsim.evaluation.rate import Rate

Outcome = Literal["in-time", "late", "late-not-charged", "missed", "not-charged", "open"]
"""`late-not-charged` and `not-charged`: late or missing, and a fault or an early end excuses it.
`open`: it may still come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyYear:
    """One body in one year, over all messages that it was to acknowledge."""

    code: str
    """Six digits, or the node's id where it has none; "" in a table without codes."""
    name: str
    kind: NodeKind | None
    node: NodeId | None = None
    """In the drill's tree; None in a table."""
    asked: int
    acknowledged: int
    late: int
    """Of those acknowledged, and nothing excuses it."""
    late_not_charged: int = 0
    """Of those acknowledged, and something excuses it."""
    charged: int
    """Not acknowledged, and nothing excuses it."""
    not_charged: int = 0
    """Not acknowledged, and something excuses it."""
    open: int = 0
    """Not acknowledged, and the drill still runs."""
    delay: timedelta | None
    """The median of its answers, from its own notice."""

    @property
    def outcome(self) -> Outcome:
        """How it did with the worst of its messages; what is charged comes first."""
        counts: tuple[tuple[int, Outcome], ...] = (
            (self.charged, "missed"),
            (self.late, "late"),
            (self.open, "open"),
            (self.not_charged, "not-charged"),
            (self.late_not_charged, "late-not-charged"),
        )
        return next((outcome for count, outcome in counts if count), "in-time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One drill."""

    label: str
    bodies: tuple[BodyYear, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierYear:
    """The bodies of one kind in one year."""

    kind: NodeKind | None
    """None for those whose kind no year tells."""
    label: str
    bodies: int
    reached: Rate
    """Bodies that acknowledged anything."""
    acknowledged: Rate
    """Acknowledgements, of all that were asked for."""
    in_time: Rate
    late_not_charged: int
    """Acknowledgements that were late, and excused."""
    not_charged: int
    """Acknowledgements that are missing, and excused."""
    delay: timedelta | None
    """The median of the bodies' own medians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One body over the years."""

    code: str
    name: str
    kind: NodeKind | None
    node: NodeId | None
    """In the tree of the last drill that has it."""
    years: tuple[BodyYear | None, ...]
    """None where it took no part."""

    @property
    def before(self) -> BodyYear | None:
        """The first year."""
        return self.years[0]

    @property
    def now(self) -> BodyYear | None:
        """The last year."""
        return self.years[-1]

    @property
    def change(self) -> timedelta | None:
        """How much longer it took to answer than before; negative where it was quicker."""
        if self.before is None or self.now is None:
            return None
        if self.before.delay is None or self.now.delay is None:
            return None
        return self.now.delay - self.before.delay

    @property
    def fails_again(self) -> bool:
        """Whether an answer was missing before and is again."""
        return all(
            year is not None and year.outcome == "missed" for year in (self.before, self.now)
        )

    @property
    def is_late_again(self) -> bool:
        """Whether it was late or failed in either year, and did not fail in both."""
        years = (self.before, self.now)
        return not self.fails_again and all(
            year is not None and year.outcome in ("late", "missed") for year in years
        )


@dataclass(frozen=True)
class Comparison:
    """Two or more years, the earliest first."""

    labels: tuple[str, ...]
    bodies: tuple[Compared, ...]
    """In the order of the last year, then those that are only in earlier ones."""

    @cached_property
    def both(self) -> tuple[Compared, ...]:
        """Those that took part in the first and in the last year."""
        return tuple(b for b in self.bodies if b.before is not None and b.now is not None)

    @property
    def slower(self) -> tuple[Compared, ...]:
        """Those that took longer to answer than before, the most first."""
        found = [b for b in self.both if b.change is not None and b.change > timedelta(0)]
        return tuple(sorted(found, key=lambda body: body.change or timedelta(0), reverse=True))

    @property
    def failing_again(self) -> tuple[Compared, ...]:
        """Those of which an answer was missing in both years."""
        return tuple(body for body in self.both if body.fails_again)

    @property
    def late_again(self) -> tuple[Compared, ...]:
        """Those that were not in time in either year."""
        return tuple(body for body in self.both if body.is_late_again)

    @property
    def median_before(self) -> timedelta | None:
        """The median response of `both` in the first year, of those that answered."""
        return _median(body.before for body in self.both)

    @property
    def median_now(self) -> timedelta | None:
        """The same in the last year."""
        return _median(body.now for body in self.both)

    @cached_property
    def tiers(self) -> tuple[TierYear, ...]:
        """Every kind in every year in which it took part; kinds as they come."""
        kinds = dict.fromkeys(body.kind for body in self.bodies)
        return tuple(
            tier
            for kind in kinds
            for number, label in enumerate(self.labels)
            if (tier := self._tier(kind, number, label)) is not None
        )

    def _tier(self, kind: NodeKind | None, number: int, label: str) -> TierYear | None:
        years = [body.years[number] for body in self.bodies if body.kind == kind]
        found = [year for year in years if year is not None]
        if not found:
            return None
        asked = sum(year.asked for year in found)
        acknowledged = sum(year.acknowledged for year in found)
        return TierYear(
            kind=kind,
            label=label,
            bodies=len(found),
            reached=Rate(sum(bool(year.acknowledged) for year in found), len(found)),
            acknowledged=Rate(acknowledged, asked),
            in_time=Rate(
                acknowledged - sum(year.late + year.late_not_charged for year in found), asked
            ),
            late_not_charged=sum(year.late_not_charged for year in found),
            not_charged=sum(year.not_charged for year in found),
            delay=_median(found),
        )


def year_of(evaluation: Evaluation, label: str) -> Year:
    """Return a drill as a year; bodies that were to acknowledge nothing are left out."""
    timeline = evaluation.timeline
    bodies = []
    for node in timeline.exercise.tree.nodes:
        hops = [hop for hop in timeline.by_node.get(node.id, ()) if hop.asked.acknowledge]
        if not hops:
            continue
        duties = [evaluation.duties[(hop.notice, "acknowledge")] for hop in hops]
        bodies.append(
            BodyYear(
                code=node.code or node.id,
                name=node.name,
                kind=node.kind,
                node=node.id,
                asked=len(hops),
                acknowledged=sum(hop.is_acknowledged for hop in hops),
                late=sum(duty.standing == "late" and not duty.excuse for duty in duties),
                late_not_charged=sum(d.standing == "late" and bool(d.excuse) for d in duties),
                charged=sum(duty.is_missed and not duty.excuse for duty in duties),
                not_charged=sum(duty.is_missed and bool(duty.excuse) for duty in duties),
                open=sum(duty.standing == "open" for duty in duties),
                delay=median(hop.delay for hop in hops if hop.delay is not None),
            )
        )
    return Year(label=label, bodies=tuple(bodies))


def compare(years: Sequence[Year]) -> Comparison:
    """Return years side by side, the earliest first.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(years) < 2:
        raise ValueError("a comparison needs two years")
    rows: dict[int, list[BodyYear | None]] = {}
    index = _Index()
    # The last year gives the order and the names; the others are matched with what is known.
    for number in (len(years) - 1, *range(len(years) - 1)):
        year = years[number]
        for key, body in index.placed(year.bodies):
            rows.setdefault(key, [None] * len(years))[number] = body
    return Comparison(
        labels=tuple(year.label for year in years),
        bodies=tuple(_compared(row) for row in rows.values()),
    )


class _Index:
    """Finds the row of a body; each year asks once."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._words: dict[str, int | None] = {}
        """By the first word; None where several bodies have it."""
        self._count = 0

    def placed(self, bodies: Sequence[BodyYear]) -> Iterator[tuple[int, BodyYear]]:
        """Yield each body with its row; no row gets two bodies of one year."""
        twice = Counter(folded(body.name) for body in bodies)
        taken: set[int] = set()
        for body in bodies:
            key = self._find(body, is_unique=twice[folded(body.name)] == 1)
            if key is None or key in taken:
                key = self._count
                self._count += 1
            taken.add(key)
            self._learn(body, key)
            yield key, body

    def _find(self, body: BodyYear, *, is_unique: bool) -> int | None:
        if body.code and body.code in self._codes:
            return self._codes[body.code]
        if not is_unique:
            return None
        for name in (folded(body.name), _first_word(body.name)):
            found = self._names.get(name)
            if found is None:
                found = self._words.get(name)
            if found is not None:
                return found
        return None

    def _learn(self, body: BodyYear, key: int) -> None:
        if body.code:
            self._codes.setdefault(body.code, key)
        self._names.setdefault(folded(body.name), key)
        word = _first_word(body.name)
        known = self._words.get(word, key)
        self._words[word] = key if known == key else None


def folded(name: str) -> str:
    """Return a name as it is compared: without blanks and differences of width and case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _first_word(name: str) -> str:
    words = unicodedata.normalize("NFKC", name).split()
    return words[0].casefold() if words else ""


def _compared(row: list[BodyYear | None]) -> Compared:
    known = [year for year in reversed(row) if year is not None]
    return Compared(
        code=next((year.code for year in known if year.code), ""),
        name=known[0].name,
        kind=next((year.kind for year in known if year.kind is not None), None),
        node=next((year.node for year in known if year.node is not None), None),
        years=tuple(row),
    )


def _median(years: Iterable[BodyYear | None]) -> timedelta | None:
    return median(year.delay for year in years if year is not None and year.delay is not None)


def comparison_summary(comparison: Comparison) -> Mapping[str, object]:
    """Return a comparison as plain data for JSON; lengths are seconds."""
    return {
        "years": list(comparison.labels),
        "both": len(comparison.both),
        "median_before_seconds": _seconds(comparison.median_before),
        "median_now_seconds": _seconds(comparison.median_now),
        "slower": [body.code or body.name for body in comparison.slower],
        "failing_again": [body.code or body.name for body in comparison.failing_again],
        "late_again": [body.code or body.name for body in comparison.late_again],
        "tiers": [
            {
                "kind": tier.kind,
                "year": tier.label,
                "bodies": tier.bodies,
                "reached": tier.reached.as_json(),
                "acknowledged": tier.acknowledged.as_json(),
                "in_time": tier.in_time.as_json(),
                "late_not_charged": tier.late_not_charged,
                "not_charged": tier.not_charged,
                "median_seconds": _seconds(tier.delay),
            }
            for tier in comparison.tiers
        ],
        "bodies": [
            {
                "code": body.code,
                "name": body.name,
                "kind": body.kind,
                "change_seconds": _seconds(body.change),
                "years": [None if year is None else _year(year) for year in body.years],
            }
            for body in comparison.bodies
        ],
    }


def _year(year: BodyYear) -> Mapping[str, object]:
    return {
        "asked": year.asked,
        "acknowledged": year.acknowledged,
        "late": year.late,
        "late_not_charged": year.late_not_charged,
        "charged": year.charged,
        "not_charged": year.not_charged,
        "open": year.open,
        "outcome": year.outcome,
        "median_seconds": _seconds(year.delay),
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds(), 3)
