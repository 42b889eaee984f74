"""`drillsim scenario new`: a scenario of one's own, begun from a shipped one."""

import json
import re
from pathlib import Path

import click

from drillsim.drill.model import SLUG
from drillsim.filenames import is_device
from drillsim.files.places import find, relative_name
from drillsim.files.scenario_file import read_scenario
from drillsim.files.yaml_nodes import Document, Scalar
from drillsim.files.yaml_reader import read_bytes
from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line


@click.command(
    "new",
    help=_(
        "Begin a new scenario: copy one, with its comments, under the new ID.\n\n"
        "It is written to scenarios/ID.yaml, or to the file of -o, which must not be there yet."
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
@click.option("--title", metavar=_("TEXT"), help=_("The new title."))
@click.option(
    "-o",
    "--output",
    metavar=_("FILE"),
    type=click.Path(path_type=Path),
    help=_("Where to write it."),
)
def command(new_id: str, source: str, title: str | None, output: Path | None) -> None:
    """Write a copy with another id."""
    if not re.fullmatch(SLUG, new_id) or is_device(new_id):
        raise UsageError(
            _("{id} is no id; write small letters a to z, digits and hyphens").format(
                id=clean_line(new_id)
            )
        )
    path = find(source, "scenarios")
    name = relative_name(path)
    document, _scenario = read_scenario(read_bytes(path, name), name)
    text = _changed(document, {"id": new_id, **({"title": title} if title else {})})
    target = output if output is not None else Path("scenarios") / f"{new_id}.yaml"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            _("{path} is there already; name another file").format(path=clean_line(str(target)))
        ) from None
    click.echo(_("written: {path}").format(path=clean_line(str(target))))
    click.echo(
        _("Edit it, then: drillsim check {path}").format(path=clean_line(str(target))), err=True
    )


def _changed(document: Document, values: dict[str, str]) -> str:
    """Return the file's text with some values of its top keys replaced; all else stays as it is."""
    text = document.text
    nodes = {key: document.find((key,)) for key in values}
    for key, node in sorted(nodes.items(), key=lambda each: -getattr(each[1], "start", 0)):
        if isinstance(node, Scalar):
            # A JSON text is a YAML text; an id needs no quotation marks.
            value = values[key] if key == "id" else json.dumps(values[key], ensure_ascii=False)
            text = text[: node.start] + value + text[node.end :]
    return text
