"""What was observed of delays and what was fitted, as a picture."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from drillsim.drill.durations import to_ms
from drillsim.drill.tree import NodeKind
from drillsim.evaluation.wording import kind_word
from drillsim.forecast.fit import Fit, Material, Observed
from drillsim.i18n import _

_NORMAL = NormalDist()
_POINTS = 80


def fit_spec(found: Mapping[NodeKind, Material], fits: Sequence[Fit]) -> dict[str, Any]:
    """Return the share that had acknowledged by when, observed (Kaplan and Meier) and fitted."""
    rows = []
    for one in fits:
        delay, observed = one.delays.get("acknowledge"), found[one.kind].delays.get("acknowledge")
        if delay is None or observed is None:
            continue
        kind = kind_word(one.kind)
        until = max(observed.lengths) / 60_000
        rows += [
            {"minutes": at, "percent": 100 * share, "what": _("observed"), "kind": kind}
            for at, share in _kaplan_meier(observed)
        ]
        median = to_ms(delay.median) / 60_000
        for number in range(1, _POINTS + 1):
            at = until * number / _POINTS
            share = (1 - delay.never) * _NORMAL.cdf(math.log(at / median) / max(delay.sigma, 1e-9))
            rows.append({"minutes": at, "percent": 100 * share, "what": _("fitted"), "kind": kind})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "data": {"values": rows},
        "facet": {"row": {"field": "kind", "type": "nominal", "title": None}},
        "spec": {
            "width": 560,
            "height": 200,
            "mark": {"type": "line"},
            "encoding": {
                "x": {"field": "minutes", "type": "quantitative", "title": _("minutes")},
                "y": {
                    "field": "percent",
                    "type": "quantitative",
                    "title": _("answered, %"),
                    "scale": {"domain": [0, 100]},
                },
                "strokeDash": {"field": "what", "type": "nominal", "title": None},
                "color": {"value": "#0b4f8a"},
            },
        },
    }


def _kaplan_meier(observed: Observed) -> list[tuple[float, float]]:
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
