"""What changed between two contact trees: who left, came, moved, changed address or post.

Bodies are matched by id, then by code, then by name. Officers are matched by address within the
body, by name within the body, by address across bodies, and by name across bodies where the name
is the only one on both sides; the last two have moved. The same pairs are found in both
directions, so that whoever came is, read backwards, who left.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from drillsim.drill.tree import ContactTree, DutyDesk, Node, NodeId, Officer
from drillsim.files.contacts.people import folded, own_addresses

T = TypeVar("T")
Key: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is not as it was; `name` is its key in the file, both sides as text."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An officer of one of the two trees, with the place in the calling order (from 1)."""

    node: NodeId
    number: int
    officer: Officer


@dataclass(frozen=True, slots=True)
class Pair:
    """The same officer before and after, with what changed; `has_moved` to another body."""

    old: Entry
    new: Entry
    changes: tuple[Change, ...]
    has_moved: bool


@dataclass(slots=True)
class BodyChanges:
    """What changed at one body; `old` is None for a new one, `new` for one that is gone."""

    old: Node | None
    new: Node | None
    changes: tuple[Change, ...] = ()
    left: list[Entry] = field(default_factory=list)
    came: list[Entry] = field(default_factory=list)
    changed: list[Pair] = field(default_factory=list)
    moved_in: list[Pair] = field(default_factory=list)
    moved_out: list[Pair] = field(default_factory=list)

    @property
    def node(self) -> Node:
        """The body as it is now, or as it was last."""
        node = self.new or self.old
        assert node is not None
        return node

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed here."""
        people = (self.left, self.came, self.changed, self.moved_in, self.moved_out)
        stays = self.old is not None and self.new is not None
        return stays and not self.changes and not any(people)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that changed: of the tree itself, and body by body."""

    changes: tuple[Change, ...]
    bodies: tuple[BodyChanges, ...]
    """Those with changes, in the order of the new file; those that are gone last."""

    @property
    def is_empty(self) -> bool:
        """Whether both trees say the same."""
        return not self.changes and not self.bodies


def compare(old: ContactTree, new: ContactTree) -> Comparison:
    """Return what changed from `old` to `new`; costs O(n log n). The order of bodies is none."""
    nodes = _matched_nodes(old, new)
    were = {pair[0].id for pair in nodes}
    are = {pair[1].id: pair[0] for pair in nodes}
    ids = {before.id: after.id for before, after in nodes}
    bodies = [
        BodyChanges(are.get(node.id), node, _node_changes(are[node.id], node, ids))
        if node.id in are
        else BodyChanges(None, node)
        for node in new.nodes
    ]
    bodies += [BodyChanges(node, None) for node in old.nodes if node.id not in were]
    _compare_officers(bodies)
    fields = (("title", old.title, new.title), ("zone", old.zone, new.zone))
    return Comparison(
        tuple(_changes([*fields, ("note", old.note, new.note)])),
        tuple(body for body in bodies if not body.is_empty),
    )


def _matched_nodes(old: ContactTree, new: ContactTree) -> list[tuple[Node, Node]]:
    by: Sequence[Callable[[Node], Iterable[Key]]] = (
        lambda node: [(node.id,)],
        lambda node: [(node.code, node.kind)] if node.code else [],
        lambda node: [(folded(node.name), node.kind)],
    )
    pairs, olds, news = [], list(old.nodes), list(new.nodes)
    for keys in by:
        found, olds, news = _matched(olds, news, keys, only=True)
        pairs += found
    return pairs


def _compare_officers(bodies: Sequence[BodyChanges]) -> None:
    """Match all officers and put each to the body, or both bodies, that it concerns."""
    olds = [(n, e) for n, body in enumerate(bodies) for e in _entries(body.old)]
    news = [(n, e) for n, body in enumerate(bodies) for e in _entries(body.new)]
    pairs: list[tuple[tuple[int, Entry], tuple[int, Entry]]] = []
    by: Sequence[tuple[Callable[[tuple[int, Entry]], Iterable[Key]], bool]] = (
        # An officer who is as before stays so, although somebody else has the same address.
        (lambda at: [(at[0], folded(at[1].officer.name), *own_addresses(at[1].officer))], False),
        (lambda at: [(at[0], address) for address in own_addresses(at[1].officer)], False),
        (lambda at: [(at[0], folded(at[1].officer.name))], False),
        (lambda at: [(address,) for address in own_addresses(at[1].officer)], True),
        (lambda at: [(folded(at[1].officer.name),)], True),
    )
    for keys, only in by:
        found, olds, news = _matched(olds, news, keys, only=only)
        pairs += found
    for place, entry in olds:
        bodies[place].left.append(entry)
    for place, entry in news:
        bodies[place].came.append(entry)
    pairs.sort(key=lambda pair: (pair[1][0], pair[1][1].number))
    for (was, before), (now, after) in pairs:
        changes = tuple(_officer_changes(before, after, in_order=was == now))
        pair = Pair(before, after, changes, was != now)
        if was != now:
            bodies[was].moved_out.append(pair)
            bodies[now].moved_in.append(pair)
        elif changes:
            bodies[now].changed.append(pair)


def _entries(node: Node | None) -> Iterator[Entry]:
    if node is not None:
        for number, officer in enumerate(node.officers, 1):
            yield Entry(node.id, number, officer)


def _matched(
    olds: list[T], news: list[T], keys: Callable[[T], Iterable[Key]], *, only: bool
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Return pairs that share a key, and what is left over of both sides, in order.

    Keys are taken in their own order and entries in file order, so that it does not matter which
    side is the old one. With `only`, a key counts where one entry on each side has it.
    """
    sides = _by_key(olds, keys), _by_key(news, keys)
    taken: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for key in sorted(sides[0].keys() & sides[1].keys(), key=lambda key: tuple(map(str, key))):
        free = [[n for n in sides[s][key] if n not in taken[s]] for s in (0, 1)]
        if only and (len(sides[0][key]) > 1 or len(sides[1][key]) > 1):
            continue
        for one, other in zip(*free, strict=False):
            taken[0].add(one)
            taken[1].add(other)
            pairs.append((olds[one], news[other]))
    rest = [
        [item for n, item in enumerate(side) if n not in taken[s]]
        for s, side in enumerate((olds, news))
    ]
    return pairs, rest[0], rest[1]


def _by_key(items: Sequence[T], keys: Callable[[T], Iterable[Key]]) -> dict[Key, list[int]]:
    found: dict[Key, list[int]] = {}
    for place, item in enumerate(items):
        for key in dict.fromkeys(keys(item)):
            found.setdefault(key, []).append(place)
    return found


def _node_changes(old: Node, new: Node, ids: dict[NodeId, NodeId]) -> tuple[Change, ...]:
    """Return what changed of a body; a parent with a new id is no change of its own."""
    parent = ids.get(old.parent, old.parent) if old.parent is not None else None
    also = tuple(ids.get(node, node) for node in old.also_notify)
    fields = [
        ("id", old.id, new.id),
        ("code", old.code, new.code),
        ("name", old.name, new.name),
        ("kana", old.kana, new.kana),
        ("kind", old.kind, new.kind),
        ("parent", parent or "", new.parent or ""),
        ("mailbox", old.mailbox, new.mailbox),
        ("duty-desk", _desk(old.duty_desk), _desk(new.duty_desk)),
        ("also-notify", ", ".join(also), ", ".join(new.also_notify)),
        ("note", old.note, new.note),
    ]
    return tuple(_changes(fields))


def _officer_changes(old: Entry, new: Entry, *, in_order: bool) -> Iterator[Change]:
    """Yield what changed of an officer; the place in the order counts within one body only."""
    one, other = old.officer, new.officer
    if in_order:
        yield from _changes([("order", str(old.number), str(new.number))])
    yield from _changes(
        [
            ("name", one.name, other.name),
            ("kana", one.kana, other.kana),
            ("role", one.role, other.role),
            ("email", ", ".join(one.email), ", ".join(other.email)),
            ("phone", one.phone, other.phone),
            ("off-hours email", ", ".join(one.off_hours.email), ", ".join(other.off_hours.email)),
            ("off-hours phone", one.off_hours.phone, other.off_hours.phone),
            ("verified", str(one.verified or ""), str(other.verified or "")),
            ("note", one.note, other.note),
        ]
    )


def _desk(desk: DutyDesk | None) -> str:
    return "" if desk is None else " ".join(p for p in (desk.name, desk.phone, desk.note) if p)


def _changes(fields: Iterable[tuple[str, str, str]]) -> Iterator[Change]:
    for name, old, new in fields:
        if old != new:
            yield Change(name, old, new)
