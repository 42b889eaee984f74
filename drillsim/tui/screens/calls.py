"""The call list: whom to telephone, at which number, and what to say."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from typing_extensions import override

from drillsim.drill.events import NoticeKey
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.journal.errors import JournalError
from drillsim.text import fit
from drillsim.tui.following import Following
from drillsim.tui.screens.kept_list import KeptList
from drillsim.tui.views.calls import CallItem, call_list, words_to_say
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.mail import reference_of
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Items, Rows


class CallRows(Items[CallItem]):
    """Who is to be called, those first whose answer is due first."""

    screen_opens = True

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        text = " " + _("to be called ({count})").format(count=len(self.items))
        return (Cell(text if not self.items else fit(_("due"), 11) + text),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        item = self.items[row]
        first = next((number for number in item.numbers if number.phone), None)
        return (
            Cell(fit(item.due.text or item.since, 10), item.due.tone or "muted"),
            Cell(fit(item.node, 24) + " ", "strong"),
            Cell(fit(first.phone if first else _("no number"), 15), "" if first else "alarm"),
            Cell(fit(first.name if first else "", 14) + " "),
            Cell(_("{count} calls").format(count=item.calls) if item.calls else "", "muted"),
            Cell("  " + item.inject, "muted"),
        )


Book = Callable[[NodeId, NoticeKey], Awaitable[None]]
"""Asks what is to be booked for a node, and orders it."""


class CallScreen(KeptList[CallItem, None]):
    """The list above, and for the body under the cursor its numbers and the words below.

    Whoever has booked a call is back at the list, for the next one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,enter", "book", N_("book answer")),
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
    ]

    def __init__(self, view: DrillView, following: Following, caller: str, book: Book) -> None:
        super().__init__(CallRows(id="calls"), Pane(id="words"))
        self._book = book
        self._view = view
        self._following = following
        self._caller = caller
        self._sentences = Sentences(view.exercise, view.names)
        self._references: dict[str, str] = {}
        self._shown: tuple[object, ...] = ()

    @override
    def listed(self) -> Sequence[CallItem]:
        return call_list(self._view, self._sentences)

    @override
    def key(self, item: CallItem) -> object:
        return item.notice

    @override
    def show(self) -> None:
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
        text = Text(f"\n{item.node}", "bold").append(f"   {item.inject}   ", "not bold")
        text.append(_("on the list since {time}").format(time=item.since) + "\n\n", "not bold")
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
        self.show()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_book()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "book" or bool(self._rows.items)

    @work(group="dialog", exclusive=True)
    async def action_book(self) -> None:
        item = self._item
        if item is not None:
            await self._book(item.notice[1], item.notice)
