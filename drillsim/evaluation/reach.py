"""How far each inject came: per tier (kind of node) who was to be reached, who was, and who not.

Rates count participants. 受信確認率 (`Tier.confirmed`): of the nodes of a tier that an inject was
to reach and that were to acknowledge, how many a person answered for before EndEx, by whatever
channel. 疎通確認率 (`Contact.rate`): of the nodes of a tier that any released inject was to reach,
for how many a person answered at all. An answer after EndEx counts as none (CDC SNAA, question 10)
and is listed apart; so are nodes that do not take part.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, Participants
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.causes import Cause, Miss, count_causes
from drillsim.evaluation.duties import Duties, Duty, What
from drillsim.evaluation.milestones import Marks, marks_of, median, shares_within
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.timeline import Hop, Timeline

ApartWhy = Literal["no-participant", "behind-no-participant", "not-sent"]
"""`behind-no-participant`: takes part, but a node above does not, so that nobody writes to it.
`not-sent`: takes part, but no inject that was to reach it has been released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A node that is not counted."""

    node: NodeId
    kind: NodeKind
    why: ApartWhy
    reason: str = ""
    """As the scenario gives it (`participants: except`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How one duty went in one tier; the five counts add up to `of`."""

    of: int
    in_time: int
    late: int
    """Late ones that faults excuse are among these."""
    missed: int
    excused: int
    """Missed, and nobody is charged for it."""
    open: int

    @property
    def done(self) -> int:
        """In time or late."""
        return self.in_time + self.late

    @property
    def rate(self) -> Rate:
        """How many have done it, of all that were asked."""
        return Rate(self.done, self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One inject at the nodes of one kind."""

    inject: InjectId
    kind: NodeKind
    scope: int
    """Participants that the inject was to reach."""
    notified: int
    """For how many of them a server took a mail."""
    acknowledged: Done
    passed_on: Done
    """Done when the last next hop was written to."""
    next_hops: Rate
    """How many of all next hops were written to."""
    reported: Done
    declined: int
    """Reached, but the person who answered would not act, and nobody else has answered."""
    after_end: int
    """Not acknowledged before EndEx, but answered after it."""
    channels: Mapping[ev.Channel, int]
    """By which channel they acknowledged; those that did not occur are left out."""
    causes: Mapping[Cause, int]
    """Why those who were not reached were not; every cause is there."""
    marks: Marks
    report_marks: Marks
    within: tuple[tuple[timedelta, Rate], ...]
    """Acknowledged within so long from the node's own notice."""
    delay_median: timedelta | None
    """Of those who acknowledged, from their own notice."""

    @property
    def confirmed(self) -> Rate:
        """受信確認率; within the window, too, since it ends with EndEx at the latest."""
        return self.acknowledged.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whether the nodes of one kind could be reached at all."""

    kind: NodeKind | None
    """None for all kinds together."""
    rate: Rate
    """疎通確認率."""
    unreached: tuple[NodeId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a drill came."""

    tiers: tuple[Tier, ...]
    """By inject in the order of release, and by kind in the order in which it came to them."""
    contacts: tuple[Contact, ...]
    """By kind, and all together last."""
    misses: tuple[Miss, ...]
    apart: tuple[Apart, ...]
    late: tuple[Duty, ...]
    """What was done late, in the order of the hops."""

    @property
    def reached(self) -> Rate:
        """Nodes with a person's answer to any notice, of all that were to be reached."""
        return self.contacts[-1].rate


def reach_of(timeline: Timeline, duties: Duties, misses: Sequence[Miss]) -> Reach:
    """Return how far a drill came."""
    return Reach(
        tiers=tuple(_tiers(timeline, duties, misses)),
        contacts=tuple(_contacts(timeline)),
        misses=tuple(misses),
        apart=tuple(_apart(timeline)),
        late=tuple(duty for duty in duties.values() if duty.standing == "late"),
    )


def _tiers(timeline: Timeline, duties: Duties, misses: Sequence[Miss]) -> Iterator[Tier]:
    groups: dict[tuple[InjectId, NodeKind], list[Hop]] = {}
    for hop in timeline.hops.values():
        groups.setdefault((hop.inject, hop.kind), []).append(hop)
    unreached: dict[tuple[InjectId, NodeKind], list[Miss]] = {}
    for miss in misses:
        if miss.what in ("acknowledge", "delivery"):
            unreached.setdefault((miss.hop.inject, miss.hop.kind), []).append(miss)
    for key, hops in groups.items():
        yield _tier(key, hops, duties, unreached.get(key, ()))


def _tier(
    key: tuple[InjectId, NodeKind], hops: Sequence[Hop], duties: Duties, misses: Sequence[Miss]
) -> Tier:
    asked = [hop for hop in hops if hop.asked.acknowledge]
    answered = [hop for hop in asked if hop.acknowledged_at is not None]
    to_report = [hop for hop in hops if hop.asked.report]
    delays = [hop.delay for hop in answered if hop.delay is not None]
    return Tier(
        inject=key[0],
        kind=key[1],
        scope=len(hops),
        notified=sum(hop.notified_at is not None for hop in hops),
        acknowledged=_done(hops, duties, "acknowledge"),
        passed_on=_done(hops, duties, "pass-on"),
        next_hops=Rate(
            sum(len(hop.written_to) for hop in hops), sum(len(hop.asked.pass_on) for hop in hops)
        ),
        reported=_done(hops, duties, "report"),
        declined=sum(hop.declined and not hop.is_acknowledged for hop in hops),
        after_end=sum(
            hop.answered_after_end_at is not None and not hop.is_acknowledged for hop in asked
        ),
        channels=dict(Counter(hop.channel for hop in answered if hop.channel is not None)),
        causes=count_causes(misses),
        marks=marks_of(
            (
                hop.acknowledged_at - hop.released_at
                for hop in answered
                if hop.acknowledged_at is not None
            ),
            len(asked),
        ),
        report_marks=marks_of(
            (hop.reported_at - hop.released_at for hop in to_report if hop.reported_at is not None),
            len(to_report),
        ),
        within=shares_within(delays, len(asked)),
        delay_median=median(delays),
    )


def _done(hops: Iterable[Hop], duties: Duties, what: What) -> Done:
    asked = [duty for hop in hops if (duty := duties.get((hop.notice, what))) is not None]
    standings = Counter(duty.standing for duty in asked)
    excused = sum(duty.is_missed and bool(duty.excuse) for duty in asked)
    return Done(
        of=len(asked),
        in_time=standings["in-time"],
        late=standings["late"],
        missed=standings["missed"] - excused,
        excused=excused,
        open=standings["open"],
    )


def _contacts(timeline: Timeline) -> Iterator[Contact]:
    by_kind: dict[NodeKind, list[tuple[NodeId, bool]]] = {}
    everyone: list[tuple[NodeId, bool]] = []
    for node, hops in timeline.by_node.items():
        # Who answers that they cannot act has been reached all the same.
        is_reached = any(hop.is_acknowledged or hop.declined for hop in hops)
        by_kind.setdefault(hops[0].kind, []).append((node, is_reached))
        everyone.append((node, is_reached))
    for kind, nodes in by_kind.items():
        yield _contact(kind, nodes)
    yield _contact(None, everyone)


def _contact(kind: NodeKind | None, nodes: Sequence[tuple[NodeId, bool]]) -> Contact:
    return Contact(
        kind=kind,
        rate=Rate(sum(is_reached for _, is_reached in nodes), len(nodes)),
        unreached=tuple(node for node, is_reached in nodes if not is_reached),
    )


def _apart(timeline: Timeline) -> Iterator[Apart]:
    """Yield the nodes that are not counted, in the order of the tree."""
    exercise = timeline.exercise
    counted = timeline.by_node.keys()
    planned = exercise.to_be_reached
    absent = exercise.scenario.participants
    wanted = (
        _wanted(exercise, timeline.board.released)
        if absent.except_ or (absent.default == "none")
        else frozenset[NodeId]()
    )
    for node in exercise.tree.nodes:
        if node.id in counted:
            continue
        if not absent.takes_part(node.id):
            if node.id in wanted:
                reason = absent.except_.get(node.id, "")
                yield Apart(node=node.id, kind=node.kind, why="no-participant", reason=reason)
        elif node.id in wanted:
            yield Apart(node=node.id, kind=node.kind, why="behind-no-participant")
        elif node.id in planned:
            yield Apart(node=node.id, kind=node.kind, why="not-sent")


def _wanted(exercise: Exercise, released: Iterable[InjectId]) -> frozenset[NodeId]:
    """Return whom the released injects would reach if everyone took part."""
    everyone = exercise.scenario.model_copy(update={"participants": Participants()})
    all_in = Exercise(scenario=everyone, tree=exercise.tree, calendar=exercise.calendar)
    return frozenset(node for inject in released for node in all_in.scope(inject).sender)
