"""A contact file that is edited as text: what was not touched stays as it is, byte for byte.

The file is kept in pieces: what stands before the nodes, each node with the lines above it that
belong to it, and what stands after them. An edit is a value: which pieces were there, and which
are there instead. Applied backwards it undoes itself, exactly; thus undo and redo have no limit and
cost nothing. One edit reads and patches its own pieces only, whatever the size of the file.

    document = ContactDocument.parse(data, "contacts/yamaguchi.yaml")
    edit = document.set(document.place_of("353418"), ("officers", 0, "phone"), "0820-00-0000")
    document.apply(edit)          # document.data is the new file
    document.apply(edit.undone)   # and again the old one

Nodes are meant by their place in the file (from 0), since a file that is being mended may hold an
id twice, or none. Data is plain: text, lists and dicts with the keys of the file. Values need not
be right; what is wrong with them is for `drillsim.files.checks` to say.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any

from drillsim.files.contacts.edits import Edit, Reframing, Splice
from drillsim.files.contacts.entry_data import with_domain, with_id, without_nothing
from drillsim.files.contacts.notation import Data, Notation
from drillsim.files.contacts.patching import (
    UnpatchableError,
    line_start,
    patched,
    read_entry,
    with_item_moved,
)
from drillsim.files.contacts.pieces import EMPTY_LINE, Entry, Frame, Shape, taken_apart
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _
from drillsim.problem import CommandError


class EditError(CommandError):
    """An edit that cannot be made; nothing was changed. One line for the user."""


class ContactDocument:
    """A contact file in pieces."""

    def __init__(
        self, name: str, frame: Frame, entries: Iterable[Entry], notation: Notation
    ) -> None:
        """Take pieces as `parse` makes them."""
        self.name = name
        self.frame = frame
        self.entries = list(entries)
        self.notation = notation
        self._places: dict[str, int] | None = None

    @classmethod
    def parse(cls, data: bytes, name: str) -> "ContactDocument":
        """Return the contact file in `data`; problems call it `name`.

        Faults of its entries (unknown keys, wrong kinds) are taken: they are there to be mended.

        Raises:
            UnreadableError: `data` is not UTF-8.
            ProblemsError: it is no YAML, or no list of nodes under the key `nodes`.
        """
        return cls(name, *taken_apart(data, name))

    # What it holds ------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The whole file."""
        comma = "," if self._shape.flow else ""
        pieces = (entry.lead + entry.body + entry.rest for entry in self.entries)
        text = self.frame.head + comma.join(pieces) + self.frame.tail
        if self._shape.ends_in_line:
            text = text.removesuffix("\n").removesuffix("\r")
        return text

    @property
    def data(self) -> bytes:
        """The whole file as it is saved."""
        return (codecs.BOM_UTF8 if self._shape.has_mark else b"") + self.text.encode()

    @property
    def top(self) -> Data:
        """What stands beside the nodes: format, title, zone, note."""
        data = read_entry(self.frame.head + self.frame.tail)
        data.pop("nodes", None)
        return data

    def place_of(self, node: str) -> int:
        """Return where the node with this id stands, the first if there are several.

        Raises:
            KeyError: there is none.
        """
        if self._places is None:
            self._places = {}
            for place, entry in enumerate(self.entries):
                self._places.setdefault(entry.id, place)
        return self._places[node]

    def children(self, node: str) -> list[int]:
        """Return the places of the nodes that hang directly on `node`, in file order."""
        return [n for n, entry in enumerate(self.entries) if entry.data.get("parent") == node]

    def below(self, place: int) -> list[int]:
        """Return the places of all that hangs below the node at `place`, in file order."""
        children: dict[str, list[int]] = {}
        for n, entry in enumerate(self.entries):
            children.setdefault(str(entry.data.get("parent", "")), []).append(n)
        found: set[int] = set()
        queue = [place]
        for at in queue:
            new = [n for n in children.get(self.entries[at].id, ()) if n not in found]
            found.update(new)
            queue.extend(new)
        return sorted(found - {place})

    def apply(self, edit: Edit) -> None:
        """Make an edit that was made for the document as it stands.

        Raises:
            ValueError: it was made for another state.
        """
        for step in edit.steps:
            match step:
                case Splice():
                    end = step.at + len(step.old)
                    if tuple(self.entries[step.at : end]) != step.old:
                        raise ValueError("the edit was made for another state of the document")
                    self.entries[step.at : end] = step.new
                case Reframing():
                    if self.frame != step.old:
                        raise ValueError("the edit was made for another state of the document")
                    self.frame = step.new
        self._places = None

    def together(self, *makers: Callable[["ContactDocument"], Edit]) -> Edit:
        """Return one edit for several, each made for the state that the former one leaves.

        Raises:
            EditError: one of them cannot be made.
        """
        steps: list[Splice | Reframing] = []
        last = Edit(())
        try:
            for make in makers:
                last = make(self)
                self.apply(last)
                steps += last.steps
        finally:
            self.apply(Edit(tuple(steps)).undone)
        return Edit(tuple(steps), last.place, last.path)

    # Edits of one node --------------------------------------------------------------------------

    def put(self, place: int, data: Data, path: Path = ()) -> Edit:
        """Let the node at `place` hold `data`, by as few changes of its text as can be.

        Raises:
            EditError: it is written in a way that cannot be changed.
        """
        entry = self.entries[place]
        if entry.data == data:
            return Edit((), place, path)
        plain_entry = self._written_out(entry)
        body = self._try(lambda: patched(plain_entry.body, data, self.notation))
        return self._replaced(place, replace(plain_entry, body=body, data=read_entry(body)), path)

    def set(self, place: int, path: Path, value: Any) -> Edit:
        """Set one field, such as `("officers", 0, "off-hours", "phone")`; empty takes it out.

        Lists (`email`, `also-notify`) may be given as a list always: an only e-mail address is
        written as text, unless the file has a list there.

        Raises:
            EditError: as `put`.
            LookupError: there is no such officer.
        """
        data = deepcopy(self.entries[place].data)
        holders: list[Any] = [data]
        for step in path[:-1]:
            holder = holders[-1]
            if isinstance(step, str) and not isinstance(holder.get(step), dict | list):
                holder[step] = {}
            holders.append(holder[step])
        key = path[-1]
        if isinstance(value, str):
            value = value.strip()
            if "\n" in value and str(holders[-1].get(key, "")).endswith("\n"):
                value += "\n"  # A text below its key, which ends with its line.
        if key == "email" and isinstance(value, list) and len(value) == 1:
            value = value if isinstance(holders[-1].get(key), list) else value[0]
        if value:
            holders[-1][key] = value
        else:
            holders[-1].pop(key, None)
        for holder, step in reversed(list(zip(holders[:-1], path[:-1], strict=True))):
            if isinstance(step, str) and not holder[step]:
                del holder[step]
        return self.put(place, data, path)

    def rename(self, place: int, new: str) -> Edit:
        """Give a node another id, and write it wherever others name the node.

        Raises:
            EditError: as `put`.
        """
        old = self.entries[place].id
        makers: list[Callable[[ContactDocument], Edit]] = []
        if old and self.place_of(old) == place:
            for n, entry in enumerate(self.entries):
                changed = with_id(entry.data, old, new)
                if changed is not None:
                    makers.append(partial(ContactDocument.put, place=n, data=changed))
        makers.append(lambda document: document.set(place, ("id",), new))
        return self.together(*makers)

    # Officers -----------------------------------------------------------------------------------

    def add_officer(self, place: int, data: Data, at: int | None = None) -> Edit:
        """Put an officer into the calling order, at `at` (from 0) or last.

        Raises:
            EditError: as `put`.
        """
        new = deepcopy(self.entries[place].data)
        officers = new.setdefault("officers", [])
        at = len(officers) if at is None else at
        officers.insert(at, without_nothing(data))
        return self.put(place, new, ("officers", at))

    def remove_officer(self, place: int, at: int) -> Edit:
        """Take officer `at` (from 0) out.

        Raises:
            EditError: as `put`.
        """
        new = deepcopy(self.entries[place].data)
        del new["officers"][at]
        return self.put(place, new, ("officers", max(min(at, len(new["officers"]) - 1), 0)))

    def move_officer(self, place: int, start: int, to: int) -> Edit:
        """Move officer `start` to where `to` stands now; `to` 1 makes a stand-in of them.

        Raises:
            EditError: as `put`.
        """
        if start == to:
            return Edit((), place, ("officers", to))
        entry = self._written_out(self.entries[place])
        body = self._try(lambda: with_item_moved(entry.body, ("officers",), start, to))
        changed = replace(entry, body=body, data=read_entry(body))
        return self._replaced(place, changed, ("officers", to))

    # Whole nodes --------------------------------------------------------------------------------

    def add(self, data: Data, at: int | None = None) -> Edit:
        """Put a node into the file, at place `at` or last.

        Raises:
            EditError: it cannot be written.
        """
        at = len(self.entries) if at is None else at
        return self._inserted(at, self._new_body(without_nothing(data)))

    def duplicate(self, place: int, new_id: str, changes: Data | None = None) -> Edit:
        """Put a copy below a node, comments within it included, under another id.

        The copy has no code, since no two bodies have one, and nothing in it counts as verified.
        `changes` are made to it too; empty values take keys out.

        Raises:
            EditError: as `put`.
        """
        entry = self._written_out(self.entries[place])
        data = deepcopy(entry.data) | {"id": new_id} | (changes or {})
        data.pop("code", None)
        data = {key: value for key, value in data.items() if value}
        for officer in data.get("officers", ()):
            if isinstance(officer, dict):
                officer.pop("verified", None)
        body = self._try(lambda: patched(entry.body, data, self.notation))
        return self._inserted(place + 1, body)

    def delete(self, places: Iterable[int]) -> Edit:
        """Take nodes out of the file; comments above them stay, `also-notify` forgets them.

        Raises:
            EditError: something is repeated elsewhere that stands in them.
        """
        gone = sorted(set(places), reverse=True)
        ids = {self.entries[place].id for place in gone}
        makers: list[Callable[[ContactDocument], Edit]] = []
        for n, entry in enumerate(self.entries):
            told = entry.data.get("also-notify")
            if n not in gone and isinstance(told, list) and ids & set(told):
                kept = [other for other in told if other not in ids]
                makers.append(
                    partial(ContactDocument.set, place=n, path=("also-notify",), value=kept)
                )
        makers += [partial(ContactDocument._removed, place=place) for place in gone]
        edit = self.together(*makers)
        return replace(edit, place=max(gone[-1] - 1, 0) if gone else None)

    def move(self, start: int, to: int) -> Edit:
        """Move a node in the file to where `to` stands now; comments directly above go with it.

        Raises:
            EditError: never in practice.
        """
        if start == to:
            return Edit((), to)
        entry = self._written_out(self.entries[start])
        loose, attached = (entry.lead, "") if self._shape.flow else _split_lead(entry.lead)
        return self.together(
            lambda document: document._removed(start, loose),
            lambda document: document._inserted(to, entry.body, attached),
        )

    # The file as a whole ------------------------------------------------------------------------

    def set_top(self, key: str, value: str) -> Edit:
        """Set title, zone or note of the whole tree; empty takes it out.

        Raises:
            EditError: it is written in a way that cannot be changed.
        """
        whole = self.frame.head + self.frame.tail
        data = read_entry(whole)
        if value.strip():
            data[key] = value.strip()
        else:
            data.pop(key, None)
        if data == read_entry(whole):
            return Edit(())
        new = self._try(lambda: patched(whole, data, self.notation))
        head, tail = self.frame.head, self.frame.tail
        last = head[head.rindex("nodes") :]  # The key, and what is said above the first node.
        if new.endswith(tail) and new[: len(new) - len(tail)].endswith(last):
            head = new[: len(new) - len(tail)]
        elif new.startswith(head):
            tail = new[len(head) :]
        else:
            raise EditError(_cannot())
        return Edit((Reframing(self.frame, Frame(head, tail, self._shape)),))

    def change_domain(self, old: str, new: str, places: Iterable[int] | None = None) -> Edit:
        """Write another domain in every address that ends in `@old`, at these nodes or at all.

        Raises:
            EditError: as `put`.
        """
        steps: list[Splice | Reframing] = []
        for place in range(len(self.entries)) if places is None else sorted(set(places)):
            data = with_domain(self.entries[place].data, old, new)
            if data is not None:
                steps += self.put(place, data).steps
        return Edit(tuple(steps))

    def become(self, other: "ContactDocument") -> Edit:
        """Return the edit after which this document holds what `other` does, byte for byte."""
        steps: list[Splice | Reframing] = []
        if self.entries != other.entries:
            steps.append(Splice(0, tuple(self.entries), tuple(other.entries)))
        if self.frame != other.frame:
            steps.append(Reframing(self.frame, other.frame))
        return Edit(tuple(steps))

    # Pieces -------------------------------------------------------------------------------------

    def _try(self, make: Callable[[], str]) -> str:
        try:
            return make()
        except UnpatchableError:
            raise EditError(_cannot()) from None

    def _replaced(self, place: int, entry: Entry, path: Path) -> Edit:
        steps = [*self._freed(self.entries[place]), Splice(place, (self.entries[place],), (entry,))]
        return Edit(tuple(steps), place, path)

    def _freed(self, entry: Entry) -> Iterator[Splice]:
        """Write out elsewhere what is repeated from `entry`, which is about to change."""
        if "&" not in entry.body:
            return
        for place, other in enumerate(self.entries):
            if other.aliases and other is not entry:
                yield Splice(place, (other,), (self._written_out(other),))

    def _written_out(self, entry: Entry) -> Entry:
        """Return an entry with what it repeats from elsewhere written in its place."""
        body = entry.body
        for start, end, value in reversed(entry.aliases):
            body = body[:start] + self.notation.flow("", value) + body[end:]
        return replace(entry, body=body, aliases=())

    def _new_body(self, data: Data) -> str:
        shape, notation = self._shape, self.notation
        if shape.flow:
            return notation.flow("nodes", data)
        lead = " " * shape.column + "-" + " " * (shape.gap - 1)
        if shape.items_flow:
            return lead + notation.flow("nodes", data) + notation.line_end
        return lead + notation.mapping(data, shape.column + shape.gap) + notation.line_end

    def _inserted(self, at: int, body: str, attached: str = "") -> Edit:
        """Put an entry in at `at`, spaced from its neighbours as the others are."""
        try:
            data = read_entry(body)
        except UnpatchableError:
            raise EditError(_cannot()) from None
        if at:
            return Edit((Splice(at, (), (Entry(self._gap + attached, body, data),)),), at)
        if not self.entries:
            return Edit((Splice(0, (), (Entry(attached, body, data),)),), 0)
        first = self.entries[0]
        if self._shape.flow:
            new = Entry(first.lead, body, data)
            after = replace(first, lead=self._gap)
        else:
            new = Entry(attached, body, data)
            after = replace(first, lead=self._gap + first.lead.lstrip("\r\n"))
        return Edit((Splice(0, (first,), (new, after)),), 0)

    @property
    def _shape(self) -> Shape:
        return self.frame.shape

    @property
    def _gap(self) -> str:
        """What stands between two entries."""
        if not self._shape.flow:
            return self.notation.line_end * self.notation.separator
        lead = self.entries[min(1, len(self.entries) - 1)].lead if self.entries else ""
        if "#" in lead:
            return self.notation.line_end + lead[line_start(lead, len(lead)) :]
        return lead or " "

    def _removed(self, place: int, lead: str | None = None) -> Edit:
        """Take an entry out; of the lines above it, those stay that hold more than space."""
        entry = self.entries[place]
        lead = entry.lead if lead is None else lead
        steps: list[Splice | Reframing] = list(self._freed(entry))
        if place + 1 < len(self.entries):
            after = self.entries[place + 1]
            kept = after.lead
            if lead.strip():
                ends_blank = not lead[line_start(lead, len(lead) - 1) :].strip()
                blank = EMPTY_LINE.match(after.lead) if ends_blank else None
                kept = lead + after.lead[blank.end() if blank else 0 :]
            elif place == 0:
                kept = lead + after.lead.lstrip(" \r\n" if self._shape.flow else "\r\n")
            new = replace(after, lead=kept)
            steps.append(Splice(place, (entry, after), (new,)))
            return Edit(tuple(steps), place)
        steps.append(Splice(place, (entry,), ()))
        tail = (lead if lead.strip() else "") + self.frame.tail
        if self._shape.flow and place == 0:
            tail = tail.replace(",", "", 1) if tail.lstrip().startswith(",") else tail
        if tail != self.frame.tail:
            steps.append(Reframing(self.frame, Frame(self.frame.head, tail, self._shape)))
        return Edit(tuple(steps), place - 1 if place else None)


def _cannot() -> str:
    return _(
        "this entry is written in a way that cannot be changed here; change it with a text editor"
    )


def _split_lead(lead: str) -> tuple[str, str]:
    """Return the lines above an entry up to the last empty one, and the comments directly above."""
    at = len(lead)
    while at:
        start = line_start(lead, at - 1)
        if not lead[start:at].strip():
            break
        at = start
    return lead[:at], lead[at:]
