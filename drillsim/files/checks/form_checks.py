"""What is wrong in the report forms of a scenario."""

import re

from drillsim.drill.model import FIELD
from drillsim.drill.scenario import Scenario
from drillsim.files.checks.findings import Findings
from drillsim.files.model_faults import shown
from drillsim.i18n import _


def check_forms(scenario: Scenario, findings: Findings) -> None:
    """Find fields with one id or one label, empty and unused forms."""
    used = {inject.report.form for inject in scenario.injects if inject.report is not None}
    # With a misspelt one, it would be told twice.
    all_known = all(form is None or form in scenario.forms for form in used)
    for name, fields in scenario.forms.items():
        path = ("forms", name)
        if not re.fullmatch(FIELD, name):
            findings.key_error(
                path,
                _("the form {form} cannot be named so").format(form=shown(name)),
                _("write small letters a to z, digits and hyphens"),
            )
        if not fields:
            findings.error(
                path, _("the form {form} has no fields").format(form=name), _("write one")
            )
        elif name not in used and all_known:
            findings.warn(
                path,
                _("no report uses the form {form}").format(form=name),
                _("name it in a report, or remove it"),
            )
        ids: dict[str, int] = {}
        labels: dict[str, int] = {}
        for place, field in enumerate(fields):
            if field.id in ids:
                findings.error(
                    (*path, place, "id"),
                    _("the form has two fields {field}").format(field=field.id),
                    _("give one of them another id"),
                )
            elif field.label in labels:
                findings.error(
                    (*path, place, "label"),
                    _("two fields have the label {label}, so answers cannot be told apart").format(
                        label=shown(field.label)
                    ),
                    _("give one of them another label"),
                )
            ids.setdefault(field.id, place)
            labels.setdefault(field.label, place)
            doubled = {option for option in field.options if field.options.count(option) > 1}
            if doubled:
                findings.error(
                    (*path, place, "options"),
                    _("the option {option} stands here twice").format(option=min(doubled)),
                    _("remove one of the two"),
                )
