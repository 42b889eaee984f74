"""Changes of a contact tree gone through body by body: accepted with one key, then written.

The same screen serves the yearly round (what the bodies answered) and the check by telephone of
what differs between two trees.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.files.contacts.applying import rewritten
from drillsim.files.contacts.comparison import compare
from drillsim.files.contacts.confirming import Proposal, accepted, confirmed
from drillsim.files.contacts.document import ContactDocument
from drillsim.files.saving import write_whole
from drillsim.files.tree_file import LoadedTree, parse_tree
from drillsim.i18n import N_, _, ngettext
from drillsim.problem import CommandError
from drillsim.text import clean_line, fit
from drillsim.tui.screens.dialogs import Confirm
from drillsim.tui.views.bodies import BodyItem, confirmation_item, counted, telephone_item
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Lines
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Items, Rows


class BodyRows(Items[BodyItem]):
    """The bodies, those accepted marked with a tick."""

    screen_opens = True

    def __init__(self, items: Sequence[BodyItem]) -> None:
        super().__init__(id="bodies")
        self.items = items
        self.accepted: set[str] = set()
        self.written: set[str] = set()

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("{n} bodies").format(n=len(self.items)) + "  " + counted(self.items)),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        item = self.items[row]
        mark = "*" if item.node in self.written else "✔" if item.node in self.accepted else " "
        return (
            Cell(f"{mark} ", "good"),
            Cell(fit(item.name, 28) + " "),
            Cell(fit(item.state.text, 22) + " ", item.state.tone),
            Cell(item.summary, "muted"),
        )


class BodiesScreen(Screen[None]):
    """The bodies above, what changed at the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,space,enter", "accept", N_("accept, next")),
        Binding("u", "take_back", N_("take back")),
        Binding("A", "accept_plain", N_("accept all without changes")),
        Binding("n", "next_open", N_("next open one")),
        Binding("ctrl+s", "write", N_("write the file")),
        Binding("question_mark", "app.help", N_("help"), show=False),
        Binding("escape,q", "leave", N_("back")),
    ]

    def __init__(
        self,
        title: str,
        items: Sequence[BodyItem],
        write: Callable[[Sequence[str]], str],
    ) -> None:
        """Show `items`; `write` writes those whose nodes it gets, and returns what to say."""
        super().__init__()
        self._title = title
        self._write = write
        self._rows = BodyRows(items)
        self._pane = Pane(id="changes")
        self._head = Lines(id="head")
        self._head.heading = True

    @override
    def compose(self) -> ComposeResult:
        yield self._head
        yield self._rows
        yield self._pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._rows.focus()
        self._draw()

    @property
    def accepted(self) -> list[str]:
        """The nodes that were accepted and are not yet written, in the order of the list."""
        waiting = self._rows.accepted - self._rows.written
        return [item.node for item in self._rows.items if item.node in waiting]

    def help_signs(self) -> list[tuple[str, str]]:
        """Return what the signs of this screen mean."""
        return [
            ("✔", _("accepted, not yet written")),
            ("*", _("written to the file")),
            ("+ -", _("came, left")),
            ("> <", _("moved here, moved away")),
            ("~", _("differs")),
        ]

    def _draw(self) -> None:
        count = len(self.accepted)
        waiting = ngettext("{n} accepted, not written", "{n} accepted, not written", count)
        words = f" {self._title}" + (f"  ── {waiting.format(n=count)}" if count else "")
        self._head.show([(Cell(words),)])
        self._rows.refresh()
        text = Text()
        item = self._rows.item
        for line in item.lines if item is not None else ():
            for cell in line:
                text.append(cell.text, self._style(cell))
            text.append("\n")
        self._pane.show(text)
        self.refresh_bindings()

    def _style(self, cell: Cell) -> str:
        return "bold" if cell.tone in ("strong", "alarm", "late") else ""

    def on_rows_moved(self) -> None:
        self._draw()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_accept()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        item = self._rows.item
        match action:
            case "accept":
                return item is not None and item.can_accept and not self._is_done(item)
            case "take_back":
                return item is not None and item.node in self.accepted
            case "accept_plain":
                return any(each.is_plain and not self._is_done(each) for each in self._rows.items)
            case "write":
                return bool(self.accepted)
            case _:
                return True

    def _is_done(self, item: BodyItem) -> bool:
        return item.node in self._rows.accepted or item.node in self._rows.written

    def action_accept(self) -> None:
        item = self._rows.item
        if item is not None and item.can_accept and not self._is_done(item):
            self._rows.accepted.add(item.node)
            self._rows.move_to(self._rows.cursor + 1)
            self._draw()

    def action_take_back(self) -> None:
        if self._rows.item is not None:
            self._rows.accepted.discard(self._rows.item.node)
            self._draw()

    def action_accept_plain(self) -> None:
        self._rows.accepted |= {item.node for item in self._rows.items if item.is_plain}
        self._draw()

    def action_next_open(self) -> None:
        """Go to the next body that was not accepted, from the top again after the last."""
        items, start = self._rows.items, self._rows.cursor
        order = [(start + step) % len(items) for step in range(1, len(items) + 1)] if items else []
        found = next((row for row in order if not self._is_done(items[row])), None)
        if found is not None:
            self._rows.move_to(found)

    def action_write(self) -> None:
        chosen = self.accepted
        if not chosen:
            return
        try:
            said = self._write(chosen)
        except CommandError as error:
            self.notify(clean_line(str(error), limit=400), severity="error", markup=False)
            return
        self._rows.written |= set(chosen)
        self.notify(said, markup=False)
        self._draw()

    @work(group="leave")
    async def action_leave(self) -> None:
        if self.accepted:
            title, do = _("Not written"), _("leave without writing")
            text = _("What was accepted is not written yet; ^s writes it.")
            if not await self.app.push_screen_wait(Confirm(title, text, do)):
                return
        self.app.exit(0)


class ConfirmScreen(BodiesScreen):
    """The answers of a yearly round, against the contact file as it is."""

    def __init__(
        self,
        title: str,
        document: ContactDocument,
        found: Sequence[Proposal],
        target: Path,
        *,
        is_copy: bool,
    ) -> None:
        """Show `found`; what is accepted goes to `target`, which is a copy or the file itself."""
        self._by_node = {str(one.node): one for one in found}
        self._document = document
        self._target = target
        self._before = None if is_copy else document.data
        tree = parse_tree(document.data, document.name).tree
        items = [confirmation_item(one, tree.by_id.get(one.node)) for one in found]
        super().__init__(title, items, self._save)

    def _save(self, nodes: Sequence[str]) -> str:
        data = accepted(self._document, [self._by_node[node] for node in nodes])
        write_whole(self._target, data, expected=self._before)
        self._document = ContactDocument.parse(data, self._document.name)
        self._before = data
        return _("written: {path}").format(path=clean_line(str(self._target)))


class TelephoneCheck(BodiesScreen):
    """What differs between two trees, to be checked by telephone; that sets `verified`."""

    def __init__(self, before: LoadedTree, after: LoadedTree, today: date) -> None:
        """Compare two trees; whoever is checked was confirmed on `today`, in the second."""
        self._today = today
        self._path = after.path
        self._document = ContactDocument.parse(after.data, after.document.name)
        comparison = compare(before.tree, after.tree)
        title = _("Check by telephone: {file}").format(file=clean_line(after.document.name))
        super().__init__(title, [telephone_item(body) for body in comparison.bodies], self._save)

    def _save(self, nodes: Sequence[str]) -> str:
        there = {entry.id: entry.data for entry in self._document.entries}
        changed = {node: confirmed(there[node], self._today) for node in nodes if node in there}
        before = self._document.data
        edit = rewritten(self._document, changed=changed)
        self._document.apply(edit)
        try:
            assert self._path is not None
            write_whole(self._path, self._document.data, expected=before)
        except CommandError:
            self._document.apply(edit.undone)
            raise
        return _("verified: {day} written for {n} bodies").format(
            day=self._today.isoformat(), n=len(changed)
        )
