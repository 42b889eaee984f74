"""One body: its people, its state in every inject, what happened to it and its mails."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.tui.following import Following
from drillsim.tui.screens.mail import MailScreen
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.node import node_lines
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import Happening
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Lines
from drillsim.tui.widgets.rows import Rows


class History(Rows):
    """What happened to a node, oldest first; "m" marks what a mail can be opened for."""

    screen_opens = True

    def __init__(self, view: DrillView, node: NodeId) -> None:
        super().__init__(id="history")
        self._view = view
        self._node = node
        self._sentences = Sentences(view.exercise, view.names)
        self.happenings: list[Happening] = []

    def take_new(self) -> None:
        """Show what has come since."""
        found = self._view.stream.of_node(self._node)
        if len(found) != len(self.happenings):
            at_end = self.cursor >= len(self.happenings) - 1
            self.happenings = found
            self.redraw()
            if at_end:
                self.move_to(len(found) - 1)

    @override
    def count(self) -> int:
        return len(self.happenings)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("what happened; Enter opens the mail")),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        happening = self.happenings[row]
        line = self._sentences.line(happening)
        mail = "m " if getattr(happening, "raw", "") else "  "
        return (
            Cell(line.at + " ", "muted"),
            Cell(mail, "control"),
            Cell(line.sign + " ", line.tone),
            Cell(line.text, line.tone),
        )


class NodeScreen(Screen[None]):
    """All about one body, kept up to date while the drill runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("enter,m", "mail", N_("open mail")),
    ]

    def __init__(self, view: DrillView, following: Following, node: NodeId) -> None:
        super().__init__()
        self._view = view
        self._following = following
        self._node = node
        self._facts = Lines(id="facts")
        self._facts.heading = True
        self._history = History(view, node)

    @override
    def compose(self) -> ComposeResult:
        yield self._facts
        yield self._history
        yield KeyBar()

    def on_mount(self) -> None:
        self._history.focus()
        self.set_interval(0.25, self._draw)
        self._draw()

    def _draw(self) -> None:
        self._facts.show(node_lines(self._view, self._node))
        self._history.take_new()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_mail()

    def action_mail(self) -> None:
        history = self._history
        if history.happenings:
            happening = history.happenings[history.cursor]
            if getattr(happening, "raw", ""):
                self.app.push_screen(MailScreen(self._following, happening))
            else:
                self.notify(_("there is no mail behind this line"), timeout=2, markup=False)

    def action_leave(self) -> None:
        self.dismiss()
