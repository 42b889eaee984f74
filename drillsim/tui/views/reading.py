"""Reading scenarios and drills for the first screen."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from drillsim.drill.events import decode
from drillsim.drill.exercise import Exercise
from drillsim.drill.ways import is_live, way_of
from drillsim.evaluation.evaluation import Evaluation, evaluate
from drillsim.files.places import files_in, shipped_files
from drillsim.files.scenario_file import load_scenario, load_stored
from drillsim.i18n import _
from drillsim.journal.errors import JournalError
from drillsim.journal.folder import FOLDER, drills_in
from drillsim.journal.reader import JournalReader
from drillsim.problem import CommandError
from drillsim.text import clean_line
from drillsim.tui.directors import is_directed
from drillsim.tui.views.cards import DrillCard, ExpectedCard, Line, ScenarioCard
from drillsim.tui.views.finding import finding
from drillsim.tui.views.names import Names
from drillsim.tui.views.preview import about, expected_card
from drillsim.tui.views.tone import Cell

_EVENTS_MAX: Final = 60_000
"""Above this a past drill is listed without its score."""


def scenario_paths(workspace: Path) -> list[Path]:
    """Return the scenarios of a workspace, and the shipped ones that it has not."""
    own = files_in(workspace / "scenarios")
    names = {path.name for path in own}
    return [*own, *(path for path in shipped_files("scenarios") if path.name not in names)]


def drill_paths(workspace: Path) -> list[Path]:
    """Return the drills of a workspace, the newest first."""
    found = drills_in(workspace / FOLDER)
    return sorted(found, key=lambda path: os.stat(path).st_mtime, reverse=True)


def scenario_card(path: Path) -> ScenarioCard:
    """Read a scenario and work out what to expect of it; faults are told on the card."""
    name = clean_line(path.stem, limit=60)
    try:
        loaded = load_scenario(path)
    except CommandError as error:
        lines = [[Cell(line, "alarm")] for line in str(error).splitlines()[:20]]
        return ScenarioCard(path, name, name, False, (*lines,))
    title = clean_line(loaded.scenario.title)
    return ScenarioCard(path, name, title, True, tuple(about(loaded)))


def expected(path: Path) -> ExpectedCard:
    """Rehearse a scenario by the pure kernel, and return what to expect of it.

    Raises:
        CommandError: its files cannot be read any more.
    """
    return expected_card(load_scenario(path).exercise, path.stem)


def drill_card(path: Path) -> DrillCard:
    """Read a drill and evaluate it; one that cannot be read says so on its card."""
    try:
        with JournalReader(path) as reader:
            return _drill(path, reader)
    except (JournalError, CommandError, ValueError) as error:
        name = clean_line(path.stem, limit=60)
        return DrillCard(
            path, name, "", Cell(clean_line(str(error), limit=60), "alarm"), "", "", False
        )


def _drill(path: Path, reader: JournalReader) -> DrillCard:
    exercise = load_stored(reader.files).exercise
    is_over = reader.is_sealed
    if reader.count > _EVENTS_MAX:
        events = []
    else:
        events = [decode(record.data) for record in reader.events()]
    when = reader.opening.meta.get("created", "")
    reached, score = "", ""
    lines: tuple[Line, ...] = ()
    if events:
        result = evaluate(exercise, events, with_faults=not is_live(way_of(reader.opening.meta)))
        board = result.timeline.board
        reached = f"{len(board.reached & exercise.to_be_reached)}/{len(exercise.to_be_reached)}"
        mark = result.score.total
        score = "" if mark.score is None else f"{mark.score:.0f} {mark.rating}"
        is_over = is_over or board.end is not None
        lines = tuple(_outcome(exercise, result))
    return DrillCard(
        path=path,
        title=clean_line(exercise.scenario.title),
        when=clean_line(when)[:16].replace("T", " "),
        state=_state(is_over, is_directed(path)),
        reached=reached,
        score=score,
        is_over=is_over,
        way=way_of(reader.opening.meta),
        lines=lines,
    )


def _outcome(exercise: Exercise, result: Evaluation) -> Iterator[Line]:
    """Yield per message who was reached in each tier, and where the time lay."""
    names = Names(exercise)
    for inject in result.timeline.by_inject:
        tiers = [tier for tier in result.reach.tiers if tier.inject == inject]
        rates = "  ".join(
            f"{names.kind(tier.kind)} {tier.acknowledged.rate.count}/{tier.acknowledged.rate.of}"
            for tier in tiers
            if tier.acknowledged.rate.of
        )
        yield [Cell("✉ " + names.inject(inject), "control"), Cell("  " + rates)]
        found = finding(exercise, result, inject) if rates else ""
        if found:
            yield [Cell("  " + found, "muted")]


def _state(is_over: bool, has_director: bool) -> Cell:
    if is_over:
        return Cell(_("ended"))
    return Cell(_("running"), "good") if has_director else Cell(_("cut off"), "late")
