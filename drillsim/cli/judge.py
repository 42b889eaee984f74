"""`drillsim judge`: an operator's judgement on a fact that a body passed on."""

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

FATES = ("kept", "changed", "lost")


@click.command(
    "judge",
    help=_(
        "Judge a fact in what a body passed on, where the program judged it otherwise: only a "
        "person sees that other words mean the same.\n\n"
        "DRILL is a path, the id of a drill in the folder drills, or latest. NODE is the body that "
        "passed the message on, FACT the name of a fact of the scenario. While the drill runs, its "
        "director takes the judgement in; after its end it goes into the annex of the record, and "
        "score and report follow it."
    ),
)
@click.argument("drill", metavar=_("DRILL"))
@click.argument("node", metavar=_("NODE"))
@click.argument("fact", metavar=_("FACT"))
@click.argument("fate", type=click.Choice(FATES))
@click.option("--inject", metavar=_("ID"), help=_("Of which message; else of the only one."))
@click.option("--as", "author", metavar=_("NAME"), help=_("In whose name. Default: your login."))
def command(
    drill: str, node: str, fact: str, fate: str, inject: str | None, author: str | None
) -> ExitCode:
    """Post the judgement, or add it to the annex."""
    from drillsim.cli.summary import evaluated
    from drillsim.journal import JournalReader, add_to_annex, find_drill, post_command
    from drillsim.tui.orders import this_person

    path = find_drill(drill)
    with JournalReader(path) as reader:
        told = [each for each in evaluated(reader).fidelity.facts if each.hop.sender == node]
        is_sealed = reader.is_sealed
    found = {
        each.hop.inject for each in told if each.name == fact and inject in (None, each.hop.inject)
    }
    if not found:
        raise UsageError(
            _("{node} has not passed on a fact {fact}; it passed on: {known}").format(
                node=clean_line(node),
                fact=clean_line(fact),
                known=", ".join(dict.fromkeys(each.name for each in told)) or "-",
            )
        )
    if len(found) > 1:
        raise UsageError(
            _("{fact} was passed on with several messages; name one with --inject: {known}").format(
                fact=clean_line(fact), known=", ".join(sorted(found))
            )
        )
    data = {"inject": found.pop(), "node": node, "fact": fact, "fate": fate}
    by = author or this_person()
    if is_sealed:
        number = add_to_annex(path, kind="fidelity", data=data, author=by)
        said = _("{path}: added to the annex, as number {number}")
    else:
        number = post_command(path, kind="fidelity", payload=data, author=by)
        said = _("{path}: given, as order {number}")
    click.echo(said.format(path=path, number=number))
    return ExitCode.DONE
