"""What if somebody is away: which nodes a message from the top no longer reaches.

A message goes down the tree from its root. A node takes it and passes it on when at least one of
its officers is there and can be reached by any way (an address, the office's mailbox, a telephone
number). A duty desk calls officers back and passes nothing on; upward copies (`also-notify`) are
no hops. Whoever is cut off cuts off all that hangs below.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.contacts.people import Person, Post, people, ways


@dataclass(frozen=True, slots=True)
class Absence:
    """What the absence of some nodes and persons does; nodes are in file order."""

    unreachable: tuple[NodeId, ...]
    """Nodes that were reached before and are no more, those that are absent themselves too."""
    broken_at: tuple[NodeId, ...]
    """Those of them with nobody there: the others hang below these."""
    covered: tuple[NodeId, ...]
    """Nodes of an absent person at which somebody else takes the message."""


@dataclass(frozen=True, slots=True)
class PersonLoss:
    """How many nodes are cut off when one person is away."""

    person: Person
    nodes: int


@dataclass(frozen=True, slots=True)
class NodeLoss:
    """How many nodes are cut off when one node falls out, itself included."""

    node: NodeId
    nodes: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many nodes are reached, and how many of all have two persons or more to reach."""

    nodes: int
    reached: int
    with_stand_in: int


class Reachability:
    """Who can be reached in a tree without errors; the look-ups are made once, in O(n log n)."""

    def __init__(self, tree: ContactTree) -> None:
        self.tree = tree
        self.people = people(tree)
        staff: dict[NodeId, set[int]] = {node.id: set() for node in tree.nodes}
        for number, person in enumerate(self.people):
            for post in person.posts:
                if self._is_reachable(post):
                    staff[post.node].add(number)
        self._staff = staff
        """Persons, by number, who can be reached at a node."""

    @cached_property
    def reached(self) -> frozenset[NodeId]:
        """The nodes that a message from the top reaches with everybody there."""
        return frozenset(self._reached(absent_nodes=(), absent_people=()))

    @cached_property
    def coverage(self) -> Coverage:
        """How much of the tree is reached, and how much of it has a stand-in."""
        return Coverage(
            nodes=len(self.tree.nodes),
            reached=len(self.reached),
            with_stand_in=len(self.tree.nodes) - len(self.without_stand_in),
        )

    @cached_property
    def without_stand_in(self) -> tuple[NodeId, ...]:
        """The nodes with fewer than two persons to reach, in file order."""
        return tuple(node.id for node in self.tree.nodes if len(self._staff[node.id]) < 2)

    def without(self, nodes: Collection[NodeId] = (), persons: Collection[Person] = ()) -> Absence:
        """Return what happens when these nodes and persons fall out at the same time."""
        absent = {number for number, person in enumerate(self.people) if person in persons}
        left = set(self._reached(nodes, absent))
        lost = [node.id for node in self.tree.nodes if node.id in self.reached - left]
        empty = [node for node in lost if node in nodes or self._staff[node] <= absent]
        posts = {post.node for person in persons for post in person.posts}
        return Absence(
            unreachable=tuple(lost),
            broken_at=tuple(empty),
            covered=tuple(node.id for node in self.tree.nodes if node.id in posts & left),
        )

    @cached_property
    def worst_persons(self) -> tuple[PersonLoss, ...]:
        """Every person who alone keeps some node reached, the most nodes first."""
        alone: dict[int, list[NodeId]] = {}
        for node in self._sizes:
            if len(self._staff[node]) == 1:
                alone.setdefault(next(iter(self._staff[node])), []).append(node)
        losses = []
        for number, nodes in alone.items():
            # `nodes` stand in the order of the walk, so that what lies below one follows it.
            lost, end = 0, -1
            for node in nodes:
                entered, size = self._entered[node], self._sizes[node]
                if entered >= end:
                    lost += size
                    end = entered + size
            losses.append((number, lost))
        losses.sort(key=lambda loss: (-loss[1], loss[0]))
        return tuple(PersonLoss(self.people[number], lost) for number, lost in losses)

    @cached_property
    def worst_nodes(self) -> tuple[NodeLoss, ...]:
        """Every node that others hang on, but the top, the most nodes first."""
        losses = [
            NodeLoss(node, size)
            for node, size in self._sizes.items()
            if size > 1 and node != self.tree.root.id
        ]
        return tuple(sorted(losses, key=lambda loss: (-loss.nodes, self.tree.order[loss.node])))

    @cached_property
    def _entered(self) -> dict[NodeId, int]:
        """The number of each reached node in the walk from the top, parents first, from 0."""
        order = (node.id for _depth, node in self.tree.walk() if node.id in self.reached)
        return {node: number for number, node in enumerate(order)}

    @cached_property
    def _sizes(self) -> dict[NodeId, int]:
        """How many reached nodes hang on each reached one, itself included, in walking order."""
        sizes = dict.fromkeys(self._entered, 1)
        for node in reversed(self._entered):
            parent = self.tree.by_id[node].parent
            if parent is not None:
                sizes[parent] += sizes[node]
        return sizes

    def _is_reachable(self, post: Post) -> bool:
        node = self.tree.by_id[post.node]
        return bool(ways(node, node.officers[post.number - 1]))

    def _reached(
        self, absent_nodes: Collection[NodeId], absent_people: Collection[int]
    ) -> Iterable[NodeId]:
        stack = [self.tree.root.id]
        absent = frozenset(absent_people)
        while stack:
            node = stack.pop()
            if node not in absent_nodes and self._staff[node] - absent:
                yield node
                stack.extend(self.tree.children[node])
