from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from drillsim.mail.official_dates import (
    official,
    official_date,
    official_number,
    official_time,
    official_year,
    short_time,
)

JST = timezone(timedelta(hours=9))


def test_a_moment_is_written_as_offices_write_it() -> None:
    assert official(datetime(2026, 10, 14, 10, 5, tzinfo=JST)) == "令和８年10月14日（水）10時05分"


def test_numbers_of_one_digit_are_full_width_and_others_are_not() -> None:
    assert [official_number(n) for n in (0, 9, 10, 131)] == ["０", "９", "10", "131"]
    assert official_date(date(2028, 1, 3)) == "令和10年１月３日（月）"
    assert official_time(time(9, 0)) == "９時00分"


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2019, 4, 30), "平成31年"),
        (date(2019, 5, 1), "令和元年"),
        (date(2020, 1, 1), "令和２年"),
        (date(1989, 1, 8), "平成元年"),
        (date(1990, 1, 1), "平成２年"),
    ],
)
def test_an_era_begins_on_the_day_of_its_cabinet_order(day: date, year: str) -> None:
    assert official_year(day) == year


def test_a_day_before_every_known_era_is_refused() -> None:
    with pytest.raises(ValueError, match="1989-01-07"):
        official_year(date(1989, 1, 7))


def test_a_moment_is_written_in_its_own_zone() -> None:
    utc = datetime(2026, 10, 14, 20, 30, tzinfo=UTC)
    assert official(utc) == "令和８年10月14日（水）20時30分"
    assert official(utc.astimezone(JST)) == "令和８年10月15日（木）５時30分"


def test_within_a_drill_a_moment_has_no_year() -> None:
    assert short_time(datetime(2026, 10, 14, 10, 17, tzinfo=JST)) == "10月14日 10時17分"
