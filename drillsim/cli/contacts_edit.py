"""`drillsim contacts edit`: the editor of contact trees."""

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drillsim.i18n import _, language
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.files.contacts.document import ContactDocument


@click.command(
    "edit",
    help=_(
        "Edit the contact tree in FILE: the tree on the left, the form on the right, and what is "
        "wrong at each field while you type.\n\n"
        "Lines that you do not touch stay as they are, with their comments. Before anything is "
        "written, the lines that change are shown; what somebody else has saved in the meantime "
        "is never overwritten."
    ),
)
@click.argument("file", metavar=_("FILE"))
@click.option(
    "--at",
    metavar=_("NODE[/OFFICER]"),
    help=_("Begin at this body, and at an officer by number or name, such as 353418/2."),
)
@click.option("--present", is_flag=True, help=_("Mask personal data; ctrl+r shows it."))
def command(file: str, at: str | None, present: bool) -> int:
    """Open the editor until it is left."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("the editor needs a terminal; drillsim contacts check needs none"))
    gc.disable()  # A quarter of the time to open a large tree; the editor takes it up again.
    try:
        from drillsim.files.contacts.opened import read_file
        from drillsim.files.places import find, relative_name
        from drillsim.tui.app import open_editor

        name = relative_name(find(file, "contacts"))
        opened = read_file(Path(name), name)
        start = place_of(opened.document, at) if at is not None else None
        return open_editor(opened, at=start, masked=present, lang=language())
    finally:
        gc.enable()


def place_of(document: "ContactDocument", at: str) -> tuple[int, int | None]:
    """Return the node (its place) and the officer (from 0) that `NODE[/OFFICER]` means.

    Raises:
        UsageError: there is no such node, or officer.
    """
    from drillsim.files.contacts.people import folded
    from drillsim.tui.views.editor import officers_of

    node, _slash, who = at.partition("/")
    ids = [entry.id for entry in document.entries]
    names = [folded(str(entry.data.get("name", ""))) for entry in document.entries]
    if node in ids:
        place = ids.index(node)
    elif names.count(folded(node)) == 1:
        place = names.index(folded(node))
    else:
        raise UsageError(
            _("no node {node} in {path}; write its id, or its whole name").format(
                node=clean_line(node), path=clean_line(document.name)
            )
        )
    officers = officers_of(document.entries[place].data)
    if not who:
        return place, None
    if who.isdecimal() and 1 <= int(who) <= len(officers):
        return place, int(who) - 1
    called = [folded(str(o.get("name", ""))) if isinstance(o, dict) else "" for o in officers]
    if called.count(folded(who)) == 1:
        return place, called.index(folded(who))
    raise UsageError(
        _("no officer {who} at {node}; write a number from 1 to {count}, or the name").format(
            who=clean_line(who), node=clean_line(node), count=len(officers)
        )
    )
