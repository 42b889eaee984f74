"""Times of day that are typed when something is booked later."""

from datetime import timedelta

import pytest

from drillsim.conduct.refusal import RefusedOrderError
from drillsim.conduct.typed_times import checked_moment, typed_moment
from tests import examples

MINUTE = timedelta(minutes=1)
EXERCISE = examples.exercise()  # It begins at 10:00.


@pytest.mark.parametrize(
    ("text", "now", "since", "found"),
    [
        ("10:05", 30, 0, 5),
        (" 10：05 ", 30, 0, 5),
        ("10:05:30", 30, 0, 5.5),
        ("10:05", 30, 5.5, 5.5),  # The same minute.
        ("23:58", 14 * 60 + 5, 0, 13 * 60 + 58),  # It is 00:05.
        ("", 30, 0, None),
    ],
)
def test_a_time_of_day_is_the_last_one_that_was(
    text: str, now: float, since: float, found: float | None
) -> None:
    got = typed_moment(text, EXERCISE, now * MINUTE, since * MINUTE)
    assert got == (None if found is None else found * MINUTE)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10:31", "still to come"),
        ("9:59", "not there yet"),
        ("10:04", "not there yet"),
        ("24:00", "is no time"),
        ("soon", "is no time"),
        ("１０:05", "is no time"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, why: str) -> None:
    with pytest.raises(RefusedOrderError, match=why):
        typed_moment(text, EXERCISE, 30 * MINUTE, 5 * MINUTE)


def test_a_drill_time_is_checked_in_the_same_way() -> None:
    assert checked_moment(5 * MINUTE, EXERCISE, 30 * MINUTE, 5.5 * MINUTE) == 5.5 * MINUTE
    for wrong in (4, 31):
        with pytest.raises(RefusedOrderError):
            checked_moment(wrong * MINUTE, EXERCISE, 30 * MINUTE, 5 * MINUTE)
