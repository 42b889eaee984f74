"""The sections 課題 and 改善計画: what the findings suggest to mend; owner and dates stay open.

Each suggestion comes from facts of the journal or of the contact tree and names them; the office
decides. The columns are those of an improvement plan after HSEEP: area, finding, corrective
action, responsible body, start, completion.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.causes import Cause, Miss
from drillsim.evaluation.path import acknowledgement_path
from drillsim.evaluation.timeline import Hop
from drillsim.evaluation.wording import inject_name, node_name
from drillsim.i18n import _
from drillsim.reports.drill_record import DrillRecord
from drillsim.reports.pictures import asking
from drillsim.reports.view import Column, Table
from drillsim.reports.wording import length_words, names_words, number_words
from drillsim.text import clean_line

Area = Literal["contacts", "passing-on", "answering", "reporting", "handling", "system"]

_LONG_STAY = 0.4
"""From which share of a critical path on a stay at one body is worth a word."""
_FEW_AS_EXPECTED = 0.8
"""Below which share of expected answers a line of a form is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """One thing to be mended."""

    kind: str
    """Which rule found it, such as `dead-address`: a word that stays the same."""
    area: Area
    finding: str
    """A sentence for 課題."""
    action: str
    """What is suggested (改善策)."""
    nodes: tuple[NodeId, ...] = ()
    """Whom it is about, in the order of the tree."""
    because: tuple[int, ...] = ()
    """The events that show it."""


def improvements(drill: DrillRecord) -> tuple[Improvement, ...]:
    """Return what the findings of a drill suggest to mend, in the order of reports."""
    rules: tuple[Callable[[DrillRecord], Iterable[Improvement]], ...] = (
        _dead_addresses,
        _stale_entries,
        _unlisted,
        _wrong_numbers,
        _absences,
        _not_passed_on,
        _unmarked,
        _facts_lost,
        _long_stays,
        _slow_sending,
        _not_sent,
        _silent,
        _late,
        _other_channels,
        _not_reported,
        _answers,
        _actions,
        _left_in_tray,
    )
    return tuple(item for rule in rules for item in rule(drill))


def plan_table(drill: DrillRecord, items: Sequence[Improvement]) -> Table:
    """Return the improvement plan: what to do is filled in, who and when is not."""
    exercise = drill.exercise
    return Table(
        id="improvements",
        title=_("Improvement plan"),
        columns=(
            Column(_("area")),
            Column(_("corrective action")),
            Column(_("which bodies")),
            Column(_("responsible"), "blank"),
            Column(_("start"), "blank"),
            Column(_("by when"), "blank"),
        ),
        rows=tuple(
            (
                area_word(item.area),
                item.action,
                names_words([node_name(exercise, node) for node in item.nodes]),
                "",
                "",
                "",
            )
            for item in items
        ),
        note=_("Suggested from the findings of this drill; to be decided and completed."),
    )


def area_word(area: Area) -> str:
    """Return the word for an area."""
    return {
        "contacts": _("contact tree"),
        "passing-on": _("passing on"),
        "answering": _("acknowledgement"),
        "reporting": _("report back"),
        "handling": _("handling"),
        "system": _("conduct of the drill"),
    }[area]


# The rules ----------------------------------------------------------------------------------------


def _numbered(drill: DrillRecord) -> Iterator[tuple[int, AnyEvent]]:
    return enumerate(drill.events, 1)


def _in_order(exercise: Exercise, nodes: Iterable[NodeId]) -> tuple[NodeId, ...]:
    order = exercise.tree.order
    return tuple(sorted(set(nodes), key=lambda node: order.get(node, len(order))))


def _of_tree(
    drill: DrillRecord, found: Iterable[tuple[NodeId, int]]
) -> tuple[tuple[NodeId, ...], tuple[int, ...]]:
    pairs = list(found)
    return _in_order(drill.exercise, (n for n, _ in pairs)), tuple(sorted(i for _, i in pairs))


def _dead_addresses(drill: DrillRecord) -> Iterator[Improvement]:
    """Mails that came back or were refused for good, and missing addresses."""
    hops = drill.evaluation.timeline.hops
    found = [
        (event.notice[1], number)
        for number, event in _numbered(drill)
        if isinstance(event, ev.Refused | ev.Bounced)
        and _is_dead(event)
        # A fault of the scenario plays a dead address: that is no finding about the list.
        and event.officer not in hops[event.notice].held_officers
    ]
    nodes, because = _of_tree(drill, found)
    if nodes:
        yield Improvement(
            kind="dead-address",
            area="contacts",
            finding=_("Mail could not be delivered to an address of {n} bodies.").format(
                n=number_words(len(nodes))
            ),
            action=_("Find out the right addresses and correct the contact tree."),
            nodes=nodes,
            because=because,
        )


def _is_dead(event: ev.Refused | ev.Bounced) -> bool:
    if isinstance(event, ev.Bounced):
        return event.permanent
    return event.failure in ("unknown-address", "no-address", "mailbox-full")


def _stale_entries(drill: DrillRecord) -> Iterator[Improvement]:
    """Entries that were last confirmed before the last 1 April, when staff move."""
    exercise = drill.exercise
    start = exercise.start_ex.date()
    moved = date(start.year if start >= date(start.year, 4, 1) else start.year - 1, 4, 1)
    nodes = [
        node.id
        for node in exercise.tree.nodes
        if node.id in exercise.to_be_reached
        and any(o.verified is not None and o.verified < moved for o in node.officers)
    ]
    if nodes:
        yield Improvement(
            kind="stale-entry",
            area="contacts",
            finding=_(
                "The contacts of {n} bodies have not been confirmed since staff moved on 1 April."
            ).format(n=number_words(len(nodes))),
            action=_("Inquire all contacts every April, and note the day of the confirmation."),
            nodes=tuple(nodes),
        )


def _unlisted(drill: DrillRecord) -> Iterator[Improvement]:
    """Answers by colleagues who are not on the list."""
    nodes, because = _of_tree(
        drill,
        (
            (event.notice[1], number)
            for number, event in _numbered(drill)
            if isinstance(event, ev.Acknowledged | ev.Reported) and event.officer == 0
        ),
    )
    if nodes:
        yield Improvement(
            kind="unlisted",
            area="contacts",
            finding=_("At {n} bodies somebody answered who is not on the list.").format(
                n=number_words(len(nodes))
            ),
            action=_("Ask whether those who answered should be on the contact tree."),
            nodes=nodes,
            because=because,
        )


def _wrong_numbers(drill: DrillRecord) -> Iterator[Improvement]:
    """Calls that reached somebody else."""
    nodes, because = _of_tree(
        drill,
        (
            (event.notice[1], number)
            for number, event in _numbered(drill)
            if isinstance(event, ev.Called) and event.result == "wrong-number"
        ),
    )
    if nodes:
        yield Improvement(
            kind="wrong-number",
            area="contacts",
            finding=_("The telephone number of {n} bodies was wrong.").format(
                n=number_words(len(nodes))
            ),
            action=_("Find out the right numbers and correct the contact tree."),
            nodes=nodes,
            because=because,
        )


def _absences(drill: DrillRecord) -> Iterator[Improvement]:
    """Officers who were away: who stands in?"""
    nodes, because = _of_tree(
        drill,
        (
            (event.notice[1], number)
            for number, event in _numbered(drill)
            if isinstance(event, ev.AutoReplied)
        ),
    )
    alone = _in_order(drill.exercise, (m.hop.node for m in _missed(drill, "absent")))
    if alone:
        yield Improvement(
            kind="no-stand-in",
            area="contacts",
            finding=_("{n} bodies could not be reached because nobody stood in.").format(
                n=number_words(len(alone))
            ),
            action=_("Name a stand-in who does not read the same mailbox alone."),
            nodes=alone,
            because=tuple(sorted({n for m in _missed(drill, "absent") for n in m.because})),
        )
    elif nodes:
        yield Improvement(
            kind="absence",
            area="contacts",
            finding=_("Officers of {n} bodies were away, and others had to step in.").format(
                n=number_words(len(nodes))
            ),
            action=_("Let a shared mailbox or a stand-in take mail while officers are away."),
            nodes=nodes,
            because=because,
        )


def _not_passed_on(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that did not pass a message on, or left somebody out."""
    misses = [*_missed(drill, "not-passed-on")]
    if misses:
        nodes = _in_order(drill.exercise, (miss.hop.node for miss in misses))
        left_out = _in_order(drill.exercise, (n for miss in misses for n in miss.left_out))
        names = names_words([node_name(drill.exercise, node) for node in left_out])
        yield Improvement(
            kind="not-passed-on",
            area="passing-on",
            finding=_("A message was not passed on to {names}.").format(names=names),
            action=_("Pass on with a prepared list of recipients, and count them off."),
            nodes=nodes,
            because=tuple(sorted({n for miss in misses for n in miss.because})),
        )


def _unmarked(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that passed a message on without the mark of a drill: the gravest slip of all."""
    hops = drill.evaluation.timeline.hops
    notices = drill.evaluation.fidelity.unmarked
    nodes = _in_order(drill.exercise, (node for _inject, node in notices))
    if nodes:
        yield Improvement(
            kind="unmarked",
            area="passing-on",
            finding=_("{n} bodies passed a message on without 【訓練】.").format(
                n=number_words(len(nodes))
            ),
            action=_("Have every mail of a drill carry 【訓練】, and tell all who got it without."),
            nodes=nodes,
            because=tuple(
                sorted({n for each in notices for n in hops[each].because(ev.PassedOn.kind)})
            ),
        )


def _facts_lost(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that passed a message on with facts changed or missing."""
    losses = drill.evaluation.fidelity.losses
    nodes = _in_order(drill.exercise, (loss.node for loss in losses))
    if nodes:
        said = dict.fromkeys(clean_line(loss.said or loss.name) for loss in losses)
        yield Improvement(
            kind="facts-lost",
            area="passing-on",
            finding=_(
                "{n} bodies passed a message on with facts changed or missing: {facts}."
            ).format(n=number_words(len(nodes)), facts=names_words([*said])),
            action=_("Pass on the text as it came, below the body's own lines."),
            nodes=nodes,
            because=tuple(sorted({n for loss in losses for n in loss.because})),
        )


def _long_stays(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies where the time of a whole message was lost."""
    timeline = drill.evaluation.timeline
    for inject in asking(drill.evaluation):
        path = acknowledgement_path(timeline, inject)
        stay = path.slowest if path is not None else None
        if path is None or stay is None or stay.is_on_the_way or not path.length:
            continue
        hop = timeline.hops.get((inject, stay.node))
        if hop is None or not hop.asked.pass_on or stay.length / path.length < _LONG_STAY:
            continue
        yield Improvement(
            kind="long-stay",
            area="passing-on",
            finding=_("{inject}: {stay} of {length} lay at {node}.").format(
                inject=inject_name(timeline.exercise, inject),
                stay=length_words(stay.length),
                length=length_words(path.length),
                node=node_name(timeline.exercise, stay.node),
            ),
            action=_("Prepare text and recipients beforehand, and name who passes on when."),
            nodes=(stay.node,),
            because=tuple(
                sorted({n for s in path.segments if s.node == stay.node for n in s.because})
            ),
        )


def _slow_sending(drill: DrillRecord) -> Iterator[Improvement]:
    """Messages of which most of the time went by before the first mail was sent."""
    timeline = drill.evaluation.timeline
    for inject in asking(drill.evaluation):
        path = acknowledgement_path(timeline, inject)
        first = next(iter(path.segments), None) if path is not None else None
        if path is None or first is None or first.kind != "sending":
            continue
        if first.length / path.length < _LONG_STAY:
            continue
        yield Improvement(
            kind="slow-sending",
            area="system",
            finding=_("{inject}: {stay} of {length} went by until {node} sent it.").format(
                inject=inject_name(timeline.exercise, inject),
                stay=length_words(first.length),
                length=length_words(path.length),
                node=node_name(timeline.exercise, first.node),
            ),
            action=_("Have somebody ready to send the mails, or write one mail to all."),
            because=first.because,
        )


def _not_sent(drill: DrillRecord) -> Iterator[Improvement]:
    """Messages that were not sent to everybody whom they were addressed to."""
    timeline = drill.evaluation.timeline
    missed: dict[InjectId, list[Miss]] = {}
    for miss in drill.evaluation.reach.misses:
        if miss.excuse == "not-sent" and timeline.above(miss.hop) is None:
            missed.setdefault(miss.hop.inject, []).append(miss)
    for inject, found in missed.items():
        yield Improvement(
            kind="not-sent",
            area="system",
            finding=_("{inject}: before the end of the drill nobody wrote to {names}.").format(
                inject=inject_name(timeline.exercise, inject),
                names=names_words([node_name(timeline.exercise, m.hop.node) for m in found]),
            ),
            action=_("Have somebody ready to send the mails, or write one mail to all."),
            because=tuple(sorted({n for miss in found for n in miss.because})),
        )


def _silent(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that did not answer at all though a mail lay in their mailbox."""
    misses = [*_missed(drill, "no-answer")]
    nodes = _in_order(drill.exercise, (miss.hop.node for miss in misses))
    if nodes:
        without = [n for n in nodes if not _has_number(drill.exercise, n)]
        action = (
            _("Agree on who watches the mailbox, and add a telephone number where none is listed.")
            if without
            else _("Agree on who watches the mailbox, and telephone earlier.")
        )
        yield Improvement(
            kind="no-answer",
            area="answering",
            finding=_("{n} bodies did not answer, though a mail had reached them.").format(
                n=number_words(len(nodes))
            ),
            action=action,
            nodes=nodes,
            because=tuple(sorted({n for miss in misses for n in miss.because})),
        )


def _late(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that acknowledged after the limit, without an excuse."""
    late = [d for d in drill.evaluation.reach.late if d.what == "acknowledge" and not d.excuse]
    nodes = _in_order(drill.exercise, (duty.hop.node for duty in late))
    if nodes:
        yield Improvement(
            kind="late",
            area="answering",
            finding=_("{n} bodies confirmed a message late, {times} times in all.").format(
                n=number_words(len(nodes)), times=number_words(len(late))
            ),
            action=_("Make known by when an answer is due, and that a short reply will do."),
            nodes=nodes,
            because=tuple(sorted({n for duty in late for n in _answer(duty.hop)})),
        )


def _answer(hop: Hop) -> tuple[int, ...]:
    return hop.first(ev.Acknowledged.kind, ev.Reported.kind, ev.PassedOn.kind)[:1]


def _other_channels(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that were reached only by telephone, FAX or visit."""
    hops = [
        hop
        for hop in drill.evaluation.timeline.hops.values()
        if hop.channel is not None and hop.channel != "mail"
    ]
    nodes = _in_order(drill.exercise, (hop.node for hop in hops))
    if nodes:
        yield Improvement(
            kind="other-channel",
            area="answering",
            finding=_("{n} bodies answered only after they were telephoned or visited.").format(
                n=number_words(len(nodes))
            ),
            action=_("Find out why the mail was not answered, and mend the way it takes."),
            nodes=nodes,
            because=tuple(sorted({n for hop in hops for n in _answer(hop)})),
        )


def _not_reported(drill: DrillRecord) -> Iterator[Improvement]:
    """Bodies that confirmed a message and did not report."""
    misses = [*_missed(drill, "not-reported")]
    nodes = _in_order(drill.exercise, (miss.hop.node for miss in misses))
    if nodes:
        yield Improvement(
            kind="not-reported",
            area="reporting",
            finding=_("{n} bodies confirmed a message, but did not report.").format(
                n=number_words(len(nodes))
            ),
            action=_("Make known that a report may say “to be confirmed”, and remind earlier."),
            nodes=nodes,
            because=tuple(sorted({n for miss in misses for n in miss.because})),
        )


def _answers(drill: DrillRecord) -> Iterator[Improvement]:
    """Lines of forms that were often not answered as expected."""
    handling = drill.evaluation.handling
    for line in handling.lines:
        share = line.rate.share
        if share is None or share >= _FEW_AS_EXPECTED:
            continue
        others = [
            answer
            for answer in handling.answers
            if answer.hop.inject == line.inject
            and answer.field.id == line.field.id
            and answer.verdict != "expected"
        ]
        yield Improvement(
            kind="answers",
            area="handling",
            finding=_("“{line}” was answered as expected by {n} of {of}.").format(
                line=clean_line(line.field.label),
                n=number_words(line.rate.count),
                of=number_words(line.rate.of),
            ),
            action=_("Explain what is to be checked, and how the line is to be filled in."),
            nodes=_in_order(drill.exercise, (answer.hop.node for answer in others)),
            because=tuple(sorted({n for answer in others for n in answer.because})),
        )


def _actions(drill: DrillRecord) -> Iterator[Improvement]:
    """Expected actions that were not booked where the book was kept."""
    missing: dict[str, list[NodeId]] = {}
    for action in drill.evaluation.handling.actions:
        if action.done_at is None:
            missing.setdefault(action.action, []).append(action.hop.node)
    for name, nodes in missing.items():
        yield Improvement(
            kind="actions",
            area="handling",
            finding=_("“{action}” was not done, or not booked, at {n} bodies.").format(
                action=clean_line(name), n=number_words(len(set(nodes)))
            ),
            action=_("Go through the steps of handling with those in charge."),
            nodes=_in_order(drill.exercise, nodes),
        )


def _left_in_tray(drill: DrillRecord) -> Iterator[Improvement]:
    """Mails that nobody could be credited with."""
    tray = drill.evaluation.timeline.board.tray
    if tray:
        yield Improvement(
            kind="tray",
            area="system",
            finding=_("{n} mails could not be matched with a body.").format(
                n=number_words(len(tray))
            ),
            action=_("Ask everybody to answer by replying, and to keep the reference number."),
            because=tuple(
                number
                for number, event in _numbered(drill)
                if isinstance(event, ev.SetAside) and event.mail in tray
            ),
        )


def _missed(drill: DrillRecord, cause: Cause) -> Iterator[Miss]:
    return (m for m in drill.evaluation.reach.misses if m.cause == cause and not m.excuse)


def _has_number(exercise: Exercise, node: NodeId) -> bool:
    off_hours = exercise.off_hours
    officers = exercise.node(node).officers
    return any(
        exercise.node(node).phone(n, off_hours=off_hours) for n in range(1, len(officers) + 1)
    )
