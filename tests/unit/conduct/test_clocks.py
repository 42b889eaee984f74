"""Drill time: scaled, paused, and as fast as can be, by a monotonic clock that is a test's own."""

from datetime import timedelta

import pytest

from drillsim.conduct.clocks import DrillClock
from drillsim.drill.durations import ZERO

MINUTE = timedelta(minutes=1)


class Monotonic:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def real() -> Monotonic:
    return Monotonic()


def test_a_scaled_clock_is_a_multiple_of_real_time(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    assert clock.now() == ZERO
    real.seconds += 1
    assert clock.now() == MINUTE
    real.seconds += 0.5
    assert clock.now() == 1.5 * MINUTE


def test_it_says_how_many_real_seconds_remain(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    assert clock.seconds_until(10 * MINUTE) == pytest.approx(10)
    real.seconds += 4
    assert clock.seconds_until(10 * MINUTE) == pytest.approx(6)
    real.seconds += 60
    assert clock.seconds_until(10 * MINUTE) == 0


def test_under_max_nothing_is_waited_for_and_time_is_that_of_the_last_instant(
    real: Monotonic,
) -> None:
    clock = DrillClock("max", monotonic=real)
    assert clock.seconds_until(timedelta(days=1)) == 0
    real.seconds += 100
    assert clock.now() == ZERO
    clock.reach(5 * MINUTE)
    assert clock.now() == 5 * MINUTE
    clock.reach(3 * MINUTE)
    assert clock.now() == 5 * MINUTE


def test_an_instant_that_is_reached_does_not_push_a_scaled_clock(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    real.seconds += 1
    clock.reach(MINUTE)
    real.seconds += 1
    assert clock.now() == 2 * MINUTE


@pytest.mark.parametrize("speed", [60.0, "max"])
def test_a_paused_clock_stands_still_however_long(real: Monotonic, speed: float) -> None:
    clock = DrillClock(speed, 2 * MINUTE, monotonic=real)
    clock.pause()
    before = clock.now()
    real.seconds += 100_000
    assert clock.is_paused
    assert clock.now() == before == 2 * MINUTE
    assert clock.seconds_until(3 * MINUTE) is None


def test_a_pause_changes_no_gap(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    real.seconds += 2
    clock.pause()
    real.seconds += 3_600
    clock.go_on()
    assert clock.now() == 2 * MINUTE
    assert clock.seconds_until(5 * MINUTE) == pytest.approx(3)


def test_pausing_and_going_on_twice_is_as_once(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    real.seconds += 1
    clock.pause()
    real.seconds += 1
    clock.pause()
    real.seconds += 1
    clock.go_on()
    real.seconds += 1
    clock.go_on()
    assert clock.now() == 2 * MINUTE


def test_another_speed_counts_from_now_on(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    real.seconds += 1
    clock.set_speed(1.0)
    real.seconds += 60
    assert clock.now() == 2 * MINUTE
    clock.set_speed("max")
    assert clock.speed == "max"
    real.seconds += 60
    assert clock.now() == 2 * MINUTE
    clock.set_speed(600.0)
    real.seconds += 1
    assert clock.now() == 12 * MINUTE


def test_another_speed_in_a_pause_leaves_it_paused(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    clock.pause()
    clock.set_speed(600.0)
    real.seconds += 10
    assert clock.is_paused
    assert clock.now() == ZERO
    clock.go_on()
    real.seconds += 1
    assert clock.now() == 10 * MINUTE


def test_a_drill_that_is_gone_on_with_begins_where_it_was(real: Monotonic) -> None:
    clock = DrillClock(60.0, 7 * MINUTE, monotonic=real)
    assert clock.now() == 7 * MINUTE
    real.seconds += 1
    assert clock.now() == 8 * MINUTE


def test_an_order_in_a_pause_moves_drill_time_to_itself(real: Monotonic) -> None:
    clock = DrillClock(60.0, monotonic=real)
    clock.pause()
    clock.reach(MINUTE)
    assert clock.now() == MINUTE
    clock.go_on()
    real.seconds += 1
    assert clock.now() == 2 * MINUTE
