"""`drillsim contacts mend`: what a drill found out about the contact tree."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.exercise import Exercise
    from drillsim.evaluation.mending import Mend


@click.command(
    "mend",
    help=_(
        "List what DRILL found out about its contact tree: dead addresses, absences, wrong "
        "numbers, answers by people who are not on the list. DRILL is a path, the id of a drill "
        "in the folder drills, or latest, which is meant without DRILL too.\n\n"
        "With --in FILE each line says how to open the editor at that officer, and --open N "
        "opens it.\n\n"
        "Exit code: 0, or 1 if there is something to mend."
    ),
)
@click.argument("drill", required=False, metavar=_("[DRILL]"))
@click.option("--in", "file", metavar=_("FILE"), help=_("The contact tree to be mended."))
@click.option(
    "--open", "number", type=click.IntRange(1), metavar="N", help=_("Open the editor at line N.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(drill: str | None, file: str | None, number: int | None, as_json: bool) -> int:
    """Print what to mend, or open the editor there."""
    from drillsim.drill.events import decode
    from drillsim.evaluation.mending import mends_of
    from drillsim.files.scenario_file import load_stored
    from drillsim.journal import JournalReader, find_drill

    with JournalReader(find_drill(drill)) as reader:
        exercise = load_stored(reader.files).exercise
        mends = mends_of(exercise, [decode(record.data) for record in reader.events()])
        name = reader.opening.meta.get("id", reader.path.stem)
    if number is not None:
        return _open(mends, number, file)
    if as_json:
        click.echo(json.dumps(_as_json(name, exercise, mends), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(exercise, mends, file)))
    return ExitCode.FOUND if mends else ExitCode.DONE


def _open(mends: "Sequence[Mend]", number: int, file: str | None) -> int:
    if file is None:
        raise UsageError(_("--open needs the contact tree; name it with --in FILE"))
    if number > len(mends):
        raise UsageError(
            _("there is no line {number}; the last one is {last}").format(
                number=number, last=len(mends)
            )
        )
    from drillsim.cli.contacts_edit import command as edit

    with click.Context(edit) as context:
        done: int = context.invoke(edit, file=file, at=mends[number - 1].place, present=False)
        return done


def _lines(exercise: "Exercise", mends: "Sequence[Mend]", file: str | None) -> Iterator[str]:
    from drillsim.evaluation.wording import node_name

    if not mends:
        yield _("Nothing to mend was found.")
        return
    for number, mend in enumerate(mends, 1):
        node = node_name(exercise, mend.node)
        yield f"{number:3}  {node}（{mend.place}）  {mend.sentence()}"
        if file is not None:
            yield f"     drillsim contacts edit {clean_line(file)} --at {mend.place}"
    yield ngettext("{count} proposal", "{count} proposals", len(mends)).format(count=len(mends))
    if file is None:
        yield _("Name the tree with --in FILE, and --open N opens it at that officer.")


def _as_json(name: str, exercise: "Exercise", mends: "Sequence[Mend]") -> dict[str, Any]:
    from drillsim.evaluation.wording import node_name

    return {
        "drill": name,
        "proposals": [
            {
                "kind": mend.kind,
                "node": mend.node,
                "name": node_name(exercise, mend.node),
                "officer": mend.officer,
                "who": mend.who,
                "address": mend.address,
                "at": mend.place,
                "said": mend.sentence(),
                "because": list(mend.because),
            }
            for mend in mends
        ],
    }
