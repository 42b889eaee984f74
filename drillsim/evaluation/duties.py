"""What was asked of each node, whether it was done in time, and what nobody is to be charged for.

A duty is *excused* in three cases:

- `fault`: the period, made longer by the time that injected faults took
  (`drillsim.evaluation.holdups`), was kept, or had not run out at EndEx;
- `not-due`: its period had not run out when the drill ended for another reason than time: a
  condition of the scenario held, or the operator ended it. When the window closes or a phase's
  time is up, everyone knew that limit, and what is missing is missing;
- `not-sent`: the inject was addressed to the node itself, and its mail was never sent, as it may be
  in a drill by hand: that lies with the sender.

A node that the node above did not write to owes nothing by itself: its duty is missed as the
passing on above it was, and excused where that was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from drillsim.drill.events import NoticeKey
from drillsim.evaluation.timeline import Hop, Timeline

What = Literal["acknowledge", "pass-on", "report"]
Standing = Literal["in-time", "late", "missed", "open"]
"""`open`: not done, and the drill still runs."""
Excuse = Literal["", "fault", "not-due", "not-sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One thing that an inject asked of a node."""

    hop: Hop
    what: What
    due: timedelta | None
    """None for a node that nobody has written to."""
    done_at: timedelta | None
    standing: Standing
    excuse: Excuse = ""
    is_overdue: bool = False
    """`open`, and its longer period has run out."""

    @property
    def is_missed(self) -> bool:
        """Whether it was not done before EndEx."""
        return self.standing == "missed"


Duties = Mapping[tuple[NoticeKey, What], Duty]


def duties_of(timeline: Timeline) -> Duties:
    """Return every duty of a drill, in the order of its hops."""
    found: dict[tuple[NoticeKey, What], Duty] = {}
    for hop in timeline.hops.values():
        above = found.get(((hop.inject, hop.sender), "pass-on"))
        for what, due, done_at in _asked(hop):
            found[(hop.notice, what)] = _judge(timeline, hop, what, due, done_at, above)
    return found


def _asked(hop: Hop) -> Iterator[tuple[What, timedelta | None, timedelta | None]]:
    if hop.asked.acknowledge:
        yield "acknowledge", hop.ack_due, hop.acknowledged_at
    if hop.asked.pass_on:
        # Passing on is done when the last next hop was written to.
        done = None if hop.left_out else max((at for _, at in hop.written_to), default=None)
        yield "pass-on", hop.pass_on_due, done
    if hop.asked.report:
        yield "report", hop.report_due, hop.reported_at


def _judge(
    timeline: Timeline,
    hop: Hop,
    what: What,
    due: timedelta | None,
    done_at: timedelta | None,
    above: Duty | None,
) -> Duty:
    def duty(standing: Standing, excuse: Excuse = "", is_overdue: bool = False) -> Duty:
        return Duty(
            hop=hop,
            what=what,
            due=due,
            done_at=done_at,
            standing=standing,
            excuse=excuse,
            is_overdue=is_overdue,
        )

    limit = due + hop.lost if due is not None else None
    if done_at is not None:
        if due is None or limit is None or done_at <= due:
            return duty("in-time")
        return duty("late", "fault" if done_at <= limit else "")
    now = timeline.now
    if not timeline.is_over:
        return duty("open", is_overdue=limit is not None and limit < now)
    if due is None or limit is None:
        if above is not None:
            return duty("missed", above.excuse)
        return duty("missed", "" if hop.is_written_to else "not-sent")
    if hop.lost and limit > now:
        return duty("missed", "fault")
    return duty("missed", "not-due" if due > now and not timeline.ended_by_time else "")
