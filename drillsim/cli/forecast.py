"""`drillsim forecast`: what to expect of a drill, from many rehearsals computed at once."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import _, language, ngettext, system_reason
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line, fit

if TYPE_CHECKING:
    from drillsim.cli.forecast_improve import Improvements
    from drillsim.files.scenario_file import LoadedScenario
    from drillsim.forecast.engine import Progress
    from drillsim.forecast.outlook import Mark, Outlook
    from drillsim.forecast.score import ExpectedScore

RUNS: Final = 10_000
RUNS_MAX: Final = 1_000_000
_SCORED: Final = 8
_POSTS: Final = 10
_HEIGHT: Final = 10
_NOTHING: Final = "–"
_BY_SUFFIX: Final = (".html", ".png", ".svg", ".json")


@click.command(
    "forecast",
    help=_(
        "Tell what to expect of SCENARIO: how long until the first, half, all have answered, and "
        "which posts hold the others up.\n\n"
        "Thousands of rehearsals are computed at once, without any mail. Each is to the "
        "millisecond what drillsim run does with the seed of that run."
    ),
)
@click.argument("scenario", metavar=_("SCENARIO"))
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "--runs",
    type=click.IntRange(1, RUNS_MAX),
    default=RUNS,
    show_default=True,
    help=_("How many rehearsals are computed."),
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=1,
    show_default=True,
    help=_("What makes the forecast repeatable."),
)
@click.option(
    "--run-seed",
    metavar=_("N"),
    type=click.IntRange(min=0),
    help=_("Only print the seed of the N-th run (from 0), for drillsim run --seed."),
)
@click.option(
    "--score-runs",
    type=click.IntRange(0, 1000),
    help=_("How many runs are rehearsed in full and scored. Default: 8, or 0 for many bodies."),
)
@click.option(
    "--improve",
    is_flag=True,
    help=_("Try changes at the bodies that hold the others up, and tell which helps most."),
)
@click.option(
    "--percent",
    type=click.IntRange(1, 99),
    default=90,
    show_default=True,
    help=_("With --improve: the share of the rehearsals that is looked at."),
)
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help=_("Where it is computed: on this machine, or on a Dask cluster."),
)
@click.option(
    "--scheduler",
    metavar=_("ADDRESS"),
    help=_("The address of the Dask scheduler; without it, workers are started here."),
)
@click.option(
    "-o",
    "--out",
    metavar=_("FILE"),
    type=click.Path(dir_okay=False),
    help=_("Write it to FILE: .html, .png, .svg or .json."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(
    scenario: str,
    contacts: str | None,
    runs: int,
    seed: int,
    run_seed: int | None,
    score_runs: int | None,
    improve: bool,
    percent: int,
    engine: str,
    scheduler: str | None,
    out: str | None,
    as_json: bool,
) -> ExitCode:
    """Print the forecast of a drill."""
    if out is not None and Path(out).suffix not in _BY_SUFFIX:
        raise UsageError(
            _("{path}: a forecast is written as {suffixes}").format(
                path=clean_line(out), suffixes=", ".join(_BY_SUFFIX)
            )
        )
    from drillsim.forecast.draws import seed_of_run

    if run_seed is not None:
        click.echo(seed_of_run(seed, run_seed))
        return ExitCode.DONE
    from drillsim.files.scenario_file import load_scenario

    loaded = load_scenario(scenario, contacts)
    if scheduler is not None and engine != "dask":
        raise UsageError(_("--scheduler belongs to --engine dask"))
    outlook = computed(loaded, seed, runs, scheduler, cluster=engine == "dask")
    score = _score(loaded, seed, runs, score_runs)
    page = Page(loaded, outlook, score)
    if improve:
        from drillsim.cli.forecast_improve import Improvements

        page.improvements = Improvements(loaded, outlook, percent, _progress())
    if out is not None:
        _write(Path(out), page)
    if as_json:
        click.echo(json.dumps(page.as_json(), ensure_ascii=False, indent=2))
    elif out is None:
        for line in page.lines(_columns()):
            click.echo(line)
    return ExitCode.DONE


def computed(
    loaded: "LoadedScenario",
    seed: int,
    runs: int,
    scheduler: str | None = None,
    *,
    cluster: bool = False,
) -> "Outlook":
    """Compute a forecast, with its progress on a terminal."""
    from drillsim.forecast.engine import Job, compute
    from drillsim.forecast.outlook import Outlook

    job = Job(loaded.exercise, seed, runs)
    if cluster:
        from drillsim.forecast.cluster import compute_on_cluster

        tally = compute_on_cluster(job, scheduler, _progress())
    else:
        tally = compute(job, progress=_progress())
    return Outlook(loaded.exercise, seed, tally)


def _progress() -> "Progress | None":
    if not sys.stderr.isatty():
        return None

    def tell(done: int, of: int) -> None:
        end = "\n" if done >= of else ""
        click.echo(f"\r{done:,} / {of:,}{end}", nl=False, err=True)

    return tell


def _score(
    loaded: "LoadedScenario", seed: int, runs: int, wanted: int | None
) -> "ExpectedScore | None":
    from drillsim.forecast.engine import Job
    from drillsim.forecast.score import expected_score

    usual = _SCORED if Job(loaded.exercise, seed, 1).notices <= 1000 else 0
    count = min(usual if wanted is None else wanted, runs)
    return expected_score(loaded.exercise, seed, count) if count else None


def _columns() -> int:
    import shutil

    return max(min(shutil.get_terminal_size((80, 24)).columns, 120), 40)


def _write(path: Path, page: "Page") -> None:
    from drillsim.forecast import chart

    key = page.outlook.main_tier()
    if path.suffix == ".json":
        data = json.dumps(page.as_json(), ensure_ascii=False, indent=2).encode()
    elif path.suffix == ".html":
        words = [*page.head(), *(page.improvements.words() if page.improvements else ())]
        data = chart.page(page.outlook, words, list(page.all_tables()), language()).encode()
    elif key is None:
        raise UsageError(
            _("{path}: nobody is asked to answer, so there is no curve").format(path=path)
        )
    else:
        spec = chart.curve_spec(page.outlook, key)
        data = chart.png(spec) if path.suffix == ".png" else chart.svg(spec).encode()
    try:
        path.write_bytes(data)
    except OSError as fault:
        raise UsageError(
            _("{path}: cannot be written: {why}").format(
                path=clean_line(str(path)), why=system_reason(fault)
            )
        ) from None
    click.echo(_("Written to {path}.").format(path=clean_line(str(path))), err=True)


class Page:
    """A forecast in words and tables."""

    def __init__(
        self, loaded: "LoadedScenario", outlook: "Outlook", score: "ExpectedScore | None"
    ) -> None:
        self.loaded, self.outlook, self.score = loaded, outlook, score
        self.exercise = outlook.exercise
        self.improvements: Improvements | None = None

    def as_json(self) -> dict[str, object]:
        """Return it for other programs."""
        data = self.outlook.as_json()
        data["score"] = (
            None
            if self.score is None
            else {
                "mean": round(self.score.mean, 2),
                "standard_error": round(self.score.error, 2),
                "runs": len(self.score.scores),
            }
        )
        if self.improvements is not None:
            data["improve"] = self.improvements.as_json()
        return data

    def lines(self, columns: int) -> Iterator[str]:
        """Yield the forecast for a terminal."""
        from drillsim.cli.table import table

        yield clean_line(self.exercise.scenario.title)
        yield from self.head()
        yield ""
        yield from self.curve(columns)
        for heading, (head, *rows) in self.tables():
            yield ""
            yield heading
            yield from table(head, rows, right=range(1, len(head)))
        if self.improvements is not None:
            yield ""
            yield from self.improvements.lines()

    # Sentences ----------------------------------------------------------------------------------

    def head(self) -> Iterator[str]:
        """Yield what was computed and what comes of it, in sentences."""
        from drillsim.tui.views.times import short_length

        tally = self.outlook.tally
        said = ngettext(
            "{n} rehearsal with seed {seed}, computed without any mail.",
            "{n} rehearsals with seed {seed}, computed without any mail.",
            tally.runs,
        )
        yield said.format(n=f"{tally.runs:,}", seed=self.outlook.seed)
        low, middle, high = (_length(at) for at in self.outlook.end)
        yield _(
            "The drill ends after {middle} (90 % of the rehearsals: {low} to {high}); "
            "{share} of them come to the final phase."
        ).format(middle=middle, low=low, high=high, share=_percent(tally.finals / tally.runs))
        yield _("Everybody is reached in {share} of the rehearsals.").format(
            share=_percent(self.outlook.everybody)
        )
        weak = self.outlook.posts()[:1]
        if weak and weak[0].slowest > 0:
            yield _(
                "The weak post is {post}: in {share} of the rehearsals the message lay longest "
                "there."
            ).format(post=self._post(weak[0].inject, weak[0].node), share=_percent(weak[0].slowest))
        if self.score is not None:
            yield _(
                "Expected score {mean} (± {error}, from {n} of these runs rehearsed in full)."
            ).format(
                mean=f"{self.score.mean:.1f}",
                error=f"{self.score.error:.1f}",
                n=len(self.score.scores),
            )
        yield from self._by_kernel()
        yield _(
            "Times count from the release of each message; {example} is minutes and seconds."
        ).format(example=short_length(timedelta(minutes=12, seconds=30)))

    def _by_kernel(self) -> Iterator[str]:
        tally = self.outlook.tally
        if tally.unfit:
            yield _(
                "Every run was rehearsed one by one, which takes longer, because {reason}."
            ).format(reason=_reason(tally.unfit))
        elif tally.whole or tally.alone:
            yield _(
                "Rehearsed one by one, since arrays cannot tell: {runs} runs, {notices} notices."
            ).format(runs=f"{tally.whole:,}", notices=f"{tally.alone:,}")

    def _post(self, inject: str, node: str) -> str:
        from drillsim.evaluation.wording import inject_name, node_name

        return _("{node} ({inject})").format(
            node=clean_line(node_name(self.exercise, node)),  # type: ignore[arg-type]
            inject=clean_line(inject_name(self.exercise, inject)),  # type: ignore[arg-type]
        )

    # The curve ----------------------------------------------------------------------------------

    def curve(self, columns: int) -> Iterator[str]:
        """Yield the answer curve of the largest tier with its band."""
        from drillsim.evaluation.wording import inject_name, kind_word

        key = self.outlook.main_tier()
        if key is None:
            return
        until = self.outlook.span(key)
        width = columns - 6
        points = self.outlook.curve(key, until, width)[1:]
        yield _("{inject}, {kind}: answered by then").format(
            inject=clean_line(inject_name(self.exercise, key[0])), kind=kind_word(key[1])
        )
        for row in range(_HEIGHT, 0, -1):
            level = (row - 0.5) / _HEIGHT
            label = {_HEIGHT: "100%", _HEIGHT // 2: " 50%"}.get(row, "")
            cells = "".join(
                "█" if sure >= level else "▒" if middle >= level else "░" if rare >= level else " "
                for _at, (sure, middle, rare) in points
            )
            yield f"{fit(label, 4)} │{cells.rstrip()}"
        yield "     └" + "─" * width
        half, end = _length(until / 2), _length(until)
        gap = width // 2 - len(half) // 2 - 1
        yield (
            "      0"
            + fit(half, gap + len(half) - 1, right=True)
            + fit(end, width - gap - len(half), right=True)
        )
        yield "      " + _("█ in 95 % of the rehearsals  ▒ in half of them  ░ in 5 %")

    # Tables -------------------------------------------------------------------------------------

    def tables(self) -> Iterator[tuple[str, list[list[str]]]]:
        """Yield each table with its heading; the first row is the head."""
        yield _("When they have answered"), self._marks()
        yield _("Everybody has answered by then, share of the rehearsals"), self._by()
        posts = self._posts()
        if len(posts) > 1:
            yield _("Which posts hold the others up, share of the rehearsals"), posts

    def all_tables(self) -> Iterator[tuple[str, list[list[str]]]]:
        """Yield the tables, with that of `--improve`."""
        yield from self.tables()
        if self.improvements is not None and self.improvements.found:
            yield self.improvements.heading(), self.improvements.rows()

    def _marks(self) -> list[list[str]]:
        head = [_("answered"), _("5 % by"), _("half by"), _("95 % by"), _("comes about")]
        rows = [head]
        for tier in self.outlook.tiers():
            rows.append([self._tier(tier.inject, tier.kind, tier.of)])
            names = {"first", "last"} if tier.of == 1 else {m.name for m in tier.marks}
            rows += [_mark_row(mark) for mark in tier.marks if mark.name in names - {"last"}]
        return rows

    def _tier(self, inject: str, kind: str, of: int) -> str:
        from drillsim.evaluation.wording import inject_name, kind_word

        return _("{inject}: {kind} ({n})").format(
            inject=clean_line(inject_name(self.exercise, inject)),  # type: ignore[arg-type]
            kind=kind_word(kind),  # type: ignore[arg-type]
            n=of,
        )

    def _by(self) -> list[list[str]]:
        tiers = list(self.outlook.tiers())
        limits = [at for at, _share in tiers[0].by] if tiers else []
        head = ["", *(_length(at) for at in limits)]
        return [head] + [
            [
                self._tier(tier.inject, tier.kind, tier.of),
                *(_percent(share) for _at, share in tier.by),
            ]
            for tier in tiers
        ]

    def _posts(self) -> list[list[str]]:
        head = [_("body"), _("lay longest"), _("on the path"), _("is reached"), _("in time")]
        rows = [head]
        for post in self.outlook.posts()[:_POSTS]:
            if post.slowest:
                shares = (post.slowest, post.on_path, post.reached, post.in_time)
                rows.append([self._post(post.inject, post.node), *map(_percent, shares)])
        return rows


def _mark_row(mark: "Mark") -> list[str]:
    word = {"first": _("the first"), "100%": _("everybody"), "last": _("the last")}.get(mark.name)
    return [
        word or mark.name.replace("%", " %"),
        _length(mark.low),
        _length(mark.middle),
        _length(mark.high),
        _percent(mark.came),
    ]


def _length(at: timedelta | None) -> str:
    from drillsim.tui.views.times import short_length

    return _NOTHING if at is None else short_length(at)


def _percent(share: float) -> str:
    """Return a share in whole per cent; what is not all or nothing does not look so."""
    percent = round(100 * share)
    if share > 0 and percent == 0:
        return "<1 %"
    if share < 1 and percent == 100:
        return ">99 %"
    return f"{percent} %"


def _reason(unfit: str) -> str:
    return {
        "phases-come-again": _("a phase may be entered more than once"),
        "no-time": _("a period has no length"),
        "many-reminders": _("there are very many reminders"),
        "no-share": _("a phase waits for a share of 0 %"),
        "answer-names-a-person": _("a phase waits for who filled in a form"),
    }[unfit]
