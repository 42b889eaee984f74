"""One body: its people, its state in every inject, what happened to it and its mails."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.tui.following import Following
from drillsim.tui.screens.mail import MailScreen
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.node import node_lines
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import Happening, mail_of
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Lines
from drillsim.tui.widgets.mail_pane import MailPane, reason_of
from drillsim.tui.widgets.rows import Items, Rows


class History(Items[Happening]):
    """What happened to a node, oldest first; "m" marks what a mail can be opened for."""

    screen_opens = True

    def __init__(self, view: DrillView, node: NodeId) -> None:
        super().__init__(id="history")
        self._view = view
        self._node = node
        self._sentences = Sentences(view.exercise, view.names)

    def take_new(self) -> None:
        """Show what has come since."""
        found = self._view.stream.of_node(self._node)
        if len(found) != len(self.items):
            at_end = self.cursor >= len(self.items) - 1
            self.items = found
            self.redraw()
            if at_end:
                self.move_to(len(found) - 1)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("what happened; Enter opens the mail")),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        happening = self.items[row]
        line = self._sentences.line(happening)
        mail = "m " if mail_of(happening) else "  "
        why = reason_of(happening)
        return (
            Cell(line.at + " ", "muted"),
            Cell(mail, "control"),
            Cell(line.sign + " ", line.tone),
            Cell(line.text, line.tone),
            Cell(f"  [{why}]" if why else "", "muted"),
        )


class NodeScreen(Screen[None]):
    """All about one body, kept up to date while the drill runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,m", "mail", N_("open mail")),
        Binding("s", "source(True)", N_("source")),
        Binding("s", "source(False)", N_("decoded")),
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]

    def __init__(
        self,
        view: DrillView,
        following: Following,
        node: NodeId,
        inject: InjectId | None = None,
    ) -> None:
        """Show a node; the cursor begins on what came of `inject`, or else on the newest."""
        super().__init__()
        self._view = view
        self._following = following
        self._node = node
        self._facts = Lines(id="facts")
        self._facts.heading = True
        self._history = History(view, node)
        self._begin_at = inject
        self._pane = MailPane(following)

    @override
    def compose(self) -> ComposeResult:
        yield self._facts
        yield self._history
        yield self._pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._history.focus()
        self.set_interval(0.25, self._draw)
        self._draw()
        self._history.move_to(self._first_place())

    def _first_place(self) -> int:
        """Return where the cursor begins: on the answer to the inject, or on the newest mail."""
        happenings = self._history.items
        for place, happening in enumerate(happenings):
            notice = getattr(happening, "notice", None)
            if notice is not None and notice[0] == self._begin_at and reason_of(happening):
                return place
        with_mail = [place for place, happening in enumerate(happenings) if mail_of(happening)]
        return with_mail[-1] if with_mail else 0

    def _draw(self) -> None:
        self._facts.show(node_lines(self._view, self._node, self.size.width or 80))
        self._history.take_new()
        self._show_mail()

    def on_resize(self) -> None:
        # Whether there is room for the mail is known only now.
        self.call_after_refresh(self._draw)
        self.call_after_refresh(self.refresh_bindings)

    def on_rows_moved(self) -> None:
        self._show_mail()
        self.refresh_bindings()

    def _show_mail(self) -> None:
        """Show the mail under the cursor, where there is room for it."""
        if self.has_class("-tall"):
            self._pane.show_happening(self._history.item)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "mail":
                return bool(mail_of(self._history.item))
            case "source":
                shows = self.has_class("-tall") and self._pane.has_mail
                return shows and parameters != (self._pane.is_source,)
            case _:
                return True

    def action_source(self, on: bool) -> None:
        self._pane.show_source(on)
        self.refresh_bindings()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_mail()

    def action_mail(self) -> None:
        happening = self._history.item
        if happening is not None and mail_of(happening):
            self.app.push_screen(MailScreen(self._following, happening))

    def action_leave(self) -> None:
        self.dismiss()
