"""The contact tree: who stands below whom, and whom to reach there (緊急時連絡網).

The models are the shape of the file; faults between entries (a cycle, an unknown parent) are
found by `drillsim.files.checks`, which knows the lines. `ContactTree` offers look-ups that cost
the same whatever the size of the tree.
"""

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, NewType

from pydantic import BeforeValidator, Field

from drillsim.drill.model import NAME, IsoDate, Line, Model, one_or_many

NodeId = NewType("NodeId", str)  # Text, because codes start with 0: "010006".

NodeKind = Literal[
    "national-center",
    "prefecture",
    "municipality",
    "section",
    "branch",
    "contractor",
    "joint-body",
]


Addresses = Annotated[
    tuple[Line, ...], BeforeValidator(one_or_many, json_schema_input_type=str | tuple[str, ...])
]


class OffHours(Model):
    """How to reach an officer at night and on holidays (夜間・休日)."""

    email: Addresses = ()
    """One address or a list; without one, mail goes to the ordinary address."""
    phone: Line = ""
    """The number at night and on holidays; without one, the ordinary number is called."""


class Officer(Model):
    """A person at a node; the order in the file is the calling order, and the second stands in."""

    name: Line = Field(min_length=1, max_length=100)
    kana: Line = ""
    """How the name is read."""
    role: Line = ""
    """The post, such as セキュリティ責任者; plans name posts, since people move on 1 April."""
    email: Addresses = ()
    """Own addresses, one or a list; without one, mail goes to the node's shared mailbox."""
    phone: Line = ""
    off_hours: OffHours = OffHours()
    """How to reach this officer at night and on holidays (夜間・休日)."""
    verified: Annotated[date, IsoDate] | None = None
    """The day on which this entry was last confirmed."""
    note: str = ""


class DutyDesk(Model):
    """The night desk (宿日直): takes a call and calls the officer back; it acknowledges nothing."""

    name: Line = ""
    """What the desk is called, such as 守衛室."""
    phone: Line = Field(min_length=1)
    note: str = ""


class Node(Model):
    """A body in the tree: a centre, prefecture, municipality, section, branch or contractor."""

    id: NodeId = Field(pattern=NAME)
    """What scenarios and other nodes call this node; the code of the body is a good id."""
    code: Line = ""
    """The six-digit code of the body (全国地方公共団体コード), with its check digit."""
    name: Line = Field(min_length=1, max_length=100)
    """The body and its section, such as 山口市 市民課."""
    kana: Line = ""
    kind: NodeKind
    parent: NodeId | None = None
    """The id of the node above; the topmost node alone has none."""
    mailbox: Line = ""
    """The office's shared address, read by all its officers."""
    officers: tuple[Officer, ...] = ()
    """In calling order; the second is the stand-in (代理者)."""
    duty_desk: DutyDesk | None = None
    also_notify: tuple[NodeId, ...] = ()
    """Nodes that get an upward copy beside the tree: no hop, not counted."""
    note: str = ""

    def address(self, officer: int, *, off_hours: bool = False) -> str:
        """Return the address at which `officer` (from 1) reads mail, or "" if there is none."""
        person = self.officers[officer - 1]
        if off_hours and person.off_hours.email:
            return person.off_hours.email[0]
        return person.email[0] if person.email else self.mailbox

    def phone(self, officer: int, *, off_hours: bool = False) -> str:
        """Return the number at which `officer` (from 1) is called, or "" if there is none."""
        person = self.officers[officer - 1]
        return (person.off_hours.phone if off_hours else "") or person.phone


class ContactTree(Model):
    """A contact tree as it is in its file."""

    format: Literal["drillsim-contacts/1"]
    """What kind of file this is, and in which version."""
    title: Line = Field(min_length=1)
    zone: Line = "Asia/Tokyo"
    """The time zone in which all times are shown, by its IANA name."""
    note: str = ""
    nodes: tuple[Node, ...] = Field(min_length=1)

    @cached_property
    def by_id(self) -> dict[NodeId, Node]:
        """Every node by its id."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def order(self) -> dict[NodeId, int]:
        """The place of every node in the file, from 0: the order in which equals are taken."""
        return {node.id: place for place, node in enumerate(self.nodes)}

    @cached_property
    def children(self) -> dict[NodeId, tuple[NodeId, ...]]:
        """The children of every node, in file order."""
        found: dict[NodeId, list[NodeId]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            if node.parent is not None and node.parent in found:
                found[node.parent].append(node.id)
        return {node: tuple(below) for node, below in found.items()}

    @cached_property
    def root(self) -> Node:
        """The node without a parent; `check` has seen that there is exactly one."""
        return next(node for node in self.nodes if node.parent is None)

    def walk(self, start: NodeId | None = None) -> Iterator[tuple[int, Node]]:
        """Yield (depth, node) from `start`, or the root, parents before their children."""
        stack = [(0, start if start is not None else self.root.id)]
        while stack:
            depth, at = stack.pop()
            yield depth, self.by_id[at]
            stack.extend((depth + 1, child) for child in reversed(self.children[at]))
