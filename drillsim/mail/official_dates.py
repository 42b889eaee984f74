"""Dates as Japanese offices write them: 令和８年10月14日（水）10時05分.

A number of one digit is full-width, one of more digits half-width, as official letters have it;
minutes always have two digits; the first year of an era is 元年. The eras follow from the date
alone: 令和 by Cabinet Order No. 143 of 2019 (元号を改める政令), in force on 2019-05-01, 平成 by
Cabinet Order No. 1 of 1989, in force on 1989-01-08, both under the Era Name Act (元号法, Act No. 43
of 1979).
"""

from datetime import date, datetime, time
from typing import Final

ERAS: Final = (("令和", date(2019, 5, 1)), ("平成", date(1989, 1, 8)))
"""Every era that a drill can lie in, the latest first, with its first day."""

WEEKDAYS: Final = "月火水木金土日"

_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def official_number(number: int) -> str:
    """Return `number` as it stands in an official letter: ３, but 12."""
    return str(number).translate(_WIDE) if 0 <= number < 10 else str(number)


def official_year(day: date) -> str:
    """Return the year in its era: 令和８年, and 令和元年 for the first.

    Raises:
        ValueError: `day` lies before 平成.
    """
    for name, first_day in ERAS:
        if (day.year, day.month, day.day) >= (first_day.year, first_day.month, first_day.day):
            number = day.year - first_day.year + 1
            return f"{name}{'元' if number == 1 else official_number(number)}年"
    raise ValueError(f"{day.isoformat()} lies before the era 平成")


def official_date(day: date) -> str:
    """Return 令和８年10月14日（水）; of a `datetime`, the date in its own zone.

    Raises:
        ValueError: `day` lies before 平成.
    """
    month, number = official_number(day.month), official_number(day.day)
    return f"{official_year(day)}{month}月{number}日（{WEEKDAYS[day.weekday()]}）"


def official_time(at: datetime | time) -> str:
    """Return 10時05分, in the zone that `at` has."""
    return f"{official_number(at.hour)}時{at.minute:02d}分"


def official(at: datetime) -> str:
    """Return 令和８年10月14日（水）10時05分, in the zone that `at` has.

    Raises:
        ValueError: `at` lies before 平成.
    """
    return official_date(at) + official_time(at)


def short_time(at: datetime) -> str:
    """Return 10月14日 10時17分: within a drill, where the year is known (forms, replies)."""
    return f"{official_number(at.month)}月{official_number(at.day)}日 {official_time(at)}"
