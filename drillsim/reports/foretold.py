"""Forecast and fact (予測と実績): what the drill's own forecast told, beside what came of it.

The forecast was made from rehearsals with other seeds before the drill began and is kept in its
file. Unlike the preset's expectation (`reports.expected`) it knows the tree, stand-ins, reminders,
calls and faults of the scenario.
"""

from datetime import timedelta

from drillsim.drill.durations import from_ms
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.foreseen import Foreseen, ForeseenTier
from drillsim.evaluation.milestones import Marks
from drillsim.evaluation.wording import inject_name, kind_word, kinds_words
from drillsim.i18n import _
from drillsim.reports.view import Cell, Column, CurveLine, Row, Table

_PERCENTS = (50, 90)


def foretold_table(evaluation: Evaluation, foreseen: Foreseen) -> Table:
    """Return when half, 90 % and all were to have answered, and when they had."""
    exercise = evaluation.timeline.exercise
    told = {(tier.inject, tier.kind): tier for tier in foreseen.tiers}
    rows: list[Row] = []
    for tier in evaluation.reach.tiers:
        expected = told.get((tier.inject, tier.kind))
        if expected is None or not tier.acknowledged.of:
            continue
        cells: list[Cell] = []
        for percent in (*_PERCENTS, 100):
            cells += [_foretold(expected, percent), _came(tier.marks, percent)]
        rows.append((inject_name(exercise, tier.inject), kind_word(tier.kind), *cells))
    whats = [_("half"), _("90 %"), _("everybody")]
    return Table(
        id="forecast",
        title=_("Forecast and fact"),
        columns=(
            Column(_("message")),
            Column(_("tier")),
            *(
                Column(_("{what}, {which}").format(what=what, which=which), "length")
                for what in whats
                for which in (_("forecast"), _("observed"))
            ),
        ),
        rows=tuple(rows),
        note=_(
            "Times from the release. The forecast is what half of {n} rehearsals with other seeds "
            "came to, computed before the drill began; it knows stand-ins, reminders, calls and "
            "faults of the scenario."
        ).format(n=foreseen.runs),
    )


def _foretold(tier: ForeseenTier, percent: int) -> timedelta | None:
    times = (
        at for at, share in zip(tier.at_ms, tier.middle, strict=True) if share >= percent / 100
    )
    at = next(times, None)
    return None if at is None else from_ms(at)


def _came(marks: Marks, percent: int) -> timedelta | None:
    if percent == 100:
        # The last answer there was is everybody's only where nobody is missing.
        return marks.last if dict(marks.at_percent).get(90) is not None else None
    return dict(marks.at_percent).get(percent)


def foretold_line(tier: ForeseenTier, until: timedelta) -> CurveLine:
    """Return the forecast of a tier as a line of the answer curve."""
    points = [
        (from_ms(at), share * tier.of)
        for at, share in zip(tier.at_ms, tier.middle, strict=True)
        if from_ms(at) <= until
    ]
    return CurveLine(
        name=_("forecast: {bodies}").format(bodies=kinds_words(tier.kind)),
        of=tier.of,
        points=(*points, (until, tier.share(until) * tier.of)),
        is_expected=True,
    )
