"""Office hours as spans of drill time, so that the rules need no dates.

`drillsim.files.office_hours` makes a calendar when a scenario is loaded, from the start, the zone
and the holidays; here it is only looked up.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import accumulate

from drillsim.drill.durations import ZERO, Period


@dataclass(frozen=True)
class Calendar:
    """The hours in which offices are open, as (open, close) since StartEx, in order.

    The first span may have begun before StartEx (a negative opening). The spans cover the drill's
    window; what lies after the last span counts as open, so that no look-up fails.
    """

    office: tuple[tuple[timedelta, timedelta], ...] = ()

    @cached_property
    def _opens(self) -> list[timedelta]:
        return [start for start, _ in self.office]

    @cached_property
    def _closes(self) -> list[timedelta]:
        return [end for _, end in self.office]

    @cached_property
    def _worked(self) -> list[timedelta]:
        """Hours worked before each span, and after the last."""
        return list(accumulate((end - start for start, end in self.office), initial=ZERO))

    def is_open(self, at: timedelta) -> bool:
        """Whether offices are open at `at`; a closing instant is closed."""
        place = bisect_right(self._opens, at) - 1
        return place >= 0 and at < self._closes[place]

    def due(self, since: timedelta, period: Period) -> timedelta:
        """Return when `period` from `since` ends.

        Business days end at closing time on the n-th office day that begins after `since`; the
        day of `since` itself is not counted (初日不算入, Civil Code of Japan, Article 140).
        """
        if not period.business_days:
            return since + period.length
        first = bisect_right(self._opens, since)
        place = first + period.business_days - 1
        if place < len(self._closes):
            return self._closes[place]
        return since + timedelta(days=2 * period.business_days)

    def worked(self, since: timedelta, delay: timedelta) -> timedelta:
        """Return when someone who works only in office hours is done with `delay` of work."""
        place = bisect_right(self._closes, since)
        if place >= len(self._closes):
            return since + delay
        begun = max(since, self._opens[place])
        target = self._worked[place] + (begun - self._opens[place]) + delay
        day = max(place, bisect_left(self._worked, target, 1) - 1)
        if day >= len(self._closes):
            return self._closes[-1] + (target - self._worked[-1])
        return self._opens[day] + (target - self._worked[day])
