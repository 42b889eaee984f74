"""Fidelity: what became of the scenario's facts on their way, and the hop that first lost each.

The events say what a mail that was passed on held (kept, changed or lost, by fact). Here the hops
are put together to paths. It is scored apart from speed: a message can be quick and wrong. A fact
that comes right again further down (somebody knew it from elsewhere) has arrived there, but that
does not undo the loss above.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.rubric import Rubric
from drillsim.evaluation.scoring import Mark
from drillsim.evaluation.timeline import Hop, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Overruling:
    """A judgement on a fact that was made after the drill had been sealed."""

    notice: NoticeKey
    """That of the node that passed on."""
    fact: str
    fate: ev.Fate
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactAtHop:
    """One fact in the mail by which a notice was passed on to a node."""

    hop: Hop
    """The hop to the node that got the mail."""
    name: str
    said: str
    """What the scenario says."""
    fate: ev.Fate
    found: str
    """What stood in its place where it was changed."""
    overruled_by: str
    """Who judged it otherwise than the program, "" for nobody."""
    because: tuple[int, ...]
    """The events that show it: the passing on, and an overruling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLoss:
    """Where a fact was first passed on changed, or not at all."""

    inject: InjectId
    name: str
    said: str
    node: NodeId
    """Who passed it on so."""
    fate: ev.Fate
    found: str
    reached: tuple[NodeId, ...]
    """The nodes that got it so, directly or through others."""
    because: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """What became of all facts that were passed on."""

    facts: tuple[FactAtHop, ...]
    """In the order of the hops; none where the drill itself wrote, or nothing has facts."""
    losses: tuple[FirstLoss, ...]
    unmarked: tuple[NoticeKey, ...]
    """Notices that were passed on without 【訓練】."""
    rubric: Rubric

    @cached_property
    def arrived(self) -> Rate:
        """How many facts arrived as said, of those that should have, over all nodes."""
        return Rate(sum(each.fate == "kept" for each in self.facts), len(self.facts))

    @property
    def mark(self) -> Mark:
        """The same as a share with its rating, by the thresholds of the drill's rubric."""
        share = self.arrived.share
        return Mark(share=share, rating=None if share is None else self.rubric.rating(share))

    @cached_property
    def by_fact(self) -> Mapping[tuple[InjectId, str], Rate]:
        """The same for each fact of each inject."""
        counts: dict[tuple[InjectId, str], list[bool]] = {}
        for each in self.facts:
            counts.setdefault((each.hop.inject, each.name), []).append(each.fate == "kept")
        return {key: Rate(sum(kept), len(kept)) for key, kept in counts.items()}

    @cached_property
    def by_hop(self) -> Mapping[NoticeKey, tuple[FactAtHop, ...]]:
        """The facts in the mail by which each notice was passed on."""
        found: dict[NoticeKey, list[FactAtHop]] = {}
        for each in self.facts:
            found.setdefault(each.hop.notice, []).append(each)
        return {notice: tuple(facts) for notice, facts in found.items()}


def fidelity_of(
    timeline: Timeline, rubric: Rubric, overrulings: Iterable[Overruling] = ()
) -> Fidelity:
    """Return what became of the facts.

    Args:
        timeline: the drill.
        rubric: by whose thresholds it is rated.
        overrulings: judgements of the annex, in their order.
    """
    later = {(each.notice, each.fact): each for each in overrulings}
    facts = tuple(_facts(timeline, later))
    return Fidelity(
        facts=facts,
        losses=tuple(_losses(facts)),
        unmarked=tuple(timeline.board.unmarked),
        rubric=rubric,
    )


def _facts(
    timeline: Timeline, later: Mapping[tuple[NoticeKey, str], Overruling]
) -> Iterator[FactAtHop]:
    said = timeline.exercise.scenario.facts
    for hop in timeline.hops.values():
        above = timeline.above(hop)
        facts = timeline.board.notices[hop.notice].facts
        if above is None or not facts:
            continue
        judged = timeline.board.judged.get(above.notice, {})
        because = above.because(ev.PassedOn.kind, ev.FidelityOverruled.kind)
        for name, (fate, found) in facts.items():
            overruling = later.get((above.notice, name))
            yield FactAtHop(
                hop=hop,
                name=name,
                said=said.get(name, ""),
                fate=overruling.fate if overruling is not None else fate,
                found=found,
                overruled_by=overruling.by if overruling is not None else judged.get(name, ""),
                because=because,
            )


def _losses(facts: Sequence[FactAtHop]) -> Iterator[FirstLoss]:
    """Yield the first losses; hops come after the hop to their sender."""
    first: dict[tuple[NoticeKey, str], tuple[NodeId, str]] = {}
    begun: dict[tuple[InjectId, NodeId, str], list[FactAtHop]] = {}
    for each in facts:
        hop = each.hop
        passer = first.get(((hop.inject, hop.sender), each.name))
        if passer is None and each.fate != "kept":
            passer = (hop.sender, each.name)
        if passer is not None:
            first[(hop.notice, each.name)] = passer
            begun.setdefault((hop.inject, passer[0], each.name), []).append(each)
    for (inject, node, name), spoilt in begun.items():
        shown = spoilt[0]
        yield FirstLoss(
            inject=inject,
            name=name,
            said=shown.said,
            node=node,
            fate=shown.fate,
            found=shown.found,
            reached=tuple(each.hop.node for each in spoilt if each.fate != "kept"),
            because=shown.because,
        )
