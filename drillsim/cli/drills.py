"""`drillsim drills`: the drills that were run here, the newest first."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from drillsim.i18n import _
from drillsim.problem import CommandError, ExitCode
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.cli.standing import State
    from drillsim.drill.exercise import Exercise
    from drillsim.drill.ways import Way
    from drillsim.evaluation.evaluation import Evaluation
    from drillsim.journal import JournalReader

RECORDS_MAX: Final = 60_000
"""A drill of more records is listed without its figures; `status` and `score` have them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One drill as it is listed."""

    path: Path
    begun: datetime
    name: str
    scenario: str = ""
    title: str = ""
    mode: str = ""
    way: "Way | None" = None
    seed: int | None = None
    state: "State | None" = None
    """None for a file that cannot be read; `error` says why."""
    evaluation: "Evaluation | None" = None
    error: str = ""


@click.command(
    "drills",
    help=_(
        "List the drills of the folder drills below the current one, the newest first.\n\n"
        "Exit code: 1 if some file cannot be read."
    ),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(as_json: bool) -> ExitCode:
    """Print a table of drills."""
    from drillsim.journal.folder import FOLDER

    rows = list(rows_of(FOLDER))
    if as_json:
        data = {"drills": [_as_json(row) for row in rows]}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif rows:
        for line in _table(rows):
            click.echo(line)
    else:
        click.echo(_("No drill here yet; begin one with drillsim run."), err=True)
    for row in rows:
        if row.error:
            click.echo(row.error, err=True)
    return ExitCode.FOUND if any(row.error for row in rows) else ExitCode.DONE


def rows_of(folder: Path) -> Iterator[Row]:
    """Yield the drills in `folder`, the newest first."""
    from drillsim.journal import drills_in

    exercises: dict[tuple[tuple[str, str], ...], Exercise] = {}
    rows = [_row(path, exercises) for path in drills_in(folder)]
    rows.sort(key=lambda row: row.name)
    rows.sort(key=lambda row: row.begun, reverse=True)
    yield from rows


def _row(path: Path, exercises: "dict[tuple[tuple[str, str], ...], Exercise]") -> Row:
    from drillsim.cli.standing import other_version
    from drillsim.drill.board import IllegalEventError
    from drillsim.journal import JournalReader, created

    fault: CommandError
    try:
        with JournalReader(path) as reader:
            return _read(reader, exercises)
    except CommandError as error:
        fault = error
    except (ValueError, IllegalEventError):
        fault = other_version(path)
    begun = created("", path).astimezone()
    return Row(path, begun, path.stem, error=clean_line(str(fault)))


def _read(reader: "JournalReader", exercises: "dict[tuple[tuple[str, str], ...], Exercise]") -> Row:
    from drillsim.cli.standing import standing_of
    from drillsim.drill.ways import way_of
    from drillsim.evaluation.evaluation import evaluate
    from drillsim.files.scenario_file import load_stored
    from drillsim.journal import created

    meta = reader.opening.meta
    key = tuple(sorted(reader.opening.files.items()))
    exercise = exercises.get(key)
    if exercise is None:
        # Most drills of a folder are of a few scenarios: each is read once.
        exercise = exercises[key] = load_stored(reader.files).exercise
    standing = standing_of(reader)
    evaluation = None
    if len(standing.events) <= RECORDS_MAX:
        # Faults of the scenario belong to a rehearsal; a live drill meets real ones.
        with_faults = meta.get("mode") != "live"
        evaluation = evaluate(exercise, standing.events, with_faults=with_faults)
    return Row(
        path=reader.path,
        begun=created(meta.get("created", ""), reader.path).astimezone(exercise.zone),
        name=meta.get("id", reader.path.stem),
        scenario=exercise.scenario.id,
        title=exercise.scenario.title,
        mode=meta.get("mode", "rehearsal"),
        way=way_of(meta),
        seed=int(meta["seed"]) if meta.get("seed", "").isdecimal() else None,
        state=standing.state,
        evaluation=evaluation,
    )


def _as_json(row: Row) -> dict[str, Any]:
    reached = score = rating = None
    if row.evaluation is not None:
        reached = row.evaluation.reach.reached.as_json()
        if row.evaluation.score.is_final:
            score, rating = row.evaluation.score.total.score, row.evaluation.score.total.rating
    return {
        "drill": row.name,
        "file": str(row.path),
        "created": row.begun.isoformat(timespec="seconds"),
        "scenario": row.scenario or None,
        "title": row.title or None,
        "mode": row.mode or None,
        "way": row.way,
        "seed": row.seed,
        "state": row.state,
        "reached": reached,
        "score": score,
        "rating": rating,
        "error": row.error or None,
    }


def _table(rows: list[Row]) -> Iterator[str]:
    from drillsim.cli.standing import state_word
    from drillsim.cli.table import table
    from drillsim.drill.ways import way_word

    head = [
        _("drill"),
        _("begun"),
        _("mode"),
        _("seed"),
        _("state"),
        _("reached"),
        _("score"),
        _("title"),
    ]
    cells = []
    for row in rows:
        reached, score = "–", "–"
        if row.evaluation is not None:
            rate, mark = row.evaluation.reach.reached, row.evaluation.score.total
            reached = f"{rate.count}/{rate.of}"
            if row.evaluation.score.is_final and mark.score is not None:
                score = f"{mark.score:.1f} {mark.rating}"
        cells.append(
            [
                row.path.stem,  # What a user writes to mean it.
                f"{row.begun:%Y-%m-%d %H:%M}",
                way_word(row.way) if row.way is not None else "–",
                "–" if row.seed is None else str(row.seed),
                state_word(row.state) if row.state else _("unreadable"),
                reached,
                score,
                row.title,
            ]
        )
    yield from table(head, cells, right=(3, 5, 6))
