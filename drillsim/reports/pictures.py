"""The pictures of a report as data: how far a message came, when answers came, where time went.

Large drills are folded: many bodies below one node become one box of the tree, or one lane, so
that a picture of the whole country still fits on a page.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from drillsim.drill.durations import ZERO
from drillsim.drill.kinds import kinds_words
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.duties import Duty
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.foreseen import Foreseen
from drillsim.evaluation.path import CriticalPath, acknowledgement_path
from drillsim.evaluation.timeline import Hop
from drillsim.evaluation.wording import inject_name, node_name
from drillsim.i18n import _
from drillsim.reports.expected import expected_answers
from drillsim.reports.foretold import foretold_line
from drillsim.reports.view import (
    Bar,
    Curve,
    CurveLine,
    Gantt,
    Lane,
    Picture,
    Result,
    TreeNode,
    TreePicture,
)
from drillsim.text import clean_line
from drillsim.world.habits import Town

BOXES_MAX = 210
"""Bodies drawn one by one in the tree; with more, those who pass nothing on share boxes."""
DEPTH_MAX = 8
"""Tiers of the tree that are drawn; what lies deeper shares boxes."""
LANES_MAX = 80
"""The same for the lanes of the Gantt picture."""
_PARENTS_FEW = 5
"""Below so many parents, the slowest bodies keep their lanes in place of one lane for all."""

RESULTS: tuple[Result, ...] = (
    "in-time",
    "other-channel",
    "late",
    "missed",
    "not-charged",
    "open",
    "apart",
)


def result_of(hop: Hop, duty: Duty | None) -> Result:
    """Return how a body did with a message that asked for an answer."""
    if hop.is_acknowledged:
        if hop.is_late:
            return "late"
        return "in-time" if hop.channel in (None, "mail") else "other-channel"
    if duty is not None and duty.standing == "open":
        return "open"
    return "not-charged" if duty is not None and duty.excuse else "missed"


def asking(evaluation: Evaluation) -> tuple[InjectId, ...]:
    """Return the messages that asked for an answer, in the order of their release."""
    by_inject = evaluation.timeline.by_inject
    return tuple(i for i, hops in by_inject.items() if any(h.asked.acknowledge for h in hops))


def main_message(evaluation: Evaluation) -> InjectId | None:
    """Return the message that asked the most bodies for an answer; of equals the first."""
    by_inject = evaluation.timeline.by_inject
    return max(asking(evaluation), key=lambda inject: len(by_inject[inject]), default=None)


def pictures_of(evaluation: Evaluation, foreseen: Foreseen | None = None) -> Iterator[Picture]:
    """Yield the pictures of a report, in its order."""
    main = main_message(evaluation)
    if main is None:
        return
    yield tree_picture(evaluation, main)
    for inject in asking(evaluation):
        yield curve(evaluation, inject, foreseen)
    for inject in asking(evaluation):
        yield gantt(evaluation, inject)


# The tree -----------------------------------------------------------------------------------------


def tree_picture(evaluation: Evaluation, inject: InjectId) -> TreePicture:
    """Return how far `inject` came, on the tree along which it went."""
    timeline = evaluation.timeline
    hops = timeline.by_inject[inject]
    path = acknowledgement_path(timeline, inject)
    critical = {segment.node for segment in path.segments} if path is not None else set()
    below: dict[NodeId, list[Hop]] = {}
    for hop in hops:
        below.setdefault(hop.sender, []).append(hop)
    is_folded = len(hops) > BOXES_MAX

    def drawn(hop: Hop, depth: int) -> TreeNode:
        return TreeNode(
            node=hop.node,
            name=node_name(timeline.exercise, hop.node),
            result=result_of(hop, evaluation.duties.get((hop.notice, "acknowledge"))),
            after=_after(hop),
            is_critical=hop.node in critical,
            below=tuple(under(hop.node, depth + 1)),
        )

    def under(node: NodeId, depth: int) -> Iterator[TreeNode]:
        single, many = below.get(node, []), list[Hop]()
        if depth > DEPTH_MAX:
            single, many = [], list(_all_below(node, below))
        elif is_folded:
            many = [hop for hop in single if hop.node not in below and hop.node not in critical]
            single = [hop for hop in single if hop.node in below or hop.node in critical]
            if len(many) == 1:
                single, many = [*single, *many], []
        for hop in single:
            yield drawn(hop, depth)
        if many:
            yield _box(evaluation, many)

    origin = timeline.exercise.inject(inject).from_
    root = TreeNode(
        node=origin,
        name=node_name(timeline.exercise, origin),
        result="apart",
        after=None,
        is_critical=True,
        below=tuple(under(origin, 1)),
    )
    return TreePicture(title=_how_far(evaluation, inject), root=root)


def _all_below(node: NodeId, below: Mapping[NodeId, Sequence[Hop]]) -> Iterator[Hop]:
    waiting = list(below.get(node, ()))
    while waiting:
        hop = waiting.pop()
        yield hop
        waiting.extend(below.get(hop.node, ()))


def _how_far(evaluation: Evaluation, inject: InjectId) -> str:
    name = inject_name(evaluation.timeline.exercise, inject)
    return _("How far the message came: {inject}").format(inject=name)


def _after(hop: Hop) -> timedelta | None:
    return None if hop.acknowledged_at is None else hop.acknowledged_at - hop.released_at


def _box(evaluation: Evaluation, hops: Sequence[Hop]) -> TreeNode:
    counts = _counts(evaluation, hops)
    return TreeNode(
        node=None,
        name=_many(hops),
        result=_worst(counts),
        after=max((at for hop in hops if (at := _after(hop)) is not None), default=None),
        counts=tuple(counts.items()),
    )


def _counts(evaluation: Evaluation, hops: Sequence[Hop]) -> dict[Result, int]:
    found = Counter(
        result_of(hop, evaluation.duties.get((hop.notice, "acknowledge"))) for hop in hops
    )
    return {result: found[result] for result in RESULTS if found[result]}


def _worst(counts: Mapping[Result, int]) -> Result:
    order: tuple[Result, ...] = ("missed", "open", "late", "not-charged", "other-channel")
    return next((result for result in order if result in counts), "in-time")


def _many(hops: Sequence[Hop]) -> str:
    kinds = Counter(hop.kind for hop in hops)
    return _("{n} {bodies}").format(n=len(hops), bodies=kinds_words(kinds.most_common(1)[0][0]))


# The answer curve ---------------------------------------------------------------------------------


def curve(evaluation: Evaluation, inject: InjectId, foreseen: Foreseen | None = None) -> Curve:
    """Return how many had answered by when, by tier, from the release of `inject` to EndEx."""
    timeline = evaluation.timeline
    tiers: dict[NodeKind, list[Hop]] = {}
    for hop in timeline.by_inject[inject]:
        if hop.asked.acknowledge:
            tiers.setdefault(hop.kind, []).append(hop)
    released = timeline.board.released[inject]
    answers = [at for hops in tiers.values() for hop in hops if (at := _after(hop)) is not None]
    # Past the last answer there is nothing to see but a little room.
    until = min(timeline.now - released, max(answers, default=ZERO) * 1.08 + timedelta(minutes=2))
    return Curve(
        title=_("Answers over time: {inject}").format(
            inject=inject_name(timeline.exercise, inject)
        ),
        lines=(
            *_lines(tiers, until),
            *_expected(evaluation, inject, tiers, released, until, foreseen),
        ),
        until=until,
    )


def _lines(tiers: Mapping[NodeKind, Sequence[Hop]], until: timedelta) -> Iterator[CurveLine]:
    for kind, hops in tiers.items():
        points: list[tuple[timedelta, float]] = [(ZERO, 0)]
        for count, at in enumerate(sorted(_answers(hops)), 1):
            if points[-1][0] == at:
                points[-1] = (at, count)
            else:
                points.append((at, count))
        points.append((max(until, points[-1][0]), points[-1][1]))
        yield CurveLine(name=kinds_words(kind), of=len(hops), points=tuple(points))


def _expected(
    evaluation: Evaluation,
    inject: InjectId,
    tiers: Mapping[NodeKind, Sequence[Hop]],
    released: timedelta,
    until: timedelta,
    foreseen: Foreseen | None,
) -> Iterator[CurveLine]:
    """Yield what was expected of the lowest tier: by the drill's forecast, or by the preset."""
    kind, lowest = list(tiers.items())[-1]
    told = () if foreseen is None else foreseen.of_inject(inject)
    for tier in told:
        if tier.kind == kind:
            yield foretold_line(tier, until)
            return
    expected = expected_answers(Town(evaluation.timeline.exercise).of_kind(kind), lowest, until)
    if expected:
        yield CurveLine(
            name=_("expected: {bodies}").format(bodies=kinds_words(lowest[0].kind)),
            of=len(lowest),
            points=tuple((at - released, count) for at, count in expected),
            is_expected=True,
        )


def _answers(hops: Sequence[Hop]) -> Iterator[timedelta]:
    return (at for hop in hops if (at := _after(hop)) is not None)


# The Gantt picture --------------------------------------------------------------------------------


def gantt(evaluation: Evaluation, inject: InjectId) -> Gantt:
    """Return where the time went on the ways of `inject`, body by body."""
    timeline = evaluation.timeline
    hops = [hop for hop in timeline.by_inject[inject] if hop.asked.acknowledge]
    path = acknowledgement_path(timeline, inject)
    released = timeline.board.released[inject]
    kept, folded = _kept(hops, path)
    depths = _depths(hops)
    lanes = []
    for hop in hops:
        if hop.notice in kept:
            lanes.append(_lane(evaluation, hop, depths[hop.node], path))
        many = folded.get(hop.node, ())
        if many:
            lanes.append(_spread(evaluation, many, depths[hop.node] + 1))
    left_out = len(hops) - len(kept) - sum(len(many) for many in folded.values())
    return Gantt(
        title=_("Where the time went: {inject}").format(
            inject=inject_name(timeline.exercise, inject)
        ),
        lanes=tuple(lanes),
        until=max((bar.end for lane in lanes for bar in lane.bars), default=timedelta(minutes=1))
        * 1.02,
        critical=tuple(
            (segment.node, segment.begin - released, segment.end - released)
            for segment in (path.segments if path is not None else ())
        ),
        note=(
            _("{n} quicker bodies are not drawn; the table has them all.").format(n=left_out)
            if left_out
            else ""
        ),
    )


def _kept(
    hops: Sequence[Hop], path: CriticalPath | None
) -> tuple[set[tuple[InjectId, NodeId]], dict[NodeId, list[Hop]]]:
    """Return the hops with lanes of their own, and those who share one, by whom they lie below."""
    if len(hops) <= LANES_MAX:
        return {hop.notice for hop in hops}, {}
    critical = {segment.node for segment in path.segments} if path is not None else set()
    always = [hop for hop in hops if hop.asked.pass_on or hop.node in critical]
    kept = {hop.notice for hop in always}
    others = [hop for hop in hops if hop.notice not in kept]
    if sum(bool(hop.asked.pass_on) for hop in hops) < _PARENTS_FEW:
        slowest = sorted(others, key=lambda hop: (hop.delay is None, hop.delay or ZERO))
        return kept | {hop.notice for hop in slowest[len(kept) - LANES_MAX :]}, {}
    folded: dict[NodeId, list[Hop]] = {}
    for hop in others:
        folded.setdefault(hop.sender, []).append(hop)
    return kept, folded


def _depths(hops: Sequence[Hop]) -> dict[NodeId, int]:
    depths: dict[NodeId, int] = {}
    for hop in hops:  # Each comes after its sender.
        depths[hop.node] = depths[hop.sender] + 1 if hop.sender in depths else 0
    return depths


def _lane(evaluation: Evaluation, hop: Hop, depth: int, path: CriticalPath | None) -> Lane:
    return Lane(
        node=hop.node,
        name=node_name(evaluation.timeline.exercise, hop.node),
        result=result_of(hop, evaluation.duties.get((hop.notice, "acknowledge"))),
        bars=tuple(_bars(hop, evaluation.timeline.now)),
        depth=depth,
        is_critical=path is not None and any(s.node == hop.node for s in path.segments),
    )


def _bars(hop: Hop, now: timedelta) -> Iterator[Bar]:
    """Yield what went on at a body, one after the other, from the release."""
    since, released = hop.submitted_at, hop.released_at
    if since is None:
        return

    def bar(kind: str, begin: timedelta, end: timedelta | None) -> Bar:
        return Bar(
            kind=kind,  # type: ignore[arg-type]
            begin=begin - released,
            end=(now if end is None else end) - released,
            is_open=end is None,
        )

    arrived = since + hop.transit if hop.transit is not None else None
    yield bar("transit", since, arrived)
    if arrived is None:
        return
    yield bar("waiting", arrived, hop.acknowledged_at)
    if hop.acknowledged_at is None:
        return
    after = hop.acknowledged_at
    if hop.asked.pass_on:
        yield bar("handling", after, hop.passed_on_at)
        after = hop.passed_on_at if hop.passed_on_at is not None else now
    if hop.asked.report and after < now and (hop.reported_at is None or hop.reported_at > after):
        yield bar("reporting", after, hop.reported_at)


def _spread(evaluation: Evaluation, hops: Sequence[Hop], depth: int) -> Lane:
    counts = _counts(evaluation, hops)
    answers = sorted(_answers(hops))
    begun = [hop.submitted_at - hop.released_at for hop in hops if hop.submitted_at is not None]
    bars = []
    if answers and begun:
        bars = [
            Bar(kind="waiting", begin=min(begun), end=max(answers[0], min(begun))),
            Bar(kind="spread", begin=answers[0], end=answers[-1]),
        ]
    return Lane(
        node=None,
        name=clean_line(_many(hops)),
        result=_worst(counts),
        bars=tuple(bars),
        depth=depth,
    )
