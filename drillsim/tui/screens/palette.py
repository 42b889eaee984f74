"""All keys of a screen by name, to be found by typing a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.screen import Screen
from typing_extensions import override

from drillsim.i18n import N_, _
from drillsim.text import fit
from drillsim.tui.screens.dialogs import Pick
from drillsim.tui.views.folding import folded
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import key_word, shown_keys

EVERYWHERE = (
    (N_("light or dark"), "ctrl+t"),
    (N_("plain signs, for terminals that draw lines askew"), "ctrl+g"),
    (N_("help"), "question_mark"),
    (N_("quit"), "ctrl+q"),
)
"""What can be done on every screen."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something that a key does now: its name in the language in use, and in English."""

    name: str
    english: str
    key: str


def commands(screen: Screen[Any]) -> list[Command]:
    """Return what can be done on a screen now, in the order of its footer."""
    found = {key: Command(_(name), name, key) for keys, name in shown_keys(screen) for key in keys}
    for name, key in EVERYWHERE:
        found.setdefault(key, Command(_(name), name, key))
    return list(found.values())


class Palette(Pick[Command]):
    """Its result is the command that was chosen."""

    def __init__(self, offered: Sequence[Command]) -> None:
        super().__init__(_("All keys"), _("part of its name"), _("do it"))
        self._offered = offered
        self._nothing = _("no key is called so")

    @override
    def matches(self, text: str) -> Sequence[Command]:
        wanted = folded(text)
        return [
            command
            for command in self._offered
            if wanted in folded(command.name) or wanted in folded(command.english)
        ]

    @override
    def line(self, item: Command) -> Sequence[Cell]:
        return (Cell(fit(key_word(item.key), 8), "control"), Cell(item.name))
