"""`drillsim contacts diff`: what changed between two contact trees, body by body."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.drill.tree import Node
    from drillsim.files.contacts.comparison import (
        BodyChanges,
        Change,
        Comparison,
        Entry,
        Pair,
    )


@click.command(
    "diff",
    help=_(
        "Say what changed from the contact tree in OLD to that in NEW: who left, came, moved, "
        "changed address or post, body by body.\n\n"
        "Lines begin with - (left), + (came), > (moved here), < (moved away) or ~ (changed).\n\n"
        "Exit code: 0 if nothing changed, 1 if something did, 2 if a file cannot be used."
    ),
)
@click.argument("old", metavar=_("OLD"))
@click.argument("new", metavar=_("NEW"))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(old: str, new: str, as_json: bool) -> ExitCode:
    """Print what changed."""
    from drillsim.files.contacts.comparison import compare
    from drillsim.files.tree_file import load_tree

    before, after = load_tree(old), load_tree(new)
    comparison = compare(before.tree, after.tree)
    if as_json:
        files = {"old": before.document.name, "new": after.document.name}
        shown = {**files, **comparison_json(comparison)}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif not comparison.is_empty:
        click.echo(f"--- {clean_line(before.document.name)}")
        click.echo(f"+++ {clean_line(after.document.name)}")
        for line in diff_lines(comparison):
            click.echo(line)
    if comparison.is_empty:
        click.echo(_("nothing changed"), err=True)
        return ExitCode.DONE
    return ExitCode.FOUND


def diff_lines(comparison: "Comparison") -> Iterator[str]:
    """Yield a line per fact; no line depends on how many others there are."""
    yield from _change_lines(comparison.changes, "~ ")
    for body in comparison.bodies:
        yield f"@@ {_title(body.node)}"
        if body.old is None:
            yield _("+ this body is new")
        elif body.new is None:
            yield _("- this body is gone")
        yield from _change_lines(body.changes, "~ ")
        for entry in body.left:
            yield f"- {_person(entry)}"
        for pair in body.moved_out:
            yield "< " + _("{person}: moved to {node}").format(
                person=_person(pair.old), node=clean_line(pair.new.node)
            )
        for entry in body.came:
            yield f"+ {_person(entry)}"
        for pair in body.moved_in:
            yield "> " + _("{person}: moved from {node}").format(
                person=_person(pair.new), node=clean_line(pair.old.node)
            )
            yield from _change_lines(pair.changes, "    ")
        for pair in body.changed:
            yield f"~ {clean_line(pair.new.officer.name)}"
            yield from _change_lines(pair.changes, "    ")


def _change_lines(changes: Sequence["Change"], lead: str) -> Iterator[str]:
    for change in changes:
        nothing = _("(nothing)")
        old, new = clean_line(change.old) or nothing, clean_line(change.new) or nothing
        yield f"{lead}{change.name}: {old} → {new}"


def _title(node: "Node") -> str:
    return clean_line(f"{node.id} {node.name}")


def _person(entry: "Entry") -> str:
    officer = entry.officer
    parts = [officer.name, f"({officer.role})" if officer.role else "", *officer.email]
    return clean_line("  ".join(part for part in (*parts, officer.phone) if part))


def comparison_json(comparison: "Comparison") -> dict[str, object]:
    """Return what changed as an object of the `--json` output."""
    return {
        "same": comparison.is_empty,
        "changes": [_change_json(change) for change in comparison.changes],
        "bodies": [_body_json(body) for body in comparison.bodies],
    }


def _body_json(body: "BodyChanges") -> dict[str, object]:
    return {
        "old": None if body.old is None else body.old.id,
        "new": None if body.new is None else body.new.id,
        "name": body.node.name,
        "changes": [_change_json(change) for change in body.changes],
        "left": [_entry_json(entry) for entry in body.left],
        "came": [_entry_json(entry) for entry in body.came],
        "changed": [_pair_json(pair) for pair in body.changed],
        "moved_in": [_pair_json(pair) for pair in body.moved_in],
        "moved_out": [_pair_json(pair) for pair in body.moved_out],
    }


def _entry_json(entry: "Entry") -> dict[str, object]:
    return {
        "node": entry.node,
        "officer": entry.number,
        **entry.officer.model_dump(mode="json", by_alias=True),
    }


def _pair_json(pair: "Pair") -> dict[str, object]:
    return {
        "name": pair.new.officer.name,
        "from": {"node": pair.old.node, "officer": pair.old.number},
        "to": {"node": pair.new.node, "officer": pair.new.number},
        "changes": [_change_json(change) for change in pair.changes],
    }


def _change_json(change: "Change") -> dict[str, str]:
    return {"field": change.name, "old": change.old, "new": change.new}
