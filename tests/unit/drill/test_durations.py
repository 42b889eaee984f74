from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from drillsim.drill.durations import (
    Period,
    format_duration,
    parse_duration,
    parse_period,
)
from drillsim.drill.model import Unfit
from drillsim.drill.shares import Share


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("15m", timedelta(minutes=15)),
        ("1h30m", timedelta(minutes=90)),
        (" 20s ", timedelta(seconds=20)),
        ("2d", timedelta(days=2)),
        ("1500ms", timedelta(milliseconds=1500)),
        ("366d", timedelta(days=366)),
        ("0s", timedelta(0)),
    ],
)
def test_a_length_has_a_unit(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20", "20 has no unit; write 20m or 20s"),
        ("1.5", "1.5 has no unit"),
        ("", '"" is no length of time'),
        ("-5m", "-5m is no length of time"),
        ("5 m", "5 m is no length of time"),
        ("５m", "５m is no length of time"),
        ("5M", "5M is no length of time"),
        ("367d", "367d is longer than 366 days"),
        ("999999999d", "999999999d is longer than 366 days"),
        ("9999999999m", "9999999999m is no length of time"),
        ("10bd", "10bd counts business days"),
    ],
)
def test_what_is_no_length_is_told(text: str, said: str) -> None:
    with pytest.raises(Unfit) as caught:
        parse_duration(text)
    assert str(caught.value).startswith(said)


@given(st.timedeltas(timedelta(0), timedelta(days=366)))
def test_a_length_is_written_as_it_is_read(length: timedelta) -> None:
    whole = timedelta(milliseconds=length // timedelta(milliseconds=1))
    assert parse_duration(format_duration(whole)) == whole


def test_a_period_is_a_length_or_business_days() -> None:
    assert parse_period("10bd") == Period(business_days=10)
    assert parse_period("90m") == Period(timedelta(minutes=90))
    assert [str(parse_period(text)) for text in ("10bd", "90m")] == ["10bd", "1h30m"]
    for text in ("0bd", "251bd", "bd", "１bd"):
        with pytest.raises(Unfit):
            parse_period(text)


@pytest.mark.parametrize(("text", "share"), [("90%", "9/10"), ("0%", "0"), ("33.3 %", "333/1000")])
def test_a_share_is_exact(text: str, share: str) -> None:
    assert TypeAdapter[Any](Share).validate_python(text) == Fraction(share)


@pytest.mark.parametrize("text", ["90", "0.9", "101%", "-1%", "%", "1/3%", "1e9%", "٩%", ["9%"]])
def test_what_is_no_share_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[Any](Share).validate_python(text)
