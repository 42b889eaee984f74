"""Summer time begins and ends in the middle of a drill: clocks show it, response times do not."""

from datetime import timedelta

import pytest

from drillsim.drill.exercise import Exercise
from drillsim.evaluation.evaluation import evaluate
from drillsim.world.course import Course
from tests import examples

HOUR = timedelta(hours=1)


def exercise(start: str, zone: str) -> Exercise:
    contacts = examples.tree().model_copy(update={"zone": zone})
    return examples.exercise(contacts=contacts, story=examples.scenario(start=start))


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("start", "zone", "clocks"),
    [
        # In the autumn of New York, 02:00 is 01:00 once more; in its spring, 02:00 is 03:00.
        ("2026-11-01T01:30-04:00", NEW_YORK, "01:30 -0400, 01:30 -0500, 02:30 -0500"),
        ("2027-03-14T01:30-05:00", NEW_YORK, "01:30 -0500, 03:30 -0400, 04:30 -0400"),
        ("2026-10-14T10:00+09:00", "Asia/Tokyo", "10:00 +0900, 11:00 +0900, 12:00 +0900"),
        # Summer time of half an hour.
        ("2026-10-04T01:45+10:30", "Australia/Lord_Howe", "01:45 +1030, 03:15 +1100, 04:15 +1100"),
    ],
)
def test_the_change_of_summer_time_changes_no_response_time(
    start: str, zone: str, clocks: str
) -> None:
    here, in_utc = exercise(start, zone), exercise(start, "UTC")
    assert ", ".join(f"{here.when(n * HOUR):%H:%M %z}" for n in range(3)) == clocks
    events = list(Course(here, 7).run())
    assert events == list(Course(in_utc, 7).run())
    assert evaluate(here, events).score == evaluate(in_utc, events).score
