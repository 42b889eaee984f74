"""The list of all keys: what can be done now, found by a part of its name in either language."""

from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from drillsim.i18n import set_language
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.palette import Palette, commands
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.widgets.key_bar import KeyBar
from tests.tui.driving import in_front, on_screen, settle, shown
from tests.tui.recorded import journal_until, record


def running(tmp_path: Path) -> RunScreen:
    path = journal_until(tmp_path / "a.drill", record(), timedelta(hours=1))
    return RunScreen(Following(path), Orders(path, "tester"))


async def test_a_key_is_found_by_its_name_and_done(tmp_path: Path) -> None:
    screen = running(tmp_path)
    async with shown(screen) as pilot:
        await settle(pilot, lambda: screen.view.revision > 0)
        await pilot.press("ctrl+p")
        await settle(pilot, lambda: in_front(pilot, "Palette"))
        await pilot.press(*"call", "enter")
        await settle(pilot, lambda: in_front(pilot, "CallScreen"))
        await pilot.press("escape")
    screen.following.close()


async def test_in_japanese_the_english_name_finds_it_too(tmp_path: Path) -> None:
    set_language("ja")
    screen = running(tmp_path)
    async with shown(screen) as pilot:
        await settle(pilot, lambda: screen.view.revision > 0)
        palette = Palette(commands(screen))
        assert [c.key for c in palette.matches("call list")] == ["c"]
        assert [c.key for c in palette.matches("電話")] == ["c"]
        assert {c.key for c in palette.matches("")} >= {"plus", "minus", "ctrl+t", "ctrl+q"}
    screen.following.close()


async def test_it_lists_what_is_possible_now_and_nothing_else(tmp_path: Path) -> None:
    screen = running(tmp_path)
    async with shown(screen) as pilot:
        await settle(pilot, lambda: screen.view.revision > 0)
        await pilot.pause()
        names = [command.name for command in commands(screen)]
        assert "review" not in names
        assert "STOP" in names
    screen.following.close()


async def test_ctrl_c_tells_in_the_language_in_use_how_to_leave(tmp_path: Path) -> None:
    set_language("ja")
    screen = running(tmp_path)
    async with shown(screen) as pilot:
        await settle(pilot, lambda: screen.view.revision > 0)
        await pilot.press("ctrl+c")
        await pilot.pause()
        (said,) = pilot.app._notifications
        assert "ctrl+q" in said.message
        assert said.message.endswith("。")
        assert not said.title
    screen.following.close()


async def bar_at(pilot: Pilot[int], columns: int, rows: int) -> str:
    await pilot.resize_terminal(columns, rows)
    await pilot.pause(0.1)
    return pilot.app.screen.query_one(KeyBar).text


async def test_keys_without_room_are_behind_the_last_one(tmp_path: Path) -> None:
    screen = running(tmp_path)
    async with shown(screen, (200, 60)) as pilot:
        await settle(pilot, lambda: screen.view.revision > 0)
        assert "next phase" in await bar_at(pilot, 200, 60)
        bar = await bar_at(pilot, 60, 24)
        assert "next phase" not in bar
        assert bar.endswith("^p all keys")
        assert "^p all keys" in on_screen(pilot)
        await pilot.press("ctrl+p")
        await settle(pilot, lambda: in_front(pilot, "Palette"))
        await pilot.press(*"next phase", "enter")
        await settle(pilot, lambda: in_front(pilot, "Confirm"))
    screen.following.close()
