"""`drillsim people fit`: how the people of past drills were, as a preset for rehearsals."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from drillsim.i18n import _, language, ngettext, system_reason
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.events import AnyEvent
    from drillsim.drill.exercise import Exercise
    from drillsim.drill.tree import NodeKind
    from drillsim.forecast.fit import Fit, FittedDelay, FittedRate, Material

_PICTURES: Final = (".html", ".svg", ".png")
_PRESETS: Final = (".yaml", ".yml")


@click.command(
    "fit",
    help=_(
        "Learn from past drills (DRILL…) how long people take and how often they fail, per kind of "
        "body. Answers that had not come when a drill ended count as what they are: longer than "
        "that.\n\n"
        "With -o what was learnt becomes a preset file, which a scenario names under people: "
        "{{preset: ../people/learnt.yaml}}."
    ).format(),
)
@click.argument("drills", metavar=_("DRILL…"), nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar=_("FILE"),
    type=click.Path(dir_okay=False),
    help=_("Write a preset file: .yaml."),
)
@click.option(
    "--plot",
    metavar=_("FILE"),
    type=click.Path(dir_okay=False),
    help=_("Draw what was observed and what was fitted: .html, .svg or .png."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(drills: tuple[str, ...], out: str | None, plot: str | None, as_json: bool) -> ExitCode:
    """Fit the habits of people to drills."""
    _require_suffix(plot, _PICTURES, _("a fit is drawn as {suffixes}"))
    _require_suffix(out, _PRESETS, _("a preset file is written as {suffixes}"))
    if find_spec("scipy") is None:
        raise UsageError(_("people fit needs SciPy; install it: pip install drillsim[calibration]"))
    from drillsim.forecast.fit import fit, gather, together

    found = gather(_read(path) for path in drills)
    if not found:
        raise UsageError(_("in these drills nobody was asked anything"))
    everybody = fit(together(found.values()))
    fits = [fit(material, everybody) for material in found.values()]
    if as_json:
        data = {"drills": len(drills), "all": _json(everybody), "kinds": [*map(_json, fits)]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for line in _lines(found, fits):
            click.echo(line)
    for line in _too_little(fits, everybody):
        click.echo(line, err=True)
    if out is not None:
        from drillsim.forecast.fit_preset import preset_text

        _write(out, preset_text(everybody, fits, len(drills)).encode())
    if plot is not None:
        _write(plot, _drawn(plot, found, fits, len(drills)))
    return ExitCode.DONE


def _require_suffix(path: str | None, suffixes: tuple[str, ...], rule: str) -> None:
    if path is not None and Path(path).suffix not in suffixes:
        why = rule.format(suffixes=", ".join(suffixes))
        raise UsageError(_("{path}: {why}").format(path=clean_line(path), why=why))


def _drawn(
    path: str, found: "Mapping[NodeKind, Material]", fits: "Sequence[Fit]", drills: int
) -> bytes:
    from drillsim.forecast.chart import document, png, svg, table_html
    from drillsim.forecast.fit_chart import chart_words, fit_spec

    spec = fit_spec(found, fits)
    if path.endswith(".png"):
        return png(spec)
    if path.endswith(".svg"):
        return svg(spec).encode()
    parts = [svg(spec), f"<p>{escape(chart_words())}</p>"]
    tables = (_delay_rows(fits), _rate_rows(fits))
    parts += [table_html(rows) for rows in tables if len(rows) > 1]
    said = ngettext("Learnt from {n} drill", "Learnt from {n} drills", drills).format(n=drills)
    return document(_("How people were in past drills"), [said], parts, language()).encode()


def _read(path: str) -> "tuple[Exercise, Sequence[AnyEvent]]":
    from drillsim.drill.events import decode
    from drillsim.files.scenario_file import load_stored
    from drillsim.journal.reader import JournalReader

    with JournalReader(path) as reader:
        exercise = load_stored(reader.files).exercise
        return exercise, [decode(record.data) for record in reader.events()]


def _write(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as fault:
        raise UsageError(
            _("{path}: cannot be written: {why}").format(
                path=clean_line(path), why=system_reason(fault)
            )
        ) from None
    click.echo(_("Written to {path}.").format(path=clean_line(path)), err=True)


def _lines(found: "Mapping[NodeKind, Material]", fits: "Sequence[Fit]") -> Iterator[str]:
    from drillsim.cli.people_curve import curve_lines, curve_words
    from drillsim.cli.table import table
    from drillsim.evaluation.wording import kind_word
    from drillsim.forecast.fit_chart import habit_word

    delays, rates = _delay_rows(fits), _rate_rows(fits)
    if len(delays) > 1:
        yield from table(delays[0], delays[1:], right=range(1, 5))
        yield ""
    yield from table(rates[0], rates[1:], right=range(1, 5))
    is_drawn = False
    for one in fits:
        observed = found[one.kind].delays.get("acknowledge")
        if "acknowledge" in one.delays and observed is not None:
            is_drawn = True
            yield ""
            yield _("{kind}: {habit}, by then").format(
                kind=kind_word(one.kind), habit=habit_word("acknowledge")
            )
            yield from curve_lines(observed, one.delays["acknowledge"], _columns())
    if is_drawn:
        yield "      " + curve_words()


def _columns() -> int:
    return max(min(shutil.get_terminal_size((80, 24)).columns, 100), 40)


def _delay_rows(fits: "Sequence[Fit]") -> list[list[str]]:
    from drillsim.evaluation.wording import kind_word

    rows = [[_("what"), _("half by"), "σ", _("answers"), _("censored")]]
    for one in fits:
        if one.delays:
            rows.append([kind_word(one.kind)])
            rows += [_delay_row(name, delay) for name, delay in one.delays.items()]
    return rows


def _rate_rows(fits: "Sequence[Fit]") -> list[list[str]]:
    from drillsim.evaluation.wording import kind_word

    rows = [[_("what"), _("share"), _("90 % interval"), _("of"), _("used")]]
    for one in fits:
        rows.append([kind_word(one.kind)])
        rows += [_rate_row(name, rate) for name, rate in one.rates.items()]
    return rows


def _delay_row(name: str, delay: "FittedDelay") -> list[str]:
    from drillsim.forecast.fit_chart import habit_word
    from drillsim.tui.views.times import short_length

    return [
        habit_word(name),
        short_length(delay.median),
        f"{delay.told_sigma:.2f}",
        str(delay.seen),
        str(delay.censored),
    ]


def _rate_row(name: str, rate: "FittedRate") -> list[str]:
    from drillsim.forecast.fit_chart import habit_word

    return [
        habit_word(name),
        f"{100 * rate.rate:.1f} %",
        f"{100 * rate.low:.1f}–{100 * rate.high:.1f} %",
        str(rate.of),
        f"{100 * rate.told:.1f} %",
    ]


def _too_little(fits: "Sequence[Fit]", everybody: "Fit") -> Iterator[str]:
    """Yield what rests on too few answers, kind by kind, and all kinds together."""
    from drillsim.evaluation.wording import kind_word

    for one in fits:
        yield from _too_little_of(kind_word(one.kind), one)
    if len(fits) > 1:
        yield from _too_little_of(_("all bodies together"), everybody)


def _too_little_of(who: str, one: "Fit") -> Iterator[str]:
    from drillsim.forecast.fit import ENOUGH
    from drillsim.forecast.fit_chart import habit_word

    for name, delay in one.delays.items():
        if not delay.is_enough:
            yield _(
                "{kind}, {habit}: {n} answers are too little (some {enough} are needed); σ is "
                "widened from {before} to {after}."
            ).format(
                kind=who,
                habit=habit_word(name),
                n=delay.seen,
                enough=ENOUGH,
                before=f"{delay.sigma:.2f}",
                after=f"{delay.told_sigma:.2f}",
            )
    few = [name for name, rate in one.rates.items() if not rate.is_enough]
    if few:
        most = max(one.rates[name].of for name in few)
        habits = ", ".join(habit_word(name) for name in few)
        if one.rates[few[0]].usual is None:
            said = _(
                "{kind}: {n} cases are too little for shares ({habits}); what is used lies between "
                "what was seen and a half."
            )
        else:
            said = _(
                "{kind}: {n} cases are too little for shares ({habits}); what is used lies between "
                "what was seen and what all bodies together show."
            )
        yield said.format(kind=who, n=most, habits=habits)
    if not one.delays:
        yield _("{kind}: fewer than two answers tell no delay at all.").format(kind=who)


def _json(one: "Fit") -> dict[str, Any]:
    from drillsim.drill.model import kebab

    return {
        "kind": one.kind,
        "drills": one.drills,
        "delays": {
            kebab(name): {
                "median_seconds": delay.median.total_seconds(),
                "sigma": delay.sigma,
                "told_sigma": delay.told_sigma,
                "never": delay.never,
                "seen": delay.seen,
                "censored": delay.censored,
                "enough": delay.is_enough,
            }
            for name, delay in one.delays.items()
        },
        "rates": {
            kebab(name): {
                "rate": rate.rate,
                "told_rate": rate.told,
                "low": rate.low,
                "high": rate.high,
                "of": rate.of,
                "enough": rate.is_enough,
            }
            for name, rate in one.rates.items()
        },
    }
