"""Copies of a report for outsiders: without persons and contacts, or without bodies too.

What people wrote (remarks, texts that were sent, free answers) is left out as a whole. From
everything else the names, addresses and numbers of the contact tree are taken out, however they
are spaced, and whatever looks like a mail address. Where bodies are masked too, they get numbers
in an order that only the contact tree gives away, and everything that stands in the order of the
tree is put into the order of these numbers: else the nineteenth row would be the nineteenth town.
Numbers of events go then as well, since a wave of mails is written in the order of the tree.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from drillsim.drill.kinds import kind_word
from drillsim.drill.tree import ContactTree, NodeId, Officer
from drillsim.files.redaction import MASK
from drillsim.i18n import _
from drillsim.reports.view import (
    Block,
    Body,
    Cell,
    Column,
    Gantt,
    Heading,
    Lane,
    Picture,
    ReportView,
    Row,
    Section,
    Table,
    Text,
    TreeNode,
    TreePicture,
)
from drillsim.text import clean_line

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+[@＠][\w.-]+\.[\w-]+")
_DIGITS_MIN = 6
"""A telephone number of fewer digits is an extension, and is looked for as it is written."""
_SEPARATOR = r"[-‐‑–—−ー－()（）・.\s]{0,3}"
_PRIVATE_KEYS = frozenset({"reason", "asked_by", "approved_by"})
"""Keys of the summary that hold what people wrote."""
_EVENT_KEYS = frozenset({"because"})
_IN_TREE_ORDER = frozenset({"hops", "points", "misses", "unreached", "apart"})
"""Lists of the summary that stand in the order of the tree, within each message."""


def redacted(
    view: ReportView, tree: ContactTree, *, mask_bodies: bool = False, key: bytes = b""
) -> ReportView:
    """Return a copy for outsiders.

    Args:
        view: the report.
        tree: the contact tree of the drill.
        mask_bodies: whether bodies lose their names too.
        key: what only insiders have, such as the file of the contact tree; the numbers of masked
            bodies follow from it.
    """
    labels = _labels(tree, key) if mask_bodies else {}
    people = people_mask(tree)
    bodies = _bodies_mask(tree, labels)
    mask = _Mask(cache(lambda text: people(bodies(text))), labels)
    sections = tuple(
        Section(
            section.id,
            mask.text(section.heading),
            tuple(mask.block(block) for block in _public(section.blocks)),
        )
        for section in view.sections
    )
    return replace(
        view,
        title=mask.text(view.title),
        headline=tuple(map(mask.text, view.headline)),
        sections=sections,
        foot=mask.text(view.foot),
        data=mask.data(view.data),
        redaction="bodies" if mask_bodies else "people",
    )


def _public(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield what outsiders may see; a private heading takes what belongs to it along."""
    is_hidden = False
    for block in blocks:
        if isinstance(block, Heading):
            is_hidden = block.is_private
        is_private = isinstance(block, Text | Table) and block.is_private
        if not is_hidden and not is_private:
            yield block


# What is looked for -------------------------------------------------------------------------------


def people_mask(tree: ContactTree) -> Callable[[str], str]:
    """Return a function that takes the persons and contacts of a tree out of a text."""
    names: dict[str, str] = {}
    numbers: set[str] = set()
    for officer in (officer for node in tree.nodes for officer in node.officers):
        for name in (officer.name, officer.kana):
            compact = _compact(name)
            if len(compact) > 1:
                names.setdefault(compact, name)
    for phone in _phones(tree):
        digits = _digits(phone)
        if len(digits) >= _DIGITS_MIN:
            numbers.add(digits)
        elif not phone.isdecimal():
            names.setdefault(_compact(phone), phone)
    persons, dialled = _Words(names), _Words(numbers)
    addresses = _Words(address.casefold() for address in _addresses(tree))

    def masked(text: str) -> str:
        compact = _compact(text)
        if not compact.isdecimal():
            for name in persons.within(compact):
                text = _spaced(names[name]).sub(MASK, text)
        for number in dialled.within(_digits(text)):
            text = _dialled(number).sub(MASK, text)
        if "@" in text or "＠" in text:
            for address in addresses.within(text.casefold()):
                text = re.sub(re.escape(address), MASK, text, flags=re.IGNORECASE)
            text = _ADDRESS.sub(MASK, text)
        return text

    return masked


class _Words:
    """Finds which of many words stand in a text, without looking for each of them."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for word in words:
            self._by_start.setdefault(word[:2], []).append(word)

    def within(self, text: str) -> list[str]:
        """Return the words (of two letters or more) that stand in `text`, the longest first."""
        found = {
            word
            for at in range(len(text) - 1)
            for word in self._by_start.get(text[at : at + 2], ())
            if text.startswith(word, at)
        }
        return sorted(found, key=lambda word: (-len(word), word))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _spaced(name: str) -> re.Pattern[str]:
    """Return a pattern for a name, whatever blanks stand between its letters or do not."""
    letters = unicodedata.normalize("NFKC", "".join(name.split()))
    forms = (f"[{re.escape(letter)}{re.escape(_wide(letter))}]" for letter in letters)
    return re.compile(r"\s*".join(forms), re.IGNORECASE)


def _wide(letter: str) -> str:
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter


def _dialled(digits: str) -> re.Pattern[str]:
    forms = (f"[{digit}{_wide(digit)}]" for digit in digits)
    return re.compile(_SEPARATOR.join(forms))


def _phones(tree: ContactTree) -> Iterator[str]:
    for node in tree.nodes:
        phones = [phone for o in node.officers for phone in (o.phone, o.off_hours.phone)]
        if node.duty_desk is not None:
            phones.append(node.duty_desk.phone)
        yield from (phone for phone in phones if phone)


def _addresses(tree: ContactTree) -> Iterator[str]:
    def of(officer: Officer) -> Iterator[str]:
        yield from officer.email
        yield from officer.off_hours.email

    for node in tree.nodes:
        if node.mailbox:
            yield node.mailbox
        for officer in node.officers:
            yield from of(officer)


def _labels(tree: ContactTree, key: bytes) -> dict[NodeId, str]:
    """Return a name for each body that says of what kind it is, and no more."""

    def place(node: NodeId) -> bytes:
        return hmac.digest(key, node.encode(), hashlib.sha256)

    labels: dict[NodeId, str] = {}
    for kind in dict.fromkeys(node.kind for node in tree.nodes):
        nodes = sorted((node.id for node in tree.nodes if node.kind == kind), key=place)
        width = len(str(len(nodes)))
        for number, node in enumerate(nodes, 1):
            labels[node] = _("{kind} no. {n}").format(kind=kind_word(kind), n=f"{number:0{width}}")
    return labels


def _bodies_mask(tree: ContactTree, labels: Mapping[NodeId, str]) -> Callable[[str], str]:
    """Return a function that puts labels in the place of names and codes of bodies."""
    if not labels:
        return lambda text: text
    found: dict[str, str] = {}
    for node in tree.nodes:
        label = labels[node.id]
        name = clean_line(node.name)
        # The body alone, as stories and titles name it: 山口県 of 山口県 市町課.
        for word in (name, node.kana, node.code, name.split()[0] if name.split() else ""):
            if len(word) > 1:
                found.setdefault(word, label)
        if len(node.id) > 4:
            found.setdefault(node.id, label)
    words = _Words(found)

    def masked(text: str) -> str:
        here = words.within(text)
        if not here:
            return text
        pattern = "|".join(map(re.escape, here))
        return re.sub(pattern, lambda match: found[match.group()], text)

    return masked


# The view -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mask:
    """Puts a mask on all that a view says."""

    text: Callable[[str], str]
    labels: Mapping[NodeId, str]

    def block(self, block: Block) -> Block:
        match block:
            case Text() | Heading():
                return replace(block, text=self.text(block.text))
            case Table():
                return self._table(block)
            case _:
                return self._picture(block)

    def _table(self, table: Table) -> Table:
        rows = [
            tuple(
                "" if self._is_hidden(column) else self._cell(cell)
                for cell, column in zip(row, table.columns, strict=True)
            )
            for row in table.rows
        ]
        groups = tuple((self.text(heading), count) for heading, count in table.groups)
        if self.labels and table.is_in_tree_order:
            rows, groups = _reordered(rows, groups)
        return replace(
            table,
            title=self.text(table.title),
            note=self.text(table.note),
            rows=tuple(rows),
            groups=groups,
        )

    def _is_hidden(self, column: Column) -> bool:
        return column.is_private or (bool(self.labels) and column.kind == "events")

    def _cell(self, cell: Cell) -> Cell:
        if isinstance(cell, Body):
            # Its id would tell what its name does not.
            label = self.labels.get(cell.node)
            return Body(NodeId(label), label) if label else replace(cell, name=self.text(cell.name))
        return self.text(cell) if isinstance(cell, str) else cell

    def _picture(self, picture: Picture) -> Picture:
        title = self.text(picture.title)
        match picture:
            case TreePicture():
                return replace(picture, title=title, root=self._tree(picture.root))
            case Gantt():
                critical = tuple((self._id(n), begin, end) for n, begin, end in picture.critical)
                lanes = tuple(self._lanes(picture.lanes))
                return replace(picture, title=title, lanes=lanes, critical=critical)
            case _:
                lines = tuple(replace(line, name=self.text(line.name)) for line in picture.lines)
                return replace(picture, title=title, lines=lines)

    def _tree(self, node: TreeNode) -> TreeNode:
        below = [self._tree(child) for child in node.below]
        if self.labels:
            below.sort(key=lambda child: (child.node is None, child.name))
        return replace(
            node,
            node=None if node.node is None else self._id(node.node),
            name=self._name(node.node, node.name),
            below=tuple(below),
        )

    def _lanes(self, lanes: Sequence[Lane]) -> Iterator[Lane]:
        masked = [
            replace(
                lane,
                node=None if lane.node is None else self._id(lane.node),
                name=self._name(lane.node, lane.name),
            )
            for lane in lanes
        ]
        return _by_name(masked) if self.labels else iter(masked)

    def _id(self, node: NodeId) -> NodeId:
        return NodeId(self.labels.get(node, node))

    def _name(self, node: NodeId | None, name: str) -> str:
        return self.text(name) if node is None else self.labels.get(node) or self.text(name)

    def data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the summary with everything masked that is text."""
        return {self._word(key): self._value(key, value) for key, value in data.items()}

    def _word(self, word: str) -> str:
        return self.labels.get(NodeId(word)) or self.text(word)

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str):
            return "" if key in _PRIVATE_KEYS else self._word(value)
        if isinstance(value, Mapping):
            return self.data(value)
        if isinstance(value, list | tuple):
            if self.labels and key in _EVENT_KEYS:
                return []
            values = [self._value(key, each) for each in value]
            if self.labels and key in _IN_TREE_ORDER:
                places = {each.get("inject"): n for n, each in reversed([*enumerate(values)])}
                values.sort(key=lambda each: (places[each.get("inject")], str(each["node"])))
            return values
        return value


def _reordered(
    rows: list[Row], groups: tuple[tuple[str, int], ...]
) -> tuple[list[Row], tuple[tuple[str, int], ...]]:
    """Sort rows by their masked bodies within what stands before these, and groups by heading."""
    parts: list[tuple[str, list[Row]]] = []
    begin = 0
    for heading, count in groups or (("", len(rows)),):
        parts.append((heading, rows[begin : begin + count]))
        begin += count
    parts.sort(key=lambda part: part[0])
    ordered: list[Row] = []
    for _heading, part in parts:
        places: dict[tuple[Cell, ...], int] = {}
        for row in part:
            places.setdefault(_before(row), len(places))
        ordered += sorted(part, key=lambda row: (places[_before(row)], _body_of(row)))
    return ordered, tuple((heading, len(part)) for heading, part in parts) if groups else ()


def _before(row: Row) -> tuple[Cell, ...]:
    place = next((n for n, cell in enumerate(row) if isinstance(cell, Body)), len(row))
    return row[:place]


def _body_of(row: Row) -> str:
    return next((cell.name for cell in row if isinstance(cell, Body)), "")


def _by_name(lanes: Sequence[Lane]) -> Iterator[Lane]:
    """Yield lanes in the order of their names, each followed by those below it."""
    if not lanes:
        return
    depth = min(lane.depth for lane in lanes)
    heads = [number for number, lane in enumerate(lanes) if lane.depth == depth]
    branches = [lanes[a:b] for a, b in pairwise([*heads, len(lanes)])]
    # What stands before the first of them, where folding has left out its head.
    yield from _by_name(lanes[: heads[0]])
    for branch in sorted(branches, key=lambda each: (each[0].node is None, each[0].name)):
        yield branch[0]
        yield from _by_name(branch[1:])
