"""The forecast that a drill's file keeps: what was to be expected before it began.

It is made by `drillsim.forecast.kept` when a rehearsal begins, is sealed with the files of the
drill, and is drawn under its answer curve. Shares are of rehearsals with other seeds.
"""

import json
from bisect import bisect_right
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from drillsim.drill.durations import ZERO, from_ms, to_ms
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeKind

FORESEEN: Final = "forecast.json"
"""By which name a journal keeps it beside scenario and contact tree."""
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenTier:
    """One inject at the nodes of one kind, from its release."""

    inject: InjectId
    kind: NodeKind
    of: int
    at_ms: tuple[int, ...]
    """Rising times, the first one 0."""
    sure: tuple[float, ...]
    """The share of these nodes that had answered by then in 95 % of the rehearsals."""
    middle: tuple[float, ...]
    """In half of them."""
    rare: tuple[float, ...]
    """In 5 % of them."""

    def share(self, since: timedelta) -> float:
        """Return the share that had answered so long after the release, in half of the runs."""
        place = bisect_right(self.at_ms, to_ms(since)) - 1
        return self.middle[place] if place >= 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What was to be expected of a drill."""

    runs: int
    seed: int
    tiers: tuple[ForeseenTier, ...]

    def of_inject(self, inject: InjectId) -> tuple[ForeseenTier, ...]:
        """Return the tiers of an inject."""
        return tuple(tier for tier in self.tiers if tier.inject == inject)

    def share(self, inject: InjectId, since: timedelta) -> float | None:
        """Return the share of all nodes of an inject, or None where nothing was foreseen."""
        tiers = self.of_inject(inject)
        of = sum(tier.of for tier in tiers)
        if not of or since < ZERO:
            return None
        return sum(tier.of * tier.share(since) for tier in tiers) / of

    def times(self, inject: InjectId) -> list[timedelta]:
        """Return the times, from the release, at which a curve of an inject changes."""
        found = {at for tier in self.of_inject(inject) for at in tier.at_ms}
        return [from_ms(at) for at in sorted(found)]

    def as_text(self) -> str:
        """Return it as the journal keeps it."""
        data = {"format": _FORMAT, **asdict(self)}
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def foreseen_in(data: bytes | None) -> Foreseen | None:
    """Return the forecast in a journal's file; None if there is none that this version reads."""
    if not data:
        return None
    try:
        found: dict[str, Any] = json.loads(data)
        if found["format"] != _FORMAT:
            return None
        tiers = tuple(
            ForeseenTier(
                inject=tier["inject"],
                kind=tier["kind"],
                of=tier["of"],
                at_ms=tuple(tier["at_ms"]),
                sure=tuple(tier["sure"]),
                middle=tuple(tier["middle"]),
                rare=tuple(tier["rare"]),
            )
            for tier in found["tiers"]
        )
        return Foreseen(runs=int(found["runs"]), seed=int(found["seed"]), tiers=tiers)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # A later version wrote it otherwise; a drill is read without it.
