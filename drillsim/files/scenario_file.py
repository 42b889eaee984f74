"""Scenarios from files, with the contact tree they name and the calendar of their dates."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from drillsim.drill.calendar import Calendar
from drillsim.drill.durations import Period
from drillsim.drill.exercise import Exercise
from drillsim.drill.model import Unfit
from drillsim.drill.scenario import Inject, Scenario
from drillsim.drill.tree import ContactTree
from drillsim.files.checks.scenario_checks import check_scenario
from drillsim.files.model_faults import model_problems
from drillsim.files.office_hours import office_calendar
from drillsim.files.places import find, linked_file, relative_name
from drillsim.files.tree_file import LoadedTree, TreeShelf, read_tree
from drillsim.files.yaml_nodes import Document, plain
from drillsim.files.yaml_reader import UnreadableError, read_bytes, read_document
from drillsim.problem import Problem, ProblemsError

SCENARIO = "scenario.yaml"
CONTACTS = "contacts.yaml"
"""The names under which a journal keeps the two files."""


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario that may be run: checked, with its contact tree and its calendar."""

    scenario: Scenario
    tree: ContactTree
    calendar: Calendar
    files: dict[str, bytes]
    """The two files as they were, by the names SCENARIO and CONTACTS: what a journal keeps."""
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
    try:
        tree_path = (
            find(contacts, "contacts") if contacts else linked_file(place, scenario.contacts)
        )
        tree_name = relative_name(tree_path)
        tree = (trees or TreeShelf()).load(Path(tree_name), tree_name)
    except Unfit as unfit:
        at_contacts = [_at_contacts(document, unfit.message, unfit.remedy)]
        rest = check_scenario(scenario, document)
        raise ProblemsError(_by_file([*at_contacts, *rest], name)) from None
    except UnreadableError as error:
        if contacts:
            raise
        at_contacts = [
            _at_contacts(document, f"{problem.path}: {problem.message}", problem.remedy)
            for problem in error.problems
        ]
        rest = check_scenario(scenario, document)
        raise ProblemsError(_by_file([*at_contacts, *rest], name)) from None
    except ProblemsError as error:
        raise ProblemsError([*check_scenario(scenario, document), *error.problems]) from None
    return _checked(document, scenario, data, tree, place)


def parse_scenario(
    data: bytes, name: str, tree: LoadedTree, path: Path | None = None
) -> LoadedScenario:
    """Return the scenario in `data` on a contact tree; problems call its file `name`.

    Raises:
        ProblemsError: it has errors, by itself or on this tree.
    """
    return _checked(*read_scenario(data, name), data, tree, path)


def _checked(
    document: Document, scenario: Scenario, data: bytes, tree: LoadedTree, path: Path | None
) -> LoadedScenario:
    calendar = calendar_of(scenario, tree.tree.zone)
    exercise = Exercise(scenario, tree.tree, calendar)
    found = check_scenario(scenario, document, exercise, tree.document)
    problems = _by_file([*found, *tree.problems], document.name)
    if not all(problem.is_warning for problem in problems):
        raise ProblemsError(problems)
    return LoadedScenario(
        scenario=scenario,
        tree=tree.tree,
        calendar=calendar,
        files={SCENARIO: data, CONTACTS: tree.data},
        path=path,
        contacts_path=tree.path,
        problems=tuple(problems),
    )


def load_stored(files: Mapping[str, bytes]) -> LoadedScenario:
    """Return the scenario that a journal keeps, from `LoadedScenario.files`.

    It was checked when the drill was begun, and is not checked again: a later version that finds
    more may not make an old journal unreadable.

    Raises:
        ProblemsError: the files are no scenario and contact tree.
    """
    _document, scenario = read_scenario(files[SCENARIO], SCENARIO)
    _document, tree = read_tree(files[CONTACTS], CONTACTS)
    return LoadedScenario(
        scenario=scenario,
        tree=tree,
        calendar=calendar_of(scenario, tree.zone),
        files={SCENARIO: files[SCENARIO], CONTACTS: files[CONTACTS]},
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


def _at_contacts(document: Document, message: str, remedy: str) -> Problem:
    """Return a problem at the line that names the contact tree."""
    at = document.place(("contacts",))
    return Problem(
        path=document.name, line=at.line, column=at.column, message=message, remedy=remedy
    )
