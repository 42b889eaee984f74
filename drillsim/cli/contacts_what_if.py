"""`drillsim contacts what-if`: who is cut off when somebody is away."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from drillsim.cli.table import table
from drillsim.i18n import _, ngettext
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.tree import ContactTree, NodeId
    from drillsim.files.contacts.people import Person
    from drillsim.files.contacts.reachability import Absence, Reachability

_SHOWN_MAX = 10
"""Lines of each list of who cuts off most; `--json` has all."""


@click.command(
    "what-if",
    help=_(
        "Say who is cut off in the contact tree in FILE when somebody is away, and where a "
        "stand-in takes over.\n\n"
        "WHO is a node (its id or name) or a person (name, address, or NODE:2 for the second "
        "officer of a node); --without may be given several times. Without it, the persons and "
        "the nodes that cut off most are listed.\n\n"
        "Exit code: 0, or 1 if somebody is cut off by --without."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option(
    "--without", "absent", metavar=_("WHO"), multiple=True, help=_("Who is away: node or person.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(file: str, absent: tuple[str, ...], as_json: bool) -> ExitCode:
    """Print who is cut off."""
    from drillsim.files.contacts.reachability import Reachability
    from drillsim.files.tree_file import load_tree

    loaded = load_tree(file)
    reach = Reachability(loaded.tree)
    if not absent:
        if as_json:
            _echo_json(_ranking_json(reach))
        else:
            _echo(ranking_lines(reach))
        return ExitCode.DONE
    nodes, persons = _found(absent, reach, loaded.document.name)
    absence = reach.without(nodes, persons)
    if as_json:
        _echo_json(_absence_json(reach, nodes, persons, absence))
    else:
        _echo(absence_lines(reach, absence))
    return ExitCode.FOUND if absence.unreachable else ExitCode.DONE


def ranking_lines(reach: "Reachability") -> Iterator[str]:
    """Yield how much of the tree has stand-ins, and who cuts off most."""
    yield from _coverage_lines(reach)
    tree = reach.tree
    yield ""
    if reach.worst_persons:
        rows = [
            [loss.person.name, _posts(tree, loss.person), str(loss.nodes)]
            for loss in reach.worst_persons[:_SHOWN_MAX]
        ]
        yield from table([_("person"), _("at"), _("bodies cut off")], rows, right=(2,))
        yield from _more(len(reach.worst_persons))
    else:
        yield _("No single person cuts anybody off.")
    if reach.worst_nodes:
        yield ""
        rows = [
            [tree.by_id[loss.node].name, loss.node, str(loss.nodes)]
            for loss in reach.worst_nodes[:_SHOWN_MAX]
        ]
        yield from table([_("body"), _("id"), _("cut off, itself included")], rows, right=(2,))
        yield from _more(len(reach.worst_nodes))


def absence_lines(reach: "Reachability", absence: "Absence") -> Iterator[str]:
    """Yield who is cut off by an absence, and where a stand-in takes over."""
    lost, of = len(absence.unreachable), len(reach.reached)
    yield ngettext("{n} of {of} body is cut off", "{n} of {of} bodies are cut off", of).format(
        n=lost, of=of
    )
    broken = set(absence.broken_at)
    for node in absence.unreachable:
        mark = _("nobody there") if node in broken else _("below one that is cut off")
        yield f"  {_node(reach.tree, node)}: {mark}"
    if absence.covered:
        yield _("Somebody else takes the message:")
        for node in absence.covered:
            yield f"  {_node(reach.tree, node)}"
    yield from _coverage_lines(reach)


def _coverage_lines(reach: "Reachability") -> Iterator[str]:
    coverage = reach.coverage
    yield _("With everybody there, {n} of {of} bodies are reached").format(
        n=coverage.reached, of=coverage.nodes
    )
    yield _("Stand-ins: {n} of {of} bodies have two persons or more to reach").format(
        n=coverage.with_stand_in, of=coverage.nodes
    )
    alone = reach.without_stand_in
    for node in alone[:_SHOWN_MAX]:
        yield f"  {_node(reach.tree, node)}: " + _("one person or nobody")
    yield from _more(len(alone))


def _found(
    words: Sequence[str], reach: "Reachability", file: str
) -> tuple[list["NodeId"], list["Person"]]:
    nodes: list[NodeId] = []
    persons: list[Person] = []
    for word in words:
        node = _node_called(word, reach.tree)
        if node is not None:
            nodes.append(node)
        else:
            persons.append(_person_called(word, reach, file))
    return nodes, persons


def _node_called(word: str, tree: "ContactTree") -> "NodeId | None":
    from drillsim.files.contacts.people import folded

    named = [node.id for node in tree.nodes if node.id == word]
    named = named or [node.id for node in tree.nodes if folded(node.name) == folded(word)]
    if len(named) > 1:
        raise UsageError(
            _("{n} nodes are called {word}; write one of the ids {ids}").format(
                n=len(named), word=word, ids=", ".join(named[:_SHOWN_MAX])
            )
        )
    return named[0] if named else None


def _person_called(word: str, reach: "Reachability", file: str) -> "Person":
    from drillsim.files.checks.node_names import NodeNames
    from drillsim.files.contacts.people import folded, own_addresses

    wanted = folded(word)
    tree = reach.tree
    found = [
        person
        for person in reach.people
        if any(
            wanted in {folded(officer.name), f"{folded(post.node)}:{post.number}"}
            or wanted in own_addresses(officer)
            for post in person.posts
            for officer in [tree.by_id[post.node].officers[post.number - 1]]
        )
    ]
    if len(found) == 1:
        return found[0]
    if found:
        posts = ", ".join(f"{p.posts[0].node}:{p.posts[0].number}" for p in found[:_SHOWN_MAX])
        raise UsageError(
            _("{n} persons are meant by {word}; write one of {posts}").format(
                n=len(found), word=word, posts=posts
            )
        )
    near = NodeNames(tree, file).near(word)
    raise UsageError(
        _("no node or person {word} in {file}; did you mean {near}?").format(
            word=word, file=file, near=near
        )
        if near is not None
        else _("no node or person {word} in {file}; see drillsim contacts show").format(
            word=word, file=file
        )
    )


def _node(tree: "ContactTree", node: "NodeId") -> str:
    return clean_line(f"{node} {tree.by_id[node].name}")


def _posts(tree: "ContactTree", person: "Person") -> str:
    return ", ".join(dict.fromkeys(tree.by_id[post.node].name for post in person.posts))


def _more(count: int) -> Iterator[str]:
    if count > _SHOWN_MAX:
        yield _("and {n} more; --json lists all").format(n=count - _SHOWN_MAX)


def _echo(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)


def _echo_json(shown: dict[str, object]) -> None:
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


def _coverage_json(reach: "Reachability") -> dict[str, object]:
    coverage = reach.coverage
    return {
        "nodes": coverage.nodes,
        "reached": coverage.reached,
        "with_stand_in": coverage.with_stand_in,
        "without_stand_in": list(reach.without_stand_in),
    }


def _person_json(person: "Person") -> dict[str, object]:
    posts = [{"node": post.node, "officer": post.number} for post in person.posts]
    return {"name": person.name, "posts": posts}


def _ranking_json(reach: "Reachability") -> dict[str, object]:
    return {
        "coverage": _coverage_json(reach),
        "persons": [
            {**_person_json(loss.person), "cut_off": loss.nodes} for loss in reach.worst_persons
        ],
        "nodes": [{"node": loss.node, "cut_off": loss.nodes} for loss in reach.worst_nodes],
    }


def _absence_json(
    reach: "Reachability",
    nodes: Sequence["NodeId"],
    persons: Sequence["Person"],
    absence: "Absence",
) -> dict[str, object]:
    return {
        "without": {"nodes": nodes, "persons": [_person_json(person) for person in persons]},
        "unreachable": absence.unreachable,
        "broken_at": absence.broken_at,
        "covered": absence.covered,
        "coverage": _coverage_json(reach),
    }
