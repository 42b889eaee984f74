"""What to know of a drill's dates before it is approved: holidays, lunch, the end of the day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from drillsim.drill.exercise import Exercise
from drillsim.files.office_hours import CLOSES, OPENS, closed_because
from drillsim.i18n import _

LUNCH: Final = (time(12), time(13))
"""When one of two is away from the desk in Japanese offices."""
_DAY = timedelta(days=1)

RemarkKind = Literal["closed-day", "closed-hours", "closed-within", "lunch", "late-end"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know; `text` is a whole sentence in the language in use."""

    kind: RemarkKind
    text: str


def remarks(exercise: Exercise) -> Iterator[Remark]:
    """Yield what to know of the dates of a drill, the start first."""
    start, end = exercise.start_ex, exercise.when(exercise.window_at)
    closed = closed_because(start.date(), exercise.tree.zone)
    # A drill at night or on a holiday is meant so when its contacts are those of such hours.
    meant = exercise.scenario.hours == "off-hours"
    if closed is not None:
        yield Remark("closed-day", _closed_day(exercise, start.date(), closed))
    elif not meant and not OPENS <= start.time() < CLOSES:
        text = _("It begins at {time}, outside office hours ({opens} to {closes}).")
        yield Remark("closed-hours", text.format(time=f"{start:%H:%M}", **_hours()))
    yield from _closed_within(exercise, start, end)
    if closed is None and not exercise.off_hours:
        yield from _within_the_day(start, end)


def _closed_day(exercise: Exercise, day: date, why: str) -> str:
    text = (
        _("{day} is a day off ({why}); the contacts for nights and holidays are used.")
        if exercise.off_hours
        else _("{day} is a day off ({why}), but the contacts for office hours are used.")
    )
    return text.format(day=f"{day:%Y-%m-%d}", why=why)


def _closed_within(exercise: Exercise, start: datetime, end: datetime) -> Iterator[Remark]:
    """Yield the holidays within the window; weekends go without saying."""
    day, found = start.date() + _DAY, []
    while day <= end.date():
        why = closed_because(day, exercise.tree.zone)
        if why is not None and day.weekday() < 5:
            found.append(f"{day:%Y-%m-%d} {why}")
        day += _DAY
    if found:
        text = _("Offices are closed within the window: {days}.").format(days=", ".join(found))
        yield Remark("closed-within", text)


def _within_the_day(start: datetime, end: datetime) -> Iterator[Remark]:
    is_one_day = start.date() == end.date()
    if is_one_day and start.time() < LUNCH[1] and end.time() > LUNCH[0]:
        text = _("The window spans {begin} to {end}, when many are away from their desks.")
        hours = {"begin": f"{LUNCH[0]:%H:%M}", "end": f"{LUNCH[1]:%H:%M}"}
        yield Remark("lunch", text.format(**hours))
    if end.time() > CLOSES or (not is_one_day and end.time() < OPENS):
        text = _("The window closes at {time}, outside office hours ({opens} to {closes}).")
        when = f"{end:%H:%M}" if is_one_day else f"{end:%Y-%m-%d %H:%M}"
        yield Remark("late-end", text.format(time=when, **_hours()))


def _hours() -> dict[str, str]:
    return {"opens": f"{OPENS:%H:%M}", "closes": f"{CLOSES:%H:%M}"}
