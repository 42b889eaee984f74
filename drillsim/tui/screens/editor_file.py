"""The file under the editor: undone, saved, merged with what somebody else wrote, and left."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from textual import work
from textual.screen import Screen

from drillsim.files.contacts.document import ContactDocument, EditError
from drillsim.files.contacts.history import History
from drillsim.files.contacts.merging import Merge
from drillsim.files.contacts.opened import Opened
from drillsim.files.saving import ChangedError, SaveError, write_whole
from drillsim.files.yaml_reader import read_bytes
from drillsim.i18n import _
from drillsim.problem import CommandError
from drillsim.tui.screens.dialogs import Choose
from drillsim.tui.views.editor import masked_text
from drillsim.tui.views.tone import Cell

if TYPE_CHECKING:
    from drillsim.files.contacts.edits import Edit

_WATCH: Final = 2.0
"""Seconds between two looks at the file on disk."""


class EditorFile(Screen[None]):
    """What is done to the file as a whole; `EditorScreen` shows what that changes."""

    opened: Opened
    masked: bool
    _is_told_of_change = False

    if TYPE_CHECKING:

        def do(self, make: Callable[[ContactDocument], Edit]) -> bool: ...

        def shown_anew(self, edit: Edit) -> None: ...

        def settle(self) -> None: ...

        def _fill(self) -> None: ...

        def _draw_title(self) -> None: ...

    @property
    def document(self) -> ContactDocument:
        """The document that is edited."""
        return self.opened.document

    @property
    def history(self) -> History:
        """What was done to it."""
        return self.opened.history

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

    # On disk ------------------------------------------------------------------------------------

    def watch_file(self) -> None:
        """Say once that the file was changed on disk, when it was."""
        self.set_interval(_WATCH, self._watch_file)

    async def _watch_file(self) -> None:
        if self._is_told_of_change:
            return
        if await asyncio.to_thread(self.opened.on_disk) != self.opened.saved:
            self._is_told_of_change = True
            self.notify(
                _("the file was changed on disk; when you save, you are shown both versions"),
                severity="warning",
                markup=False,
            )

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
