"""The first screen: scenarios with a preview, past drills, and Enter to begin."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill.ways import is_live, live_mark, way_word
from drillsim.i18n import N_, _
from drillsim.problem import CommandError
from drillsim.text import clean_line, fit
from drillsim.text import width as cell_width
from drillsim.tui.starting import Wish, start
from drillsim.tui.views.cards import SEED, DrillCard, ExpectedCard, ScenarioCard
from drillsim.tui.views.tone import Cell, Tone
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Line, Lines
from drillsim.tui.widgets.rows import Rows

_USUAL = "r5-virus-suspicion"
"""The scenario that the cursor begins on: the drill that most offices hold."""
_TITLE, _DATE = 30, 14
"""Cells that a drill's title has before its date is shown, and those of the date."""
_REST_SECONDS = 0.3
"""How long the cursor rests on a scenario before its course is worked out."""


@dataclass(slots=True)
class Entry:
    """A file that is listed: a scenario or a drill; its card is None until it was read."""

    path: Path
    is_drill: bool
    is_own: bool = True
    """Whether it lies in the workspace; otherwise it came with drillsim."""
    card: ScenarioCard | DrillCard | None = None
    expected: ExpectedCard | None = None


def _paths(workspace: Path) -> tuple[list[Path], list[Path]]:
    """Return the scenarios and the drills of a workspace.

    What reads files is loaded here and in `_card`, in the thread: half a second of imports that the
    first frame does not wait for.
    """
    from drillsim.tui.views import reading

    return reading.scenario_paths(workspace), reading.drill_paths(workspace)


def _card(entry: Entry) -> ScenarioCard | DrillCard:
    from drillsim.tui.views import reading

    return reading.drill_card(entry.path) if entry.is_drill else reading.scenario_card(entry.path)


def _expected(entry: Entry) -> ExpectedCard:
    from drillsim.tui.views import reading

    return reading.expected(entry.path)


class Shelf(Rows):
    """Scenarios first, then the drills that were run."""

    screen_opens = True

    def __init__(self) -> None:
        super().__init__(id="shelf")
        self.entries: list[Entry] = []

    @override
    def count(self) -> int:
        return len(self.entries)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        drills = sum(entry.is_drill for entry in self.entries)
        marks = _marks(_("reached"), _("score"), Cell(_("state"))) if drills else ()
        room = max(width - sum(cell_width(cell.text) for cell in marks) - 1, 0)
        counts = ""
        for text in (
            _("scenarios ({scenarios}), and drills that were run ({drills})"),
            _("scenarios {scenarios}, drills {drills}"),
        ):
            counts = text.format(scenarios=len(self.entries) - drills, drills=drills)
            if cell_width(counts) <= room:
                break
        return (Cell(" " + fit(counts, room)), *marks)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        entry = self.entries[row]
        card = entry.card
        if isinstance(card, DrillCard):
            marks = _marks(card.reached, card.score, card.state)
            room = width - sum(cell_width(cell.text) for cell in marks)
            # The date gives way to the title where there is not room for both.
            date = f"{card.when[5:]} " if card.when and room >= _TITLE + _DATE else ""
            when = Cell("= " + date, "muted")
            mark = Cell(f"{live_mark(card.way)} " if is_live(card.way) else "", "alarm")
            room -= len(when.text) + cell_width(mark.text)
            return (when, mark, Cell(fit(card.title, max(room, 0))), *marks)
        if entry.is_drill:
            return (Cell("= " + clean_line(entry.path.stem), "muted"),)
        title = card.title if isinstance(card, ScenarioCard) else clean_line(entry.path.stem)
        tone: Tone = "alarm" if isinstance(card, ScenarioCard) and not card.is_usable else ""
        origin = Cell("" if entry.is_own else " " + _("shipped"), "muted")
        room = max(width - 2 - cell_width(origin.text), 8)
        return (Cell("  " + fit(title, room), tone if card is not None else "muted"), origin)


def _marks(reached: str, score: str, state: Cell) -> tuple[Cell, ...]:
    """Return the columns of a drill: who was reached, the score, how it stands."""
    figures = fit(reached, 9, right=True) + fit(score, 6, right=True) + " "
    return (Cell(figures), Cell(fit(state.text, 8), state.tone))


class Preview(Lines):
    """What there is to know of the entry under the cursor."""


def _expected_lines(expected: ExpectedCard) -> list[Line]:
    """Return what to expect, with the curve of the answers below it."""
    from drillsim.tui.widgets.curve import chart, marks

    lines: list[Line] = list(expected.lines)
    if expected.curve is not None:
        title = _("answers to “{inject}”").format(inject=expected.curve_of)
        lines += [[], [Cell(title, "strong")], *chart(expected.curve, 4)]
        lines.append([Cell(" " + marks(expected.curve))])
    return lines


class FirstScreen(Screen[None]):
    """Where one begins: a scenario to rehearse, or a drill to look at again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "begin", N_("start rehearsal")),
        Binding("o", "options", N_("start with options")),
        Binding("enter", "look", N_("open drill")),
        Binding("space", "read_on", N_("read on")),
        Binding("r", "review", N_("review")),
        Binding("e", "edit", N_("edit contacts")),
        Binding("f5", "read", N_("read again")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("q", "leave", N_("leave")),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]

    def __init__(
        self,
        workspace: Path,
        *,
        author: str | None = None,
        starter: Callable[[Wish, Path], Path] = start,
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._author = author
        self._start = starter
        self._shelf = Shelf()
        self._preview = Preview(id="preview")
        self._area = VerticalScroll(self._preview, id="preview-area")

    @override
    def compose(self) -> ComposeResult:
        title = Lines(id="title")
        title.heading = True
        yield title
        with Container(id="first"):
            yield self._shelf
            yield self._area
        yield KeyBar()

    def on_mount(self) -> None:
        words = _("drillsim: rehearse an emergency-contact drill; nothing leaves this machine")
        self.query_one("#title", Lines).show([[Cell(" " + words)]])
        self._shelf.focus()
        self.call_after_refresh(self.action_read)

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self.action_read()

    @property
    def entry(self) -> Entry | None:
        """The entry under the cursor."""
        shelf = self._shelf
        return shelf.entries[shelf.cursor] if shelf.entries else None

    # Reading the files --------------------------------------------------------------------------

    @work(exclusive=True, group="read")
    async def action_read(self) -> None:
        """List the files at once, then read one after another, the one under the cursor first."""
        known = {entry.path: entry for entry in self._shelf.entries}
        scenarios, drills = await asyncio.to_thread(_paths, self._workspace)
        own = self._workspace / "scenarios"
        entries = [
            known.get(path) or Entry(path, False, is_own=path.is_relative_to(own))
            for path in scenarios
        ]
        entries += [Entry(path, True) for path in drills]
        is_first = not self._shelf.entries
        self._shelf.entries = entries
        self._shelf.redraw()
        if is_first:
            names = [entry.path.stem for entry in entries]
            self._shelf.move_to(names.index(_USUAL) if _USUAL in names else 0)
        self.refresh_bindings()
        for entry in sorted(entries, key=lambda entry: entry is not self.entry):
            if entry.card is None:
                entry.card = await asyncio.to_thread(_card, entry)
                self._shelf.refresh()
                if entry is self.entry:
                    self._show()
        self._show()

    def on_rows_moved(self) -> None:
        self._area.scroll_home(animate=False)
        self._show()

    @work(exclusive=True, group="expect")
    async def _expect(self, entry: Entry) -> None:
        """Work out what to expect of a scenario, once the cursor has rested on it."""
        await asyncio.sleep(_REST_SECONDS)
        try:
            entry.expected = await asyncio.to_thread(_expected, entry)
        except CommandError:
            return  # The file has changed for the worse: reading again tells.
        if entry is self.entry:
            self._show()

    def _show(self) -> None:
        entry = self.entry
        card = entry.card if entry is not None else None
        lines: list[Line] = []
        if isinstance(card, ScenarioCard) and entry is not None:
            lines = list(card.lines)
            if entry.expected is not None:
                lines += ([], *_expected_lines(entry.expected))
            elif card.is_usable:
                self._expect(entry)
        elif isinstance(card, DrillCard):
            lines = [
                [Cell(card.title, "strong")],
                [Cell(clean_line(card.path.name))],
                [Cell(card.when, "muted")],
                [Cell(way_word(card.way), "alarm" if is_live(card.way) else "muted")],
                [],
                [card.state],
                [Cell(_("reached {reached}").format(reached=card.reached))],
                [Cell(_("score {score}").format(score=card.score or _("not rated")))],
                [],
                *card.lines,
            ]
        elif self.entry is not None:
            lines = [[Cell(_("reading…"), "muted")]]
        self._preview.show([[Cell(" "), *line] for line in lines])
        self.refresh_bindings()

    def action_read_on(self) -> None:
        """Show the next page of the preview; after the last one the first."""
        area = self._area
        if area.scroll_offset.y >= area.max_scroll_y:
            area.scroll_home(animate=False)
        else:
            area.scroll_page_down(animate=False)

    # What can be done ---------------------------------------------------------------------------

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        card = self.entry.card if self.is_mounted and self.entry is not None else None
        match action:
            case "begin" | "options":
                return isinstance(card, ScenarioCard) and card.is_usable
            case "look":
                return isinstance(card, DrillCard)
            case "review":
                return isinstance(card, DrillCard) and card.is_over
            case "read_on":
                return self.is_mounted and self._area.max_scroll_y > 0
            case _:
                return True

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        if self.entry is not None and self.entry.is_drill:
            self.action_look()
        else:
            self.action_begin()

    def action_begin(self) -> None:
        card = self.entry.card if self.entry is not None else None
        if isinstance(card, ScenarioCard) and card.is_usable:
            self._run(Wish(card.path, None, SEED, 60))

    @work(group="dialog")
    async def action_options(self) -> None:
        from drillsim.files.places import files_in, shipped_files
        from drillsim.tui.screens.options import Options

        card = self.entry.card if self.entry is not None else None
        if isinstance(card, ScenarioCard):
            trees = files_in(self._workspace / "contacts") or shipped_files("contacts")
            wish = await self.app.push_screen_wait(Options(card.path, card.title, trees))
            if wish is not None:
                self._run(replace(wish, seated_by=self._person) if wish.seat else wish)

    @property
    def _person(self) -> str:
        """Who sits in front of this screen."""
        from drillsim.tui.orders import this_person

        return self._author or this_person()

    @work(group="run", exclusive=True)
    async def _run(self, wish: Wish) -> None:
        self.notify(_("starting…"), timeout=2, markup=False)
        try:
            path = await asyncio.to_thread(self._start, wish, self._workspace)
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        await self._open(path, seated=bool(wish.seat))

    @work(group="run", exclusive=True)
    async def action_look(self) -> None:
        if self.entry is not None:
            await self._open(self.entry.path)

    async def _open(self, path: Path, *, seated: bool = False) -> None:
        from drillsim.tui.following import Following
        from drillsim.tui.orders import Orders
        from drillsim.tui.screens.run import RunScreen

        try:
            following = await asyncio.to_thread(Following, path)
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        screen = RunScreen(following, Orders(path, self._author))
        screen.opens_seats = seated
        self.app.push_screen(screen)

    @work(group="run", exclusive=True)
    async def action_review(self) -> None:
        from drillsim.tui.following import Following
        from drillsim.tui.screens.review import ReviewScreen

        if self.entry is None:
            return
        try:
            following = await asyncio.to_thread(Following, self.entry.path)
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.app.push_screen(ReviewScreen(following))

    @work(group="dialog")
    async def action_edit(self) -> None:
        """Edit a contact tree: one of the workspace, or a copy of a shipped one."""
        from drillsim.files.contacts.opened import copied, read_file
        from drillsim.files.places import files_in, shipped_files
        from drillsim.tui.screens.dialogs import Choose
        from drillsim.tui.screens.editor import EditorScreen

        folder = self._workspace / "contacts"
        own = files_in(folder)
        shipped = [p for p in shipped_files("contacts") if not (folder / p.name).exists()]
        lines = [[Cell(clean_line(path.name))] for path in own]
        words = _("{name} (shipped: a copy is made in the folder contacts)")
        lines += [[Cell(words.format(name=path.name))] for path in shipped]
        dialog = Choose(_("Edit contacts"), _("contact tree"), lines, _("edit it"))
        chosen = await self.app.push_screen_wait(dialog)
        if chosen is None:
            return
        try:
            path = (
                own[chosen]
                if chosen < len(own)
                else await asyncio.to_thread(copied, shipped[chosen - len(own)], folder)
            )
            opened = await asyncio.to_thread(read_file, path, f"contacts/{path.name}")
        except CommandError as error:
            self.notify(str(error).partition("\n")[0], severity="error", markup=False)
            return
        self.app.push_screen(EditorScreen(opened))

    def action_leave(self) -> None:
        self.app.exit(0)
