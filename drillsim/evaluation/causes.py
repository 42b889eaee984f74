"""Why something that was asked did not come: one cause from a short list, with its events."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.drill.machines import NoticeState
from drillsim.drill.tree import NodeId
from drillsim.evaluation.duties import Duties, Duty, Excuse, What
from drillsim.evaluation.timeline import Hop, Timeline

Cause = Literal[
    "no-address",
    "bounced",
    "absent",
    "not-passed-on",
    "no-answer",
    "not-notified",
    "machine-fault",
    "not-reported",
    "not-due",
    "other",
]
"""In the order of reports.

`no-address`: there was none to write to. `bounced`: the address or its server refused. `absent`:
away, and no stand-in could be reached. `not-passed-on`: acknowledged, but (some of) the next hops
were not written to. `no-answer`: a mail lay in a mailbox, and nobody answered it. `not-notified`:
the node above did not write, or whoever the inject comes from. `machine-fault`: faults of the
scenario made it impossible. `not-reported`: acknowledged, but no report came. `not-due`: the drill
ended before its time was up. `other`: a person declined, or the mail was still under way.
"""

CAUSES: tuple[Cause, ...] = get_args(Cause)

Missed = Literal["delivery", What]
"""What did not come; `delivery` for an inject that asks for no answer."""

_OF_FAILURE: dict[ev.Failure, Cause] = {
    "no-address": "no-address",
    "unknown-address": "bounced",
    "mailbox-full": "bounced",
    "refused": "bounced",
    "bounced": "bounced",
    "absent": "absent",
    "declined": "other",
}

_FAILING = (
    ev.Refused.kind,
    ev.Bounced.kind,
    ev.AutoReplied.kind,
    ev.Declined.kind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """Something that was asked of a node and did not come before EndEx."""

    hop: Hop
    what: Missed
    cause: Cause
    excuse: Excuse
    failure: ev.Failure | None = None
    """What the server, the robot or the person said, where that is the cause."""
    origin: NodeId | None = None
    """For `not-notified`: the node at which the chain broke."""
    origin_cause: Cause | None = None
    left_out: tuple[NodeId, ...] = ()
    """For `not-passed-on`: those who were not written to."""
    because: tuple[int, ...] = ()
    """The events that show it."""

    @property
    def notice(self) -> NoticeKey:
        """The notice that it is about."""
        return self.hop.notice


def misses_of(timeline: Timeline, duties: Duties) -> tuple[Miss, ...]:
    """Return every miss with its cause, in the order of the hops.

    Of a notice that nobody acknowledged, this alone is a miss: what else was asked of the node
    could not come. While a drill runs, only notices that were given up count.
    """
    found: dict[NoticeKey, Miss] = {}
    misses: list[Miss] = []
    for hop in timeline.hops.values():
        if not timeline.is_over and hop.state is not NoticeState.UNREACHABLE:
            continue
        first = _unreached(timeline, duties, hop, found)
        if first is not None:
            found[hop.notice] = first
            misses.append(first)
            continue
        after = _after_acknowledging(timeline, duties, hop)
        misses.extend(after)
        for miss in after:
            found.setdefault(hop.notice, miss)
    return tuple(misses)


def count_causes(misses: Iterable[Miss]) -> dict[Cause, int]:
    """Return how many misses have each cause, in the order of the list; none is left out."""
    counts = Counter(miss.cause for miss in misses)
    return {cause: counts[cause] for cause in CAUSES}


def _unreached(
    timeline: Timeline, duties: Duties, hop: Hop, found: Mapping[NoticeKey, Miss]
) -> Miss | None:
    what: Missed = "acknowledge" if hop.asked.acknowledge else "delivery"
    if hop.is_acknowledged or (what == "delivery" and hop.notified_at is not None):
        return None
    if not hop.is_written_to:
        return _not_notified(timeline, duties, hop, what, found)
    duty = duties.get((hop.notice, "acknowledge"))
    excuse: Excuse = duty.excuse if duty is not None else ""
    failure = _failure(hop)
    if excuse == "fault" or (what == "delivery" and hop.lost):
        cause: Cause = "machine-fault"
        excuse = "fault"
    elif hop.readers:
        cause = "not-due" if _is_not_due(timeline, hop.ack_due) else "no-answer"
    elif failure is not None:
        cause = _OF_FAILURE[failure]
    elif hop.fault_numbers or hop.held_officers:
        cause = "machine-fault"
    else:
        cause = "not-due" if _is_not_due(timeline, hop.ack_due) else "other"
    if cause in ("no-answer", "not-due", "machine-fault"):
        failure = None
    return Miss(
        hop=hop,
        what=what,
        cause=cause,
        excuse=excuse,
        failure=failure,
        because=_evidence(timeline, hop, cause),
    )


def _failure(hop: Hop) -> ev.Failure | None:
    """Return why the first officer in calling order failed whom no injected fault stopped."""
    return next((why for n, why in hop.failures if n not in hop.held_officers), None)


def _is_not_due(timeline: Timeline, due: timedelta | None) -> bool:
    return due is not None and due > timeline.now


def _evidence(timeline: Timeline, hop: Hop, cause: Cause) -> tuple[int, ...]:
    ended = () if timeline.ended is None else (timeline.ended,)
    if cause == "machine-fault":
        return tuple(sorted({*hop.fault_numbers, *hop.because(ev.Refused.kind)}))
    tried = hop.because(ev.Submitted.kind, *_FAILING, ev.Called.kind, ev.GaveUp.kind)
    return tuple(sorted({*tried, *ended}))


def _not_notified(
    timeline: Timeline,
    duties: Duties,
    hop: Hop,
    what: Missed,
    found: Mapping[NoticeKey, Miss],
) -> Miss:
    duty = duties.get((hop.notice, "acknowledge"))
    above = timeline.above(hop)
    broken = found.get(above.notice) if above is not None else None
    excuse: Excuse = duty.excuse if duty is not None else ""
    if above is None:
        ended = () if timeline.ended is None else (timeline.ended,)
        return Miss(
            hop=hop,
            what=what,
            cause="not-notified",
            excuse="not-sent",
            origin=hop.sender,
            because=(timeline.released[hop.inject], *hop.because(ev.Submitted.kind), *ended),
        )
    if duty is None:
        passing = duties.get((above.notice, "pass-on"))
        excuse = passing.excuse if passing is not None else ""
    further = broken is not None and broken.cause == "not-notified"
    return Miss(
        hop=hop,
        what=what,
        cause="not-notified",
        excuse=excuse,
        origin=broken.origin if broken is not None and further else above.node,
        origin_cause=_origin_cause(broken),
        because=broken.because if broken is not None else above.because(ev.PassedOn.kind),
    )


def _origin_cause(broken: Miss | None) -> Cause | None:
    if broken is None:
        return None
    return broken.origin_cause if broken.cause == "not-notified" else broken.cause


def _after_acknowledging(timeline: Timeline, duties: Duties, hop: Hop) -> list[Miss]:
    misses = []
    passing = duties.get((hop.notice, "pass-on"))
    if passing is not None and passing.is_missed:
        misses.append(_incomplete(timeline, passing, "not-passed-on", ev.PassedOn.kind))
    reporting = duties.get((hop.notice, "report"))
    if reporting is not None and reporting.is_missed:
        misses.append(_incomplete(timeline, reporting, "not-reported", ev.Reminded.kind))
    return misses


def _incomplete(timeline: Timeline, duty: Duty, cause: Cause, kind: str) -> Miss:
    hop = duty.hop
    ended = () if timeline.ended is None else (timeline.ended,)
    if duty.excuse == "fault":
        cause = "machine-fault"
    elif _is_not_due(timeline, duty.due):
        cause = "not-due"
    taken_up = hop.first(ev.Acknowledged.kind, ev.Reported.kind, ev.PassedOn.kind)[:1]
    return Miss(
        hop=hop,
        what=duty.what,
        cause=cause,
        excuse=duty.excuse,
        left_out=hop.left_out if duty.what == "pass-on" else (),
        because=tuple(sorted({*taken_up, *hop.because(kind), *hop.fault_numbers, *ended})),
    )
