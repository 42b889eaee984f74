"""Times of day that people type when they book something later than it happened."""

import re
from datetime import timedelta

from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill.durations import ZERO
from drillsim.drill.exercise import Exercise
from drillsim.i18n import _
from drillsim.text import clean_line

_TIME = re.compile(r"([0-9]{1,2})[:：]([0-9]{2})(?::([0-9]{2}))?")
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def typed_moment(
    text: str, exercise: Exercise, now: timedelta, since: timedelta = ZERO
) -> timedelta | None:
    """Return when a typed time of day (10:31, or 10:31:20) last was; None for an empty one.

    A minute holds all that happened in it: who types 10:31 of what was written at 10:31:40 is
    not refused for 40 seconds.

    Args:
        text: what was typed.
        exercise: whose zone it is meant in.
        now: the drill time of the booking; what is booked has happened by then.
        since: before it, what is booked cannot have happened.

    Raises:
        RefusedOrderError: it is no time, is still to come, or lies before `since`.
    """
    text = text.strip()
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise RefusedOrderError(
            _("{value} is no time; write one such as 10:05").format(
                value=clean_line(text, limit=20)
            )
        )
    today = exercise.when(now)
    when = today.replace(
        hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=0
    )
    moment = when - exercise.start_ex
    if moment > now:
        if moment - _DAY + _MINUTE <= since:
            raise RefusedOrderError(_("{value} is still to come").format(value=text))
        moment -= _DAY  # The drill goes on over midnight.
    return _not_before(moment, since, text)


def checked_moment(
    moment: timedelta, exercise: Exercise, now: timedelta, since: timedelta
) -> timedelta:
    """Return a drill time that was typed, as `typed_moment` would.

    Raises:
        RefusedOrderError: it is still to come, or lies before `since`.
    """
    shown = f"{exercise.when(moment):%H:%M}"
    if moment > now:
        raise RefusedOrderError(_("{value} is still to come").format(value=shown))
    return _not_before(moment, since, shown)


def _not_before(moment: timedelta, since: timedelta, shown: str) -> timedelta:
    if moment + _MINUTE <= since:
        raise RefusedOrderError(_("it was not there yet at {value}").format(value=shown))
    return max(moment, since)
