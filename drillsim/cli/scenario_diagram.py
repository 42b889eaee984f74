"""`drillsim scenario diagram`: the state machines as Mermaid."""

import click

from drillsim.i18n import _
from drillsim.problem import UsageError


@click.command(
    "diagram",
    help=_(
        "Draw the phases of SCENARIO as a Mermaid state diagram, which Markdown viewers show.\n\n"
        "With --notice, the machine that every notice goes through is drawn instead."
    ),
)
@click.argument("scenario", metavar=_("[SCENARIO]"), required=False)
@click.option("--notice", is_flag=True, help=_("Draw the machine of a notice."))
def command(scenario: str | None, notice: bool) -> None:
    """Print a diagram."""
    from drillsim.drill.diagrams import notice_diagram, phase_diagram

    if notice:
        click.echo(notice_diagram(), nl=False)
        return
    if scenario is None:
        raise UsageError(_("no scenario is named; name one, or write --notice"))
    from drillsim.files.scenario_file import load_scenario

    click.echo(phase_diagram(load_scenario(scenario).scenario), nl=False)
