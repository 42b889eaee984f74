"""The report of a drill (訓練実施報告書) as plain data, from which every format is rendered.

It names bodies, never officers and addresses. Texts are clean (`drillsim.text`) and no markup.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.path import acknowledgement_path
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.scoring import Mark
from drillsim.evaluation.summary import findings_of, summary
from drillsim.evaluation.timeline import Hop
from drillsim.evaluation.wording import (
    cause_word,
    channel_word,
    excuse_word,
    inject_name,
    kind_word,
    missed_word,
    node_name,
    rating_word,
)
from drillsim.i18n import _
from drillsim.text import clean, clean_line

if TYPE_CHECKING:
    from drillsim.journal import JournalReader

Cell: TypeAlias = str | int | float | timedelta | datetime | None

LANES_MAX = 200
"""Lanes of the picture; the slowest bodies are shown, and the table has all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: every row is as long as `head`."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its sentences and its tables."""

    heading: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One hop in the picture; bars are (what, begin, end), counted from StartEx."""

    name: str
    bars: tuple[tuple[str, timedelta, timedelta], ...]
    is_critical: bool
    is_late: bool
    is_missed: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    """All that a report says."""

    title: str
    language: str
    sections: tuple[Section, ...]
    lanes: tuple[tuple[str, tuple[Lane, ...]], ...]
    """By inject."""
    lanes_left_out: int
    length: timedelta
    data: Mapping[str, Any]
    """The summary, as `--json` gives it."""


def report_view(
    evaluation: Evaluation, events: list[AnyEvent], reader: "JournalReader", language: str
) -> ReportView:
    """Return the report of a drill; `events` are all of its events, in order."""
    timeline = evaluation.timeline
    scenario = timeline.exercise.scenario
    lanes, left_out = _lanes(evaluation)
    return ReportView(
        title=clean_line(scenario.title),
        language=language,
        sections=tuple(_sections(evaluation, events, reader)),
        lanes=lanes,
        lanes_left_out=left_out,
        length=timeline.now,
        data=summary(evaluation),
    )


def _sections(
    evaluation: Evaluation, events: list[AnyEvent], reader: "JournalReader"
) -> Iterator[Section]:
    timeline = evaluation.timeline
    exercise, scenario = timeline.exercise, timeline.exercise.scenario
    notice = {
        "full": _("day and hour announced"),
        "date-only": _("day announced"),
        "none": _("not announced"),
    }[scenario.announcement]
    yield Section(_("Purpose"), (clean(scenario.purpose),))
    yield Section(
        _("Date and time"),
        (
            _("{start} to {end} ({notice})").format(
                start=f"{exercise.start_ex:%Y-%m-%d %H:%M}",
                end=f"{exercise.when(timeline.now):%Y-%m-%d %H:%M}",
                notice=notice,
            ),
        ),
    )
    reached = evaluation.reach.reached
    yield Section(_("Participants"), (_("{n} bodies were to be reached").format(n=reached.of),))
    yield Section(_("Story"), (clean(scenario.story),))
    yield Section(_("Method"), tuple(_method(evaluation)))
    yield Section(
        _("Results"),
        (
            _("Reached by any message: {rate}").format(rate=_rate(reached)),
            *(
                f"{inject_name(exercise, f.inject)} · {f.sentence(exercise)}"
                for f in findings_of(evaluation)
            ),
        ),
        (_tiers(evaluation), _bodies(evaluation), _misses(evaluation)),
    )
    score = evaluation.score
    yield Section(
        _("Rating"),
        (
            _("Contact: {mark}").format(mark=_mark(score.contact)),
            _("Handling: {mark}").format(mark=_mark(score.handling)),
            _("Score {mark}").format(mark=_mark(score.total)),
        ),
        (_handling(evaluation),),
    )
    found = [
        _("{cause}: {n}").format(cause=cause_word(cause), n=n)
        for cause, n in summary(evaluation)["causes"].items()
        if n
    ]
    yield Section(_("Issues"), tuple(found) or (_("Nothing was missing."),))
    plan = tuple((text, "", "") for text in found)
    head = (_("to be mended"), _("owner"), _("by when"))
    yield Section(_("Improvement plan"), (), (Table(_("Improvement plan"), head, plan),))
    log = tuple(
        (exercise.when(e.at), clean_line(e.text)) for e in events if isinstance(e, ev.Noted)
    )
    yield Section(
        _("Log and journal"),
        (
            _("Records: {n}").format(n=reader.count),
            _("Head: {head}").format(head=reader.head),
        ),
        (Table(_("Operator's log"), (_("time"), _("remark")), log),),
    )


def _method(evaluation: Evaluation) -> Iterator[str]:
    counts: dict[str, int] = {}
    for tier in evaluation.reach.tiers:
        for channel, n in tier.channels.items():
            counts[channel_word(channel)] = counts.get(channel_word(channel), 0) + n
    yield _("Messages by e-mail along the contact tree.")
    for word, n in counts.items():
        yield _("{n} acknowledged by {channel}").format(n=n, channel=word)


def _tiers(evaluation: Evaluation) -> Table:
    head = (
        _("message"),
        _("tier"),
        _("to be reached"),
        _("acknowledged"),
        _("in time"),
        _("late"),
        _("not reached"),
        _("reported"),
        _("first"),
        _("last"),
    )
    rows = []
    for tier in evaluation.reach.tiers:
        ack = tier.acknowledged
        rows.append(
            (
                inject_name(evaluation.timeline.exercise, tier.inject),
                kind_word(tier.kind),
                tier.scope,
                # A message that asks for no answer has no such figures; 0 would look like failure.
                *((ack.done, ack.in_time, ack.late) if ack.of else (None, None, None)),
                ack.missed + ack.excused + ack.open if ack.of else None,
                tier.reported.done if tier.reported.of else None,
                tier.marks.first,
                tier.marks.last,
            )
        )
    return Table(_("Results per tier"), head, tuple(rows))


def _bodies(evaluation: Evaluation) -> Table:
    exercise = evaluation.timeline.exercise
    head = (
        _("message"),
        _("body"),
        _("notified"),
        _("acknowledged"),
        _("waiting for an answer"),
        _("until passed on"),
        _("reported"),
        _("late"),
    )

    def when(at: timedelta | None) -> Cell:
        return None if at is None else exercise.when(at)

    rows = tuple(
        (
            inject_name(exercise, hop.inject),
            node_name(exercise, hop.node),
            when(hop.notified_at),
            when(hop.acknowledged_at),
            hop.waiting,
            hop.handling,
            when(hop.reported_at),
            _("late") if hop.is_late else "",
        )
        for hop in evaluation.timeline.hops.values()
    )
    return Table(_("Results per body"), head, rows)


def _misses(evaluation: Evaluation) -> Table:
    exercise = evaluation.timeline.exercise
    head = (_("message"), _("body"), _("what is missing"), _("cause"), _("remark"))
    rows = tuple(
        (
            inject_name(exercise, miss.hop.inject),
            node_name(exercise, miss.hop.node),
            missed_word(miss.what),
            cause_word(miss.cause),
            excuse_word(miss.excuse),
        )
        for miss in evaluation.reach.misses
    )
    return Table(_("What did not come, and why"), head, rows)


def _handling(evaluation: Evaluation) -> Table:
    exercise = evaluation.timeline.exercise
    rows = tuple(
        (
            inject_name(exercise, line.inject),
            clean_line(line.field.label),
            clean_line(line.field.expect or ""),
            line.rate.count,
            line.rate.of,
        )
        for line in evaluation.handling.lines
    )
    head = (_("message"), _("line"), _("expected"), _("as expected"), _("reports"))
    return Table(_("Handling"), head, rows)


def _lanes(evaluation: Evaluation) -> tuple[tuple[tuple[str, tuple[Lane, ...]], ...], int]:
    timeline = evaluation.timeline
    hops = [hop for hop in timeline.hops.values() if hop.asked.acknowledge]
    if len(hops) > LANES_MAX:
        slowest = sorted(hops, key=lambda hop: hop.delay or timeline.now, reverse=True)
        kept = {hop.notice for hop in slowest[:LANES_MAX]}
    else:
        kept = {hop.notice for hop in hops}
    groups = []
    for inject, each in timeline.by_inject.items():
        path = acknowledgement_path(timeline, inject)
        critical = {segment.node for segment in path.segments} if path is not None else set()
        lanes = tuple(
            Lane(
                name=node_name(timeline.exercise, hop.node),
                bars=tuple(_bars(hop, timeline.now)),
                is_critical=hop.node in critical,
                is_late=hop.is_late,
                is_missed=not hop.is_acknowledged,
            )
            for hop in each
            if hop.notice in kept
        )
        if lanes:
            groups.append((inject_name(timeline.exercise, inject), lanes))
    return tuple(groups), len(hops) - len(kept)


def _bars(hop: Hop, now: timedelta) -> Iterator[tuple[str, timedelta, timedelta]]:
    if hop.submitted_at is None:
        return
    arrived = hop.submitted_at + (hop.transit or timedelta())
    yield "transit", hop.submitted_at, arrived
    yield "waiting", arrived, hop.acknowledged_at if hop.acknowledged_at is not None else now
    if hop.acknowledged_at is not None and hop.passed_on_at is not None:
        yield "handling", hop.acknowledged_at, hop.passed_on_at


def _rate(rate: Rate) -> str:
    return f"{rate.count}/{rate.of}" + ("" if rate.percent is None else f" ({rate.percent:.1f} %)")


def _mark(mark: Mark) -> str:
    if mark.score is None or mark.rating is None:
        return "–"
    return f"{mark.score:.1f} {mark.rating} ({rating_word(mark.rating)})"
