"""`drillsim contacts diff`: what changed between two contact trees, body by body."""

import json
import sys
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, language
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.files.contacts.comparison import (
        BodyChanges,
        Change,
        Comparison,
        Entry,
        Pair,
    )
    from drillsim.files.tree_file import LoadedTree


@click.command(
    "diff",
    help=_(
        "Say what changed from the contact tree in OLD to that in NEW: who left, came, moved, "
        "changed address or post, body by body.\n\n"
        "Lines begin with - (left), + (came), > (moved here), < (moved away) or ~ (changed).\n\n"
        "With --screen, the changes are checked by telephone: body by body, with the numbers to "
        "call; who has been checked gets the day in verified, in NEW.\n\n"
        "Exit code: 0 if nothing changed, 1 if something did, 2 if a file cannot be used."
    ),
)
@click.argument("old", metavar=_("OLD"))
@click.argument("new", metavar=_("NEW"))
@click.option("--screen", is_flag=True, help=_("Check the changes by telephone, on a screen."))
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(old: str, new: str, screen: bool, as_json: bool) -> ExitCode:
    """Print what changed."""
    from drillsim.files.contacts.change_lines import diff_lines
    from drillsim.files.contacts.comparison import compare
    from drillsim.files.tree_file import load_tree

    before, after = load_tree(old), load_tree(new)
    comparison = compare(before.tree, after.tree)
    if as_json:
        files = {"old": before.document.name, "new": after.document.name}
        shown = {**files, **comparison_json(comparison)}
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif screen and not comparison.is_empty:
        _check_by_telephone(before, after)
    elif not comparison.is_empty:
        click.echo(f"--- {clean_line(before.document.name)}")
        click.echo(f"+++ {clean_line(after.document.name)}")
        for line in diff_lines(comparison):
            click.echo(line)
    if comparison.is_empty:
        click.echo(_("nothing changed"), err=True)
        return ExitCode.DONE
    return ExitCode.FOUND


def _check_by_telephone(before: "LoadedTree", after: "LoadedTree") -> None:
    from drillsim.files.contacts.office_rules import today_in_japan

    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        raise UsageError(_("--screen needs a terminal"))
    from drillsim.tui.app import open_screen
    from drillsim.tui.screens.bodies import TelephoneCheck

    open_screen(TelephoneCheck(before, after, today_in_japan()), lang=language())


def comparison_json(comparison: "Comparison") -> dict[str, object]:
    """Return what changed as an object of the `--json` output."""
    return {
        "same": comparison.is_empty,
        "changes": [_change_json(change) for change in comparison.changes],
        "bodies": [body_json(body) for body in comparison.bodies],
    }


def body_json(body: "BodyChanges") -> dict[str, object]:
    """Return what changed at one body as an object of the `--json` output."""
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
