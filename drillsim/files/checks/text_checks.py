"""What is wrong with the texts: templates, names in them, and marks that a drill must carry.

What a template may hold is decided by `drillsim.mail.templates`, which words may not stand in a
drill's mail by `drillsim.drill.marks`; here the lines of the file are put to it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from drillsim.drill.exercise import Exercise
from drillsim.drill.marks import SUBJECT_LENGTH_MAX, slips
from drillsim.drill.scenario import Inject, Scenario
from drillsim.drill.texts import COUNTS, MOMENTS, OWN, REMINDER_NAMES, STOP_NAMES, TEXT_NAMES
from drillsim.files.checks.findings import Findings
from drillsim.files.model_faults import did_you_mean, shown
from drillsim.files.yaml_nodes import Path, Scalar
from drillsim.i18n import _
from drillsim.mail.fidelity import relevant_facts
from drillsim.mail.official_dates import official
from drillsim.mail.templates import Template, TemplateFaultError, Value, template

_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PRINTED = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_BRACES = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_CLEVER = re.compile(r"\{[%#]|\{\{(?!\s*[a-z][a-z0-9_]*\s*\}\})")
_FAULTS_MAX = 20  # Faults listed of one text; more are of one kind.
_SAMPLE_LENGTHS = {"ref": 9, "level": 1, "own_entry": 600}
_SAMPLE_LENGTH = 12  # Characters of a name, for counting a subject where there is no tree.
_MARK_AND_TOKEN_LENGTH = len("【訓練】【再送】（整理番号：7KQ2-M4XD）")


@dataclass(frozen=True, slots=True)
class _Field:
    """A text of the scenario, and what it is."""

    path: Path
    text: str
    is_subject: bool
    is_stop: bool = False
    inject: Inject | None = None
    """The inject whose text it is; None for a reminder and the stop mail."""


def check_texts(scenario: Scenario, exercise: Exercise | None, findings: Findings) -> None:
    """Find faults in templates, unknown names, and texts that deny or hide the drill."""
    own = {**scenario.facts, **scenario.values}
    samples = _samples(scenario, exercise)
    _check_own_names(scenario, findings)
    for field in _fields(scenario):
        _check_field(field, own, samples, findings)
    _check_facts(scenario, findings)
    _check_passed_on(scenario, findings)
    for path, label in _labels(scenario):
        check_marks(path, label, "", findings)


def _labels(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Yield what stands in mails without being a template."""
    yield ("title",), scenario.title
    yield ("purpose",), scenario.purpose
    for place, inject in enumerate(scenario.injects):
        for n, action in enumerate(inject.actions):
            yield ("injects", place, "actions", n), action
    for name, fields in scenario.forms.items():
        for n, field in enumerate(fields):
            yield ("forms", name, n, "label"), field.label
            for k, option in enumerate(field.options):
                yield ("forms", name, n, "options", k), option


def _samples(scenario: Scenario, exercise: Exercise | None) -> dict[str, Value]:
    """Return a value for every name: the longest of the tree where it is known."""
    names = [node.name for node in exercise.tree.nodes] if exercise is not None else []
    body = max(names, key=len, default="◯" * _SAMPLE_LENGTH)
    samples: dict[str, Value] = {}
    for name in TEXT_NAMES:
        if name in MOMENTS:
            samples[name] = scenario.start
        elif name in COUNTS:
            samples[name] = 10
        else:
            samples[name] = "◯" * _SAMPLE_LENGTHS.get(name, _SAMPLE_LENGTH)
    samples |= {"to_body": body, "from_body": body, "prefecture": body}
    samples |= {"drill_title": scenario.title, "drill_purpose": scenario.purpose}
    return samples


def _fields(scenario: Scenario) -> Iterator[_Field]:
    for place, inject in enumerate(scenario.injects):
        path: Path = ("injects", place)
        yield _Field((*path, "subject"), inject.subject, True, inject=inject)
        yield _Field((*path, "body"), inject.body, False, inject=inject)
        if inject.pass_on is not None:
            if inject.pass_on.subject:
                at = (*path, "pass-on", "subject")
                yield _Field(at, inject.pass_on.subject, True, inject=inject)
            if inject.pass_on.body:
                at = (*path, "pass-on", "body")
                yield _Field(at, inject.pass_on.body, False, inject=inject)
    reminder, stop = scenario.texts.reminder, scenario.texts.stop
    if reminder is not None:
        yield _Field(("texts", "reminder", "subject"), reminder.subject, True)
        yield _Field(("texts", "reminder", "body"), reminder.body, False)
    if stop is not None:
        yield _Field(("texts", "stop", "subject"), stop.subject, True, True)
        yield _Field(("texts", "stop", "body"), stop.body, False, True)


def _check_own_names(scenario: Scenario, findings: Findings) -> None:
    for group, names in (("facts", scenario.facts), ("values", scenario.values)):
        for name, value in names.items():
            path: Path = (group, name)
            if not _VARIABLE.fullmatch(name):
                findings.key_error(
                    path,
                    _("{name} cannot stand in a text").format(name=shown(name)),
                    _("write small letters a to z, digits and _"),
                )
            elif name in TEXT_NAMES and (group == "facts" or name not in OWN):
                findings.key_error(
                    path,
                    _("{name} is a name that drillsim fills itself").format(name=name),
                    _("write another name"),
                )
            elif group == "values" and name in scenario.facts:
                findings.key_error(
                    path,
                    _("{name} stands under facts too").format(name=name),
                    _("remove one of the two"),
                )
            for slip in slips(value):
                findings.at(
                    findings.document.text_line(path, slip.line), slip.message, slip.remedy, "error"
                )


def typed_faults(inject: Inject, exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the texts of an inject that stands in no file, and the remedy.

    They are held to what those of a scenario are held to.
    """
    own = {**exercise.scenario.facts, **exercise.scenario.values}
    samples = _samples(exercise.scenario, exercise)
    for path, text, is_subject in (
        (("subject",), inject.subject, True),
        (("body",), inject.body, False),
    ):
        field = _Field(path, text, is_subject, inject=inject)
        faults, rendered = _fill(text, field, own, samples)
        for fault in faults:
            yield fault.message, fault.remedy
        for slip in islice(chain(slips(text), slips(rendered)), 1):
            yield slip.message, slip.remedy
        if is_subject and (too_long := _too_long(rendered)) is not None:
            yield too_long


def _check_field(
    field: _Field, own: Mapping[str, str], samples: Mapping[str, Value], findings: Findings
) -> None:
    written = findings.document.find(field.path)
    # As written: the model has the blank lines at its ends cut off.
    source = written.text if isinstance(written, Scalar) else field.text
    faults, rendered = _fill(source, field, own, samples)
    for fault in faults[:_FAULTS_MAX]:
        at = findings.document.text_line(field.path, fault.line)
        findings.at(at, fault.message, fault.remedy, "error")
    if not field.is_stop:
        check_marks(field.path, source, rendered, findings)
    if field.is_subject and (too_long := _too_long(rendered)) is not None:
        findings.error(field.path, *too_long)


def _too_long(subject: str) -> tuple[str, str] | None:
    """Return what is wrong with the length of a subject, filled in, and the remedy; or None."""
    length = len(subject.strip()) + _MARK_AND_TOKEN_LENGTH
    if length <= SUBJECT_LENGTH_MAX:
        return None
    return (
        _("the subject grows to {n} characters with mark and token").format(n=length),
        _("write at most {limit}").format(limit=SUBJECT_LENGTH_MAX - _MARK_AND_TOKEN_LENGTH),
    )


def _fill(
    source: str, field: _Field, own: Mapping[str, str], samples: Mapping[str, Value]
) -> tuple[list[TemplateFaultError], str]:
    """Return the faults of a template, and it filled in where it has none."""
    try:
        text = template(source)
        lines = _lines_of_names(source)
        names = sorted(text.names, key=lambda name: (lines.get(name, 1), name))
        faults = [
            TemplateFaultError(lines.get(name, 1), *fault)
            for name in names
            if (fault := _unknown_name(name, own, field.is_stop) or _empty_name(name, own, field))
        ]
        return faults, "" if faults else _filled(text, {**samples, **own})
    except TemplateFaultError as error:
        return [error], ""


def check_marks(path: Path, source: str, rendered: str, findings: Findings) -> None:
    """Find what denies or hides the drill, as written or once the names are filled in."""
    written = list(islice(slips(source), _FAULTS_MAX))
    for slip in written:
        at = findings.document.text_line(path, slip.line)
        findings.at(at, slip.message, slip.remedy, "error")
    if not written:
        for slip in islice(slips(rendered), 1):
            findings.error(path, slip.message, slip.remedy)


def _printed(value: Value) -> str:
    return official(value) if isinstance(value, datetime) else str(value)


def _filled(text: Template, values: Mapping[str, Value]) -> str:
    """Return the text filled in; where it only prints names, without compiling it (1 ms each)."""
    if _CLEVER.search(text.source):
        return text.render(values)
    return _PRINTED.sub(lambda found: _printed(values[found.group(1)]), text.source)


def _lines_of_names(source: str) -> dict[str, int]:
    """Return the line (from 1) in which each name is first printed or asked for."""
    found: dict[str, int] = {}
    line = at = 0
    for braces in _BRACES.finditer(source):
        line += source.count("\n", at, braces.start())
        at = braces.start()
        for word in _WORD.finditer(braces[0]):
            inside = braces[0].count("\n", 0, word.start())
            found.setdefault(word[0], line + inside + 1)
    return found


def _unknown_name(name: str, own: Mapping[str, str], is_stop: bool) -> tuple[str, str] | None:
    if is_stop and name in own and name not in OWN:
        return (
            _("the stop mail holds no facts of the story, but {name} is one").format(name=name),
            _("remove it"),
        )
    known = sorted(STOP_NAMES if is_stop else {*TEXT_NAMES, *own})
    if name in known or name in OWN:
        return None
    meant = did_you_mean(name, known)
    return (
        _("nothing is known as {name}").format(name=shown(name)),
        _("did you mean {word}?").format(word=meant)
        if meant
        else _("write it under facts: or values:"),
    )


def _empty_name(name: str, own: Mapping[str, str], field: _Field) -> tuple[str, str] | None:
    """Return what is wrong with a name that nothing fills in this text, or None."""
    inject = field.inject
    if name in own or field.is_stop:
        return None
    if name == "extension":
        return (
            _("nothing fills {name} by itself").format(name=name),
            _("write it under values:"),
        )
    if inject is None:
        return None
    report = inject.report
    lacking = {
        "ack_by": inject.acknowledge is None and "acknowledge:",
        "call_at": (inject.acknowledge is None or inject.acknowledge.call_after is None)
        and "call-after:",
        "report_by": report is None and "report:",
        "next_report_at": report is None and "report:",
        "report_form": (report is None or report.form is None) and "form:",
        "cut_off_at": (report is None or report.cut_off is None) and "cut-off:",
        "actions": not inject.actions and "actions:",
    }.get(name)
    if lacking:
        return (
            _("{name} says nothing, since {inject} has no {key}").format(
                name=name, inject=inject.id, key=lacking
            ),
            _("write {key} in it, or take {name} out").format(key=lacking, name=name),
        )
    if name == "own_entry" and (field.is_subject or inject.pass_on is not None):
        # Whoever passes on may write one mail to many, and a subject is one line.
        return (
            _("own_entry is personal, and stands only in a body that drillsim itself sends"),
            _("take it out, or let nobody pass this message on"),
        )
    if name in REMINDER_NAMES:
        return (
            _("{name} is for reminders and the stop mail alone").format(name=name),
            _("take it out"),
        )
    return None


def _check_facts(scenario: Scenario, findings: Findings) -> None:
    """Remark on facts that no text of any inject tells."""
    texts = "\n".join(_all_text(inject) for inject in scenario.injects)
    for name, value in scenario.facts.items():
        if name in TEXT_NAMES:
            continue
        if (
            value
            and not re.search(rf"{{{{[^}}]*\b{re.escape(name)}\b", texts)
            and (value not in texts)
        ):
            findings.warn(
                ("facts", name),
                _("no text tells the fact {name}").format(name=shown(name)),
                _("write {{{{ {name} }}}} in a body, or move it to values").format(name=name),
            )


def _check_passed_on(scenario: Scenario, findings: Findings) -> None:
    """Remark on facts of a message that the text in which it is passed on leaves out."""
    for place, inject in enumerate(scenario.injects):
        onward = inject.pass_on
        if onward is None or not onward.body:
            continue
        told = relevant_facts(scenario.facts, (inject.subject, inject.body))
        again = relevant_facts(told, (onward.subject or inject.subject, onward.body))
        for name in told.keys() - again.keys():
            findings.warn(
                ("injects", place, "pass-on", "body"),
                _("the text that is passed on leaves out the fact {name}").format(name=shown(name)),
                _("write {{{{ {name} }}}} in it, or it counts as lost at this hop").format(
                    name=name
                ),
            )


def _all_text(inject: Inject) -> str:
    onward = inject.pass_on
    parts = [inject.subject, inject.body]
    if onward is not None:
        parts += [onward.subject, onward.body]
    return "\n".join(parts)
