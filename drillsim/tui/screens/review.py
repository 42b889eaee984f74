"""The review: a drill that is over, as lanes through time, with a cursor that goes to and fro."""

import asyncio
from datetime import timedelta
from typing import ClassVar, Final, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId
from drillsim.drill.ways import is_live, way_word
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.wording import rating_word
from drillsim.i18n import N_, _
from drillsim.journal.folder import drills_in
from drillsim.problem import CommandError
from drillsim.text import clean_line, fit
from drillsim.tui.following import Following
from drillsim.tui.screens.dialogs import Choose, Find
from drillsim.tui.screens.help import lane_signs
from drillsim.tui.views.clock import SPEEDS
from drillsim.tui.views.finding import finding
from drillsim.tui.views.lanes import Review, board_at
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import Act, filters_of, is_act
from drillsim.tui.views.times import full_length, short_length
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.boards import TierBoardLines
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lanes import Lanes
from drillsim.tui.widgets.lines import Line, Lines
from drillsim.tui.widgets.rows import Rows

_FRAMES: Final = 20
"""Frames a second of a replay."""
_THEN: Final = 8
"""Events shown of those that led to the moment on show."""
_LOOK_BACK: Final = 200
"""Events looked at for them."""


def review_of(following: Following) -> Review:
    """Return what is to be looked at of a drill whose events are all taken in."""
    view = following.view
    events = [event for event in view.stream.events if not isinstance(event, Act)]
    evaluation = evaluate(view.exercise, events, view.board, with_faults=not following.is_live)
    acts = [event for event in view.stream.events if is_act(event)]
    return Review(view.exercise, evaluation, events, acts, view.names)


def _score_words(review: Review) -> str:
    """Return the score with its rating, or that there is none."""
    mark = review.evaluation.score.total
    if review.evaluation.score.is_stopped:
        return _("not rated: stopped by a real incident")
    if mark.score is None or mark.rating is None:
        return _("not rated")
    return _("score {score}").format(
        score=f"{mark.score:.1f} {mark.rating} {rating_word(mark.rating)}"
    )


class ReviewScreen(Screen[None]):
    """Lanes, the board and the events at the cursor's time, and what it was worth."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scrub(-1)", N_("to and fro"), priority=True),
        Binding("right", "scrub(1)", N_("to and fro"), priority=True),
        Binding("shift+left", "scrub(-10)", N_("far"), show=False, priority=True),
        Binding("shift+right", "scrub(10)", N_("far"), show=False, priority=True),
        Binding("enter,m", "node", N_("body and mails")),
        Binding("s", "score", N_("score")),
        Binding("space", "play", N_("replay")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("escape,q", "leave", N_("back")),
        Binding("v", "other_inject", N_("other inject")),
        Binding("i", "zoom(2)", N_("zoom in/out")),
        Binding("u", "zoom(-2)", N_("zoom in/out")),
        Binding("d", "compare", N_("lay another drill beside")),
        Binding("d", "no_compare", N_("this drill alone")),
        Binding("left_square_bracket", "pan(-1)", N_("pan")),
        Binding("right_square_bracket", "pan(1)", N_("pan")),
        Binding("comma", "step(-1)", N_("event before/after")),
        Binding("full_stop", "step(1)", N_("event before/after")),
        Binding("plus", "faster(1)", N_("replay speed")),
        Binding("minus", "faster(-1)", N_("replay speed")),
        Binding("slash", "find", N_("find")),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]

    help_signs = staticmethod(lane_signs)

    def __init__(self, following: Following) -> None:
        super().__init__()
        self.following = following
        self._review: Review | None = None
        self._speed = SPEEDS.index(60)
        self._is_playing = False
        self._other_name = ""
        self._findings: dict[InjectId, str] = {}
        """Where the time lay, per message: the same at every moment."""
        # Kept, so that a timer that fires while the screen is taken down finds them.
        self._title_lines = Lines(id="title")
        self._title_lines.heading = True
        self._lanes = Lanes()
        self._tiers = TierBoardLines(id="tiers")
        self._then = Lines(id="then")

    @override
    def compose(self) -> ComposeResult:
        yield self._title_lines
        yield self._lanes
        with Container(id="below"):
            yield self._tiers
            yield self._then
        yield KeyBar()

    def on_mount(self) -> None:
        self._lanes.focus()
        self._title_lines.show([[Cell(" " + _("reading…"))]])
        self._load()
        self.set_interval(1 / _FRAMES, self._go_on)

    @work(exclusive=True, group="load")
    async def _load(self) -> None:
        await self.following.catch_up_fully()
        if self.following.error is not None:
            self._title_lines.show([[Cell(str(self.following.error), "alarm")]])
            return
        review = await asyncio.to_thread(review_of, self.following)
        self._review = review
        self._lanes.open(review)
        self._begin_where_time_was_lost(review)
        self._draw()
        self.refresh_bindings()

    def _begin_where_time_was_lost(self, review: Review) -> None:
        """Put the cursor on the body at which the slowest chain lay longest."""
        inject = self._lanes.inject
        slowest = next((p.slowest for p in review.paths.get(inject, ())), None) if inject else None
        if slowest is not None:
            self._lanes.move_to_node(slowest.node)
        else:
            self._lanes.move_to(1)

    # Drawing ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show the moment that the cursor is on."""
        review, lanes = self._review, self._lanes
        if review is None:
            return
        lanes.refresh()
        self._title_lines.show(self._title(review))
        tiers = self._tiers
        tiers.has_total = not self.has_class("-low")
        tiers.chart_height = 4 if self.has_class("-tall") else 0
        curve = review.curve(lanes.inject, lanes.at, tiers.spans)
        tiers.show_board(board_at(review, lanes.inject, lanes.at), curve)
        sentences = Sentences(review.exercise, review.names)
        last = review.index_at(lanes.at)
        shown = [
            event
            for event in reversed(review.events[max(last - _LOOK_BACK, 0) : last])
            if "main" in filters_of(event)
        ][:_THEN]
        lines: list[Line] = []
        for event in shown:
            line = sentences.line(event)
            lines.append(
                [Cell(f" {line.at} ", "muted"), Cell(f"{line.sign} {line.text}", line.tone)]
            )
        self._then.show(lines or [[Cell("")]])

    def _title(self, review: Review) -> list[Line]:
        lanes = self._lanes
        when = Sentences(review.exercise, review.names).time(lanes.at)
        playing = _("replaying x{speed}").format(speed=SPEEDS[self._speed])
        phase = review.history.phase(lanes.at)
        way = self.following.way
        first = [
            Cell(f" {way_word(way)} ", "alarm" if is_live(way) else "muted"),
            Cell(" " + (review.names.inject(lanes.inject) if lanes.inject else "")),
            Cell(f"  {when}  T+{full_length(lanes.at)}"),
            Cell("  " + playing if self._is_playing else "", "busy"),
            Cell("  " + _score_words(review)),
        ]
        if phase is not None:
            # Where there is little room, the way in which it was run must have some.
            words = _("level {level}") if self.has_class("-narrow") else _("threat level {level}")
            level = words.format(level=phase[1])
            first.append(Cell(f"  {review.names.phase(phase[0])}  {level}", "muted"))
        lines: list[Line] = [first, [Cell(" " + self._finding(review), "control")]]
        if lanes.other is not None:
            lines.append([Cell(" " + self._beside(review, lanes.other), "control")])
        return lines

    def _beside(self, review: Review, other: Review) -> str:
        """Return how the drill that is laid beside compares."""
        inject = self._lanes.inject
        times = []
        for each in (review, other):
            marks = dict(each.marks(inject)) if inject in each.injects else {}
            released = each.evaluation.timeline.board.released.get(inject) if inject else None
            half = marks.get(50)
            known = half is not None and released is not None
            times.append(short_length(half - released) if known else "--:--")  # type: ignore[operator]
        text = _("beside it: {drill}   {score}   50%: {here} here, {there} there")
        score = _score_words(other)
        return text.format(drill=self._other_name, score=score, here=times[0], there=times[1])

    def _finding(self, review: Review) -> str:
        inject = self._lanes.inject
        if inject is None:
            return ""
        found = self._findings.get(inject)
        if found is None:
            found = finding(review.exercise, review.evaluation, inject)
            self._findings[inject] = found
        return "* " + found if found else ""

    # Going through time -------------------------------------------------------------------------

    def action_scrub(self, cells: int) -> None:
        span = self._lanes.span
        self._go_to(self._lanes.at + (span.end - span.begin) * cells / max(span.cells, 1))

    def action_step(self, by: Literal[-1, 1]) -> None:
        if self._review is not None:
            self._go_to(self._review.step(self._lanes.at, by))

    def on_lanes_time_chosen(self, message: Lanes.TimeChosen) -> None:
        self._is_playing = False
        self._go_to(message.at)

    def _go_to(self, at: timedelta) -> None:
        self._lanes.go_to(at)
        self._draw()

    def action_play(self) -> None:
        if self._review is None:
            return
        self._is_playing = not self._is_playing
        if self._is_playing and self._lanes.at >= self._review.end:
            self._lanes.at = ZERO
        self._draw()

    def _go_on(self) -> None:
        if not self._is_playing or self._review is None:
            return
        at = self._lanes.at + timedelta(seconds=SPEEDS[self._speed] / _FRAMES)
        if at >= self._review.end:
            self._is_playing = False
        self._go_to(at)

    def action_faster(self, step: int) -> None:
        self._speed = min(max(self._speed + step, 0), len(SPEEDS) - 1)
        self._draw()

    def action_zoom(self, by: int) -> None:
        self._lanes.zoom_by(by if by > 0 else 1 / -by)
        self._draw()

    def on_lanes_zoom_asked(self, message: Lanes.ZoomAsked) -> None:
        self.action_zoom(2 * message.by)

    def action_pan(self, side: int) -> None:
        self._lanes.pan(side / 2)

    # What is shown ------------------------------------------------------------------------------

    def action_other_inject(self) -> None:
        lanes = self._lanes
        if self._review is not None and self._review.injects:
            injects = self._review.injects
            place = injects.index(lanes.inject) if lanes.inject in injects else -1
            lanes.inject = injects[(place + 1) % len(injects)]
            self._draw()

    def action_node(self) -> None:
        from drillsim.tui.screens.node import NodeScreen

        lanes, review = self._lanes, self._review
        if review is None:
            return
        if lanes.node is None:
            self._show_acts(review)
        else:
            screen = NodeScreen(self.following.view, self.following, lanes.node, lanes.inject)
            self.app.push_screen(screen)

    @work(group="dialog")
    async def _show_acts(self, review: Review) -> None:
        """List what the operator did; the moment of the one that is chosen is gone to."""
        if not review.acts:
            self.notify(_("the operator did nothing in this drill"), markup=False)
            return
        sentences = Sentences(review.exercise, review.names)
        lines = [
            (Cell(line.at + " ", "muted"), Cell(line.text))
            for line in map(sentences.line, review.acts)
        ]
        dialog = Choose(_("What the operator did"), _("act"), lines, _("go to that moment"))
        place = await self.app.push_screen_wait(dialog)
        if place is not None:
            self._go_to(review.acts[place].at)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_node()

    @work(group="dialog")
    async def action_find(self) -> None:
        if self._review is None:
            return
        dialog = Find(self._review.names, _("Find a body"), _("go there"))
        node = await self.app.push_screen_wait(dialog)
        if node is not None:
            self._lanes.move_to_node(node)

    def action_score(self) -> None:
        from drillsim.tui.screens.score import ScoreScreen

        if self._review is not None:
            self.app.push_screen(ScoreScreen(self._review, self.following))

    @work(group="dialog")
    async def action_compare(self) -> None:
        """Lay another drill of the same folder beside this one."""
        folder = self.following.path.parent
        paths = [p for p in drills_in(folder) if p != self.following.path]
        paths.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        if not paths:
            self.notify(_("there is no other drill in this folder"), markup=False)
            return
        lines = [(Cell(fit(clean_line(path.stem), 60)),) for path in paths]
        title = _("Lay another drill beside")
        place = await self.app.push_screen_wait(Choose(title, _("drill"), lines, _("compare")))
        if place is None:
            return
        try:
            other = await asyncio.to_thread(Following, paths[place])
            await other.catch_up_fully()
            self._lanes.other = await asyncio.to_thread(review_of, other)
            other.close()
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)
        self._other_name = clean_line(paths[place].stem, limit=60)
        self._draw()
        self.refresh_bindings()

    def action_no_compare(self) -> None:
        self._lanes.other = None
        self._draw()
        self.refresh_bindings()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        review, lanes = self._review, self._lanes
        match action:
            case "leave" | "app.help":
                return True
            case "compare" | "no_compare":
                return review is not None and (lanes.other is None) == (action == "compare")
            case "other_inject":
                return review is not None and len(review.injects) > 1
            case "pan":
                return lanes.zoom > 1
            case _:
                return review is not None

    def action_leave(self) -> None:
        from drillsim.tui.screens.run import STACK_OF_ONE

        if len(self.app.screen_stack) > STACK_OF_ONE:
            self.dismiss()
        else:
            self.following.close()
            self.app.exit(0)
