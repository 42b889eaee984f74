"""Lengths of time as users write them: `15m`, `4h`, `1h30m`, `20s`, `2d`; `10bd` is business days.

A bare number is refused, because `20` may mean seconds to one reader and minutes to the next.
Business days are turned into instants by the calendar that a scenario is loaded with
(`drillsim.drill.calendar`), so that the rules never see a date.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from drillsim.drill.model import Unfit
from drillsim.i18n import _

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_PART = re.compile(r"([0-9]{1,9})(ms|d|h|m|s)")
_WHOLE = re.compile(r"(?:[0-9]{1,9}(?:ms|d|h|m|s))+")
_BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_MAX = timedelta(days=366)

ZERO = timedelta(0)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(length: timedelta) -> int:
    """Return `length` in whole milliseconds, the unit of every `at` in a journal."""
    return length // MILLISECOND


def from_ms(ms: int) -> timedelta:
    """Return `ms` milliseconds as a length of time."""
    return timedelta(milliseconds=ms)


def parse_duration(text: str) -> timedelta:
    """Return the length that `text` names, such as `1h30m`.

    Raises:
        Unfit: there is no unit, an unknown one, or the length is over 366 days.
    """
    text = text.strip()
    if _BARE.fullmatch(text):
        raise Unfit(
            _("{value} has no unit").format(value=text),
            _("write {value}m or {value}s").format(value=text),
        )
    if not _WHOLE.fullmatch(text):
        if text.endswith("bd") and text[:-2].isdecimal():
            raise Unfit(
                _("{value} counts business days, which have no fixed length").format(value=text),
                _("write it in days or hours, as 2d or 36h"),
            )
        raise Unfit(
            _("{value} is no length of time").format(value=text or '""'),
            _("write it as 15m, 4h or 1h30m"),
        )
    length = sum((int(n) * _UNITS[unit] for n, unit in _PART.findall(text)), ZERO)
    if length > _MAX:
        raise Unfit(
            _("{value} is longer than 366 days").format(value=text), _("write a shorter time")
        )
    return length


def format_duration(length: timedelta) -> str:
    """Return `length` as it is written in a scenario: `1h30m`; the inverse of `parse_duration`."""
    rest = to_ms(length)
    parts = []
    for unit, size in _UNITS.items():
        n, rest = divmod(rest, to_ms(size))
        if n:
            parts.append(f"{n}{unit}")
    return "".join(parts) or "0s"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time, or a number of business days counted by the scenario's calendar.

    Exactly one of the two is set; business days end at the close of the office on the n-th
    business day after the day on which the period begins.
    """

    length: timedelta = ZERO
    business_days: int = 0

    def __str__(self) -> str:
        return f"{self.business_days}bd" if self.business_days else format_duration(self.length)


def parse_period(text: str) -> Period:
    """Return the period that `text` names: a duration, or business days such as `10bd`.

    Raises:
        Unfit: as `parse_duration`, or more than 250 business days.
    """
    text = text.strip()
    if text.endswith("bd") and text[:-2].isdecimal() and text.isascii():
        days = int(text[:-2])
        if not 1 <= days <= 250:
            raise Unfit(
                _("{value} is not between 1bd and 250bd").format(value=text),
                _("write another number of business days"),
            )
        return Period(business_days=days)
    return Period(parse_duration(text))


def _as_text(value: Any) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    raise Unfit(_("is no length of time"), _("write it as 15m, 4h or 1h30m"))


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    return parse_duration(_as_text(value))


def _period(value: Any) -> Any:
    if isinstance(value, Period):
        return value
    if isinstance(value, timedelta):
        return Period(value)
    return parse_period(_as_text(value))


_LENGTH_PATTERN = "([0-9]{1,9}(ms|d|h|m|s))+"

Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_LENGTH_PATTERN}$", "examples": ["15m"]}),
]
PeriodField = Annotated[
    Period,
    BeforeValidator(_period),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({_LENGTH_PATTERN}|[0-9]{{1,3}}bd)$",
            "examples": ["15m", "1h30m", "10bd"],
        }
    ),
]
