"""What a save would change in a contact file: the lines that go and come, by body."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from drillsim.files.contacts.document import ContactDocument

_CONTEXT = 2
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of the comparison; "@" begins a place, whose line and body it tells."""

    sign: Literal["@", " ", "-", "+"]
    text: str
    line: int
    """Its number in the file that it stands in, from 1."""


def text_diff(old: ContactDocument, new: ContactDocument) -> list[DiffLine]:
    """Return the lines that differ, with two lines around each; empty where nothing does."""
    before, after = _lines(old.text), _lines(new.text)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    first = max(head - _CONTEXT, 0)
    a = before[first : len(before) - max(tail - _CONTEXT, 0)]
    b = after[first : len(after) - max(tail - _CONTEXT, 0)]
    if a == b:
        return []
    bodies = _Bodies(new)
    found: list[DiffLine] = []
    for group in SequenceMatcher(None, a, b).get_grouped_opcodes(_CONTEXT):
        line = first + group[0][3] + 1
        changed = next(code for code in group if code[0] != "equal")
        found.append(DiffLine("@", bodies.at(first + changed[3] + 1), line))
        for tag, i, j, k, m in group:
            if tag == "equal":
                found += _marked(" ", b[k:m], first + k)
            else:
                found += _marked("-", a[i:j], first + i)
                found += _marked("+", b[k:m], first + k)
    return found


def _lines(text: str) -> list[str]:
    lines = _LINE.findall(text)
    return lines[:-1] if lines and not lines[-1] else lines


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """Return how many lines are the same from the beginning."""
    for n, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return n
    return min(len(a), len(b))


def _marked(sign: Literal[" ", "-", "+"], lines: Sequence[str], start: int) -> Iterator[DiffLine]:
    for n, line in enumerate(lines, start + 1):
        yield DiffLine(sign, line.rstrip("\r\n"), n)


class _Bodies:
    """Which body a line of a document is about."""

    def __init__(self, document: ContactDocument) -> None:
        line = len(_lines(document.frame.head)) + 1
        self._starts: list[int] = []
        self._names: list[str] = []
        for entry in document.entries:
            self._starts.append(line)
            self._names.append(str(entry.data.get("name") or entry.id))
            line += len(_lines(entry.lead + entry.body + entry.rest))

    def at(self, line: int) -> str:
        at = bisect_right(self._starts, line) - 1
        return self._names[at] if at >= 0 else ""
