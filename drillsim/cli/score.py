"""`drillsim score`: the score of a drill, by its own rubric or by another one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from drillsim.cli.requirements import Requirement, judged, require_option
from drillsim.cli.requirements import as_json as requirements_json
from drillsim.i18n import _
from drillsim.problem import ExitCode

if TYPE_CHECKING:
    from drillsim.drill.scenario import Scoring
    from drillsim.evaluation.evaluation import Evaluation

LOSSES_MAX = 20
"""Lost points shown without --json, the dearest first."""


@click.command(
    "score",
    help=_(
        "Score DRILL: a path, the id of a drill in the folder drills, or latest, which is meant "
        "without DRILL too.\n\n"
        "With --rubric, the same drill is scored by other weights, thresholds and late-credit: a "
        "YAML file with the keys of a scenario's scoring. The journal stays as it is."
    ),
)
@click.argument("drill", required=False)
@click.option(
    "--rubric",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Score by this rubric in place of the scenario's own."),
)
@require_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object, with every point."))
def command(
    drill: str | None,
    rubric: Path | None,
    requirements: tuple[Requirement, ...],
    as_json: bool,
) -> ExitCode:
    """Print the score, and where points were lost."""
    from drillsim.cli.summary import evaluated
    from drillsim.evaluation.evaluation import rescore
    from drillsim.journal import JournalReader, find_drill

    # A bad rubric is told before a long journal is read.
    scoring = read_rubric(rubric) if rubric is not None else None
    with JournalReader(find_drill(drill)) as reader:
        evaluation = evaluated(reader)
        name = reader.opening.meta.get("drill", reader.path.stem)
        file = str(reader.path)
    if scoring is not None:
        evaluation = rescore(evaluation, scoring)
    if not evaluation.score.is_final:
        click.echo(_("The drill has not ended; this is how it stands."), err=True)
    if as_json:
        rubric_name = None if rubric is None else str(rubric)
        data = {"drill": name, "file": file, "rubric": rubric_name, **_as_json(evaluation)}
        if requirements:
            data["required"] = requirements_json(requirements, evaluation)
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        _show(evaluation)
    return judged(requirements, evaluation)


def read_rubric(path: Path) -> "Scoring":
    """Return the rubric in the file at `path`.

    Raises:
        UnreadableError: the file cannot be had.
        ProblemsError: it is no rubric.
    """
    from pydantic import ValidationError

    from drillsim.drill.scenario import Scoring
    from drillsim.evaluation.rubric import rubric_faults
    from drillsim.files.checks.findings import Findings
    from drillsim.files.model_faults import model_problems
    from drillsim.files.places import relative_name
    from drillsim.files.yaml_nodes import plain
    from drillsim.files.yaml_reader import read_bytes, read_document
    from drillsim.problem import ProblemsError

    name = relative_name(path)
    document = read_document(read_bytes(path, name), name)
    try:
        scoring = Scoring.model_validate(plain(document.root), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, document, Scoring)) from None
    findings = Findings(document)
    for fault in rubric_faults(scoring):
        add = findings.key_error if fault.is_key else findings.error
        add(fault.key, fault.message, fault.remedy)
    if findings.problems:
        raise ProblemsError(findings.in_order())
    return scoring


def _as_json(evaluation: "Evaluation") -> dict[str, Any]:
    from drillsim.evaluation.summary import fidelity_summary, points_summary, score_summary

    score, timeline = evaluation.score, evaluation.timeline
    return {
        "scenario": timeline.exercise.scenario.id,
        "seed": timeline.seed,
        "score": score.total.score,
        "rating": score.total.rating,
        **score_summary(score),
        "fidelity": fidelity_summary(evaluation.fidelity),
        "points": points_summary(score),
    }


def _show(evaluation: "Evaluation") -> None:
    from drillsim.cli.summary import fidelity_lines, headline, loss_lines, score_lines
    from drillsim.text import clean_line

    click.echo(clean_line(evaluation.timeline.exercise.scenario.title))
    for line in headline(evaluation):
        click.echo(line)
    click.echo()
    for line in (*score_lines(evaluation), *fidelity_lines(evaluation)):
        click.echo(line)
    losses = list(loss_lines(evaluation, LOSSES_MAX))
    if losses:
        click.echo()
        click.echo(_("Points that were lost, and the events that show why"))
        for line in losses:
            click.echo(line)
