"""Times and lengths of time as people write them into tables."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

_DATED = re.compile(
    r"(?:(?P<era>令和)(?P<of_era>\d{1,2}|元)|(?P<year>\d{4}))\s*[-/.年]\s*"
    r"(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?P<rest>.*)"
)
_HOURS = re.compile(r"(?:T?\+|T)?\s*(\d{1,3})\s*[:時]\s*(?:(\d{1,2})(?::\d{2})?\s*分?)?")
_MINUTES = re.compile(r"(?:T?\+|T)?\s*(\d{1,4})\s*(?:分後?|min\.?|m)")
_FIRST_YEAR_OF_REIWA: Final = 2019


def moment_in(text: str) -> datetime | timedelta | None:
    """Return a time as people write it: 2026-10-14 10:05, 令和８年10月14日10時05分, T+20分."""
    plain = unicodedata.normalize("NFKC", text).strip()
    dated = _DATED.search(plain)
    if dated is not None:
        if dated["era"]:
            of_era = 1 if dated["of_era"] == "元" else int(dated["of_era"])
            year = _FIRST_YEAR_OF_REIWA + of_era - 1
        else:
            year = int(dated["year"])
        after = _HOURS.search(dated["rest"])
        hour, minute = (int(after[1]), int(after[2] or 0)) if after is not None else (0, 0)
        try:
            return datetime(year, int(dated["month"]), int(dated["day"]), hour, minute)  # noqa: DTZ001
        except ValueError:
            return None
    hours = _HOURS.fullmatch(plain)
    if hours is not None:
        return timedelta(hours=int(hours[1]), minutes=int(hours[2] or 0))
    minutes = _MINUTES.fullmatch(plain)
    return None if minutes is None else timedelta(minutes=int(minutes[1]))


_CLOCK = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?")
_SPOKEN = re.compile(r"(?:(\d{1,3})\s*時間)?\s*(?:(\d{1,4})\s*分)?\s*(?:(\d{1,2})\s*秒)?")
_MINUTES_ALONE = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*(?:min\.?|m)?")


def length_in(text: str) -> timedelta | None:
    """Return a length: 12 (minutes), 12.5, 0:12:30, １時間５分, 12分30秒; None where it is none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    alone = _MINUTES_ALONE.fullmatch(plain)
    if alone is not None:
        return timedelta(minutes=float(alone[1]))
    clock = _CLOCK.fullmatch(plain)
    if clock is not None:
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]), seconds=int(clock[3] or 0))
    spoken = _SPOKEN.fullmatch(plain) if plain else None
    if spoken is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in spoken.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
