"""The section 評価: contact and handling apart, by objective and criterion, with what was seen."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from drillsim.drill.kinds import kind_word
from drillsim.drill.scenario import InjectId, Objective
from drillsim.drill.tree import NodeKind
from drillsim.evaluation.criteria import Point
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.handling import Verdict
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.scoring import CriterionResult, Mark, Score
from drillsim.evaluation.wording import (
    criterion_word,
    excuse_word,
    inject_name,
    objective_word,
    rating_word,
)
from drillsim.i18n import _
from drillsim.reports.cells import body, numbers, when
from drillsim.reports.expected import expectation_of
from drillsim.reports.view import Block, Cell, Column, Heading, Row, Table, Text
from drillsim.reports.wording import mark_words, number_words
from drillsim.text import clean_line
from drillsim.world.habits import Town


def rating(evaluation: Evaluation) -> Iterator[Block]:
    """Yield the blocks of the section."""
    score = evaluation.score
    yield Text(
        text=_("Contact was rated: {contact}. Handling was rated: {handling}.").format(
            contact=mark_words(score.contact), handling=mark_words(score.handling)
        )
    )
    if score.total.score is not None:
        yield Text(
            text=_("Score {total} of 100 (contact {contact}, handling {handling}).").format(
                total=_points(score.total),
                contact=_points(score.contact),
                handling=_points(score.handling),
            )
        )
    if evaluation.fidelity.facts:
        yield Text(
            text=_("The content was rated by itself: {mark}.").format(
                mark=mark_words(evaluation.fidelity.mark)
            )
        )
    if score.is_stopped:
        yield Text(text=_("A real incident stopped the drill: nothing of it is rated."))
    elif score.total.score is None and score.criteria and score.is_final:
        yield Text(text=_("Too little of what was asked came due before the end to be rated."))
    yield Text(text=_scale(score), style="remark")
    yield Heading(text=_("Contact and reports"))
    yield objectives_table(evaluation)
    yield criteria_table(evaluation)
    expected = expected_table(evaluation)
    if expected.rows:
        yield expected
    handling = [
        answers_table(evaluation),
        other_answers_table(evaluation),
        actions_table(evaluation),
    ]
    filled = [table for table in handling if table.rows]
    if filled:
        yield Heading(text=_("Handling"))
        yield from filled


def _points(mark: Mark) -> str:
    return "–" if mark.score is None else f"{mark.score:.1f}"


def _scale(score: Score) -> str:
    steps = [
        _("{rating} from {n} %").format(rating=rating_word(letter), n=least)
        for letter, least in score.rubric.thresholds.items()
    ]
    return _(
        "Ratings: {steps}, below that {lowest}. Delays and misses that injected faults made "
        "unavoidable are shown, not charged."
    ).format(steps=_(", ").join(steps), lowest=rating_word("U"))


def objectives_table(evaluation: Evaluation) -> Table:
    """Return the rating of each objective, with the observations behind it."""
    score = evaluation.score
    rows: list[Row] = []
    for objective, mark in score.objectives.items():
        seen = [observation(result) for result in score.criteria if result.objective == objective]
        rows.append(
            (
                objective_word(objective),
                mark_words(mark),
                mark.score,
                _("; ").join(seen) or _("nothing was asked, or nothing came due"),
            )
        )
    return Table(
        id="objectives",
        title=_("Objectives"),
        columns=(
            Column(_("objective")),
            Column(_("rating")),
            Column(_("score"), "number"),
            Column(_("what was observed")),
        ),
        rows=tuple(rows),
    )


def observation(result: CriterionResult) -> str:
    """Return what was observed of a criterion: how many gained it in full, in part, not at all."""
    counted = [point for point in result.points if point.is_counted]
    full = sum(point.gained == 1 for point in counted)
    none = sum(point.gained == 0 for point in counted)
    said = _("{criterion}: {full} of {of} in full").format(
        criterion=criterion_word(result.name),
        full=number_words(full),
        of=number_words(len(counted)),
    )
    rest = [
        (len(counted) - full - none, _("{n} in part or late")),
        (none, _("{n} not at all")),
        (len(result.points) - len(counted), _("{n} not charged")),
    ]
    for count, words in rest:
        if count:
            said = _("{said}, {more}").format(said=said, more=words.format(n=number_words(count)))
    return said


def criteria_table(evaluation: Evaluation) -> Table:
    """Return how the score came about."""
    score = evaluation.score
    return Table(
        id="criteria",
        title=_("How the score came about"),
        columns=(
            Column(_("criterion")),
            Column(_("objective")),
            Column(_("weight"), "count"),
            Column(_("gained"), "rate"),
            Column(_("points counted"), "count"),
            Column(_("not counted"), "count"),
            Column(_("of these excused"), "count"),
            Column(_("each worth"), "number"),
        ),
        rows=tuple(
            (
                criterion_word(result.name),
                objective_word(result.objective),
                result.weight,
                Rate(result.share.numerator, result.share.denominator),
                result.counted,
                len(result.points) - result.counted,
                result.excused,
                round(float(score.worth(result)), 2),
            )
            for result in score.criteria
        ),
    )


def points_table(evaluation: Evaluation) -> Table:
    """Return every point that was not gained in full, or not counted, with its events."""
    score, exercise = evaluation.score, evaluation.timeline.exercise
    worth = {result.name: score.worth(result) for result in score.criteria}
    lost: list[tuple[Fraction, CriterionResult, Point]] = [
        (worth[result.name] * (1 - point.gained), result, point)
        for result in score.criteria
        for point in result.points
        if (point.gained < 1 or point.excuse) and (point.is_counted or point.excuse)
    ]
    return Table(
        id="points",
        title=_("Points that were lost or not charged, and the events that show why"),
        columns=(
            Column(_("criterion")),
            Column(_("message")),
            Column(_("body"), "body"),
            Column(_("points lost"), "number"),
            Column(_("remark")),
            Column(_("events"), "events"),
        ),
        rows=tuple(
            (
                criterion_word(result.name),
                inject_name(exercise, point.hop.inject),
                body(exercise, point.hop.node),
                round(float(cost), 2) if point.is_counted else None,
                excuse_word(point.excuse),
                numbers(point.because),
            )
            for cost, result, point in lost
        ),
        is_in_tree_order=True,
    )


# What was expected --------------------------------------------------------------------------------


def expected_table(evaluation: Evaluation) -> Table:
    """Return what the preset expects beside what the drill showed."""
    exercise = evaluation.timeline.exercise
    town = Town(exercise)
    rows: list[Row] = []
    for tier in evaluation.reach.tiers:
        if not tier.acknowledged.of:
            continue
        expected = expectation_of(town.of_kind(tier.kind), tier.acknowledged.of)
        delays = [
            hop.delay
            for hop in evaluation.timeline.by_inject[tier.inject]
            if hop.kind == tier.kind and hop.asked.acknowledge and hop.delay is not None
        ]
        shares: list[Cell] = []
        for (_limit, share), (_same, rate) in zip(expected.within, tier.within, strict=True):
            shares += [_rate(share), rate]
        rows.append(
            (
                inject_name(exercise, tier.inject),
                kind_word(tier.kind),
                *shares,
                expected.median,
                tier.delay_median,
                expected.last,
                max(delays, default=None),
            )
        )
    limits = [limit // timedelta(minutes=1) for limit, _rate in tier_limits(evaluation)]
    pairs = [_("≤{n} min").format(n=n) for n in limits]
    return Table(
        id="expected",
        title=_("Expected and observed: {preset}").format(preset=town.people.preset_title),
        columns=(
            Column(_("message")),
            Column(_("tier")),
            *(
                Column(_("{what}, {which}").format(what=pair, which=which), "rate")
                for pair in pairs
                for which in (_("forecast"), _("observed"))
            ),
            *(
                Column(_("{what}, {which}").format(what=what, which=which), "length")
                for what in (_("median"), _("slowest"))
                for which in (_("forecast"), _("observed"))
            ),
        ),
        rows=tuple(rows),
        note=_(
            "Delays from each body's own notice. Expected is the first officer's answer by the "
            "scenario's preset, before any stand-in, reminder, fault or window; observed is what "
            "came of them all."
        ),
    )


def tier_limits(evaluation: Evaluation) -> tuple[tuple[timedelta, Rate], ...]:
    """Return the limits for which shares are given."""
    return evaluation.reach.tiers[0].within if evaluation.reach.tiers else ()


def _rate(share: float) -> Rate:
    return Rate(round(share * 1000), 1000)


# Handling -----------------------------------------------------------------------------------------


def answers_table(evaluation: Evaluation) -> Table:
    """Return how the reports answered each line for which the scenario expects something."""
    exercise = evaluation.timeline.exercise
    verdicts: tuple[Verdict, ...] = ("expected", "other", "pending", "empty")
    return Table(
        id="answers",
        title=_("Report forms: answers against what was expected"),
        columns=(
            Column(_("message")),
            Column(_("line")),
            Column(_("expected answer")),
            Column(_("reports"), "count"),
            Column(_("as expected"), "count"),
            Column(_("otherwise"), "count"),
            Column(_("to be confirmed"), "count"),
            Column(_("left empty"), "count"),
            Column(_("rate"), "rate"),
        ),
        rows=tuple(
            (
                inject_name(exercise, line.inject),
                clean_line(line.field.label),
                clean_line(line.field.expect or ""),
                line.rate.of,
                *(line.counts[verdict] for verdict in verdicts),
                line.rate if line.rate.of else None,
            )
            for line in evaluation.handling.lines
        ),
    )


def other_answers_table(evaluation: Evaluation) -> Table:
    """Return the answers that were not as expected, body by body."""
    exercise = evaluation.timeline.exercise
    return Table(
        id="other-answers",
        title=_("Answers that were not as expected"),
        columns=(
            Column(_("message")),
            Column(_("body"), "body"),
            Column(_("line")),
            Column(_("expected answer")),
            Column(_("given answer"), is_private=True),
            Column(_("events"), "events"),
        ),
        rows=tuple(
            (
                inject_name(exercise, answer.hop.inject),
                body(exercise, answer.hop.node),
                clean_line(answer.field.label),
                clean_line(answer.field.expect or ""),
                clean_line(answer.given, limit=60),
                numbers(answer.because),
            )
            for answer in evaluation.handling.answers
            if answer.verdict != "expected"
        ),
        is_in_tree_order=True,
    )


def actions_table(evaluation: Evaluation) -> Table:
    """Return which expected actions were booked, by message, tier and action."""
    exercise = evaluation.timeline.exercise
    groups: dict[tuple[InjectId, NodeKind, str], list[timedelta | None]] = {}
    for action in evaluation.handling.actions:
        key = (action.hop.inject, action.hop.kind, action.action)
        groups.setdefault(key, []).append(action.done_at)
    rows: list[Row] = []
    for (inject, kind, name), times in groups.items():
        done = [at for at in times if at is not None]
        rows.append(
            (
                inject_name(exercise, inject),
                kind_word(kind),
                clean_line(name),
                len(done),
                Rate(len(done), len(times)),
                when(exercise, min(done, default=None)),
                when(exercise, max(done, default=None)),
            )
        )
    return Table(
        id="actions",
        title=_("Actions that were booked"),
        columns=(
            Column(_("message")),
            Column(_("tier")),
            Column(_("action")),
            Column(_("done"), "count"),
            Column(_("rate"), "rate"),
            Column(_("first"), "time"),
            Column(_("last"), "time"),
        ),
        rows=tuple(rows),
    )


def strengths(evaluation: Evaluation) -> Iterator[tuple[Objective, str]]:
    """Yield what went well: criteria whose share earns the best rating."""
    for result in evaluation.score.criteria:
        if evaluation.score.rubric.rating(result.share) == "P":
            yield result.objective, observation(result)
