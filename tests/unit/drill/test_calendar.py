"""Office hours as spans of drill time: business days, and work that waits for the morning."""

from datetime import timedelta

import pytest

from drillsim.drill.calendar import Calendar
from drillsim.drill.durations import Period


def h(hours: float) -> timedelta:
    return timedelta(hours=hours)


WEEK = Calendar(((h(-1.5), h(7)), (h(22.5), h(31)), (h(94.5), h(103))))
"""Wednesday from half past eight to five, StartEx at ten; Thursday; Monday."""


@pytest.mark.parametrize(
    ("hours", "is_open"),
    [
        (-2, False),
        (-1.5, True),
        (0, True),
        (6.99, True),
        (7, False),
        (22.5, True),
        (31, False),
        (94.5, True),
        (103, False),
        (200, False),
    ],
)
def test_an_office_opens_on_the_dot_and_is_closed_at_closing_time(
    hours: float, is_open: bool
) -> None:
    assert WEEK.is_open(h(hours)) is is_open


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        (0, 1, 31),  # The day itself is not counted.
        (0, 2, 103),
        (8, 1, 31),  # After closing time, the next day is the first.
        (22.5, 1, 103),  # At the opening, the day has begun.
        (22.4, 1, 31),
        (0, 3, 144),  # Beyond the calendar: two days for each.
        (50, 2, 146),
    ],
)
def test_business_days_end_at_closing_time_and_the_first_is_not_counted(
    since: float, days: int, due: float
) -> None:
    assert WEEK.due(h(since), Period(business_days=days)) == h(due)


def test_any_other_period_is_as_long_as_it_is() -> None:
    assert WEEK.due(h(2), Period(h(3))) == h(5)


@pytest.mark.parametrize(
    ("since", "delay", "done"),
    [
        (0, 0, 0),
        (0, 2, 2),
        (0, 7, 7),  # To the last minute of the day.
        (0, 7.5, 23),  # Half an hour of it is left for the next morning.
        (0, 15.5, 31),
        (0, 16, 95),
        (7, 0.5, 23),  # At closing time nobody works any more.
        (10, 1, 23.5),
        (40, 2, 96.5),
        (0, 24, 103),
        (0, 25, 104),  # Behind the calendar, work goes on as if it were open.
        (94.5, 9, 103.5),
        (103, 2, 105),
        (200, 3, 203),
    ],
)
def test_who_works_in_office_hours_only_goes_on_the_next_morning(
    since: float, delay: float, done: float
) -> None:
    assert WEEK.worked(h(since), h(delay)) == h(done)


def test_without_any_office_hours_work_takes_as_long_as_it_takes() -> None:
    assert Calendar().worked(h(3), h(2)) == h(5)
    assert not Calendar().is_open(h(3))
    assert Calendar().due(h(1), Period(business_days=2)) == h(97)
