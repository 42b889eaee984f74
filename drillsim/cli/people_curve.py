"""The curve of a fitted delay for a terminal: what was observed upon what was fitted."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from drillsim.drill.durations import from_ms
from drillsim.forecast.fit import FittedDelay, Observed
from drillsim.forecast.fit_chart import kaplan_meier, share_by, span_of
from drillsim.i18n import _
from drillsim.tui.views.times import short_length

_ROWS: Final = 8


def curve_lines(observed: Observed, delay: FittedDelay, columns: int) -> Iterator[str]:
    """Yield the curve of a delay for a terminal of so many columns: observed upon fitted."""
    width, until = columns - 6, span_of(observed, delay)
    points = kaplan_meier(observed)
    ends = [until * (place + 1) / width for place in range(width)]
    places = np.searchsorted([at for at, _share in points], ends, side="right") - 1
    seen = [points[place][1] for place in places]
    told = [share_by(delay, at) for at in ends]
    for row in range(_ROWS, 0, -1):
        level = (row - 0.5) / _ROWS
        label = {_ROWS: "100%", _ROWS // 2: " 50%"}.get(row, "    ")
        cells = "".join(
            "█" if min(pair) >= level else "▒" if a >= level else "░" if b >= level else " "
            for pair in zip(seen, told, strict=True)
            for a, b in [pair]
        )
        yield f"{label} │{cells.rstrip()}"
    yield "     └" + "─" * width
    half, end = (short_length(from_ms(round(at * 60_000))) for at in (until / 2, until))
    middle = f"{half:^{width}}"
    yield "      0" + middle[1 : width - len(end)] + end


def curve_words() -> str:
    """Return what the signs of the curve mean."""
    return _("█ observed and fitted  ▒ observed only  ░ fitted only")
