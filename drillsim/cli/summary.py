"""What a drill showed, as tables for a terminal: at the end of `run`, by `status` and by `score`.

Plain lines: names are cleaned, nothing in them is markup, and columns are aligned for wide
characters. Bodies are named, officers and addresses never.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

from drillsim.cli.table import table
from drillsim.drill.kinds import kind_word
from drillsim.evaluation.causes import CAUSES, Miss
from drillsim.evaluation.criteria import Point
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.milestones import PERCENTS, WITHIN
from drillsim.evaluation.path import acknowledgement_path
from drillsim.evaluation.rate import Rate, percent_of
from drillsim.evaluation.reach import Done, Tier
from drillsim.evaluation.scoring import CriterionResult, Mark
from drillsim.evaluation.summary import findings_of
from drillsim.evaluation.timeline import Timeline
from drillsim.evaluation.wording import (
    apart_word,
    cause_word,
    channel_word,
    criterion_word,
    excuse_word,
    fate_word,
    inject_name,
    missed_word,
    node_name,
    objective_word,
    rating_word,
    segment_word,
)
from drillsim.i18n import _, ngettext
from drillsim.text import clean_line
from drillsim.tui.views.times import short_length

if TYPE_CHECKING:
    from drillsim.journal import JournalReader

NAMES_MAX = 8
"""Bodies named in one line; `--json` names all."""
_NOTHING = "–"
_LONG_TRANSIT = timedelta(minutes=1)
"""Mail takes seconds; what takes longer is worth a word."""


def evaluated(reader: "JournalReader") -> Evaluation:
    """Return what the drill of a journal shows so far.

    Raises:
        JournalError: the file is not what was written.
        ProblemsError: the files it keeps are none that this version can read.
    """
    from drillsim.drill.events import decode
    from drillsim.evaluation.evaluation import evaluate
    from drillsim.files.scenario_file import load_stored
    from drillsim.reports.drill_record import overrulings_of

    exercise = load_stored(reader.files).exercise
    events = (decode(record.data) for record in reader.events())
    # Faults of the scenario belong to a rehearsal; a live drill meets real ones.
    return evaluate(
        exercise,
        events,
        with_faults=reader.opening.meta.get("mode") != "live",
        overrulings=overrulings_of(reader),
    )


def summary_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield the summary of a drill, line by line."""
    timeline = evaluation.timeline
    yield clean_line(timeline.exercise.scenario.title)
    yield from headline(evaluation)
    yield ""
    yield from count_lines(evaluation)
    yield ""
    yield from _times(evaluation)
    yield from _findings(evaluation)
    yield from _causes(evaluation)
    yield from fidelity_lines(evaluation)
    yield from _mends(evaluation)
    yield from _apart(evaluation)


def headline(evaluation: Evaluation) -> Iterator[str]:
    """Yield how the drill ended, how far it came, and its score."""
    timeline, score = evaluation.timeline, evaluation.score
    yield _ending(timeline)
    reached = _("Reached by any message: {rate}").format(rate=_rate(evaluation.reach.reached))
    channels = list(_other_channels(evaluation))
    yield reached + (f" ({', '.join(channels)})" if channels else "")
    if score.is_stopped:
        yield _("not rated: stopped by a real incident")
    else:
        total = _("Score {mark}").format(mark=_mark(score.total))
        apart = _("contact {contact}, handling {handling}").format(
            contact=_mark(score.contact), handling=_mark(score.handling)
        )
        yield f"{total}  ({apart})"
    hops = timeline.hops.values()
    seats = dict.fromkeys(hop.node for hop in hops if hop.by_person)
    if seats:
        names = ", ".join(node_name(timeline.exercise, node) for node in seats)
        yield _("At a seat sat a person: {names}; all others were simulated").format(names=names)


def score_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield how the score came about, by objective and by criterion."""
    score = evaluation.score
    rows = [
        [objective_word(objective), _mark(mark)] for objective, mark in score.objectives.items()
    ]
    yield from table([_("objective"), _("score")], rows)
    yield ""
    rows = []
    for result in score.criteria:
        counted = ngettext("{n} point", "{n} points", result.counted).format(n=result.counted)
        not_counted = len(result.points) - result.counted
        rows.append(
            [
                criterion_word(result.name),
                str(result.weight),
                f"{percent_of(result.share):.1f} %",
                counted,
                str(not_counted) if not_counted else _NOTHING,
            ]
        )
    head = [_("criterion"), _("weight"), _("gained"), _("out of"), _("not counted")]
    yield from table(head, rows, right=(1, 2, 3, 4))


def loss_lines(evaluation: Evaluation, most: int) -> Iterator[str]:
    """Yield the points that were not gained in full or not counted, `most` at the most.

    Each with the events that show it, by number; the dearest come first.
    """
    score, exercise = evaluation.score, evaluation.timeline.exercise
    lost: list[tuple[Fraction, CriterionResult, Point]] = []
    for result in score.criteria:
        worth = score.worth(result)
        # What is not due yet while the drill runs is neither gained nor lost.
        lost.extend(
            (worth * (1 - point.gained), result, point)
            for point in result.points
            if point.gained < 1 and (point.is_counted or point.excuse)
        )
    lost.sort(key=lambda item: (not item[2].is_counted, -item[0]))
    rows = [
        [
            f"-{float(cost):.2f}" if point.is_counted else _NOTHING,
            criterion_word(result.name),
            node_name(exercise, point.hop.node),
            inject_name(exercise, point.hop.inject),
            " ".join(map(str, point.because)),
            excuse_word(point.excuse),
        ]
        for cost, result, point in lost[:most]
    ]
    if rows:
        head = [_("points"), _("criterion"), _("body"), _("message"), _("events"), ""]
        yield from table(head, rows, right=(0,))
    if len(lost) > most:
        yield _("and {n} more; --json lists all").format(n=len(lost) - most)


def _ending(timeline: Timeline) -> str:
    end = timeline.board.end
    if end is None:
        return _("The drill runs: {time} since its start").format(time=_length(timeline.now))
    how = {
        "final-phase": _("The drill came to its end after {time}"),
        "window": _("The window closed after {time}"),
        "operator": _("The operator ended the drill after {time}"),
        "real-incident": _("The drill was stopped for a real incident after {time}"),
    }[end.reason]
    return how.format(time=_length(timeline.now))


def _other_channels(evaluation: Evaluation) -> Iterator[str]:
    counts: dict[str, int] = {}
    for tier in evaluation.reach.tiers:
        for channel, count in tier.channels.items():
            if channel != "mail":
                word = channel_word(channel)
                counts[word] = counts.get(word, 0) + count
    for word, count in counts.items():
        yield _("{n} acknowledged by {channel}").format(n=count, channel=word)


def count_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield for every message and tier how many did what was asked, and of how many."""
    head = [
        _("message and tier"),
        _("acknowledged"),
        _("in time"),
        _("late"),
        _("missing"),
        _("passed on"),
        _("reported"),
        _("delivered"),
    ]
    rows = _by_inject(
        evaluation,
        evaluation.reach.tiers,
        lambda tier: [
            _rate(tier.confirmed) if tier.acknowledged.of else _NOTHING,
            *_in_detail(tier.acknowledged),
            _share(tier.next_hops),
            _share(tier.reported.rate),
            f"{tier.notified}/{tier.scope}",
        ],
    )
    yield from table(head, rows, right=range(1, len(head)))


def _times(evaluation: Evaluation) -> Iterator[str]:
    """Yield marks (from the release) and shares (from the own notice)."""
    head = [
        _("acknowledged after"),
        _("first"),
        *(f"{percent} %" for percent in PERCENTS),
        _("last"),
        *(_("≤{n} min").format(n=limit // timedelta(minutes=1)) for limit in WITHIN),
    ]
    rows = _by_inject(
        evaluation,
        [tier for tier in evaluation.reach.tiers if tier.acknowledged.of],
        lambda tier: [
            _or_nothing(tier.marks.first),
            *(_or_nothing(at) for _percent, at in tier.marks.at_percent),
            _or_nothing(tier.marks.last),
            *(f"{rate.percent:.0f} %" for _limit, rate in tier.within if rate.percent is not None),
        ],
    )
    yield from table(head, rows, right=range(1, len(head)))


def _by_inject(
    evaluation: Evaluation, tiers: Sequence[Tier], cells: Callable[[Tier], list[str]]
) -> list[list[str]]:
    """Return a row per tier, below a heading per inject."""
    rows = []
    for inject, group in groupby(tiers, key=lambda tier: tier.inject):
        rows.append([inject_name(evaluation.timeline.exercise, inject)])
        rows.extend([kind_word(tier.kind), *cells(tier)] for tier in group)
    return rows


def _findings(evaluation: Evaluation) -> Iterator[str]:
    """Yield for each inject how long it took to its last tier, and along which way."""
    timeline = evaluation.timeline
    last = {finding.inject: finding for finding in findings_of(evaluation)}
    if last:
        yield ""
        yield _("Where the time went")
    for inject, finding in last.items():
        sentence = finding.sentence(timeline.exercise)
        yield f"  {inject_name(timeline.exercise, inject)} · {sentence}"
        path = acknowledgement_path(timeline, inject, finding.kind)
        steps = [
            _("{node} {what} {time}").format(
                node=node_name(timeline.exercise, segment.node),
                what=segment_word(segment.kind),
                time=short_length(segment.length),
            )
            for segment in (path.segments if path is not None else ())
            if segment.kind != "transit" or segment.length >= _LONG_TRANSIT
        ]
        if len(steps) > 1:
            yield f"    {' → '.join(steps)}"


def _causes(evaluation: Evaluation) -> Iterator[str]:
    timeline, misses = evaluation.timeline, evaluation.reach.misses
    if misses:
        yield ""
        yield _("What did not come, and why")
    for cause in CAUSES:
        for inject in timeline.by_inject:
            these = [m for m in misses if m.cause == cause and m.hop.inject == inject]
            for what in dict.fromkeys(miss.what for miss in these):
                each = [miss for miss in these if miss.what == what]
                yield "  " + _("{inject} · {what}: {cause}: {n} ({names})").format(
                    inject=inject_name(timeline.exercise, inject),
                    what=missed_word(what),
                    cause=cause_word(cause),
                    n=len(each),
                    names=_names(timeline, each),
                )


def _names(timeline: Timeline, misses: Sequence[Miss]) -> str:
    return _enumerated([_named(timeline, miss) for miss in misses])


def _named(timeline: Timeline, miss: Miss) -> str:
    name = node_name(timeline.exercise, miss.hop.node)
    if miss.hop.written_to and miss.left_out:
        left_out = [node_name(timeline.exercise, node) for node in miss.left_out]
        name = _("{node} left out {names}").format(node=name, names=_enumerated(left_out))
    return f"{name}: {excuse_word(miss.excuse)}" if miss.excuse else name


def _enumerated(names: Sequence[str]) -> str:
    shown = list(names[:NAMES_MAX])
    if len(names) > NAMES_MAX:
        shown.append(_("{n} more").format(n=len(names) - NAMES_MAX))
    return ", ".join(shown)


def fidelity_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield which facts arrived, and who first lost one; nothing where none was passed on."""
    fidelity = evaluation.fidelity
    exercise = evaluation.timeline.exercise
    if fidelity.facts:
        yield ""
        told = _("Facts that arrived as said: {rate}")
        yield told.format(rate=_rate(fidelity.arrived))
        for loss in fidelity.losses[:NAMES_MAX]:
            said = _("{fact} (“{said}”) {fate} at {node}; {count} bodies got it so")
            fate = fate_word(loss.fate)
            yield "  " + said.format(
                fact=clean_line(loss.name, limit=40),
                said=clean_line(loss.said, limit=60),
                fate=f"{fate} (“{clean_line(loss.found, limit=60)}”)" if loss.found else fate,
                node=node_name(exercise, loss.node),
                count=len(loss.reached),
            )
    for _inject, node in fidelity.unmarked:
        yield "  " + _("{node} passed it on without 【訓練】").format(
            node=node_name(exercise, node)
        )


def _mends(evaluation: Evaluation) -> Iterator[str]:
    count = len(evaluation.mends)
    if count:
        yield ""
        told = ngettext(
            "{count} entry of the contact tree to be mended: drillsim contacts mend",
            "{count} entries of the contact tree to be mended: drillsim contacts mend",
            count,
        )
        yield told.format(count=count)


def _apart(evaluation: Evaluation) -> Iterator[str]:
    timeline, reach = evaluation.timeline, evaluation.reach
    after_end = [
        hop.node
        for hop in timeline.hops.values()
        if hop.answered_after_end_at is not None and not hop.is_acknowledged
    ]
    if not reach.apart and not after_end:
        return
    yield ""
    yield _("Not counted")
    if after_end:
        names = [node_name(timeline.exercise, node) for node in dict.fromkeys(after_end)]
        yield "  " + _("answered after the end: {names}").format(names=_enumerated(names))
    for apart in reach.apart:
        reason = f" ({clean_line(apart.reason)})" if apart.reason else ""
        yield f"  {node_name(timeline.exercise, apart.node)}: {apart_word(apart.why)}{reason}"


def _in_detail(done: Done) -> list[str]:
    if not done.of:
        return [_NOTHING] * 3
    missing = done.missed + done.excused + done.open
    return [str(done.in_time), str(done.late), str(missing)]


def _share(rate: Rate) -> str:
    return f"{rate.count}/{rate.of}" if rate.of else _NOTHING


def _rate(rate: Rate) -> str:
    shown = f"{rate.count}/{rate.of}"
    return shown if rate.percent is None else f"{shown} {rate.percent:.1f} %"


def _mark(mark: Mark) -> str:
    if mark.score is None or mark.rating is None:
        return _NOTHING
    return f"{mark.score:.1f} {mark.rating} ({rating_word(mark.rating)})"


def _or_nothing(length: timedelta | None) -> str:
    return _NOTHING if length is None else short_length(length)


def _length(length: timedelta) -> str:
    seconds = length // timedelta(seconds=1)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
