"""The form before a rehearsal: seed, speed and contact tree."""

from collections.abc import Sequence
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Input
from typing_extensions import override

from drillsim.i18n import _
from drillsim.text import clean_line
from drillsim.tui.screens.dialogs import Dialog, field
from drillsim.tui.starting import SPEEDS, Wish
from drillsim.tui.views.cards import SEED
from drillsim.tui.views.clock import speed_text
from drillsim.tui.widgets.choice_line import ChoiceLine


class Options(Dialog[Wish]):
    """Seed, speed and contact tree of a rehearsal."""

    def __init__(self, scenario: Path, title: str, trees: Sequence[Path]) -> None:
        super().__init__()
        self._scenario = scenario
        self._trees = trees
        self.title_text = title
        self.do_text = _("begin")

    @override
    def body(self) -> ComposeResult:
        yield field(_("seed"), Input(str(SEED), compact=True, max_length=12, id="seed"))
        speeds = [(speed_text(speed), speed) for speed in SPEEDS]
        yield field(_("speed"), ChoiceLine(speeds, chosen=SPEEDS.index(60), id="speed"))
        own: list[tuple[str, Path | None]] = [(_("of the scenario"), None)]
        trees = [*own, *((clean_line(p.stem, limit=40), p) for p in self._trees)]
        yield field(_("contacts"), ChoiceLine(trees, id="contacts"))
        seat = Input(compact=True, max_length=60, id="seat")
        seat.placeholder = _("nobody; or the name of a body at which you practise")
        yield field(_("seat"), seat)

    @override
    def result(self) -> Wish | None:
        text = self.query_one("#seed", Input).value.strip()
        if not (text.isascii() and text.isdecimal()):
            self.complain(_("the seed is a whole number, such as 7"))
            return None
        speed: ChoiceLine[float | None] = self.query_one("#speed", ChoiceLine)
        contacts: ChoiceLine[Path | None] = self.query_one("#contacts", ChoiceLine)
        seat = self.query_one("#seat", Input).value.strip()
        if seat and speed.value is None:
            self.complain(_("nobody at a seat could follow this speed; choose a slower one first"))
            return None
        return Wish(self._scenario, contacts.value, int(text), speed.value, seat)
