"""What is wrong with the people, faults and scoring of a rehearsal."""

from fractions import Fraction

from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Scenario, Scoring
from drillsim.drill.tree import NodeId
from drillsim.files.checks.findings import Findings
from drillsim.files.checks.node_names import NodeNames
from drillsim.files.model_faults import did_you_mean, listed, shown
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _


def check_rehearsal(
    scenario: Scenario, exercise: Exercise, names: NodeNames, findings: Findings
) -> None:
    """Find unknown nodes, officers and fields among simulated people and faults."""
    tree = exercise.tree
    fields = sorted({field.id for form in scenario.forms.values() for field in form})
    for node, person in scenario.people.nodes.items():
        path: Path = ("people", "nodes", node)
        if node not in tree.by_id:
            findings.key_error(path, *names.missing(node))
            continue
        for key, officers in (
            ("absent", person.absent),
            ("silent", person.silent),
            ("dead", person.dead),
        ):
            for n, officer in enumerate(officers):
                _check_officer(node, officer, (*path, key, n), exercise, findings)
        for field in person.answers:
            if field not in fields:
                meant = did_you_mean(field, fields)
                findings.key_error(
                    (*path, "answers", field),
                    _("no form has the field {field}").format(field=shown(field)),
                    _("did you mean {word}?").format(word=meant)
                    if meant
                    else _("write the id of a field of a form"),
                )
        for n, child in enumerate(person.leave_out):
            if child not in tree.children[node]:
                below = [str(c) for c in tree.children[node]]
                meant = did_you_mean(child, below)
                findings.error(
                    (*path, "leave-out", n),
                    _("{child} is no child of {node}").format(child=shown(child), node=node),
                    _("did you mean {word}?").format(word=meant)
                    if meant
                    else _("write the id of one of its children"),
                )
        for fact in person.tells:
            if fact not in scenario.facts:
                meant = did_you_mean(fact, list(scenario.facts))
                findings.key_error(
                    (*path, "tells", fact),
                    _("there is no fact {fact}").format(fact=shown(fact)),
                    _("did you mean {word}?").format(word=meant)
                    if meant
                    else _("write the name of a fact under facts"),
                )
    for n, fault in enumerate(scenario.faults):
        at: Path = ("faults", n)
        if fault.node not in tree.by_id:
            findings.error((*at, "node"), *names.missing(fault.node))
        elif fault.officer is not None:
            _check_officer(fault.node, fault.officer, (*at, "officer"), exercise, findings)
    _check_telephone(scenario, findings)
    _check_scoring(scenario, findings)


def _check_officer(
    node: NodeId, officer: int, path: Path, exercise: Exercise, findings: Findings
) -> None:
    count = len(exercise.tree.by_id[node].officers)
    if not 1 <= officer <= count:
        findings.error(
            path,
            _("{node} has no officer {officer}").format(node=node, officer=officer),
            _("write {choices}").format(choices=listed([str(n + 1) for n in range(count)]))
            if count
            else _("name officers in the contact tree"),
        )


def _check_telephone(scenario: Scenario, findings: Findings) -> None:
    phone = scenario.people.telephone
    if phone is not None and phone.answered + phone.message + phone.voicemail > Fraction(1):
        findings.error(
            ("people", "telephone"),
            _("the shares of calls add up to more than 100%"),
            _("write smaller shares"),
        )


def _check_scoring(scenario: Scenario, findings: Findings) -> None:
    if scenario.scoring == Scoring():
        return
    from drillsim.evaluation.rubric import rubric_faults  # 70 ms, with the whole board.

    for fault in rubric_faults(scenario.scoring):
        add = findings.key_error if fault.is_key else findings.error
        add(("scoring", *fault.key), fault.message, fault.remedy)
