"""`drillsim run`: a rehearsal from StartEx to its score."""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drillsim.cli.requirements import Requirement, judged, require_option
from drillsim.cli.requirements import as_json as requirements_json
from drillsim.i18n import _, language
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.conduct.clocks import Speed
    from drillsim.conduct.director import Outcome
    from drillsim.drill.board import Board

_PROGRESS_SECONDS = 0.2
CONTROL_ROOM_SPEED = 60.0


@click.command("run", help=_("Run a drill: a rehearsal with simulated officers over real mail."))
@click.argument("scenario")
@click.option("--contacts", metavar=_("FILE"), help=_("Another contact tree than the scenario's."))
@click.option(
    "--seed", type=click.IntRange(0, 2**63 - 1), help=_("What makes the rehearsal repeatable.")
)
@click.option(
    "--speed", metavar="max|N", help=_("Drill seconds per second; max: as fast as can be.")
)
@click.option(
    "--seat",
    "seats",
    multiple=True,
    metavar=_("NODE"),
    help=_("Where a person practises instead of being simulated: id or name; several times."),
)
@click.option(
    "--forecast/--no-forecast",
    "foresee",
    default=True,
    show_default=True,
    help=_("Keep in the drill's file what was to be expected."),
)
@click.option(
    "--by-hand",
    metavar=_("DIR"),
    help=_("A live drill: mails as files in DIR, sent by a person; answers are dropped there."),
)
@click.option(
    "--live",
    metavar=_("PROFILE"),
    help=_("A live drill over a mail server, as the profile (.toml) says; needs --real."),
)
@click.option("--real", is_flag=True, help=_("With --live: real people are to be mailed."))
@click.option(
    "--operator", metavar=_("NODE"), help=_("By hand: which body sends; else the prefecture.")
)
@click.option(
    "--one-mail",
    type=click.Choice(["to", "bcc", "no"]),
    help=_("By hand: one mail to many, all in To or in Bcc; no: one to each, as without it."),
)
@click.option("--any-day", is_flag=True, help=_("By hand: on another day than the scenario's."))
@click.option("--yes", is_flag=True, help=_("By hand: begin without typing the scenario's name."))
@click.option("--headless", is_flag=True, help=_("Without the control room."))
@require_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print the result as one JSON object."))
@click.option("--out", metavar=_("FILE"), help=_("Where to keep the drill; else in ./drills."))
def command(
    scenario: str,
    contacts: str | None,
    seed: int | None,
    speed: str | None,
    seats: tuple[str, ...],
    foresee: bool,
    by_hand: str | None,
    live: str | None,
    real: bool,
    operator: str | None,
    one_mail: str | None,
    any_day: bool,
    yes: bool,
    headless: bool,
    requirements: tuple[Requirement, ...],
    as_json: bool,
    out: str | None,
) -> ExitCode:
    """Run a rehearsal, or a live drill by hand or over a mail server."""
    if requirements and (live is not None or by_hand is not None or not (headless or as_json)):
        raise UsageError(
            _(
                "--require judges a rehearsal that ends here; add --headless, or judge the drill "
                "when it has ended with drillsim score --require"
            )
        )
    if live is not None or real:
        from drillsim.cli.run_live import run_live

        if live is None:
            raise UsageError(_("--real belongs to --live; name a profile with it"))
        if by_hand is not None:
            raise UsageError(_("a drill goes by hand or over a mail server; leave out one of them"))
        if seed is not None or speed is not None or seats:
            raise UsageError(
                _("--seed, --speed and --seat belong to a rehearsal; leave them out with --live")
            )
        if operator is not None or one_mail is not None or any_day or yes:
            raise UsageError(
                _(
                    "--operator, --one-mail, --any-day and --yes belong to --by-hand; "
                    "leave them out without it"
                )
            )
        place = Path(out) if out else None
        return run_live(
            scenario, contacts, live, place, real=real, headless=headless, as_json=as_json
        )
    if by_hand is not None:
        from drillsim.cli.by_hand import run_by_hand

        if seed is not None or speed is not None or seats:
            raise UsageError(
                _("--seed, --speed and --seat belong to a rehearsal; leave them out with --by-hand")
            )
        place = Path(out) if out else None
        return run_by_hand(
            scenario,
            contacts,
            by_hand,
            place,
            operator=operator,
            one_mail=one_mail,
            any_day=any_day,
            yes=yes,
            headless=headless,
            as_json=as_json,
        )
    if operator is not None or one_mail is not None or any_day or yes:
        raise UsageError(
            _(
                "--operator, --one-mail, --any-day and --yes belong to --by-hand; "
                "leave them out without it"
            )
        )
    pace = speed_of(speed, "max" if headless and not seats else CONTROL_ROOM_SPEED)
    if seats:
        from drillsim.conduct.seating import require_pace

        require_pace(pace)
    chosen = secrets.randbelow(2**31) if seed is None else seed
    path = Path(out) if out else None
    if headless or as_json:
        return run_headless(
            scenario,
            contacts,
            chosen,
            pace,
            path,
            seats,
            foresee=foresee,
            requirements=requirements,
            as_json=as_json,
        )
    return run_watched(scenario, contacts, chosen, pace, path, seats, foresee=foresee)


def speed_of(text: str | None, default: "Speed") -> "Speed":
    """Return the speed that a user means.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return default
    if text == "max":
        return "max"
    try:
        speed = float(text.removeprefix("x").removeprefix("×"))
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1_000_000:
        raise UsageError(
            _("--speed {value} is no speed; write max, or a number such as 60").format(
                value=clean_line(text)
            )
        )
    return speed


def run_watched(
    scenario: str,
    contacts: str | None,
    seed: int,
    speed: "Speed",
    path: Path | None,
    seats: Sequence[str],
    *,
    foresee: bool = True,
) -> ExitCode:
    """Run a rehearsal in a process of its own, and show its control room."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise UsageError(_("the control room needs a terminal; run with --headless"))
    from drillsim.cli.room import tell_what_next
    from drillsim.conduct.process import start_director
    from drillsim.tui.app import open_run_screen
    from drillsim.tui.orders import this_person

    drill = start_director(
        scenario,
        contacts=contacts,
        seed=seed,
        speed=speed,
        path=path,
        seats=seats,
        seated_by=this_person(),
        foreseen=_foreseen(scenario, contacts) if foresee else "",
    )
    open_run_screen(drill, lang=language(), seated=bool(seats))
    tell_what_next(drill)
    return ExitCode.DONE


def _foreseen(scenario: str, contacts: str | None) -> str:
    """Return the forecast to be kept; the director reads the files itself."""
    from drillsim.files.scenario_file import load_scenario
    from drillsim.forecast.kept import foreseen

    return foreseen(load_scenario(scenario, contacts).exercise).as_text()


def run_headless(
    scenario: str,
    contacts: str | None,
    seed: int,
    speed: "Speed",
    path: Path | None,
    seats: Sequence[str],
    *,
    foresee: bool = True,
    requirements: Sequence[Requirement] = (),
    as_json: bool,
) -> ExitCode:
    """Run a rehearsal in this process, and print its result."""
    from drillsim.conduct.rehearsal import Wanted, conduct, drill_path, lay_out
    from drillsim.conduct.seating import seat_nodes
    from drillsim.files.scenario_file import load_scenario
    from drillsim.forecast.kept import foreseen
    from drillsim.tui.orders import this_person

    loaded = load_scenario(scenario, contacts)
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    place = path if path is not None else drill_path(loaded.scenario.id)
    nodes = seat_nodes(seats, loaded.exercise)
    told = foreseen(loaded.exercise).as_text() if foresee else ""
    journal = lay_out(Wanted(loaded, seed, speed, place, nodes, this_person(), told))
    with progress_line() as progress:
        outcome = asyncio.run(conduct(journal, loaded, speed, progress))
    return tell(place, outcome, requirements, as_json=as_json)


def tell(
    path: Path, outcome: "Outcome", requirements: Sequence[Requirement] = (), *, as_json: bool
) -> ExitCode:
    """Print how a drill ended; return the exit code."""
    from drillsim.cli.summary import evaluated, summary_lines
    from drillsim.evaluation.summary import summary
    from drillsim.journal.reader import JournalReader

    if outcome.reason == "idle":
        click.echo(
            _("The drill is paused and was left; go on with drillsim resume {path}").format(
                path=path
            ),
            err=True,
        )
        return ExitCode.STOPPED
    with JournalReader(path) as reader:
        evaluation = evaluated(reader)
        meta = reader.opening.meta
        head, digest, count = reader.head, reader.digest, reader.count
        durable = reader.opening.durable
    if as_json:
        data = result(path, meta, summary(evaluation), outcome, digest) | {"durable": durable}
        if requirements:
            data["required"] = requirements_json(requirements, evaluation)
        click.echo(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        for line in summary_lines(evaluation):
            click.echo(line)
        click.echo("")
        click.echo(_("Drill: {path}").format(path=path))
        click.echo(_("Records: {count}  Head: {head}").format(count=count, head=head))
        click.echo(_("Digest: {digest}").format(digest=digest))
        click.echo(_durability(durable))
    code = judged(requirements, evaluation)
    return ExitCode.STOPPED if outcome.reason == "real-incident" else code


def _durability(durable: bool) -> str:
    if durable:
        return _("Each commit waited for the disk.")
    return _(
        "A rehearsal faster than real time does not wait for the disk: a power cut may cost its "
        "last moments."
    )


def result(
    path: Path,
    meta: Mapping[str, str],
    figures: Mapping[str, Any],
    outcome: "Outcome",
    digest: str,
) -> dict[str, Any]:
    """Return the object that `--json` prints (DESIGN, section 7)."""
    return {
        "drill": meta["id"],
        "file": str(path),
        **figures,
        "seed": int(meta["seed"]),
        "ended": outcome.reason,
        "drill_seconds": outcome.drill_seconds,
        "wall_seconds": round(outcome.wall_seconds, 3),
        "digest": digest,
    }


class progress_line:  # noqa: N801 - used like a function
    """A line on a terminal that says where the drill stands; nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._is_shown = False

    def __enter__(self) -> "progress_line":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, board: "Board", at: timedelta) -> None:
        """Show where the drill stands, at most some times a second."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown < _PROGRESS_SECONDS:
            return
        self._shown, self._is_shown = now, True
        seconds = int(at.total_seconds())
        clock = f"T+{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        text = _("{clock}  reached {reached} of {all}").format(
            clock=clock, reached=len(board.reached), all=len(board.exercise.to_be_reached)
        )
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
