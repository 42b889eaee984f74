"""What was read from a YAML file: text with the places where it stands.

Every scalar is text (pydantic gives the types, since to a YAML 1.1 reader 010006 is 4102), and
every node knows its line and column, so that a fault can be shown where it is mended. Offsets
count characters of the file's text without a byte order mark; an editor patches at them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias


class Place(NamedTuple):
    """Where something stands: line and column, both from 1, the column in characters."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(slots=True)
class Scalar:
    """A piece of text; `style` is YAML's mark before it (`'`, `"`, `|`, `>`), or ""."""

    text: str
    style: str
    place: Place
    start: int
    end: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written (`key:`), or YAML's words for nothing (`~`, `null`)."""
        return not self.style and self.text in ("", "~", "null")


@dataclass(slots=True)
class Entries:
    """A list."""

    place: Place
    start: int
    end: int = 0
    flow: bool = False
    items: list["YamlNode"] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys and their values, in file order."""

    place: Place
    start: int
    end: int = 0
    flow: bool = False
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, "YamlNode"] = field(default_factory=dict)


YamlNode: TypeAlias = Scalar | Entries | Mapping
Path: TypeAlias = tuple[str | int, ...]


def plain(node: YamlNode) -> Any:
    """Return dicts, lists and text; a key with nothing after it is left out."""
    match node:
        case Scalar():
            return node.text
        case Entries():
            return [plain(item) for item in node.items]
        case Mapping():
            return {
                key: plain(value)
                for key, value in node.values.items()
                if not (isinstance(value, Scalar) and value.is_empty)
            }


@dataclass(frozen=True, slots=True)
class Alias:
    """A repetition: where `*name` stands, and what it repeats."""

    start: int
    end: int
    node: YamlNode


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file: its name as users know it, its text and its root."""

    name: str
    text: str
    root: YamlNode
    aliases: tuple[Alias, ...] = ()
    """In file order; `root` holds the nodes that they repeat in their place."""

    def find(self, path: Sequence[str | int]) -> YamlNode | None:
        """Return the node at `path`, or None where there is none."""
        node: YamlNode = self.root
        for step in path:
            match node:
                case Mapping() if step in node.values:
                    node = node.values[str(step)]
                case Entries() if isinstance(step, int) and 0 <= step < len(node.items):
                    node = node.items[step]
                case _:
                    return None
        return node

    def place(self, path: Sequence[str | int]) -> Place:
        """Return where the value at `path` stands, or the nearest thing around it."""
        return self._nearest(path).place

    def key_place(self, path: Sequence[str | int]) -> Place:
        """Return where the key of `path` stands; for an entry of a list, where the entry does."""
        node = self._nearest(path[:-1])
        if isinstance(node, Mapping) and path[-1] in node.keys:
            return node.keys[str(path[-1])].place
        return self.place(path)

    def keys(self, path: Sequence[str | int]) -> Iterator[tuple[str, Place]]:
        """Yield the keys of the mapping at `path` with their places; none if it is no mapping."""
        node = self.find(path)
        if isinstance(node, Mapping):
            for key, scalar in node.keys.items():
                yield key, scalar.place

    def text_line(self, path: Sequence[str | int], line: int) -> Place:
        """Return where line `line` (from 1) of the text at `path` stands.

        Exact for block text (`|`); in a folded or quoted text lines are joined, so that only its
        beginning can be named.
        """
        node = self.find(path)
        if not isinstance(node, Scalar) or node.style != "|":
            return self.place(path)
        lines = self.text.split("\n")
        row = node.place.line + line  # The text begins on the line below the mark.
        if row > len(lines):
            return node.place
        shown = lines[row - 1]
        return Place(row, len(shown) - len(shown.lstrip(" ")) + 1)

    def _nearest(self, path: Sequence[str | int]) -> YamlNode:
        """Return the deepest node on the way along `path`.

        A step that is not in the file is passed over, since pydantic's locations also hold the
        names of alternatives.
        """
        node: YamlNode = self.root
        for step in path:
            match node:
                case Mapping() if step in node.values:
                    node = node.values[str(step)]
                case Entries() if isinstance(step, int) and 0 <= step < len(node.items):
                    node = node.items[step]
        return node
