"""With plain signs nothing is drawn that a terminal may make two cells wide."""

import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest

from drillsim.text import width
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.plain_signs import VARIABLE, are_wanted, plain
from drillsim.tui.screens.help import lane_signs, run_signs
from drillsim.tui.screens.palette import Palette
from drillsim.tui.screens.run import RunScreen
from tests.tui.driving import on_screen, settle, shown
from tests.tui.recorded import journal_until, record


def is_steady(text: str) -> bool:
    return not any(
        unicodedata.east_asian_width(c) == "A" and unicodedata.category(c)[0] != "M" for c in text
    )


@pytest.mark.parametrize("text", ["─│├└█▂░▒▓", "①⑨⑩ⅢⅫ", "●○■※→…‖“”×÷°", "葛\U000e0100城市"])
def test_a_sign_takes_as_many_cells_as_what_it_stands_for(text: str) -> None:
    assert width(plain(text)) == width(text)
    assert is_steady(plain(text))


def test_japanese_stays_as_it_is() -> None:
    text = "山口県　さざなみ町（住民課）「訓練です。」ｶﾞｷﾞｸﾞ㈱髙﨑 が\u3099 10:05"
    assert plain(text) == text


def test_signs_that_mean_different_things_stay_different() -> None:
    for signs in (lane_signs(), run_signs()):
        drawn = [plain(sign) for sign, _meaning in signs]
        assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({VARIABLE: "plain"}, True), ({VARIABLE: "usual"}, False), ({"TERM": "xterm"}, False)],
)
def test_the_variable_decides(environment: dict[str, str], wanted: bool) -> None:
    assert are_wanted(environment) is wanted


async def test_a_key_draws_the_whole_screen_with_plain_signs(tmp_path: Path) -> None:
    path = journal_until(tmp_path / "a.drill", record(), timedelta(hours=1))
    following = Following(path)
    async with shown(RunScreen(following, Orders(path, "tester")), (120, 40)) as pilot:
        await settle(pilot, lambda: "municipality" in on_screen(pilot))
        assert not is_steady(on_screen(pilot))
        await pilot.press("ctrl+g")
        await settle(pilot, lambda: is_steady(on_screen(pilot)))
        await pilot.press("ctrl+p")
        await settle(pilot, lambda: isinstance(pilot.app.screen, Palette))
        await pilot.pause()
        assert is_steady(on_screen(pilot))
    following.close()
