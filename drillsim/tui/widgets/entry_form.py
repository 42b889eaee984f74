"""The form of the editor: a page of fields for a body, another for an officer.

The widgets are made once and filled anew for every body, so that moving through the tree costs no
mounting. What is wrong with a field stands on the line below it.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.strip import Strip
from textual.widgets import Input, Static
from typing_extensions import override

from drillsim.i18n import N_
from drillsim.text import clean_line, fit, width
from drillsim.tui.views.editor import Field
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.choice_line import ChoiceLine
from drillsim.tui.widgets.paint import Painter
from drillsim.tui.widgets.pane import Folded


class PickLine(Painter, can_focus=True):
    """A value that is chosen in a window of its own: Enter or a click opens it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open", N_("choose"), show=False),
    ]

    class Opened(Message):
        """The window is asked for."""

        def __init__(self, pick: "PickLine") -> None:
            super().__init__()
            self.pick = pick

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def show(self, text: str) -> None:
        """Show what is chosen."""
        if text != self._text:
            self._text = text
            self.refresh()

    @override
    def render_line(self, y: int) -> Strip:
        cells = self.size.width
        style = self.line_style("cursor") if self.has_focus else self.line_style()
        shown = fit(self._text, max(cells - 2, 1)) + " ▾"
        return self.paint([Cell(shown)], cells, style)

    @override
    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh()

    def action_open(self) -> None:
        self.post_message(self.Opened(self))

    def on_click(self) -> None:
        self.action_open()


class Chooser(PickLine):
    """One of a few values: left and right change it, without a window."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", N_("choose"), show=False),
        Binding("right", "step(1)", N_("choose"), show=False),
    ]

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, chooser: "Chooser", value: str) -> None:
            super().__init__()
            self.chooser = chooser
            self.value = value

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer `choices`, each a value and its word."""
        super().__init__()
        self._choices = list(choices)
        self._value = ""

    @property
    def value(self) -> str:
        """What is chosen."""
        return self._value

    def choose(self, value: str) -> None:
        """Show a value; one that is none of the choices is shown as it is."""
        self._value = value
        words = dict(self._choices)
        self.show("◂ " + words.get(value, clean_line(value)) + " ▸")

    def action_step(self, by: int) -> None:
        values = [value for value, _word in self._choices]
        at = values.index(self._value) + by if self._value in values else 0
        self.choose(values[at % len(values)])
        self.post_message(self.Changed(self, self._value))

    @override
    def render_line(self, y: int) -> Strip:
        style = self.line_style("cursor") if self.has_focus else self.line_style()
        return self.paint([Cell(self._text)], self.size.width, style)

    @override
    def action_open(self) -> None:
        self.action_step(1)


_EDITING = ("cursor_", "delete_", "home", "end")
"""How the actions are called that move in a line or delete from it."""


class FieldInput(Input):
    """A line to type into; whoever comes to it by a key stands at its end."""

    _selects_all = False
    _ACTIONS: ClassVar[dict[str, str]] = {
        key: binding.action
        for binding in Input.BINDINGS
        if isinstance(binding, Binding) and binding.action.startswith(_EDITING)
        for key in binding.key.split(",")
        if "(" not in binding.action
    }

    def on_key(self, event: events.Key) -> None:
        """Move and delete at once: as a binding, a key is done after letters that follow it."""
        action = self._ACTIONS.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            getattr(self, f"action_{action}")()

    def begin(self, *, select: bool) -> None:
        """Come here; with `select`, what one types takes the place of the text."""
        self._selects_all = select
        if self.has_focus:
            self._stand()
        else:
            self.focus()

    def on_focus(self) -> None:
        self._stand()  # A click puts the cursor elsewhere right afterwards.

    def _stand(self) -> None:
        if self._selects_all:
            self.select_all()
        else:
            self.action_end()
        self._selects_all = False


class FieldRow(Vertical):
    """A label, what is filled in, and below it what is wrong."""

    class Typed(Message):
        """Something was typed or chosen."""

        def __init__(self, row: "FieldRow", text: str) -> None:
            super().__init__()
            self.row = row
            self.text = text

    class Left(Message):
        """The cursor has left the field."""

        def __init__(self, row: "FieldRow") -> None:
            super().__init__()
            self.row = row

    def __init__(self, field: Field, label: str, kinds: Sequence[tuple[str, str]]) -> None:
        super().__init__(classes="row")
        self.field = field
        self._label = Static(Text(label), classes="label")
        self._hint = Folded(classes="hint")
        self._hint.display = False
        self.widget: FieldInput | PickLine
        match field.kind:
            case "kind":
                self.widget = Chooser(kinds)
            case "parent" | "told":
                self.widget = PickLine()
            case _:
                self.widget = FieldInput(
                    compact=True,
                    max_length=2_000,
                    placeholder=field.example,
                    select_on_focus=False,
                )

    @override
    def compose(self) -> ComposeResult:
        with Horizontal(classes="line"):
            yield self._label
            yield self.widget
        yield self._hint

    def fill(self, text: str, *, disabled: bool) -> None:
        """Show a value without telling anybody that it was typed."""
        self.widget.disabled = disabled
        match self.widget:
            case Chooser() as chooser:
                chooser.choose(text)
            case PickLine() as pick:
                pick.show(text)
            case Input() as line:
                if line.value != text:
                    with self.prevent(Input.Changed), line.prevent(Input.Changed):
                        line.value = text
                        line.cursor_position = len(text) if line.has_focus else 0

    def go_into(self, *, select: bool = False) -> None:
        """Put the cursor into the field; with `select`, what one types replaces its text."""
        if isinstance(self.widget, FieldInput):
            self.widget.begin(select=select)
        else:
            self.widget.focus()

    def tell(self, lines: Sequence[tuple[str, bool]]) -> None:
        """Show what is wrong: each line, and whether it is an error; none, and it is right."""
        text = Text("\n").join(Text(("✘ " if bad else "! ") + line) for line, bad in lines)
        if text.plain != self._hint_text:
            self._hint_text = text.plain
            self._hint.show(text)
            self._hint.display = bool(lines)
            self._hint.set_class(any(is_error for _line, is_error in lines), "-error")

    _hint_text = ""

    @property
    def hint(self) -> str:
        """What is said to be wrong."""
        return self._hint_text if self._hint.display else ""

    @property
    def text(self) -> str:
        """What is typed into the field, if it is one to type into."""
        if isinstance(self.widget, Chooser):
            return self.widget.value
        return self.widget.value if isinstance(self.widget, Input) else ""

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(self.Typed(self, message.value))

    def on_chooser_changed(self, message: Chooser.Changed) -> None:
        message.stop()
        self.post_message(self.Typed(self, message.value))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self.post_message(self.Left(self))


class FormPage(VerticalScroll, can_focus=False):
    """The fields of a body or of an officer."""

    def __init__(
        self,
        fields: Sequence[Field],
        kinds: Sequence[tuple[str, str]],
        *,
        id: str,  # noqa: A002
    ) -> None:
        super().__init__(id=id, classes="page")
        cells = max(width(field.label) for field in fields) + 1
        self.rows = [FieldRow(field, fit(field.label, cells), kinds) for field in fields]
        for row in self.rows:
            row.widget.styles.width = "1fr"

    @override
    def compose(self) -> ComposeResult:
        yield from self.rows

    def row(self, path: Sequence[str | int]) -> FieldRow | None:
        """Return the row of a field by its path, or None."""
        return next((row for row in self.rows if row.field.path == tuple(path)), None)


class OfficerStrip(ChoiceLine[int | None]):
    """The page of the body and those of its officers, in calling order."""

    def __init__(self) -> None:
        super().__init__([("", None)], id="strip")

    def offer(self, choices: Sequence[tuple[str, int | None]], chosen: int | None) -> None:
        """Show these pages, and the one that is open."""
        values = [value for _text, value in choices]
        before = len(self._lines(max(self.size.width, 1)))
        self._choices = list(choices)
        self.chosen = values.index(chosen) if chosen in values else 0
        after = len(self._lines(max(self.size.width, 1)))
        self.refresh(layout=before != after)
