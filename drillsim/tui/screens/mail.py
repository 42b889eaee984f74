"""A mail: decoded, and as its source."""

from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.i18n import N_, _
from drillsim.journal.errors import JournalError
from drillsim.tui.following import Following
from drillsim.tui.views.mail import MailView, mail_view, why_matched
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import Act, Happening
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Lines
from drillsim.tui.widgets.pane import Pane


def mail_text(mail: MailView, why: str) -> Text:
    """Return a mail as it is read: its fields, how it was recognised, its body."""
    text = Text()
    width = max((len(name) for name, _value in mail.fields), default=0)
    for name, value in mail.fields:
        text.append(f"{name:<{width}}  ", "bold").append(value + "\n")
    for attachment in mail.attachments:
        text.append(_("attached: {name}").format(name=attachment) + "\n", "italic")
    if why:
        text.append(f"[{why}]\n", "italic")
    return text.append("\n" + mail.body)


class MailScreen(Screen[None]):
    """The mail that an event brought along."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("s", "source(True)", N_("source")),
        Binding("s", "source(False)", N_("decoded")),
    ]

    def __init__(self, following: Following, happening: Happening) -> None:
        super().__init__()
        self._following = following
        self._happening = happening
        self._mail: MailView | None = None
        self._is_source = False
        self._pane = Pane(id="mail")

    @override
    def compose(self) -> ComposeResult:
        title = Lines(id="title")
        title.heading = True
        yield title
        yield self._pane
        yield KeyBar()

    def on_mount(self) -> None:
        sentences = Sentences(self._following.view.exercise, self._following.view.names)
        line = sentences.line(self._happening)
        self.query_one("#title", Lines).show([[Cell(f" {line.at} {line.sign} {line.text}")]])
        self._pane.focus()
        self._load()

    @work
    async def _load(self) -> None:
        name = getattr(self._happening, "raw", "")
        try:
            self._mail = mail_view(await self._following.mail(name))
        except KeyError:
            self._pane.show(Text(_("the journal does not hold this mail")))
        except JournalError as error:
            self._pane.show(Text(str(error)))
        else:
            self._show()

    def _show(self) -> None:
        if self._mail is None:
            return
        if self._is_source:
            text = Text(self._mail.source)
        else:
            why = "" if isinstance(self._happening, Act) else why_matched(self._happening)
            text = mail_text(self._mail, why)
        self._pane.show(text)
        self.refresh_bindings()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "source" or parameters != (self._is_source,)

    def action_source(self, on: bool) -> None:
        self._is_source = on
        self._show()

    def action_leave(self) -> None:
        self.dismiss()
