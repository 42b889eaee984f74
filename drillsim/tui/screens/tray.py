"""The tray (振分け待ち): mails that a person should look at, and whose answer each may be."""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.i18n import N_, _
from drillsim.journal.errors import JournalError
from drillsim.text import clean_line, fit
from drillsim.tui.following import Following
from drillsim.tui.screens.dialogs import Choose, Find
from drillsim.tui.views.booking import bookable
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.mail import MailView, mail_view, why_matched
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.mail_pane import mail_text
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Rows

Credit = tuple[str, NoticeKey]
"""A mail of the tray by its Message-ID, and the notice that it answers."""


class TrayRows(Rows):
    """The mails, oldest first."""

    screen_opens = True

    def __init__(self, view: DrillView) -> None:
        super().__init__(id="tray")
        self._view = view
        self._sentences = Sentences(view.exercise, view.names)
        self.mails: list[ev.SetAside] = []

    @override
    def count(self) -> int:
        return len(self.mails)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("tray ({count})").format(count=len(self.mails))),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        mail = self.mails[row]
        guess = ""
        if mail.suggested:
            name = self._view.names.node(mail.suggested[0][1])
            guess = _("perhaps {node}").format(node=name)
        return (
            Cell(self._sentences.time(mail.at) + " ", "muted"),
            Cell(fit(clean_line(mail.sender, limit=60), 36) + " "),
            Cell(guess, "late"),
        )


class TrayScreen(Screen[Credit | None]):
    """The mails above, the one under the cursor below; its result is what is to be booked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("b,enter", "credit", N_("book as its answer")),
        Binding("w", "whose", N_("answer of another body")),
    ]

    def __init__(self, view: DrillView, following: Following) -> None:
        super().__init__()
        self._view = view
        self._following = following
        self._mails: dict[str, MailView] = {}
        self._shown = ""
        self._rows = TrayRows(view)
        self._pane = Pane(id="mail")

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
    def _mail(self) -> ev.SetAside | None:
        rows = self._rows
        return rows.mails[rows.cursor] if rows.mails else None

    def _draw(self) -> None:
        rows = self._rows
        mails = list(self._view.board.tray.values())
        if mails != rows.mails:
            rows.mails = mails
            rows.redraw()
            self.refresh_bindings()
        self._show_mail()

    def on_rows_moved(self) -> None:
        self._show_mail()

    def _show_mail(self) -> None:
        mail = self._mail
        shown = mail.raw if mail is not None else "-"
        if shown == self._shown:
            return
        self._shown = shown
        if mail is None:
            self._pane.show(Text("\n" + _("The tray is empty.")))
        else:
            self._load(mail)

    @work(exclusive=True, group="mail")
    async def _load(self, mail: ev.SetAside) -> None:
        try:
            view = mail_view(await self._following.mail(mail.raw))
        except (KeyError, JournalError) as error:
            self._pane.show(Text(_("no mail: {why}").format(why=str(error))))
            return
        self._pane.show(mail_text(view, why_matched(mail)))

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("credit", "whose"):
            return self.is_mounted and self._mail is not None
        return True

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_credit()

    @work(group="dialog")
    async def action_credit(self) -> None:
        mail = self._mail
        if mail is None:
            return
        if mail.suggested:
            await self._credit(mail, list(mail.suggested))
        else:
            await self._choose_body(mail)

    @work(group="dialog")
    async def action_whose(self) -> None:
        if self._mail is not None:
            await self._choose_body(self._mail)

    async def _choose_body(self, mail: ev.SetAside) -> None:
        dialog = Find(self._view.names, _("Whose answer is it?"), _("this body"))
        node = await self.app.push_screen_wait(dialog)
        if node is None:
            return
        notices = bookable(self._view, node)
        if not notices:
            self.notify(_("it has not been sent anything that it could answer"), markup=False)
            return
        await self._credit(mail, notices)

    async def _credit(self, mail: ev.SetAside, notices: list[NoticeKey]) -> None:
        names = self._view.names
        lines = [
            (Cell(fit(names.node(node), 26) + " "), Cell(names.inject(inject)))
            for inject, node in notices
        ]
        title = _("Book this mail as the answer of")
        place = await self.app.push_screen_wait(Choose(title, _("body"), lines, _("book it")))
        if place is not None:
            self.dismiss((mail.mail, notices[place]))

    def action_leave(self) -> None:
        self.dismiss(None)
