"""Holidays, lunch and the end of the day are told beforehand; what is meant so is not."""

from datetime import datetime
from typing import Any

import pytest

from drillsim.drill.exercise import Exercise
from drillsim.files.office_hours import office_calendar
from drillsim.files.timing import remarks
from tests import examples


def drill(start: str, window: str = "2h", **changes: Any) -> Exercise:
    story = examples.scenario(start=start, window=window, **changes)
    tree = examples.tree()
    calendar = office_calendar(story.start, tree.zone, story.window)
    return examples.exercise(tree, story, calendar)


def told(start: str, window: str = "2h", **changes: Any) -> dict[str, str]:
    return {each.kind: each.text for each in remarks(drill(start, window, **changes))}


@pytest.mark.parametrize(
    ("start", "window", "kinds"),
    [
        ("2026-10-14T10:00+09:00", "2h", []),
        ("2026-10-14T10:00+09:00", "2h1m", ["lunch"]),
        ("2026-10-14T12:59+09:00", "1h", ["lunch"]),
        ("2026-10-14T13:00+09:00", "4h", []),
        ("2026-10-14T13:00+09:00", "4h15m", []),
        ("2026-10-14T13:00+09:00", "4h16m", ["late-end"]),
        ("2026-10-14T10:00+09:00", "8h", ["lunch", "late-end"]),
        ("2026-10-14T16:00+09:00", "10h", ["late-end"]),
        ("2026-10-14T08:29+09:00", "2h", ["closed-hours"]),
        ("2026-10-14T17:15+09:00", "2h", ["closed-hours"]),
        ("2026-10-17T10:00+09:00", "2h", ["closed-day"]),
        ("2026-11-03T10:00+09:00", "8h", ["closed-day"]),
        ("2026-12-29T10:00+09:00", "2h", ["closed-day"]),
        ("2026-11-02T10:00+09:00", "5bd", ["closed-within"]),
        ("2026-10-16T10:00+09:00", "5bd", []),
        ("2026-10-14T01:00Z", "2h", []),
    ],
)
def test_what_is_to_be_known_of_the_dates(start: str, window: str, kinds: list[str]) -> None:
    assert list(told(start, window)) == kinds


def test_the_day_off_is_named_with_the_contacts_that_are_used() -> None:
    off = told("2026-11-03T10:00+09:00")["closed-day"]
    assert off == (
        "2026-11-03 is a day off (文化の日); the contacts for nights and holidays are used."
    )
    office = told("2026-11-03T10:00+09:00", hours="office")["closed-day"]
    assert office.endswith("but the contacts for office hours are used.")


def test_a_drill_meant_for_the_night_is_not_told_that_it_is_night() -> None:
    assert told("2026-11-18T19:20+09:00", "3h", hours="off-hours") == {}
    assert list(told("2026-11-18T19:20+09:00", "3h")) == ["closed-hours"]


def test_the_holidays_within_a_long_window_are_named_and_weekends_are_not() -> None:
    text = told("2026-09-17T10:00+09:00", "5bd")["closed-within"]
    assert text == (
        "Offices are closed within the window: 2026-09-21 敬老の日, 2026-09-22 国民の休日, "
        "2026-09-23 秋分の日."
    )


def test_an_end_on_another_day_is_given_with_its_date() -> None:
    end = datetime.fromisoformat("2026-10-15T02:00+09:00")
    text = told("2026-10-14T16:00+09:00", "10h")["late-end"]
    assert f"{end:%Y-%m-%d %H:%M}" in text
