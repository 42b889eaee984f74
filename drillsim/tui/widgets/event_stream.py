"""The event stream in words, the newest first."""

from collections.abc import Sequence
from typing import Final

from typing_extensions import override

from drillsim.i18n import _
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import FILTERS, Filter, Happening
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.rows import Rows


def filter_word(name: Filter) -> str:
    """Return what a filter is called."""
    words: Final = {
        "main": _("main"),
        "answers": _("answers"),
        "trouble": _("trouble"),
        "control": _("control"),
        "all": _("all, with mails"),
    }
    return words[name]


class EventStream(Rows):
    """What has happened; while the cursor is on the newest it stays there."""

    def __init__(self, view: DrillView, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.view = view
        self.sentences = Sentences(view.exercise, view.names)
        self.filter: Filter = "main"
        self._shown = 0

    def next_filter(self) -> None:
        """Show what the next filter lets through."""
        self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]
        self._shown = self.count()
        self.move_to(0)
        self.redraw()

    def take_new(self) -> None:
        """Show what has come; whoever reads further down keeps their line in sight."""
        new = self.count() - self._shown
        self._shown = self.count()
        self.redraw()
        if new and self.cursor:
            self.cursor += new
            self.scroll_to(y=self.scroll_offset.y + new, animate=False, force=True)

    @property
    def happening(self) -> Happening | None:
        """What the cursor is on."""
        return self._at(self.cursor) if self.count() else None

    def _at(self, row: int) -> Happening:
        places = self.view.stream.places[self.filter]
        return self.view.stream.events[places[len(places) - 1 - row]]

    @override
    def count(self) -> int:
        return len(self.view.stream.places[self.filter])

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        text = _("events: {filter} ({count})")
        return (Cell(" " + text.format(filter=filter_word(self.filter), count=self.count())),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        line = self.sentences.line(self._at(row))
        return (
            Cell(line.at + " ", "muted"),
            Cell(line.sign + " ", line.tone),
            Cell(line.text, line.tone),
        )
