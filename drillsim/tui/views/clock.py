"""The drill's clock as a follower knows it: what the director wrote, carried on in between."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from drillsim.drill.durations import ZERO, from_ms
from drillsim.drill.ways import Way, is_live, live_mark
from drillsim.i18n import _
from drillsim.text import clean_line
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.times import full_length, time_of_day
from drillsim.tui.views.tone import EMPTY, Cell

SPEEDS: Final[tuple[float, ...]] = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""The steps of faster and slower; beyond the last lies as fast as possible."""


@dataclass(frozen=True, slots=True)
class DrillClock:
    """The clock's last word: `speed` is drill seconds per second, None as fast as possible."""

    speed: float | None = 1
    is_paused: bool = True
    at: timedelta = ZERO
    wall: datetime | None = None

    def take(self, data: dict[str, Any]) -> "DrillClock":
        """Return the clock after a `clock` record of the journal."""
        speed = data["speed"]
        return DrillClock(
            speed=None if speed == "max" else float(speed),
            is_paused=bool(data["paused"]),
            at=from_ms(int(data["at_ms"])),
            wall=datetime.fromisoformat(data["wall"]),
        )

    def now(self, wall: datetime, known: timedelta) -> timedelta:
        """Return the drill time at `wall`, at least `known`, the time of the last event."""
        if self.is_paused or self.speed is None or self.wall is None:
            return max(self.at, known)
        gone = max(wall - self.wall, ZERO) * self.speed
        return max(self.at + gone, known)

    def stopped(self, at: timedelta) -> "DrillClock":
        """Return the clock standing still at `at`."""
        return replace(self, is_paused=True, at=max(at, self.at), wall=None)

    def stepped(self, step: int) -> float | None:
        """Return the speed `step` steps faster (or slower, below 0); None as fast as possible."""
        speeds: list[float | None] = [*SPEEDS, None]
        if self.speed is None:
            place = len(SPEEDS)
        else:
            place = sum(speed < self.speed for speed in SPEEDS)
            if step > 0 and (place == len(SPEEDS) or SPEEDS[place] != self.speed):
                place -= 1
        return speeds[min(max(place + step, 0), len(SPEEDS))]


def speed_text(speed: float | None) -> str:
    """Return a speed as the clock bar shows it: ×60, ×max."""
    return "x" + (_("max") if speed is None else f"{speed:g}")


@dataclass(frozen=True, slots=True)
class ClockView:
    """The two lines at the top of the run screen."""

    title: str
    mark: str
    """The mark of a live drill, or "" for a rehearsal."""
    mode: Cell
    """How fast a rehearsal goes; empty for a live drill."""
    time: str
    elapsed: str
    left: str
    """How long until the window closes, or "" when the drill has ended."""
    state: Cell
    phase: str
    level: Cell
    counts: str
    warning: Cell


def clock_view(
    view: DrillView,
    clock: DrillClock,
    now: timedelta,
    *,
    way: Way,
    state: Cell,
    warning: Cell,
) -> ClockView:
    """Return what the clock bar shows at `now`."""
    exercise, board = view.exercise, view.board
    end = board.end
    at = end.at if end is not None else now
    left = max(exercise.window_at - at, ZERO)
    rehearsal = _("rehearsal") + " " + speed_text(clock.speed)
    mode = EMPTY if is_live(way) else Cell(rehearsal, "control")
    levels = {1: "", 2: "late", 3: "alarm"}
    return ClockView(
        title=clean_line(exercise.scenario.title),
        mark=live_mark(way),
        mode=mode,
        time=time_of_day(exercise.when(at), exercise.start_ex),
        elapsed="T+" + full_length(at),
        left="" if end is not None else full_length(left),
        state=state,
        phase=view.names.phase(board.phase),
        level=Cell(
            _("threat level {level}").format(level=board.level) if board.level else "",
            levels.get(board.level, "alarm"),  # type: ignore[arg-type]
        ),
        counts=_("{reached}/{all} reached, mails {sent} out {received} in").format(
            reached=len(board.reached & exercise.to_be_reached),
            all=len(exercise.to_be_reached),
            sent=board.mails_sent,
            received=board.mails_received,
        ),
        warning=warning,
    )
