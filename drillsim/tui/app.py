"""The app around the screens, and how each of them is opened."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.i18n import N_, _, set_language


class DrillApp(App[int]):
    """All screens of drillsim; its result is the exit code."""

    CSS_PATH = Path(__file__).with_name("style.tcss")
    TITLE = "drillsim"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", N_("quit"), show=False, priority=True),
        Binding("ctrl+t", "change_light", N_("light or dark"), show=False),
    ]

    def __init__(self, first: Screen[None]) -> None:
        super().__init__()
        self._first = first
        self.theme = "textual-dark"

    def on_mount(self) -> None:
        self.push_screen(self._first)

    @override
    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every key of the screen by name, and what belongs to the app."""
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled:
                title = _(binding.description)
                yield SystemCommand(title, binding.key, _runner(self, binding.key))
        yield SystemCommand(_("light or dark"), "ctrl+t", self.action_change_light)
        yield SystemCommand(_("quit"), "ctrl+q", self.action_quit)

    def action_help(self) -> None:
        """Tell the keys and signs of the screen in front."""
        from drillsim.tui.screens.help import HelpScreen, run_signs

        signs = getattr(self.screen, "help_signs", run_signs)
        self.push_screen(HelpScreen(self.screen, signs()))

    def action_change_light(self) -> None:
        self.theme = "textual-light" if self.theme == "textual-dark" else "textual-dark"


def _runner(app: App[int], key: str) -> Callable[[], object]:
    return lambda: app.call_later(app.simulate_key, key.split(",", maxsplit=1)[0])


def open_first_screen(
    workspace: str | Path, *, lang: str | None = None, author: str | None = None
) -> int:
    """Show the scenarios and drills of a workspace; return the exit code."""
    from drillsim.tui.screens.first import FirstScreen

    if lang is not None:
        set_language(lang)
    return _run(FirstScreen(Path(workspace), author=author))


def open_run_screen(path: str | Path, *, lang: str | None = None, author: str | None = None) -> int:
    """Show a drill, running or not, until its screen is left; return the exit code.

    Raises:
        JournalError: `path` is no journal.
        ProblemsError: its files cannot be read by this drillsim.
    """
    from drillsim.tui.following import Following
    from drillsim.tui.orders import Orders
    from drillsim.tui.screens.run import RunScreen

    if lang is not None:
        set_language(lang)
    following = Following(path)
    screen = RunScreen(following, Orders(following.path, author))
    return _run(screen)


def open_review(path: str | Path, *, lang: str | None = None) -> int:
    """Show a drill that is over once more; return the exit code.

    Raises:
        JournalError: `path` is no journal.
        ProblemsError: its files cannot be read by this drillsim.
    """
    from drillsim.tui.following import Following
    from drillsim.tui.screens.review import ReviewScreen

    if lang is not None:
        set_language(lang)
    return _run(ReviewScreen(Following(path)))


def _run(screen: Screen[None]) -> int:
    app = DrillApp(screen)
    code = app.run()
    return code if code is not None else app.return_code or 0
