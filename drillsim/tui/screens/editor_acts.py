"""What the keys of the editor do: to bodies, to officers, to fields that open a window."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.entry_data import domains
from drillsim.files.contacts.inspection import Inspection
from drillsim.i18n import _, ngettext
from drillsim.tui.screens.dialogs import Choose, Confirm
from drillsim.tui.screens.editor_file import EditorFile
from drillsim.tui.views.editor import (
    field_of,
    masked_text,
    name_of,
    officer_name,
    officers_of,
)
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.entry_form import FieldRow, OfficerStrip, PickLine
from drillsim.tui.widgets.office_tree import OfficeTree

if TYPE_CHECKING:
    from datetime import date

    from drillsim.files.yaml_nodes import Path
    from drillsim.tui.views.editor import TreeRows


class EditorActs(EditorFile):
    """The acts; `EditorScreen` shows what they change."""

    today: "date"
    inspection: Inspection
    branches: "TreeRows"
    place: int | None
    officer: int | None
    _offices: OfficeTree
    _strip: OfficerStrip
    _gone_to: "tuple[int, int | None, Path] | None" = None
    """The place, officer and field of the finding that was gone to last."""

    if TYPE_CHECKING:

        def go_to(
            self,
            place: int,
            officer: int | None = None,
            path: Path | None = None,
            *,
            select: bool = False,
        ) -> None: ...

    # Finding ------------------------------------------------------------------------------------

    @work(group="dialog")
    async def action_find(self) -> None:
        self.settle()
        from drillsim.tui.screens.editor_windows import FindEntry

        dialog = FindEntry(self.document, _("Find"), _("go there"), masked=self.masked)
        hit = await self.app.push_screen_wait(dialog)
        if hit is not None:
            self.history.pause()
            self.go_to(hit.place, hit.officer)
            (self._offices if hit.officer is None else self._strip).focus()

    @work(group="dialog")
    async def action_findings(self) -> None:
        self.settle()
        from drillsim.tui.screens.editor_windows import FindingsWindow

        window = FindingsWindow(
            self.document,
            list(self.inspection.everything()),
            lambda place, text: self._masked_at(text, [place]),
            self.inspection.total()[0],
        )
        if await self.app.push_screen_wait(window) and window.chosen is not None:
            place, finding = window.chosen
            self.go_to(place, *field_of(finding))

    def action_next_finding(self) -> None:
        """Go to the next finding after the body and officer that are shown."""
        self.settle()
        spots = [(place, *field_of(finding)) for place, finding in self.inspection.everything()]
        if not spots:
            self.notify(_("nothing was found"), markup=False)
            return
        order = {row.place: at for at, row in enumerate(self.branches.rows)}
        last = len(order)

        def key(spot: tuple[int, int | None, "Path"]) -> tuple[int, int]:
            return order.get(spot[0], last + spot[0]), -1 if spot[1] is None else spot[1]

        officer = -1 if self.officer is None else self.officer
        here = (order.get(self.place, -1) if self.place is not None else -1, officer)
        path = self._focused_path()
        same = [spot for spot in spots if key(spot) == here]
        after = [spot for spot in sorted(spots, key=key) if key(spot) > here]
        paths = [spot[2] for spot in same]
        if path in paths:
            after = same[len(paths) - paths[::-1].index(path) :] + after
        elif path and self._gone_to in same:  # It has no field of its own to stand in.
            after = same[same.index(self._gone_to) + 1 :] + after
        else:
            after = same + after
        self._gone_to = (after or sorted(spots, key=key))[0]
        self.go_to(*self._gone_to)

    def _focused_path(self) -> "Path | None":
        if self.focused is self._strip:
            return ()
        row = self._row_of(self.focused)
        return row.field.path if row is not None else None

    def _row_of(self, widget: Any) -> FieldRow | None:
        while widget is not None and not isinstance(widget, FieldRow):
            widget = widget.parent
        return widget

    def _masked_at(self, text: str, places: list[int]) -> str:
        if not self.masked:
            return text
        return masked_text(text, [self.document.entries[place].data for place in places])

    # Bodies -------------------------------------------------------------------------------------

    def action_add(self) -> None:
        """Put a new body below the one under the cursor, or beside it where it has none below."""
        self.settle()
        entries = self.document.entries
        data: dict[str, Any] = {"id": self._free_id(), "name": _("new body")}
        at = len(entries)
        if self.place is not None:
            here = entries[self.place].data
            below = self.document.below(self.place)
            is_leaf = not below and here.get("parent")
            parent = here.get("parent") if is_leaf else entries[self.place].id
            children = self.document.children(str(parent))
            kinds = Counter(str(entries[child].data.get("kind", "")) for child in children)
            data["kind"] = kinds.most_common(1)[0][0] if kinds else "section"
            data["parent"] = parent
            at = self.place + 1 if is_leaf else max([self.place, *below]) + 1
        else:
            data["kind"] = "prefecture"
        if self.do(lambda document: document.add(data, at)):
            self.go_to(at, None, ("name",), select=True)

    def _free_id(self) -> str:
        taken = {entry.id for entry in self.document.entries}
        return next(f"new-{n}" for n in range(1, len(taken) + 2) if f"new-{n}" not in taken)

    def action_copy(self) -> None:
        self.settle()
        if self.place is None:
            return
        place, new_id = self.place, self._free_id()
        name = _("{name} (copy)").format(name=self.document.entries[place].data.get("name", ""))
        if self.do(lambda document: document.duplicate(place, new_id, {"name": name})):
            self.go_to(place + 1, None, ("name",), select=True)

    @work(group="dialog")
    async def action_delete(self) -> None:
        self.settle()
        if self.place is None:
            return
        place = self.place
        entry = self.document.entries[place]
        below = self.document.below(place)
        title = _("Delete {body}?").format(body=name_of(entry.data))
        if not below:
            text = _("Its officers go with it. Undo brings them back.")
            if await self.app.push_screen_wait(Confirm(title, text, _("delete"))):
                self.do(lambda document: document.delete([place]))
            return
        parent = str(entry.data.get("parent", ""))
        count = ngettext("{n} body hangs below it", "{n} bodies hang below it", len(below))
        lines = [[Cell(_("delete them too"))]]
        if parent:
            lines.insert(0, [Cell(_("hang them where it hung"))])
        dialog = Choose(title, count.format(n=len(below)), lines, _("delete"))
        chosen = await self.app.push_screen_wait(dialog)
        if chosen is None:
            return
        if parent and chosen == 0:
            children = self.document.children(entry.id)
            makers = [
                partial(ContactDocument.set, place=child, path=("parent",), value=parent)
                for child in children
            ]
            self.do(
                lambda document: document.together(
                    *makers, lambda document: document.delete([place])
                )
            )
        else:
            self.do(lambda document: document.delete([place, *below]))

    @work(group="dialog")
    async def action_move(self) -> None:
        """Ask below which body this one is to hang."""
        self.settle()
        from drillsim.tui.screens.editor_windows import FindBody

        if self.place is None:
            return
        place = self.place
        name = name_of(self.document.entries[place].data)
        below = {place, *self.document.below(place)}
        above = [n for n, _e in enumerate(self.document.entries) if n not in below]
        offered = [n for n in above if self.document.children(self.document.entries[n].id)][:200]
        title = _("Below which body does {name} hang?").format(name=name)
        dialog = FindBody(self.document, title, _("hang it there"), offered)
        target = await self.app.push_screen_wait(dialog)
        if target is not None:
            self.hang(place, target)

    def hang(self, place: int, target: int) -> None:
        """Hang a body below another one; refuse what would be a circle."""
        entries = self.document.entries
        if target == place or target in self.document.below(place):
            self.notify(_("a body cannot hang below itself"), severity="warning", markup=False)
            return
        parent = entries[target].id
        if self.do(lambda document: document.set(place, ("parent",), parent)):
            words = _("{body} now hangs below {other}; ctrl+z undoes it")
            body, other = (name_of(entries[each].data) for each in (place, target))
            self.notify(words.format(body=body, other=other), markup=False)

    def on_office_tree_dropped(self, message: OfficeTree.Dropped) -> None:
        message.stop()
        self.hang(message.place, message.target)

    def action_shift(self, by: int) -> None:
        """Move a body before or after its neighbour below the same parent."""
        self.settle()
        if self.place is None:
            return
        place = self.place
        parent = self.document.entries[place].data.get("parent")
        entries = self.document.entries
        siblings = [n for n, entry in enumerate(entries) if entry.data.get("parent") == parent]
        at = siblings.index(place) + by
        if 0 <= at < len(siblings):
            self.do(lambda document: document.move(place, siblings[at]))

    @work(group="dialog")
    async def action_domain(self) -> None:
        self.settle()
        from drillsim.tui.screens.editor_windows import ChangeDomain

        if self.place is None:
            return
        entries = self.document.entries
        branch = [self.place, *self.document.below(self.place)]
        own = domains([entries[self.place].data])
        here = name_of(entries[self.place].data)
        chosen = await self.app.push_screen_wait(
            ChangeDomain(
                domains(entry.data for entry in entries),
                domains(entries[place].data for place in branch),
                _("{body} alone").format(body=here)
                if len(branch) == 1
                else _("{body} and what hangs below").format(body=here),
                next(iter(own), ""),
            )
        )
        if chosen is not None:
            old, new, is_all = chosen
            places = None if is_all else branch
            if self.do(lambda document: document.change_domain(old, new, places)):
                words = _("{old} is now {new}; ctrl+z undoes it")
                self.notify(words.format(old=old, new=new), markup=False)

    # Officers -----------------------------------------------------------------------------------

    def action_add_officer(self) -> None:
        """Put an officer after the one that is shown, or last, and go to the name."""
        self.settle()
        if self.place is None:
            return
        place = self.place
        count = len(officers_of(self.document.entries[place].data))
        at = count if self.officer is None else self.officer + 1
        if self.do(lambda document: document.add_officer(place, {"name": _("tbd")}, at)):
            self.go_to(place, at, ("name",), select=True)

    @work(group="dialog")
    async def action_remove_officer(self) -> None:
        self.settle()
        if self.place is None or self.officer is None:
            return
        place, at = self.place, self.officer
        name = officer_name(self.document.entries[place].data, at, masked=self.masked)
        title = _("Remove officer {n}, {name}?").format(n=at + 1, name=name)
        text = _("Those after move up in the calling order. Undo brings them back.")
        if await self.app.push_screen_wait(Confirm(title, text, _("remove"))):
            self.do(lambda document: document.remove_officer(place, at))
            self._strip.focus()

    def action_shift_officer(self, by: int) -> None:
        self.settle()
        if self.place is None or self.officer is None:
            return
        place, at = self.place, self.officer
        count = len(officers_of(self.document.entries[place].data))
        if 0 <= at + by < count:
            self.do(lambda document: document.move_officer(place, at, at + by))

    def action_stand_in(self) -> None:
        """Let the officer be called second."""
        self.settle()
        if self.place is None or self.officer is None:
            return
        place, at = self.place, self.officer
        if len(officers_of(self.document.entries[place].data)) < 2:
            self.notify(_("a stand-in needs a first officer beside them"), markup=False)
        else:
            self.do(lambda document: document.move_officer(place, at, 1))

    def action_verify(self) -> None:
        self.settle()
        if self.place is not None and self.officer is not None:
            place, path = self.place, ("officers", self.officer, "verified")
            self.do(lambda document: document.set(place, path, self.today.isoformat()))

    # Fields with windows ------------------------------------------------------------------------

    def on_pick_line_opened(self, message: PickLine.Opened) -> None:
        message.stop()
        row = self._row_of(message.pick)
        if row is not None and row.field.kind == "parent":
            self.action_move()
        elif row is not None:
            self._choose_told()

    @work(group="dialog")
    async def _choose_told(self) -> None:
        """Add a body to those that get copies, or take it out."""
        from drillsim.tui.screens.editor_windows import FindBody

        if self.place is None:
            return
        place = self.place
        data = self.document.entries[place].data
        value = data.get("also-notify", [])
        told: list[str] = list(value) if isinstance(value, list) else [str(value)]
        known = [n for n, entry in enumerate(self.document.entries) if entry.id in told]
        dialog = FindBody(
            self.document,
            _("Who gets copies? Enter adds a body, or takes it out"),
            _("add, or take out"),
            known,
            lambda n: "* " if self.document.entries[n].id in told else "  ",
        )
        target = await self.app.push_screen_wait(dialog)
        if target is None:
            return
        chosen = self.document.entries[target].id
        told = [each for each in told if each != chosen] + ([] if chosen in told else [chosen])
        self.do(lambda document: document.set(place, ("also-notify",), told))
