"""What is to be done by hand: mails to send, with the text to copy, and messages to book."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static, TextArea
from typing_extensions import override

from drillsim.conduct.hand_folder import ToCopy, text_to_copy
from drillsim.conduct.pasting import pasted
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill.durations import ZERO
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _, ngettext
from drillsim.journal.errors import JournalError
from drillsim.text import clean_line, fit
from drillsim.tui.following import Following
from drillsim.tui.screens.dialogs import Choose, Dialog, field
from drillsim.tui.screens.kept_list import KeptList
from drillsim.tui.views.booking import parse_time
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.todo import TodoItem, to_send, todo_list
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.rows import Items, Rows

Give: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Puts an order into the drill's inbox."""


class TodoRows(Items[TodoItem]):
    """What is to be done, stop mails first."""

    screen_opens = True

    mails = 0

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("to be sent ({count})").format(count=self.mails)),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        item = self.items[row]
        first = {
            "send": Cell(fit(item.number, 4, right=True) + " ", "alarm" if item.is_stop else ""),
            "arrival": Cell(fit("<-", 4, right=True) + " ", "late"),
            "pass-on": Cell(fit("->", 4, right=True) + " ", "late"),
        }[item.kind]
        what = item.what
        if item.kind == "arrival":
            what = _("{inject}: has it come from outside?").format(inject=what)
        return (
            first,
            Cell(fit(item.node, 26) + " ", "strong"),
            Cell(fit(item.since, 9), "muted"),
            Cell(what + "  ", "alarm" if item.is_stop else ""),
            Cell(_("answered already") if item.is_answered else "", "late"),
        )


class TodoScreen(KeptList[TodoItem, None]):
    """The list above, and below it what is to be copied of the mail under the cursor.

    The control room sends nothing: a person does, and says so here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,s", "sent", N_("sent now")),
        Binding("enter,s", "arrived", N_("has come now")),
        Binding("enter,s", "pass_on", N_("write the mails")),
        Binding("t", "earlier", N_("at a time")),
        Binding("a", "all", N_("all were sent")),
        Binding("1", "copy('to')", N_("copy address, subject, text, file")),
        Binding("2", "copy('subject')", N_("copy address, subject, text, file")),
        Binding("3", "copy('text')", N_("copy address, subject, text, file")),
        Binding("4", "copy('file')", N_("copy address, subject, text, file")),
        Binding("p", "paste", N_("paste an answer")),
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
    ]

    _rows: TodoRows

    def __init__(self, view: DrillView, following: Following, give: Give) -> None:
        super().__init__(TodoRows(id="todo"), Pane(id="words"))
        self._view, self._following, self._give = view, following, give
        self._sentences = Sentences(view.exercise, view.names)
        self._desk = NodeId(following.meta.get("desk", ""))
        self._outbox = Path(following.meta.get("folder", "")) / "outbox"
        self._copies: dict[str, ToCopy | None] = {}
        """What is to be copied of a mail, by its hash; None while it is looked up."""
        self._shown: tuple[object, ...] = ()

    @property
    def _copy(self) -> ToCopy | None:
        item = self._item
        return self._copies.get(item.raw) if item is not None else None

    # Drawing ------------------------------------------------------------------------------------

    @override
    def listed(self) -> Sequence[TodoItem]:
        return todo_list(self._view, self._sentences, self._desk)

    @override
    def key(self, item: TodoItem) -> object:
        return item.payload

    @override
    def take(self, items: Sequence[TodoItem]) -> None:
        self._rows.mails = to_send(self._view)
        self._rows.styles.height = max(len(items), 1) + 1
        super().take(items)

    @override
    def show(self) -> None:
        item = self._item
        if item is not None and item.raw and item.raw not in self._copies:
            self._read(item.raw)
        shown = (item, self._copy)
        if shown == self._shown:
            return
        self._shown = shown
        self._pane.show(self._words(item))

    def _words(self, item: TodoItem | None) -> Text:
        if item is None:
            return Text("\n" + _("Nothing is to be sent at present."))
        text = Text()
        match item.kind:
            case "arrival":
                hint = _(
                    "When this message has come from outside, book it: Enter now, t for an earlier "
                    "time. Its mail may be dropped into {folder} instead."
                )
                text.append(hint.format(folder=self._outbox.with_name("inbox")))
            case "pass-on":
                text.append(_("Enter writes the mails by which it is passed on; then send them."))
            case _:
                text.append(_("Open this file in the mail program and send it, or copy the text:"))
                text.append(f"\n{clean_line(str(self._outbox / item.file))}\n")
                copied = self._copies.get(item.raw)
                for name, value in copied.fields if copied is not None else ():
                    text.append(f"\n{name}: ", "bold").append(value, "not bold")
                if copied is not None:
                    text.append("\n\n" + copied.body, "not bold")
        return text

    @work(group="mail")
    async def _read(self, raw: str) -> None:
        self._copies[raw] = None
        try:
            self._copies[raw] = text_to_copy(await self._following.mail(raw))
        except (KeyError, JournalError) as error:
            self.notify(str(error), severity="warning", markup=False)
        self.show()
        self.refresh_bindings()

    # What is possible now -----------------------------------------------------------------------

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        item = self._item
        kind = item.kind if item is not None else None
        match action:
            case "sent":
                return kind == "send"
            case "arrived":
                return kind == "arrival"
            case "pass_on":
                return kind == "pass-on"
            case "earlier":
                return kind in ("send", "arrival")
            case "all":
                return self._rows.mails > 1
            case "copy":
                return kind == "send" and self._copy is not None
            case _:
                return True

    # What was done ------------------------------------------------------------------------------

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        item = self._item
        if item is not None and item.kind == "pass-on":
            self.action_pass_on()
        else:
            self._done()

    def action_sent(self) -> None:
        self._done()

    def action_arrived(self) -> None:
        self._done()

    def _done(self, at: str = "") -> None:
        item = self._item
        if item is not None:
            self._give(item.order, {**item.payload, **({"at": at} if at else {})})

    @work(group="dialog", exclusive=True)
    async def action_earlier(self) -> None:
        item = self._item
        if item is None:
            return
        title = _("It was sent") if item.kind == "send" else _("It has come")
        text = f"{item.node}   {item.what}"
        at = await self.app.push_screen_wait(self._asks_when(title, text, item.since_at))
        if at is not None:
            self._give(item.order, {**item.payload, **({"at": at} if at else {})})

    @work(group="dialog", exclusive=True)
    async def action_all(self) -> None:
        mails = [item for item in self._rows.items if item.kind == "send"]
        since = max((item.since_at for item in mails), default=ZERO)
        text = ngettext("{n} mail", "{n} mails", len(mails)).format(n=len(mails))
        title = _("All of them were sent")
        at = await self.app.push_screen_wait(self._asks_when(title, text, since))
        if at is not None:
            self._give("sent", {"mail": "all", **({"at": at} if at else {})})

    def _asks_when(self, title: str, text: str, since: timedelta) -> "AskWhen":
        return AskWhen(title, text, self._view, self._following.now(), since)

    @work(group="dialog", exclusive=True)
    async def action_pass_on(self) -> None:
        item = self._item
        if item is None:
            return
        ways: list[tuple[str, object]] = [
            (_("a mail of its own to each, with its reference"), None),
            (_("one mail to all, all of them in To"), "to"),
            (_("one mail to all, in Bcc"), "bcc"),
        ]
        usual = self._following.meta.get("one_mail") or None
        ways.sort(key=lambda way: way[1] != usual)
        lines = [(Cell(text),) for text, _way in ways]
        dialog = Choose(item.what, _("how"), lines, _("write the mails"))
        place = await self.app.push_screen_wait(dialog)
        if place is not None:
            self._give(item.order, {**item.payload, "one_mail": ways[place][1] or "no"})

    @work(group="dialog", exclusive=True)
    async def action_paste(self) -> None:
        item = self._item
        address = item.address if item is not None else ""
        payload = await self.app.push_screen_wait(Paste(self._view, self._following.now(), address))
        if payload is not None:
            self._give("paste", payload)

    def action_copy(self, what: str) -> None:
        item, copied = self._item, self._copy
        if item is None or copied is None:
            return
        name, text = {
            "to": copied.recipients,
            "subject": ("Subject", dict(copied.fields)["Subject"]),
            "text": (_("text"), copied.body),
            "file": (_("file"), str(self._outbox / item.file)),
        }[what]
        self.app.copy_to_clipboard(text)
        said = _("copied: {text}").format(text=f"{name}: {clean_line(text, limit=60)}")
        self.notify(said, timeout=2, markup=False)


class AskWhen(Dialog[str]):
    """A time of day, or nothing for now; the result is what was typed."""

    def __init__(
        self, title: str, text: str, view: DrillView, now: timedelta, since: timedelta
    ) -> None:
        super().__init__()
        self.title_text, self.do_text, self._text = title, _("book"), text
        self._view, self._now, self._since = view, now, since

    @override
    def body(self) -> ComposeResult:
        yield Static(Text(self._text), classes="text")
        hint = _("now; or a time such as 10:25")
        yield field(_("when"), Input(placeholder=hint, compact=True, max_length=10, id="line"))

    @override
    def result(self) -> str | None:
        text = self.query_one("#line", Input).value.strip()
        fault = parse_time(text, self._view, self._now, self._since)
        if isinstance(fault, str):
            self.complain(fault)
            return None
        return text


class Paste(Dialog[dict[str, Any]]):
    """An answer of which there is the text alone; its result is the order's payload."""

    def __init__(self, view: DrillView, now: timedelta, address: str) -> None:
        """Offer `address` as its sender's."""
        super().__init__()
        self._view, self._now, self._address = view, now, address
        self.title_text = _("Paste an answer")
        self.do_text = _("take it")
        self.do_key = "^s"

    @override
    def body(self) -> ComposeResult:
        yield field(
            _("whose address"), Input(self._address, compact=True, max_length=254, id="from")
        )
        yield field(_("subject"), Input("Re:", compact=True, max_length=200, id="subject"))
        hint = _("now; or a time such as 10:25")
        yield field(_("came at"), Input(placeholder=hint, compact=True, max_length=10, id="at"))
        note = _("text; a reference (整理番号) in it or in the subject says whose answer it is")
        yield Static(Text(note), classes="hint")
        yield TextArea(id="text", tab_behavior="focus", show_line_numbers=False, compact=True)

    def on_mount(self) -> None:
        self.query_one("#text" if self._address else "#from").focus()

    @override
    def on_input_submitted(self) -> None:
        """Enter in a field goes on to the text: an answer is taken by its own key."""
        self.query_one("#text").focus()

    @override
    def result(self) -> dict[str, Any] | None:
        typed = self.query_one("#at", Input).value.strip()
        payload = {
            "from": self.query_one("#from", Input).value.strip(),
            "subject": self.query_one("#subject", Input).value.strip(),
            "text": self.query_one("#text", TextArea).text,
        }
        at = parse_time(typed, self._view, self._now)
        if isinstance(at, str):
            self.complain(at)
            return None
        try:
            pasted(payload, 0, self._view.exercise.when(self._now))
        except RefusedOrderError as refusal:
            self.complain(str(refusal))
            return None
        return {**payload, "at": typed} if typed else payload
