"""What must hold before a live drill begins, asked before anything is connected to."""

from collections.abc import Callable
from datetime import datetime

from drillsim.drill.exercise import Exercise
from drillsim.drill.recipients import Recipients
from drillsim.i18n import _, ngettext
from drillsim.problem import UsageError
from drillsim.text import clean_line

_NAMES_MAX = 3


def require_the_window(exercise: Exercise, now: datetime) -> None:
    """Make sure that it is the day of the scenario, and its window has not closed.

    A drill may begin at another hour of that day: its file holds when it did.

    Raises:
        UsageError: it is another day, or later.
    """
    here = now.astimezone(exercise.zone)
    day, closes = exercise.start_ex.date(), exercise.when(exercise.window_at)
    if here.date() != day:
        raise UsageError(
            _(
                "this live drill is for {day} alone, and today is {today}; "
                "change start in the scenario"
            ).format(day=day.isoformat(), today=here.date().isoformat())
        )
    if here >= closes:
        raise UsageError(
            _(
                "the window of this live drill closed at {closes}, and it is {now}; "
                "change start in the scenario"
            ).format(closes=f"{closes:%H:%M}", now=f"{here:%H:%M}")
        )


def require_allowed(recipients: Recipients, allows: Callable[[str], bool]) -> None:
    """Make sure that every address of the drill may be written to.

    Raises:
        UsageError: one may not, or there is none at all.
    """
    if not recipients.all:
        raise UsageError(_("nobody of this drill has a mail address; nothing can be sent"))
    found = dict.fromkeys(each.address for each in recipients.outside(allows))
    if not found:
        return
    named = [clean_line(address, limit=60) for address in found][:_NAMES_MAX]
    raise UsageError(
        ngettext(
            "{n} recipient is not in the profile's [allow] ({names}); "
            "allow it there, or mend the contact tree",
            "{n} recipients are not in the profile's [allow] ({names}); "
            "allow them there, or mend the contact tree",
            len(found),
        ).format(n=len(found), names=", ".join(named) + (", …" if len(found) > _NAMES_MAX else ""))
    )
