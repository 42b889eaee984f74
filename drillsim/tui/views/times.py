"""Lengths and times of day as the screens write them, in few and steady cells."""

from datetime import datetime, timedelta

from drillsim.drill.durations import ZERO

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def short_length(length: timedelta) -> str:
    """Return `length` (0 or more) in at most six cells: 04:10, 99:59, 3h05, 12d03h."""
    seconds = int(length.total_seconds())
    if length < 100 * _MINUTE:
        return f"{seconds // 60:02}:{seconds % 60:02}"
    if length < 100 * _HOUR:
        return f"{seconds // 3600}h{seconds // 60 % 60:02}"
    if length < 100 * _DAY:
        return f"{seconds // 86400}d{seconds // 3600 % 24:02}h"
    return f"{seconds // 86400}d"


def full_length(length: timedelta) -> str:
    """Return `length` as h:mm:ss, with days before it where there are any; the sign is kept."""
    sign = "-" if length < ZERO else ""
    seconds = int(abs(length).total_seconds())
    days, seconds = divmod(seconds, 86400)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{sign}{days}d {text}" if days else sign + text


def time_of_day(when: datetime, start: datetime) -> str:
    """Return the time of day, with the date where it is another day than that of `start`."""
    if when.date() == start.date():
        return f"{when:%H:%M:%S}"
    return f"{when:%m-%d %H:%M:%S}"
