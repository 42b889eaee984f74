"""The footer: the keys that do something now, in the language in use."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from textual import events
from textual.screen import ModalScreen, Screen

from drillsim.i18n import _
from drillsim.text import width
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.lines import Line, Lines

_KEY_WORDS: Final = {
    "question_mark": "?",
    "exclamation_mark": "!",
    "slash": "/",
    "comma": ",",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "f5": "F5",
    "at": "@",
    "delete": "Del",
    "left": "<-",
    "right": "->",
    "up": "↑",
    "down": "↓",
}


def key_word(key: str) -> str:
    """Return a key as it is printed on a keyboard, or nearly so."""
    if key == "space":
        return _("space")
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+')}"
    modifier, plus, rest = key.partition("+")
    return modifier + plus + key_word(rest) if rest else _KEY_WORDS.get(key, key)


class KeyBar(Lines):
    """Keys with what they do; a click on one does the same. As many lines as needed, up to 3.

    The last key lists all of them, those too that have no room here.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines_of_keys: list[list[_Key]] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)
        self.call_after_refresh(self._update, self.screen)

    def on_resize(self) -> None:
        # By then the screen is in front, and it is known whether it is low.
        self.call_after_refresh(self._update, self.screen)

    def _update(self, screen: Screen[object]) -> None:
        if not self.is_attached or screen is not self.app.screen:
            return
        keys = [
            _Key("/".join(key_word(key) for key in keys), " " + _(text) + "  ", keys[0])
            for keys, text in shown_keys(screen)
        ]
        all_keys = _Key(key_word("ctrl+p"), " " + _("all keys"), "ctrl+p")
        last = [] if isinstance(screen, ModalScreen) else [all_keys]
        most = 2 if screen.has_class("-low") else 3
        # What has no room is behind the last key, which lists all of them.
        while len(lines := self._broken([*keys, *last])) > most and keys:
            keys.pop()
        self._lines_of_keys = lines
        shown: list[Line] = [
            [cell for key in line for cell in (Cell(key.printed, "control"), Cell(key.label))]
            for line in lines
        ]
        self.show(shown)

    def _broken(self, keys: Sequence["_Key"]) -> list[list["_Key"]]:
        """Return the keys in lines that fit the width."""
        lines: list[list[_Key]] = [[]]
        x = 0
        for key in keys:
            if x and x + key.cells > self.size.width:
                lines.append([])
                x = 0
            lines[-1].append(key)
            x += key.cells + 2
        return lines

    def on_click(self, event: events.Click) -> None:
        x = 0
        for key in self._lines_of_keys[event.y] if event.y < len(self._lines_of_keys) else ():
            if x <= event.x < x + key.cells:
                self.app.simulate_key(key.key)
                return
            x += key.cells + 2


class _Key(NamedTuple):
    """A key as it stands in the bar."""

    printed: str
    label: str
    key: str

    @property
    def cells(self) -> int:
        """How wide it is, without the space after it."""
        return width(self.printed) + width(self.label.rstrip())


def shown_keys(screen: Screen[Any]) -> list[tuple[list[str], str]]:
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
