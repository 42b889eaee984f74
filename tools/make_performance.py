"""Draw the figures of the last release for the documentation (`make figures`).

    python -m benchmarks --json benchmarks/release.json     # an hour or so before a release
    python tools/make_performance.py                        # into docs/performance

The pictures hold what is in that file and nothing else; the same file gives the same bytes.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.__main__ import RELEASE
from benchmarks.figures import Figure, number, read
from drillsim.forecast.chart import FONT, svg

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "docs" / "performance"
LANGUAGES: Final = ("en", "ja")
_GREY, _BLUE, _ORANGE = "#8a8a8a", "#0b4f8a", "#b3541e"


class Bar(NamedTuple):
    """A figure that is drawn, and what it is called."""

    of: str
    name: str
    label: dict[str, str]


def bar(of: str, name: str, en: str, ja: str = "") -> Bar:
    """Return a bar; what is called the same in both languages is said once."""
    return Bar(of, name, {"en": en, "ja": ja or en})


_EACH = "notice-runs per core second"
MAIL = (
    bar("smtp", "Postfix smtp-source → smtp-sink, 4", "Postfix smtp-source → smtp-sink"),
    bar("smtp", "pipelined → sink, 4", "own client → own sink", "自前の送信 → 自前の受信"),
    bar("smtp", "aiosmtplib → sink, 4", "aiosmtplib → own sink", "aiosmtplib → 自前の受信"),
    bar("smtp", "bare aiosmtplib → aiosmtpd, 4", "aiosmtplib → aiosmtpd"),
    bar("relay", "national drill, end to end", "the national drill, all done", "全国の訓練"),
)
FORECAST = (
    bar("forecast", f"r5: {_EACH}", "forecast, r5-virus-suspicion", "見込み r5-virus-suspicion"),
    bar("forecast", f"national: {_EACH}", "forecast, national-virus", "見込み national-virus"),
    bar("forecast", f"SimPy: {_EACH}", "SimPy"),
    bar("forecast", f"kernel: {_EACH}", "the kernel, one by one", "本体（１回ずつ）"),
)
SIZE = (
    bar(
        "events",
        "an event, board and rules: 17,890 nodes",
        "time an event, board and rules",
        "出来事の時間（状況と規則）",
    ),
    bar(
        "events",
        "an event, the whole course: 17,890 nodes",
        "time an event, whole course",
        "出来事の時間（全体）",
    ),
    bar("events", "memory a node, the board in the: 17,890", "memory, board", "容量（状況）"),
    bar("events", "memory a node, the whole course: 17,890", "memory, course", "容量（全体）"),
    bar(
        "relay",
        "director, CPU ms a node: 17,881 nodes",
        "time, director over SMTP",
        "時間（実際のメール）",
    ),
    bar(
        "relay",
        "director, peak KiB a node: 17,881 nodes",
        "memory, director over SMTP",
        "容量（実際のメール）",
    ),
)
TITLES: Final = {
    "mail": {
        "en": "mails a second; aiosmtplib → aiosmtpd = 1",
        "ja": "１秒当たりのメール（aiosmtplib → aiosmtpd を１とする）",
    },
    "forecast": {"en": "notices a second, on one core", "ja": "１コア１秒当たりの連絡"},
    "size": {
        "en": "17,890 bodies beside 1,789, each; the goal is 1.2",
        "ja": "１団体当たり、17,890団体の1,789団体に対する比（目標1.2）",
    },
}
RAW: Final = {"en": "NumPy, raw 16-bit draws", "ja": "NumPy の乱数（16ビット）"}


Drawn = tuple[str, float, str]
"""Label, length and colour of a bar."""


def bars(
    title: str, rows: Sequence[Drawn], *, rule: float | None = None, log: bool
) -> dict[str, Any]:
    """Return horizontal bars with their figures, as Vega-Lite.

    Args:
        title: of the axis.
        rows: label, length and colour of each bar.
        rule: where a line is drawn across them.
        log: whether each step of the axis is ten times the last.
    """
    values = [
        {"label": label, "value": value, "colour": colour, "told": number(value)}
        for label, value, colour in rows
    ]
    scale: dict[str, Any] = {"type": "log", "domainMin": 100} if log else {"zero": True}
    x = {"field": "value", "type": "quantitative", "title": title, "scale": scale}
    if log:
        x["axis"] = {"format": "~s", "tickCount": 7}
    y = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 320, "ticks": False, "domain": False},
    }
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "bar", "height": 16},
            "encoding": {
                "x": {**x, "stack": None},
                "y": y,
                "color": {"field": "colour", "type": "nominal", "scale": None},
                **({"x2": {"datum": 100}} if log else {}),
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 12},
            "encoding": {"x": x, "y": y, "text": {"field": "told"}},
        },
    ]
    if rule is not None:
        line = {"type": "rule", "color": _ORANGE, "strokeDash": [4, 3]}
        layers.append({"mark": line, "encoding": {"x": {"datum": rule}}})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 420,
        "height": {"step": 26},
        "background": "white",
        "config": {
            "font": FONT,
            "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
            "view": {"stroke": None},
        },
        "data": {"values": values},
        "layer": layers,
    }


def pictures(kept: Mapping[tuple[str, str], Figure]) -> Iterator[tuple[str, str]]:
    """Yield the name of each picture, and the picture."""
    for language in LANGUAGES:
        for name, spec in _specs(kept, language):
            yield f"{name}-{language}.svg", svg(spec)


def _specs(
    kept: Mapping[tuple[str, str], Figure], language: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    titles = {name: title[language] for name, title in TITLES.items()}
    mail = [
        (label, each.ratio or 0.0, _BLUE if each.of == "relay" else _GREY)
        for label, each in _found(kept, MAIL, language)
    ]
    yield "mail", bars(titles["mail"], mail, rule=1.0, log=False)
    forecast: list[Drawn] = []
    for label, each in _found(kept, FORECAST, language):
        if not forecast and each.base is not None:
            forecast.append((RAW[language], each.base, _GREY))
        is_own = each.name.startswith(("r5", "national"))
        forecast.append((label, each.value, _BLUE if is_own else _GREY))
    yield "forecast", bars(titles["forecast"], forecast, log=True)
    size = [(label, each.ratio or 0.0, _BLUE) for label, each in _found(kept, SIZE, language)]
    yield "size", bars(titles["size"], size, rule=1.2, log=False)


def _found(
    kept: Mapping[tuple[str, str], Figure], wanted: Sequence[Bar], language: str
) -> Iterator[tuple[str, Figure]]:
    """Yield the labels of the bars of which there is a figure, and the figure."""
    for each in wanted:
        figure = kept.get((each.of, each.name))
        if figure is not None:
            yield each.label[language], figure


def main() -> int:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures(read(RELEASE)):
        (FOLDER / name).write_text(picture, encoding="utf-8")
        print((FOLDER / name).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
