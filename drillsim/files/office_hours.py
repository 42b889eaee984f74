"""When offices are open, as a calendar of drill time made from a scenario's start and zone.

Offices are open Monday to Friday, 08:30 to 17:15. In Japan (zone Asia/Tokyo) they are closed on
public holidays and from 29 December to 3 January (行政機関の休日に関する法律, Article 1). In
other zones only weekends are known.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from drillsim.drill.calendar import Calendar
from drillsim.drill.durations import Period
from drillsim.i18n import _

OPENS = time(8, 30)
CLOSES = time(17, 15)
JAPAN = "Asia/Tokyo"

_DAY = timedelta(days=1)
_SLACK = timedelta(days=14)  # Over the end of the window, so that late work still finds its hours.
_LAST_DAY = date(2150, 12, 31)  # The equinoxes are computed, and known up to here.


def closed_because(day: date, zone: str) -> str | None:
    """Return why offices are closed on `day` (a holiday by its Japanese name), or None."""
    if day.weekday() >= 5:
        return _("Saturday") if day.weekday() == 5 else _("Sunday")
    if zone != JAPAN:
        return None
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return _("New Year holidays")
    if day > _LAST_DAY:
        return None
    import jpholiday

    name: str | None = jpholiday.is_holiday_name(day)
    return name


def office_calendar(start: datetime, zone: str, window: Period, business_days: int = 0) -> Calendar:
    """Return the office hours from the day of `start` to the end of the window and two weeks on.

    Args:
        start: StartEx, with a zone.
        zone: IANA name of the zone in which offices keep their hours.
        window: how long the drill runs.
        business_days: the longest other period in business days; it may begin when the window
            ends, so the calendar reaches so many office days further.
    """
    place = ZoneInfo(zone)
    begin = start.astimezone(UTC)
    needed = window.business_days + business_days
    end = begin + window.length + _SLACK
    spans: list[tuple[timedelta, timedelta]] = []
    after = 0  # Office days that begin after the window's length is over.
    for opens, closes in _office_days(start.astimezone(place).date(), zone):
        if closes <= begin:
            continue
        if opens > end and after > needed:
            break
        spans.append((opens - begin, closes - begin))
        after += opens > begin + window.length
    return Calendar(tuple(spans))


def _office_days(first: date, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield opening and closing in UTC of every office day from `first` on."""
    place = ZoneInfo(zone)
    day = first
    while day < date.max:
        if closed_because(day, zone) is None:
            yield (
                datetime.combine(day, OPENS, place).astimezone(UTC),
                datetime.combine(day, CLOSES, place).astimezone(UTC),
            )
        day += _DAY
