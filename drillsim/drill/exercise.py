"""What is fixed before StartEx: a scenario on a contact tree, with its calendar.

Worked out once from the files, so that nothing in the course of a drill has to look at the whole
tree: who is in the scope of an inject, who writes to whom, what is asked of each node.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from drillsim.drill.calendar import Calendar
from drillsim.drill.durations import Period
from drillsim.drill.scenario import Inject, InjectId, Scenario, Target
from drillsim.drill.tree import ContactTree, Node, NodeId


@dataclass(frozen=True, slots=True)
class Asked:
    """What one inject asks of one node."""

    acknowledge: bool
    pass_on: tuple[NodeId, ...]
    """The next hops, participants only, in file order."""
    report: bool
    collect: tuple[NodeId, ...]
    """Nodes whose reports are to be put together before this node's own goes up."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an inject reaches if all goes well; parents come before those they write to."""

    direct: tuple[NodeId, ...]
    """Nodes to whom the drill itself writes, for `from`."""
    sender: dict[NodeId, NodeId]
    """Who writes to each node."""
    asked: dict[NodeId, Asked]

    @property
    def nodes(self) -> tuple[NodeId, ...]:
        """Every node in scope, each after its sender."""
        return tuple(self.sender)


@dataclass(frozen=True)
class Exercise:
    """A scenario, its contact tree and its calendar, with look-ups that cost O(1)."""

    scenario: Scenario
    tree: ContactTree
    calendar: Calendar
    _scopes: dict[InjectId, Scope] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def injects(self) -> list[Inject]:
        """The messages of the scenario, and behind them those that were typed (`add`)."""
        return list(self.scenario.injects)

    @cached_property
    def order(self) -> dict[InjectId, int]:
        """The place of every inject in `injects`, from 0."""
        return dict(self.scenario.order)

    def add(self, inject: Inject) -> None:
        """Take in an inject that was typed while the drill ran; one of the same id gives way.

        Only the fold of a drill does so, so an exercise belongs to one drill.
        """
        place = self.order.setdefault(inject.id, len(self.injects))
        if place == len(self.injects):
            self.injects.append(inject)
        elif self.injects[place] != inject:
            self.injects[place] = inject
            self._scopes.pop(inject.id, None)

    @cached_property
    def participants(self) -> frozenset[NodeId]:
        """The nodes that take part."""
        takes_part = self.scenario.participants.takes_part
        return frozenset(node.id for node in self.tree.nodes if takes_part(node.id))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The one zone in which all times of the drill are shown."""
        return ZoneInfo(self.tree.zone)

    @cached_property
    def start_ex(self) -> datetime:
        """StartEx, in the drill's zone."""
        return self.scenario.start.astimezone(self.zone)

    @cached_property
    def off_hours(self) -> bool:
        """Whether the contacts for nights and holidays are used."""
        if self.scenario.hours == "auto":
            return not self.calendar.is_open(timedelta(0))
        return self.scenario.hours == "off-hours"

    @cached_property
    def window_at(self) -> timedelta:
        """When the window closes."""
        return self.due(timedelta(0), self.scenario.window)

    def due(self, since: timedelta, period: Period) -> timedelta:
        """Return when `period` from `since` ends, business days by the calendar."""
        if period.business_days:
            return self.calendar.due(since, period)
        return since + period.length

    def when(self, at: timedelta) -> datetime:
        """Return the date and time of `at`, in the drill's zone."""
        return (self.scenario.start + at).astimezone(self.zone)

    def node(self, node: NodeId) -> Node:
        """Return the node of this id."""
        return self.tree.by_id[node]

    def address(self, node: NodeId, officer: int) -> str:
        """Return where `officer` (from 1) of `node` reads mail in this drill, or ""."""
        return self.tree.by_id[node].address(officer, off_hours=self.off_hours)

    def inject(self, inject: InjectId) -> Inject:
        """Return the inject of this id."""
        return self.injects[self.order[inject]]

    def scope(self, inject: InjectId) -> Scope:
        """Return whom `inject` reaches if all goes well; worked out once per inject."""
        scope = self._scopes.get(inject)
        if scope is None:
            scope = self._scopes[inject] = self._work_out(self.inject(inject))
        return scope

    @cached_property
    def to_be_reached(self) -> frozenset[NodeId]:
        """Participants in the scope of an inject that the phases send: the drill's denominator."""
        sent = {
            send.inject
            for phase in self.scenario.phases.states.values()
            for send in phase.send
            if send.inject in self.scenario.by_id
        }
        return frozenset(node for inject in sent for node in self.scope(inject).sender)

    def _direct(self, inject: Inject) -> tuple[NodeId, ...]:
        tree, to = self.tree, inject.to
        if isinstance(to, Target):
            named = frozenset(to.nodes)
            chosen = tuple(n.id for n in tree.nodes if n.kind in to.kind or n.id in named)
        elif to == "all":
            chosen = tuple(node.id for node in tree.nodes)
        elif to == "children":
            chosen = tree.children.get(inject.from_, ())
        else:
            parent = tree.by_id[inject.from_].parent
            chosen = () if parent is None else (parent,)
        return tuple(n for n in chosen if n in self.participants and n != inject.from_)

    def _next_hops(self, inject: Inject, node: NodeId) -> tuple[NodeId, ...]:
        if inject.pass_on is None:
            return ()
        if inject.pass_on.to == "children":
            hops = self.tree.children[node]
        else:
            parent = self.tree.by_id[node].parent
            hops = () if parent is None else (parent,)
        return tuple(hop for hop in hops if hop in self.participants and hop != inject.from_)

    def _work_out(self, inject: Inject) -> Scope:
        direct = self._direct(inject)
        sender: dict[NodeId, NodeId] = dict.fromkeys(direct, inject.from_)
        queue = list(direct)
        asked: dict[NodeId, Asked] = {}
        collects = inject.report is not None and inject.report.collect is not None
        nothing_on = Asked(
            acknowledge=inject.acknowledge is not None,
            pass_on=(),
            report=inject.report is not None,
            collect=(),
        )
        for node in queue:
            # A node that the drill writes to itself is not written to again by its parent.
            hops = tuple(hop for hop in self._next_hops(inject, node) if hop not in sender)
            sender.update(dict.fromkeys(hops, node))
            queue.extend(hops)
            # Of all who pass nothing on the same is asked, and they are most of a large tree.
            collect = hops if collects else ()
            asked[node] = replace(nothing_on, pass_on=hops, collect=collect) if hops else nothing_on
        return Scope(direct=direct, sender=sender, asked=asked)
