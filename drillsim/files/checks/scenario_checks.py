"""What is wrong between the entries of a scenario, and between it and its contact tree."""

import re
from collections.abc import Iterator
from datetime import time, timedelta

from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Scenario
from drillsim.filenames import is_device
from drillsim.files.checks.findings import Findings
from drillsim.files.checks.form_checks import check_forms
from drillsim.files.checks.inject_checks import check_injects
from drillsim.files.checks.node_names import NodeNames
from drillsim.files.checks.phase_checks import check_phases
from drillsim.files.checks.reach_checks import check_people
from drillsim.files.checks.rehearsal_checks import check_rehearsal
from drillsim.files.checks.text_checks import check_texts
from drillsim.files.office_hours import CLOSES, OPENS, closed_because
from drillsim.files.yaml_nodes import Document
from drillsim.i18n import _
from drillsim.problem import Problem

_UNANNOUNCED = {
    "ja": re.compile("予告(?:して(?:い)?(?:ません|ない)|なし|のない)"),
    "en": re.compile(r"not\s+(?:been\s+)?announced|unannounced", re.IGNORECASE),
}
"""How a text says that nobody was told of the drill beforehand."""

_LUNCH = (time(12, 0), time(13, 0))


def check_scenario(
    scenario: Scenario,
    document: Document,
    exercise: Exercise | None = None,
    tree_document: Document | None = None,
) -> list[Problem]:
    """Return every problem of a scenario, in file order, and those it finds in its contact tree.

    `exercise` and `tree_document` are the scenario on its tree, and the tree's file; without them
    (the tree has errors of its own) only the scenario by itself is looked at.
    """
    findings = Findings(document)
    if is_device(scenario.id):
        findings.error(
            ("id",),
            _("{name} is the name of a device under Windows").format(name=scenario.id),
            _("write another id, since the drill's file is named after it"),
        )
    check_forms(scenario, findings)
    if len(scenario.by_id) < len(scenario.injects):
        exercise = None  # With doubled ids, nobody can tell which inject is meant.
    else:
        check_phases(scenario, exercise, findings)
    names = None
    if exercise is not None and tree_document is not None:
        names = NodeNames(exercise.tree, tree_document.name)
    check_injects(scenario, exercise, names, findings)
    check_texts(scenario, exercise, findings)
    _check_announcement(scenario, findings)
    problems: list[Problem] = []
    if exercise is not None and tree_document is not None and names is not None:
        _check_nodes(scenario, exercise, names, findings)
        check_rehearsal(scenario, exercise, names, findings)
        _check_start(exercise, findings)
        tree_findings = Findings(tree_document)
        check_people(exercise, tree_findings)
        problems = tree_findings.in_order()
    return findings.in_order() + problems


def _check_announcement(scenario: Scenario, findings: Findings) -> None:
    """Remark on a blind drill none of whose texts says so, as that of 宮津市 (2024) did."""
    if scenario.announcement != "none":
        return
    said = _UNANNOUNCED[scenario.lang]
    if not any(said.search(text) for text in _sent_texts(scenario)):
        findings.warn(
            ("announcement",),
            _("no text says that this drill was not announced"),
            _("write 「この訓練は予告していません。」 in the first message")
            if scenario.lang == "ja"
            else _("write “This drill was not announced.” in the first message"),
        )


def _sent_texts(scenario: Scenario) -> Iterator[str]:
    for inject in scenario.injects:
        yield inject.body
        if inject.pass_on is not None:
            yield inject.pass_on.body
    yield from scenario.values.values()
    yield from scenario.facts.values()


def _check_nodes(
    scenario: Scenario, exercise: Exercise, names: NodeNames, findings: Findings
) -> None:
    for node in scenario.participants.except_:
        if node not in exercise.tree.by_id:
            findings.key_error(("participants", "except", node), *names.missing(node))
    if not exercise.participants:
        findings.error(
            ("participants",), _("nobody takes part"), _("write default: all, or name who does")
        )


def _check_start(exercise: Exercise, findings: Findings) -> None:
    """Remark on a StartEx at which nobody is in the office."""
    scenario, start = exercise.scenario, exercise.start_ex
    if scenario.start.utcoffset() != start.utcoffset():
        findings.warn(
            ("start",),
            _("start is not in the zone of the contact tree, where it is {time}").format(
                time=start.strftime("%Y-%m-%d %H:%M")
            ),
            _("write {time}").format(time=start.isoformat(timespec="minutes")),
        )
    if scenario.hours == "off-hours":
        if exercise.calendar.is_open(timedelta(0)):
            findings.warn(
                ("start",),
                _("the contacts for nights and holidays are used, but offices are open"),
                _("write another start, or hours: office"),
            )
        return
    closed = closed_because(start.date(), exercise.tree.zone)
    if closed is not None:
        findings.warn(
            ("start",),
            _("{date} is no working day ({reason})").format(
                date=start.date().isoformat(), reason=closed
            ),
            _("write another day, or hours: off-hours if that is meant"),
        )
    elif not OPENS <= start.time() < CLOSES:
        findings.warn(
            ("start",),
            _("{time} is outside office hours").format(time=start.strftime("%H:%M")),
            _("write a time from 08:30 to 17:15, or hours: off-hours if that is meant"),
        )
    elif _LUNCH[0] <= start.time() < _LUNCH[1]:
        findings.warn(
            ("start",),
            _("{time} is in the midday break").format(time=start.strftime("%H:%M")),
            _("write a time before 12:00 or from 13:00"),
        )
