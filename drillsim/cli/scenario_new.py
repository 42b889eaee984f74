"""`drillsim scenario new`: a scenario of one's own, begun from a shipped one."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.drill.model import SLUG
from drillsim.filenames import is_device
from drillsim.files.other_tree import Edit, edited
from drillsim.files.places import find, relative_name
from drillsim.files.scenario_file import read_scenario
from drillsim.files.yaml_nodes import Document, Scalar
from drillsim.files.yaml_reader import read_bytes
from drillsim.i18n import _
from drillsim.problem import ExitCode, ProblemsError, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.scenario import Scenario
    from drillsim.files.other_tree import Moved


@click.command(
    "new",
    help=_(
        "Begin a new scenario: copy one, with its comments, under the new ID.\n\n"
        "It is written to scenarios/ID.yaml, or to the file of -o, which must not be there yet. "
        "With --contacts it is for that contact tree: the bodies that it names by their ids become "
        "bodies of that tree, the prefecture its first one, municipalities its own in order."
    ),
)
@click.argument("new_id", metavar=_("ID"))
@click.option(
    "--from",
    "source",
    metavar=_("SCENARIO"),
    default="r5-virus-suspicion",
    show_default=True,
    help=_("The scenario to begin from."),
)
@click.option(
    "--contacts",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("The contact tree that it is for."),
)
@click.option("--title", metavar=_("TEXT"), help=_("The new title."))
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Where to write it."),
)
def command(
    new_id: str, source: str, contacts: Path | None, title: str | None, output: Path | None
) -> ExitCode:
    """Write a copy with another id."""
    if not re.fullmatch(SLUG, new_id) or is_device(new_id):
        raise UsageError(
            _("{id} is no id; write small letters a to z, digits and hyphens").format(
                id=clean_line(new_id)
            )
        )
    path = find(source, "scenarios")
    name = relative_name(path)
    document, scenario = read_scenario(read_bytes(path, name), name)
    target = output if output is not None else Path("scenarios") / f"{new_id}.yaml"
    values = {"id": new_id, **({"title": title} if title else {})}
    moved = None
    if contacts is not None:
        place = find(contacts, "contacts")
        values["contacts"] = _from_folder(place, target.parent)
        moved = _moved(document, scenario, path, place)
    edits = [*_values(document, values), *(moved.edits if moved is not None else ())]
    text = edited(document.text, edits, moved.names if moved is not None else {})
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            _("{path} is there already; name another file").format(path=clean_line(str(target)))
        ) from None
    click.echo(_("written: {path}").format(path=clean_line(str(target))))
    is_right = True
    if moved is not None:
        _tell(moved)
        is_right = _check(target)
    click.echo(
        _("Edit it, then: drillsim check {path}").format(path=clean_line(str(target))), err=True
    )
    return ExitCode.DONE if is_right else ExitCode.FOUND


def _values(document: Document, values: dict[str, str]) -> Iterator[Edit]:
    """Yield the edits that give top keys of the file other values."""
    for key, value in values.items():
        node = document.find((key,))
        if isinstance(node, Scalar):
            # A JSON text is a YAML text; ids and usual paths need no quotation marks.
            is_plain = key != "title" and re.fullmatch(r"[\w.][\w./-]*", value)
            text = value if is_plain else json.dumps(value, ensure_ascii=False)
            yield Edit(node.start, node.end, text)


def _from_folder(place: Path, folder: Path) -> str:
    """Return how a scenario in `folder` names the contact tree at `place`."""
    try:
        return Path(os.path.relpath(place, folder)).as_posix()
    except ValueError:
        raise UsageError(
            _("{path} lies on another drive than the scenario; copy it beside it").format(
                path=clean_line(str(place))
            )
        ) from None


def _moved(document: Document, scenario: "Scenario", path: Path, contacts: Path) -> "Moved":
    """Return how the scenario at `path` becomes one for another tree."""
    from drillsim.files.other_tree import moved
    from drillsim.files.scenario_file import load_scenario
    from drillsim.files.tree_file import load_tree

    new = load_tree(contacts).tree
    return moved(document, scenario, load_scenario(path).tree, new)


def _tell(moved: "Moved") -> None:
    """Say which bodies stand in whose place."""
    for old, new in moved.replaced:
        said = _("in place of {old}: {new}")
        click.echo(said.format(old=clean_line(old.name), new=clean_line(new.name)), err=True)
    for old in moved.left_out:
        said = _("nothing takes the place of {old}: what was said of it alone is left out")
        click.echo(said.format(old=clean_line(old.name)), err=True)


def _check(target: Path) -> bool:
    """Print the errors of the new scenario, and return whether there is none."""
    from drillsim.files.scenario_file import load_scenario

    try:
        load_scenario(target)
    except ProblemsError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        return False
    return True
