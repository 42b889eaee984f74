"""A scenario for another contact tree: the bodies that it names become bodies of that tree.

An id that both trees have stays. For any other the counterpart is the next body of its kind, in
the order of the tree: the first prefecture for the prefecture, its municipalities in order for the
municipalities. Who sends comes first, then who is addressed by id, then the rest. A list of
addressees that named most municipalities names the same rest of the new ones.

What is said of a body without a counterpart is left out; a sender needs one. All else in the file
stays as it is, comments too, but for the names of these bodies.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from drillsim.drill.injects import Target
from drillsim.drill.kinds import kind_word
from drillsim.drill.scenario import Scenario
from drillsim.drill.tree import ContactTree, Node, NodeId
from drillsim.files.yaml_nodes import Document, Entries, Path, Scalar, YamlNode
from drillsim.files.yaml_nodes import Mapping as YamlMapping
from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

_WIDTH: Final = 100
_PLAIN: Final = re.compile(r"\w[\w 　・－-]*")
"""Names that may stand anywhere in a YAML file."""
_QUOTED: Final = re.compile(r'"([^"\n]+)"')


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a text, and what takes its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Moved:
    """How a scenario's file is edited, and what that does."""

    edits: tuple[Edit, ...]
    replaced: tuple[tuple[Node, Node], ...]
    """Each body of the old tree that is named, or is above one, and who is in its place; nobody
    who stayed."""
    left_out: tuple[Node, ...]
    """Bodies of the old tree of which something was said that is gone."""

    @property
    def names(self) -> Mapping[str, str]:
        """What the replaced bodies were called, and what those in their place are called."""
        found: dict[str, str] = {}
        for old, new in self.replaced:
            found[f'"{old.id}"'] = json.dumps(new.id)  # In a comment.
            for before, after in ((old.name, new.name), (_first_word(old), _first_word(new))):
                if len(before) > 1 and before != after and _PLAIN.fullmatch(after):
                    found.setdefault(before, after)
        return found


def edited(text: str, edits: Iterable[Edit], names: Mapping[str, str]) -> str:
    """Return `text` with edits, and with `names` replaced in what they leave as it was.

    Of edits that overlap, the outer one counts.
    """
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def renamed(start: int, end: int | None) -> str:
        return pattern.sub(lambda found: names[found[0]], text[start:end])

    pieces, done = [], 0
    for edit in sorted(set(edits), key=lambda each: (each.start, -each.end)):
        if edit.start >= done:
            pieces += [renamed(done, edit.start), edit.text]
            done = edit.end
    return "".join([*pieces, renamed(done, None)])


def moved(document: Document, scenario: Scenario, old: ContactTree, new: ContactTree) -> Moved:
    """Return how the file of a scenario is edited so that it names bodies of `new`.

    Args:
        document: the scenario's file.
        scenario: the same.
        old: the contact tree that it names.
        new: the one that it is to name.

    Raises:
        UsageError: nobody in `new` can take the place of a sender, or of all addressees.
    """
    return _Move(document, scenario, old, new).made()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Naming:
    """A place at which the file names a body."""

    node: NodeId
    path: Path
    """Of the id; where it is the key of a mapping, of what that says."""
    is_key: bool = False
    entry: Path | None = None
    """What is left out where nothing takes the body's place; None: it cannot be."""
    officers: int = 0
    """The highest officer that the entry speaks of."""


class _Move:
    def __init__(
        self, document: Document, scenario: Scenario, old: ContactTree, new: ContactTree
    ) -> None:
        self._document, self._scenario, self._old, self._new = document, scenario, old, new
        self._edits: list[Edit] = []
        self._gone: dict[Path, None] = {}
        self._left_out: dict[NodeId, None] = {}
        self._found: dict[NodeId, Node | None] = {}
        self._taken: set[NodeId] = set()

    def made(self) -> Moved:
        lists, rests = self._addressees()
        groups = (list(self._senders()), lists, list(self._others()))
        self._match(groups, [node for _path, _to, missing in rests for node in missing])
        for naming in (each for group in groups for each in group):
            self._name(naming)
        for path, to, missing in rests:
            self._address_rest(path, to, missing)
        self._leave_out()
        self._match_comments()
        replaced = (
            (self._old.by_id[node], found)
            for node, found in self._found.items()
            if found is not None and found.id != node
        )
        place = self._old.order
        return Moved(
            edits=tuple(self._edits),
            replaced=tuple(sorted(replaced, key=lambda pair: place[pair[0].id])),
            left_out=tuple(
                self._old.by_id[node] for node in sorted(self._left_out, key=place.__getitem__)
            ),
        )

    # Where bodies are named ---------------------------------------------------------------------

    def _senders(self) -> Iterator[_Naming]:
        for number, inject in enumerate(self._scenario.injects):
            yield _Naming(node=inject.from_, path=("injects", number, "from"))

    def _addressees(self) -> tuple[list[_Naming], list[tuple[Path, Node, list[NodeId]]]]:
        """Return who is addressed by id, and apart the lists that name most of a prefecture."""
        lists: list[_Naming] = []
        rests: list[tuple[Path, Node, list[NodeId]]] = []
        for number, inject in enumerate(self._scenario.injects):
            if not isinstance(inject.to, Target) or not inject.to.nodes:
                continue
            path: Path = ("injects", number, "to", "nodes")
            found = self._document.find(path)
            rest = self._rest(inject.to.nodes)
            if rest is not None and isinstance(found, Entries) and found.flow:
                rests.append((path, *rest))
            elif isinstance(found, Entries):
                each = enumerate(inject.to.nodes)
                lists += [_Naming(node=n, path=(*path, k), entry=(*path, k)) for k, n in each]
            else:
                lists.append(_Naming(node=inject.to.nodes[0], path=path))
        return lists, rests

    def _rest(self, nodes: Sequence[NodeId]) -> tuple[Node, list[NodeId]] | None:
        """Return the prefecture of which `nodes` are most municipalities, and who is missing."""
        above = {self._old.by_id[node].parent for node in nodes}
        kinds = {self._old.by_id[node].kind for node in nodes}
        parent = above.pop() if len(above) == 1 else None
        if parent is None or kinds != {"municipality"}:
            return None
        missing = [n.id for n in self._below(self._old, parent) if n.id not in nodes]
        return (self._old.by_id[parent], missing) if len(missing) < len(nodes) else None

    @staticmethod
    def _below(tree: ContactTree, parent: NodeId) -> list[Node]:
        return [n for n in tree.nodes if n.parent == parent and n.kind == "municipality"]

    def _others(self) -> Iterator[_Naming]:
        for node in self._scenario.participants.except_:
            path: Path = ("participants", "except", node)
            yield _Naming(node=node, path=path, is_key=True, entry=path)
        for node, person in self._scenario.people.nodes.items():
            path = ("people", "nodes", node)
            officers = max((0, *person.absent, *person.silent, *person.dead))
            yield _Naming(node=node, path=path, is_key=True, entry=path, officers=officers)
            for k, child in enumerate(person.leave_out):
                at: Path = (*path, "leave-out", k)
                yield _Naming(node=child, path=at, entry=at)
        for number, fault in enumerate(self._scenario.faults):
            path = ("faults", number)
            yield _Naming(
                node=fault.node, path=(*path, "node"), entry=path, officers=fault.officer or 0
            )

    # Who takes whose place ----------------------------------------------------------------------

    def _match(self, groups: Sequence[Sequence[_Naming]], missing: Sequence[NodeId]) -> None:
        named = {naming.node for group in groups for naming in group} | set(missing)
        for node in named:
            same = self._new.by_id.get(node)
            if same is not None and same.kind == self._old.by_id[node].kind:
                self._found[node] = same
                self._taken.add(node)
        most: dict[NodeId, int] = {}
        for naming in (each for group in groups for each in group):
            most[naming.node] = max(naming.officers, most.get(naming.node, 0))
        for wanted in (*[[each.node for each in group] for group in groups], missing):
            for node in sorted(set(wanted), key=self._old.order.__getitem__):
                self._counterpart(node, most.get(node, 0))

    def _match_comments(self) -> None:
        """Find counterparts of those whom comments name by their ids."""
        for quoted in _QUOTED.finditer(self._document.text):
            node = NodeId(quoted[1])
            is_edited = any(e.start <= quoted.start() < e.end for e in self._edits)
            if node in self._old.by_id and node not in self._new.by_id and not is_edited:
                self._counterpart(node)

    def _counterpart(self, node: NodeId, officers: int = 0) -> Node | None:
        """Return who takes the place of `node`: whoever has enough officers, or else the next."""
        if node not in self._found:
            known = self._old.by_id[node]
            above = self._counterpart(known.parent) if known.parent is not None else None
            alike = [each for each in self._new.nodes if each.kind == known.kind]
            below = [each for each in alike if above is not None and each.parent == above.id]
            free = [each for each in below or alike if each.id not in self._taken]
            fit = [each for each in free if len(each.officers) >= officers]
            found = next(iter(fit or free), None)
            self._found[node] = found
            if found is not None:
                self._taken.add(found.id)
        return self._found[node]

    # What is edited -----------------------------------------------------------------------------

    def _name(self, naming: _Naming) -> None:
        found = self._found[naming.node]
        if found is None or len(found.officers) < naming.officers:
            if naming.entry is None:
                raise self._nobody(naming.node)
            self._gone[naming.entry] = None
            self._left_out[naming.node] = None
            return
        *above, last = naming.path
        scalar = self._document.find(naming.path)
        if naming.is_key:
            mapping = self._document.find(above)
            scalar = mapping.keys[str(last)] if isinstance(mapping, YamlMapping) else None
        if found.id != naming.node and isinstance(scalar, Scalar):
            self._edits.append(Edit(scalar.start, scalar.end, json.dumps(found.id)))

    def _nobody(self, node: NodeId) -> UsageError:
        known = self._old.by_id[node]
        return UsageError(
            _(
                "{title} has no {kind} to take the place of {name}; name another contact tree, or "
                "begin from another scenario"
            ).format(
                title=clean_line(self._new.title),
                kind=kind_word(known.kind),
                name=clean_line(known.name),
            )
        )

    def _address_rest(self, path: Path, to: Node, missing: Sequence[NodeId]) -> None:
        """Let a list that named most of a prefecture name the same rest of its counterpart."""
        there = self._counterpart(to.id)
        apart = {found.id for node in missing if (found := self._found[node]) is not None}
        everybody = self._below(self._new, there.id) if there is not None else []
        nodes = [each.id for each in everybody if each.id not in apart]
        if not nodes:
            raise self._nobody(self._old_addressees(path)[0])
        if nodes != self._old_addressees(path):
            self._edits.append(self._listed(path, [json.dumps(node) for node in nodes]))

    def _old_addressees(self, path: Path) -> list[NodeId]:
        to = self._scenario.injects[int(path[1])].to
        return list(to.nodes) if isinstance(to, Target) else []

    def _listed(self, path: Path, items: Sequence[str]) -> Edit:
        """Return the edit that makes the flow list at `path` one of `items`, in lines."""
        node = self._document.find(path)
        assert isinstance(node, Entries)
        indent = node.start - self._line_start(node.start) + 1
        lines, length = [""], indent
        for number, item in enumerate(items):
            text = item + ("," if number < len(items) - 1 else "]")
            if lines[-1] and length + 1 + len(text) > _WIDTH:
                lines.append("")
                length = indent
            length += len(text) + bool(lines[-1])
            lines[-1] += (" " if lines[-1] else "") + text
        return Edit(node.start, node.end, "[" + ("\n" + " " * indent).join(lines))

    def _leave_out(self) -> None:
        """Take entries out of their lists and mappings."""
        by_parent: dict[Path, list[str | int]] = {}
        for *above, last in self._gone:
            by_parent.setdefault(tuple(above), []).append(last)
        for path, gone in by_parent.items():
            parent = self._document.find(path)
            if parent is None or isinstance(parent, Scalar):
                continue
            spans = _spans(parent)
            kept = [span for key, span in spans.items() if key not in gone]
            if not kept and path[0] == "injects":
                raise self._nobody(self._old_addressees(path)[0])
            if not parent.flow:
                self._edits += [self._lines(*spans[key]) for key in gone]
                continue
            each = ", ".join(self._as_edited(*span) for span in kept)
            brackets = "[]" if isinstance(parent, Entries) else "{}"
            self._edits.append(Edit(parent.start, parent.end, brackets[0] + each + brackets[1]))

    def _as_edited(self, start: int, end: int) -> str:
        within = (
            Edit(each.start - start, each.end - start, each.text)
            for each in self._edits
            if start <= each.start and each.end <= end
        )
        return edited(self._document.text[start:end], within, {})

    def _lines(self, start: int, end: int) -> Edit:
        """Return the edit that takes the lines from `start` to `end` out."""
        text = self._document.text
        below = text.find("\n", max(start, end - 1))
        return Edit(self._line_start(start), len(text) if below < 0 else below + 1, "")

    def _line_start(self, at: int) -> int:
        return self._document.text.rfind("\n", 0, at) + 1


def _spans(node: Entries | YamlMapping) -> dict[str | int, tuple[int, int]]:
    """Return where each entry begins and ends, with its key."""
    if isinstance(node, Entries):
        return {number: (item.start, _end(item)) for number, item in enumerate(node.items)}
    return {key: (node.keys[key].start, _end(value)) for key, value in node.values.items()}


def _end(node: YamlNode) -> int:
    """Return where a node ends; one in block style, where the last thing in it does."""
    match node:
        case Entries() if not node.flow and node.items:
            return _end(node.items[-1])
        case YamlMapping() if not node.flow and node.values:
            return max(_end(value) for value in node.values.values())
        case _:
            return node.end


def _first_word(node: Node) -> str:
    return node.name.split()[0]
