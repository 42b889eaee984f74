"""Scenarios from files, with contact tree and preset that they name, and their calendar."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from drillsim.drill.calendar import Calendar
from drillsim.drill.durations import Period
from drillsim.drill.exercise import Exercise
from drillsim.drill.model import Unfit
from drillsim.drill.preset import Preset, is_file
from drillsim.drill.scenario import Inject, Scenario
from drillsim.drill.tree import ContactTree
from drillsim.files.checks.scenario_checks import check_scenario
from drillsim.files.model_faults import model_problems
from drillsim.files.office_hours import office_calendar
from drillsim.files.places import find, linked_file, relative_name
from drillsim.files.preset_file import load_preset, read_preset
from drillsim.files.tree_file import LoadedTree, TreeShelf, read_tree
from drillsim.files.yaml_nodes import Document, plain
from drillsim.files.yaml_reader import UnreadableError, read_bytes, read_document
from drillsim.problem import Problem, ProblemsError

SCENARIO = "scenario.yaml"
CONTACTS = "contacts.yaml"
PEOPLE = "people.yaml"
"""The names under which a journal keeps the files; PEOPLE where a preset file is named."""


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario that may be run: checked, with its contact tree and its calendar."""

    scenario: Scenario
    tree: ContactTree
    calendar: Calendar
    files: dict[str, bytes]
    """The files as they were, by the names SCENARIO, CONTACTS and PEOPLE: what a journal keeps."""
    path: Path | None
    """None for a scenario that comes out of a journal, as for `contacts_path`."""
    contacts_path: Path | None
    problems: tuple[Problem, ...] = ()
    """Warnings only, in file order; with an error there is no LoadedScenario."""

    @cached_property
    def exercise(self) -> Exercise:
        """The scenario on its tree, with look-ups."""
        return Exercise(self.scenario, self.tree, self.calendar)


def load_scenario(
    path: str | os.PathLike[str],
    contacts: str | os.PathLike[str] | None = None,
    trees: TreeShelf | None = None,
) -> LoadedScenario:
    """Return the scenario in the file that a user means by `path`.

    Args:
        path: a path, or the bare name of a scenario of the workspace or a shipped one.
        contacts: a contact tree to take in place of the one that the scenario names.
        trees: where contact trees are kept that other scenarios name too.

    Raises:
        UnreadableError: the scenario's file cannot be had.
        ProblemsError: it or the contact tree has errors; all are listed, with the warnings.
    """
    place = find(path, "scenarios")
    name = relative_name(place)
    data = read_bytes(place, name)
    document, scenario = read_scenario(data, name)
    faults: list[Problem] = []
    tree = _tree_of(document, scenario, place, contacts, trees or TreeShelf(), faults)
    people = _preset_of(document, scenario, place, faults)
    if tree is None or faults:
        rest = check_scenario(scenario, document)
        raise ProblemsError(_by_file([*faults, *rest], name))
    return _checked(document, scenario, data, tree, place, people)


def _tree_of(
    document: Document,
    scenario: Scenario,
    place: Path,
    contacts: str | os.PathLike[str] | None,
    trees: TreeShelf,
    faults: list[Problem],
) -> LoadedTree | None:
    """Return the scenario's contact tree, or None, with what is wrong with it in `faults`."""
    try:
        tree_path = (
            find(contacts, "contacts") if contacts else linked_file(place, scenario.contacts)
        )
        tree_name = relative_name(tree_path)
        return trees.load(Path(tree_name), tree_name)
    except Unfit as unfit:
        faults.append(_at_key(document, ("contacts",), unfit.message, unfit.remedy))
    except UnreadableError as error:
        if contacts:
            raise
        faults += _unreadable(document, ("contacts",), error)
    except ProblemsError as error:
        faults += error.problems
    return None


def _preset_of(
    document: Document, scenario: Scenario, place: Path, faults: list[Problem]
) -> tuple[Preset, bytes] | None:
    """Return the preset file that a scenario names; what is wrong with it goes into `faults`."""
    if not is_file(scenario.people.preset):
        return None
    key = ("people", "preset")
    try:
        path = linked_file(place, scenario.people.preset, "../people/learnt.yaml")
        return load_preset(path, relative_name(path))
    except Unfit as unfit:
        faults.append(_at_key(document, key, unfit.message, unfit.remedy))
    except UnreadableError as error:
        faults += _unreadable(document, key, error)
    except ProblemsError as error:
        faults += error.problems
    return None


def parse_scenario(
    data: bytes, name: str, tree: LoadedTree, path: Path | None = None
) -> LoadedScenario:
    """Return the scenario in `data` on a contact tree; problems call its file `name`.

    A preset file that it names is looked for from the folder of `path`.

    Raises:
        ProblemsError: it has errors, by itself or on this tree.
    """
    document, scenario = read_scenario(data, name)
    faults: list[Problem] = []
    people = _preset_of(document, scenario, path or Path(name), faults)
    if faults:
        raise ProblemsError(_by_file([*faults, *check_scenario(scenario, document)], name))
    return _checked(document, scenario, data, tree, path, people)


def _checked(
    document: Document,
    scenario: Scenario,
    data: bytes,
    tree: LoadedTree,
    path: Path | None,
    people: tuple[Preset, bytes] | None,
) -> LoadedScenario:
    calendar = calendar_of(scenario, tree.tree.zone)
    files = {SCENARIO: data, CONTACTS: tree.data}
    if people is not None:
        scenario = _with_people(scenario, people[0])
        files[PEOPLE] = people[1]
    exercise = Exercise(scenario, tree.tree, calendar)
    found = check_scenario(scenario, document, exercise, tree.document)
    problems = _by_file([*found, *tree.problems], document.name)
    if not all(problem.is_warning for problem in problems):
        raise ProblemsError(problems)
    return LoadedScenario(
        scenario=scenario,
        tree=tree.tree,
        calendar=calendar,
        files=files,
        path=path,
        contacts_path=tree.path,
        problems=tuple(problems),
    )


def _with_people(scenario: Scenario, preset: Preset) -> Scenario:
    people = scenario.people.with_preset_file(preset)
    return scenario.model_copy(update={"people": people})


def load_stored(files: Mapping[str, bytes]) -> LoadedScenario:
    """Return the scenario that a journal keeps, from `LoadedScenario.files`.

    It was checked when the drill was begun, and is not checked again: a later version that finds
    more may not make an old journal unreadable.

    Raises:
        ProblemsError: the files are no scenario and contact tree, or no preset.
    """
    _document, scenario = read_scenario(files[SCENARIO], SCENARIO)
    _document, tree = read_tree(files[CONTACTS], CONTACTS)
    kept = {name: files[name] for name in (SCENARIO, CONTACTS, PEOPLE) if name in files}
    if PEOPLE in kept:
        scenario = _with_people(scenario, read_preset(kept[PEOPLE], PEOPLE))
    return LoadedScenario(
        scenario=scenario,
        tree=tree,
        calendar=calendar_of(scenario, tree.zone),
        files=kept,
        path=None,
        contacts_path=None,
    )


def read_scenario(data: bytes, name: str) -> tuple[Document, Scenario]:
    """Return a scenario by itself, without what lies between it and its contact tree.

    Raises:
        UnreadableError: `data` is not UTF-8.
        ProblemsError: it is no scenario.
    """
    document = read_document(data, name)
    try:
        model = Scenario.model_validate(plain(document.root), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, document, Scenario)) from None
    return document, model


def calendar_of(scenario: Scenario, zone: str) -> Calendar:
    """Return the office hours that a scenario needs, in the zone of its contact tree."""
    days = max((p.business_days for p in _periods(scenario)), default=0)
    return office_calendar(scenario.start, zone, scenario.window, days)


def _periods(scenario: Scenario) -> Iterable[Period]:
    """Yield every period that may begin in the course of the drill."""
    for inject in scenario.injects:
        yield from _asked(inject)
    for phase in scenario.phases.states.values():
        yield from (send.after for send in phase.send)
        for step in phase.next:
            elapsed = getattr(step.when, "elapsed", None)
            if elapsed is not None:
                yield elapsed


def _asked(inject: Inject) -> Iterable[Period]:
    first, onward, report = inject.acknowledge, inject.pass_on, inject.report
    if first is not None:
        yield first.within
        yield from first.remind
        yield from (p for p in (first.stand_in_after, first.call_after, first.give_up_after) if p)
    if onward is not None:
        yield onward.within
    if report is not None:
        yield report.within
        yield from report.remind
        if report.cut_off is not None:
            yield report.cut_off


def _by_file(problems: Iterable[Problem], first: str) -> list[Problem]:
    """Return problems in file order, those of the file `first` before the others."""
    return sorted(problems, key=lambda p: (p.path != first, p.line, p.column, p.severity))


def _at_key(document: Document, key: tuple[str, ...], message: str, remedy: str) -> Problem:
    """Return a problem at the line that names another file."""
    at = document.place(key)
    return Problem(
        path=document.name, line=at.line, column=at.column, message=message, remedy=remedy
    )


def _unreadable(
    document: Document, key: tuple[str, ...], error: UnreadableError
) -> Iterator[Problem]:
    for problem in error.problems:
        message = f"{problem.path}: {problem.message}"
        yield _at_key(document, key, message, problem.remedy)
