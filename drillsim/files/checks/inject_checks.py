"""What is wrong with the injects: whom they reach, and what is asked by when."""

from datetime import timedelta
from itertools import pairwise

from drillsim.drill.durations import ZERO, Period
from drillsim.drill.exercise import Exercise, Scope
from drillsim.drill.scenario import Acknowledge, Inject, InjectId, Report, Scenario, Target
from drillsim.files.checks.findings import Findings
from drillsim.files.checks.node_names import NodeNames
from drillsim.files.model_faults import did_you_mean, listed, shown
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _

_NOMINAL_BUSINESS_DAY = timedelta(days=1)  # For comparing periods where there is no calendar.


def check_injects(
    scenario: Scenario, exercise: Exercise | None, names: NodeNames | None, findings: Findings
) -> None:
    """Find doubled ids, unknown nodes, injects for nobody, and periods that contradict others."""
    first: dict[InjectId, int] = {}
    sent = {send.inject for phase in scenario.phases.states.values() for send in phase.send}
    all_known = sent <= scenario.by_id.keys()
    for place, inject in enumerate(scenario.injects):
        path: Path = ("injects", place)
        if inject.id in first:
            line = findings.document.place(("injects", first[inject.id], "id")).line
            findings.error(
                (*path, "id"),
                _("the id {id} is taken; it first stands in line {line}").format(
                    id=inject.id, line=line
                ),
                _("give this inject another id"),
            )
        first.setdefault(inject.id, place)
        if inject.id not in sent and not inject.contingency and all_known:
            findings.warn(
                (*path, "id"),
                _("no phase sends {inject}").format(inject=inject.id),
                _("send it in a phase, or write contingency: true"),
            )
        _check_form(inject, path, scenario, findings)
        if inject.acknowledge is not None:
            _check_acknowledge(inject.acknowledge, (*path, "acknowledge"), findings)
        if inject.report is not None:
            _check_report(inject, inject.report, (*path, "report"), findings)
        if exercise is not None and names is not None:
            _check_window(inject, path, exercise, findings)
            _check_reach(inject, path, exercise, names, findings)


def _check_form(inject: Inject, path: Path, scenario: Scenario, findings: Findings) -> None:
    if inject.report is None or inject.report.form is None:
        return
    form = inject.report.form
    if form in scenario.forms:
        return
    known = [str(name) for name in scenario.forms]
    meant = did_you_mean(form, known)
    if meant is not None:
        remedy = _("did you mean {word}?").format(word=meant)
    elif known:
        remedy = _("write {choices}").format(choices=listed(known))
    else:
        remedy = _("write it under forms:")
    findings.error(
        (*path, "report", "form"),
        _("there is no form {form}").format(form=shown(form)),
        remedy,
    )


def _size(period: Period) -> timedelta:
    """Return a length by which periods can be compared without a calendar."""
    return period.length or period.business_days * _NOMINAL_BUSINESS_DAY


def _check_acknowledge(asks: Acknowledge, path: Path, findings: Findings) -> None:
    _check_reminders(asks.remind, (*path, "remind"), findings)
    _check_positive(asks.within, (*path, "within"), findings)
    if asks.give_up_after is None:
        return
    end = _size(asks.give_up_after)
    for n, remind in enumerate(asks.remind):
        if _size(remind) >= end:
            findings.error(
                (*path, "remind", n),
                _("the reminder at {time} comes after the notice is given up at {end}").format(
                    time=remind, end=asks.give_up_after
                ),
                _("write an earlier reminder, or a later give-up-after"),
            )
    for key, period in (("stand-in-after", asks.stand_in_after), ("call-after", asks.call_after)):
        if period is not None and _size(period) >= end:
            findings.error(
                (*path, key),
                _("{key} {time} comes after the notice is given up at {end}").format(
                    key=key, time=period, end=asks.give_up_after
                ),
                _("write a shorter {key}, or a later give-up-after").format(key=key),
            )
    if _size(asks.within) > end:
        findings.warn(
            (*path, "give-up-after"),
            _("the notice is given up at {end}, before its within of {time} is over").format(
                end=asks.give_up_after, time=asks.within
            ),
            _("write a later give-up-after"),
        )


def _check_reminders(remind: tuple[Period, ...], path: Path, findings: Findings) -> None:
    for n, (before, after) in enumerate(pairwise(remind)):
        if _size(after) <= _size(before):
            findings.error(
                (*path, n + 1),
                _("the reminder at {time} does not come after that at {before}").format(
                    time=after, before=before
                ),
                _("write the reminders in order of time"),
            )
    if remind:
        _check_positive(remind[0], (*path, 0), findings)


def _check_positive(period: Period, path: Path, findings: Findings) -> None:
    if _size(period) <= ZERO:
        findings.error(path, _("no time is left for an answer"), _("write for example 15m"))


def _check_report(inject: Inject, report: Report, path: Path, findings: Findings) -> None:
    _check_positive(report.within, (*path, "within"), findings)
    _check_reminders(report.remind, (*path, "remind"), findings)
    if report.collect is None:
        if report.cut_off is not None:
            findings.error(
                (*path, "cut-off"),
                _("a cut-off belongs to a report that is collected"),
                _("write collect: children, or remove cut-off"),
            )
        return
    if inject.pass_on is None:
        findings.error(
            (*path, "collect"),
            _("{inject} is not passed on, so there is nothing to collect").format(inject=inject.id),
            _("write pass-on:, or remove collect"),
        )
    if report.cut_off is None and report.partial == "allowed":
        findings.warn(
            (*path, "collect"),
            _("without a cut-off, one body that does not report holds all others back"),
            _("write cut-off: 90m, or partial: refused if that is meant"),
        )
    elif report.cut_off is not None and _size(report.cut_off) < _size(report.within):
        findings.warn(
            (*path, "cut-off"),
            _("the collected report goes up at {end}, before the within of {time} is over").format(
                end=report.cut_off, time=report.within
            ),
            _("write a later cut-off"),
        )


def _check_window(inject: Inject, path: Path, exercise: Exercise, findings: Findings) -> None:
    """Remark on periods that are longer than the whole drill."""
    window = exercise.scenario.window
    asked: list[tuple[Path, Period]] = []
    if inject.acknowledge is not None:
        asked.append((("acknowledge", "within"), inject.acknowledge.within))
        if inject.acknowledge.give_up_after is not None:
            asked.append((("acknowledge", "give-up-after"), inject.acknowledge.give_up_after))
    if inject.pass_on is not None:
        asked.append((("pass-on", "within"), inject.pass_on.within))
    if inject.report is not None:
        asked.append((("report", "within"), inject.report.within))
        if inject.report.cut_off is not None:
            asked.append((("report", "cut-off"), inject.report.cut_off))
    for at, period in asked:
        if exercise.due(ZERO, period) > exercise.window_at:
            findings.warn(
                (*path, *at),
                _("{key} {time} is longer than the window of {window}").format(
                    key=at[-1], time=period, window=window
                ),
                _("write a shorter time, or a longer window"),
            )


def _check_reach(
    inject: Inject, path: Path, exercise: Exercise, names: NodeNames, findings: Findings
) -> None:
    tree = exercise.tree
    unknown = False
    if inject.from_ not in tree.by_id:
        findings.error((*path, "from"), *names.missing(inject.from_))
        unknown = True
    if isinstance(inject.to, Target):
        for n, node in enumerate(inject.to.nodes):
            if node not in tree.by_id:
                findings.error((*path, "to", "nodes", n), *names.missing(node))
                unknown = True
        kinds = sorted({node.kind for node in tree.nodes})
        for n, kind in enumerate(inject.to.kind):
            if kind not in kinds:
                findings.error(
                    (*path, "to", "kind", n),
                    _("{file} has no node of the kind {kind}").format(file=names.file, kind=kind),
                    _("write {choices}").format(choices=listed(kinds)),
                )
                unknown = True
    if unknown or not exercise.participants:
        return
    scope = exercise.scope(inject.id)
    if not scope.direct:
        findings.error(
            (*path, "to"), _("nobody would get {inject}").format(inject=inject.id), _nobody(inject)
        )
        return
    _check_hops(inject, path, scope, exercise, findings)


def _nobody(inject: Inject) -> str:
    if inject.to == "children":
        return _("{node} has no children that take part; write another from or to").format(
            node=inject.from_
        )
    if inject.to == "parent":
        return _("{node} has no parent that takes part; write another from or to").format(
            node=inject.from_
        )
    return _("let some of those take part to whom it is addressed, or write another to")


def _check_hops(
    inject: Inject, path: Path, scope: Scope, exercise: Exercise, findings: Findings
) -> None:
    tree = exercise.tree
    if inject.pass_on is not None and not any(asked.pass_on for asked in scope.asked.values()):
        findings.warn(
            (*path, "pass-on"),
            _("nobody that {inject} reaches has anyone to pass it on to").format(inject=inject.id),
            _("remove pass-on, or write another to"),
        )
    if inject.to == "all" or inject.source == "external":
        return
    sender = tree.by_id[inject.from_]
    near = {sender.parent, *tree.children[sender.id]}
    far = [node for node in scope.direct if node not in near]
    if far and inject.acknowledge is not None:
        findings.warn(
            (*path, "from"),
            _("{sender} writes past its neighbours in the tree, to {node}").format(
                sender=inject.from_, node=far[0]
            ),
            _("write another from, or pass-on: so that the tree is followed"),
        )
