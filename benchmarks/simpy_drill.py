"""The drill as a SimPy model: every message, with reminders, stand-ins, calls, faults and reports.

It is what one would write with SimPy: a process for each notice, mail, turn and phase, waiting for
events and timeouts. It draws as the world does, so its times can be set beside those of the
forecast, run by run. Left out is what hardly changes a time: answers in old threads, those sent
twice, and follow-ups (続報) of a report.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

import simpy

from drillsim.drill.conditions import WhenAcknowledged, WhenElapsed, WhenReported
from drillsim.drill.durations import Period
from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import Inject
from drillsim.drill.tree import NodeId
from drillsim.world.habits import CALL_BACK, CALLER, PUT_TOGETHER, ROBOT, Town
from drillsim.world.network import Network, retry_after
from drillsim.world.staff import Staff

Process = Generator[Any, Any, Any]


def _ms(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


class SimPyDrill:
    """One run of a drill."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self.exercise, self.env = exercise, simpy.Environment()
        town = Town(exercise)
        self.usual = town.usual
        self.staff, self.network = Staff(exercise, town, seed), Network(exercise, town, seed)
        self.notices: dict[NoticeKey, _Notice] = {}
        self.reports: dict[tuple[str, str], simpy.Event] = {}
        self.waiting: list[_Waits] = []
        self.done: dict[str, set[tuple[str, str]]] = {"acknowledged": set(), "reported": set()}
        self.over = self.env.event()

    def delay(self, key: NoticeKey) -> int | None:
        """Return how long after its notice a node answered, in ms; None if it did not."""
        notice = self.notices[key]
        if notice.acknowledged_at is None:
            return None
        return round(notice.acknowledged_at) - _ms(notice.began)

    def run(self) -> None:
        """Play it to its end."""
        self.env.process(self.phases())
        window = self.env.timeout(_ms(self.exercise.window_at))
        self.env.run(until=self.over | window)

    @property
    def now(self) -> timedelta:
        """Drill time."""
        return timedelta(milliseconds=self.env.now)

    def due(self, since: timedelta, period: Period) -> simpy.Event:
        """Return an event for the end of a period."""
        return self.env.timeout(max(_ms(self.exercise.calendar.due(since, period) - self.now), 0))

    def takes(self, length: timedelta) -> simpy.Event:
        """Return an event for the end of some work."""
        return self.env.timeout(_ms(self.staff.after(self.now, length) - self.now))

    def report_of(self, inject: str, node: str) -> simpy.Event:
        """Return the event that the report of a node is there, if it ever comes."""
        return self.reports.setdefault((inject, node), self.env.event())

    def begin(self, inject: Inject, node: NodeId) -> None:
        """Let a notice begin."""
        notice = self.notices[(inject.id, node)] = _Notice(self, inject, node)
        self.env.process(notice.turns())

    # Phases -------------------------------------------------------------------------------------

    def phases(self) -> Process:
        """Go through the phases."""
        story = self.exercise.scenario.phases
        phase = story.states[story.initial]
        while not phase.final:
            for send in phase.send:
                inject = self.exercise.inject(send.inject)
                if send.after != Period():
                    raise NotImplementedError("a message that is sent later")
                for node in self.exercise.scope(inject.id).direct:
                    self.begin(inject, node)
            conditions = [self.holds(step.when) for step in phase.next]
            yield self.env.any_of(conditions)
            taken = next(n for n, event in enumerate(conditions) if event.triggered)
            phase = story.states[phase.next[taken].to]
        self.over.succeed()

    def holds(self, when: Any) -> simpy.Event:
        """Return an event for when a condition holds."""
        if isinstance(when, WhenElapsed):
            return self.due(self.now, when.elapsed)
        if not isinstance(when, WhenAcknowledged | WhenReported):
            raise NotImplementedError(f"a phase that waits for {when}")
        is_report = isinstance(when, WhenReported)
        inject = when.reported if isinstance(when, WhenReported) else when.acknowledged
        scope = self.exercise.scope(inject)
        nodes = {
            node
            for node in scope.sender
            if when.of in (None, self.exercise.node(node).kind)
            and (not is_report or scope.asked[node].report)
        }
        what = "reported" if is_report else "acknowledged"
        waits = _Waits(self.env.event(), what, inject, nodes, when.share)
        self.waiting.append(waits)
        waits.look(sum((inject, node) in self.done[what] for node in nodes))
        return waits.event

    def tell(self, what: str, inject: str, node: NodeId) -> None:
        """Count what was waited for."""
        self.done[what].add((inject, node))
        for waits in self.waiting:
            if (waits.what, waits.inject) == (what, inject) and node in waits.nodes:
                waits.look(1)


@dataclass
class _Waits:
    """A phase that waits for a share of some nodes."""

    event: simpy.Event
    what: str
    inject: str
    nodes: set[NodeId]
    share: Fraction
    count: int = 0

    def look(self, more: int) -> None:
        """Count some more."""
        self.count += more
        enough = self.nodes and self.count >= self.share * len(self.nodes)
        if enough and not self.event.triggered:
            self.event.succeed()


class _Notice:
    """One message on its way to one node."""

    def __init__(self, drill: SimPyDrill, inject: Inject, node: NodeId) -> None:
        self.drill, self.env, self.inject, self.node = drill, drill.env, inject, node
        self.key = (inject.id, node)
        self.staff, self.network = drill.staff, drill.network
        self.asked = drill.exercise.scope(inject.id).asked[node]
        self.began = drill.now
        self.answered, self.reported = self.env.event(), drill.report_of(inject.id, node)
        self.is_notified = self.env.event()
        self.acknowledged_at: float | None = None
        self.engaged: int | None = None
        self.report_is_sent = False
        self.is_called = False
        self.officer = 1
        count = len(drill.exercise.node(node).officers)
        self.addresses = [drill.exercise.address(node, n) for n in range(1, count + 1)]
        self.mails = [0] * (count + 1)
        self.failed = [self.env.event() for _ in range(count + 1)]

    # Turns --------------------------------------------------------------------------------------

    def turns(self) -> Process:
        """Try one officer after the other."""
        asks, drill = self.inject.acknowledge, self.drill
        if asks is not None:
            for period in asks.remind:
                self.env.process(self.reminder(period))
            if asks.call_after is not None:
                self.env.process(self.call_later(asks.call_after))
        if self.asked.report and self.inject.report is not None:
            for period in self.inject.report.remind:
                self.env.process(self.report_reminder(period))
        for officer, address in enumerate(self.addresses, 1):
            self.officer = officer
            if address and address not in self.addresses[: officer - 1]:
                self.mail(officer)
            elif officer > 1:
                self.call()
            ends = [self.answered, self.failed[officer]]
            if asks is None:
                ends[0] = self.is_notified
            elif asks.stand_in_after is not None:
                ends.append(drill.due(drill.now, asks.stand_in_after))
            if address:
                yield self.env.any_of(ends)
            if ends[0].triggered:
                return
        if asks is not None and asks.call_after is not None:
            self.call()

    def reminder(self, period: Period) -> Process:
        """Write again to the officer whose turn it is."""
        yield self.drill.due(self.began, period)
        here = self.officer
        if self.answered.triggered or self.failed[here].triggered:
            return
        if self.is_notified.triggered and self.addresses[here - 1]:
            self.mail(here)

    def mail(self, officer: int) -> None:
        """Hand over a mail."""
        attempt = self.mails[officer]
        self.mails[officer] += 1
        self.env.process(self.carried(officer, attempt))

    def carried(self, officer: int, attempt: int) -> Process:
        """A mail on its way, and what its reader does."""
        tries = 1
        while True:
            now = self.drill.now
            carriage = self.network.carry(*self.key, officer, attempt, now, tries)
            yield self.env.timeout(_ms(carriage.arrives_at - now))
            if carriage.outcome != "deferred":
                break
            yield self.env.timeout(_ms(retry_after(tries)))
            tries += 1
        if carriage.outcome == "refused":
            self.fails(officer)
            return
        if not self.is_notified.triggered:
            self.is_notified.succeed()
        if carriage.outcome == "bounced":
            yield from self.robot("bounce", officer, attempt)
            return
        presence = self.staff.presence(self.node, officer)
        if carriage.outcome != "accepted" or presence == "away":
            return
        if self.inject.acknowledge is None:
            return
        if presence == "absent":
            yield from self.robot("auto-reply", officer, attempt)
        else:
            yield from self.read(officer, attempt)

    def robot(self, answer: Any, officer: int, attempt: int) -> Process:
        """A server or a mailbox answers by itself."""
        yield self.env.timeout(_ms(self.staff.length(ROBOT, "robot", self.key, officer)))
        yield self.env.timeout(_ms(self.network.transit_up(self.key, answer, officer, attempt)))
        self.fails(officer)

    def fails(self, officer: int) -> None:
        """An officer cannot be reached."""
        if not self.failed[officer].triggered:
            self.failed[officer].succeed()

    def read(self, officer: int, attempt: int) -> Process:
        """An officer reads a mail, and answers it."""
        if self.answered.triggered:
            if attempt and self.asked.report and not self.report_is_sent:
                yield self.drill.takes(self.staff.report_delay(self.key, attempt))
                self.env.process(self.send_report(attempt))
            return
        if self.staff.answers_earlier(self.key, officer, attempt):
            return
        if not self.staff.answers(self.key, officer, attempt):
            return
        yield self.drill.takes(self.staff.answer_delay(self.key, officer, attempt))
        if self.engaged is not None:
            return
        self.engage(officer)
        transit = self.network.transit_up(self.key, "acknowledge", officer, attempt)
        yield self.env.timeout(_ms(transit))
        self.acknowledge()

    def engage(self, officer: int) -> None:
        """Somebody takes the matter up."""
        self.engaged = officer
        if self.asked.pass_on:
            self.env.process(self.pass_on())
        if self.asked.report:
            self.env.process(self.report())

    def acknowledge(self) -> None:
        """The drill knows that the node has it."""
        if not self.answered.triggered:
            self.acknowledged_at = self.env.now
            self.answered.succeed()
            self.drill.tell("acknowledged", *self.key)

    def pass_on(self) -> Process:
        """Write to the next hops."""
        yield self.drill.takes(self.staff.pass_on_delay(self.key))
        for hop in self.staff.hops(self.key, self.asked.pass_on):
            self.drill.begin(self.inject, hop)
        self.acknowledge()

    # Calls --------------------------------------------------------------------------------------

    def call_later(self, period: Period) -> Process:
        """Put the notice on the call list when it is due."""
        yield self.drill.due(self.began, period)
        self.call()

    def call(self) -> None:
        """Put it on the call list."""
        if not self.is_called and not self.answered.triggered:
            self.is_called = True
            if self.drill.usual.telephone is not None:
                self.env.process(self.calls())

    def calls(self) -> Process:
        """Work through the numbers."""
        node = self.drill.exercise.node(self.node)
        if self.drill.exercise.off_hours and node.duty_desk is not None:
            raise NotImplementedError("a duty desk")
        for officer in range(1, len(self.addresses) + 1):
            yield self.env.timeout(_ms(self.staff.length(CALLER, "caller", self.key, officer)))
            result = self.staff.talks(self.key, officer)
            if result == "message":
                back = self.staff.length(CALL_BACK, "call-back", self.key, officer)
                yield self.env.timeout(_ms(back))
            if self.answered.triggered:
                return
            if result in ("talked", "message"):
                if self.engaged is None:
                    self.engage(officer)
                self.acknowledge()
                return

    # The report ---------------------------------------------------------------------------------

    def report(self) -> Process:
        """Fill in the form, wait for those below, and send it."""
        report = self.inject.report
        assert report is not None
        yield self.drill.takes(self.staff.report_delay(self.key))
        forgets = self.staff.happens("report_forgotten", self.key)
        number = 0
        if self.asked.collect:
            below = [self.drill.report_of(self.inject.id, node) for node in self.asked.collect]
            everybody = self.env.all_of(below)
            ends: list[simpy.Event] = [everybody]
            if report.cut_off is not None and report.partial == "allowed" and not forgets:
                ends.append(self.drill.due(self.began, report.cut_off))
            is_late = not everybody.triggered
            yield self.env.any_of(ends)
            if everybody.triggered and is_late:
                number = len(self.asked.collect)
                length = self.staff.length(PUT_TOGETHER, "put-together", self.key, number)
                yield self.drill.takes(length)
        elif forgets:
            return
        yield from self.send_report(number)

    def send_report(self, number: int) -> Process:
        """Send the report, if nobody has."""
        if self.report_is_sent:
            return
        self.report_is_sent = True
        yield self.env.timeout(_ms(self.network.transit_up(self.key, "report", 0, number)))
        self.acknowledge()
        self.reported.succeed()
        self.drill.tell("reported", *self.key)

    def report_reminder(self, period: Period) -> Process:
        """Ask for the report again."""
        yield self.drill.due(self.began, period)
        officer = self.engaged or self.officer
        is_due = self.answered.triggered and not self.reported.triggered
        report = self.inject.report
        assert report is not None
        if self.asked.collect and report.cut_off is not None:
            cut_off = self.drill.exercise.calendar.due(self.began, report.cut_off)
            is_due = is_due and cut_off <= self.drill.now
        if is_due and self.addresses[officer - 1]:
            self.mail(officer)
