"""What is wrong with a contact document while it is edited: every finding with its field.

The rules are those of `drillsim check` and `drillsim contacts check`; they name a value by its path
in the file, and a page of paths (`_FieldBook`) in the place of lines gives the field back. One node
with what it leans on is looked at in some milliseconds (`look`), so that a finding stands at the
field while one types; what lies between nodes is seen when all of the tree is looked at
(`look_all`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast, get_args

from pydantic import ValidationError

from drillsim.drill.tree import ContactTree, Node, NodeId, NodeKind
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.lint import lint_tree
from drillsim.files.contacts.notation import Data
from drillsim.files.contacts.pieces import Entry
from drillsim.files.contacts.rules import RULES, SCORE_WITH_ERRORS_MAX, RuleName
from drillsim.files.model_faults import model_faults
from drillsim.files.yaml_nodes import Document, Entries, Mapping, Path, Place, Scalar, YamlNode
from drillsim.i18n import _

BETWEEN_NODES = frozenset(
    {"dead-end", "hangs-on-one", "no-stand-in", "shared-address", "person-twice", "other-domain",
     "nobody-below", "deep"}
)  # fmt: skip
"""Rules that need the whole tree; of a node that was just changed their last word stands."""


@dataclass(frozen=True, slots=True)
class FieldFinding:
    """One thing worth mending, at a field of a node."""

    rule: RuleName
    path: Path
    """Within the node; () for the node itself."""
    message: str
    remedy: str

    @property
    def is_error(self) -> bool:
        """Whether no drill can run with it."""
        return self.rule == "error"

    @property
    def points(self) -> int:
        """What it takes from the hundred points of its node."""
        return RULES[self.rule].points

    @property
    def why(self) -> str:
        """Why it matters, in the reader's language."""
        return _(RULES[self.rule].why)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An entry as a model; what does not fit is left out of it, and said."""

    entry: Entry
    node: Node
    faults: tuple[FieldFinding, ...]


@dataclass(frozen=True)
class _FieldBook(Document):
    """A document whose places are its fields: the line is the node's, the column a page of paths.

    Lines stay true, since findings quote them; columns are looked up again with `path_at`.
    """

    lines: Sequence[int] = ()
    pages: dict[Path, int] = field(default_factory=dict)

    def place(self, path: Sequence[str | int]) -> Place:
        """Return the place that stands for `path`."""
        line = self.lines[int(path[1])] if len(path) > 1 and self.lines else 1
        page = self.pages.setdefault(tuple(path), len(self.pages) + 1)
        return Place(line, page)

    def key_place(self, path: Sequence[str | int]) -> Place:
        """Return the same: key and value are one field."""
        return self.place(path)

    def find(self, path: Sequence[str | int]) -> YamlNode | None:
        """Return the list of nodes, each with its line."""
        if tuple(path) != ("nodes",):
            return None
        items: list[YamlNode] = [Scalar("", "", Place(line, 1), 0, 0) for line in self.lines]
        return Entries(Place(1, 1), 0, items=items)


class Inspection:
    """The findings of a document; each belongs to an entry as it was when it was looked at."""

    def __init__(self, document: ContactDocument, today: date) -> None:
        self.document = document
        self.today = today
        self._seen: dict[int, _Seen] = {}
        self._found: dict[int, tuple[Entry, tuple[FieldFinding, ...]]] = {}
        self.top: tuple[FieldFinding, ...] = ()
        """What is wrong beside the nodes: format, title, zone."""

    # Findings -----------------------------------------------------------------------------------

    def findings(self, place: int) -> tuple[FieldFinding, ...]:
        """Return what is known of the node at `place`."""
        entry = self.document.entries[place]
        found = self._found.get(id(entry))
        return found[1] if found is not None else ()

    def everything(self) -> Iterator[tuple[int, FieldFinding]]:
        """Yield every finding with the place of its node, in file order."""
        for place in range(len(self.document.entries)):
            for finding in self.findings(place):
                yield place, finding

    def total(self) -> tuple[int, int]:
        """Return the score from 0 to 100, as `drillsim contacts check` gives it, and the findings.

        This costs a millisecond for the national tree.
        """
        nodes = count = lost = 0
        has_errors = bool(self.top)
        for entry in self.document.entries:
            nodes += 1
            found = self._found.get(id(entry))
            if found is None or not found[1]:
                continue
            count += len(found[1])
            lost += min(100, sum(each.points for each in found[1]))
            has_errors = has_errors or found[1][0].is_error  # Errors come first.
        count += len(self.top)
        if not nodes:
            return 0, count
        score = (100 * nodes - lost) // nodes
        if has_errors:
            return min(score, SCORE_WITH_ERRORS_MAX), count
        return (min(score, 99) if count else score), count

    def look(self, place: int) -> tuple[FieldFinding, ...]:
        """Look at one node and what it leans on; what lies between nodes keeps its last finding."""
        entries = self.document.entries
        entry = entries[place]
        before = self.findings(place)
        group = self._leans_on(place)
        tree, book = self._tree(group)
        found = [
            *self._see(entry).faults,
            *(
                finding
                for at, finding in _fields(lint_tree(tree, book, self.today), book)
                if at == 0 and finding.rule not in BETWEEN_NODES
            ),
            *(finding for finding in before if finding.rule in BETWEEN_NODES),
        ]
        self._found[id(entry)] = (entry, _in_order(found))
        return self._found[id(entry)][1]

    def look_all(self) -> "Look":
        """Return the look at the whole tree as it is now, to be taken perhaps in a thread."""
        return Look(self, tuple(self.document.entries), self.document.top)

    def take(self, found: dict[int, tuple[Entry, tuple[FieldFinding, ...]]],
             top: tuple[FieldFinding, ...]) -> None:  # fmt: skip
        """Take what a look has found; entries that were changed since keep what is known."""
        now = {id(entry) for entry in self.document.entries}
        kept = {key: value for key, value in self._found.items() if key in now and key not in found}
        self._found = found | kept
        self._seen = {key: seen for key, seen in self._seen.items() if key in now}
        self.top = top

    def carry(self, before: Sequence[Entry], after: Sequence[Entry]) -> None:
        """Let changed entries begin with what was found in those whose places they took."""
        for old, new in zip(before, after, strict=False):
            found = self._found.get(id(old))
            if found is not None and id(new) not in self._found:
                self._found[id(new)] = (new, found[1])

    # Models -------------------------------------------------------------------------------------

    def _leans_on(self, place: int) -> list[int]:
        """Return the node, those above it, and those that it names or shares its id with."""
        entries = self.document.entries
        group = [place]
        ids = {entries[place].id}
        names = [entries[place].data.get("parent"), *_told(entries[place].data)]
        while names:
            name = names.pop()
            if not isinstance(name, str) or name in ids:
                continue
            ids.add(name)
            try:
                at = self.document.place_of(name)
            except KeyError:
                continue
            group.append(at)
            names.append(entries[at].data.get("parent"))
        try:
            first = self.document.place_of(entries[place].id)
        except KeyError:
            first = place
        if first not in group:
            group.append(first)
        return group

    def _tree(self, places: Iterable[int]) -> tuple[ContactTree, _FieldBook]:
        entries = self.document.entries
        group = list(places)
        nodes = tuple(self._see(entries[place]).node for place in group)
        lines = [n + 1 for n in range(len(group))]
        return _tree_of(nodes, {}), _FieldBook(self.document.name, "", _NOTHING, (), lines)

    def _see(self, entry: Entry) -> _Seen:
        seen = self._seen.get(id(entry))
        if seen is None:
            seen = self._seen[id(entry)] = see(entry)
        return seen


@dataclass(slots=True)
class Look:
    """A look at a whole tree as it was at one moment."""

    _inspection: Inspection
    entries: tuple[Entry, ...]
    _top: Data

    def run(self) -> None:
        """Look; this takes a second for the national tree, and touches nothing but itself."""
        known = self._inspection._seen
        seen = [known.get(id(entry)) or see(entry) for entry in self.entries]
        lines, line = [], 1
        for entry in self.entries:
            lines.append(line + entry.lead.count("\n"))
            line += entry.lead.count("\n") + entry.body.count("\n")
        tree = _tree_of(tuple(each.node for each in seen), self._top)
        book = _FieldBook(self._inspection.document.name, "", _NOTHING, (), lines)
        found: dict[int, list[FieldFinding]] = {}
        for at, finding in _fields(lint_tree(tree, book, self._inspection.today), book):
            found.setdefault(at, []).append(finding)
        self.found = {
            id(entry): (entry, _in_order([*seen[n].faults, *found.get(n, ())]))
            for n, entry in enumerate(self.entries)
        }
        self.seen = {id(each.entry): each for each in seen}
        self.top = tuple(_top_faults(self._top))

    found: dict[int, tuple[Entry, tuple[FieldFinding, ...]]] = field(default_factory=dict)
    seen: dict[int, _Seen] = field(default_factory=dict)
    top: tuple[FieldFinding, ...] = ()

    def take(self) -> None:
        """Let the inspection know what was found."""
        self._inspection._seen |= self.seen
        self._inspection.take(self.found, self.top)


_NOTHING = Mapping(Place(1, 1), 0)
_NO_ID, _NO_NAME = "_", "?"
_STAND_INS: dict[str | int, str] = {
    "id": _NO_ID, "name": _NO_NAME, "kind": "section", "phone": _NO_NAME,
}  # fmt: skip
"""What stands in for what must be there and is not, so that the rest can be looked at."""


def see(entry: Entry) -> _Seen:
    """Return an entry as a model: what does not fit is left out, and listed."""
    data = entry.data
    faults: list[FieldFinding] = []
    for _round in range(3):
        try:
            node = Node.model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            document = Document("", "", _as_nodes(entry.data))
            bad = []
            for path, _place, message, remedy in model_faults(error, document, Node):
                bad.append(path)
                finding = FieldFinding("error", _within(path, entry.data), message, remedy)
                if finding not in faults:
                    faults.append(finding)
            data = _without(data, bad)
        else:
            return _Seen(entry, node, tuple(faults))
    return _Seen(entry, _bare(data), tuple(faults))


def _without(data: Data, paths: Iterable[Path]) -> Data:
    """Return data without what is at fault; needed fields get a stand-in."""
    changed = deepcopy(data)
    for path in sorted(paths, key=len, reverse=True):
        holder: Any = changed
        for step in path[:-1]:
            holder = holder.get(step) if isinstance(holder, dict) else _item(holder, step)
        if isinstance(holder, dict):
            holder.pop(path[-1], None)
        elif isinstance(holder, list) and isinstance(path[-1], int) and path[-1] < len(holder):
            holder[path[-1]] = {"name": _NO_NAME}
        stand_in = _STAND_INS.get(path[-1])
        if stand_in is not None and isinstance(holder, dict):
            holder[path[-1]] = stand_in
    return changed


def _item(holder: Any, step: str | int) -> Any:
    if isinstance(holder, list) and isinstance(step, int) and step < len(holder):
        return holder[step]
    return None


def _bare(data: Data) -> Node:
    """Return what must be there of a node that nothing can be read of."""
    kind = data.get("kind")
    return Node.model_construct(
        id=NodeId(str(data.get("id") or _NO_ID)),
        name=str(data.get("name") or _NO_NAME),
        kind=cast(NodeKind, kind if kind in get_args(NodeKind) else "section"),
    )


def _within(path: Path, data: Any) -> Path:
    """Return the path without steps that lead nowhere, such as pydantic's names of alternatives."""
    kept: list[str | int] = []
    for n, step in enumerate(path):
        if isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif n + 1 < len(path):
            continue
        kept.append(step)
    return tuple(kept)


def _as_nodes(data: Any) -> YamlNode:
    """Return plain data as YAML nodes without places, for those who ask what is there."""
    if isinstance(data, dict):
        made = Mapping(Place(1, 1), 0)
        for key, value in data.items():
            made.keys[key] = Scalar(key, "", Place(1, 1), 0, 0)
            made.values[key] = _as_nodes(value)
        return made
    if isinstance(data, list):
        return Entries(Place(1, 1), 0, items=[_as_nodes(each) for each in data])
    return Scalar(str(data), "'", Place(1, 1), 0, 0)


def _tree_of(nodes: tuple[Node, ...], top: Data) -> ContactTree:
    return ContactTree.model_construct(
        format="drillsim-contacts/1",
        title=str(top.get("title", "-")),
        zone=str(top.get("zone", "Asia/Tokyo")),
        note="",
        nodes=nodes,
    )


def _top_faults(top: Data) -> Iterator[FieldFinding]:
    node = {"id": "x", "name": "x", "kind": "section"}
    data = {**top, "nodes": [node]}
    try:
        ContactTree.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        document = Document("", "", _as_nodes(data))
        for path, _place, message, remedy in model_faults(error, document, ContactTree):
            yield FieldFinding("error", path, message, remedy)


def _fields(lint: Any, book: _FieldBook) -> Iterator[tuple[int, FieldFinding]]:
    """Yield the findings of a look with the place of their node in the tree looked at."""
    paths = list(book.pages)
    for finding in lint.findings:
        problem = finding.problem
        if problem.column > len(paths):
            continue
        path = paths[problem.column - 1]
        if path[:1] != ("nodes",):
            continue
        at = int(path[1]) if len(path) > 1 else bisect_right(book.lines, problem.line) - 1
        yield at, FieldFinding(finding.rule, path[2:], problem.message, problem.remedy)


def _in_order(found: Iterable[FieldFinding]) -> tuple[FieldFinding, ...]:
    """Return findings each once, errors first, then the dearest."""
    return tuple(sorted(dict.fromkeys(found), key=lambda each: -each.points))


def _told(data: Data) -> list[Any]:
    told = data.get("also-notify", [])
    return told if isinstance(told, list) else [told]
