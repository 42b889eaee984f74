"""Small windows over the run screen: one question each, Enter does it, Escape goes back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static
from typing_extensions import override

from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.text import fit
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.pane import Folded
from drillsim.tui.widgets.rows import Items, Rows

if TYPE_CHECKING:  # It knows scenarios, whose models take a tenth of a second to load.
    from drillsim.tui.views.names import Names

T = TypeVar("T")


def field(label: str, widget: Widget) -> Horizontal:
    """Return a line of a form: its label, and the widget that is filled in."""
    return Horizontal(Static(Text(label), classes="label"), widget, classes="field")


class Dialog(ModalScreen[T | None], Generic[T]):
    """A window with a title; `accept` gives its result, or None where something is missing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("back"), priority=True),
        Binding("ctrl+s", "accept", N_("do it"), show=False, priority=True),
        # The app's own keys do not reach into a window; in a field this one is a letter like any.
        Binding("exclamation_mark", "app.stop_drill", N_("STOP"), show=False),
    ]

    title_text = ""
    do_text = ""
    do_key = "Enter"

    @override
    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as window:
            window.border_title = Text(self.title_text)
            yield from self.body()
            yield Folded(classes="fault", id="fault")
            keys = _("{key}: {do}   Esc: back   Tab: next field").format(
                key=self.do_key, do=self.do_text
            )
            yield Static(Text(keys), classes="keys")

    def body(self) -> ComposeResult:
        """Yield what stands between title and keys."""
        raise NotImplementedError

    def result(self) -> T | None:
        """Return what was entered; None, after `complain`, where something is missing."""
        raise NotImplementedError

    def complain(self, text: str) -> None:
        """Say what is missing or wrong."""
        self.query_one("#fault", Folded).show(text)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_accept(self) -> None:
        result = self.result()
        if result is not None:
            self.dismiss(result)

    def on_input_submitted(self) -> None:
        if self.do_key == "Enter":
            self.action_accept()

    def on_key(self, event: events.Key) -> None:
        """Take Enter wherever the focus is; an Input has its own message for it."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            # Let through, it would reach the screen below as soon as this window is closed.
            event.stop()
            if self.do_key == "Enter":
                self.action_accept()


class Confirm(Dialog[bool]):
    """One question, answered by Enter or Escape."""

    def __init__(self, title: str, text: str, do: str) -> None:
        super().__init__()
        self.title_text, self._text, self.do_text = title, text, do

    @override
    def body(self) -> ComposeResult:
        yield Folded(self._text, classes="text")

    @override
    def result(self) -> bool:
        return True


class Ask(Dialog[str]):
    """One line of text: a note, or the reason of a stop."""

    def __init__(self, title: str, text: str, label: str, do: str, *, value: str = "") -> None:
        super().__init__()
        self.title_text, self._text, self.do_text = title, text, do
        self._label, self._value = label, value

    @override
    def body(self) -> ComposeResult:
        if self._text:
            yield Folded(self._text, classes="text")
        yield field(self._label, Input(self._value, compact=True, max_length=300, id="line"))

    @override
    def result(self) -> str | None:
        text = self.query_one("#line", Input).value.strip()
        if not text:
            self.complain(_("write something, or go back with Esc"))
            return None
        return text


class _Choices(Items[Sequence[Cell]]):
    """Lines to choose from."""

    def __init__(self, heading: str, lines: Sequence[Sequence[Cell]]) -> None:
        super().__init__(id="choices")
        self._heading = heading
        self.items = lines

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + fit(self._heading, width - 1)),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        return self.items[row]


class Choose(Dialog[int]):
    """One of several lines; the result is its place, from 0."""

    def __init__(
        self, title: str, heading: str, lines: Sequence[Sequence[Cell]], do: str, *, text: str = ""
    ) -> None:
        super().__init__()
        self.title_text, self._heading, self.do_text = title, heading, do
        self._lines, self._text = lines, text

    @override
    def body(self) -> ComposeResult:
        if self._text:
            yield Folded(self._text, classes="text")
        rows = _Choices(self._heading, self._lines)
        rows.styles.height = min(len(self._lines) + 1, 12)
        yield rows

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_accept()

    @override
    def result(self) -> int | None:
        return self.query_one(_Choices).cursor if self._lines else None


class Pick(Dialog[T], Generic[T]):
    """One of many things, found by typing; what is found stands below while one types."""

    def __init__(self, title: str, label: str, do: str) -> None:
        super().__init__()
        self.title_text, self.do_text = title, do
        self._label = label
        self._nothing = ""
        self._found: Sequence[T] = ()

    def matches(self, text: str) -> Sequence[T]:
        """Return what `text` finds, best first."""
        raise NotImplementedError

    def line(self, item: T) -> Sequence[Cell]:
        """Return how a thing is shown."""
        raise NotImplementedError

    @override
    def body(self) -> ComposeResult:
        yield field(self._label, Input(compact=True, max_length=60, id="line"))
        rows = _Choices(_("found"), ())
        rows.can_focus = False
        rows.styles.height = 9
        yield rows

    def on_mount(self) -> None:
        self._look_for("")

    def on_input_changed(self, message: Input.Changed) -> None:
        self._look_for(message.value)

    def _look_for(self, text: str) -> None:
        self._found = self.matches(text)
        rows = self.query_one(_Choices)
        rows.items = [self.line(item) for item in self._found]
        rows.move_to(0)
        rows.redraw()

    @override
    def on_key(self, event: events.Key) -> None:
        by = {"down": 1, "up": -1, "pagedown": 8, "pageup": -8}.get(event.key, 0)
        if by:
            event.stop()
            self.query_one(_Choices).action_move(by)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_accept()

    @override
    def result(self) -> T | None:
        if not self._found:
            self.complain(self._nothing)
            return None
        return self._found[self.query_one(_Choices).cursor]


class Find(Pick[NodeId]):
    """A body by name, kana or code; `among` are those that can be meant, where not all can."""

    def __init__(
        self, names: "Names", title: str, do: str, among: Sequence[NodeId] | None = None
    ) -> None:
        super().__init__(title, _("name, kana or code"), do)
        self._names = names
        self._among = among
        self._nothing = _("no body is called so")

    @override
    def matches(self, text: str) -> Sequence[NodeId]:
        if self._among is not None and not text.strip():
            return self._among
        return self._names.find(text, self._among)[:200]

    @override
    def line(self, item: NodeId) -> Sequence[Cell]:
        return (Cell(fit(self._names.node(item), 40)), Cell(item, "muted"))
