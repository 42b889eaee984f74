"""The time that injected faults of the machines took from a node, so that nobody is charged for it.

A *hold-up* begins when the first mail is handed over that a fault of the scenario then defers,
delays, refuses or swallows, while no officer of the node has a mail to read. It ends with the
first of: a mail of the notice comes into a mailbox where it can be read; a delivery fails for a
reason that no fault caused (a dead address), while no other mail is deferred or delayed by one; a
person answers; the drill ends. The time lost to faults is the sum of a notice's hold-ups, and
every period of that notice (to acknowledge, to pass on, to report) is taken to be longer by it.
What came in the longer period is shown as late and credited in full; what could not come before
EndEx is shown as missed and not counted.

An officer who fails (an automatic reply, a delivery report, a refusal) has no mail to read any
more, so a fault that then stops the stand-in's mail begins a hold-up as well. An address that
does not exist stops nobody's mail: it neither begins nor ends a hold-up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Fault, FaultKind
from drillsim.drill.tree import NodeId

_REFUSALS: dict[ev.Failure, FaultKind] = {
    "refused": "refuse",
    "mailbox-full": "mailbox-full",
    "unknown-address": "unknown-address",
}


def faults_by_node(exercise: Exercise) -> Mapping[NodeId, Sequence[Fault]]:
    """Return the faults of the scenario, by the node that they stand in the way of."""
    found: dict[NodeId, list[Fault]] = {}
    for fault in exercise.scenario.faults:
        found.setdefault(fault.node, []).append(fault)
    return found


@dataclass(slots=True)
class Holdup:
    """What the faults on the way to one node did to one notice, so far."""

    faults: Sequence[Fault]
    lost: timedelta = ZERO
    """The time lost in hold-ups that are over."""
    since: timedelta | None = None
    """When the hold-up began that goes on."""
    officers: set[int] = field(default_factory=set)
    """Officers whose mail a fault refused."""
    numbers: list[int] = field(default_factory=list)
    """The events that show the faults."""
    _free_at: timedelta = ZERO
    """When the last hold-up ended: none begins before it."""
    _readers: set[int] = field(default_factory=set)
    """Officers who have a mail to read and have not failed."""
    _handed: dict[tuple[int, int], timedelta] = field(default_factory=dict)
    _queued: set[tuple[int, int]] = field(default_factory=set)
    """Mails (officer, attempt) that a fault defers or delays."""
    _is_answered: bool = False

    def take(self, number: int, event: AnyEvent) -> None:
        """Take in event `number` of the notice."""
        match event:
            case ev.Submitted() | ev.Retried():
                mail = (event.officer, event.attempt)
                self._handed.setdefault(mail, event.at)
                if self._has("delay", event.officer, event.at):
                    self._queued.add(mail)
                    self._hold(number, event.at)
            case ev.Deferred() if self._has("defer", event.officer, event.at):
                self._queued.add((event.officer, event.attempt))
                self._hold(number, self._handed[(event.officer, event.attempt)])
            case ev.Refused():
                self._queued.discard((event.officer, event.attempt))
                self._refused(number, event)
            case ev.Notified():
                self._queued.discard((event.officer, event.attempt))
                self._notified(number, event)
            case ev.AutoReplied() | ev.Declined():
                self._readers.discard(event.officer)
            case ev.Bounced():
                self._readers.discard(event.officer)
                self._fail(event.at)
            case ev.Acknowledged() | ev.Reported() | ev.PassedOn():
                self._is_answered = True
                self._release(event.moment)
            case _:
                pass

    def lost_until(self, now: timedelta) -> timedelta:
        """Return the time lost until `now`."""
        return self.lost + (now - self.since if self.since is not None else ZERO)

    def _refused(self, number: int, event: ev.Refused) -> None:
        kind = _REFUSALS.get(event.failure)
        if kind is not None and self._has(kind, event.officer, event.at):
            self.officers.add(event.officer)
            self._hold(number, self._handed[(event.officer, event.attempt)])
        elif event.failure != "no-address":
            self._fail(event.at)

    def _notified(self, number: int, event: ev.Notified) -> None:
        if event.lost == "dropped":
            self._hold(number, self._handed[(event.officer, event.attempt)])
        elif event.lost:
            self._fail(event.at)
        else:
            self._readers.add(event.officer)
            self._release(event.at)

    def _has(self, kind: FaultKind, officer: int, at: timedelta) -> bool:
        return any(
            fault.kind == kind
            and fault.officer in (None, officer)
            and fault.from_ <= at
            and (fault.until is None or at < fault.until)
            for fault in self.faults
        )

    def _hold(self, number: int, since: timedelta) -> None:
        if self._readers or self._is_answered:
            return
        self.numbers.append(number)
        if self.since is None:
            self.since = max(since, self._free_at)

    def _fail(self, at: timedelta) -> None:
        """A delivery failed by itself: a mail that a fault still keeps may yet arrive."""
        if not self._queued:
            self._release(at)

    def _release(self, at: timedelta) -> None:
        if self.since is not None:
            self.lost += max(at - self.since, ZERO)
            self.since = None
        self._free_at = max(self._free_at, at)
