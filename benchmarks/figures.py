"""What the benchmarks find, as figures that can be compared: each with what stands beside it.

Seconds and rates belong to a machine and a moment; the ratio of a figure to its baseline, which was
measured in the same run, is what may be compared with another run.
"""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drillsim import __version__

WORSE = 1.15
"""By how much a ratio may change before it is marked: machines are noisy."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a benchmark."""

    of: str
    """The benchmark."""
    name: str
    value: float
    unit: str
    beside: str = ""
    """What it is compared with: a baseline from the same run."""
    base: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of its baseline."""
        return self.value / self.base if self.base else None

    def change(self, before: "Figure") -> float:
        """Return the figure as a multiple of an earlier one: by their ratios, where there are."""
        mine, other = self.ratio, before.ratio
        if mine is None or other is None:
            mine, other = self.value, before.value
        return mine / other if other else float("nan")

    def is_worse(self, before: "Figure") -> bool:
        """Whether it has become clearly worse."""
        change = self.change(before)
        return change < 1 / WORSE if self.more_is_better else change > WORSE


def lines(figures: Sequence[Figure], before: Mapping[tuple[str, str], Figure]) -> Iterator[str]:
    """Yield the table of all figures, with their changes where there are earlier ones."""
    head = f"{'':10}{'figure':44}{'':>18}  {'beside':38}{'':>14}{'ratio':>8}"
    yield head + ("  before" if before else "")
    for figure in figures:
        base = "" if figure.base is None else number(figure.base)
        ratio = "" if figure.ratio is None else number(figure.ratio)
        measured = f"{number(figure.value)} {figure.unit}".rstrip()
        line = f"{figure.of:10}{figure.name:44}{measured:>18}  {figure.beside:38}{base:>14}"
        earlier = before.get((figure.of, figure.name))
        change = ""
        if earlier is not None:
            mark = "  worse" if figure.is_worse(earlier) else ""
            change = f"  × {figure.change(earlier):.2f}{mark}"
        yield f"{line}{ratio:>8}{change}".rstrip()


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if value == 0 or 0.01 <= abs(value) < 100:
        return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def as_json(figures: Sequence[Figure]) -> str:
    """Return figures as they are kept: without anything that names the machine."""
    data = {
        "version": __version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "figures": [_rounded(figure) for figure in figures],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _rounded(figure: Figure) -> dict[str, Any]:
    row = asdict(figure)
    for name in ("value", "base"):
        if row[name] is not None:
            row[name] = float(f"{row[name]:.4g}")
    return row | {"ratio": None if figure.ratio is None else float(f"{figure.ratio:.3g}")}


def read(path: Path) -> dict[tuple[str, str], Figure]:
    """Return figures that were kept, by benchmark and name."""
    rows = json.loads(path.read_text(encoding="utf-8"))["figures"]
    found = (Figure(**{key: row[key] for key in row if key != "ratio"}) for row in rows)
    return {(figure.of, figure.name): figure for figure in found}
