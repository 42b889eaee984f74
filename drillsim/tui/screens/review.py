"""The review: a drill that is over, as lanes through time, with a cursor that goes to and fro."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Final

from rich.segment import Segment
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.strip import Strip
from typing_extensions import override

from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.wording import finding_of, rating_word
from drillsim.i18n import N_, _
from drillsim.journal.folder import drills_in
from drillsim.problem import CommandError
from drillsim.text import fit
from drillsim.tui.following import Following
from drillsim.tui.screens.dialogs import Find
from drillsim.tui.screens.help import lane_signs
from drillsim.tui.views.chain import Chain
from drillsim.tui.views.clock import SPEEDS
from drillsim.tui.views.lanes import (
    Review,
    Span,
    acts_lane,
    board_at,
    lane,
    state_at,
)
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.stream import Act, is_act
from drillsim.tui.views.tiers import NO_CURVE
from drillsim.tui.views.times import full_length, short_length
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.boards import TierBoardLines
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Line, Lines
from drillsim.tui.widgets.rows import Rows

_NAME, _STATE = 24, 15
_FRAMES: Final = 20
"""Frames a second of a replay."""
_ZOOM_MAX: Final = 64


def review_of(following: Following) -> Review:
    """Return what is to be looked at of a drill whose events are all taken in."""
    view = following.view
    events = [event for event in view.stream.events if not isinstance(event, Act)]
    evaluation = evaluate(view.exercise, events, view.board, with_faults=following.mode != "live")
    acts = [event.at for event in view.stream.events if is_act(event)]
    return Review(view.exercise, evaluation, events, acts, view.names)


class Lanes(Rows):
    """A row per node: its name, how it stood at the cursor's time, and its bar."""

    screen_opens = True

    def __init__(self) -> None:
        super().__init__(id="lanes")
        self.review: Review | None = None
        self.other: Review | None = None
        self.chain: Chain | None = None
        self.inject: InjectId | None = None
        self.at = ZERO
        self.zoom = 1

    @property
    def bar_cells(self) -> int:
        """How many cells a bar has; two drills share them."""
        cells = max(self.scrollable_content_region.width - 1 - _NAME - _STATE, 10)
        return cells // 2 - 1 if self.other is not None else cells

    @property
    def span(self) -> Span:
        """What is in sight: the whole drill, or a part around the cursor."""
        end = self._end
        length = end / self.zoom
        begin = min(max(self.at - length / 2, ZERO), end - length)
        return Span(begin, begin + length, self.bar_cells)

    @property
    def _end(self) -> timedelta:
        ends = [review.end for review in (self.review, self.other) if review is not None]
        return max([*ends, timedelta(seconds=1)])

    @property
    def node(self) -> NodeId | None:
        """The node under the cursor."""
        return self.chain.node_at(self.cursor) if self.chain is not None else None

    @override
    def count(self) -> int:
        return len(self.chain.rows) + 1 if self.chain is not None else 0

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        text = fit(" " + _("body"), _NAME + 1) + fit(_("then"), _STATE)
        ruler = self._ruler(self.review)
        if self.other is not None:
            ruler += "| " + self._ruler(self.other)
        return (Cell(text + ruler),)

    def _ruler(self, review: Review | None) -> str:
        """Return the scale: the time at both ends, the marks of the shares, the cursor."""
        span = self.span
        cells = list(fit(short_length(span.begin), span.cells))
        right = short_length(span.end)
        cells[len(cells) - len(right) :] = right
        for percent, at in review.marks(self.inject) if review is not None else ():
            place, mark = span.cell(at), f"{percent}%"
            there = cells[max(place - 1, 0) : place + len(mark) + 1] if place >= 0 else []
            # Marks that lie too close for both: the earlier one stands.
            if len(there) > len(mark) and not "".join(there).strip():
                cells[place : place + len(mark)] = mark
        place = min(max(span.cell(self.at), 0), len(cells) - 1)
        cells[place] = "V"
        return "".join(cells)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        review, chain = self.review, self.chain
        node = chain.node_at(row) if chain is not None else None
        if review is None or chain is None:
            return ()
        if node is None:
            operator = Cell(fit(_("operator"), _NAME + _STATE), "control")
            return (operator, *acts_lane(review.acts, self.span))
        hop = review.hop(self.inject, node)
        on_path = review.is_on_path(self.inject, node)
        lead = chain.guide(row)
        name = review.names.node(node) + ("*" if on_path else "")
        state = state_at(hop, self.at)
        cells = [
            Cell(lead, "muted"),
            Cell(fit(name, _NAME - 1 - len(lead)) + " ", "strong" if on_path else ""),
            Cell(fit(state.text, _STATE - 1) + " ", state.tone),
            *lane(hop, self.span, review.end),
        ]
        if self.other is not None:
            theirs = self.other.hop(self.inject, node) if self._has_inject else None
            cells += [Cell("| ", "muted"), *lane(theirs, self.span, self.other.end)]
        return cells

    @property
    def _has_inject(self) -> bool:
        return self.other is not None and self.inject in self.other.injects

    @override
    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if y == 0 or self.review is None:
            return strip
        place = 1 + _NAME + _STATE + self.span.cell(self.at)
        if not 0 <= place < strip.cell_length:
            return strip
        left, middle, right = strip.divide([place, place + 1, strip.cell_length])
        sign = middle.text if middle.text.strip() else "|"
        style = self.line_style("cursor")
        return Strip.join([left, Strip([Segment(sign, style)]), right])


class ReviewScreen(Screen[None]):
    """Lanes, the board and the events at the cursor's time, and what it was worth."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scrub(-1)", N_("to and fro"), priority=True),
        Binding("right", "scrub(1)", N_("to and fro"), priority=True),
        Binding("shift+left", "scrub(-10)", N_("far"), show=False, priority=True),
        Binding("shift+right", "scrub(10)", N_("far"), show=False, priority=True),
        Binding("space", "play", N_("replay")),
        Binding("plus", "faster(1)", N_("replay speed")),
        Binding("minus", "faster(-1)", N_("replay speed")),
        Binding("i", "zoom(2)", N_("zoom in/out")),
        Binding("u", "zoom(-2)", N_("zoom in/out")),
        Binding("v", "other_inject", N_("other inject")),
        Binding("s", "score", N_("score")),
        Binding("enter,m", "node", N_("body and mails")),
        Binding("slash", "find", N_("find")),
        Binding("d", "compare", N_("lay another drill beside")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("escape,q", "leave", N_("back")),
    ]

    help_signs = staticmethod(lane_signs)

    def __init__(self, following: Following) -> None:
        super().__init__()
        self.following = following
        self._review: Review | None = None
        self._speed = SPEEDS.index(60)
        self._is_playing = False
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
        lanes = self._lanes
        lanes.review = review
        lanes.chain = Chain(review.exercise)
        lanes.inject = review.injects[0] if review.injects else None
        lanes.at = review.end
        lanes.redraw()
        self._draw()

    # Drawing ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show the moment that the cursor is on."""
        review, lanes = self._review, self._lanes
        if review is None:
            return
        lanes.refresh()
        self._title_lines.show(self._title(review))
        self._tiers.show_board(board_at(review, lanes.inject, lanes.at), NO_CURVE)
        sentences = Sentences(review.exercise, review.names)
        last = review.index_at(lanes.at)
        shown = [
            event
            for event in reversed(review.events[max(last - 60, 0) : last])
            if event.kind not in ("answer-sent", "notified", "submitted")
        ][:5]
        lines: list[Line] = []
        for event in shown:
            line = sentences.line(event)
            lines.append(
                [Cell(f" {line.at} ", "muted"), Cell(f"{line.sign} {line.text}", line.tone)]
            )
        self._then.show(lines)

    def _title(self, review: Review) -> list[Line]:
        lanes = self._lanes
        score = review.evaluation.score.total
        marks = "" if score.score is None else f"{score.score:.1f}"
        rating = f"{score.rating} {rating_word(score.rating)}" if score.rating else ""
        when = Sentences(review.exercise, review.names).time(lanes.at)
        playing = _("replaying x{speed}").format(speed=SPEEDS[self._speed])
        first = [
            Cell(f" {review.names.inject(lanes.inject) if lanes.inject else ''}"),
            Cell(f"  {when}  T+{full_length(lanes.at)}"),
            Cell("  " + (playing if self._is_playing else ""), "busy"),
            Cell("  " + _("score {score}").format(score=f"{marks} {rating}")),
        ]
        return [first, [Cell(" " + self._finding(review), "control")]]

    def _finding(self, review: Review) -> str:
        """Return why it took so long: the sentence on the tier that was slowest."""
        inject = self._lanes.inject
        paths = review.paths.get(inject, ()) if inject is not None else ()
        path = next((path for path in paths if path.to == "acknowledgement"), None)
        tiers = [t for t in review.evaluation.reach.tiers if t.inject == inject]
        hop = review.hop(inject, path.node) if path is not None else None
        tier = next((t for t in tiers if hop is not None and t.kind == hop.kind), None)
        if inject is None or path is None or tier is None:
            return ""
        finding = finding_of(inject, tier.kind, tier.acknowledged.rate, path)
        return "* " + finding.sentence(review.exercise)

    # Going through time -------------------------------------------------------------------------

    def action_scrub(self, cells: int) -> None:
        lanes = self._lanes
        span = lanes.span
        self._go_to(lanes.at + (span.end - span.begin) * cells / max(span.cells, 1))

    def _go_to(self, at: timedelta) -> None:
        if self._review is not None:
            self._lanes.at = min(max(at, ZERO), self._review.end)
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
        lanes = self._lanes
        zoom = lanes.zoom * by if by > 0 else lanes.zoom // -by
        lanes.zoom = min(max(zoom, 1), _ZOOM_MAX)
        self._draw()

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

        node = self._lanes.node
        if node is not None and self._review is not None:
            self.app.push_screen(NodeScreen(self.following.view, self.following, node))

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_node()

    @work(group="dialog")
    async def action_find(self) -> None:
        if self._review is None:
            return
        dialog = Find(self._review.names, _("Find a body"), _("go there"))
        node = await self.app.push_screen_wait(dialog)
        chain = self._lanes.chain
        row = chain.row_of(node) if node is not None and chain is not None else None
        if row is not None:
            self._lanes.move_to(row)

    def action_score(self) -> None:
        from drillsim.tui.screens.score import ScoreScreen

        if self._review is not None:
            self.app.push_screen(ScoreScreen(self._review, self.following))

    @work(group="dialog")
    async def action_compare(self) -> None:
        """Lay another drill of the same folder beside this one; once more takes it away."""
        from drillsim.tui.screens.dialogs import Choose

        lanes = self._lanes
        if lanes.other is not None:
            lanes.other = None
            self._draw()
            return
        folder = self.following.path.parent
        paths = sorted(p for p in drills_in(folder) if p != self.following.path)
        if not paths:
            self.notify(_("there is no other drill in this folder"), markup=False)
            return
        lines = [(Cell(fit(path.name, 60)),) for path in paths]
        title = _("Lay another drill beside")
        place = await self.app.push_screen_wait(Choose(title, _("drill"), lines, _("compare")))
        if place is None:
            return
        try:
            other = await asyncio.to_thread(Following, paths[place])
            await other.catch_up_fully()
            lanes.other = await asyncio.to_thread(review_of, other)
            other.close()
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)
        self._draw()

    def action_leave(self) -> None:
        from drillsim.tui.screens.run import STACK_OF_ONE

        if len(self.app.screen_stack) > STACK_OF_ONE:
            self.dismiss()
        else:
            self.following.close()
            self.app.exit(0)
