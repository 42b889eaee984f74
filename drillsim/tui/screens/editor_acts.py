"""What the keys of the editor do: to bodies, to officers, to the file."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work
from textual.screen import Screen

from drillsim.files.contacts.document import ContactDocument, EditError
from drillsim.files.contacts.inspection import Inspection
from drillsim.files.contacts.merging import Merge
from drillsim.files.saving import ChangedError, SaveError, write_whole
from drillsim.i18n import _, ngettext
from drillsim.problem import CommandError
from drillsim.tui.screens.dialogs import Choose, Confirm
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
    from collections.abc import Iterable
    from datetime import date

    from drillsim.files.contacts.edits import Edit
    from drillsim.files.contacts.history import History
    from drillsim.files.contacts.notation import Data
    from drillsim.files.yaml_nodes import Path
    from drillsim.tui.screens.editor import Opened
    from drillsim.tui.views.editor import TreeRows


class EditorActs(Screen[None]):
    """The acts; `EditorScreen` shows what they change."""

    opened: "Opened"
    masked: bool
    today: "date"
    inspection: Inspection
    branches: "TreeRows"
    place: int | None
    officer: int | None
    _offices: OfficeTree
    _strip: OfficerStrip
    _is_told_of_change: bool
    _gone_to: "tuple[int, int | None, Path] | None" = None
    """The place, officer and field of the finding that was gone to last."""

    if TYPE_CHECKING:

        @property
        def document(self) -> ContactDocument: ...

        @property
        def history(self) -> History: ...

        def go_to(
            self,
            place: int,
            officer: int | None = None,
            path: Path | None = None,
            *,
            select: bool = False,
        ) -> None: ...

        def do(self, make: Callable[[ContactDocument], Edit]) -> bool: ...

        def shown_anew(self, edit: Edit) -> None: ...

        def settle(self) -> None: ...

        def _fill(self) -> None: ...

        def _draw_title(self) -> None: ...

    # Undo ---------------------------------------------------------------------------------------

    def action_undo(self) -> None:
        self.settle()
        edit = self.history.undo()
        if edit is None:
            self.notify(_("there is nothing to undo"), markup=False)
        else:
            self.shown_anew(edit)

    def action_redo(self) -> None:
        self.settle()
        edit = self.history.redo()
        if edit is None:
            self.notify(_("there is nothing to do again"), markup=False)
        else:
            self.shown_anew(edit)

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
        own = _domains([entries[self.place].data])
        here = name_of(entries[self.place].data)
        chosen = await self.app.push_screen_wait(
            ChangeDomain(
                _domains(entry.data for entry in entries),
                _domains(entries[place].data for place in branch),
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

    # The file -----------------------------------------------------------------------------------

    def action_mask(self) -> None:
        self.settle()
        self.masked = not self.masked
        self.history.pause()
        self._fill()
        self._draw_title()

    @work(group="dialog")
    async def action_save(self) -> None:
        await self._save()

    async def _save(self) -> bool:
        """Show what changes and write it; return whether the file holds what is shown now."""
        from drillsim.files.contacts.text_diff import text_diff
        from drillsim.tui.screens.editor_windows import DiffWindow

        self.settle()
        self.history.pause()
        opened = self.opened
        data = opened.document.data
        if data == opened.saved:
            self.notify(_("nothing was changed"), markup=False)
            self.history.saved()
            self._draw_title()
            return True
        before = ContactDocument.parse(opened.saved, opened.document.name)
        after = ContactDocument.parse(data, opened.document.name)
        lines = await asyncio.to_thread(text_diff, before, after)
        window = DiffWindow(opened.path.name, lines, self._masker(before))
        if not await self.app.push_screen_wait(window):
            return False
        try:
            await asyncio.to_thread(write_whole, opened.path, data, expected=opened.saved)
        except ChangedError:
            return await self._merge(before)
        except SaveError as error:
            self.notify(str(error), severity="error", markup=False, timeout=15)
            return False
        opened.saved = data
        if opened.document.data == data:
            self.history.saved()
        self._is_told_of_change = False
        self._draw_title()
        self.notify(_("saved"), markup=False)
        return True

    def _masker(self, *others: ContactDocument) -> Callable[[str], str]:
        """Return what masks a line of the file, if anything is masked."""
        if not self.masked:
            return lambda text: text
        data = [entry.data for each in (self.document, *others) for entry in each.entries]
        return lambda text: masked_text(text, data)

    async def _merge(self, base: ContactDocument) -> bool:
        """Show both versions of a file that somebody else has changed; never overwrite theirs."""
        from drillsim.files.yaml_reader import read_bytes
        from drillsim.tui.screens.editor_windows import MergeWindow

        opened = self.opened
        try:
            theirs = await asyncio.to_thread(read_bytes, opened.path, opened.document.name)
            other = ContactDocument.parse(theirs, opened.document.name)
            merge = Merge(base, opened.document, other)
        except CommandError as error:
            words = _("the file on disk cannot be read any more; yours is kept here: {error}")
            first = str(error).partition("\n")[0]
            self.notify(words.format(error=first), severity="error", markup=False, timeout=20)
            return False
        if merge.differences:
            window = MergeWindow(merge, self._masker(base, other))
            if not await self.app.push_screen_wait(window):
                return False
        try:
            made = merge.result()
        except EditError as error:
            self.notify(str(error), severity="error", markup=False, timeout=20)
            return False
        opened.saved = theirs
        self._is_told_of_change = False
        self.do(lambda document: document.become(made))
        self.notify(_("both are in one now; look at it, and save again"), markup=False)
        return False

    @work(group="dialog")
    async def action_leave_asking(self) -> None:
        """Leave; what is not saved is asked after, also where the whole app is left (ctrl+q)."""
        self.settle()
        if self.document.data != self.opened.saved:
            lines = [[Cell(_("save, and leave"))], [Cell(_("leave without saving"))]]
            heading = _("there are changes that are not saved")
            chosen = await self.app.push_screen_wait(
                Choose(_("Leave?"), heading, lines, _("do it"))
            )
            if chosen is None or (chosen == 0 and not await self._save()):
                return
        if len(self.app.screen_stack) > 2:
            self.dismiss()
        else:
            self.app.exit(0)


def _domains(bodies: "Iterable[Data]") -> Counter[str]:
    """Return the domains of addresses, each with how many there are, the first one first."""
    return Counter(
        address.rpartition("@")[2].lower() for data in bodies for address in _addresses(data)
    )


def _addresses(data: dict[str, Any]) -> list[str]:
    """Return every address of an entry."""
    holders: list[Any] = [data]
    for officer in officers_of(data):
        if isinstance(officer, dict):
            holders += [officer, officer.get("off-hours", {})]
    found: list[str] = []
    for holder in holders:
        for key in ("mailbox", "email"):
            value = holder.get(key, []) if isinstance(holder, dict) else []
            found += [str(each) for each in (value if isinstance(value, list) else [value])]
    return [address for address in found if "@" in address]
