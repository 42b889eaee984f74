"""A forecast as a page or a picture to show, drawn by Vega-Lite without any network."""

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from typing import Any, Final

from drillsim.evaluation.wording import inject_name, kind_word
from drillsim.forecast.outlook import Outlook
from drillsim.forecast.tally import TierKey
from drillsim.i18n import _

_WIDTH: Final = 720
_HEIGHT: Final = 300
_POINTS: Final = 160
_MINUTE: Final = timedelta(minutes=1)
FONT: Final = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, Meiryo, sans-serif"


def curve_spec(outlook: Outlook, key: TierKey) -> dict[str, Any]:
    """Return the answer curve of a tier with its band, as Vega-Lite."""
    until = outlook.span(key)
    rows = [
        {
            "minutes": round(at / _MINUTE, 3),
            "sure": round(100 * sure, 2),
            "middle": round(100 * middle, 2),
            "rare": round(100 * rare, 2),
        }
        for at, (sure, middle, rare) in outlook.curve(key, until, _POINTS)
    ]
    x = {"field": "minutes", "type": "quantitative", "title": _("minutes since the release")}
    y = {"type": "quantitative", "scale": {"domain": [0, 100]}, "title": _("answered, %")}
    step = "step-after"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": "white",
        "config": {"font": FONT, "axis": {"labelFontSize": 12, "titleFontSize": 12}},
        "data": {"values": rows},
        "layer": [
            {
                "mark": {"type": "area", "interpolate": step, "color": "#9ec5e8", "opacity": 0.6},
                "encoding": {"x": x, "y": {**y, "field": "sure"}, "y2": {"field": "rare"}},
            },
            {
                "mark": {
                    "type": "line",
                    "interpolate": step,
                    "color": "#0b4f8a",
                    "strokeWidth": 2.5,
                },
                "encoding": {"x": x, "y": {**y, "field": "middle"}},
            },
        ],
    }


def posts_spec(outlook: Outlook, rows_max: int = 12) -> dict[str, Any]:
    """Return where the message lay longest, as Vega-Lite."""
    from drillsim.evaluation.wording import node_name

    exercise = outlook.exercise
    rows = [
        {
            "post": f"{node_name(exercise, post.node)} – {inject_name(exercise, post.inject)}",
            "slowest": round(100 * post.slowest, 2),
        }
        for post in outlook.posts()[:rows_max]
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": _WIDTH - 260,
        "background": "white",
        "config": {"font": FONT, "axis": {"labelFontSize": 12, "labelLimit": 300}},
        "data": {"values": rows},
        "mark": {"type": "bar", "color": "#0b4f8a"},
        "encoding": {
            "y": {"field": "post", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "slowest",
                "type": "quantitative",
                "title": _("share of rehearsals in which the message lay longest there, %"),
            },
        },
    }


def svg(spec: dict[str, Any]) -> str:
    """Draw a picture as SVG."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(spec)
    return drawn


def png(spec: dict[str, Any]) -> bytes:
    """Draw a picture as PNG."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(svg(spec), scale=2)
    return drawn


_STYLE: Final = """
body { font-family: FONT; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b;
  line-height: 1.6; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid #ccc; text-align: right; }
th:first-child, td:first-child { text-align: left; }
svg { max-width: 100%; height: auto; }
@media print {
  body { margin: 0; }
  h2 { break-after: avoid; }
  table, svg { break-inside: avoid; }
}
""".replace("FONT", FONT)

Heading = str
Rows = Sequence[Sequence[str]]
"""Rows of a table, the first being the head; a row of one cell is a heading over those below."""


def page(
    outlook: Outlook, lines: Sequence[str], tables: Sequence[tuple[Heading, Rows]], lang: str
) -> str:
    """Return the forecast as one HTML file that needs nothing else.

    Args:
        outlook: what to expect.
        lines: sentences for the head.
        tables: what is shown below the pictures.
        lang: of the page.
    """
    parts = []
    key = outlook.main_tier()
    if key is not None:
        heading = f"{inject_name(outlook.exercise, key[0])} – {kind_word(key[1])}"
        parts += [f"<h2>{escape(heading)}</h2>", svg(curve_spec(outlook, key))]
        parts.append(f"<p>{escape(curve_words())}</p>")
    if outlook.posts():
        heading = _("Where the message lay longest")
        parts += [f"<h2>{escape(heading)}</h2>", svg(posts_spec(outlook))]
    for heading, rows in tables:
        parts.append(f"<h2>{escape(heading)}</h2>{table_html(rows)}")
    word = _("Forecast")
    return document(f"{word} – {outlook.exercise.scenario.title}", lines, parts, lang)


def document(title: str, lines: Sequence[str], parts: Sequence[str], lang: str) -> str:
    """Return one HTML file that needs nothing else.

    Args:
        title: what it is.
        lines: sentences for the head.
        parts: what follows, as HTML.
        lang: of the page.
    """
    return "\n".join(
        [
            f'<!doctype html><html lang="{escape(lang)}"><head><meta charset="utf-8">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *(f"<p>{escape(line)}</p>" for line in lines),
            *parts,
            "</body></html>\n",
        ]
    )


def curve_words() -> str:
    """Return how the curve is to be read."""
    return _(
        "The line: what half of the rehearsals had reached by then. The band: from what 95 % of "
        "them had reached to what 5 % had."
    )


def table_html(rows: Rows) -> str:
    """Return a table as HTML."""
    head, *body = rows
    lines = ["<table><thead><tr>", *(f"<th>{escape(cell)}</th>" for cell in head)]
    lines.append("</tr></thead><tbody>")
    for row in body:
        if len(row) == 1:
            lines.append(f'<tr><th colspan="{len(head)}">{escape(row[0])}</th></tr>')
        else:
            lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>")
    return "".join([*lines, "</tbody></table>"])
