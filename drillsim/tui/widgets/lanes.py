"""The lanes of a review: a row per node with its bar through time, and the cursor on a moment."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from typing_extensions import override

from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.text import fit
from drillsim.tui.views.chain import Chain
from drillsim.tui.views.lanes import Review, Span, acts_lane, lane, state_at
from drillsim.tui.views.times import short_length
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.rows import Rows

_NAME, _STATE = 24, 15
_HEAD: Final = 1 + _NAME + _STATE
"""Cells before the bars: the cursor's mark, name and state."""
ZOOM_MAX: Final = 64
_STRIPS_MAX: Final = 2_000
_ON_PATH: Final = Style(bold=True, underline=True)


class Lanes(Rows):
    """The operator's lane, then a row per node: its name, how it stood, and its bar.

    What lies on one of the slowest chains is underlined, and its node has a "*".
    """

    screen_opens = True

    class TimeChosen(Message):
        """A moment was pointed at."""

        def __init__(self, lanes: "Lanes", at: timedelta) -> None:
            super().__init__()
            self.lanes = lanes
            self.at = at

        @property
        @override
        def control(self) -> "Lanes":
            return self.lanes

    class ZoomAsked(Message):
        """The wheel was turned with Ctrl: in (1) or out (-1)."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self) -> None:
        super().__init__(id="lanes")
        self.review: Review | None = None
        self.other: Review | None = None
        self.chain: Chain | None = None
        self.inject: InjectId | None = None
        self.at = ZERO
        self.zoom = 1
        self.begin = ZERO
        """Where the part in sight begins."""
        self._bars: dict[NodeId, list[Cell]] = {}
        self._strips: dict[tuple[object, ...], Strip] = {}
        """Rows as they were painted, without the cursor's moment, which alone changes often."""
        self._bars_of: tuple[object, ...] = ()

    def open(self, review: Review) -> None:
        """Show a drill, from its first message on, as it stood at its end."""
        self.review = review
        self.chain = Chain(review.exercise)
        self.inject = review.injects[0] if review.injects else None
        self.at = review.end
        self.redraw()

    # Where and when -----------------------------------------------------------------------------

    @property
    def bar_cells(self) -> int:
        """How many cells a bar has; two drills share them."""
        cells = max(self.scrollable_content_region.width - _HEAD, 10)
        return cells // 2 - 1 if self.other is not None else cells

    @property
    def span(self) -> Span:
        """What is in sight: the whole drill, or a part of it."""
        length = self._end / self.zoom
        begin = min(max(self.begin, ZERO), self._end - length)
        return Span(begin, begin + length, self.bar_cells)

    @property
    def _end(self) -> timedelta:
        ends = [review.end for review in (self.review, self.other) if review is not None]
        return max([*ends, timedelta(seconds=1)])

    def go_to(self, at: timedelta) -> None:
        """Put the cursor on a moment, and the moment into sight."""
        if self.review is None:
            return
        self.at = min(max(at, ZERO), self.review.end)
        span = self.span
        length = span.end - span.begin
        if not span.begin <= self.at <= span.end:
            self.begin = self.at - length / 2
        self.refresh()

    def zoom_by(self, factor: float) -> None:
        """Show more or less of the drill; the cursor's moment stays where it is."""
        before = self.span
        share = (self.at - before.begin) / (before.end - before.begin)
        self.zoom = min(max(int(self.zoom * factor), 1), ZOOM_MAX)
        self.begin = self.at - self._end / self.zoom * min(max(share, 0.0), 1.0)
        self.refresh()

    def pan(self, share: float) -> None:
        """Move what is in sight by a share of itself; the cursor stays on its moment."""
        span = self.span
        self.begin = span.begin + (span.end - span.begin) * share
        self.begin = self.span.begin
        self.refresh()

    @property
    def node(self) -> NodeId | None:
        """The node under the cursor; None on the operator's lane."""
        return self.node_at(self.cursor)

    def node_at(self, row: int) -> NodeId | None:
        """Return the node of a row; the first is the operator's."""
        return self.chain.node_at(row - 1) if self.chain is not None else None

    def move_to_node(self, node: NodeId) -> None:
        """Put the cursor on a node."""
        row = self.chain.reveal(node) if self.chain is not None else None
        if row is not None:
            self.redraw()
            self.move_to(row + 1)

    @override
    def count(self) -> int:
        return len(self.chain.rows) + 1 if self.chain is not None else 0

    # Drawing ------------------------------------------------------------------------------------

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
        place = span.cell(self.at)
        if 0 <= place <= len(cells):
            cells[min(place, len(cells) - 1)] = "V"
        return "".join(cells)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        review, chain, node = self.review, self.chain, self.node_at(row)
        if review is None or chain is None:
            return ()
        if node is None:
            operator = Cell(fit(_("operator"), _NAME + _STATE), "control")
            cells = [operator, *acts_lane(review.acts, self.span)]
            if self.other is not None:
                cells += [Cell("| ", "muted"), *acts_lane(self.other.acts, self.span)]
            return cells
        on_path = bool(review.on_path(self.inject, node))
        lead = chain.guide(row - 1)
        hop = review.evaluation.timeline.hops.get((self.inject, node)) if self.inject else None
        marks = ("@" if hop is not None and hop.by_person else "") + ("*" if on_path else "")
        name = review.names.node(node) + marks
        state = state_at(review, self.inject, node, self.at)
        return (
            Cell(lead, "muted"),
            Cell(fit(name, _NAME - 1 - len(lead)) + " ", "strong" if on_path else ""),
            Cell(fit(state.text, _STATE - 1) + " ", state.tone),
            *self._bar(node),
        )

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        # Bars change with what is in sight, not with the cursor.
        shown = (self.inject, self.span, self.review, self.other)
        if shown != self._bars_of:
            self._bars, self._strips, self._bars_of = {}, {}, shown
        if len(self._strips) > _STRIPS_MAX:
            self._strips = {}
        return super().render_lines(crop)

    def _bar(self, node: NodeId) -> list[Cell]:
        """Return the bars of a node."""
        bar = self._bars.get(node)
        if bar is None:
            bar = self._bars[node] = self._drawn(node, self.span)
        return bar

    def _drawn(self, node: NodeId, span: Span) -> list[Cell]:
        bar: list[Cell] = []
        for review in (self.review, self.other):
            if review is None:
                continue
            inject = self.inject if self.inject in review.injects else None
            rulers = [at for _percent, at in review.marks(inject)]
            bar += [Cell("| ", "muted")] if bar else []
            bar += lane(review.hop(inject, node), span, review.end, rulers)
        return bar

    @override
    def render_line(self, y: int) -> Strip:
        if y == 0 or self.review is None:
            return super().render_line(y)
        strip = self._without_moment(y, self.review)
        span = self.span
        place = min(span.cell(self.at), span.cells - 1) if self.at <= span.end else -1
        if place < 0:
            return strip
        left, middle, right = strip.divide([_HEAD + place, _HEAD + place + 1, strip.cell_length])
        sign = middle.text if middle.text.strip(" :") else "|"
        return Strip.join([left, Strip([Segment(sign, self.line_style("cursor"))]), right])

    def _without_moment(self, y: int, review: Review) -> Strip:
        """Return a line of the lanes without the mark of the moment that the cursor is on."""
        row = y - 1 + self.scroll_offset.y
        node = self.node_at(row)
        if node is None or self.chain is None:
            return super().render_line(y)
        state = state_at(review, self.inject, node, self.at)
        style = self._cursor_style() if row == self.cursor else self.line_style()
        lead = self.chain.guide(row - 1)
        key = (node, lead, state, row == self.cursor, style)
        strip = self._strips.get(key)
        if strip is None:
            strip, span = super().render_line(y), self.span
            for begin, end in review.on_path(self.inject, node):
                first, last = max(span.cell(begin), 0), min(span.cell(end) + 1, span.cells)
                strip = _styled(strip, _HEAD + first, _HEAD + last, _ON_PATH)
            self._strips[key] = strip
        return strip

    # The mouse ----------------------------------------------------------------------------------

    def _point_at(self, x: int) -> bool:
        """Go to the moment at a cell of the lanes; return whether there is one."""
        span = self.span
        if self.review is None or not _HEAD <= x < _HEAD + span.cells:
            return False
        self.post_message(self.TimeChosen(self, span.time(x - _HEAD)))
        return True

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._point_at(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if event.button == 1:
            self._point_at(event.x)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        if event.ctrl:
            event.stop()
            event.prevent_default()
            self.post_message(self.ZoomAsked(by))


def _styled(strip: Strip, begin: int, end: int, style: Style) -> Strip:
    """Return the strip with a style added from one cell to another."""
    if begin >= end or begin >= strip.cell_length:
        return strip
    left, middle, right = strip.divide([begin, min(end, strip.cell_length), strip.cell_length])
    return Strip.join([left, middle.apply_style(style), right])
