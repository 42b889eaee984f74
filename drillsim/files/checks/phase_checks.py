"""What is wrong with the phases: ways that lead nowhere, conditions that cannot hold."""

from collections.abc import Iterable

from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import (
    Condition,
    Inject,
    InjectId,
    PhaseId,
    Scenario,
    WhenAcknowledged,
    WhenAnswer,
    WhenElapsed,
    WhenOperator,
    WhenPassedOn,
    WhenReported,
)
from drillsim.files.checks.findings import Findings
from drillsim.files.model_faults import did_you_mean, listed, shown
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _


def check_phases(scenario: Scenario, exercise: Exercise | None, findings: Findings) -> None:
    """Find unknown, unreachable and dead-end phases, and faults in their conditions."""
    phases = scenario.phases
    if phases.initial not in phases.states:
        findings.error(("phases", "initial"), *_no_phase(phases.initial, scenario))
    sent = _sent(scenario)
    for name, phase in phases.states.items():
        path: Path = ("phases", "states", name)
        for n, send in enumerate(phase.send):
            if send.inject not in scenario.by_id:
                findings.error((*path, "send", n, "inject"), *no_inject(send.inject, scenario))
            elif scenario.by_id[send.inject].contingency:
                findings.warn(
                    (*path, "send", n),
                    _("{inject} is for the operator, but this phase sends it").format(
                        inject=send.inject
                    ),
                    _("remove it here, or its contingency: true"),
                )
        for n, step in enumerate(phase.next):
            if step.to not in phases.states:
                findings.error((*path, "next", n, "to"), *_no_phase(step.to, scenario))
            when = (*path, "next", n, "when")
            _check_condition(step.when, when, scenario, exercise, sent, findings)
        if phase.final and phase.next:
            findings.error(
                (*path, "next"),
                _("the final phase {phase} leads on").format(phase=name),
                _("remove next, or final: true"),
            )
        elif not phase.final and not phase.next:
            findings.key_error(
                path,
                _("the phase {phase} leads nowhere").format(phase=name),
                _("write next, or final: true"),
            )
    _check_ways(scenario, findings)


def no_inject(name: str, scenario: Scenario) -> tuple[str, str]:
    """Return what to say of an id that no inject has."""
    known = [str(inject.id) for inject in scenario.injects]
    return _unknown(_("there is no inject {name}").format(name=shown(name)), name, known)


def _no_phase(name: str, scenario: Scenario) -> tuple[str, str]:
    known = [str(phase) for phase in scenario.phases.states]
    return _unknown(_("there is no phase {name}").format(name=shown(name)), name, known)


def _unknown(message: str, name: str, known: list[str]) -> tuple[str, str]:
    meant = did_you_mean(name, known)
    if meant is not None:
        return message, _("did you mean {word}?").format(word=meant)
    return message, _("write {choices}").format(choices=listed(known))


def _sent(scenario: Scenario) -> set[InjectId]:
    """Return the injects that are ever sent: by a phase, or by the operator."""
    sent = {send.inject for phase in scenario.phases.states.values() for send in phase.send}
    return sent | {inject.id for inject in scenario.injects if inject.contingency}


def _check_ways(scenario: Scenario, findings: Findings) -> None:
    """Find phases that cannot be reached, and those from which no final phase can be."""
    states = scenario.phases.states
    if scenario.phases.initial not in states:
        return
    onward = {name: [step.to for step in phase.next] for name, phase in states.items()}
    back: dict[PhaseId, list[PhaseId]] = {name: [] for name in states}
    for name, targets in onward.items():
        for target in targets:
            if target in back:
                back[target].append(name)
    reached = _closure([scenario.phases.initial], onward)
    finals = [name for name, phase in states.items() if phase.final]
    ending = _closure(finals, back)
    for name, phase in states.items():
        path = ("phases", "states", name)
        if name not in reached:
            findings.key_error(
                path,
                _("no way leads to the phase {phase}").format(phase=name),
                _("name it in a next, or remove it"),
            )
        elif finals and name not in ending and phase.next:
            findings.key_error(
                path,
                _("from the phase {phase} no final phase can be reached").format(phase=name),
                _("lead it on to a phase with final: true"),
            )
    if not finals:
        findings.error(
            ("phases", "states"),
            _("no phase is final, so the drill has no end"),
            _("write final: true in the last phase"),
        )


def _closure(start: Iterable[PhaseId], onward: dict[PhaseId, list[PhaseId]]) -> set[PhaseId]:
    seen: set[PhaseId] = set()
    queue = list(start)
    while queue:
        at = queue.pop()
        if at not in seen and at in onward:
            seen.add(at)
            queue.extend(onward[at])
    return seen


def _check_condition(
    when: Condition,
    path: Path,
    scenario: Scenario,
    exercise: Exercise | None,
    sent: set[InjectId],
    findings: Findings,
) -> None:
    if isinstance(when, WhenElapsed | WhenOperator):
        return
    key, name = _about(when)
    at = (*path, key)
    inject = scenario.by_id.get(name)
    if inject is None:
        findings.error(at, *no_inject(name, scenario))
        return
    lack = _cannot_hold(when, inject)
    if lack is not None:
        findings.error(at, *lack)
        return
    if isinstance(when, WhenAnswer):
        _check_answer(when, inject, path, scenario, findings)
    if name not in sent and sent <= scenario.by_id.keys():
        findings.error(
            at,
            _("no phase sends {inject}, so this cannot hold").format(inject=name),
            _("send it, or name another inject"),
        )
    elif exercise is not None and when.of is not None:
        _check_tier(when.of, inject, (*path, "of"), exercise, findings)


def _about(
    when: WhenAcknowledged | WhenReported | WhenPassedOn | WhenAnswer,
) -> tuple[str, InjectId]:
    """Return the key of a condition, and the inject that it names."""
    match when:
        case WhenAcknowledged():
            return "acknowledged", when.acknowledged
        case WhenReported():
            return "reported", when.reported
        case WhenPassedOn():
            return "passed-on", when.passed_on
        case WhenAnswer():
            return "answer", when.inject


def _cannot_hold(when: Condition, inject: Inject) -> tuple[str, str] | None:
    match when:
        case WhenAcknowledged() if inject.acknowledge is None and inject.report is None:
            return (
                _("{inject} asks for no acknowledgement").format(inject=inject.id),
                _("write acknowledge: in it, or name another inject"),
            )
        case WhenReported() | WhenAnswer() if inject.report is None:
            return (
                _("{inject} asks for no report").format(inject=inject.id),
                _("write report: in it, or name another inject"),
            )
        case WhenPassedOn() if inject.pass_on is None:
            return (
                _("{inject} is not passed on").format(inject=inject.id),
                _("write pass-on: in it, or name another inject"),
            )
    return None


def _check_answer(
    when: WhenAnswer, inject: Inject, path: Path, scenario: Scenario, findings: Findings
) -> None:
    if inject.report is None or inject.report.form is None:
        findings.error(
            (*path, "answer"),
            _("the report on {inject} has no form").format(inject=inject.id),
            _("write form: in its report"),
        )
        return
    fields = scenario.forms.get(inject.report.form)
    if fields is None:  # The inject's own line says so.
        return
    field = next((field for field in fields if field.id == when.field), None)
    if field is None:
        message = _("the form {form} has no field {field}").format(
            form=inject.report.form, field=shown(when.field)
        )
        known = [field.id for field in fields]
        findings.error((*path, "answer"), *_unknown(message, when.field, known))
        return
    if when.is_ is not None and field.options and when.is_ not in field.options:
        findings.error(
            (*path, "is"),
            _("{value} is none of the options of {field}").format(
                value=shown(when.is_), field=field.id
            ),
            _("write {choices}").format(choices=listed(field.options)),
        )
    if when.at_least is not None and field.type != "integer":
        findings.error(
            (*path, "at-least"),
            _("{field} is no number").format(field=field.id),
            _("write is: instead, or type: integer in the form"),
        )


def _check_tier(
    kind: str, inject: Inject, path: Path, exercise: Exercise, findings: Findings
) -> None:
    if inject.from_ not in exercise.tree.by_id:
        return
    tree = exercise.tree
    scope = [node for node in exercise.scope(inject.id).sender if node in tree.by_id]
    kinds = sorted({tree.by_id[node].kind for node in scope})
    if kind not in kinds and kinds:
        findings.error(
            path,
            _("{inject} reaches no {kind}, so this cannot hold").format(
                inject=inject.id, kind=kind
            ),
            _("write {choices}").format(choices=listed(kinds)),
        )
