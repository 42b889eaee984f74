"""What is the same in all runs of a forecast: the files, the faults, the calendar as arrays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from drillsim.drill.durations import Period, to_ms
from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Asked, Exercise
from drillsim.drill.injects import Inject, InjectId
from drillsim.drill.rehearsal import Fault, PersonNode
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.forecast.draws import Rows, Times
from drillsim.world.chance import LogNormal
from drillsim.world.habits import Habits, Town

if TYPE_CHECKING:
    from drillsim.forecast.alike import Alike


@dataclass(frozen=True)
class Setting:
    """A scenario on a contact tree, as a forecast looks at it."""

    exercise: Exercise
    instead: Mapping[NodeId, Exercise] = field(default_factory=dict)
    """For single nodes the exercise as it would be if something were changed there."""
    kind: NodeKind | None = None
    """Of what kind of body `usual` is, where the preset file tells kinds apart."""

    @cached_property
    def groups(self) -> dict[InjectId, "Sequence[Alike]"]:
        """Notices by inject in groups, as far as known (`drillsim.forecast.alike`)."""
        return {}

    @cached_property
    def elsewhere(self) -> dict["Alike", "Sequence[tuple[Alike, Rows]]"]:
        """Other notices to the nodes of a group, as far as known (`old_threads`)."""
        return {}

    @cached_property
    def town(self) -> Town:
        """The habits of everyone."""
        return Town(self.exercise)

    @cached_property
    def usual(self) -> Habits:
        """The habits of those about whom nothing particular is said."""
        return self.town.usual if self.kind is None else self.town.of_kind(self.kind)

    @cached_property
    def horizon(self) -> int:
        """When the window closes, in ms: nothing counts after it."""
        return to_ms(self.exercise.window_at)

    @cached_property
    def _opens(self) -> Times:
        return _milliseconds(start for start, _ in self.exercise.calendar.office)

    @cached_property
    def _closes(self) -> Times:
        return _milliseconds(end for _, end in self.exercise.calendar.office)

    @cached_property
    def _worked(self) -> Times:
        return np.concatenate(([0], np.cumsum(self._closes - self._opens)))

    def due(self, since: Times, period: Period) -> Times:
        """Return when `period` from each of these times ends (`Calendar.due`)."""
        if not period.business_days:
            return since + to_ms(period.length)
        place = np.searchsorted(self._opens, since, side="right") + period.business_days - 1
        beyond = since + to_ms(timedelta(days=2 * period.business_days))
        if not len(self._closes):
            return beyond
        inside = np.minimum(place, len(self._closes) - 1)
        return np.where(place < len(self._closes), self._closes[inside], beyond)

    def after(self, since: Times, lengths: Times) -> Times:
        """Return when those who begin then are done after so much of their working time."""
        if not self.usual.office_hours_only or not len(self._closes):
            return since + lengths
        last = len(self._closes) - 1
        place = np.searchsorted(self._closes, since, side="right")
        inside = np.minimum(place, last)
        begun = np.maximum(since, self._opens[inside])
        target = self._worked[inside] + (begun - self._opens[inside]) + lengths
        day = np.maximum(inside, np.searchsorted(self._worked[1:], target, side="left"))
        on_the_day = np.minimum(day, last)
        done = np.where(
            day > last,
            self._closes[last] + (target - self._worked[-1]),
            self._opens[on_the_day] + (target - self._worked[on_the_day]),
        )
        return np.where(place > last, since + lengths, done)

    @cached_property
    def _faults(self) -> dict[NodeId, tuple[Fault, ...]]:
        found: dict[NodeId, tuple[Fault, ...]] = {}
        for fault in self.exercise.scenario.faults:
            found[fault.node] = (*found.get(fault.node, ()), fault)
        return found

    def faults(self, node: NodeId, officer: int) -> tuple[Fault, ...]:
        """Return the faults on the way to `officer` of `node`, at any time."""
        return tuple(f for f in self._faults.get(node, ()) if f.officer in (None, officer))

    @cached_property
    def sent(self) -> frozenset[InjectId]:
        """The injects that a phase sends."""
        phases = self.exercise.scenario.phases.states.values()
        return frozenset(send.inject for phase in phases for send in phase.send)

    @cached_property
    def has_old_threads(self) -> bool:
        """Whether anybody may answer in an old thread."""
        return any(notice.setting.usual.old_thread for notice in self.notices.values())

    @cached_property
    def notices(self) -> dict[NoticeKey, "Notice"]:
        """Every notice that may begin: those of the injects that a phase sends."""
        node_of = self.exercise.node
        by_kind = {kind: Setting(self.exercise, kind=kind) for kind in self.town.kinds}
        changed = {
            node: Setting(exercise, kind=node_of(node).kind)
            for node, exercise in self.instead.items()
        }
        found = {}
        for inject in self.exercise.scenario.injects:
            if inject.id not in self.sent:
                continue  # Only an operator sends it.
            for node in self.exercise.scope(inject.id).sender:
                setting = changed.get(node) or by_kind.get(node_of(node).kind, self)
                found[(inject.id, node)] = Notice(
                    setting, setting.exercise.scenario.by_id[inject.id], node
                )
        return found

    def direct(self, inject: InjectId) -> frozenset[NodeId]:
        """Return the nodes to whom the drill itself writes."""
        known = self._direct.get(inject)
        if known is None:
            known = self._direct[inject] = frozenset(self.exercise.scope(inject).direct)
        return known

    @cached_property
    def _direct(self) -> dict[InjectId, frozenset[NodeId]]:
        return {}

    def of_inject(self, inject: InjectId) -> list["Notice"]:
        """Return the notices of `inject`, each after that of the node that writes to it."""
        if inject not in self.sent:
            return []
        return [self.notices[(inject, node)] for node in self.exercise.scope(inject).sender]


def _milliseconds(times: Iterable[timedelta]) -> Times:
    return np.array([to_ms(time) for time in times], dtype=np.int64)


@dataclass(frozen=True)
class Notice:
    """One inject on its way to one node, as far as it is the same in all runs."""

    setting: Setting
    inject: Inject
    node: NodeId

    @cached_property
    def key(self) -> NoticeKey:
        """The notice."""
        return self.inject.id, self.node

    @cached_property
    def asked(self) -> Asked:
        """What is asked of the node."""
        return self.setting.exercise.scope(self.inject.id).asked[self.node]

    @cached_property
    def kind(self) -> NodeKind:
        """What the node is."""
        return self.setting.exercise.node(self.node).kind

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """Where each officer reads mail, or ""."""
        exercise = self.setting.exercise
        count = len(exercise.node(self.node).officers)
        return tuple(exercise.address(self.node, officer) for officer in range(1, count + 1))

    def first_of(self, officer: int) -> int:
        """Return the first officer with the address of `officer`, from 1: they share its fate."""
        return self.addresses.index(self.addresses[officer - 1]) + 1

    def by_mail(self, officer: int) -> bool:
        """Whether `officer` is written to when it is their turn, at an address of their own."""
        address = self.addresses[officer - 1]
        return bool(address) and address not in self.addresses[: officer - 1]

    def faults(self, officer: int) -> tuple[Fault, ...]:
        """Return the faults on the way to `officer`, at any time."""
        return self.setting.faults(self.node, officer)

    @cached_property
    def sender(self) -> NodeId | None:
        """Who passes it on to the node; None is the drill itself."""
        exercise = self.setting.exercise
        scope = exercise.scope(self.inject.id)
        return None if self.node in self.setting.direct(self.inject.id) else scope.sender[self.node]

    @cached_property
    def has_others_below(self) -> bool:
        """Whether others are told by the node, or report to it."""
        return bool(self.asked.pass_on or self.asked.collect)

    @cached_property
    def depth(self) -> int:
        """How many others have passed it on before it comes to the node."""
        direct = self.setting.direct(self.inject.id)
        sender = self.setting.exercise.scope(self.inject.id).sender
        node, depth = self.node, 0
        while node not in direct:
            node, depth = sender[node], depth + 1
        return depth

    @cached_property
    def mailbox(self) -> str:
        """The office's shared address, or ""."""
        return self.setting.exercise.node(self.node).mailbox

    @cached_property
    def has_desk_first(self) -> bool:
        """Whether a call is taken by the duty desk."""
        exercise = self.setting.exercise
        return exercise.off_hours and exercise.node(self.node).duty_desk is not None

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """What notices of one inject have in common that may be played together.

        Who passes on is played together with those who are as far from the one who began. Faults
        and what is said about single people may differ (`drillsim.forecast.alike`).
        """
        asked = self.asked
        return (
            id(self.setting),
            tuple(self.addresses.index(a) if a else None for a in self.addresses),
            bool(self.mailbox),
            self.has_desk_first,
            self.delay("acknowledge"),
            self.delay("report"),
            (asked.acknowledge, asked.report, bool(asked.pass_on), bool(asked.collect)),
            self.depth if self.has_others_below else None,
            self.delay("pass_on"),
            self.kind,
        )

    @cached_property
    def particular(self) -> PersonNode:
        """What the scenario says about the people at the node."""
        return self.setting.town.particular(self.node)

    def delay(self, what: str) -> LogNormal:
        """Return the delay `what` (acknowledge, pass_on, report) at the node."""
        return self.setting.town.delay(self.node, what)
