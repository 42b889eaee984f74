"""What the editor of contact trees shows: rows of the tree, fields of the form, masks, search."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.inspection import FieldFinding
from drillsim.files.contacts.notation import Data
from drillsim.files.redaction import MASK, masked_address
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _
from drillsim.text import clean_line
from drillsim.tui.views.folding import folded

FieldKind: TypeAlias = Literal["text", "list", "kind", "parent", "told", "lines"]

_LARGE: Final = 200
"""Nodes from which on a tree opens with its lower branches closed."""
LINE_MARK: Final = "⏎"
"""A line break of a note, as it is shown and typed on one line."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: where it is in the entry, and what it is called."""

    path: Path
    label: str
    kind: FieldKind = "text"
    is_personal: bool = False
    example: str = ""


def node_fields() -> list[Field]:
    """Return the fields of a body, in the order of the form."""
    return [
        Field(("name",), _("body"), example=_("such as 山口市 市民課")),
        Field(("kana",), _("kana")),
        Field(("kind",), _("kind of body"), "kind"),
        Field(("code",), _("code"), example=_("six digits, such as 352012")),
        Field(("id",), _("id")),
        Field(("parent",), _("hangs below"), "parent"),
        Field(("mailbox",), _("shared mailbox"), is_personal=True),
        Field(("duty-desk", "name"), _("duty desk")),
        Field(("duty-desk", "phone"), _("desk: telephone"), is_personal=True),
        Field(("duty-desk", "note"), _("desk: note"), "lines", is_personal=True),
        Field(("also-notify",), _("copies to"), "told"),
        Field(("note",), _("note"), "lines", is_personal=True),
    ]


def officer_fields() -> list[Field]:
    """Return the fields of an officer, in the order of the form."""
    several = _("several with a comma between")
    return [
        Field(("name",), _("name"), is_personal=True),
        Field(("kana",), _("kana"), is_personal=True),
        Field(("role",), _("post"), example=_("such as セキュリティ責任者")),
        Field(("email",), _("e-mail"), "list", is_personal=True, example=several),
        Field(("phone",), _("telephone"), is_personal=True),
        Field(("off-hours", "email"), _("nights: e-mail"), "list", is_personal=True),
        Field(("off-hours", "phone"), _("nights: telephone"), is_personal=True),
        Field(("verified",), _("confirmed on"), example=_("such as 2026-04-10; t: today")),
        Field(("note",), _("note"), "lines", is_personal=True),
    ]


def value_at(data: Any, path: Path) -> Any:
    """Return what stands at a path of an entry, or "" where nothing does."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step, "")
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return ""
    return data


def field_text(field: Field, data: Any, *, masked: bool) -> str:
    """Return the text of a field as it is typed, or its mask."""
    value = value_at(data, field.path)
    values = [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    if masked and field.is_personal:
        return ", ".join(masked_address(each) if "@" in each else MASK for each in values)
    if field.kind == "lines":
        return "".join(values).rstrip("\n").replace("\n", LINE_MARK)
    return ", ".join(values)


def typed_value(field: Field, text: str) -> str | list[str]:
    """Return what was typed into a field as it goes into the entry."""
    if field.kind in ("list", "told"):
        for mark in ",、;；\u3000":
            text = text.replace(mark, " ")
        return text.split()
    if field.kind == "lines":
        return "\n".join(line.strip() for line in text.split(LINE_MARK)).strip("\n")
    return text


_BLAMED: Final = {
    "stale": ("verified",),
    "no-email": ("email",),
    "no-phone": ("phone",),
    "no-off-hours": ("off-hours", "phone"),
    "same-mailbox": ("email",),
}
"""The field that mends a finding which stands at an officer, or at all of them."""


_WANTS_OFFICER: Final = frozenset({"dead-end", "hangs-on-one", "no-stand-in"})
"""Findings that another officer mends."""


def field_of(finding: FieldFinding) -> tuple[int | None, Path]:
    """Return the officer (from 0; None for the body) and the field at which a finding is mended.

    The field is () where the officers themselves are meant: one is to be added.
    """
    path = finding.path
    if finding.rule in _WANTS_OFFICER and len(path) < 2:
        return (0 if path else None), ()
    if path[:1] != ("officers",):
        return None, path[:2] if path[:1] == ("duty-desk",) else path[:1]
    officer = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    rest = tuple(step for step in path[2:] if isinstance(step, str))
    return officer, rest or _BLAMED.get(finding.rule, ("name",))


def finding_line(finding: FieldFinding) -> str:
    """Return a finding in one line: what is wrong; how to mend it."""
    text = f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message
    return clean_line(text)


def name_of(data: Data) -> str:
    """Return what a node is called, or what stands for a name that is missing."""
    name = data.get("name") or data.get("id")
    return clean_line(str(name)) if name else _("(no name)")


def officers_of(data: Data) -> list[Any]:
    """Return the officers of an entry; what is no list holds none."""
    officers = data.get("officers")
    return officers if isinstance(officers, list) else []


def officer_name(data: Data, at: int, *, masked: bool) -> str:
    """Return what an officer is called on the screen."""
    officer = officers_of(data)[at]
    name = officer.get("name", "") if isinstance(officer, dict) else ""
    if masked:
        return MASK
    return clean_line(str(name)) or _("(no name)")


# The tree ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A node as a row: where it is in the file, how deep, and whether branches hang below."""

    place: int
    depth: int
    has_below: bool


class TreeRows:
    """The nodes as a tree; what hangs nowhere (no such parent, a circle) stands at the end."""

    def __init__(self, document: ContactDocument) -> None:
        self.document = document
        self.closed: set[str] = set()
        self.rows: list[TreeRow] = []
        self._row_of: dict[int, int] = {}
        self.update()
        if len(document.entries) > _LARGE:
            self.closed = {
                document.entries[row.place].id for row in self.rows if row.has_below and row.depth
            }
            self.update()

    def update(self) -> None:
        """Work the rows out anew."""
        entries = self.document.entries
        first: dict[str, int] = {}
        for place, entry in enumerate(entries):
            first.setdefault(entry.id, place)
        below: dict[int, list[int]] = {}
        roots: list[int] = []
        for place, entry in enumerate(entries):
            above = first.get(str(entry.data.get("parent", "")))
            if above is None or above == place:
                roots.append(place)
            else:
                below.setdefault(above, []).append(place)
        self.rows = []
        seen: set[int] = set()
        for start in [*roots, *range(len(entries))]:
            self._walk(start, below, seen)
        self._row_of = {row.place: at for at, row in enumerate(self.rows)}

    def _walk(self, start: int, below: dict[int, list[int]], seen: set[int]) -> None:
        """Add the rows from `start` down; what was closed counts as seen."""
        stack = [(start, 0, False)]
        while stack:
            place, depth, is_hidden = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            children = below.get(place, ())
            if not is_hidden:
                self.rows.append(TreeRow(place, depth, bool(children)))
            hides = is_hidden or self.document.entries[place].id in self.closed
            stack.extend((child, depth + 1, hides) for child in reversed(children))

    def row_of(self, place: int) -> int | None:
        """Return the row of a node, or None where it is hidden."""
        return self._row_of.get(place)

    def reveal(self, place: int) -> int:
        """Open what hides a node; return its row."""
        entries = self.document.entries
        way = place
        for _level in range(len(entries)):
            parent = str(entries[way].data.get("parent", ""))
            try:
                way = self.document.place_of(parent)
            except KeyError:
                break
            self.closed.discard(entries[way].id)
        self.update()
        return self._row_of[place]


# Search -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """What a search has found: a node, or an officer of it (from 0)."""

    place: int
    officer: int | None


def search(document: ContactDocument, wanted: str, limit: int = 200) -> list[Hit]:
    """Return what is called so, or has such a kana, code, id, address or number.

    What begins with it comes first.
    """
    text = folded(wanted)
    if not text:
        return []
    begin: list[Hit] = []
    hold: list[Hit] = []
    for place, entry in enumerate(document.entries):
        for officer, words in _words(entry.data):
            found = [word for word in words if text in word]
            if found:
                is_first = any(word.startswith(text) for word in found)
                (begin if is_first else hold).append(Hit(place, officer))
    return [*begin, *hold][:limit]


def _words(data: Data) -> Iterator[tuple[int | None, list[str]]]:
    keys = ("name", "kana", "code", "id", "mailbox")
    yield None, [folded(str(data[key])) for key in keys if data.get(key)]
    for at, officer in enumerate(officers_of(data)):
        if isinstance(officer, dict):
            yield at, [folded(word) for word in personal_words(officer)]


def personal_words(officer: Data) -> list[str]:
    """Return all that is personal of an officer, such as it stands in the file."""
    nights = officer.get("off-hours")
    holders = [officer, nights if isinstance(nights, dict) else {}]
    found: list[str] = []
    for holder in holders:
        for key in ("name", "kana", "email", "phone"):
            value = holder.get(key, "")
            found += [str(each) for each in (value if isinstance(value, list) else [value]) if each]
    return found


def masked_text(text: str, entries: Iterable[Data]) -> str:
    """Return a text with everything masked in it that is personal in `entries`."""
    words: set[str] = set()
    for data in entries:
        words.update(str(data[key]) for key in ("mailbox", "note") if data.get(key))
        desk = data.get("duty-desk")
        if isinstance(desk, dict):
            words.update(str(desk[key]) for key in ("phone", "note") if desk.get(key))
        for officer in officers_of(data):
            if isinstance(officer, dict):
                words.update(personal_words(officer))
                words.update(str(officer[key]) for key in ("note",) if officer.get(key))
    for word in sorted(words, key=len, reverse=True):
        for line in word.splitlines() or [word]:
            if line.strip():
                mask = masked_address(line) if "@" in line else MASK
                text = text.replace(line, mask)
    return text


def counted(findings: Sequence[FieldFinding]) -> str:
    """Return the mark of a node in the tree: an error, something worth mending, or nothing."""
    if any(finding.is_error for finding in findings):
        return "✘"
    return "!" if findings else " "
