"""How a contact file is written: its line ends, indents, quotation marks, lists in line or below.

New text in a file follows what is there already (`learn`), so that a change looks as if the file's
own author had made it. What it says in which notation is the whole of this module; where it goes is
`drillsim.files.contacts.patching`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from drillsim.files.yaml_nodes import Entries, Scalar, YamlNode
from drillsim.files.yaml_nodes import Mapping as MappingNode

Data: TypeAlias = dict[str, Any]
"""An entry as plain data: text, lists and dicts, with the keys of the file."""

ORDER: Final = (
    "format title zone id code name kana kind parent mailbox officers role email phone off-hours "
    "verified duty-desk also-notify note nodes"
).split()
"""The order in which keys are written, in every entry; each model's own order agrees with it."""

_RANK: Final = {key: rank for rank, key in enumerate(ORDER)}
_LINE_BREAK: Final = re.compile("\r\n|\n|\r")
_INDICATORS: Final = frozenset("-?:,[]{}#&*!|>'\"%@`")
_UNSAFE: Final = re.compile(r":(?=\s|$)|\s#|[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_UNSAFE_IN_FLOW: Final = re.compile(r"[,\[\]{}]|:(?=[,\[\]{}])")
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_ESCAPED: Final = re.compile('[\\\\"\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]')
_NO_BLOCK_TEXT: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SAMPLE: Final = 400
"""Entries that are looked at; a file is written alike from top to bottom."""


def rank(key: str) -> int:
    """Return where a key stands among others; keys that are not known stand last."""
    return _RANK.get(key, len(_RANK))


@dataclass(frozen=True, slots=True)
class Notation:
    """What was learnt from a file."""

    line_end: str = "\n"
    quote: str = '"'
    """The mark round texts that need one."""
    quotes: Mapping[str, str] = field(default_factory=dict)
    """The mark that a key's values mostly have; "" for none."""
    in_flow: Mapping[str, bool] = field(default_factory=dict)
    """Whether a key's list or mapping is mostly written in line: `[a, b]`, `{a: b}`."""
    step: int = 2
    """Columns from a key to the keys below it."""
    dash_step: int = 2
    """Columns from a key to the dashes below it."""
    dash_gap: int = 2
    """Columns from a dash to what stands after it."""
    brace_gap: str = ""
    """What stands inside braces: `{a: b}` or `{ a: b }`."""
    separator: int = 1
    """Empty lines between the nodes."""

    # Scalars ------------------------------------------------------------------------------------

    def scalar(self, key: str, text: str, *, flow: bool, before: Scalar | None = None) -> str:
        """Return `text` as it is written on one line after `key`, in the marks of `before`."""
        mark = self.quotes.get(key, "") if before is None else before.style
        if mark not in ("'", '"'):
            was_bare = before is not None and not before.style and not reads_as_text(before.text)
            if is_plain(text, flow=flow) and (was_bare or key == "verified" or reads_as_text(text)):
                return text
            mark = self.quote
        if mark == "'" and text.isprintable():
            return "'" + text.replace("'", "''") + "'"
        return '"' + _ESCAPED.sub(_escape, text) + '"'

    def _block_text(self, text: str, column: int) -> str | None:
        """Return a text of several lines below its key (`|`), or None if it cannot be so written.

        Text that begins with space would need its indent told; text after `|` ends with at most
        one line break.
        """
        if "\n" not in text.rstrip("\n") or text[0] in " \n" or _NO_BLOCK_TEXT.search(text):
            return None
        if text.endswith("\n\n") or any(line != line.rstrip() for line in text.split("\n")):
            return None
        mark = "|" if text.endswith("\n") else "|-"
        lines = text.rstrip("\n").split("\n")
        indent = " " * (column + self.step)
        return self.line_end.join([mark, *(indent + line if line else "" for line in lines)])

    # Whole values -------------------------------------------------------------------------------

    def entry(self, key: str, value: Any, column: int) -> str:
        """Return `key: value` for a block mapping whose keys stand in `column` (from 0).

        Lines after the first are indented; no line break at the end.
        """
        if isinstance(value, str):
            block = self._block_text(value, column)
            return f"{key}: {block if block is not None else self.scalar(key, value, flow=False)}"
        if not value or self._goes_in_flow(key, value):
            return f"{key}: {self.flow(key, value)}"
        if isinstance(value, dict):
            indent = " " * (column + self.step)
            return f"{key}:{self.line_end}{indent}{self.mapping(value, column + self.step)}"
        dashes = column + self.dash_step
        items = [self.line_end + self.item(key, each, dashes) for each in value]
        return f"{key}:" + "".join(items)

    def item(self, key: str, value: Any, column: int) -> str:
        """Return `- value` as a line or lines of a block list whose dashes stand in `column`."""
        lead = " " * column + "-" + " " * (self.dash_gap - 1)
        if isinstance(value, dict) and value:
            return lead + self.mapping(value, column + self.dash_gap)
        if isinstance(value, str):
            return lead + self.scalar(key, value, flow=False)
        return lead + self.flow(key, value)

    def mapping(self, data: Mapping[str, Any], column: int) -> str:
        """Return the lines of a block mapping; the first without its indent."""
        indent = self.line_end + " " * column
        return indent.join(self.entry(key, data[key], column) for key in sorted(data, key=rank))

    def flow(self, key: str, value: Any) -> str:
        """Return a value in line."""
        if isinstance(value, str):
            return self.scalar(key, value, flow=True)
        if isinstance(value, dict):
            gap = self.brace_gap if value else ""
            inner = ", ".join(f"{k}: {self.flow(k, value[k])}" for k in sorted(value, key=rank))
            return "{" + gap + inner + gap + "}"
        return "[" + ", ".join(self.flow(key, each) for each in value) + "]"

    def _goes_in_flow(self, key: str, value: Any) -> bool:
        default = not any(isinstance(each, dict) for each in value)
        return self.in_flow.get(key, default)


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether `text` can be written without quotation marks."""
    if not text or text != text.strip() or text in ("~", "null", "<<", "---", "..."):
        return False
    if text[0] in _INDICATORS and not (text[0] in "-?:" and len(text) > 1 and text[1].isalnum()):
        return False
    if _UNSAFE.search(text) or text.startswith(("---", "...")):
        return False
    return not (flow and (_UNSAFE_IN_FLOW.search(text) or text[0] in "-?:"))


def reads_as_text(text: str) -> bool:
    """Whether any YAML reader takes `text` without quotation marks for text, not for a number."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    return not any(pattern.match(text) for _tag, pattern in resolvers.get(text[:1], ()))


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return _ESCAPES.get(character) or (
        f"\\x{ord(character):02x}" if ord(character) < 0x100 else f"\\u{ord(character):04x}"
    )


# Learning ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Counts:
    marks: Counter[str] = field(default_factory=Counter)
    quotes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    in_flow: dict[str, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))
    steps: Counter[int] = field(default_factory=Counter)
    dash_steps: Counter[int] = field(default_factory=Counter)
    dash_gaps: Counter[int] = field(default_factory=Counter)
    brace_gaps: Counter[str] = field(default_factory=Counter)


def learn(text: str, nodes: Sequence[YamlNode]) -> Notation:
    """Return how `text` is written, by its first `nodes`."""
    counts = _Counts()
    for node in nodes[:_SAMPLE]:
        _count(text, node, counts)
    found = _LINE_BREAK.search(text)
    return Notation(
        line_end=found.group() if found else "\n",
        quote=_most(counts.marks, '"'),
        quotes={key: _most(marks, "") for key, marks in counts.quotes.items()},
        in_flow={key: _most(flows, True) for key, flows in counts.in_flow.items()},
        step=_most(counts.steps, 2),
        dash_step=_most(counts.dash_steps, 2),
        dash_gap=_most(counts.dash_gaps, 2),
        brace_gap=_most(counts.brace_gaps, ""),
    )


def _most(counts: Counter[Any], default: Any) -> Any:
    return counts.most_common(1)[0][0] if counts else default


def _count(text: str, root: YamlNode, counts: _Counts) -> None:
    for key, node in _walk("", root):
        match node:
            case Scalar():
                if node.style in ("'", '"'):
                    counts.marks[node.style] += 1
                if node.style in ("", "'", '"') and not node.is_empty:
                    counts.quotes[key][node.style] += 1
            case Entries():
                if not node.items:
                    continue
                if key:
                    counts.in_flow[key][node.flow] += 1
                if not node.flow:
                    gap = node.items[0].place.column - node.place.column
                    if node.items[0].place.line == node.place.line:
                        counts.dash_gaps[gap] += 1
            case MappingNode():
                _count_mapping(text, key, node, counts)


def _count_mapping(text: str, key: str, node: MappingNode, counts: _Counts) -> None:
    if key:
        counts.in_flow[key][node.flow] += 1
    if node.flow:
        if node.keys:
            counts.brace_gaps[" " if text[node.start + 1 : node.start + 2] == " " else ""] += 1
        return
    for name, value in node.values.items():
        below = value.place.column - node.keys[name].place.column
        if isinstance(value, MappingNode) and not value.flow:
            counts.steps[below] += 1
        elif isinstance(value, Entries) and not value.flow:
            counts.dash_steps[below] += 1


def _walk(key: str, root: YamlNode) -> Iterator[tuple[str, YamlNode]]:
    """Yield every node with the key that it, or the list around it, stands after."""
    stack = [(key, root)]
    while stack:
        name, node = stack.pop()
        yield name, node
        match node:
            case Entries():
                stack.extend(
                    (name if not isinstance(item, MappingNode) else "", item) for item in node.items
                )
            case MappingNode():
                stack.extend(node.values.items())
