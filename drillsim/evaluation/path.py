"""The chain of hops that a drill had to wait for, cut into the segments in which the time went.

A path begins when the inject is released and ends in its last acknowledgement (of one tier) or in
its last first report. Going back from there, each step is the one that this one waited for: a
node's answer waited for its own notice, its notice for the passing on by the node above, and a
consolidated report for the last report that it took in, or for the cut-off where some never came.
Segments follow one another without gap or overlap, so their lengths add up to the whole; what
took no time is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.timeline import Hop, Timeline

SegmentKind = Literal[
    "sending", "transit", "waiting", "handling", "reporting", "collecting", "cut-off"
]
"""`sending`: from the release until the sender's first mail, which in a drill by hand a person
sends. `transit`: until a server took the mail. `waiting`: until a person answered.
`handling`: until the node wrote to the next hop. `reporting`: from the answer to the report.
`collecting`: from the last report of the next hops to the node's own. `cut-off`: from the answer
to a report that was sent at the cut-off, since reports of the next hops were missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a path in which the time lay at one node (in transit: on the way to it)."""

    kind: SegmentKind
    node: NodeId
    begin: timedelta
    end: timedelta
    because: tuple[int, ...]
    """The events at its two ends."""

    @property
    def length(self) -> timedelta:
        """How long it took."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalPath:
    """The slowest chain of one inject."""

    inject: InjectId
    to: Literal["acknowledgement", "report"]
    kind: NodeKind | None
    """The tier whose last answer it ends in; None for the last of all."""
    node: NodeId
    """Who gave that answer."""
    begin: timedelta
    segments: tuple[Segment, ...]

    @property
    def end(self) -> timedelta:
        """When the last answer came."""
        return self.segments[-1].end if self.segments else self.begin

    @property
    def length(self) -> timedelta:
        """From the release of the inject to the last answer."""
        return self.end - self.begin

    @property
    def slowest(self) -> "Stay | None":
        """Where it lay longest; of equals the first on the path. None where no time went by."""
        stays: dict[tuple[NodeId, bool], timedelta] = {}
        for segment in self.segments:
            key = (segment.node, segment.kind == "transit")
            stays[key] = stays.get(key, ZERO) + segment.length
        if not stays:
            return None
        (node, is_on_the_way), length = max(stays.items(), key=lambda item: item[1])
        return Stay(node, is_on_the_way, length)


@dataclass(frozen=True, slots=True)
class Stay:
    """How long the message lay at one node of a path, or was on its way to it, all in all."""

    node: NodeId
    is_on_the_way: bool
    length: timedelta


def acknowledgement_path(
    timeline: Timeline, inject: InjectId, kind: NodeKind | None = None
) -> CriticalPath | None:
    """Return the path to the last acknowledgement, or None where there is none."""
    hop = _last(
        (hop, hop.acknowledged_at)
        for hop in timeline.by_inject[inject]
        if hop.asked.acknowledge and kind in (None, hop.kind)
    )
    if hop is None or hop.acknowledged_at is None:
        return None
    segments = [*_down(timeline, hop), *_own(hop)]
    return _path(timeline, hop, "acknowledgement", kind, segments)


def report_path(
    timeline: Timeline, inject: InjectId, kind: NodeKind | None = None
) -> CriticalPath | None:
    """Return the path to the last first report, or None where there is none."""
    hop = _last(
        (hop, hop.reported_at)
        for hop in timeline.by_inject[inject]
        if hop.asked.report and kind in (None, hop.kind)
    )
    if hop is None:
        return None
    return _path(timeline, hop, "report", kind, _up(timeline, hop))


def _last(answers: Iterable[tuple[Hop, timedelta | None]]) -> Hop | None:
    """Return the hop of the latest answer; of equals the first in the order of the tree."""
    given = [(at, hop) for hop, at in answers if at is not None]
    return max(given, key=lambda pair: pair[0])[1] if given else None


def _begun(hop: Hop) -> timedelta | None:
    """Return when the first mail of `hop` was handed over; None where it answered without one.

    A mail that was booked as sent after an answer was sent at that answer for the board.
    """
    begun, answered = hop.submitted_at, hop.acknowledged_at
    if begun is None or answered is None or begun < answered:
        return begun
    return begun if begun == answered and (hop.begun,) < _answer_number(hop) else None


def _down(timeline: Timeline, hop: Hop) -> Iterator[Segment]:
    """Yield the segments from the release until the first mail of `hop` was handed over."""
    chain = [hop]
    # Who passes on has acknowledged: the board sees to it. No recursion: trees may be deep.
    while _begun(chain[-1]) is not None and (above := timeline.above(chain[-1])) is not None:
        if above.acknowledged_at is None:
            break
        chain.append(above)
    first = chain[-1]
    if (begun := _begun(first)) is not None:
        yield Segment(
            kind="sending",
            node=first.sender,
            begin=first.released_at,
            end=begun,
            because=(timeline.released[first.inject], *_begin_number(first)),
        )
    for below, above in zip(chain[-2::-1], chain[:0:-1], strict=True):
        begun = _begun(below)
        assert begun is not None
        assert above.acknowledged_at is not None
        yield from _own(above)
        yield Segment(
            kind="handling",
            node=above.node,
            begin=above.acknowledged_at,
            end=begun,
            because=(*_answer_number(above), *_begin_number(below)),
        )


def _own(hop: Hop) -> Iterator[Segment]:
    """Yield transit and waiting of a hop that was answered."""
    assert hop.acknowledged_at is not None
    begun, answered = _begun(hop), hop.acknowledged_at
    if begun is None:
        begun = arrived = hop.released_at
        accepted: tuple[int, ...] = ()
    elif hop.notified_at is not None and hop.notified_at <= answered:
        arrived, accepted = hop.notified_at, hop.first(ev.Notified.kind)
    else:
        arrived, accepted = answered, _answer_number(hop)
    yield Segment(
        kind="transit",
        node=hop.node,
        begin=begun,
        end=arrived,
        because=(*_begin_number(hop), *accepted),
    )
    yield Segment(
        kind="waiting",
        node=hop.node,
        begin=arrived,
        end=answered,
        because=(*accepted, *_answer_number(hop)),
    )


def _up(timeline: Timeline, hop: Hop) -> list[Segment]:
    """Return the segments from the release until the first report of `hop`."""
    upwards: list[Segment] = []
    while (last := _waited_for(timeline, hop)) is not None:
        upwards.append(
            Segment(
                kind="collecting",
                node=hop.node,
                begin=_reported_at(last),
                end=_reported_at(hop),
                because=(*last.first(ev.Reported.kind), *hop.first(ev.Reported.kind)),
            )
        )
        hop = last
    assert hop.acknowledged_at is not None  # A report implies an acknowledgement.
    own = Segment(
        kind="cut-off" if _is_cut_off(timeline, hop) else "reporting",
        node=hop.node,
        begin=hop.acknowledged_at,
        end=_reported_at(hop),
        because=(*_answer_number(hop), *hop.first(ev.Reported.kind)),
    )
    return [*_down(timeline, hop), *_own(hop), own, *reversed(upwards)]


def _waited_for(timeline: Timeline, hop: Hop) -> Hop | None:
    """Return the hop whose report that of `hop` had to wait for: the last one that it took in.

    None where it waited for none, or for some that never came (`_is_cut_off`).
    """
    if _is_cut_off(timeline, hop):
        return None
    last = _last((below, below.reported_at) for below in _taken_in(timeline, hop))
    assert hop.acknowledged_at is not None
    return last if last is not None and _reported_at(last) > hop.acknowledged_at else None


def _is_cut_off(timeline: Timeline, hop: Hop) -> bool:
    return (
        len(_taken_in(timeline, hop)) < len(hop.asked.collect)
        and hop.cut_off_at is not None
        and _reported_at(hop) >= hop.cut_off_at
    )


def _taken_in(timeline: Timeline, hop: Hop) -> list[Hop]:
    """Return the hops whose reports came before that of `hop`, which collects them."""
    below = (timeline.hops[(hop.inject, node)] for node in hop.asked.collect)
    return [
        one for one in below if one.reported_at is not None and one.reported_at <= _reported_at(hop)
    ]


def _reported_at(hop: Hop) -> timedelta:
    assert hop.reported_at is not None
    return hop.reported_at


def _begin_number(hop: Hop) -> tuple[int, ...]:
    """Return the event that began `hop`: the first mail, or the first failed try to write one."""
    return (hop.begun,) if hop.begun else ()


def _answer_number(hop: Hop) -> tuple[int, ...]:
    """Return the event that acknowledged `hop`: the first answer, report or passing on."""
    return hop.first(ev.Acknowledged.kind, ev.Reported.kind, ev.PassedOn.kind)[:1]


def _path(
    timeline: Timeline,
    hop: Hop,
    to: Literal["acknowledgement", "report"],
    kind: NodeKind | None,
    segments: list[Segment],
) -> CriticalPath:
    return CriticalPath(
        inject=hop.inject,
        to=to,
        kind=kind,
        node=hop.node,
        begin=timeline.board.released[hop.inject],
        segments=tuple(segment for segment in segments if segment.length),
    )
