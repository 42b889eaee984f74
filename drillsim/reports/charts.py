"""The pictures of a report as SVG and PNG.

Curves are drawn by Vega-Lite (vl-convert, which needs no network); the tree and the Gantt picture
are templates of their own, since no chart library has them. All text is escaped, and every picture
says in words what it shows.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never, cast

from drillsim.i18n import _, language
from drillsim.reports.drawing import (
    GanttDrawing,
    TreeDrawing,
    gantt_drawings,
    hatch,
    tree_drawing,
)
from drillsim.reports.palette import FONTS, PAPER, Palette
from drillsim.reports.typesetting import japanese_among, machine_fonts
from drillsim.reports.view import Curve, CurveLine, Gantt, Picture, TreePicture

if TYPE_CHECKING:
    from jinja2 import Template

_MINUTE = timedelta(minutes=1)
_HOURS_FROM = 240
"""Minutes from which on the axis of a curve counts hours."""
_WIDTH = 760
_HEIGHT = 230
_DASHES: tuple[list[int], ...] = ([], [7, 3], [2, 2], [9, 3, 2, 3])
_SHAPES = ("circle", "square", "triangle-up", "diamond")
_POINTS_MAX = 60
"""Single answers are marked in a line of at most so many."""

_PLACEHOLDERS = Palette(*(f"#0a0b{number:02x}" for number in range(len(fields(Palette)))))
"""Colours that nothing else has: what Vega draws in them is given its colour afterwards."""


def picture_svgs(picture: Picture, palette: Palette = PAPER) -> list[str]:
    """Return a picture as SVG: one, or several where it is taller than a page."""
    match picture:
        case Curve():
            return [_curve(picture, palette)]
        case TreePicture():
            return [_drawn("tree.svg.j2", tree_drawing(picture), palette)]
        case Gantt():
            return [_drawn("gantt.svg.j2", each, palette) for each in gantt_drawings(picture)]
        case _:
            assert_never(picture)


def picture_pngs(picture: Picture, scale: float = 2.0) -> list[bytes]:
    """Return a picture as PNG for documents that take no SVG, on white."""
    svgs = picture_svgs(picture)
    # Vega's converter reads a font anew for every letter; Typst takes a sixth of the time.
    return _by_typst(svgs, scale) or _by_vega(svgs, scale)


def _by_typst(svgs: Sequence[str], scale: float) -> list[bytes]:
    """Return pictures as PNG; none where Typst (an extra) or a Japanese font is missing."""
    try:
        import typst
    except ImportError:
        return []
    fonts = machine_fonts()
    if not japanese_among(fonts.families()):
        return []
    pages = (Path(__file__).parent / "templates" / "pictures.typ").read_bytes()
    inputs = {"svgs": json.dumps(svgs)}
    # A unit of the picture is a point of the page, 72 of which make an inch.
    # Its types know one page alone; several come as a list.
    made = cast(
        "bytes | list[bytes]",
        typst.compile(pages, format="png", ppi=72 * scale, sys_inputs=inputs, font_paths=fonts),
    )
    return made if isinstance(made, list) else [made]


def _by_vega(svgs: Sequence[str], scale: float) -> list[bytes]:
    import vl_convert

    white = f'<rect width="100%" height="100%" fill="{PAPER.paper}"/>'
    return [vl_convert.svg_to_png(svg.replace(">", f">{white}", 1), scale=scale) for svg in svgs]


def description(picture: Picture) -> str:
    """Return in words what a picture shows, for those who cannot see it."""
    match picture:
        case Curve():
            ends = [
                _("{name}: {n} of {of}").format(
                    name=line.name, n=round(line.points[-1][1]), of=line.of
                )
                for line in picture.lines
                if not line.is_expected
            ]
            said = _("; ").join(ends)
            return f"{picture.title} – {said}"
        case TreePicture() | Gantt():
            return picture.title
        case _:
            assert_never(picture)


# Curves -------------------------------------------------------------------------------------------


def _curve(curve: Curve, palette: Palette) -> str:
    svg = _vega(curve, language())
    for placeholder, colour in zip(astuple(_PLACEHOLDERS), astuple(palette), strict=True):
        svg = svg.replace(placeholder, colour)
    head, _end, rest = svg.partition(">")
    # The page sets the size; Vega's own would be in the way of narrow screens.
    box = head[head.index("viewBox=") :].split('"')[1]
    label = _escaped(description(curve))
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img"'
    return f'{opening} aria-label="{label}">{rest}'


@lru_cache(maxsize=16)
def _vega(curve: Curve, lang: str) -> str:  # noqa: ARG001 - its words are in the picture
    """Return what Vega draws, in placeholders; several formats show the same curves."""
    import vl_convert

    return vl_convert.vegalite_to_svg(_specification(curve))


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)


def _specification(curve: Curve) -> dict[str, Any]:
    """Return the curve for Vega-Lite."""
    is_long = curve.until / _MINUTE > _HOURS_FROM
    unit = timedelta(hours=1) if is_long else _MINUTE
    names = [line.name for line in curve.lines]
    measured = [line for line in curve.lines if not line.is_expected]
    expected = [line for line in curve.lines if line.is_expected]
    x = {
        "field": "x",
        "type": "quantitative",
        "title": _("hours from the release") if is_long else _("minutes from the release"),
        "scale": {"domain": [0, round(curve.until / unit, 4)], "nice": False},
    }
    y = {
        "field": "y",
        "type": "quantitative",
        "title": _("share of the bodies"),
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 0.9, 1]},
    }
    dashes = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": names,
            "range": [*_DASHES[: len(measured)], *([[1, 3]] * len(expected))],
        },
        "legend": {"orient": "top", "symbolType": "stroke", "symbolSize": 700, "labelLimit": 400},
    }
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": list(_rows(measured, unit))},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "strokeDash": dashes, "order": {"field": "n"}},
        }
    ]
    if expected:
        layers.append(
            {
                "data": {"values": list(_rows(expected, unit))},
                "mark": {"type": "line", "strokeWidth": 2, "color": _PLACEHOLDERS.muted},
                "encoding": {"x": x, "y": y, "strokeDash": dashes, "order": {"field": "n"}},
            }
        )
    for line, shape in zip(measured, _SHAPES * len(measured), strict=False):
        if len(line.points) <= _POINTS_MAX:
            layers.append(
                {
                    "data": {"values": list(_rows([line], unit))[1:-1]},
                    "mark": {"type": "point", "shape": shape, "size": 26, "filled": True},
                    "encoding": {"x": x, "y": y},
                }
            )
    colours = _PLACEHOLDERS
    axis = {"gridColor": colours.grid, "domainColor": colours.muted, "tickColor": colours.muted}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": None,
        "padding": 4,
        "layer": layers,
        "config": {
            "font": FONTS.replace("'", ""),
            "view": {"stroke": None},
            "line": {"color": colours.ink},
            "point": {"color": colours.ink},
            "axis": {
                **axis,
                "labelColor": colours.ink,
                "titleColor": colours.ink,
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
            },
            "legend": {
                "labelColor": colours.ink,
                "labelFontSize": 12,
                "symbolStrokeColor": colours.ink,
                "symbolBaseStrokeColor": colours.ink,
            },
        },
    }


def _rows(lines: Sequence[CurveLine], unit: timedelta) -> Iterator[dict[str, Any]]:
    for line in lines:
        for number, (at, count) in enumerate(line.points):
            yield {
                "n": number,
                "x": round(at / unit, 4),
                "y": round(count / line.of, 5),
                "name": line.name,
            }


# The tree and the Gantt picture -------------------------------------------------------------------


def _drawn(name: str, drawing: TreeDrawing | GanttDrawing, palette: Palette) -> str:
    return _template(name).render(d=drawing, c=palette, fonts=FONTS, hatch=hatch)


@cache
def _template(name: str) -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("drillsim.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
