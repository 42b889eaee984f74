"""The clocks of a drill: how drill time goes on, and when the next instant may come.

A virtual clock goes from instant to instant; a scaled one is a multiple of real time, measured by
the monotonic clock, so that a wall clock that is put right changes nothing. A pause of any length
changes no order and no gap: drill time stops.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from drillsim.drill.durations import ZERO

Speed: TypeAlias = float | Literal["max"]
"""Drill seconds per second; `max` is as fast as the mail goes."""

SPEED_MAX: Final = 1_000_000.0


class DrillClock:
    """Drill time of one run; it begins at `at`, and may be paused and change its speed."""

    def __init__(
        self, speed: Speed, at: timedelta = ZERO, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._speed: Speed = speed
        self._at = at
        self._since = monotonic()
        self.is_paused = False

    @property
    def speed(self) -> Speed:
        """Drill seconds per second, or `max`."""
        return self._speed

    def now(self) -> timedelta:
        """Return the drill time of this moment; under `max`, that of the last instant."""
        if self.is_paused or self._speed == "max":
            return self._at
        return self._at + timedelta(seconds=(self._monotonic() - self._since) * self._speed)

    def seconds_until(self, at: timedelta) -> float | None:
        """Return how many real seconds remain until `at`; None while the clock stands still."""
        if self.is_paused:
            return None
        if self._speed == "max":
            return 0.0
        return max((at - self.now()).total_seconds() / self._speed, 0.0)

    def reach(self, at: timedelta) -> None:
        """Say that the instant `at` has been carried out: drill time is never before it."""
        if self._speed == "max" or self.is_paused:
            self._at = max(self._at, at)

    def set_speed(self, speed: Speed) -> None:
        """Go on at another speed from now on."""
        self._rebase()
        self._speed = speed

    def pause(self) -> None:
        """Let drill time stand still."""
        self._rebase()
        self.is_paused = True

    def go_on(self) -> None:
        """Let drill time run again."""
        self._rebase()
        self.is_paused = False

    def _rebase(self) -> None:
        self._at = self.now()
        self._since = self._monotonic()
