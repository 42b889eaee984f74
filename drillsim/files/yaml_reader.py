"""YAML, as little of it as users need, and every refusal with its line.

One pass over libyaml's events builds the nodes (`drillsim.files.yaml_nodes`), without recursion,
so that nesting cannot exhaust a stack. Refused are: tags, merge keys, doubled keys, keys that are
not text, aliases that multiply, several documents, control characters, and anything over the
limits below. The national contact tree (1,789 nodes, 1.4 MB, 110,000 pieces) fits.

Tabs are YAML's own affair: inside a text they are text, at the head of a line an error.
"""

import os
import re
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from drillsim.files.places import like
from drillsim.files.yaml_nodes import (
    START,
    Alias,
    Document,
    Entries,
    Mapping,
    Place,
    Scalar,
    YamlNode,
)
from drillsim.i18n import _, system_reason
from drillsim.problem import Problem, ProblemsError
from drillsim.text import clean_line

BYTES_MAX = 5_000_000
DEPTH_MAX = 100
TEXT_LENGTH_MAX = 100_000  # Characters in one piece of text.
NODES_MAX = 200_000
FAULTS_MAX = 1_000  # Doubled keys and tags that are listed.
EXPANSION_MAX = 10_000  # Nodes that aliases add, counted with repetition.

# What YAML 1.2 forbids (5.1), and three line breaks that editors count otherwise than YAML 1.1.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]|\ufeff"
)


class UnreadableError(ProblemsError):
    """A file that cannot be had at all: missing, no file, no rights, too large, not UTF-8."""


class _Refused(Exception):
    """Reading cannot go on."""

    def __init__(self, place: Place, message: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.message, self.remedy = place, message, remedy


def read_bytes(path: Path, name: str, *, limit: int = BYTES_MAX) -> bytes:
    """Return what the file at `path` holds; problems call it `name`.

    Raises:
        UnreadableError: there is no such file, it is no ordinary file, it may not be read, or it
            is over `limit` bytes.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise _unreadable(name, _("this is a folder"), _("name a file in it"))
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(name, _("this is no ordinary file"), _("name a YAML file"))
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError:
        meant = like(path)
        raise _unreadable(
            name,
            _("there is no such file"),
            _("did you mean {word}?").format(word=clean_line(meant))
            if meant is not None
            else _("write the path of a file that exists"),
        ) from None
    except PermissionError:
        raise _unreadable(
            name, _("this file may not be read"), _("give yourself the right to read it")
        ) from None
    except (OSError, ValueError) as error:  # ValueError: NUL in the path.
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise _unreadable(
            name,
            _("this file cannot be read ({reason})").format(reason=reason),
            _("name another file"),
        ) from None
    if len(data) > limit:
        raise _unreadable(
            name,
            _("this file has over {limit} MB").format(limit=limit // 1_000_000),
            _("split it, or name the right file"),
        )
    return data


def decode(data: bytes, name: str) -> str:
    """Return `data` as text, without the byte order mark that Windows editors write.

    Raises:
        UnreadableError: it is not UTF-8; the problem names line and column of the first bad byte.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        good = body[: error.start].decode("utf-8", "replace")
        raise UnreadableError(
            [
                Problem(
                    path=name,
                    line=good.count("\n") + 1,
                    column=len(good) - (good.rfind("\n") + 1) + 1,
                    message=_("this file is not in UTF-8"),
                    remedy=_("save it again with the encoding UTF-8"),
                )
            ]
        ) from None


def read_document(data: bytes, name: str) -> Document:
    """Return the nodes of the YAML file `data`; problems call it `name`.

    Raises:
        UnreadableError: `data` is not UTF-8.
        ProblemsError: it is no YAML that is taken here; all doubled keys and tags are listed, and
            the first place at which reading cannot go on.
    """
    return read_text(decode(data, name), name)


def read_piece(text: str) -> YamlNode:
    """Return the root of a piece of YAML: part of a file that was read as a whole before.

    Raises:
        ProblemsError: it cannot stand by itself, for example since it repeats what is elsewhere.
    """
    return read_text(text, "").root


def read_text(text: str, name: str) -> Document:
    """Return the nodes of a YAML file with this text, as `read_document` does.

    Raises:
        ProblemsError: as `read_document`.
    """
    builder = _Builder()
    root: YamlNode | None = None
    try:
        _refuse_characters(text)
        root = builder.build(text)
    except _Refused as refused:
        builder.faults.append((refused.place, refused.message, refused.remedy))
    if builder.faults or root is None:
        raise ProblemsError(
            [
                Problem(path=name, line=at.line, column=at.column, message=what, remedy=how)
                for at, what, how in sorted(builder.faults)
            ]
        )
    return Document(name, text, root, tuple(builder.aliases))


def _unreadable(name: str, message: str, remedy: str) -> UnreadableError:
    return UnreadableError([Problem(path=name, line=1, column=1, message=message, remedy=remedy)])


def _refuse_characters(text: str) -> None:
    found = _FORBIDDEN.search(text)
    if found is None:
        return
    before = text[: found.start()]
    place = Place(before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1)
    code = f"U+{ord(found.group()):04X}"
    if found.group() in "\u2028\u2029\x85":
        raise _Refused(
            place,
            _("the character {code} is an invisible line break").format(code=code),
            _("delete it, and begin a new line with the Enter key"),
        )
    raise _Refused(
        place,
        _("the control character {code} is not allowed").format(code=code),
        _("delete it"),
    )


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read, with the key that waits for its value."""

    node: Entries | Mapping
    anchor: str | None
    size: int = 1
    key: Scalar | None = None
    doubled: bool = False


@dataclass(slots=True)
class _Builder:
    """Nodes from events; faults that do not stop the reading are collected."""

    faults: list[tuple[Place, str, str]] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _anchors: dict[str, tuple[YamlNode, int]] = field(default_factory=dict)
    _added: int = 0
    _count: int = 0
    _root: YamlNode | None = None
    _text: str = ""

    def build(self, text: str) -> YamlNode:
        self._text = text
        documents = 0
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                match event:
                    case yaml.ScalarEvent():
                        self._scalar(event)
                    case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                        self._begin(event)
                    case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                        self._end(event)
                    case yaml.AliasEvent():
                        self._alias(event)
                    case yaml.DocumentStartEvent():
                        documents += 1
                        if documents > 1:
                            raise _Refused(
                                _place(event.start_mark),
                                _("a second document begins here"),
                                _("remove the line ---, or put it into a file of its own"),
                            )
        except yaml.MarkedYAMLError as error:
            from drillsim.files.yaml_faults import explain

            raise _Refused(*explain(error, text)) from None
        except yaml.YAMLError as error:  # A reader error has no mark; the characters were checked.
            raise _Refused(
                START, _("this is no YAML ({reason})").format(reason=str(error)), _("mend the file")
            ) from None
        if self._root is None:
            raise _Refused(
                START,
                _("this file is empty"),
                _("write format: drillsim-scenario/1 or format: drillsim-contacts/1"),
            )
        return self._root

    def _scalar(self, event: Any) -> None:
        place = _place(event.start_mark)
        self._refuse_tag(event, place)
        if len(event.value) > TEXT_LENGTH_MAX:
            raise _Refused(
                place,
                _("this text has over {limit} characters").format(limit=TEXT_LENGTH_MAX),
                _("shorten it"),
            )
        node = Scalar(
            event.value,
            event.style or "",
            place,
            event.start_mark.index,
            event.end_mark.index,
        )
        self._take(node, event.anchor, 1)

    def _begin(self, event: Any) -> None:
        place = _place(event.start_mark)
        self._refuse_tag(event, place)
        if len(self._stack) >= DEPTH_MAX:
            raise _Refused(
                place,
                _("this is nested over {limit} levels deep").format(limit=DEPTH_MAX),
                _("remove the surplus brackets, dashes or indents"),
            )
        kind = Mapping if isinstance(event, yaml.MappingStartEvent) else Entries
        if self._stack:
            top = self._stack[-1]
            if isinstance(top.node, Mapping) and top.key is None:
                if self._text.startswith("{{", top.node.start):
                    raise _Refused(
                        top.node.place,
                        _("a text cannot begin with {character}").format(character="{{"),
                        _("put the text between quotation marks"),
                    )
                raise _Refused(place, _("a key must be plain text"), _("write key: value"))
        node = kind(place, event.start_mark.index, flow=bool(event.flow_style))
        self._stack.append(_Open(node, event.anchor))

    def _end(self, event: Any) -> None:
        done = self._stack.pop()
        done.node.end = event.end_mark.index
        self._take(done.node, done.anchor, done.size)

    def _alias(self, event: Any) -> None:
        place = _place(event.start_mark)
        if event.anchor not in self._anchors:
            raise _Refused(
                place,
                _("*{name} repeats nothing that stands before it").format(name=event.anchor),
                _("mark the entry to be repeated with &{name}").format(name=event.anchor),
            )
        node, size = self._anchors[event.anchor]
        self._added += size
        if self._added > EXPANSION_MAX:
            raise _Refused(
                place,
                _("the repetitions by * grow to over {limit} entries").format(limit=EXPANSION_MAX),
                _("write the entries out"),
            )
        start, end = event.start_mark.index, event.end_mark.index
        self.aliases.append(Alias(start, end, node))
        # It stands in line, and its marks are its own: what is in it keeps the marks it has.
        again = replace(node, start=start, end=end)
        if not isinstance(again, Scalar):
            again.flow = True
        self._take(again, None, size, at=place)

    def _take(self, node: YamlNode, anchor: str | None, size: int, at: Place | None = None) -> None:
        """Put a finished node where it belongs: into its list, mapping, or as the root."""
        self._count += 1
        if self._count > NODES_MAX:
            raise _Refused(
                at or node.place,
                _("this file has over {limit} entries").format(limit=NODES_MAX),
                _("split it, or name the right file"),
            )
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._stack:
            self._root = node
            return
        top = self._stack[-1]
        top.size += size
        if isinstance(top.node, Entries):
            top.node.items.append(node)
        elif top.key is None:
            self._take_key(top, top.node, node, at or node.place)
        else:
            if not top.doubled:
                top.node.values[top.key.text] = node
            top.key, top.doubled = None, False

    def _take_key(self, top: _Open, mapping: Mapping, key: YamlNode, at: Place) -> None:
        if not isinstance(key, Scalar):
            raise _Refused(at, _("a key must be plain text"), _("write key: value"))
        if key.text == "<<" and not key.style:
            raise _Refused(
                at, _("<< is not taken here"), _("write the keys out that it would bring in")
            )
        if key.is_empty:
            raise _Refused(at, _("there is nothing before the colon"), _("write key: value"))
        top.key = key
        first = mapping.keys.get(key.text)
        if first is not None:
            top.doubled = True
            self._refuse_too_many(at)
            self.faults.append(
                (
                    at,
                    _("{key} stands here twice; it first stands in line {line}").format(
                        key=key.text, line=first.place.line
                    ),
                    _("remove one of the two"),
                )
            )
        else:
            mapping.keys[key.text] = key

    def _refuse_too_many(self, at: Place) -> None:
        if len(self.faults) >= FAULTS_MAX:
            raise _Refused(
                at,
                _("there are over {limit} faults above this one").format(limit=FAULTS_MAX),
                _("mend those above first"),
            )

    def _refuse_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            self._refuse_too_many(place)
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.faults.append(
                (place, _("the tag {tag} is not taken here").format(tag=tag), _("remove it"))
            )
