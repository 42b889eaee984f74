"""The app around the screens, and how each of them is opened."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from typing_extensions import override

from drillsim.i18n import N_, _, set_language
from drillsim.tui.plain_signs import PlainSigns, are_wanted

if TYPE_CHECKING:
    from drillsim.drill.tree import NodeId
    from drillsim.files.contacts.opened import Opened
    from drillsim.tui.screens.acts import Acts


COLUMNS_MIN: Final = 80
ROWS_MIN: Final = 24
"""The room that all screens are made for; in less they work, and what does not fit is cut."""


class DrillApp(App[int]):
    """All screens of drillsim; its result is the exit code."""

    CSS_PATH = Path(__file__).with_name("style.tcss")
    TITLE = "drillsim"
    ENABLE_COMMAND_PALETTE = False  # Textual's own speaks English alone.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", N_("quit"), show=False, priority=True),
        Binding("ctrl+p", "palette", N_("all keys"), show=False, priority=True),
        Binding("ctrl+t", "change_light", N_("light or dark"), show=False),
        Binding("ctrl+g", "change_signs", N_("plain signs"), show=False),
        Binding("exclamation_mark", "stop_drill", N_("STOP")),
    ]

    def __init__(self, first: Screen[None]) -> None:
        super().__init__()
        self._first = first
        self._is_small = False
        self._plain_signs = PlainSigns(enabled=are_wanted())
        self._filters.append(self._plain_signs)
        self.theme = "textual-dark"

    def on_mount(self) -> None:
        self.push_screen(self._first)

    def on_resize(self, event: events.Resize) -> None:
        """Say it once where a terminal has less room than the screens are made for."""
        is_small = event.size.width < COLUMNS_MIN or event.size.height < ROWS_MIN
        if is_small and not self._is_small:
            self.notify(
                _(
                    "This terminal has {columns} by {rows}; the screens are made for {columns_min} "
                    "by {rows_min} or more. Make it wider, or the letters smaller."
                ).format(
                    columns=event.size.width,
                    rows=event.size.height,
                    columns_min=COLUMNS_MIN,
                    rows_min=ROWS_MIN,
                ),
                severity="warning",
                markup=False,
            )
        self._is_small = is_small

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        match action:
            case "palette":
                # In a small window Enter and Escape are all there is.
                return not isinstance(self.screen, ModalScreen)
            case "stop_drill":
                return self._running_drill is not None
            case _:
                return True

    @work(group="palette")
    async def action_palette(self) -> None:
        """Offer every key of the screen in front by name, and do what is chosen."""
        from drillsim.tui.screens.palette import Palette, commands

        chosen = await self.push_screen_wait(Palette(commands(self.screen)))
        if chosen is not None:
            self.simulate_key(chosen.key)

    @property
    def _running_drill(self) -> "Acts | None":
        """The screen of a drill that runs, in front or under others; None where there is none."""
        for screen in reversed(self.screen_stack):
            # Only the screen from which a drill is run can stop it.
            stop = getattr(screen, "action_stop", None)
            if stop is not None and screen.check_action("stop", ()):
                return cast("Acts", screen)
        return None

    def action_stop_drill(self) -> None:
        """Stop the drill for a real incident, whatever screen lies over it."""
        running = self._running_drill
        if running is not None:
            running.action_stop()

    @override
    async def action_quit(self) -> None:
        """Leave at once, unless a screen has something to ask first."""
        editing = [screen for screen in self.screen_stack if hasattr(screen, "action_leave_asking")]
        if not editing:
            await super().action_quit()
        elif editing[-1] is self.screen:
            self.screen.call_later(editing[-1].action_leave_asking)

    @override
    def action_help_quit(self) -> None:
        """Say how to leave to whoever pressed Ctrl+C, in the language in use."""
        self.notify(_("ctrl+q leaves drillsim. A drill goes on without its screen."), markup=False)

    def action_help(self) -> None:
        """Tell the keys and signs of the screen in front."""
        from drillsim.tui.screens.help import HelpScreen, run_signs

        signs = getattr(self.screen, "help_signs", run_signs)
        self.push_screen(HelpScreen(self.screen, signs()))

    def action_change_light(self) -> None:
        self.theme = "textual-light" if self.theme == "textual-dark" else "textual-dark"

    def action_change_signs(self) -> None:
        """Draw with plain signs, or with the usual ones again."""
        self._plain_signs.enabled = not self._plain_signs.enabled
        # Lines are kept as they were drawn, those under another screen too.
        for screen in self.screen_stack:
            for widget in screen.walk_children(with_self=True):
                widget.refresh(layout=True)


def open_first_screen(
    workspace: str | Path, *, lang: str | None = None, author: str | None = None
) -> int:
    """Show the scenarios and drills of a workspace; return the exit code."""
    from drillsim.tui.screens.first import FirstScreen

    if lang is not None:
        set_language(lang)
    return _run(FirstScreen(Path(workspace), author=author))


def open_run_screen(
    path: str | Path,
    *,
    lang: str | None = None,
    author: str | None = None,
    seated: bool = False,
) -> int:
    """Show a drill, running or not, until its screen is left; return the exit code.

    With `seated`, the first seat that is taken lies over it.

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
    screen.opens_seats = seated
    return _run(screen)


def open_seat(
    path: str | Path, node: "NodeId", *, lang: str | None = None, author: str | None = None
) -> int:
    """Show the seat of a node until it is left; return the exit code.

    Raises:
        JournalError: `path` is no journal.
        ProblemsError: its files cannot be read by this drillsim.
    """
    from drillsim.tui.following import Following
    from drillsim.tui.orders import Orders
    from drillsim.tui.screens.seat import SeatScreen

    if lang is not None:
        set_language(lang)
    following = Following(path)
    return _run(SeatScreen(following, Orders(following.path, author), node, follows=True))


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


def open_editor(
    opened: "Opened",
    *,
    at: tuple[int, int | None] | None = None,
    masked: bool = False,
    lang: str | None = None,
) -> int:
    """Edit a contact file until the editor is left; return the exit code.

    `at` is the node to begin at, by its place in the file, and perhaps an officer, from 0.
    """
    from drillsim.tui.screens.editor import EditorScreen

    if lang is not None:
        set_language(lang)
    return _run(EditorScreen(opened, at=at, masked=masked))


def open_screen(screen: Screen[None], *, lang: str | None = None) -> int:
    """Show a screen of its own until it is left; return the exit code."""
    if lang is not None:
        set_language(lang)
    return _run(screen)


def _run(screen: Screen[None]) -> int:
    app = DrillApp(screen)
    code = app.run()
    return code if code is not None else app.return_code or 0
