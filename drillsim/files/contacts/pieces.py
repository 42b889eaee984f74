"""A contact file taken apart: what stands before the nodes, each node, what stands after them."""

import codecs
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from drillsim.files.contacts.notation import Data, Notation, learn
from drillsim.files.contacts.patching import (
    UnpatchableError,
    comma,
    item_span,
    line_end,
    read_entry,
    true_end,
)
from drillsim.files.tree_file import read_tree
from drillsim.files.yaml_nodes import Document, Entries, Mapping, Scalar, YamlNode, plain
from drillsim.files.yaml_reader import read_document
from drillsim.i18n import _
from drillsim.problem import Problem, ProblemsError

EMPTY_LINE = re.compile(r"[ \t]*(?:\r\n|\n|\r)")
"""An empty line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A node in the file; `lead` + `body` + `rest` is its text."""

    lead: str
    """Empty lines and comments above it; in a list in line, the space before it."""
    body: str
    data: Data = field(compare=False)
    """What it holds; to be read only."""
    rest: str = ""
    """In a list in line: what stands between it and the comma."""
    aliases: tuple[tuple[int, int, Any], ...] = ()
    """Where in `body` something is repeated that stands elsewhere (`*name`), and what it is."""

    @property
    def id(self) -> str:
        """The node's id, or "" where it has none."""
        found = self.data.get("id", "")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the file and its list of nodes are written."""

    has_mark: bool
    """A byte order mark stands first."""
    ends_in_line: bool
    """The last line has no line end; the pieces have one, for simplicity."""
    flow: bool
    column: int
    """Of the dashes of the nodes, from 0."""
    gap: int = 2
    """From the dash to the keys."""
    items_flow: bool = False
    """The nodes are mostly written in line: `- {id: a, …}`."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before and after the nodes, and how they are written."""

    head: str
    tail: str
    shape: Shape


def taken_apart(data: bytes, name: str) -> tuple[Frame, list[Entry], Notation]:
    """Return the pieces of the contact file in `data`; problems call it `name`.

    Raises:
        UnreadableError: `data` is not UTF-8.
        ProblemsError: it is no YAML, or no list of nodes under the key `nodes`.
    """
    has_mark = data.startswith(codecs.BOM_UTF8)
    document = read_document(data, name)
    root = document.root
    nodes = root.values.get("nodes") if isinstance(root, Mapping) else None
    if nodes is None or not _is_list_of_entries(nodes):
        read_tree(data, name)  # It says what is wrong, entry by entry.
        raise ProblemsError([Problem(name, 1, 1, _("this is no contact tree"), "")])
    text = document.text
    items = nodes.items if isinstance(nodes, Entries) else []
    notation = learn(text, items)
    ends_in_line = text[-1:] not in ("\n", "\r")
    if ends_in_line:
        text += notation.line_end
    shape = _shape(nodes, has_mark=has_mark, ends_in_line=ends_in_line)
    try:
        if isinstance(nodes, Entries) and items:
            pieces = list((_flow_pieces if nodes.flow else _block_pieces)(text, nodes))
            frame = Frame(text[: pieces[0].lead], text[pieces[-1].end :], shape)
        else:
            pieces = []
            at = nodes.start + 1 if shape.flow else line_end(text, nodes.start)
            frame = Frame(text[:at], text[at:], shape)
        read_entry(frame.head + frame.tail)
    except UnpatchableError:
        what = _("the list of nodes is written in a way that cannot be changed here")
        how = _("change it with a text editor: one node after the other, each after a dash")
        raise ProblemsError([Problem(name, *nodes.place, what, how)]) from None
    entries = [_entry(text, document, *each) for each in zip(items, pieces, strict=True)]
    notation = replace(notation, separator=_separator(entries))
    return frame, entries, notation


def _shape(nodes: YamlNode, *, has_mark: bool, ends_in_line: bool) -> Shape:
    if not isinstance(nodes, Entries):
        return Shape(has_mark, ends_in_line, False, 2)
    column = nodes.place.column - 1
    if nodes.flow or not nodes.items:
        return Shape(has_mark, ends_in_line, True, column)
    first = nodes.items[0]
    on_one_line = first.place.line == nodes.place.line
    gap = first.place.column - nodes.place.column if on_one_line else 2
    in_line = sum(isinstance(item, Mapping) and item.flow for item in nodes.items)
    return Shape(has_mark, ends_in_line, False, column, gap, 2 * in_line > len(nodes.items))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Offsets: where lead, body and rest of an entry begin, and where the rest ends."""

    lead: int
    body: int
    rest: int
    end: int


def _is_list_of_entries(nodes: YamlNode) -> bool:
    if isinstance(nodes, Scalar):
        return nodes.is_empty
    if isinstance(nodes, Mapping):
        return False
    return all(isinstance(item, Mapping) for item in nodes.items)


def _block_pieces(text: str, nodes: Entries) -> Iterator[_Piece]:
    before: int | None = None
    for place in range(len(nodes.items)):
        start, end = item_span(text, nodes, place)
        yield _Piece(start if before is None else before, start, end, end)
        before = end


def _flow_pieces(text: str, nodes: Entries) -> Iterator[_Piece]:
    lead = nodes.start + 1
    for item, after in zip_longest(nodes.items, nodes.items[1:]):
        rest = true_end(text, item)
        end = comma(text, rest, after.start) if after is not None else rest
        yield _Piece(lead, item.start, rest, end)
        lead = end + 1


def _entry(text: str, document: Document, item: YamlNode, piece: _Piece) -> Entry:
    data: Data = plain(item)
    first = bisect_left(document.aliases, piece.body, key=lambda alias: alias.start)
    last = bisect_left(document.aliases, piece.rest, key=lambda alias: alias.start)
    aliases = tuple(
        (alias.start - piece.body, alias.end - piece.body, plain(alias.node))
        for alias in document.aliases[first:last]
    )
    return Entry(
        text[piece.lead : piece.body],
        text[piece.body : piece.rest],
        data,
        text[piece.rest : piece.end],
        aliases,
    )


def _separator(entries: Sequence[Entry]) -> int:
    """Return how many empty lines mostly stand before an entry: 0 or 1."""
    spaced = sum(bool(EMPTY_LINE.match(entry.lead)) for entry in entries[1:])
    return int(2 * spaced >= len(entries) - 1)
