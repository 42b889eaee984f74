"""Changing one entry of a contact file where it stands, and leaving every other byte alone.

`patched` takes the text of an entry and the data that it is to hold, and patches the text at the
marks of what differs: a changed value, a new key, a removed line. Comments, order, quotation marks
and line ends of all the rest stay. Where an entry is written so strangely that a patch misses, it
says so (`UnpatchableError`) and nothing is changed: what a patch gives is read back and compared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from drillsim.files.contacts.notation import Data, Notation, rank
from drillsim.files.yaml_nodes import Entries, Mapping, Scalar, YamlNode, plain
from drillsim.files.yaml_reader import read_piece
from drillsim.problem import ProblemsError

_BREAK = re.compile("\r\n|\n|\r")


class UnpatchableError(Exception):
    """An entry is written in a way in which it cannot be changed by patches."""


@dataclass(frozen=True, slots=True)
class _Patch:
    """Text to be put in the place of `start` to `end`."""

    start: int
    end: int
    text: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.text + text[self.end :]


@dataclass(frozen=True, slots=True)
class _Change:
    """A value that differs: in which list or mapping, at which step, and what it should be."""

    parent: Mapping | Entries
    step: str | int
    key: str
    old: YamlNode | None
    new: Any
    """The data wanted; None to take it out."""


def patched(text: str, data: Data, notation: Notation) -> str:
    """Return `text`, one entry by itself, so changed that it holds `data`.

    `text` is the entry's own lines (a list of one item, or a bare mapping), with a line end at
    the end where it is written over several lines.

    Raises:
        UnpatchableError: it cannot be changed where it stands.
    """
    changes = list(_differences(_top(_read(text)), data, ""))
    for _round in range(2 * len(changes)):
        patches = [patch for change in changes if (patch := _in_place(text, change, notation))]
        if patches:
            for patch in sorted(patches, key=lambda patch: patch.start, reverse=True):
                text = patch.apply(text)
        else:
            text = _restructured(text, changes[0], notation).apply(text)
        changes = list(_differences(_top(_read(text)), data, ""))
        if not changes:
            break
    if changes:
        raise UnpatchableError
    return text


def with_item_moved(text: str, path: Sequence[str | int], start: int, to: int) -> str:
    """Return `text` with item `start` of the list at `path` put where item `to` stands now.

    Its comments go with it: those inside, and those directly above.

    Raises:
        UnpatchableError: the list cannot be changed where it stands.
    """
    root = _top(_read(text))
    entries = _at(root, path)
    if not isinstance(entries, Entries):
        raise UnpatchableError
    wanted = plain(entries)
    wanted.insert(to, wanted.pop(start))
    spans = [item_span(text, entries, n) for n in range(len(entries.items))]
    if entries.flow:
        pieces = [text[a:b] for a, b in spans]
    else:
        spans = [(_lead(text, entries, n, spans), b) for n, (_a, b) in enumerate(spans)]
        pieces = [text[a:b] for a, b in spans]
    pieces.insert(to, pieces.pop(start))
    out, at = [], 0
    for (a, b), piece in zip(spans, pieces, strict=True):
        out += [text[at:a], piece]
        at = b
    moved = "".join([*out, text[at:]])
    if plain(_at(_top(_read(moved)), path)) != wanted:
        raise UnpatchableError
    return moved


def read_entry(text: str) -> Data:
    """Return what an entry holds."""
    data: Data = plain(_top(_read(text)))
    return data


def _read(text: str) -> YamlNode:
    try:
        return read_piece(text)
    except ProblemsError as error:
        raise UnpatchableError from error


def _top(root: YamlNode) -> Mapping:
    if isinstance(root, Entries) and len(root.items) == 1:
        root = root.items[0]
    if not isinstance(root, Mapping):
        raise UnpatchableError
    return root


def _at(node: YamlNode, path: Sequence[str | int]) -> YamlNode:
    for step in path:
        if isinstance(node, Mapping) and step in node.values:
            node = node.values[str(step)]
        elif isinstance(node, Entries) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            raise UnpatchableError
    return node


# What differs -----------------------------------------------------------------------------------


def _differences(old: YamlNode, new: Any, key: str) -> Iterator[_Change]:
    """Yield every change, those of structure last to first, so that the first can be made alone."""
    if isinstance(old, Mapping) and isinstance(new, dict):
        for name, value in old.values.items():
            if name not in new:
                if not (isinstance(value, Scalar) and value.is_empty):
                    yield _Change(old, name, name, value, None)
            elif _alike(value, new[name]):
                yield from _differences(value, new[name], name)
            elif plain(value) != new[name] if not _is_nothing(value) else new[name]:
                yield _Change(old, name, name, value, new[name])
        for name in sorted(new, key=rank):
            if name not in old.values:
                yield _Change(old, name, name, None, new[name])
    elif isinstance(old, Entries) and isinstance(new, list):
        yield from _item_differences(old, new, key)


def _item_differences(old: Entries, new: list[Any], key: str) -> Iterator[_Change]:
    before = [plain(item) for item in old.items]
    if before == new:
        return
    codes = [(tag, i, j, k, m) for tag, i, j, k, m in _opcodes(before, new) if tag != "equal"]
    for _tag, first, last, new_first, new_last in codes:
        both = min(last - first, new_last - new_first)
        for n in range(both):
            item, value = old.items[first + n], new[new_first + n]
            if _alike(item, value):
                yield from _differences(item, value, key)
            elif before[first + n] != value:
                yield _Change(old, first + n, key, item, value)
    for _tag, first, last, new_first, new_last in reversed(codes):
        both = min(last - first, new_last - new_first)
        for n in range(last - 1, first + both - 1, -1):
            yield _Change(old, n, key, old.items[n], None)
        for n in range(new_first + both, new_last):
            yield _Change(old, first + n - new_first, key, None, new[n])


def _opcodes(before: list[Any], after: list[Any]) -> Sequence[tuple[str, int, int, int, int]]:
    matcher = SequenceMatcher(None, [repr(x) for x in before], [repr(x) for x in after], False)
    return matcher.get_opcodes()


def _alike(old: YamlNode, new: Any) -> bool:
    return (isinstance(old, Mapping) and isinstance(new, dict)) or (
        isinstance(old, Entries) and isinstance(new, list)
    )


def _is_nothing(node: YamlNode) -> bool:
    return isinstance(node, Scalar) and node.is_empty


# Patches ----------------------------------------------------------------------------------------


def _in_place(text: str, change: _Change, notation: Notation) -> _Patch | None:
    """Return the patch that puts one line of text in the place of another, if that is all."""
    old, new = change.old, change.new
    if not isinstance(old, Scalar) or not isinstance(new, str):
        return None
    if "\n" in new and not change.parent.flow:
        return None  # Several lines are written below the key.
    written = notation.scalar(change.key, new, flow=change.parent.flow, before=old)
    end = true_end(text, old)
    has_room = end > old.start or text[old.start - 1].isspace()
    lead = "" if has_room else " "
    return _Patch(old.start, end, lead + written)


def _restructured(text: str, change: _Change, notation: Notation) -> _Patch:
    match change.parent, change.old:
        case Mapping() as mapping, None:
            return _key_added(text, mapping, change, notation)
        case Mapping() as mapping, old if change.new is None:
            return _key_removed(text, mapping, str(change.step), old)
        case Mapping() as mapping, old:
            return _key_rewritten(text, mapping, change, old, notation)
        case Entries() as entries, None:
            return _item_added(text, entries, change, notation)
        case Entries() as entries, _old if change.new is None:
            return _item_removed(text, entries, int(change.step))
        case Entries() as entries, _old:
            return _item_rewritten(text, entries, change, notation)
    raise UnpatchableError


def _key_added(text: str, mapping: Mapping, change: _Change, notation: Notation) -> _Patch:
    key = str(change.step)
    keys = list(mapping.keys)
    before = max((k for k in keys if rank(k) < rank(key)), key=rank, default=None)
    if mapping.flow:
        return _flow_key_added(text, mapping, change, before, notation)
    first = mapping.keys[keys[0]]
    column = first.place.column - 1
    written = notation.entry(key, change.new, column)
    indent = " " * column
    if before is None and not text[line_start(text, first.start) : first.start].strip():
        at = line_start(text, first.start)
        return _Patch(at, at, indent + written + notation.line_end)
    value = mapping.values[before or keys[0]]
    at = line_end(text, true_end(text, value))
    if text[at - 1] not in "\r\n":
        return _Patch(at, at, notation.line_end + indent + written)
    return _Patch(at, at, indent + written + notation.line_end)


def _flow_key_added(
    text: str, mapping: Mapping, change: _Change, before: str | None, notation: Notation
) -> _Patch:
    key = str(change.step)
    quoted = next((scalar.style for scalar in mapping.keys.values()), "")
    written = f"{quoted}{key}{quoted}: {notation.flow(key, change.new)}"
    if not mapping.keys:
        gap = notation.brace_gap
        return _Patch(mapping.start, mapping.end, "{" + gap + written + gap + "}")
    if before is None:
        at = next(iter(mapping.keys.values())).start
        return _Patch(at, at, written + "," + _flow_gap(text, at))
    at = true_end(text, mapping.values[before])
    gap = _flow_gap(text, mapping.keys[before].start)
    return _Patch(at, at, "," + gap + written)


def _flow_gap(text: str, start: int) -> str:
    """Return what stands before an entry in line: a space, or a new line with its indent."""
    line = line_start(text, start)
    indent = text[line:start]
    if line == 0 or indent.strip(" "):
        return " "
    return _break_before(text, line) + indent


def _key_removed(text: str, mapping: Mapping, key: str, value: YamlNode | None) -> _Patch:
    if value is None:
        raise UnpatchableError
    name = mapping.keys[key]
    end = true_end(text, value)
    if mapping.flow:
        starts = [scalar.start for scalar in mapping.keys.values()]
        ends = [true_end(text, each) for each in mapping.values.values()]
        return _flow_removed(text, starts, ends, starts.index(name.start))
    start = line_start(text, name.start)
    if text[start : name.start].strip():  # It stands after the dash: what follows stays there.
        colon = text.index(":", name.end)
        return _Patch(colon + 1, max(end, colon + 1), "")
    return _Patch(start, line_end(text, end), "")


def _key_rewritten(
    text: str, mapping: Mapping, change: _Change, old: YamlNode | None, notation: Notation
) -> _Patch:
    """Write key and value anew: another kind of value, or text of several lines."""
    if old is None:
        raise UnpatchableError
    name = mapping.keys[str(change.step)]
    end = true_end(text, old)
    if mapping.flow:
        colon = text.index(":", name.end)
        return _Patch(colon + 1, end, " " + notation.flow(change.key, change.new))
    column = name.place.column - 1
    written = notation.entry(change.key, change.new, column)
    if end < name.end:
        end = name.end
    colon = text.index(":", name.end)
    rest = text[colon + 1 : line_end(text, colon)]
    if _is_nothing(old) and rest.strip().startswith("#") and "\n" in written:
        # `officers:  # comment` with nothing below: the list goes below, the comment stays.
        below = written[written.index(":") + 1 :]
        at = colon + 1 + len(rest.rstrip("\r\n"))
        return _Patch(at, at, below)
    return _Patch(name.start, max(end, colon + 1), written)


def _item_added(text: str, entries: Entries, change: _Change, notation: Notation) -> _Patch:
    at = int(change.step)
    if entries.flow:
        written = notation.flow(change.key, change.new)
        if not entries.items:
            return _Patch(entries.start, entries.end, f"[{written}]")
        if at < len(entries.items):
            start = entries.items[at].start
            return _Patch(start, start, written + "," + _flow_gap(text, start))
        last = entries.items[-1]
        end = true_end(text, last)
        return _Patch(end, end, "," + _flow_gap(text, last.start) + written)
    spans = [item_span(text, entries, n) for n in range(len(entries.items))]
    column = entries.place.column - 1
    written = notation.item(change.key, change.new, column)
    if at < len(spans):
        start = _lead(text, entries, at, spans)
        return _Patch(start, start, written + notation.line_end)
    end = spans[-1][1]
    if text[end - 1] not in "\r\n":
        return _Patch(end, end, notation.line_end + written)
    return _Patch(end, end, written + notation.line_end)


def _item_removed(text: str, entries: Entries, at: int) -> _Patch:
    if entries.flow:
        starts = [item.start for item in entries.items]
        ends = [true_end(text, item) for item in entries.items]
        return _flow_removed(text, starts, ends, at)
    return _Patch(*item_span(text, entries, at), "")


def _item_rewritten(text: str, entries: Entries, change: _Change, notation: Notation) -> _Patch:
    at = int(change.step)
    if entries.flow:
        item = entries.items[at]
        written = notation.flow(change.key, change.new)
        return _Patch(item.start, true_end(text, item), written)
    start, end = item_span(text, entries, at)
    written = notation.item(change.key, change.new, entries.place.column - 1)
    return _Patch(start, end, written + notation.line_end)


def _flow_removed(text: str, starts: Sequence[int], ends: Sequence[int], at: int) -> _Patch:
    """Take an entry out of `[a, b]` or `{a: b, c: d}` with one comma; comments stay."""
    if at + 1 < len(starts):
        at_comma = comma(text, ends[at], starts[at + 1])
        gap = text[at_comma + 1 : starts[at + 1]]
        return _Patch(starts[at], at_comma + 1 if "#" in gap else starts[at + 1], "")
    if at == 0:
        return _Patch(starts[0], ends[0], "")
    at_comma = comma(text, ends[at - 1], starts[at])
    kept = text[at_comma + 1 : starts[at]]
    return _Patch(at_comma, ends[at], kept if "#" in kept else "")


def comma(text: str, start: int, end: int) -> int:
    """Return where the comma between two entries stands; comments may hold others."""
    at = start
    while at < end:
        if text[at] == ",":
            return at
        at = line_end(text, at) if text[at] == "#" else at + 1
    raise UnpatchableError


# Spans ------------------------------------------------------------------------------------------


def true_end(text: str, node: YamlNode) -> int:
    """Return where a value ends; YAML lets a block end only where the next thing begins."""
    while not isinstance(node, Scalar):
        if node.flow:
            return node.end
        if isinstance(node, Entries):
            if not node.items:
                return node.end
            node = node.items[-1]
        else:
            node = list(node.values.values())[-1]
    if node.style in ("|", ">"):
        end = node.end
        while end > node.start + 1 and text[end - 1] in "\r\n ":
            end -= 1
        return end
    return node.end


def item_span(text: str, entries: Entries, at: int) -> tuple[int, int]:
    """Return where an item stands: its lines with the deeper comments below, or its text."""
    item = entries.items[at]
    if entries.flow:
        return item.start, true_end(text, item)
    start = entries.start if at == 0 else line_end(text, true_end(text, entries.items[at - 1]))
    dash = _dash(text, start)
    line = line_start(text, dash)
    if text[line:dash].strip(" "):
        raise UnpatchableError
    column = dash - line
    end = line_end(text, max(true_end(text, item), dash + 1))
    return line, _below(text, end, column)


def _dash(text: str, start: int) -> int:
    """Return where the next dash stands, past blanks and comments."""
    at = start
    while at < len(text):
        if text[at] == "-":
            return at
        if text[at] == "#":
            at = line_end(text, at)
        elif text[at].isspace():
            at += 1
        else:
            break
    raise UnpatchableError


def _below(text: str, end: int, column: int) -> int:
    """Return where the comments below `end` end that stand deeper than `column`."""
    at = end
    while at < len(text):
        stop = line_end(text, at)
        line = text[at:stop]
        deep = len(line) - len(line.lstrip(" "))
        if line.strip() and (deep <= column or line[deep] != "#"):
            break
        at = stop
        if line.strip():
            end = at
    return end


def _lead(text: str, entries: Entries, at: int, spans: Sequence[tuple[int, int]]) -> int:
    """Return where the comments begin that stand directly above an item, or the item itself."""
    start = spans[at][0]
    least = spans[at - 1][1] if at else line_start(text, entries.start)
    while start > least:
        above = line_start(text, start - 1)
        if above < least or not text[above:start].lstrip(" ").startswith("#"):
            break
        start = above
    return start


def line_start(text: str, at: int) -> int:
    """Return where the line begins in which `at` lies."""
    if text[at - 1 : at + 1] == "\r\n":
        at -= 1  # Between the two halves of a line break.
    feed = text.rfind("\n", 0, at)
    return max(feed, text.rfind("\r", feed + 1, at)) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line after that of `at` begins, or the end of the text."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def _break_before(text: str, at: int) -> str:
    """Return the line break that ends just before `at`."""
    return "\r\n" if text[at - 2 : at] == "\r\n" else text[at - 1 : at]
