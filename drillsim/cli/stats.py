"""`drillsim stats`: many drills of one scenario put together."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.exercise import Exercise
    from drillsim.evaluation.statistics import BodyStatistics, Spread, Statistics

BODIES_MAX: Final = 20
"""Bodies shown without --all, those first that held the drills up most often."""
SEEDS_MAX: Final = 100_000
_NOTHING: Final = "–"


@click.command(
    "stats",
    help=_(
        "Put many drills together: how the marks are spread, and in which share of the drills each "
        "body was on the critical path.\n\n"
        "With DRILL…: drills that were run, all of one scenario. With SCENARIO --seeds N: N "
        "rehearsals with the seeds 1 to N, computed without any mail; seed n gives the times of "
        "drillsim run --seed n."
    ),
)
@click.argument("names", metavar=_("DRILL… | SCENARIO"), nargs=-1, required=True)
@click.option("--seeds", type=click.IntRange(1, SEEDS_MAX), help=_("Rehearse with so many seeds."))
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "--redact",
    is_flag=True,
    help=_("A copy for outsiders: no person, address or number of the contact tree."),
)
@click.option("--all", "show_all", is_flag=True, help=_("Name every body."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    names: tuple[str, ...],
    seeds: int | None,
    contacts: str | None,
    redact: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Print what many drills showed."""
    if seeds is None:
        if contacts is not None:
            raise UsageError(_("--contacts goes with SCENARIO --seeds N; drills have their own"))
        exercise, statistics = _of_drills(names)
    else:
        if len(names) > 1 or names[0].endswith(".drill"):
            raise UsageError(_("--seeds goes with one scenario"))
        exercise, statistics = _of_seeds(names[0], contacts, seeds)
    mask: Callable[[str], str] = str
    if redact:
        from drillsim.reports.redaction import people_mask

        mask = people_mask(exercise.tree)
    if as_json:
        data = _as_json(exercise, statistics, seeds, mask)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    for line in _lines(exercise, statistics, show_all=show_all):
        click.echo(mask(line))


def _of_drills(names: Sequence[str]) -> tuple["Exercise", "Statistics"]:
    from drillsim.cli.summary import evaluated
    from drillsim.evaluation.statistics import Statistics
    from drillsim.files.places import find
    from drillsim.journal import JournalReader, find_drill

    statistics = Statistics()
    first: Exercise | None = None
    for name in names:
        path = find_drill(name)
        if not path.exists() and find(name, "scenarios").is_file():
            raise UsageError(
                _("{name} is a scenario; say how many rehearsals with --seeds N").format(name=name)
            )
        with JournalReader(path) as reader:
            evaluation = evaluated(reader)
        exercise = evaluation.timeline.exercise
        if first is None:
            first = exercise
        elif exercise.scenario.id != first.scenario.id:
            raise UsageError(
                _(
                    "{file}: a drill of {other}, not of {scenario}; name drills of one scenario"
                ).format(
                    file=clean_line(str(path)),
                    other=exercise.scenario.id,
                    scenario=first.scenario.id,
                )
            )
        if evaluation.timeline.board.end is None:
            click.echo(
                _("{file}: has not ended; it counts as it stands").format(file=path), err=True
            )
        statistics.take(evaluation)
    assert first is not None
    return first, statistics


def _of_seeds(scenario: str, contacts: str | None, seeds: int) -> tuple["Exercise", "Statistics"]:
    from drillsim.evaluation.evaluation import evaluate
    from drillsim.evaluation.statistics import Statistics
    from drillsim.files.scenario_file import load_scenario
    from drillsim.world.course import Course

    exercise = load_scenario(scenario, contacts).exercise
    statistics = Statistics()
    with click.progressbar(
        range(1, seeds + 1),
        file=sys.stderr,
        label=_("rehearsals"),
        hidden=not sys.stderr.isatty(),
    ) as each:
        for seed in each:
            course = Course(exercise, seed)
            events = list(course.run())
            statistics.take(evaluate(exercise, events, course.board))
    return exercise, statistics


# As data ----------------------------------------------------------------------------------------


def _as_json(
    exercise: "Exercise", statistics: "Statistics", seeds: int | None, mask: Callable[[str], str]
) -> dict[str, Any]:
    confirmed = statistics.confirmed
    return {
        "scenario": exercise.scenario.id,
        "drills": statistics.drills,
        "seeds": None if seeds is None else {"from": 1, "to": seeds},
        "ends": dict(statistics.ends),
        "score": statistics.score.as_json(),
        "reached_percent": statistics.reached.as_json(),
        "drill_seconds": statistics.length.as_json(),
        "tiers": [
            {
                "inject": inject,
                "kind": kind,
                "confirmed_percent": confirmed[(inject, kind)].as_json(),
                "marks_seconds": {name: spread.as_json() for name, spread in marks.items()},
            }
            for (inject, kind), marks in statistics.marks.items()
        ],
        "bodies": [_body(exercise, body, mask) for body in statistics.bodies],
    }


def _body(
    exercise: "Exercise", body: "BodyStatistics", mask: Callable[[str], str]
) -> dict[str, Any]:
    name = exercise.node(body.node).name if body.node in exercise.tree.by_id else body.node
    return {
        "node": body.node,
        "name": mask(name),
        "kind": body.kind,
        "critical": body.critical.as_json(),
        "last": body.last.as_json(),
        "late": body.late.as_json(),
        "missed": body.missed.as_json(),
        "delay_seconds": body.delay.as_json(),
    }


# As text ----------------------------------------------------------------------------------------


def _lines(exercise: "Exercise", statistics: "Statistics", *, show_all: bool) -> Iterator[str]:
    drills = statistics.drills
    yield clean_line(exercise.scenario.title)
    yield ngettext("{n} drill", "{n} drills", drills).format(n=drills)
    yield ""
    yield from _whole(statistics)
    yield ""
    yield from _marks(exercise, statistics)
    yield ""
    yield from _bodies(exercise, statistics, show_all=show_all)


def _spread_head() -> list[str]:
    return [_("least"), "25 %", _("median"), "75 %", "90 %", _("most"), _("drills")]


def _spread_cells(spread: "Spread", *, is_time: bool) -> list[str]:
    from drillsim.evaluation.statistics import QUANTILES
    from drillsim.tui.views.times import short_length

    cells = []
    for percent in QUANTILES:
        value = spread.quantile(percent)
        if value is None:
            cells.append(_NOTHING)
        else:
            cells.append(short_length(timedelta(seconds=value)) if is_time else f"{value:.1f}")
    return [*cells, f"{spread.n}/{spread.of}"]


def _whole(statistics: "Statistics") -> Iterator[str]:
    from drillsim.cli.table import table

    rows = [
        [_("length"), *_spread_cells(statistics.length, is_time=True)],
        [_("reach (%)"), *_spread_cells(statistics.reached, is_time=False)],
        [_("score"), *_spread_cells(statistics.score, is_time=False)],
    ]
    yield from table([_("of the drill"), *_spread_head()], rows, right=range(1, 8))


def _marks(exercise: "Exercise", statistics: "Statistics") -> Iterator[str]:
    from drillsim.cli.table import table
    from drillsim.drill.kinds import kind_word
    from drillsim.evaluation.wording import inject_name

    confirmed = statistics.confirmed
    words = {"first": _("first answer"), "last": _("last answer")}
    rows: list[list[str]] = []
    for (inject, kind), marks in statistics.marks.items():
        rows.append([f"{inject_name(exercise, inject)} · {kind_word(kind)}"])
        rows.append([_("confirmed (%)"), *_spread_cells(confirmed[(inject, kind)], is_time=False)])
        if len(set(marks.values())) == 1:  # One body: its answer is all there is.
            rows.append([_("the answer"), *_spread_cells(marks["last"], is_time=True)])
            continue
        rows.extend(
            [words.get(name, name.replace("%", " %")), *_spread_cells(spread, is_time=True)]
            for name, spread in marks.items()
        )
    yield from table([_("from the release to"), *_spread_head()], rows, right=range(1, 8))


def _bodies(exercise: "Exercise", statistics: "Statistics", *, show_all: bool) -> Iterator[str]:
    from drillsim.cli.table import table
    from drillsim.evaluation.wording import node_name
    from drillsim.tui.views.times import short_length

    def length(value: float | None) -> str:
        return _NOTHING if value is None else short_length(timedelta(seconds=value))

    bodies = statistics.bodies
    shown = bodies if show_all else bodies[:BODIES_MAX]
    rows = [
        [
            node_name(exercise, body.node),
            _percent(body.critical.percent),
            _percent(body.last.percent),
            _percent(body.late.percent),
            _percent(body.missed.percent),
            length(body.delay.quantile(50)),
            length(body.delay.quantile(90)),
        ]
        for body in shown
    ]
    head = [
        _("body"),
        _("on the critical path"),
        _("answered last"),
        _("late answers"),
        _("no answer"),
        _("median"),
        "90 %",
    ]
    yield from table(head, rows, right=range(1, 7))
    if len(bodies) > len(shown):
        yield _("and {n} more; --all names all").format(n=len(bodies) - len(shown))


def _percent(percent: float | None) -> str:
    return _NOTHING if percent is None else f"{percent:.1f} %"
