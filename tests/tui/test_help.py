"""The list of keys: one row for each thing that is done, and whether it can be done now."""

from datetime import timedelta
from pathlib import Path

from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.help import key_rows
from drillsim.tui.screens.run import RunScreen
from tests.tui.driving import settle, shown
from tests.tui.recorded import journal_until, record


async def test_pause_and_continue_are_one_row_and_so_are_faster_and_slower(tmp_path: Path) -> None:
    path = journal_until(tmp_path / "a.drill", record(), timedelta(hours=1))
    screen = RunScreen(Following(path), Orders(path, "tester"))
    async with shown(screen) as pilot:
        await settle(pilot, lambda: screen.view.revision > 0)
        await pilot.pause()
        rows = key_rows(screen)
        assert len([row for row in rows if "space" in row.keys]) == 1
        (speed,) = [row for row in rows if "plus" in row.keys]
        assert speed.keys == ["plus", "minus"]
        assert speed.is_possible
        assert len([row for row in rows if row.keys == ["l"]]) == 1
        assert not next(row for row in rows if row.description == "review").is_possible
    screen.following.close()
