"""A list on its way into a contact tree: read, placed, merged, checked; written by nobody here."""

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.bodies import Body, by_code
from drillsim.files.contacts.applying import rewritten
from drillsim.files.contacts.comparison import Comparison, compare
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.new_file import contact_file
from drillsim.files.contacts.notation import Data
from drillsim.files.lists.entries import Listing, read_entries
from drillsim.files.lists.header import find_header
from drillsim.files.lists.mapping import HeadingMap
from drillsim.files.lists.merging import Merged, merged_nodes
from drillsim.files.lists.placing import Placed, place
from drillsim.files.lists.sheet import Sheet
from drillsim.files.tree_file import parse_tree
from drillsim.files.yaml_nodes import Entries
from drillsim.files.yaml_reader import read_document
from drillsim.problem import Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class Options:
    """How a list is to be taken."""

    headings: HeadingMap
    prefecture: Body | None = None
    title: str = ""
    keep_empty: bool = False
    remove_missing: bool = False
    leave_out_bad: bool = False


@dataclass(slots=True)
class Import:
    """What a list makes of a tree, before anything is written."""

    listing: Listing
    placed: list[Placed]
    old: ContactTree | None
    new: ContactTree | None = None
    """None where the list has errors."""
    data: bytes = b""
    """The file as it is to be written."""
    missing: list[NodeId] = field(default_factory=list)
    """Nodes of the tree that the list does not name."""
    left_out: list[Placed] = field(default_factory=list)
    """Bodies with a bad row that were left out, as was asked."""

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of the list."""
        return sorted(self.listing.problems)

    @property
    def comparison(self) -> Comparison | None:
        """What changes in a tree that is there already."""
        if self.old is None or self.new is None:
            return None
        return compare(self.old, self.new)


def import_list(sheet: Sheet, options: Options, *, name: str, data: bytes | None = None) -> Import:
    """Return what `sheet` makes of the contact file called `name`.

    Args:
        sheet: the list.
        options: how it is to be taken.
        name: the contact file, as problems call it.
        data: what the file holds now; None for a new one.

    Raises:
        ProblemsError: the list has no headings, or the contact file has errors.
        EditError: the contact file is written in a way that cannot be changed.
    """
    loaded = parse_tree(data, name) if data is not None else None
    old = loaded.tree if loaded is not None else None
    listing = read_entries(sheet, find_header(sheet, options.headings))
    placed = place(listing, old, options.prefecture)
    result = Import(listing, placed, old)
    document = ContactDocument.parse(data, name) if data is not None else None
    known = _known(document)
    merged = merged_nodes(listing, placed, known, keep_empty=options.keep_empty)
    if options.leave_out_bad:
        merged = _without_bad(merged, result)
    if listing.has_errors and not options.leave_out_bad:
        return result
    named = {one.id for one in placed}
    result.missing = [node for node in known if node not in named]
    removed = result.missing if options.remove_missing else []
    if document is None:
        title = options.title or _title(placed, name)
        result.data = contact_file([one.data for one in merged], title)
    else:
        edit = rewritten(
            document,
            changed={str(m.placed.id): m.data for m in merged if m.was and m.has_changed},
            added=[m.data for m in merged if m.was is None],
            removed=[str(node) for node in removed],
        )
        document.apply(edit)
        result.data = document.data
    _check(result, name)
    return result


def _title(placed: list[Placed], name: str) -> str:
    """Return the title of a new tree: by its prefecture, where it has one."""
    prefectures = [one.code for one in placed if one.kind == "prefecture"]
    body = by_code(prefectures[0]) if len(prefectures) == 1 else None
    where = body.name if body is not None else PurePosixPath(name).stem
    return f"{where} 住基ネット緊急時連絡網"


def _known(document: ContactDocument | None) -> dict[NodeId, Data]:
    if document is None:
        return {}
    return {NodeId(entry.id): entry.data for entry in document.entries}


def _without_bad(merged: list[Merged], result: Import) -> list[Merged]:
    """Leave out, whole, every body that a bad row is about: a tree with half of it would mislead.

    Who hangs below one that is left out, and is new, has no place either.
    """
    bad = {problem.line for problem in result.listing.problems if not problem.is_warning}
    gone: set[NodeId] = set()
    for one in merged:
        rows = _rows(one.placed)
        if bad & rows:
            gone.add(one.placed.id)
    while True:
        orphans = {
            m.placed.id
            for m in merged
            if m.was is None and m.placed.parent in gone and m.placed.id not in gone
        }
        if not orphans:
            break
        gone |= orphans
    result.left_out = [one.placed for one in merged if one.placed.id in gone]
    return [one for one in merged if one.placed.id not in gone]


def _rows(placed: Placed) -> set[int]:
    if placed.listed is None:
        return set()
    cells = {row for row, _column, _text in placed.listed.cells.values()}
    return cells | {placed.listed.row} | {officer.row for officer in placed.listed.officers}


def _check(result: Import, name: str) -> None:
    """Read what is to be written; its errors are told at the rows that they come from."""
    try:
        result.new = parse_tree(result.data, name).tree
    except ProblemsError as error:
        document = ContactDocument.parse(result.data, name)
        rows = {str(one.id): one.listed.row for one in result.placed if one.listed is not None}
        lines = _node_lines(result.data, name)
        for problem in error.problems:
            if problem.is_warning:
                continue
            at = bisect_right(lines, problem.line) - 1
            node = document.entries[at].id if 0 <= at < len(document.entries) else ""
            row = rows.get(node, result.listing.header.last)
            result.listing.say(row, 1, problem.message, problem.remedy, "error")
        result.data = b""


def _node_lines(data: bytes, name: str) -> list[int]:
    nodes = read_document(data, name).find(("nodes",))
    return [item.place.line for item in nodes.items] if isinstance(nodes, Entries) else []
