"""The plan of a drill: who would be mailed when, and what to know before it is approved.

Nothing is sent. What the files fix is worked out; what depends on people comes from rehearsals by
the pure kernel (`drillsim.world.expectation`). It names bodies, never officers and addresses.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal

from drillsim.drill.durations import to_ms
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import Inject
from drillsim.drill.ladder import Ladder, ladder_of
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.files.scenario_file import LoadedScenario
from drillsim.files.timing import Remark, remarks
from drillsim.world.expectation import Expectation, Expected, Span, expect, usual_runs

ApartWhy = Literal["no-participant", "behind-no-participant", "not-addressed"]
"""`behind-no-participant`: takes part, but a node above does not, so that nobody writes to it.
`not-addressed`: takes part, but no inject that the phases send reaches it, nor comes from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """When one node is mailed, as expected, and what follows from that if it does not answer.

    None where it is not asked for, or not to be expected.
    """

    expected: Expected
    acknowledge_by: timedelta | None
    reminders: tuple[timedelta, ...]
    stand_in_at: timedelta | None
    """When the second officer is tried; None where there is none."""
    call_at: timedelta | None
    give_up_at: timedelta | None
    pass_on_by: timedelta | None
    report_by: timedelta | None
    report_reminders: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTier:
    """The bodies of one kind that are to be reached."""

    kind: NodeKind
    nodes: int
    by_mail: int
    """Bodies at which somebody is mailed."""
    stand_in_by_mail: int
    """Bodies at which a second person is."""
    by_telephone: int
    """Bodies at which somebody can be telephoned."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "nodes": self.nodes,
            "by_mail": self.by_mail,
            "stand_in_by_mail": self.stand_in_by_mail,
            "by_telephone": self.by_telephone,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedApart:
    """A body that the drill does not reach."""

    node: NodeId
    kind: NodeKind
    why: ApartWhy
    reason: str = ""
    """As the scenario gives it (`participants: except`)."""


class Plan:
    """The plan of one drill."""

    def __init__(self, loaded: LoadedScenario, runs: int | None = None) -> None:
        """Work the plan out.

        Args:
            loaded: scenario and contact tree.
            runs: how many rehearsals to put together, from 1; as many as are worth their time if
                None. The same seeds are used every time.
        """
        self.loaded = loaded
        self.exercise: Exercise = loaded.exercise
        count = usual_runs(self.exercise) if runs is None else runs
        self.expectation: Expectation = expect(self.exercise, range(1, count + 1))
        self.remarks: tuple[Remark, ...] = tuple(remarks(self.exercise))

    @cached_property
    def ladders(self) -> Mapping[NodeId, Ladder]:
        """How each body that is to be reached is tried, in file order."""
        reach = self.exercise.to_be_reached
        nodes = (node.id for node in self.exercise.tree.nodes if node.id in reach)
        return {node: ladder_of(self.exercise, node) for node in nodes}

    @cached_property
    def tiers(self) -> tuple[PlannedTier, ...]:
        """The bodies to be reached, by kind, in file order."""
        kinds: dict[NodeKind, list[Ladder]] = {}
        for node, ladder in self.ladders.items():
            kinds.setdefault(self.exercise.node(node).kind, []).append(ladder)
        return tuple(
            PlannedTier(
                kind=kind,
                nodes=len(ladders),
                by_mail=sum(ladder.has_mail for ladder in ladders),
                stand_in_by_mail=sum(ladder.has_stand_in_by_mail for ladder in ladders),
                by_telephone=sum(ladder.has_number for ladder in ladders),
            )
            for kind, ladders in kinds.items()
        )

    @cached_property
    def domains(self) -> Mapping[str, int]:
        """How many bodies' first mail goes to each domain, the most first."""
        first = (
            next((rung.address for rung in ladder.rungs if rung.by == "mail"), "")
            for ladder in self.ladders.values()
        )
        counts = Counter(address.rpartition("@")[2].lower() for address in first if address)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    @cached_property
    def first_mails(self) -> int:
        """How many notices are to be expected that begin with a mail.

        What comes on top of these are reminders, stand-ins and tries again.
        """
        return sum(
            expected.mailed_at is not None and self._ladder(expected.node).has_mail
            for expected in self.expectation.notices
        )

    @cached_property
    def timetables(self) -> Mapping[InjectId, Sequence[Timetable]]:
        """The timetable of every node in the scope of each inject."""
        found: dict[InjectId, list[Timetable]] = {
            inject.id: [] for inject in self.exercise.scenario.injects
        }
        for expected in self.expectation.notices:
            found[expected.inject].append(self._timetable(expected))
        return found

    def _timetable(self, expected: Expected) -> Timetable:
        inject, since = self.exercise.inject(expected.inject), expected.mailed_at
        first, onward, report = inject.acknowledge, inject.pass_on, inject.report
        asked = self.exercise.scope(inject.id).asked[expected.node]
        cut_off = report.cut_off if report and asked.collect else None
        has_stand_in = len(self._ladder(expected.node).rungs) > 1

        def due(period: Any) -> timedelta | None:
            return None if since is None or period is None else self.exercise.due(since, period)

        def dues(periods: Any) -> tuple[timedelta, ...]:
            return tuple(at for period in periods if (at := due(period)) is not None)

        return Timetable(
            expected=expected,
            acknowledge_by=due(first.within) if first else None,
            reminders=dues(first.remind) if first else (),
            stand_in_at=due(first.stand_in_after) if first and has_stand_in else None,
            call_at=due(first.call_after) if first else None,
            give_up_at=due(first.give_up_after) if first else None,
            pass_on_by=due(onward.within) if onward and asked.pass_on else None,
            # Who puts reports together waits for them until the cut-off, as in the drill itself:
            # its own is not due before, and nobody reminds it.
            report_by=_latest(due(report.within), due(cut_off)) if report else None,
            report_reminders=_from(due(cut_off), dues(report.remind)) if report else (),
        )

    def _ladder(self, node: NodeId) -> Ladder:
        known = self.ladders.get(node)
        # Contingency injects may reach bodies that the phases do not.
        return ladder_of(self.exercise, node) if known is None else known

    @cached_property
    def without_mail(self) -> tuple[NodeId, ...]:
        """Bodies to be reached that no mail can reach: they are telephoned from the beginning."""
        return tuple(node for node, ladder in self.ladders.items() if not ladder.has_mail)

    @cached_property
    def without_stand_in(self) -> tuple[NodeId, ...]:
        """Bodies that are mailed, but have nobody else to mail: next comes the telephone."""
        return tuple(
            node
            for node, ladder in self.ladders.items()
            if ladder.has_mail and not ladder.has_stand_in_by_mail
        )

    @cached_property
    def without_telephone(self) -> tuple[NodeId, ...]:
        """Bodies that cannot be telephoned when no mail is answered."""
        return tuple(node for node, ladder in self.ladders.items() if not ladder.has_number)

    @cached_property
    def apart(self) -> tuple[PlannedApart, ...]:
        """Bodies of the tree that the drill does not reach, in file order."""
        return tuple(self._apart())

    def _apart(self) -> Iterator[PlannedApart]:
        exercise, taking_part = self.exercise, self.exercise.scenario.participants
        begins = {inject.from_ for inject in exercise.scenario.injects}
        for node in exercise.tree.nodes:
            if not taking_part.takes_part(node.id):
                reason = taking_part.except_.get(node.id, "")
                yield PlannedApart(
                    node=node.id, kind=node.kind, why="no-participant", reason=reason
                )
            elif node.id not in exercise.to_be_reached and node.id not in begins:
                is_behind = any(not taking_part.takes_part(above) for above in self._above(node.id))
                yield PlannedApart(
                    node=node.id,
                    kind=node.kind,
                    why="behind-no-participant" if is_behind else "not-addressed",
                )

    def _above(self, node: NodeId) -> Iterator[NodeId]:
        parent = self.exercise.node(node).parent
        while parent is not None:
            yield parent
            parent = self.exercise.node(parent).parent

    # As data --------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the plan as plain data; times are seconds since StartEx, and ISO 8601 beside."""
        exercise, expectation = self.exercise, self.expectation
        return {
            "scenario": exercise.scenario.id,
            "title": exercise.scenario.title,
            "start": exercise.start_ex.isoformat(),
            "window_ends": exercise.when(exercise.window_at).isoformat(),
            "off_hours": exercise.off_hours,
            "announcement": exercise.scenario.announcement,
            "runs": expectation.runs,
            "nodes": len(exercise.tree.nodes),
            "participants": len(exercise.to_be_reached),
            "tiers": [tier.as_json() for tier in self.tiers],
            "domains": dict(self.domains),
            "first_mails": self.first_mails,
            "mails_sent": span_json(expectation.mails_sent),
            "mails_received": span_json(expectation.mails_received),
            "calls": span_json(expectation.calls),
            "phases": [
                {
                    "phase": each.phase,
                    "level": each.level,
                    "runs": each.runs,
                    **self._at("entered", each.at),
                    "sends": [
                        send.inject for send in exercise.scenario.phases.states[each.phase].send
                    ],
                }
                for each in expectation.phases
            ],
            "end": {**self._at("expected", expectation.end_at), "reasons": dict(expectation.ends)},
            "injects": [self._inject(inject) for inject in exercise.scenario.injects],
            "without_mail": list(self.without_mail),
            "without_stand_in_by_mail": list(self.without_stand_in),
            "without_telephone": list(self.without_telephone),
            "apart": [
                {
                    "node": each.node,
                    "name": exercise.node(each.node).name,
                    "kind": each.kind,
                    "why": each.why,
                    "reason": each.reason,
                }
                for each in self.apart
            ],
            "remarks": [{"kind": each.kind, "text": each.text} for each in self.remarks],
            "problems": [problem.as_json() for problem in self.loaded.problems],
        }

    def _inject(self, inject: Inject) -> dict[str, Any]:
        return {
            "inject": inject.id,
            "title": inject.title or inject.subject,
            "from": inject.from_,
            "contingency": inject.contingency,
            "runs": self.expectation.released[inject.id],
            "notices": [self._notice(timetable) for timetable in self.timetables[inject.id]],
        }

    def _notice(self, timetable: Timetable) -> dict[str, Any]:
        expected = timetable.expected
        return {
            "node": expected.node,
            "name": self.exercise.node(expected.node).name,
            "kind": expected.kind,
            "sender": expected.sender,
            "runs": expected.runs,
            "called_runs": expected.called,
            **self._at("mailed", expected.mailed_at),
            **self._at("latest", expected.latest_at),
            **self._at("acknowledge_by", timetable.acknowledge_by),
            "reminders_seconds": [_seconds(at) for at in timetable.reminders],
            "stand_in_seconds": _seconds(timetable.stand_in_at),
            "call_seconds": _seconds(timetable.call_at),
            "give_up_seconds": _seconds(timetable.give_up_at),
            "pass_on_by_seconds": _seconds(timetable.pass_on_by),
            **self._at("report_by", timetable.report_by),
            "report_reminders_seconds": [_seconds(at) for at in timetable.report_reminders],
            "acknowledged_seconds": _seconds(expected.acknowledged_at),
            "reported_seconds": _seconds(expected.reported_at),
        }

    def _at(self, name: str, at: timedelta | None) -> dict[str, Any]:
        when = None if at is None else self.exercise.when(at).isoformat(timespec="seconds")
        return {f"{name}_seconds": _seconds(at), f"{name}_time": when}


def _seconds(at: timedelta | None) -> float | None:
    return None if at is None else to_ms(at) / 1000


def span_json(span: Span) -> dict[str, int]:
    """Return a span as plain data."""
    return {"least": span.least, "median": span.median, "most": span.most}


def _latest(at: timedelta | None, other: timedelta | None) -> timedelta | None:
    return max((each for each in (at, other) if each is not None), default=None)


def _from(begin: timedelta | None, times: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    return tuple(at for at in times if begin is None or at >= begin)
