"""Where everything stands in the tree and the Gantt picture: boxes, lines, bars, as numbers.

Units are those of the pictures' view boxes; the templates only write down what stands here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from drillsim.i18n import _
from drillsim.reports.view import Bar, BarKind, Gantt, Lane, Result, TreeNode, TreePicture
from drillsim.reports.wording import RESULT_SIGNS, clock, result_word
from drillsim.text import cut, width

WIDTH = 800.0

_FILLS: dict[Result, str] = {
    "in-time": "good",
    "other-channel": "other",
    "late": "late",
    "missed": "bad",
    "not-charged": "idle",
    "open": "idle",
    "apart": "idle",
}
"""By which colour of the palette a result is filled."""

_PATTERNS: dict[Result, str] = {"late": "slant", "missed": "cross", "other-channel": "dots"}
"""By which pattern it is told without colour."""


_SPACING = 6.0
"""Between the lines or dots of a pattern."""


def hatch(pattern: str, x: float, y: float, width: float, height: float) -> str:
    """Return the path of a pattern within a rectangle: slant, cross, bars or dots.

    Lines, and no `<pattern>`: a browser that prints a national drill paints each of these anew.
    """
    if pattern == "dots":
        rows = (y + height * part for part in (0.3, 0.7))
        return "".join(
            f"M{x + place:.1f} {row:.1f}h0" + _more_dots(width - place)
            for row, place in zip(rows, (2.0, 5.0), strict=True)
            if place < width
        )
    if pattern == "bars":
        return "".join(f"M{x + at:.1f} {y:.1f}v{height:.1f}" for at in _places(width, 4.0))
    rising = "".join(_slants(x, y, width, height))
    if pattern == "slant":
        return rising
    falling = (
        f"M{x + width - (a - x):.1f} {b:.1f}L{x + width - (c - x):.1f} {d:.1f}"
        for a, b, c, d in _slant_lines(x, y, width, height)
    )
    return rising + "".join(falling)


def _places(width: float, step: float) -> Iterator[float]:
    return (step * number for number in range(1, int(width / step) + 1))


def _more_dots(width: float) -> str:
    return f"m{_SPACING:.0f} 0h0" * int(width / _SPACING)


def _slants(x: float, y: float, width: float, height: float) -> Iterator[str]:
    return (f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for a, b, c, d in _slant_lines(x, y, width, height))


def _slant_lines(
    x: float, y: float, width: float, height: float
) -> Iterator[tuple[float, float, float, float]]:
    """Yield the ends of lines at 45 degrees, rising to the right, cut off at the rectangle."""
    for at in _places(width + height, _SPACING):
        # Where u + v = at: u from the left edge, v from the top.
        left, right = max(at - height, 0.0), min(at, width)
        yield x + left, y + at - left, x + right, y + at - right


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend."""

    x: float
    fill: str
    pattern: str
    sign: str
    text: str


def _keys(results: Sequence[Result], x: float, step: float) -> tuple[Key, ...]:
    return tuple(
        Key(
            x + step * number,
            _FILLS[result],
            _PATTERNS.get(result, ""),
            RESULT_SIGNS[result],
            result_word(result),
        )
        for number, result in enumerate(results)
    )


# The tree -----------------------------------------------------------------------------------------

_ROW = 20.0
_BOX = 16.0
_GAP = 34.0
_COLUMNS_FROM = 24
"""Leaves below one body from which on they stand in several columns."""
_COLUMN_ROWS = 52
_NARROW = 165.0
"""How wide the boxes of the other tiers are then."""
_NAME = 92.0
"""What a name needs at least."""
_TIMED = 130.0
"""From which width on a box has room for a time beside the name."""
_TOP = 30.0
_TIME = 54.0
"""Room for a time at the right end of a box of many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of a box of many."""

    x: float
    width: float
    fill: str
    pattern: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A body, or many, as a box."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    pattern: str
    text: str
    time: str
    full: str
    """What it shows, in words."""
    is_critical: bool
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line from a body to one below it."""

    path: str
    is_critical: bool


@dataclass(slots=True, kw_only=True)
class TreeDrawing:
    """The tree picture, laid out."""

    title: str
    width: float = WIDTH
    height: float = 0.0
    boxes: list[Box] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    keys: tuple[Key, ...] = ()
    critical: str = ""


def tree_drawing(picture: TreePicture) -> TreeDrawing:
    """Lay a tree out from left to right, a column for each tier."""
    drawing = TreeDrawing(title=picture.title, critical=_("critical path"))
    depth = _depth(picture.root)
    room = WIDTH - _GAP * (depth - 1)
    column = room / depth
    if depth > 1 and _leaves_most(picture.root) >= _COLUMNS_FROM:
        column = min(column, _NARROW)  # The rest is for those who stand in several columns.
    layout = _Layout(drawing, column, room - column * (depth - 1), depth - 1)
    layout.place(picture.root, 0)
    drawing.height = layout.y + 4
    seen = dict.fromkeys(_results(picture.root))
    shown = tuple(result for result in _FILLS if result in seen and result != "apart")
    drawing.keys = _keys(shown, 0, 175)
    return drawing


def _leaves_most(node: TreeNode) -> int:
    """Return how many leaves stand below one body at the most."""
    leaves = sum(not child.below for child in node.below)
    return max([leaves, *(_leaves_most(child) for child in node.below)])


def _depth(node: TreeNode) -> int:
    return 1 + max((_depth(child) for child in node.below), default=0)


def _results(node: TreeNode) -> Iterator[Result]:
    yield node.result
    yield from (result for result, _count in node.counts)
    for child in node.below:
        yield from _results(child)


class _Layout:
    """Places boxes row by row."""

    def __init__(self, drawing: TreeDrawing, column: float, last: float, depth: int) -> None:
        self._drawing = drawing
        self._column = column
        self._last = last
        self._depth = depth
        self.y = _TOP

    def _width(self, depth: int) -> float:
        """Return how wide the boxes of a tier are; the last one has the room that is left."""
        return self._last if depth == self._depth else self._column

    def place(self, node: TreeNode, depth: int) -> float:
        """Place a body and all below it; return the height of its middle."""
        x = depth * (self._column + _GAP)
        leaves = [child for child in node.below if not child.below]
        if len(leaves) == len(node.below) and len(leaves) >= _COLUMNS_FROM:
            middles = self._columns(leaves, depth + 1)
        else:
            middles = [(child, self.place(child, depth + 1)) for child in node.below]
        if middles:
            own = (middles[0][1] + middles[-1][1]) / 2
        else:
            own = self.y + _BOX / 2
            self.y += _ROW
        self._drawing.boxes.append(_box(node, x, own - _BOX / 2, self._width(depth)))
        begin = x + self._width(depth)
        for child, middle in middles:
            half = begin + _GAP / 2
            path = f"M{begin:.1f} {own:.1f}H{half:.1f}V{middle:.1f}H{begin + _GAP:.1f}"
            is_critical = node.is_critical and child.is_critical
            self._drawing.links.append(Link(path=path, is_critical=is_critical))
        return own

    def _columns(self, leaves: list[TreeNode], depth: int) -> list[tuple[TreeNode, float]]:
        """Place leaves in several columns; only the first column is joined to the body above."""
        room = self._width(depth)
        # No more columns than leave room for a name.
        most = max(int((room + 6) // _NAME), 1)
        count = min(max(2, -(-len(leaves) // _COLUMN_ROWS)), most)
        rows = -(-len(leaves) // count)
        x, top = depth * (self._column + _GAP), self.y
        width = (room - 6 * (count - 1)) / count
        middles = []
        for number, leaf in enumerate(leaves):
            place, row = divmod(number, rows)
            y = top + row * _ROW
            self._drawing.boxes.append(_box(leaf, x + place * (width + 6), y, width))
            if place == 0:
                middles.append((leaf, y + _BOX / 2))
        self.y = top + rows * _ROW
        return middles


def _box(node: TreeNode, x: float, y: float, width: float) -> Box:
    time = "" if node.after is None or width < _TIMED else clock(node.after)
    sign = RESULT_SIGNS[node.result] if not node.counts else ""
    room = width - 8 - (6.2 * len(time) + 6 if time else 0)
    counts = _("; ").join(f"{result_word(result)} {n}" for result, n in node.counts)
    words = counts or ("" if node.result == "apart" else result_word(node.result))
    after = "" if node.after is None else clock(node.after)
    return Box(
        x=x,
        y=y,
        width=width,
        height=_BOX,
        fill=_FILLS[node.result],
        pattern=_PATTERNS.get(node.result, ""),
        text=cut(f"{sign} {node.name}".strip(), int(room / 5.6)),
        time=time,
        full=" ".join(part for part in (node.name, words, after) if part),
        is_critical=node.is_critical,
        shares=tuple(_shares(node, width)),
    )


def _shares(node: TreeNode, width: float) -> Iterator[Share]:
    total, x = sum(count for _result, count in node.counts), 0.0
    width -= _TIME  # What stands there would hide the last shares.
    for result, count in node.counts:
        part = width * count / total
        yield Share(
            x=x,
            width=part,
            fill=_FILLS[result],
            pattern=_PATTERNS.get(result, ""),
            text=f"{RESULT_SIGNS[result]}{count}" if part > 24 else "",
        )
        x += part


# The Gantt picture --------------------------------------------------------------------------------

_LABEL = 214.0
_LANE = 18.0
_BAR = 12.0
_LANES_A_PICTURE = 58
_AXIS = 34.0
_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 7200, 14400)
"""Minutes between the lines of the axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnBar:
    """A bar; `kind` names its pattern."""

    x: float
    width: float
    kind: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLane:
    """A lane: its label, its bars, and the stretches that the whole had to wait for."""

    y: float
    indent: float
    label: str
    full: str
    sign_fill: str
    is_critical: bool
    bars: tuple[DrawnBar, ...]
    critical: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GanttDrawing:
    """One piece of a Gantt picture, not taller than a page."""

    title: str
    width: float
    height: float
    ticks: tuple[tuple[float, str], ...]
    lanes: tuple[DrawnLane, ...]
    keys: tuple[tuple[float, str, str], ...]
    """(x, kind, words)."""
    top: float = _AXIS
    label: float = _LABEL
    bar: float = _BAR


def gantt_drawings(picture: Gantt) -> list[GanttDrawing]:
    """Lay a Gantt picture out, in pieces of which each has its axis."""
    minutes = max(picture.until / timedelta(minutes=1), 1.0)
    scale = (WIDTH - _LABEL - 8) / minutes
    step = next((n for n in _STEPS if minutes / n <= 9), _STEPS[-1])
    ticks = tuple((_LABEL + at * scale, _tick(at, step)) for at in range(0, int(minutes) + 1, step))
    kinds: tuple[BarKind, ...] = ("transit", "waiting", "handling", "reporting", "spread")
    used = {bar.kind for lane in picture.lanes for bar in lane.bars}
    words: list[tuple[str, str]] = [(kind, _bar_word(kind)) for kind in kinds if kind in used]
    words.append(("critical", _("critical path")))
    keys = []
    x = 8.0
    for kind, word in words:
        keys.append((x, kind, word))
        x += 46 + 6.0 * width(word)
    pieces = []
    count = max(-(-len(picture.lanes) // _LANES_A_PICTURE), 1)
    size = -(-len(picture.lanes) // count) or 1
    for begin in range(0, max(len(picture.lanes), 1), size):
        lanes = picture.lanes[begin : begin + size]
        pieces.append(
            GanttDrawing(
                title=picture.title,
                width=WIDTH,
                height=_AXIS + 18 + _LANE * len(lanes) + 4,
                ticks=ticks,
                lanes=tuple(
                    _lane(lane, picture, number, scale) for number, lane in enumerate(lanes)
                ),
                keys=tuple(keys),
            )
        )
    return pieces


def _tick(at: int, step: int) -> str:
    if step >= 1440:
        return _("{n} d").format(n=at // 1440)
    return f"{at // 60}:{at % 60:02}"


def _lane(lane: Lane, picture: Gantt, number: int, scale: float) -> DrawnLane:
    def x(at: timedelta) -> float:
        return _LABEL + at / timedelta(minutes=1) * scale

    indent = 12.0 * min(lane.depth, 4)
    sign = RESULT_SIGNS[lane.result]
    star = "★" if lane.is_critical else ""
    return DrawnLane(
        y=_AXIS + 18 + _LANE * number,
        indent=indent,
        label=cut(f"{sign}{star} {lane.name}", int((_LABEL - indent - 8) / 5.9)),
        full=f"{lane.name} {result_word(lane.result)}",
        sign_fill=_FILLS[lane.result],
        is_critical=lane.is_critical,
        bars=tuple(_bar(bar, x) for bar in lane.bars),
        critical=tuple(
            (x(begin), max(x(end) - x(begin), 1.0))
            for node, begin, end in picture.critical
            if lane.node is not None and node == lane.node
        ),
    )


def _bar(bar: Bar, x: Callable[[timedelta], float]) -> DrawnBar:
    return DrawnBar(
        x=x(bar.begin),
        width=max(x(bar.end) - x(bar.begin), 0.8),
        kind=bar.kind,
        is_open=bar.is_open,
    )


def _bar_word(kind: BarKind) -> str:
    return {
        "transit": _("on the way"),
        "waiting": _("waiting for an answer"),
        "handling": _("until passed on"),
        "reporting": _("until reported"),
        "spread": _("first to last answer"),
    }[kind]
