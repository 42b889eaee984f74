"""A terminal with less room than the screens are made for is told of, once."""

from pathlib import Path

from drillsim.tui.following import Following
from drillsim.tui.screens.review import ReviewScreen
from tests.tui.driving import said, shown
from tests.tui.recorded import record, sealed_journal


async def test_a_terminal_that_is_too_small_is_told_so_once(tmp_path: Path) -> None:
    following = Following(sealed_journal(tmp_path / "a.drill", record()))
    async with shown(ReviewScreen(following), (60, 20)) as pilot:
        assert "60 by 20" in said(pilot)
        await pilot.resize_terminal(58, 20)
        await pilot.pause()
        assert "58 by 20" not in said(pilot)
    following.close()


async def test_80_by_24_is_enough(tmp_path: Path) -> None:
    following = Following(sealed_journal(tmp_path / "a.drill", record()))
    async with shown(ReviewScreen(following), (80, 24)) as pilot:
        assert said(pilot) == ""
    following.close()
