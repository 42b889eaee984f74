"""The section 前年度との比較, and the comparison as a paper of its own."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from drillsim.drill.kinds import kind_word
from drillsim.drill.tree import NodeId
from drillsim.evaluation.comparison import (
    Compared,
    Comparison,
    Outcome,
    Year,
    comparison_summary,
    year_of,
)
from drillsim.evaluation.evaluation import Evaluation
from drillsim.files.places import relative_name
from drillsim.files.results_table import ResultsMapping, read_year
from drillsim.i18n import _, language
from drillsim.journal import JournalReader
from drillsim.mail.official_dates import official_year
from drillsim.reports.drill_record import read_drill
from drillsim.reports.view import Block, Body, Cell, Column, ReportView, Row, Section, Table, Text
from drillsim.reports.wording import bracketed, clock, length_words, names_words, number_words
from drillsim.text import clean_line

TABLES = frozenset({".xlsx", ".xlsm", ".csv", ".tsv", ".txt"})
"""Suffixes of tables of results; whatever else is compared is a drill."""


def drill_year(evaluation: Evaluation) -> Year:
    """Return a drill as a year, called by its fiscal year (from April): 令和８年度."""
    return year_of(evaluation, fiscal_year(evaluation.timeline.exercise.start_ex))


def fiscal_year(start: datetime) -> str:
    """Return the fiscal year of a day, which begins on 1 April."""
    year = start.year if start.month >= 4 else start.year - 1
    # The era of a fiscal year is that of most of its days.
    name = official_year(date(year, 5, 1)) if language() == "ja" else str(year)
    return _("fiscal year {year}").format(year=name)


def read_years(paths: Sequence[Path], mapping: ResultsMapping | None) -> list[Year]:
    """Return drills and tables of results as years, in the order given; no label occurs twice.

    Raises:
        CommandError: one of them cannot be read.
    """
    years: list[Year] = []
    for path in paths:
        if path.suffix.lower() in TABLES:
            year = read_year(path, relative_name(path), mapping)
        else:
            with JournalReader(path) as reader:
                year = drill_year(read_drill(reader).evaluation)
        years.append(year)
    return told_apart(years, [path.stem for path in paths])


def told_apart(years: Sequence[Year], names: Sequence[str]) -> list[Year]:
    """Return years whose labels differ: of two in one fiscal year each has its own name behind."""
    labels = [year.label for year in years]
    return [
        Year(label=f"{year.label} {clean_line(name)}", bodies=year.bodies)
        if labels.count(year.label) > 1
        else year
        for year, name in zip(years, names, strict=True)
    ]


def comparison_view(comparison: Comparison) -> ReportView:
    """Return the comparison as a paper of its own."""
    return ReportView(
        kind=_("Comparison of drills"),
        title=_(" – ").join((comparison.labels[0], comparison.labels[-1])),
        language=language(),
        headline=(),
        figures=(),
        sections=(Section("comparison", _("Comparison"), tuple(comparison_blocks(comparison))),),
        foot="",
        data={"comparison": comparison_summary(comparison)},
    )


def comparison_blocks(comparison: Comparison, *, only_both: bool = False) -> Iterator[Block]:
    """Yield what the comparison says: its sentence, who is worth a word, and the tables.

    Args:
        comparison: the years.
        only_both: leave out bodies that took part in one of them alone: a mask for bodies knows
            those of the later drill and no others.
    """
    yield Text(text=sentence(comparison))
    for text, found in (
        (_("An answer is missing again from {names}."), comparison.failing_again),
        (_("Not in time again: {names}."), comparison.late_again),
        (_("Slower than before, the most first: {names}."), comparison.slower),
    ):
        if found:
            names = names_words([_named(body) for body in found])
            yield Text(text=text.format(names=names), style="item")
    yield tiers_table(comparison)
    yield bodies_table(comparison, comparison.both if only_both else comparison.bodies)


def sentence(comparison: Comparison) -> str:
    """Return TEXTS, section 8, no. 8: how the median response of the same bodies changed."""
    both, before, now = len(comparison.both), comparison.median_before, comparison.median_now
    facts = {"n": number_words(both), "first": comparison.labels[0], "last": comparison.labels[-1]}
    if not both:
        return _("No body took part in both {first} and {last}.").format(**facts)
    if before is None or now is None:
        return _("Of the {n} bodies that took part in both, there are no times to compare.").format(
            **facts
        )
    said = _(
        "Of the {n} bodies that took part in both {first} and {last}, the median response went "
        "from {before} to {now}."
    )
    return said.format(**facts, before=length_words(before), now=length_words(now))


def _named(body: Compared) -> str:
    name = clean_line(body.name, limit=100)
    change = body.change
    if change is None or not change:
        return name
    sign = "+" if change.days >= 0 else "-"
    return bracketed(name, f"{sign}{clock(abs(change))}")


def tiers_table(comparison: Comparison) -> Table:
    """Return the figures of each tier, a row a year."""
    return Table(
        id="compared-tiers",
        title=_("Tiers side by side"),
        columns=(
            Column(_("tier")),
            Column(_("year")),
            Column(_("bodies"), "count"),
            Column(_("bodies reached"), "count"),
            Column(_("Reach"), "rate"),
            Column(_("acknowledged"), "rate"),
            Column(_("in time"), "rate"),
            Column(_("late, not charged"), "count"),
            Column(_("no answer, not charged"), "count"),
            Column(_("median response"), "length"),
        ),
        rows=tuple(
            (
                kind_word(tier.kind) if tier.kind is not None else _("not known"),
                tier.label,
                tier.bodies,
                tier.reached.count,
                tier.reached,
                tier.acknowledged,
                tier.in_time,
                tier.late_not_charged,
                tier.not_charged,
                tier.delay,
            )
            for tier in comparison.tiers
        ),
        note=_(
            "Response: of each body the median of its answers, from its own notice. Not charged: "
            "faults set by the scenario made it unavoidable, it was not due yet, or its mail was "
            "not sent."
        ),
    )


def bodies_table(comparison: Comparison, bodies: Sequence[Compared]) -> Table:
    """Return bodies with their response in each year, and what changed from first to last."""
    first, last = comparison.labels[0], comparison.labels[-1]
    return Table(
        id="compared-bodies",
        title=_("Bodies side by side"),
        columns=(
            Column(_("body"), "body"),
            *(Column(label, "length") for label in comparison.labels),
            Column(_("change in minutes"), "number"),
            Column(_("result {year}").format(year=first)),
            Column(_("result {year}").format(year=last)),
            Column(_("remark")),
        ),
        rows=tuple(_row(body) for body in bodies),
        is_in_tree_order=True,
    )


def _row(body: Compared) -> Row:
    change: Cell = None
    if body.change is not None:
        change = round(body.change.total_seconds() / 60, 1)
    return (
        Body(body.node or NodeId(body.code), clean_line(body.name, limit=100)),
        *(year.delay if year is not None else None for year in body.years),
        change,
        *(
            outcome_word(year.outcome) if year is not None else _("took no part")
            for year in (body.before, body.now)
        ),
        remark(body),
    )


def outcome_word(outcome: Outcome) -> str:
    """Return how a body did in a year."""
    return {
        "in-time": _("in time"),
        "late": _("late"),
        "late-not-charged": _("late, not charged"),
        "missed": _("no answer"),
        "not-charged": _("no answer, not charged"),
        "open": _("open"),
    }[outcome]


def remark(body: Compared) -> str:
    """Return what is worth saying of a body; "" where nothing is."""
    if body.before is None or body.now is None:
        return ""
    if body.fails_again:
        return _("fails again")
    if body.now.outcome == "missed":
        return _("fails now")
    if body.now.outcome in ("not-charged", "open"):
        return ""
    if body.before.outcome == "missed":
        return _("answers now")
    if body.is_late_again:
        return _("late again")
    if body.change is not None and body.change.total_seconds() > 0:
        return _("slower")
    return ""
