"""The score, with every point traced to the events that gave or cost it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from typing_extensions import override

from drillsim.drill.tree import NodeId
from drillsim.evaluation.timeline import Hop
from drillsim.evaluation.wording import criterion_word, excuse_word, rating_word
from drillsim.i18n import N_, _
from drillsim.text import fit
from drillsim.tui.following import Following
from drillsim.tui.views.lanes import Review
from drillsim.tui.views.sentences import Sentences
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Line, Lines
from drillsim.tui.widgets.rows import Items, Rows


@dataclass(frozen=True, slots=True)
class PointRow:
    """A line of the score: a criterion, or one node's point of it with its events by number."""

    cells: tuple[Cell, ...]
    node: NodeId | None = None
    because: tuple[int, ...] = ()


def point_rows(review: Review) -> list[PointRow]:
    """Return every criterion and below it every point, those that cost something first."""
    score = review.evaluation.score
    rows: list[PointRow] = []
    for result in score.criteria:
        share = f"{float(result.share) * 100:5.1f}%"
        counted = _("weight {weight}, {count} points").format(
            weight=result.weight, count=result.counted
        )
        cells = (
            Cell(fit(criterion_word(result.name), 28), "strong"),
            Cell(share + "  ", "strong"),
            Cell(counted, "muted"),
        )
        rows.append(PointRow(cells))
        worth = float(score.worth(result)) if result.counted else 0.0
        for point in sorted(result.points, key=lambda p: p.gained):
            gained = float(point.gained)
            tone = "good" if gained == 1 else "alarm" if gained == 0 else "late"
            numbers = f"{worth * gained:5.2f}/{worth:.2f}  " if point.is_counted else "    -/-    "
            rows.append(
                PointRow(
                    (
                        Cell("  " + fit(_name(review, point.hop), 26)),
                        Cell(numbers, tone),  # type: ignore[arg-type]
                        Cell(fit(review.names.inject(point.hop.inject), 16) + " ", "muted"),
                        Cell(excuse_word(point.excuse), "muted"),
                    ),
                    point.hop.node,
                    point.because,
                )
            )
    return rows


def _name(review: Review, hop: Hop) -> str:
    """Return the name of a body, with @ where a person sat at its seat."""
    return review.names.node(hop.node) + (" @" if hop.by_person else "")


class PointRows(Items[PointRow]):
    """The lines of the score."""

    screen_opens = True

    def __init__(self, rows: list[PointRow]) -> None:
        super().__init__(id="points")
        self.items = rows

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        return (Cell(" " + _("criteria and points; the events that gave or cost them below")),)

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        return self.items[row].cells


class ScoreScreen(Screen[None]):
    """Criteria and points above, the events behind the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,m", "node", N_("body and mails")),
        Binding("escape,q", "leave", N_("back")),
        Binding("question_mark", "app.help", N_("help")),
    ]

    def __init__(self, review: Review, following: Following) -> None:
        super().__init__()
        self._review = review
        self._following = following
        self._sentences = Sentences(review.exercise, review.names)

    @override
    def compose(self) -> ComposeResult:
        title = Lines(id="title")
        title.heading = True
        yield title
        yield PointRows(point_rows(self._review))
        yield Lines(id="because")
        yield KeyBar()

    def on_mount(self) -> None:
        score = self._review.evaluation.score
        cells = [Cell(" ")]
        for word, mark in (
            (_("score"), score.total),
            (_("contact"), score.contact),
            (_("handling"), score.handling),
        ):
            if mark.score is not None and mark.rating is not None:
                rating = f"{mark.rating} {rating_word(mark.rating)}"
                cells.append(Cell(f"{word} {mark.score:.1f} {rating}   "))
        if score.is_stopped:
            cells.append(Cell(_("not rated: stopped by a real incident")))
        self.query_one("#title", Lines).show([cells])
        self.query_one(PointRows).focus()
        self._show_events()

    @property
    def _point(self) -> PointRow | None:
        return self.query_one(PointRows).item

    def on_rows_moved(self) -> None:
        self._show_events()

    def _show_events(self) -> None:
        lines: list[Line] = []
        for number in self._point.because[:6] if self._point is not None else ():
            line = self._sentences.line(self._review.events[number - 1])
            lines.append(
                [Cell(f" {number:>5} {line.at} ", "muted"), Cell(f"{line.sign} {line.text}")]
            )
        self.query_one("#because", Lines).show(lines or [[Cell("")]])

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_node()

    def action_node(self) -> None:
        from drillsim.tui.screens.node import NodeScreen

        point = self._point
        if point is not None and point.node is not None:
            self.app.push_screen(NodeScreen(self._following.view, self._following, point.node))

    def action_leave(self) -> None:
        self.dismiss()
