"""The reach board: per tier who was reached, in time, late, and who is still open; the curve."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from drillsim.drill.board import Tally
from drillsim.drill.durations import ZERO
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeKind
from drillsim.evaluation.foreseen import Foreseen
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.names import Names

MARKS: Final = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(1))


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier's counts for one inject; the denominators are its nodes in scope."""

    name: str
    scope: int
    reached: int
    in_time: int
    late: int
    unreachable: int
    passed_on: int
    to_pass_on: int
    reported: int
    to_report: int

    @property
    def open(self) -> int:
        """How many have neither answered nor been given up."""
        return self.scope - self.reached - self.unreachable

    @property
    def percent(self) -> int:
        """受信確認率, rounded down so that 100 % is said of all only."""
        return 100 * self.reached // self.scope if self.scope else 0


@dataclass(frozen=True, slots=True)
class TierBoard:
    """The counts of an inject by tier, top tier first, and of all tiers where there are several."""

    inject: str
    number: int
    """Which of the injects released so far it is, from 1; 0 for none."""
    count: int
    rows: tuple[TierRow, ...]


NO_BOARD: Final = TierBoard("", 0, 0, ())


@dataclass(frozen=True, slots=True)
class Curve:
    """How many had acknowledged by when.

    `levels` are shares (0 to 1) at the ends of equally long spans from the release on, as far as
    they have come; `marks` say when a share of all was reached, counted from the release, or None.
    """

    levels: tuple[float, ...]
    marks: tuple[tuple[int, timedelta | None], ...]
    released: timedelta
    length: timedelta
    """What all spans together take: from the release to now, or longer soon after it."""
    spans: int


NO_CURVE: Final = Curve((), (), ZERO, ZERO, 0)
_FIRST_LOOK: Final = timedelta(minutes=30)
"""How long a curve is at least, so that it does not shrink with every second at its beginning."""


def tier_board(view: DrillView, inject: InjectId | None) -> TierBoard:
    """Return the reach board of an inject; O(kinds of node)."""
    released = view.injects
    if inject is None or inject not in view.board.released:
        return NO_BOARD
    tallies = [(kind, tally) for (i, kind), tally in view.board.tallies.items() if i == inject]
    return TierBoard(
        inject=view.names.inject(inject),
        number=released.index(inject) + 1,
        count=len(released),
        rows=tier_rows(view.names, tallies),
    )


def tier_rows(names: Names, tallies: Sequence[tuple[NodeKind, Tally]]) -> tuple[TierRow, ...]:
    """Return a row per tier, and one without a name for all of them where there are several."""
    rows = [_row(names.kind(kind), [tally]) for kind, tally in tallies]
    if len(rows) > 1:
        rows.append(_row("", [tally for _kind, tally in tallies]))
    return tuple(rows)


def _row(name: str, tallies: list[Tally]) -> TierRow:
    def total(field: str) -> int:
        return sum(getattr(tally, field) for tally in tallies)

    return TierRow(
        name=name,
        scope=total("scope"),
        reached=total("acknowledged"),
        in_time=total("in_time"),
        late=total("late"),
        unreachable=total("unreachable"),
        passed_on=total("passed_on"),
        to_pass_on=total("to_pass_on"),
        reported=total("reported"),
        to_report=total("to_report"),
    )


def answer_curve(view: DrillView, inject: InjectId | None, now: timedelta, spans: int) -> Curve:
    """Return the curve of an inject's acknowledgements in `spans` steps; O(spans log answers)."""
    released = view.board.released.get(inject) if inject is not None else None
    if inject is None or released is None:
        return NO_CURVE
    end = view.board.end
    until = max(min(now, end.at) if end is not None else now, released)
    length = until - released if end is not None else max(until - released, _FIRST_LOOK)
    times = view.answered.get(inject, [])
    scope = sum(tally.scope for tally in view.board.inject_tallies(inject, None))
    return curve_of(times, scope, released, until, length, spans)


def foreseen_levels(
    foreseen: Foreseen | None, inject: InjectId | None, curve: Curve
) -> tuple[float, ...]:
    """Return the curve that was foreseen over the same spans as `curve`, or nothing."""
    if foreseen is None or inject is None or not curve.spans:
        return ()
    shares = (
        foreseen.share(inject, curve.length * number / curve.spans)
        for number in range(1, curve.spans + 1)
    )
    return tuple(share for share in shares if share is not None)


def curve_of(
    times: Sequence[timedelta],
    scope: int,
    released: timedelta,
    until: timedelta,
    length: timedelta,
    spans: int,
) -> Curve:
    """Return the curve of answers at `times`, in rising order, as far as they had come at `until`.

    Args:
        times: when each node answered.
        scope: how many nodes were to answer.
        released: where the curve begins.
        until: what came later is left out.
        length: how long all spans together are.
        spans: how many there are.
    """
    known = times[: bisect_right(times, until)]
    levels: list[float] = []
    for step in range(1, spans + 1):
        at = released + length * step / spans
        if at - length / spans >= until and levels:
            break
        levels.append(bisect_right(known, at) / scope if scope else 0.0)
    return Curve(tuple(levels), tuple(_marks(known, scope, released)), released, length, spans)


def _marks(
    times: Sequence[timedelta], scope: int, released: timedelta
) -> list[tuple[int, timedelta | None]]:
    marks: list[tuple[int, timedelta | None]] = []
    for share in MARKS:
        needed = -(-share.numerator * scope // share.denominator)
        at = times[needed - 1] - released if 0 < needed <= len(times) else None
        marks.append((int(share * 100), at))
    return marks
