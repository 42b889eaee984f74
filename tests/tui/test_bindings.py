"""Every key that is shown does something, has a name, and the name is translated."""

import inspect

import pytest
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from drillsim.i18n import gettext, set_language
from drillsim.tui.app import DrillApp
from drillsim.tui.screens.calls import CallScreen
from drillsim.tui.screens.dialogs import Dialog
from drillsim.tui.screens.editor import EditorScreen
from drillsim.tui.screens.editor_windows import DiffWindow, FindingsWindow, MergeWindow
from drillsim.tui.screens.first import FirstScreen
from drillsim.tui.screens.help import HelpScreen
from drillsim.tui.screens.mail import MailScreen
from drillsim.tui.screens.node import NodeScreen
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.screens.score import ScoreScreen
from drillsim.tui.screens.seat import SeatScreen
from drillsim.tui.screens.seat_writing import ReportDialog, Writing
from drillsim.tui.screens.tray import TrayScreen
from drillsim.tui.widgets.chain_tree import ChainTree
from drillsim.tui.widgets.choice_line import ChoiceLine
from drillsim.tui.widgets.entry_form import Chooser, PickLine
from drillsim.tui.widgets.office_tree import OfficeTree
from drillsim.tui.widgets.recipients import Recipients
from drillsim.tui.widgets.rows import Rows

BOUND: tuple[type[DOMNode], ...] = (
    DrillApp,
    FirstScreen,
    RunScreen,
    ReviewScreen,
    ScoreScreen,
    NodeScreen,
    MailScreen,
    CallScreen,
    TrayScreen,
    HelpScreen,
    Dialog,
    SeatScreen,
    Writing,
    ReportDialog,
    Recipients,
    EditorScreen,
    FindingsWindow,
    DiffWindow,
    MergeWindow,
    OfficeTree,
    PickLine,
    Chooser,
    ChainTree,
    ChoiceLine,
    Rows,
)


def bindings(bound: type[DOMNode]) -> list[Binding]:
    return [binding for binding in bound.BINDINGS if isinstance(binding, Binding)]


@pytest.mark.parametrize("bound", BOUND)
def test_every_binding_is_bound_to_an_action_that_there_is(bound: type[DOMNode]) -> None:
    assert bindings(bound)
    for binding in bindings(bound):
        action = binding.action.partition("(")[0]
        owner: type[object] = bound
        if action.startswith("app."):
            owner, action = DrillApp, action.removeprefix("app.")
        assert callable(getattr(owner, f"action_{action}", None)), binding


@pytest.mark.parametrize("bound", BOUND)
def test_every_binding_has_a_name_in_japanese(bound: type[DOMNode]) -> None:
    set_language("ja")
    untranslated = [b.description for b in bindings(bound) if gettext(b.description).isascii()]
    assert untranslated == []


def test_no_two_keys_that_are_shown_at_once_collide() -> None:
    for bound in BOUND:
        if not issubclass(bound, Screen | App):
            continue
        keys: dict[str, list[str]] = {}
        for binding in bindings(bound):
            for key in binding.key.split(","):
                keys.setdefault(key, []).append(binding.action)
        for key, actions in keys.items():
            if len(actions) > 1:
                assert "check_action" in {n for n, _f in inspect.getmembers(bound)}, (key, actions)
                assert len(actions) == 2
