"""Undo and redo without limit: the edits of a contact document, in the order they were made."""

from collections.abc import Callable, Hashable

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.edits import Edit


class History:
    """What was done to a document, and what was undone."""

    def __init__(self, document: ContactDocument) -> None:
        self.document = document
        self._done: list[tuple[Edit, Hashable]] = []
        self._undone: list[tuple[Edit, Hashable]] = []
        self._saved: Edit | None = None

    @property
    def is_saved(self) -> bool:
        """Whether the document is as it was last saved."""
        return self._last is self._saved

    def saved(self) -> None:
        """Note that the document was saved as it is."""
        self._saved = self._last
        self.pause()

    def do(self, make: Callable[[ContactDocument], Edit], key: Hashable = None) -> Edit | None:
        """Make an edit; return it, or None where nothing changes.

        Edits with the same key that follow each other, such as the letters typed into one field,
        are one: each is made anew for the state before the first, so that a line that was emptied
        and filled again keeps its comment.

        Raises:
            EditError: the edit cannot be made; the document is as before.
        """
        again = None
        if key is not None and self._done and self._done[-1][1] == key:
            again, _key = self._done.pop()
            self.document.apply(again.undone)
        try:
            edit = make(self.document)
        except BaseException:
            if again is not None:
                self.document.apply(again)
                self._done.append((again, key))
            raise
        if edit.is_empty:
            return again.undone if again is not None else None
        self.document.apply(edit)
        self._done.append((edit, key))
        self._undone.clear()
        return edit

    def pause(self) -> None:
        """Let the next edit be one of its own, whatever its key."""
        if self._done:
            self._done[-1] = (self._done[-1][0], None)

    def undo(self) -> Edit | None:
        """Take the last edit back and return what was done for it; None without any."""
        if not self._done:
            return None
        edit, _key = self._done.pop()
        self.document.apply(edit.undone)
        self._undone.append((edit, None))
        return edit.undone

    def redo(self) -> Edit | None:
        """Make the edit again that was taken back last, and return it; None without any."""
        if not self._undone:
            return None
        edit, _key = self._undone.pop()
        self.document.apply(edit)
        self._done.append((edit, None))
        return edit

    @property
    def _last(self) -> Edit | None:
        return self._done[-1][0] if self._done else None
