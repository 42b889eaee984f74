from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from drillsim.drill.durations import Period, parse_period
from drillsim.files.office_hours import closed_because, office_calendar

TOKYO = "Asia/Tokyo"
HOUR = timedelta(hours=1)


def start(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-10-14", None),
        ("2026-10-17", "Saturday"),
        ("2026-10-18", "Sunday"),
        ("2026-10-12", "スポーツの日"),
        ("2026-05-06", "憲法記念日 振替休日"),
        ("2026-09-22", "国民の休日"),
        ("2026-12-28", None),
        ("2026-12-29", "New Year holidays"),
        ("2027-01-03", "Sunday"),
        ("2028-01-03", "New Year holidays"),
        ("2027-01-04", None),
        ("2200-10-14", None),
    ],
)
def test_offices_are_closed_on_weekends_holidays_and_at_new_year(
    day: str, reason: str | None
) -> None:
    assert closed_because(date.fromisoformat(day), TOKYO) == reason


def test_only_japan_keeps_japanese_holidays() -> None:
    assert closed_because(date(2026, 10, 12), "Europe/Berlin") is None
    assert closed_because(date(2026, 10, 17), "Europe/Berlin") == "Saturday"


def test_the_day_of_the_start_is_the_first_span_also_where_it_began_before() -> None:
    calendar = office_calendar(start("2026-10-14T10:00"), TOKYO, parse_period("4h"))
    assert calendar.office[0] == (-1.5 * HOUR, 7.25 * HOUR)
    assert calendar.is_open(timedelta(0))
    assert not calendar.is_open(7.25 * HOUR)


def test_a_day_that_is_over_is_no_span() -> None:
    calendar = office_calendar(start("2026-10-14T19:00"), TOKYO, parse_period("4h"))
    assert calendar.office[0] == (13.5 * HOUR, 22.25 * HOUR)
    assert not calendar.is_open(timedelta(0))


def test_ten_business_days_skip_a_weekend_and_a_holiday() -> None:
    calendar = office_calendar(start("2026-10-26T09:00"), TOKYO, Period(business_days=10))
    end = start("2026-10-26T09:00") + calendar.due(timedelta(0), Period(business_days=10))
    # 27, 28, 29, 30 October, 2, 4, 5, 6, 9, 10 November; the 3rd is 文化の日.
    assert end == start("2026-11-10T17:15")


def test_periods_that_begin_when_the_window_ends_still_find_their_days() -> None:
    begin = start("2026-12-25T10:00")
    calendar = office_calendar(begin, TOKYO, Period(business_days=10), business_days=20)
    window = calendar.due(timedelta(0), Period(business_days=10))
    late = calendar.due(window, Period(business_days=20))
    closes = (begin + late).astimezone(begin.tzinfo)
    assert (closes.hour, closes.minute) == (17, 15)
    assert late <= calendar.office[-1][1]


def test_the_longest_window_is_covered() -> None:
    calendar = office_calendar(start("2026-04-01T10:00"), TOKYO, parse_period("366d"), 250)
    assert calendar.office[-1][0] > timedelta(days=366 + 350)
    assert calendar.due(timedelta(days=366), Period(business_days=250)) <= calendar.office[-1][1]


def test_summer_time_moves_the_office_with_its_people() -> None:
    begin = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # 10:00 in Berlin, still winter time.
    calendar = office_calendar(begin, "Europe/Berlin", parse_period("5d"))
    friday, monday = calendar.office[:2]
    assert friday == (-1.5 * HOUR, 7.25 * HOUR)
    assert monday[0] == timedelta(days=3) - 2.5 * HOUR


def test_spans_are_in_order_and_do_not_touch() -> None:
    spans = office_calendar(start("2026-12-20T03:00"), TOKYO, parse_period("60d")).office
    assert all(a[0] < a[1] < b[0] for a, b in pairwise(spans))
