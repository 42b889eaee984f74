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
from drillsim.files.tree_file import LoadedTree, TreeShelf, parse_tree
from drillsim.files.yaml_nodes import Document, plain
from drillsim.files.yaml_reader import UnreadableError, read_bytes, read_document
from drillsim.i18n import _
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
    if contacts is not None:
        tree_path = find(contacts, "contacts")
    else:
        tree_path = _linked(document, scenario, place)
    tree_name = relative_name(tree_path)
    try:
        tree = (trees or TreeShelf()).load(Path(tree_name), tree_name)
    except UnreadableError as error:
        if contacts is not None:
            raise
        missing = _at_contacts(document, tree_name, error)
        rest = check_scenario(scenario, document)
        raise ProblemsError(_by_file([*missing, *rest], document.name)) from None
    except ProblemsError as error:
        raise ProblemsError([*check_scenario(scenario, document), *error.problems]) from None
    return _put_together(scenario, document, data, place, tree)


def load_stored(files: Mapping[str, bytes]) -> LoadedScenario:
    """Return the scenario that a journal keeps, from `LoadedScenario.files`.

    Raises:
        ProblemsError: the files have errors; those of a journal had none when it was begun.
    """
    document, scenario = read_scenario(files[SCENARIO], SCENARIO)
    tree = parse_tree(files[CONTACTS], CONTACTS)
    return _put_together(scenario, document, files[SCENARIO], None, tree)


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


def _put_together(
    scenario: Scenario,
    document: Document,
    data: bytes,
    path: Path | None,
    tree: LoadedTree,
) -> LoadedScenario:
    """Check what lies between the two files."""
    calendar = calendar_of(scenario, tree.tree.zone)
    exercise = Exercise(scenario, tree.tree, calendar)
    found = check_scenario(scenario, document, exercise, tree.document)
    problems = _by_file([*found, *tree.problems], document.name)
    if any(problem.severity == "error" for problem in problems):
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


def _by_file(problems: Iterable[Problem], first: str) -> list[Problem]:
    """Return problems in file order, those of the file `first` before the others."""
    return sorted(problems, key=lambda p: (p.path != first, p.line, p.column, p.severity))


def _linked(document: Document, scenario: Scenario, path: Path) -> Path:
    try:
        return linked_file(path, scenario.contacts)
    except Unfit as unfit:
        at = document.place(("contacts",))
        raise ProblemsError(
            [
                Problem(
                    path=document.name,
                    line=at.line,
                    column=at.column,
                    message=unfit.message,
                    remedy=unfit.remedy,
                )
            ]
        ) from None


def _at_contacts(document: Document, tree_name: str, error: ProblemsError) -> list[Problem]:
    """Return that the contact tree cannot be had, at the line that names it."""
    at = document.place(("contacts",))
    return [
        Problem(
            path=document.name,
            line=at.line,
            column=at.column,
            message=_("{file}: {what}").format(file=tree_name, what=problem.message),
            remedy=problem.remedy,
        )
        for problem in error.problems
    ]
