"""A mail: decoded, and as its source."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.i18n import N_
from drillsim.tui.following import Following
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import Happening
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Lines
from drillsim.tui.widgets.mail_pane import MailPane


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
        self._pane = MailPane(following)

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
        self._pane.show_happening(self._happening)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "source" or parameters != (self._pane.is_source,)

    def action_source(self, on: bool) -> None:
        self._pane.show_source(on)
        self.refresh_bindings()

    def action_leave(self) -> None:
        self.dismiss()
