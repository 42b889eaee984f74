"""The call list: whom to telephone, at which number, and what to say."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill.events import NoticeKey
from drillsim.i18n import N_, _
from drillsim.journal.errors import JournalError
from drillsim.text import fit
from drillsim.tui.following import Following
from drillsim.tui.views.calls import CallItem, call_list, words_to_say
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.mail import reference_of
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Rows


class CallRows(Rows):
    """Who is to be called, those first who have waited longest."""

    screen_opens = True

    items: Sequence[CallItem] = ()

    @override
    def count(self) -> int:
        return len(self.items)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        text = _("to be called ({count})").format(count=len(self.items))
        return (Cell(" " + text),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        item = self.items[row]
        first = next((number for number in item.numbers if number.phone), None)
        return (
            Cell(fit(item.since, 9), "muted"),
            Cell(fit(item.node, 24) + " ", "strong"),
            Cell(fit(first.phone if first else _("no number"), 15), "" if first else "alarm"),
            Cell(fit(first.name if first else "", 14) + " "),
            Cell(_("{count} calls").format(count=item.calls) if item.calls else "", "muted"),
            Cell("  " + item.inject, "muted"),
        )


class CallScreen(Screen[NoticeKey | None]):
    """The list above, and for the body under the cursor its numbers and the words below.

    Its result is the notice that an answer is to be booked for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("b,enter", "book", N_("book answer")),
    ]

    def __init__(self, view: DrillView, following: Following, caller: str) -> None:
        super().__init__()
        self._view = view
        self._following = following
        self._caller = caller
        self._sentences = Sentences(view.exercise, view.names)
        self._references: dict[str, str] = {}
        self._rows = CallRows(id="calls")
        self._pane = Pane(id="words")
        self._shown: tuple[object, ...] = ()

    @override
    def compose(self) -> ComposeResult:
        yield self._rows
        yield self._pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._rows.focus()
        self.set_interval(0.25, self._draw)
        self._draw()

    @property
    def _item(self) -> CallItem | None:
        rows = self._rows
        return rows.items[rows.cursor] if rows.items else None

    def _draw(self) -> None:
        """Show the list as it is now; the cursor stays on its body."""
        rows, before = self._rows, self._item
        items = call_list(self._view, self._sentences)
        if items != rows.items:
            rows.items = items
            rows.redraw()
            notices = [item.notice for item in items]
            if before is not None and before.notice in notices:
                rows.move_to(notices.index(before.notice))
        self._show_words()

    def on_rows_moved(self) -> None:
        self._show_words()

    def _show_words(self) -> None:
        item = self._item
        known = (item, self._references.get(item.mail) if item is not None else None)
        if known == self._shown:
            return
        self._shown = known
        if item is None:
            self._pane.show(Text("\n" + _("Nobody is to be called at present.")))
            return
        if item.mail and item.mail not in self._references:
            self._find_reference(item.mail)
        ref = self._references.get(item.mail, "")
        text = Text(f"\n{item.node}", "bold").append(f"   {item.inject}\n\n", "not bold")
        for number in item.numbers:
            phone = number.phone or _("no number")
            text.append(f"  {fit(phone, 16)} {fit(number.name, 16)} {number.role}\n", "not bold")
        text.append("\n  " + _("reference: {ref}").format(ref=ref or "-") + "\n\n", "bold")
        said = words_to_say(self._view, item, caller=self._caller, ref=ref)
        self._pane.show(text.append(said, "not bold"))

    @work(group="reference")
    async def _find_reference(self, mail: str) -> None:
        self._references[mail] = ""
        try:
            self._references[mail] = reference_of(await self._following.mail(mail))
        except (KeyError, JournalError) as error:
            self.notify(str(error), severity="warning", markup=False)
        self._show_words()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_book()

    def action_book(self) -> None:
        if self._item is not None:
            self.dismiss(self._item.notice)

    def action_leave(self) -> None:
        self.dismiss(None)
