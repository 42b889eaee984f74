"""Reading scenarios and drills for the first screen."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from drillsim.drill import events as ev
from drillsim.drill.events import decode
from drillsim.drill.exercise import Exercise
from drillsim.files.places import files_in, shipped_files
from drillsim.files.scenario_file import LoadedScenario, load_scenario, load_stored
from drillsim.i18n import _
from drillsim.journal.errors import JournalError
from drillsim.journal.folder import FOLDER, drills_in
from drillsim.journal.reader import JournalReader
from drillsim.problem import CommandError
from drillsim.text import clean, clean_line
from drillsim.tui.directors import is_directed
from drillsim.tui.views.cards import SEED, DrillCard, Line, ScenarioCard
from drillsim.tui.views.names import Names
from drillsim.tui.views.times import full_length
from drillsim.tui.views.tone import Cell, Tone

_NODES_MAX: Final = 3_000
"""Above this a course is not worked out just to be shown."""
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
    return ScenarioCard(path, name, title, True, tuple(_about(loaded)))


def _about(loaded: LoadedScenario) -> Iterator[Line]:
    exercise, scenario = loaded.exercise, loaded.scenario
    names = Names(exercise)
    yield [Cell(clean_line(scenario.title), "strong")]
    for text in clean(scenario.purpose, limit=400).splitlines():
        yield [Cell(text)]
    yield []
    start = f"{exercise.start_ex:%Y-%m-%d %H:%M}"
    yield [Cell(_("begins {start}, window {window}").format(start=start, window=scenario.window))]
    wanted = exercise.to_be_reached
    kinds = Counter(node.kind for node in exercise.tree.nodes if node.id in wanted)
    counts = "  ".join(f"{names.kind(kind)} {count}" for kind, count in kinds.items())
    yield [Cell(_("to be reached: {count}").format(count=len(wanted)) + f"  ({counts})")]
    yield [Cell(_("contacts: {title}").format(title=clean_line(loaded.tree.title)))]
    yield []
    yield [Cell(_("Phases"), "strong")]
    yield from _phases(exercise, names)
    if len(loaded.tree.nodes) <= _NODES_MAX:
        yield []
        yield [Cell(_("What to expect (one rehearsal, seed {seed})").format(seed=SEED), "strong")]
        yield from _expected(exercise, names)
    if loaded.problems:
        yield []
        yield [Cell(_("Remarks"), "strong")]
        yield from ([Cell(str(problem), "late")] for problem in loaded.problems[:12])


def _phases(exercise: Exercise, names: Names) -> Iterator[Line]:
    for phase, state in exercise.scenario.phases.states.items():
        sends = ", ".join(names.inject(send.inject) for send in state.send)
        onward = ", ".join(dict.fromkeys(names.phase(step.to) for step in state.next))
        level: dict[int, Tone] = {2: "late", 3: "alarm"}
        line = [
            Cell(f"  {names.phase(phase)}  "),
            Cell(_("level {level}").format(level=state.level), level.get(state.level, "muted")),
        ]
        if sends:
            line.append(Cell("  ✉ " + sends, "control"))
        yield line
        if onward:
            yield [Cell(f"    -> {onward}", "muted")]


def _expected(exercise: Exercise, names: Names) -> Iterator[Line]:
    """Yield the course of one rehearsal, worked out by the pure kernel, without any mail."""
    from drillsim.world.course import Course

    course = Course(exercise, SEED)
    for event in course.run():
        at = f"  T+{full_length(event.at):>8}  "
        if isinstance(event, ev.PhaseEntered):
            yield [Cell(at, "muted"), Cell(names.phase(event.phase))]
        elif isinstance(event, ev.InjectReleased):
            yield [Cell(at, "muted"), Cell("✉ " + names.inject(event.inject), "control")]
        elif isinstance(event, ev.DrillEnded):
            yield [Cell(at, "muted"), Cell(_("end of the drill"))]
    board = course.board
    yield [
        Cell(
            _("  {reached} of {all} reached, {mails} mails").format(
                reached=len(board.reached & exercise.to_be_reached),
                all=len(exercise.to_be_reached),
                mails=board.mails_sent + board.mails_received,
            )
        )
    ]


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
    from drillsim.evaluation.evaluation import evaluate

    exercise = load_stored(reader.files).exercise
    is_over = reader.is_sealed
    if reader.count > _EVENTS_MAX:
        events = []
    else:
        events = [decode(record.data) for record in reader.events()]
    when = reader.opening.meta.get("created", "")
    reached, score = "", ""
    if events:
        result = evaluate(exercise, events, with_faults=reader.opening.meta.get("mode") != "live")
        board = result.timeline.board
        reached = f"{len(board.reached & exercise.to_be_reached)}/{len(exercise.to_be_reached)}"
        mark = result.score.total
        score = "" if mark.score is None else f"{mark.score:.0f} {mark.rating}"
        is_over = is_over or board.end is not None
    return DrillCard(
        path=path,
        title=clean_line(exercise.scenario.title),
        when=clean_line(when, limit=16).replace("T", " "),
        state=_state(is_over, is_directed(path)),
        reached=reached,
        score=score,
        is_over=is_over,
    )


def _state(is_over: bool, has_director: bool) -> Cell:
    if is_over:
        return Cell(_("ended"))
    return Cell(_("running"), "good") if has_director else Cell(_("cut off"), "late")
