"""`drillsim scenario show`: what is in a scenario, as tables."""

import json
from collections.abc import Iterable, Iterator

import click

from drillsim.cli.table import table
from drillsim.drill.diagrams import condition_in_words
from drillsim.drill.exercise import Exercise
from drillsim.drill.kinds import kind_word
from drillsim.drill.scenario import Inject, Scenario, Target, Transition
from drillsim.files.scenario_file import LoadedScenario, load_scenario
from drillsim.i18n import _, ngettext
from drillsim.text import clean_line, fit, width


@click.command(
    "show",
    help=_(
        "Show what is in SCENARIO: whom each message reaches, what is asked by when, the phases "
        "and the forms."
    ),
)
@click.argument("scenario", metavar=_("SCENARIO"))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(scenario: str, as_json: bool) -> None:
    """Print a scenario."""
    loaded = load_scenario(scenario)
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    if as_json:
        click.echo(json.dumps(_as_json(loaded), ensure_ascii=False, indent=2))
        return
    for line in _lines(loaded):
        click.echo(line)


def _as_json(loaded: LoadedScenario) -> dict[str, object]:
    exercise = loaded.exercise
    return {
        "path": str(loaded.path),
        "contacts": str(loaded.contacts_path),
        "nodes": len(loaded.tree.nodes),
        "participants": len(exercise.participants),
        "off_hours": exercise.off_hours,
        "window_ends": exercise.when(exercise.window_at).isoformat(),
        "reach": {
            inject.id: len(exercise.scope(inject.id).sender) for inject in loaded.scenario.injects
        },
        "scenario": loaded.scenario.model_dump(mode="json", by_alias=True),
    }


def _lines(loaded: LoadedScenario) -> Iterator[str]:
    scenario, exercise = loaded.scenario, loaded.exercise
    yield clean_line(scenario.title)
    yield from _pairs(_facts(scenario, exercise, str(loaded.contacts_path)))
    if scenario.story:
        yield ""
        yield from (clean_line(line) for line in scenario.story.splitlines())
    yield ""
    yield from table(
        [_("message"), _("from"), _("to"), _("reaches"), _("asked")],
        [_inject_row(inject, exercise) for inject in scenario.injects],
    )
    yield ""
    yield from table(
        [_("phase"), _("level"), _("sends"), _("leads to")], list(_phase_rows(scenario))
    )
    for name, fields in scenario.forms.items():
        yield ""
        yield from table(
            [_("form {name}").format(name=name), _("type"), _("options"), _("expected")],
            [
                [field.label, _type_word(field.type), "／".join(field.options), field.expect or ""]
                for field in fields
            ],
        )


def _facts(scenario: Scenario, exercise: Exercise, contacts: str) -> Iterator[tuple[str, str]]:
    nodes, taking_part = len(exercise.tree.nodes), len(exercise.participants)
    yield _("id"), scenario.id
    if scenario.purpose:
        yield _("purpose"), scenario.purpose
    yield _("contacts"), contacts
    yield (
        _("participants"),
        _("{n} of {nodes}").format(n=taking_part, nodes=nodes),
    )
    start, end = exercise.start_ex, exercise.when(exercise.window_at)
    yield _("start"), start.strftime("%Y-%m-%d %H:%M %Z")
    yield _("window"), f"{scenario.window}  →  {end.strftime('%Y-%m-%d %H:%M')}"
    yield (
        _("contacts used"),
        _("for nights and holidays") if exercise.off_hours else _("for office hours"),
    )


def _pairs(facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    rows = list(facts)
    cells = max(width(name) for name, _value in rows)
    for name, value in rows:
        yield f"{fit(name, cells)}  {clean_line(value)}"


def _inject_row(inject: Inject, exercise: Exercise) -> list[str]:
    reach = len(exercise.scope(inject.id).sender)
    name = f"{inject.id} *" if inject.contingency else str(inject.id)
    return [
        name,
        inject.from_,
        _target(inject),
        ngettext("{n} node", "{n} nodes", reach).format(n=reach),
        ", ".join(_asked(inject)) or _("nothing"),
    ]


def _target(inject: Inject) -> str:
    if isinstance(inject.to, Target):
        return ", ".join([*map(kind_word, inject.to.kind), *inject.to.nodes])
    return inject.to


def _asked(inject: Inject) -> Iterator[str]:
    if inject.acknowledge is not None:
        yield _("acknowledge within {time}").format(time=inject.acknowledge.within)
    if inject.pass_on is not None:
        yield _("pass on within {time}").format(time=inject.pass_on.within)
    if inject.report is not None:
        yield _("report within {time}").format(time=inject.report.within)
    if inject.contingency:
        yield _("* sent only by the operator")


def _phase_rows(scenario: Scenario) -> Iterator[list[str]]:
    for phase, state in scenario.phases.states.items():
        onward = [f"{step.to} ({_when(step)})" for step in state.next]
        yield [
            str(phase),
            str(state.level),
            ", ".join(send.inject for send in state.send),
            "; ".join(onward) or (_("the end") if state.final else ""),
        ]


def _when(step: Transition) -> str:
    return condition_in_words(step.when, str, kind_word)


def _type_word(name: str) -> str:
    """Return what a field of a form takes."""
    words = {"text": _("text"), "choice": _("a choice"), "integer": _("a whole number")}
    return words.get(name, name)
