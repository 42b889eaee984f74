"""`drillsim contacts check`: how good a contact tree is, and what to mend first."""

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from drillsim.drill.model import Unfit, iso_date
from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.files.contacts.lint import Finding, Lint
    from drillsim.files.contacts.rules import RuleName


@click.command(
    "check",
    help=_(
        "Score the contact tree in FILE from 0 to 100, and list every finding: where it is, why it "
        "matters, how to mend it.\n\n"
        "Every node has 100 points and loses those of its findings, at most all; the score is "
        "the mean over the nodes, rounded down. A file with errors scores at most 49.\n\n"
        "Exit code: 0 without findings, 1 with findings, 2 if the file cannot be read."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option(
    "--today",
    metavar=_("DATE"),
    help=_("Look at it as on this day, such as 2026-04-10, not as today."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(file: str, today: str | None, as_json: bool) -> ExitCode:
    """Print the findings and the score."""
    from drillsim.files.contacts.lint import lint_file

    lint = lint_file(file, _day(today))
    if as_json:
        click.echo(json.dumps(_as_json(lint), ensure_ascii=False, indent=2))
    else:
        for line in lint_lines(lint):
            click.echo(line)
        if lint.findings:
            click.echo(_how_to_mend(lint), err=True)
    return ExitCode.FOUND if lint.findings else ExitCode.DONE


def lint_lines(lint: "Lint") -> Iterator[str]:
    """Yield the score, and the findings by rule, the rule that costs most first."""
    from drillsim.files.contacts.rules import RULES, SCORE_WITH_ERRORS_MAX

    count = len(lint.findings)
    said = ngettext("{n} finding", "{n} findings", count).format(n=count)
    yield _("Score {score} of 100, {findings}").format(
        score=lint.score, findings=said if count else _("no findings")
    )
    if lint.has_errors and lint.nodes:
        yield _("With errors, a file scores at most {limit}: no drill can run on it.").format(
            limit=SCORE_WITH_ERRORS_MAX
        )
    for rule, findings in _by_rule(lint):
        yield ""
        head = ngettext(
            "{title}: {n} finding, {points} points each",
            "{title}: {n} findings, {points} points each",
            len(findings),
        )
        yield head.format(title=_(RULES[rule].title), n=len(findings), points=RULES[rule].points)
        yield "  " + _("Why it matters: {why}").format(why=_(RULES[rule].why))
        for finding in findings:
            problem = finding.problem
            what = f"{problem.message}; {problem.remedy}" if problem.remedy else problem.message
            at = f"{clean_line(problem.path)}:{problem.line}:{problem.column}"
            yield f"{at}: {clean_line(what)}"


def _how_to_mend(lint: "Lint") -> str:
    path = clean_line(lint.path)
    if lint.nodes:
        return _("mend them: drillsim contacts edit {path}, or there at the lines named").format(
            path=path
        )
    return _("mend it in a text editor at the lines named")


def _by_rule(lint: "Lint") -> list[tuple["RuleName", list["Finding"]]]:
    groups: dict[RuleName, list[Finding]] = {}
    for finding in lint.findings:
        groups.setdefault(finding.rule, []).append(finding)
    return sorted(groups.items(), key=lambda group: -len(group[1]) * group[1][0].points)


def _as_json(lint: "Lint") -> dict[str, object]:
    return {
        "path": lint.path,
        "today": lint.today.isoformat(),
        "score": lint.score,
        "nodes": lint.nodes,
        "rules": {
            rule: {"findings": len(findings), "points": findings[0].points}
            for rule, findings in _by_rule(lint)
        },
        "findings": [
            {
                "rule": finding.rule,
                "node": finding.node,
                "points": finding.points,
                **finding.problem.as_json(),
                "why": finding.why,
            }
            for finding in lint.findings
        ],
    }


def _day(written: str | None) -> date:
    if written is None:
        from drillsim.files.contacts.office_rules import today_in_japan

        return today_in_japan()
    try:
        iso_date(written)
        return date.fromisoformat(written.strip())
    except Unfit as unfit:
        raise UsageError(f"--today: {unfit}") from None
    except ValueError:
        raise UsageError(
            _("--today: {value} is no date of the calendar; write it as 2026-04-10").format(
                value=written
            )
        ) from None
