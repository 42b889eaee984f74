"""The footer: the keys that do something now, in the language in use."""

from typing import Final

from textual import events
from textual.screen import Screen

from drillsim.i18n import _
from drillsim.text import width
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.lines import Line, Lines

_KEY_WORDS: Final = {
    "question_mark": "?",
    "exclamation_mark": "!",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "ctrl+p": "^p",
    "ctrl+s": "^s",
    "ctrl+q": "^q",
    "f5": "F5",
    "left": "<-",
    "right": "->",
}


def key_word(key: str) -> str:
    """Return a key as it is printed on a keyboard, or nearly so."""
    return _("space") if key == "space" else _KEY_WORDS.get(key, key)


class KeyBar(Lines):
    """Keys with what they do; a click on one does the same. As many lines as needed, up to 3."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._places: list[tuple[int, int, int, str]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self.call_after_refresh(self._update, self.screen)

    def on_resize(self) -> None:
        self._update(self.screen)

    def _update(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.app.screen:
            return
        lines: list[list[Cell]] = [[]]
        self._places = []
        x = 0
        for keys, text in shown_keys(screen):
            printed = "/".join(key_word(key) for key in keys)
            label = " " + _(text) + "  "
            cells = width(printed) + width(label)
            if x and x + cells - 2 > self.size.width:
                lines.append([])
                x = 0
            self._places.append((len(lines) - 1, x, x + cells - 2, keys[0]))
            lines[-1] += [Cell(printed, "control"), Cell(label)]
            x += cells
        shown: list[Line] = [*lines[: 2 if screen.has_class("-low") else 3]]
        self.show(shown)

    def on_click(self, event: events.Click) -> None:
        for y, left, right, key in self._places:
            if event.y == y and left <= event.x < right:
                self.app.simulate_key(key)
                return


def shown_keys(screen: Screen[object]) -> list[tuple[list[str], str]]:
    """Return the keys that do something now, with what they do (not translated), in order.

    Keys that do much the same (faster and slower) stand together.
    """
    found: dict[str, list[str]] = {}
    actions: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.show and active.enabled and binding.action not in actions:
            actions.add(binding.action)
            found.setdefault(binding.description, []).append(binding.key)
    return [(keys, text) for text, keys in found.items()]
