"""What must hold before a live drill begins: its day, its window, and to whom it may write."""

from datetime import datetime, timedelta

import pytest

from drillsim.conduct.live_guards import require_allowed, require_the_window
from drillsim.drill.recipients import Recipients
from drillsim.problem import UsageError
from tests import examples

START = datetime.fromisoformat(examples.START)


@pytest.mark.parametrize("hours", [-10, -1, 0, 3])
def test_any_hour_of_the_day_will_do_until_the_window_closes(hours: int) -> None:
    require_the_window(examples.exercise(), START + timedelta(hours=hours))


@pytest.mark.parametrize("hours", [-11, 15, 24, 24 * 365])
def test_another_day_will_not_do(hours: int) -> None:
    with pytest.raises(UsageError, match="for 2026-10-14 alone"):
        require_the_window(examples.exercise(), START + timedelta(hours=hours))


def test_a_closed_window_will_not_do_on_its_own_day_either() -> None:
    with pytest.raises(UsageError, match="closed at 14:00, and it is 14:00"):
        require_the_window(examples.exercise(), START + timedelta(hours=4))


def test_the_day_is_that_of_the_drills_own_zone() -> None:
    utc = datetime.fromisoformat("2026-10-13T23:30:00+00:00")
    require_the_window(examples.exercise(), utc)  # 08:30 on the 14th in Tokyo.


def test_everybody_must_be_allowed_and_those_who_are_not_are_named() -> None:
    recipients = Recipients(examples.exercise())
    require_allowed(recipients, lambda _address: True)
    with pytest.raises(UsageError) as caught:
        require_allowed(recipients, lambda address: address != "o2@n1-3.example")
    assert "1 recipient is" in str(caught.value)
    assert "o2@n1-3.example" in str(caught.value)
    with pytest.raises(UsageError, match=r"8 recipients are not .*, …\)"):
        require_allowed(recipients, lambda _address: False)


def test_a_drill_that_writes_to_nobody_is_none() -> None:
    nobody = {node: {"officers": [{"name": "a"}]} for node in ("n1", "n1-1", "n1-2", "n1-3")}
    recipients = Recipients(examples.exercise(examples.tree((1, 3), changes=nobody)))
    with pytest.raises(UsageError, match="nobody of this drill"):
        require_allowed(recipients, lambda _address: True)
