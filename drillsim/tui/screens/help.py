"""Help: what each key does here, and what the signs mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from typing_extensions import override

from drillsim.i18n import N_, _
from drillsim.text import fit
from drillsim.tui.widgets.key_bar import KeyBar, key_word
from drillsim.tui.widgets.pane import Pane


class HelpScreen(ModalScreen[None]):
    """The keys of the screen below, those that do nothing at present marked so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "leave", N_("back")),
        Binding("exclamation_mark", "app.stop_drill", N_("STOP"), show=False),
    ]

    def __init__(self, screen: Screen[object], signs: Sequence[tuple[str, str]]) -> None:
        """Tell the keys of `screen`, and what `signs` mean."""
        super().__init__()
        self._about = screen
        self._signs = signs

    @override
    def compose(self) -> ComposeResult:
        yield Pane(id="help")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Pane).show(self._text())
        self.query_one(Pane).focus()

    def action_leave(self) -> None:
        self.dismiss()

    def _text(self) -> Text:
        text = Text(_("Keys") + "\n", "bold")
        for row in key_rows(self._about):
            keys = " ".join(map(key_word, row.keys))
            text.append(f"  {fit(keys, 10)} {_(row.description)}", "not bold")
            if not row.is_possible:
                text.append("  " + _("(not now)"), "not bold italic")
            text.append("\n")
        anywhere = _("ctrl+p: all keys by name; ctrl+t: light or dark; ctrl+q: quit")
        moving = _("arrows, PgUp, PgDn, Home, End move; left and right close and open a branch")
        panels = _("Tab goes to the next panel; Enter opens; a click does the same")
        text.append(f"  {moving}\n", "not bold")
        text.append(f"  {panels}\n")
        text.append(f"  {anywhere}\n")
        text.append("\n" + _("Signs") + "\n", "bold")
        for sign, meaning in self._signs:
            text.append(f"  {fit(sign, 10)} {meaning}\n", "not bold")
        return text


@dataclass(slots=True)
class KeyRow:
    """Keys that do one thing, and whether they do it at present."""

    keys: list[str]
    description: str
    is_possible: bool


def key_rows(screen: Screen[Any]) -> list[KeyRow]:
    """Return the keys of `screen` in the order of its bindings, a row for each thing that is done.

    Of two neighbours with one key (pause and continue) the one that can be done stands for both,
    and a hidden binding that only repeats keys of others has no row.
    """
    bindings = [each for each in screen.BINDINGS if isinstance(each, Binding)]
    active = {key: each.binding.action for key, each in screen.active_bindings.items()}
    rows: list[KeyRow] = []
    for binding in bindings:
        keys = binding.key.split(",")
        others = {key for each in bindings if each is not binding for key in each.key.split(",")}
        if not binding.show and len(keys) > 1 and others.issuperset(keys):
            continue
        is_possible = any(active.get(key) == binding.action for key in keys)
        row = KeyRow(keys, binding.description, is_possible)
        above = rows[-1] if rows else None
        if above is None:
            rows.append(row)
        elif above.keys == keys and above.is_possible != is_possible:
            rows[-1] = row if is_possible else above
        elif above.description == row.description and above.is_possible == is_possible:
            above.keys += [key for key in keys if key not in above.keys]
        else:
            rows.append(row)
    return rows


def lane_signs() -> list[tuple[str, str]]:
    """Return every sign of the review's lanes with its meaning."""
    return [
        ("-", _("transit: the mail is on its way")),
        ("░", _("waiting for a person to answer")),
        ("▒", _("working: until passed on, until reported")),
        ("▓", _("late: the deadline has passed")),
        ("A P R", _("acknowledged, passed on, reported")),
        ("X", _("given up as unreachable")),
        ("*", _("on the chain that took longest; its part of the bar is underlined")),
        ("@", _("a person at a seat answered; the others were simulated")),
        ("25% :", _("so many of all had acknowledged by then")),
        ("#", _("something that the operator did; Enter on that lane lists all of it")),
        ("!", _("its answer was overdue then")),
        ("V |", _("the moment that tree, board and events show")),
    ]


def run_signs() -> list[tuple[str, str]]:
    """Return every sign of the run screen with its meaning."""
    return [
        ("✉", _("a mail was written or accepted; nobody has answered yet")),
        ("✓", _("a person has acknowledged")),
        ("✔", _("all that was asked has come")),
        ("✎", _("a report has come")),
        ("»", _("the message was passed on")),
        ("⚠", _("something went wrong, or the stand-in is tried")),
        ("✆", _("to be called by telephone, or a call was booked")),
        ("↩", _("an automatic reply, a returned mail or a repeated answer: not counted")),
        ("✘", _("unreachable, no answer, or not notified")),
        ("?", _("a mail that nobody can be credited with: see the tray")),
        ("# * =", _("what the operator did, handling, the course of the drill")),
        ("04:10", _("minutes and seconds from the body's own notice")),
        ("(04:10)", _("still waiting, for so long")),
        ("!", _("late: the deadline has passed")),
        ("-  +", _("before a name: the branch is open, or closed")),
    ]
