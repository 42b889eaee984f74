"""The contact tree for print (連絡網): a self-contained page, one A4 sheet a prefecture.

Each sheet has the note that such lists carry (取扱注意), a picture of the tree, and the officers in
calling order. The type is as large as one sheet allows; where that could not be read, a prefecture
goes on, with its headings, on the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from drillsim.drill.tree import ContactTree, Node, NodeId
from drillsim.i18n import _, language
from drillsim.text import cut, width

_POINTS: Final = (5.0, 7.5)
"""The smallest type that can be read, and the largest that looks right."""
_SHEET: Final = (190.0, 276.0)
"""What can be printed on, in mm."""
_CELL: Final = 0.172
"""Width of a half-width letter in mm for each point of its size."""
_LINE_HEIGHT: Final = 0.353 * 1.25
"""Height of a line in mm for each point."""
_ROW_PADDING: Final = 0.5
_COLUMN_PADDING: Final = 1.8
_AROUND: Final = 26.0
"""Head, headings and note of a sheet, in mm."""
_BOX_CELLS: Final = 14
_BOX: Final = (118, 22)  # Width and height of a box in the picture.
_GAP: Final = (8, 16)
_ACROSS: Final = 6
_LINE: Final = 12


@dataclass(frozen=True, slots=True)
class Box:
    """A body in the picture, with what hangs below it in small type."""

    x: float
    y: float
    name: str
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A tree as boxes and lines, in units of a view box `width` by `height`."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    lines: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: what it is about, its picture and its bodies, parents before children."""

    title: str
    nodes: tuple[Node, ...]
    picture: Picture
    points: float
    """The size of the type."""


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
        box=_BOX,
        line=_LINE,
        words=_words(is_redacted),
        cut=lambda text: cut(text, _BOX_CELLS),
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
        "role": _("post"),
        "name": _("name"),
        "phone": _("telephone"),
        "night": _("nights and holidays"),
        "mail": _("mail"),
        "verified": _("confirmed"),
        "mailbox": _("mailbox"),
        "desk": _("duty desk"),
        "nobody": _("nobody is listed"),
        "tree": _("picture of the tree"),
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
    return Page(title, nodes, picture, _points(nodes, picture))


def _points(nodes: Sequence[Node], picture: Picture) -> float:
    """Return the size of type at which the bodies fit the sheet, if any that can be read does."""
    columns = [4.0, 12.0, *_widths(nodes)]
    wide = (_SHEET[0] - _COLUMN_PADDING * len(columns)) / (sum(columns) * _CELL)
    lines = sum(max(len(n.officers), 1 + bool(n.mailbox) + bool(n.duty_desk)) for n in nodes)
    left = _SHEET[1] - _AROUND - picture.height * _SHEET[0] / picture.width
    high = (left / max(lines, 1) - _ROW_PADDING) / _LINE_HEIGHT
    smallest, largest = _POINTS
    return round(max(min(wide, high, largest), smallest), 1)


def _widths(nodes: Sequence[Node]) -> list[float]:
    """Return how many cells the columns need that no line is broken in, but for rare long ones."""
    officers = [officer for node in nodes for officer in node.officers]
    texts = [
        [text for node in nodes for text in (node.name, node.mailbox)],
        [officer.role for officer in officers],
        [officer.name for officer in officers],
        [officer.phone for officer in officers],
        [" ".join((o.off_hours.phone, *o.off_hours.email)) for o in officers],
        [" ".join(officer.email) for officer in officers],
    ]
    return [min(max((width(text) for text in column), default=4), 60) for column in texts]


def _picture(tree: ContactTree, top: Node, above: Sequence[Node]) -> Picture:
    """Return the tree from the top of the country down to what hangs below `top`."""
    wide, high = _BOX
    across, down = wide + _GAP[0], high + _GAP[1]
    total = _ACROSS * across - _GAP[0]
    middle = total / 2
    boxes: list[Box] = []
    lines: list[tuple[float, float, float, float]] = []
    y = 0.0
    for number, node in enumerate([*above, top]):
        boxes.append(Box(middle - wide / 2, y, node.name))
        if number:
            lines.append((middle, y - _GAP[1], middle, y))
        y += down
    children = [tree.by_id[child] for child in tree.children[top.id]]
    bus = y - _GAP[1]
    for start in range(0, len(children), _ACROSS):
        row = children[start : start + _ACROSS]
        rail, y = bus + _GAP[1] / 2, bus + _GAP[1]
        if not start:
            lines.append((middle, bus, middle, rail))
        depth = 0
        for place, child in enumerate(row):
            x = place * across
            below = tuple(node.name for _depth, node in list(tree.walk(child.id))[1:])
            depth = max(depth, len(below))
            boxes.append(Box(x, y, child.name, below))
            lines.append((x + wide / 2, rail, x + wide / 2, y))
        right = (len(row) - 1) * across + wide / 2
        lines.append((wide / 2, rail, right if start else max(right, middle), rail))
        bottom = y + high + depth * _LINE
        if start + _ACROSS < len(children):  # The trunk to the next row runs at the left edge.
            lines.append((-6, rail, -6, bottom + _GAP[1] / 2))
            lines.append((-6, rail, wide / 2, rail))
            lines.append((-6, bottom + _GAP[1] / 2, wide / 2, bottom + _GAP[1] / 2))
        bus = bottom
    height = bus if children else y - _GAP[1]
    return Picture(total, height, tuple(boxes), tuple(lines))
