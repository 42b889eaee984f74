"""`drillsim contacts show`: a contact tree as a tree."""

import json
from collections.abc import Iterator

import click

from drillsim.drill.tree import ContactTree, Node, NodeId, Officer
from drillsim.i18n import _, ngettext
from drillsim.text import clean_line


@click.command(
    "show",
    help=_(
        "Show the contact tree in FILE: bodies, and their officers in calling order.\n\n"
        "Contact lists are personal data: with --redact, names, addresses and numbers are masked."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option("--redact", is_flag=True, help=_("Mask names, addresses, numbers and notes."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(file: str, redact: bool, as_json: bool) -> None:
    """Print a tree."""
    from drillsim.files.tree_file import load_tree

    loaded = load_tree(file)
    for problem in loaded.problems:
        click.echo(str(problem), err=True)
    tree = loaded.tree
    if redact:
        from drillsim.files.redaction import redacted

        tree = redacted(tree)
    if as_json:
        shown = tree.model_dump(mode="json", by_alias=True)
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(tree_lines(tree)))
    click.echo(summary(tree), err=True)


def tree_lines(tree: ContactTree) -> Iterator[str]:
    """Yield the tree line by line; no line holds anything that acts on a screen."""
    yield clean_line(tree.title)
    below = tree.children
    last: dict[NodeId, bool] = {tree.root.id: True}
    for children in below.values():
        for child in children:
            last[child] = child == children[-1]
    stems: list[str] = []
    for depth, node in tree.walk():
        del stems[depth:]
        own = "" if depth == 0 else ("└ " if last[node.id] else "├ ")
        yield "".join(stems) + own + _title(node)
        stems.append("" if depth == 0 else ("  " if last[node.id] else "│ "))
        lead = "".join(stems) + ("│ " if below[node.id] else "  ")
        for line in _people(node):
            yield lead + line


def summary(tree: ContactTree) -> str:
    """Return how many nodes and officers a tree has."""
    nodes = len(tree.nodes)
    officers = sum(len(node.officers) for node in tree.nodes)
    return _("{nodes}, {officers}").format(
        nodes=ngettext("{n} node", "{n} nodes", nodes).format(n=nodes),
        officers=ngettext("{n} officer", "{n} officers", officers).format(n=officers),
    )


def _title(node: Node) -> str:
    return clean_line(f"{node.name}  [{node.id}] {node.kind}")


def _people(node: Node) -> Iterator[str]:
    if node.mailbox:
        yield clean_line(_("mailbox {address}").format(address=node.mailbox))
    for number, officer in enumerate(node.officers, 1):
        yield clean_line(f"{number} {_officer(officer)}")
    if node.duty_desk is not None:
        desk = " ".join(part for part in (node.duty_desk.name, node.duty_desk.phone) if part)
        yield clean_line(_("duty desk {desk}").format(desk=desk))


def _officer(officer: Officer) -> str:
    parts = [officer.name]
    if officer.role:
        parts.append(f"({officer.role})")
    parts += [*officer.email, officer.phone]
    night = [*officer.off_hours.email, officer.off_hours.phone]
    if any(night):
        contact = " ".join(part for part in night if part)
        parts.append(_("[nights and holidays: {contact}]").format(contact=contact))
    if officer.verified is not None:
        parts.append(_("verified {date}").format(date=officer.verified.isoformat()))
    return "  ".join(part for part in parts if part)
