"""What a user wrote and does not fit is told in one line: what is wrong, and how to mend it."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from drillsim.drill.durations import Duration, Period, PeriodField
from drillsim.drill.model import IsoDate, IsoInstant, Unfit, kebab, one_or_many
from drillsim.drill.preset import PresetField
from drillsim.drill.shares import Share
from drillsim.drill.sizes import SizeBytes

KINDS: dict[str, Any] = {
    "length": Duration,
    "period": PeriodField,
    "share": Share,
    "size": SizeBytes,
    "date": Annotated[date, IsoDate],
    "instant": Annotated[datetime, IsoInstant],
    "preset": PresetField,
}

AS_LENGTH = "write it as 15m, 4h or 1h30m"
IN_DAYS = "write it in days or hours, as 2d or 36h"
AS_PRESET = (
    "write ordinary-mail, announced-office-hours, unannounced-evening, unannounced-weekend,"
    " or the path of a preset file (.yaml)"
)
AS_SIZE = "write it with its unit, as 5MB"


@pytest.mark.parametrize(
    ("kind", "value", "line"),
    [
        ("length", "20", "20 has no unit; write 20m or 20s"),
        ("length", 20, "20 has no unit; write 20m or 20s"),
        ("length", " 1.5 ", "1.5 has no unit; write 1.5m or 1.5s"),
        ("length", "soon", f"soon is no length of time; {AS_LENGTH}"),
        ("length", " ", f'"" is no length of time; {AS_LENGTH}'),
        ("length", "1xbd", f"1xbd is no length of time; {AS_LENGTH}"),
        ("length", "bd", f"bd is no length of time; {AS_LENGTH}"),
        (
            "length",
            "10bd",
            "10bd counts business days, which have no fixed length; " + IN_DAYS,
        ),
        ("length", "367d", "367d is longer than 366 days; write a shorter time"),
        ("length", ["15m"], f"is no length of time; {AS_LENGTH}"),
        ("length", None, f"is no length of time; {AS_LENGTH}"),
        ("period", "20", "20 has no unit; write 20m or 20s"),
        ("period", {"h": 4}, f"is no length of time; {AS_LENGTH}"),
        ("period", "1xbd", f"1xbd is no length of time; {AS_LENGTH}"),
        (
            "period",
            "0bd",
            "0bd is not between 1bd and 250bd; write another number of business days",
        ),
        (
            "period",
            " 251bd",
            "251bd is not between 1bd and 250bd; write another number of business days",
        ),
        ("share", "90", "90 has no %; write 90%"),
        ("share", 0.9, "0.9 has no %; write 0.9%"),
        ("share", "most", "most is no share; write it as 90%"),
        ("share", "%", "% is no share; write it as 90%"),
        ("share", "90%%", "90%% is no share; write it as 90%"),
        ("share", "", '"" is no share; write it as 90%'),
        ("share", ["90%"], '"" is no share; write it as 90%'),
        ("share", "100.1 %", "100.1 % is more than all; write 100% or less"),
        ("size", "5", f"5 has no unit; {AS_SIZE}"),
        ("size", "large", f"large is no size; {AS_SIZE}"),
        ("size", "", f'"" is no size; {AS_SIZE}'),
        ("size", ["5MB"], f'"" is no size; {AS_SIZE}'),
        ("size", True, f'"" is no size; {AS_SIZE}'),
        ("size", "999KB", "999KB is not between 1MB and 50MB; write another size, as 5MB"),
        ("size", "50001KB", "50001KB is not between 1MB and 50MB; write another size, as 5MB"),
        ("preset", " ordinary-mal ", "cannot be ordinary-mal; did you mean ordinary-mail?"),
        (
            "preset",
            "people.txt",
            f"cannot be people.txt; {AS_PRESET}",
        ),
        ("date", "next week", "next week is no date; write it as 2026-04-10"),
        ("date", "1775779200", "1775779200 is no date; write it as 2026-04-10"),
        (
            "instant",
            "2026-10-14",
            "2026-10-14 is no date with time; write it as 2026-10-14T10:00+09:00",
        ),
        (
            "instant",
            " 2026-10-14T10:00 ",
            "2026-10-14T10:00 has no zone; write 2026-10-14T10:00+09:00 for Japan",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_how_to_mend_it(kind: str, value: Any, line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[Any](KINDS[kind]).validate_python(value)
    (error,) = caught.value.errors()
    unfit = error["ctx"]["error"]
    assert isinstance(unfit, Unfit)
    assert str(unfit) == line
    assert f"{unfit.message}; {unfit.remedy}" == line
    assert unfit.key is None


@pytest.mark.parametrize(
    ("kind", "written", "value", "shown"),
    [
        ("length", "1h30m", timedelta(minutes=90), "1h30m"),
        ("length", timedelta(0), timedelta(0), "0s"),
        (
            "length",
            "90061001ms",
            timedelta(days=1, hours=1, minutes=1, seconds=1.001),
            "1d1h1m1s1ms",
        ),
        ("period", "90m", Period(timedelta(minutes=90)), "1h30m"),
        ("period", timedelta(minutes=5), Period(timedelta(minutes=5)), "5m"),
        ("period", Period(business_days=3), Period(business_days=3), "3bd"),
        ("period", "1bd", Period(business_days=1), "1bd"),
        ("period", " 250bd ", Period(business_days=250), "250bd"),
        ("share", "100%", Fraction(1), "100%"),
        ("share", " 33.3 % ", Fraction(333, 1000), "33.3%"),
        ("share", Fraction(9, 10), Fraction(9, 10), "90%"),
        ("size", "1MB", 1_000_000, "1MB"),
        ("size", "50 mb", 50_000_000, "50MB"),
        ("size", "1500kb", 1_500_000, "1500KB"),
        ("size", 2_000_000, 2_000_000, "2MB"),
        ("preset", " ordinary-mail ", "ordinary-mail", "ordinary-mail"),
        ("preset", "../people/ours.yaml", "../people/ours.yaml", "../people/ours.yaml"),
        ("preset", " ours.yml ", "ours.yml", "ours.yml"),
        ("date", " 2026-04-10 ", date(2026, 4, 10), "2026-04-10"),
        ("date", date(2026, 4, 10), date(2026, 4, 10), "2026-04-10"),
    ],
)
def test_what_fits_is_shown_as_it_is_best_written(
    kind: str, written: Any, value: Any, shown: str
) -> None:
    adapter = TypeAdapter[Any](KINDS[kind])
    assert adapter.validate_python(written) == value
    assert adapter.dump_python(value, mode="json") == shown


@pytest.mark.parametrize("written", ["2026-10-14T10:00+09:00", " 2026-10-14 01:00:00Z "])
def test_an_instant_is_the_same_in_any_zone(written: str) -> None:
    adapter = TypeAdapter[Any](KINDS["instant"])
    assert adapter.validate_python(written) == datetime.fromisoformat("2026-10-14T10:00+09:00")


def test_a_fault_without_a_remedy_is_its_message_and_may_blame_a_key() -> None:
    unfit = Unfit("two officers have the same address", "", "email")
    assert str(unfit) == "two officers have the same address"
    assert (unfit.message, unfit.remedy, unfit.key) == (str(unfit), "", "email")


def test_keys_are_written_with_hyphens_and_one_text_is_a_list_of_one() -> None:
    assert [kebab(name) for name in ("stand_in_after", "from_", "id")] == [
        "stand-in-after",
        "from",
        "id",
    ]
    assert one_or_many("a@a.example") == ["a@a.example"]
    assert one_or_many(["a", "b"]) == ["a", "b"]
