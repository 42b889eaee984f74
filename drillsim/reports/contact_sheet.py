"""The contact tree for print (連絡網): a self-contained page, one A4 sheet a prefecture.

Each sheet has the note that such lists carry (取扱注意), a picture of the tree, and the officers in
calling order. The type is as large as one sheet allows. Where that could not be read, the sheet of
a prefecture has its telephone numbers alone, and everything follows on the next ones.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from drillsim.drill.tree import ContactTree, Node, NodeId
from drillsim.i18n import _, language
from drillsim.reports.phone_list import CELL, SHEET, PhoneSheet, phone_sheets
from drillsim.text import cut, width

_POINTS: Final = (5.0, 7.5)
"""The smallest type that can be read, and the largest that looks right."""
_LINE_HEIGHT: Final = 0.353 * 1.25
"""Height of a line in mm for each point."""
_ROW_PADDING: Final = 0.5
_COLUMN_PADDING: Final = 1.8
_AROUND: Final = 26.0
"""Head, headings and note of a sheet, in mm."""
_WIDTH: Final = 748.0
"""Width of the picture in its own units."""
_GAP: Final = 8.0
_LINE: Final = 11.0
_SIDE: Final = 6.0
"""How far left of the boxes the trunk runs down to the next row."""


@dataclass(frozen=True, slots=True)
class Density:
    """How boxes are drawn: so many across, so high, so far apart, with letters of this size."""

    across: int
    high: float
    apart: float
    letters: float

    @property
    def wide(self) -> float:
        """Width of a box."""
        return (_WIDTH + _GAP) / self.across - _GAP


_DENSITIES: Final = (
    (24, Density(6, 22, 16, 10.5)),
    (60, Density(8, 19, 12, 9.5)),
    (10_000, Density(12, 15, 8, 8.5)),
)
"""By the number of boxes in rows, up to which a density is used."""


@dataclass(frozen=True, slots=True)
class Box:
    """A body in the picture, with what hangs below it in small type."""

    x: float
    y: float
    wide: float
    name: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A tree as boxes and lines, in units of a view box `width` by `height`."""

    density: Density
    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is set."""

    points: float
    """The size of the type."""
    shares: tuple[float, ...]
    """The width of each column, in per cent."""
    is_stacked: bool
    """Whether numbers and addresses for nights stand below one another."""
    fits: bool
    """Whether all of it has room on one sheet."""


@dataclass(frozen=True, slots=True)
class Page:
    """One prefecture: what it is about, its picture and its bodies, parents before children."""

    title: str
    nodes: tuple[Node, ...]
    picture: Picture
    layout: Layout
    phones: tuple[PhoneSheet, ...] = ()
    """The telephone list, where one sheet does not hold everything."""


def contact_sheet(tree: ContactTree, *, today: date, is_redacted: bool = False) -> bytes:
    """Return the page; every text in it is escaped, and nothing is loaded from elsewhere."""
    from jinja2 import Environment, StrictUndefined

    source = (Path(__file__).parent / "contact_sheet.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    page = environment.from_string(source).render(
        tree=tree,
        pages=pages(tree),
        today=today,
        language=language(),
        line=_LINE,
        words=_words(is_redacted),
    )
    return page.encode()


def _words(is_redacted: bool) -> dict[str, str]:
    return {
        "confidential": _("Confidential: handle with care"),
        "note": _("Masked: names, addresses and numbers are left out.")
        if is_redacted
        else _(
            "This list holds personal data. It is for emergency contact alone: do not copy it, "
            "keep it locked away, and shred it when a new one comes."
        ),
        "as_of": _("as of {date}"),
        "body": _("body"),
        "order": _("no."),
        "role": _("post of an officer"),
        "name": _("name"),
        "phone": _("telephone"),
        "night": _("nights and holidays"),
        "night_phone": _("nights: telephone"),
        "mail": _("mail"),
        "verified": _("confirmed"),
        "mailbox": _("mailbox"),
        "desk": _("duty desk"),
        "nobody": _("nobody is listed"),
        "tree": _("picture of the tree"),
        "phones": _("telephone list"),
        "everything": _("everything"),
        "more": _("Posts, mail addresses and days of confirmation: see the sheets that follow."),
    }


def pages(tree: ContactTree) -> list[Page]:
    """Return a sheet a prefecture, with the bodies above it; one for all where there is none."""
    tops = [node for node in tree.nodes if node.kind == "prefecture"]
    if not tops:
        nodes = tuple(node for _depth, node in tree.walk())
        return [_page(tree, tree.root, nodes, tree.title)]
    sheets = []
    placed: set[NodeId] = set()
    for top in tops:
        nodes = tuple(node for _depth, node in tree.walk(top.id))
        placed.update(node.id for node in nodes)
        sheets.append(_page(tree, top, (*_above(tree, top), *nodes), top.name))
    placed.update(node.id for top in tops for node in _above(tree, top))
    rest = tuple(node for _depth, node in tree.walk() if node.id not in placed)
    if rest:
        sheets.append(_page(tree, tree.root, rest, _("other bodies")))
    return sheets


def _above(tree: ContactTree, node: Node) -> list[Node]:
    chain: list[Node] = []
    while node.parent is not None:
        node = tree.by_id[node.parent]
        chain.insert(0, node)
    return chain


def _page(tree: ContactTree, top: Node, nodes: tuple[Node, ...], title: str) -> Page:
    picture = _picture(tree, top, _above(tree, top))
    layouts = [_layout(nodes, picture, is_stacked=each) for each in (False, True)]
    layout = max(layouts, key=lambda layout: (layout.fits, layout.points))
    phones = () if layout.fits else phone_sheets(nodes, _height(picture))
    return Page(title, nodes, picture, layout, phones)


def _height(picture: Picture) -> float:
    """Return how high a picture is on paper, in mm."""
    return picture.height * SHEET[0] / picture.width


def _layout(nodes: Sequence[Node], picture: Picture, *, is_stacked: bool) -> Layout:
    """Return how bodies are set to fit the sheet, if any type that can be read does."""
    columns = _widths(nodes, is_stacked=is_stacked)
    padding = _COLUMN_PADDING * len(columns)
    wide = (SHEET[0] - padding) / (sum(columns) * CELL)
    lines = sum(_lines(node, is_stacked=is_stacked) for node in nodes)
    rows = sum(max(len(node.officers), 1) for node in nodes)
    left = SHEET[1] - _AROUND - _height(picture)
    high = (left - rows * _ROW_PADDING) / max(lines, 1) / _LINE_HEIGHT
    smallest, largest = _POINTS
    room = min(wide, high)
    points = math.floor(max(min(room, largest), smallest) * 10) / 10
    every = [each * CELL * points + _COLUMN_PADDING for each in columns]
    shares = tuple(round(100 * each / sum(every), 2) for each in every)
    return Layout(points, shares, is_stacked, fits=room >= smallest)


def _lines(node: Node, *, is_stacked: bool) -> int:
    """Return how many lines a body takes; stacked, night numbers and addresses stand on two."""
    rows = 0
    for officer in node.officers:
        night = officer.off_hours
        rows += 2 if is_stacked and night.phone and night.email else 1
    return max(rows, 1 + bool(node.mailbox) + bool(node.duty_desk))


def _widths(nodes: Sequence[Node], *, is_stacked: bool) -> list[float]:
    """Return how many cells each column needs so that no line is broken, but for rare long ones."""
    officers = [officer for node in nodes for officer in node.officers]
    nights = [(officer.off_hours.phone, " ".join(officer.off_hours.email)) for officer in officers]
    desks = [node.duty_desk for node in nodes if node.duty_desk is not None]
    small = [0.85 * width(f"{desk.name or '宿日直'} {desk.phone}") for desk in desks]
    small += [0.85 * width(node.mailbox) for node in nodes]
    texts = [
        [officer.role for officer in officers],
        [officer.name for officer in officers],
        [officer.phone for officer in officers],
        [text for night in nights for text in night] if is_stacked else list(map(" ".join, nights)),
        [" ".join(officer.email) for officer in officers],
    ]
    widths = [max((width(text) for text in column), default=4) for column in texts]
    body = max([*(1.05 * width(node.name) for node in nodes), *small])
    return [min(each, 60) for each in (body, 3, *widths, 11)]


def _picture(tree: ContactTree, top: Node, above: Sequence[Node]) -> Picture:
    """Return the tree from the top of the country down to what hangs below `top`."""
    children = [tree.by_id[child] for child in tree.children[top.id]]
    density = next(found for limit, found in _DENSITIES if len(children) <= limit)
    wide, high, apart = density.wide, density.high, density.apart
    middle = _WIDTH / 2
    boxes: list[Box] = []
    lines: list[tuple[float, float, float, float]] = []
    y = 0.0
    for number, node in enumerate([*above, top]):
        boxes.append(Box(middle - wide, y, 2 * wide, _fitting(node.name, 2 * wide, density)))
        if number:
            lines.append((middle, y - apart, middle, y))
        y += high + apart
    bus = y - apart
    for start in range(0, len(children), density.across):
        row = children[start : start + density.across]
        rail, y = bus + apart / 2, bus + apart
        if not start:
            lines.append((middle, bus, middle, rail))
        depth = 0
        for place, child in enumerate(row):
            x = place * (wide + _GAP)
            below = [_fitting(n.name, wide, density) for _d, n in list(tree.walk(child.id))[1:]]
            depth = max(depth, len(below))
            boxes.append(Box(x, y, wide, _fitting(child.name, wide, density), tuple(below)))
            lines.append((x + wide / 2, rail, x + wide / 2, y))
        right = (len(row) - 1) * (wide + _GAP) + wide / 2
        left = -_SIDE if start or start + density.across < len(children) else wide / 2
        lines.append((min(left, middle), rail, right if start else max(right, middle), rail))
        bus = y + high + depth * _LINE
        if start + density.across < len(children):
            lines.append((-_SIDE, rail, -_SIDE, bus + apart / 2))
    return Picture(density, _WIDTH, bus, tuple(boxes), tuple(lines))


def _fitting(name: str, wide: float, density: Density) -> str:
    """Return a name that fits a box: without its section where that has no room, or cut."""
    cells = int((wide - 4) / (density.letters / 2))
    if width(name) > cells and width(name.split(maxsplit=1)[0]) <= cells:
        return name.split(maxsplit=1)[0]
    return cut(name, cells)
