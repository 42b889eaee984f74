"""A count with its denominator: no rate of a drill stands without one."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many; `count` is never more than `of`."""

    count: int
    of: int

    @property
    def share(self) -> Fraction | None:
        """The exact share, or None where there was nobody to count."""
        return Fraction(self.count, self.of) if self.of else None

    @property
    def percent(self) -> float | None:
        """The share in per cent with one decimal (`percent_of`), or None."""
        share = self.share
        return None if share is None else percent_of(share)

    def as_json(self) -> dict[str, Any]:
        """Return the rate as an object of the `--json` output."""
        return {"count": self.count, "of": self.of, "percent": self.percent}


def percent_of(share: Fraction) -> float:
    """Return `share` (0 to 1) in per cent, rounded half up to one decimal.

    Only all is 100 and only none is 0: 1,788 of 1,789 would round to them and must not.
    """
    tenths = (share * 2000 + 1) // 2
    if share < 1:
        tenths = min(tenths, 999)
    if share > 0:
        tenths = max(tenths, 1)
    return tenths / 10
