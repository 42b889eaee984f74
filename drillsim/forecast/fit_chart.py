"""What was observed of delays and what was fitted, as a picture."""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from drillsim.drill.durations import to_ms
from drillsim.drill.tree import NodeKind
from drillsim.evaluation.wording import kind_word
from drillsim.forecast.chart import FONT
from drillsim.forecast.fit import Fit, FittedDelay, Material, Observed
from drillsim.i18n import _

_NORMAL = NormalDist()
_POINTS = 80


def fit_spec(found: Mapping[NodeKind, Material], fits: Sequence[Fit]) -> dict[str, Any]:
    """Return what share had ended by when, observed (Kaplan and Meier) and fitted, as Vega-Lite."""
    rows = []
    for one in fits:
        for name, delay in one.delays.items():
            observed = found[one.kind].delays[name]
            labels = {"kind": f"{kind_word(one.kind)}: {habit_word(name)}"}
            rows += [
                {"minutes": at, "percent": 100 * share, "what": _("observed"), **labels}
                for at, share in _in_steps(kaplan_meier(observed))
            ]
            until = span_of(observed, delay)
            for number in range(1, _POINTS + 1):
                at = until * number / _POINTS
                share = share_by(delay, at)
                rows.append({"minutes": at, "percent": 100 * share, "what": _("fitted"), **labels})
    what = {"field": "what", "type": "nominal", "title": None}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "config": {"font": FONT, "axis": {"labelFontSize": 12, "titleFontSize": 12}},
        "data": {"values": rows},
        "facet": {"field": "kind", "type": "nominal", "title": None, "sort": None},
        "columns": 2,
        "resolve": {"scale": {"x": "independent"}},
        "spec": {
            "width": 340,
            "height": 180,
            "mark": {"type": "line", "clip": True},
            "encoding": {
                "x": {"field": "minutes", "type": "quantitative", "title": _("minutes")},
                "y": {
                    "field": "percent",
                    "type": "quantitative",
                    "title": _("answered, %"),
                    "scale": {"domain": [0, 100]},
                },
                "strokeDash": what,
                "color": {**what, "scale": {"range": ["#b3541e", "#0b4f8a"]}},
            },
        },
    }


def _in_steps(points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the corners of a curve that rises only at its points."""
    before = 0.0
    for at, share in points:
        yield at, before
        yield at, share
        before = share


def chart_words() -> str:
    """Return how the pictures are to be read."""
    return _(
        "Observed: the share that had done it by then, where those who were not awaited to the end "
        "count as longer (Kaplan and Meier). Fitted: the log-normal delay of greatest likelihood."
    )


def habit_word(name: str) -> str:
    """Return a habit in words."""
    return {
        "acknowledge": _("acknowledges"),
        "pass_on": _("passes on"),
        "report": _("fills in the report"),
        "away": _("never answers"),
        "absence_notice": _("absence notice"),
        "dead_address": _("dead address"),
        "report_forgotten": _("forgets the report"),
    }[name]


def span_of(observed: Observed, delay: FittedDelay) -> float:
    """Return up to how many minutes a curve is drawn: beyond, there is nothing to be seen."""
    ended = [
        length for length, seen in zip(observed.lengths, observed.is_seen, strict=True) if seen
    ]
    median = to_ms(delay.median)
    most = median * math.exp(min(2 * delay.sigma, 5))  # 98 % of those who ever answer.
    return max(min(float(max(ended)), 2 * most), median) / 60_000


def share_by(delay: FittedDelay, at: float) -> float:
    """Return the share that ends within so many minutes."""
    place = math.log(at * 60_000 / to_ms(delay.median)) / max(delay.sigma, 1e-9)
    return (1 - delay.never) * _NORMAL.cdf(place)


def kaplan_meier(observed: Observed) -> list[tuple[float, float]]:
    """Return the share that had ended by when, as the censored observations allow to say."""
    order = np.argsort(observed.lengths, kind="stable")
    at_risk, staying, points = len(order), 1.0, [(0.0, 0.0)]
    for place in order:
        if observed.is_seen[place]:
            staying *= 1 - 1 / at_risk
            points.append((observed.lengths[place] / 60_000, 1 - staying))
        at_risk -= 1
    step = max(len(points) // 200, 1)
    return points[::step]
