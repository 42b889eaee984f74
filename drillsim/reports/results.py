"""The section 結果: what happened, per tier and along the slowest way, and what did not come."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from drillsim.drill.durations import ZERO
from drillsim.drill.exercise import Exercise
from drillsim.drill.kinds import kind_word
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.causes import Miss
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.foreseen import Foreseen
from drillsim.evaluation.path import CriticalPath, acknowledgement_path
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.reach import Tier
from drillsim.evaluation.summary import paths_of
from drillsim.evaluation.wording import (
    cause_word,
    channel_word,
    excuse_word,
    failure_word,
    inject_name,
    missed_word,
    node_name,
    segment_word,
)
from drillsim.i18n import _
from drillsim.reports.accuracy import accuracy
from drillsim.reports.cells import body, numbers
from drillsim.reports.foretold import foretold_table
from drillsim.reports.pictures import asking, pictures_of
from drillsim.reports.view import Block, Cell, Column, Heading, Row, Table, Text
from drillsim.reports.wording import length_words, names_words, number_words, rate_words


def results(evaluation: Evaluation, foreseen: Foreseen | None = None) -> Iterator[Block]:
    """Yield the blocks of the section."""
    reached = evaluation.reach.reached
    yield Text(text=_("Reached by any message: {rate}").format(rate=rate_words(reached)))
    for inject in asking(evaluation):
        yield Text(text=_acknowledgements(evaluation, inject), style="item")
    for inject in asking(evaluation):
        text = _where_the_time_went(evaluation, inject)
        if text:
            yield Text(text=text, style="item")
    yield from _stopped(evaluation)
    missing = missing_table(evaluation)
    if missing.rows:
        yield Text(text=_("Who did not confirm or report, and why, stands in the table below."))
    yield Heading(text=_("How far the messages came"))
    yield tiers_table(evaluation)
    yield times_table(evaluation)
    if foreseen is not None:
        told = foretold_table(evaluation, foreseen)
        if told.rows:
            yield told
    yield from pictures_of(evaluation, foreseen)
    yield path_table(evaluation)
    if missing.rows:
        yield Heading(text=_("What did not come, and why"))
        yield causes_table(evaluation)
        yield missing
    late = late_table(evaluation)
    if late.rows:
        yield late
    yield from accuracy(evaluation)


def _acknowledgements(evaluation: Evaluation, inject: InjectId) -> str:
    tiers = [t for t in evaluation.reach.tiers if t.inject == inject and t.acknowledged.of]
    done = Rate(
        sum(tier.acknowledged.done for tier in tiers), sum(tier.acknowledged.of for tier in tiers)
    )
    said = _("{inject}: acknowledged by {rate}, {in_time} of them in time").format(
        inject=inject_name(evaluation.timeline.exercise, inject),
        rate=rate_words(done),
        in_time=number_words(sum(tier.acknowledged.in_time for tier in tiers)),
    )
    channels: Counter[str] = Counter()
    for tier in tiers:
        for channel, count in tier.channels.items():
            if channel != "mail":
                channels[channel_word(channel)] += count
    if channels:
        others = _(", ").join(
            _("{n} by {channel}").format(n=number_words(count), channel=word)
            for word, count in channels.items()
        )
        said = _("{said}; {others}").format(said=said, others=others)
    return _("{said}.").format(said=said)


def _where_the_time_went(evaluation: Evaluation, inject: InjectId) -> str:
    timeline = evaluation.timeline
    path = acknowledgement_path(timeline, inject)
    if path is None or not path.length:
        return ""
    handling: dict[NodeId, timedelta] = {}
    each = []
    for segment in path.segments:
        if segment.kind == "sending":
            told = _("{length} until {node} sent it").format(
                length=length_words(segment.length),
                node=node_name(timeline.exercise, segment.node),
            )
            each.append(told)
        if segment.kind == "handling":
            handling[segment.node] = handling.get(segment.node, ZERO) + segment.length
    said = _("{inject}: from the release to the last acknowledgement {length}").format(
        inject=inject_name(timeline.exercise, inject), length=length_words(path.length)
    )
    each += [
        _("{length} at {node} from its answer until it passed on").format(
            length=length_words(length), node=node_name(timeline.exercise, node)
        )
        for node, length in handling.items()
    ]
    if each:
        said = _("{said}, of these {each}").format(said=said, each=_(", ").join(each))
    return _("{said}.").format(said=said)


def _stopped(evaluation: Evaluation) -> Iterator[Text]:
    board = evaluation.timeline.board
    if board.end is None:
        yield Text(text=_("The drill has not ended: this is how it stands."), style="remark")
    elif board.end.reason == "real-incident":
        confirmed = sum(node in board.stop_sent for node in board.stop_confirmed)
        yield Text(
            text=_("The drill was stopped for a real incident; {n} of {of} confirmed it.").format(
                n=number_words(confirmed), of=number_words(len(board.stop_sent))
            )
        )
        missing = [node for node in board.stop_sent if node not in board.stop_confirmed]
        if missing:
            names = names_words([node_name(evaluation.timeline.exercise, n) for n in missing])
            yield Text(text=_("The stop was not confirmed by: {names}.").format(names=names))


# Tables -------------------------------------------------------------------------------------------


def tiers_table(evaluation: Evaluation) -> Table:
    """Return how far each message came, tier by tier."""
    exercise = evaluation.timeline.exercise
    return Table(
        id="tiers",
        title=_("Results per tier"),
        columns=(
            Column(_("message")),
            Column(_("tier")),
            Column(_("to be reached"), "count"),
            Column(_("notified"), "count"),
            Column(_("acknowledged"), "count"),
            Column(_("rate"), "rate"),
            Column(_("in time"), "count"),
            Column(_("late"), "count"),
            Column(_("not reached"), "count"),
            Column(_("not charged"), "count"),
            Column(_("not by mail"), "count"),
            Column(_("after the end"), "count"),
            Column(_("passed on"), "rate"),
            Column(_("reported"), "rate"),
        ),
        rows=tuple(_tier_row(exercise, tier) for tier in evaluation.reach.tiers),
        note=_(
            "Rates count those who take part. Not reached includes what is not charged: faults set "
            "by the scenario, not due yet, or its mail was not sent. An answer after the end "
            "counts as none."
        ),
    )


def _tier_row(exercise: Exercise, tier: Tier) -> Row:
    ack = tier.acknowledged
    # A message that asks for no answer has no such figures; 0 would look like failure.
    asked: tuple[Cell, ...] = (None,) * 8
    if ack.of:
        asked = (
            ack.done,
            ack.rate,
            ack.in_time,
            ack.late,
            ack.missed + ack.excused + ack.open,
            ack.excused,
            sum(n for channel, n in tier.channels.items() if channel != "mail"),
            tier.after_end,
        )
    return (
        inject_name(exercise, tier.inject),
        kind_word(tier.kind),
        tier.scope,
        tier.notified,
        *asked,
        tier.next_hops if tier.next_hops.of else None,
        tier.reported.rate if tier.reported.of else None,
    )


def times_table(evaluation: Evaluation) -> Table:
    """Return the marks and shares of every tier that was to answer."""
    exercise = evaluation.timeline.exercise
    tiers = [tier for tier in evaluation.reach.tiers if tier.acknowledged.of]
    percents = [percent for percent, _at in tiers[0].marks.at_percent] if tiers else []
    limits = [limit // timedelta(minutes=1) for limit, _rate in tiers[0].within] if tiers else []
    return Table(
        id="times",
        title=_("When they acknowledged"),
        columns=(
            Column(_("message")),
            Column(_("tier")),
            Column(_("bodies"), "count"),
            Column(_("first"), "length"),
            *(Column(f"{percent} %", "length") for percent in percents),
            Column(_("last"), "length"),
            *(Column(_("≤{n} min").format(n=n), "rate") for n in limits),
            Column(_("in the window"), "rate"),
            Column(_("median delay"), "length"),
        ),
        rows=tuple(
            (
                inject_name(exercise, tier.inject),
                kind_word(tier.kind),
                tier.acknowledged.of,
                tier.marks.first,
                *(at for _percent, at in tier.marks.at_percent),
                tier.marks.last,
                *(rate for _limit, rate in tier.within),
                tier.confirmed,
                tier.delay_median,
            )
            for tier in tiers
        ),
        note=_(
            "First to last count from the release of the message, over all who were to answer. "
            "Shares within so many minutes and the median delay count from each body's own notice."
        ),
    )


def path_table(evaluation: Evaluation) -> Table:
    """Return the critical paths, stretch by stretch."""
    timeline = evaluation.timeline
    return Table(
        id="paths",
        title=_("The critical path: the chain that the drill had to wait for"),
        columns=(
            Column(_("message")),
            Column(_("up to")),
            Column(_("body"), "body"),
            Column(_("what")),
            Column(_("begin"), "time"),
            Column(_("end"), "time"),
            Column(_("length"), "length"),
            Column(_("share"), "rate"),
            Column(_("events"), "events"),
        ),
        rows=tuple(row for path in paths_of(timeline) for row in _path_rows(evaluation, path)),
    )


def _path_rows(evaluation: Evaluation, path: CriticalPath) -> Iterator[Row]:
    exercise = evaluation.timeline.exercise
    whole = max(path.length // timedelta(milliseconds=1), 1)
    to = _("last acknowledgement") if path.to == "acknowledgement" else _("last report")
    for segment in path.segments:
        yield (
            inject_name(exercise, path.inject),
            to,
            body(exercise, segment.node),
            segment_word(segment.kind),
            exercise.when(segment.begin),
            exercise.when(segment.end),
            segment.length,
            Rate(segment.length // timedelta(milliseconds=1), whole),
            numbers(segment.because),
        )


def causes_table(evaluation: Evaluation) -> Table:
    """Return how often each cause occurred, by message and by what is missing."""
    exercise = evaluation.timeline.exercise
    groups: dict[tuple[InjectId, str, str], list[Miss]] = {}
    for miss in evaluation.reach.misses:
        groups.setdefault((miss.hop.inject, miss.what, miss.cause), []).append(miss)
    return Table(
        id="causes",
        title=_("Causes"),
        columns=(
            Column(_("message")),
            Column(_("what is missing")),
            Column(_("cause")),
            Column(_("cases"), "count"),
            Column(_("of these not charged"), "count"),
            Column(_("which bodies")),
        ),
        rows=tuple(
            (
                inject_name(exercise, inject),
                missed_word(misses[0].what),
                cause_word(misses[0].cause),
                len(misses),
                sum(bool(miss.excuse) for miss in misses),
                names_words([node_name(exercise, miss.hop.node) for miss in misses]),
            )
            for (inject, _what, _cause), misses in groups.items()
        ),
    )


def missing_table(evaluation: Evaluation) -> Table:
    """Return everything that did not come, with its cause and the events that show it."""
    exercise = evaluation.timeline.exercise
    return Table(
        id="missing",
        title=_("Bodies from which something is missing"),
        columns=(
            Column(_("message")),
            Column(_("body"), "body"),
            Column(_("what is missing")),
            Column(_("cause")),
            Column(_("remark")),
            Column(_("events"), "events"),
        ),
        rows=tuple(
            (
                inject_name(exercise, miss.hop.inject),
                body(exercise, miss.hop.node),
                missed_word(miss.what),
                cause_word(miss.cause),
                _("; ").join(_remarks(exercise, miss)),
                numbers(miss.because),
            )
            for miss in evaluation.reach.misses
        ),
        is_in_tree_order=True,
    )


def _remarks(exercise: Exercise, miss: Miss) -> Iterator[str]:
    if miss.failure is not None and miss.cause != "no-address":
        yield failure_word(miss.failure)
    if miss.origin is not None:
        where = _("the chain broke at {node}").format(node=node_name(exercise, miss.origin))
        if miss.origin_cause is None:
            yield where
        else:
            yield _("{where} ({cause})").format(where=where, cause=cause_word(miss.origin_cause))
    if miss.left_out:
        names = [node_name(exercise, node) for node in miss.left_out]
        yield _("left out: {names}").format(names=names_words(names))
    if miss.hop.answered_after_end_at is not None:
        yield _("answered after the end")
    if miss.excuse:
        yield excuse_word(miss.excuse)


def late_table(evaluation: Evaluation) -> Table:
    """Return what was done late, and what came after the end."""
    timeline = evaluation.timeline
    exercise = timeline.exercise
    rows: list[Row] = [
        (
            inject_name(exercise, duty.hop.inject),
            body(exercise, duty.hop.node),
            missed_word(duty.what),
            exercise.when(duty.due) if duty.due is not None else None,
            exercise.when(duty.done_at) if duty.done_at is not None else None,
            duty.done_at - duty.due if duty.done_at is not None and duty.due is not None else None,
            excuse_word(duty.excuse),
        )
        for duty in evaluation.reach.late
    ]
    rows += [
        (
            inject_name(exercise, hop.inject),
            body(exercise, hop.node),
            missed_word("acknowledge"),
            exercise.when(hop.ack_due) if hop.ack_due is not None else None,
            exercise.when(hop.answered_after_end_at),
            None,
            _("after the end: counts as no answer"),
        )
        for hop in timeline.hops.values()
        if hop.answered_after_end_at is not None and not hop.is_acknowledged
    ]
    return Table(
        id="late",
        title=_("What came late"),
        columns=(
            Column(_("message")),
            Column(_("body"), "body"),
            Column(_("what")),
            Column(_("due at"), "time"),
            Column(_("done at"), "time"),
            Column(_("late by"), "length"),
            Column(_("remark")),
        ),
        rows=tuple(rows),
        is_in_tree_order=True,
    )
