"""The tray (振分け待ち): mails that a person should look at, and whose answer each may be."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input
from typing_extensions import override

from drillsim.drill import events as ev
from drillsim.drill.events import NoticeKey
from drillsim.drill.scenario import FormField
from drillsim.i18n import N_, _
from drillsim.journal.errors import JournalError
from drillsim.text import clean_line, fit
from drillsim.tui.following import Following
from drillsim.tui.screens.book import blank
from drillsim.tui.screens.dialogs import Choose, Confirm, Dialog, Find, field
from drillsim.tui.screens.kept_list import KeptList
from drillsim.tui.views.booking import bookable, fault_of, form_of
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.mail import mail_view
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tone import Cell
from drillsim.tui.views.tray import suggestions_of, why_in_tray
from drillsim.tui.widgets.choice_line import ChoiceLine
from drillsim.tui.widgets.mail_pane import mail_text
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Items, Rows

TrayOrder = tuple[str, dict[str, Any]]
"""An order about a mail of the tray: its kind, and what it needs."""


class ReportDialog(Dialog[dict[str, str]]):
    """The report in a file that only a person can read, line by line."""

    def __init__(self, form: Sequence[FormField], node: str) -> None:
        super().__init__()
        self._form = form
        self.title_text = _("Book the report from the file: {node}").format(node=node)
        self.do_text = _("book")

    @override
    def body(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            for line in self._form:
                yield field(clean_line(line.label), blank(line))

    @override
    def result(self) -> dict[str, str] | None:
        report: dict[str, str] = {}
        for line, filled in zip(self._form, self.query(".field"), strict=True):
            widget = filled.children[1]
            value = str(widget.value if isinstance(widget, Input | ChoiceLine) else "")
            fault = fault_of(line, value)
            if fault is not None:
                self.complain(clean_line(fault))
                widget.focus()
                return None
            report[line.id] = value.strip()
        return report


class TrayRows(Items[ev.SetAside]):
    """The mails, oldest first."""

    screen_opens = True

    def __init__(self, view: DrillView) -> None:
        super().__init__(id="tray")
        self._view = view
        self._sentences = Sentences(view.exercise, view.names)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("tray ({count})").format(count=len(self.items))),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        mail = self.items[row]
        guess = ""
        if mail.why == "unreadable-file":
            guess = _("its file cannot be read: {node}").format(
                node=self._view.names.node(mail.suggested[0][1])
            )
        elif mail.suggested:
            first = suggestions_of(self._view, mail)[0]
            guess = _("perhaps {node}: {why}").format(node=first.node, why=first.why)
        return (
            Cell(self._sentences.time(mail.at) + " ", "muted"),
            Cell(fit(clean_line(mail.sender, limit=60), 30) + " "),
            Cell(guess, "late"),
        )


class TrayScreen(KeptList[ev.SetAside, TrayOrder | None]):
    """The mails above, the one under the cursor below; its result is what is ordered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("b,enter", "credit", N_("book as its answer")),
        Binding("w", "whose", N_("answer of another body")),
        Binding("x", "put_aside", N_("no answer: out of the tray")),
    ]

    def __init__(self, view: DrillView, following: Following) -> None:
        super().__init__(TrayRows(view), Pane(id="mail"))
        self._view = view
        self._following = following
        self._shown = ""

    @override
    def listed(self) -> Sequence[ev.SetAside]:
        return list(self._view.board.tray.values())

    @override
    def key(self, item: ev.SetAside) -> object:
        return item.mail

    @override
    def show(self) -> None:
        mail = self._item
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
        self._pane.show(mail_text(view, why_in_tray(mail)))

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("credit", "whose", "put_aside"):
            return self.is_mounted and self._item is not None
        return True

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_credit()

    @work(group="dialog")
    async def action_credit(self) -> None:
        mail = self._item
        if mail is None:
            return
        if mail.why == "unreadable-file":
            await self._report(mail, mail.suggested[0])
        elif mail.suggested:
            await self._credit(mail, list(mail.suggested))
        else:
            await self._choose_body(mail)

    @work(group="dialog")
    async def action_put_aside(self) -> None:
        mail = self._item
        if mail is None:
            return
        sender = clean_line(mail.sender, limit=60)
        text = _("The mail of {sender} stays in the record and is counted for nobody.")
        dialog = Confirm(_("No answer"), text.format(sender=sender), _("take it out"))
        if await self.app.push_screen_wait(dialog):
            self.dismiss(("dismiss", {"mail": mail.mail}))

    async def _report(self, mail: ev.SetAside, notice: NoticeKey) -> None:
        form = form_of(self._view.exercise, notice)
        dialog = ReportDialog(form, self._view.names.node(notice[1]))
        report = await self.app.push_screen_wait(dialog)
        if report is not None:
            self.dismiss(("credit", {**_about(mail, notice), "report": report}))

    @work(group="dialog")
    async def action_whose(self) -> None:
        if self._item is not None:
            await self._choose_body(self._item)

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
        why = {each.notice: each.why for each in suggestions_of(self._view, mail)}
        lines = [
            (
                Cell(fit(names.node(notice[1]), 24) + " "),
                Cell(fit(names.inject(notice[0]), 16) + " "),
                Cell(why.get(notice, ""), "muted"),
            )
            for notice in notices
        ]
        title = _("Book this mail as the answer of")
        place = await self.app.push_screen_wait(Choose(title, _("body"), lines, _("book it")))
        if place is not None:
            self.dismiss(("credit", _about(mail, notices[place])))


def _about(mail: ev.SetAside, notice: NoticeKey) -> dict[str, Any]:
    return {"mail": mail.mail, "inject": str(notice[0]), "node": str(notice[1])}
