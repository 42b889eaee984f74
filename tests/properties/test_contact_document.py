"""A contact file under random edits: text and model agree, comments stay, undo leads back."""

import re
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.history import History

TEXTS = st.one_of(
    st.sampled_from(
        ["架空 一郎", "a: b", "- x", "#1", "012345", "yes", "it's", '"', "{x}", "a, b", "x #y", "~"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8),
    st.just(""),
)
FIELDS = st.sampled_from(
    [("name",), ("kana",), ("code",), ("mailbox",), ("duty-desk", "phone"), ("duty-desk", "name")]
)
OFFICER_FIELDS = st.sampled_from(
    [("name",), ("kana",), ("phone",), ("off-hours", "phone"), ("verified",), ("note",)]
)
LISTS = st.lists(st.sampled_from(["a@x.example", "b@x.example", "c, d", "e"]), max_size=3)
PLACES = st.integers(0, 50)

BLOCK = """\
# the file
format: drillsim-contacts/1
title: 架空  # the title
nodes:
  # one
  - id: a
    name: 架空センター   # two
    kind: national-center
    officers:
      # three
      - name: 架空 一郎
        email: a@x.example # four
        # five
      # six
      - name: '架空 二葉'
        off-hours: {phone: 000-1} # seven
    note: |
      one
      two

  # eight

  # nine
  - id: "012345"
    name: "さざなみ町"
    kind: municipality
    parent: a
    also-notify: [a]   # ten
    # eleven
  - {id: c, name: 架空村, kind: municipality, parent: a} # twelve
# thirteen
"""
FLOW = """\
{"format": "drillsim-contacts/1", "title": "x",
 "nodes": [
  {"id": "a", "name": "b", "kind": "branch"}, # one
  {"id": "c", "name": "d", "kind": "branch",
   "officers": [{"name": "e"}]}
]}"""
FILES = [
    BLOCK,
    BLOCK.replace("\n", "\r\n"),
    "\ufeff" + BLOCK.rstrip("\n"),
    BLOCK.replace("      - ", "    - ").replace("        ", "      "),
    FLOW,
]


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"# (\w+)\s*$", text, re.MULTILINE))


class Edits(RuleBasedStateMachine):
    """The model is a list of plain nodes; the file must always hold the same."""

    @initialize(text=st.sampled_from(FILES))
    def begin(self, text: str) -> None:
        self.document = ContactDocument.parse(text.encode(), "t.yaml")
        self.history = History(self.document)
        self.first = text.encode()
        self.past: list[tuple[bytes, list[Any]]] = []
        self.model = [entry.data for entry in self.document.entries]
        self.ids = 0

    def place(self, draw: int) -> int:
        return draw % len(self.document.entries)

    def do(self, make: Any) -> None:
        before = (self.document.data, list(self.model))
        if self.history.do(make):
            self.past.append(before)
        self.model = [entry.data for entry in self.document.entries]

    @rule(draw=PLACES, field=FIELDS, value=TEXTS)
    def set(self, draw: int, field: tuple[str, ...], value: str) -> None:
        if not self.document.entries:
            return
        place = self.place(draw)
        had = comments(self.document.text)
        self.do(lambda document: document.set(place, field, value))
        data: Any = self.model[place]
        for step in field[:-1]:
            data = data.get(step, {})
        assert data.get(field[-1], "") == value.strip()
        if value:
            assert comments(self.document.text) == had

    @rule(draw=PLACES, officer=PLACES, field=OFFICER_FIELDS, value=TEXTS)
    def set_officer(self, draw: int, officer: int, field: tuple[str, ...], value: str) -> None:
        if not self.document.entries:
            return
        place = self.place(draw)
        officers = self.model[place].get("officers", [])
        if not officers:
            return
        at = officer % len(officers)
        self.do(lambda document: document.set(place, ("officers", at, *field), value))
        data: Any = self.model[place]["officers"][at]
        for step in field[:-1]:
            data = data.get(step, {})
        assert data.get(field[-1], "") == value.strip()

    @rule(draw=PLACES, values=LISTS)
    def set_list(self, draw: int, values: list[str]) -> None:
        if self.document.entries:
            place = self.place(draw)
            told = [value.replace("@", "-") for value in values]
            self.do(lambda document: document.set(place, ("also-notify",), told))
            assert self.model[place].get("also-notify", []) == told

    @rule(draw=PLACES, at=PLACES, name=TEXTS, values=LISTS)
    def add_officer(self, draw: int, at: int, name: str, values: list[str]) -> None:
        if not self.document.entries:
            return
        place = self.place(draw)
        had = comments(self.document.text)
        before = list(self.model[place].get("officers", []))
        data = {"name": name or "x", "email": values}
        self.do(lambda document: document.add_officer(place, data, at % (len(before) + 1)))
        assert comments(self.document.text) == had
        after = list(self.model[place]["officers"])
        del after[at % (len(before) + 1)]
        assert after == before

    @rule(draw=PLACES, start=PLACES, to=PLACES)
    def move_officer(self, draw: int, start: int, to: int) -> None:
        if not self.document.entries:
            return
        place = self.place(draw)
        officers = list(self.model[place].get("officers", []))
        if not officers:
            return
        had = comments(self.document.text)
        start, to = start % len(officers), to % len(officers)
        self.do(lambda document: document.move_officer(place, start, to))
        officers.insert(to, officers.pop(start))
        assert self.model[place]["officers"] == officers
        assert comments(self.document.text) == had

    @rule(draw=PLACES, at=PLACES)
    def remove_officer(self, draw: int, at: int) -> None:
        if not self.document.entries:
            return
        place = self.place(draw)
        officers = list(self.model[place].get("officers", []))
        if officers:
            self.do(lambda document: document.remove_officer(place, at % len(officers)))
            del officers[at % len(officers)]
            assert self.model[place].get("officers", []) == officers

    @rule(at=PLACES, name=TEXTS, values=LISTS)
    def add(self, at: int, name: str, values: list[str]) -> None:
        self.ids += 1
        data = {"id": f"n{self.ids}", "name": name, "officers": [{"name": "x", "email": values}]}
        had, before = comments(self.document.text), list(self.model)
        at %= len(before) + 1
        self.do(lambda document: document.add(data, at))
        after = list(self.model)
        assert after.pop(at)["id"] == f"n{self.ids}"
        assert (after, comments(self.document.text)) == (before, had)

    @rule(draw=PLACES)
    def duplicate(self, draw: int) -> None:
        if self.document.entries:
            self.ids += 1
            place = self.place(draw)
            self.do(lambda document: document.duplicate(place, f"n{self.ids}"))
            assert self.model[place + 1]["id"] == f"n{self.ids}"

    @rule(draw=PLACES)
    def delete(self, draw: int) -> None:
        if self.document.entries:
            place = self.place(draw)
            inside = set(comments(self.document.entries[place].body))
            had, count = set(comments(self.document.text)), len(self.model)
            self.do(lambda document: document.delete([place]))
            assert len(self.model) == count - 1
            assert set(comments(self.document.text)) >= had - inside - {"ten"}

    @rule(start=PLACES, to=PLACES)
    def move(self, start: int, to: int) -> None:
        if self.document.entries:
            start, to = self.place(start), self.place(to)
            had, before = comments(self.document.text), list(self.model)
            self.do(lambda document: document.move(start, to))
            before.insert(to, before.pop(start))
            assert (self.model, comments(self.document.text)) == (before, had)

    @rule(draw=PLACES)
    def rename(self, draw: int) -> None:
        if self.document.entries:
            self.ids += 1
            place = self.place(draw)
            self.do(lambda document: document.rename(place, f"n{self.ids}"))
            assert self.model[place]["id"] == f"n{self.ids}"

    @rule(domain=st.sampled_from(["x.example", "y.example"]))
    def change_domain(self, domain: str) -> None:
        other = "y.example" if domain == "x.example" else "x.example"
        self.do(lambda document: document.change_domain(domain, other))
        assert f"@{domain}" not in self.document.text

    @rule(value=TEXTS)
    def set_title(self, value: str) -> None:
        self.do(lambda document: document.set_top("title", value))
        assert self.document.top.get("title", "") == value.strip()

    @rule()
    def undo(self) -> None:
        assert bool(self.history.undo()) == bool(self.past)
        if self.past:
            data, self.model = self.past.pop()
            assert self.document.data == data
            after = self.history
            assert after.redo()
            assert after.undo()
            assert self.document.data == data

    @invariant()
    def saved_and_read_again_the_file_holds_the_model(self) -> None:
        if hasattr(self, "document"):
            assert [entry.data for entry in self.document.entries] == self.model
            again = ContactDocument.parse(self.document.data, "t.yaml")
            assert again.data == self.document.data
            assert [entry.data for entry in again.entries] == self.model

    def teardown(self) -> None:
        if hasattr(self, "document"):
            while self.history.undo():
                pass
            assert self.document.data == self.first


TestEdits = Edits.TestCase
TestEdits.settings = settings(max_examples=200, stateful_step_count=12)
