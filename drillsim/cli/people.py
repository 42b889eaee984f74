"""`drillsim people fit`: how the people of past drills were, as habits for a rehearsal."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.events import AnyEvent
    from drillsim.drill.exercise import Exercise
    from drillsim.forecast.fit import Fit, FittedDelay, FittedRate

_KEYS: Final = {
    "acknowledge": "acknowledge",
    "pass_on": "pass-on",
    "report": "report",
    "away": "away",
    "absence_notice": "absence-notice",
    "dead_address": "dead-address",
    "report_forgotten": "report-forgotten",
}
"""Keys of `people` in a scenario."""


@click.group("people", help=_("The simulated people of a rehearsal."))
def group() -> None:
    """Hold the commands."""


@group.command(
    "fit",
    help=_(
        "Learn from past drills (DRILL…) how long people take and how often they fail, per kind of "
        "body. Answers that had not come when a drill ended count as what they are: longer than "
        "that."
    ),
)
@click.argument("drills", metavar=_("DRILL…"), nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar=_("FILE"),
    type=click.Path(dir_okay=False),
    help=_("Write the habits of all bodies together, as the people: of a scenario."),
)
@click.option(
    "--plot",
    metavar=_("FILE"),
    type=click.Path(dir_okay=False),
    help=_("Draw what was observed and what was fitted: .svg or .png."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def fit_command(
    drills: tuple[str, ...], out: str | None, plot: str | None, as_json: bool
) -> ExitCode:
    """Fit the habits of people to drills."""
    if plot is not None and Path(plot).suffix not in (".svg", ".png"):
        raise UsageError(_("{path}: a fit is drawn as .svg or .png").format(path=clean_line(plot)))
    if find_spec("scipy") is None:
        raise UsageError(_("people fit needs SciPy; install it: pip install drillsim[calibration]"))
    from drillsim.forecast.fit import fit, gather, together

    found = gather(_read(path) for path in drills)
    if not found:
        raise UsageError(_("in these drills nobody was asked anything"))
    fits = [fit(material) for material in found.values()]
    everybody = fit(together(found.values()))
    if as_json:
        data = {"drills": len(drills), "all": _json(everybody), "kinds": [*map(_json, fits)]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for line in _lines(fits):
            click.echo(line)
    for line in _too_little([*fits, everybody]):
        click.echo(line, err=True)
    if out is not None:
        _write(out, _as_people(everybody, fits, len(drills)).encode())
    if plot is not None:
        from drillsim.forecast.chart import png, svg
        from drillsim.forecast.fit_chart import fit_spec

        spec = fit_spec(found, fits)
        _write(plot, png(spec) if plot.endswith(".png") else svg(spec).encode())
    return ExitCode.DONE


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
                path=clean_line(path), why=fault.strerror or type(fault).__name__
            )
        ) from None
    click.echo(_("Written to {path}.").format(path=clean_line(path)), err=True)


def _lines(fits: "Sequence[Fit]") -> Iterator[str]:
    from drillsim.cli.table import table
    from drillsim.evaluation.wording import kind_word

    head = [_("what"), _("half by"), "σ", _("answers"), _("censored")]
    rows: list[list[str]] = []
    for one in fits:
        rows.append([kind_word(one.kind)])
        rows += [_delay_row(name, delay) for name, delay in one.delays.items()]
    if rows:
        yield from table(head, rows, right=range(1, 5))
    rates: list[list[str]] = []
    for one in fits:
        rates.append([kind_word(one.kind)])
        rates += [_rate_row(name, rate) for name, rate in one.rates.items()]
    yield ""
    yield from table([_("what"), _("share"), _("90 % interval"), _("of")], rates, right=range(1, 4))


def _delay_row(name: str, delay: "FittedDelay") -> list[str]:
    from drillsim.tui.views.times import short_length

    return [
        habit_word(name),
        short_length(delay.median),
        f"{delay.told_sigma:.2f}",
        str(delay.seen),
        str(delay.censored),
    ]


def _rate_row(name: str, rate: "FittedRate") -> list[str]:
    return [
        habit_word(name),
        f"{100 * rate.rate:.1f} %",
        f"{100 * rate.low:.1f}–{100 * rate.high:.1f} %",
        str(rate.of),
    ]


def habit_word(name: str) -> str:
    """Return a habit in words."""
    return {
        "acknowledge": _("acknowledges"),
        "pass_on": _("passes on"),
        "report": _("fills in the report"),
        "away": _("never answers"),
        "absence_notice": _("absence notice"),
        "dead_address": _("dead address"),
        "report_forgotten": _("forgets the report"),
    }[name]


def _too_little(fits: "Sequence[Fit]") -> Iterator[str]:
    from drillsim.evaluation.wording import kind_word
    from drillsim.forecast.fit import ENOUGH

    for one in fits[:-1]:
        for name, delay in one.delays.items():
            if not delay.is_enough:
                yield _(
                    "{kind}, {habit}: {n} answers are too little (some {enough} are needed); σ is "
                    "widened from {before} to {after}."
                ).format(
                    kind=kind_word(one.kind),
                    habit=habit_word(name),
                    n=delay.seen,
                    enough=ENOUGH,
                    before=f"{delay.sigma:.2f}",
                    after=f"{delay.told_sigma:.2f}",
                )


def _as_people(everybody: "Fit", fits: "Sequence[Fit]", drills: int) -> str:
    """Return the habits as the `people:` of a scenario."""
    from drillsim.evaluation.wording import kind_word

    kinds = ", ".join(kind_word(one.kind) for one in fits)
    lines = [
        "# " + _("Learnt from {n} drills ({kinds}).").format(n=drills, kinds=kinds),
        "people:",
        "  preset: announced-office-hours",
    ]
    for name, delay in everybody.delays.items():
        median = _whole_seconds(delay.median)
        lines.append(
            f"  {_KEYS[name]}: {{median: {median}, sigma: {delay.told_sigma:.3f}}}"
            f"   # {delay.seen} + {delay.censored}"
        )
    for what, rate in everybody.rates.items():
        lines.append(f"  {_KEYS[what]}: {100 * rate.rate:.2f}%")
    return "\n".join([*lines, ""])


def _whole_seconds(length: timedelta) -> str:
    from drillsim.drill.durations import format_duration

    return format_duration(timedelta(seconds=max(round(length.total_seconds()), 1)))


def _json(one: "Fit") -> dict[str, Any]:
    return {
        "kind": one.kind,
        "drills": one.drills,
        "delays": {
            _KEYS[name]: {
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
            _KEYS[name]: {"rate": rate.rate, "low": rate.low, "high": rate.high, "of": rate.of}
            for name, rate in one.rates.items()
        },
    }
