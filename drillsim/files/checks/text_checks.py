"""What is wrong with the texts: templates, names in them, and marks that a drill must carry.

What a template may hold is decided by `drillsim.mail.templates`, which words may not stand in a
drill's mail by `drillsim.drill.marks`; here the lines of the file are put to it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from drillsim.drill.exercise import Exercise
from drillsim.drill.marks import SUBJECT_LENGTH_MAX, slips
from drillsim.drill.scenario import Inject, Scenario
from drillsim.drill.texts import COUNTS, MOMENTS, OWN, STOP_NAMES, TEXT_NAMES
from drillsim.files.checks.findings import Findings
from drillsim.files.model_faults import did_you_mean, shown
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _
from drillsim.mail.official_dates import official
from drillsim.mail.templates import Template, TemplateFaultError, Value, template

_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PRINTED = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_CLEVER = re.compile(r"\{[%#]|\{\{(?!\s*[a-z][a-z0-9_]*\s*\}\})")
_SAMPLE_LENGTHS = {"ref": 9, "level": 1}
_SAMPLE_LENGTH = 12  # Characters of a name, for counting a subject where there is no tree.
_MARK_AND_TOKEN_LENGTH = len("【訓練】【再送】（整理番号：7KQ2-M4XD）")


@dataclass(frozen=True, slots=True)
class _Field:
    """A text of the scenario, and what it is."""

    path: Path
    text: str
    is_subject: bool
    is_stop: bool = False


def check_texts(scenario: Scenario, exercise: Exercise | None, findings: Findings) -> None:
    """Find faults in templates, unknown names, and texts that deny or hide the drill."""
    own = {**scenario.facts, **scenario.values}
    samples = _samples(scenario, exercise)
    _check_own_names(scenario, findings)
    for field in _fields(scenario):
        _check_field(field, own, samples, findings)
    _check_facts(scenario, findings)


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
        yield _Field((*path, "subject"), inject.subject, True)
        yield _Field((*path, "body"), inject.body, False)
        if inject.pass_on is not None:
            if inject.pass_on.subject:
                yield _Field((*path, "pass-on", "subject"), inject.pass_on.subject, True)
            if inject.pass_on.body:
                yield _Field((*path, "pass-on", "body"), inject.pass_on.body, False)
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


def _check_field(
    field: _Field, own: Mapping[str, str], samples: Mapping[str, Value], findings: Findings
) -> None:
    line = findings.document.text_line
    try:
        text = template(field.text)
        unknown = False
        for name in sorted(text.names, key=lambda name: _line_of(name, field.text)):
            fault = _unknown_name(name, own, field.is_stop)
            if fault is not None:
                unknown = True
                at = line(field.path, _line_of(name, field.text))
                findings.at(at, *fault, "error")
        rendered = "" if unknown else _filled(text, {**samples, **own})
    except TemplateFaultError as error:
        findings.at(line(field.path, error.line), error.message, error.remedy, "error")
        rendered = ""
    if not field.is_stop:
        _check_marks(field, rendered, findings)
    length = len(rendered) + _MARK_AND_TOKEN_LENGTH
    if field.is_subject and length > SUBJECT_LENGTH_MAX:
        findings.error(
            field.path,
            _("the subject grows to {n} characters with mark and token").format(n=length),
            _("write at most {limit}").format(limit=SUBJECT_LENGTH_MAX - _MARK_AND_TOKEN_LENGTH),
        )


def _check_marks(field: _Field, rendered: str, findings: Findings) -> None:
    """Find what denies or hides the drill, as written or once the names are filled in."""
    written = list(slips(field.text))
    for slip in written:
        at = findings.document.text_line(field.path, slip.line)
        findings.at(at, slip.message, slip.remedy, "error")
    if not written:
        for slip in slips(rendered):
            findings.error(field.path, slip.message, slip.remedy)


def _printed(value: Value) -> str:
    return official(value) if isinstance(value, datetime) else str(value)


def _filled(text: Template, values: Mapping[str, Value]) -> str:
    """Return the text filled in; where it only prints names, without compiling it (1 ms each)."""
    if _CLEVER.search(text.source):
        return text.render(values)
    return _PRINTED.sub(lambda found: _printed(values[found.group(1)]), text.source)


def _line_of(name: str, text: str) -> int:
    """Return the line (from 1) of `text` in whose braces `name` first stands."""
    found = re.search(rf"{{[{{%][^}}]*?\b{re.escape(name)}\b", text)
    return text.count("\n", 0, found.end()) + 1 if found else 1


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


def _all_text(inject: Inject) -> str:
    onward = inject.pass_on
    parts = [inject.subject, inject.body]
    if onward is not None:
        parts += [onward.subject, onward.body]
    return "\n".join(parts)
