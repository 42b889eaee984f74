"""Following a drill ends cleanly whenever the screen is left."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from drillsim.journal.errors import JournalError
from drillsim.tui.following import Following
from tests.tui.recorded import journal_until, record


async def test_a_drill_that_runs_can_be_left_while_it_is_read(tmp_path: Path) -> None:
    path = journal_until(tmp_path / "a.drill", record(), timedelta(hours=1))
    following = Following(path)
    run = asyncio.create_task(following.run())
    while not following.is_caught_up:  # noqa: ASYNC110
        await asyncio.sleep(0)
    following.close()
    following.close()
    await asyncio.wait_for(run, 10)
    assert not following.is_sealed
    assert following.error is None


async def test_a_drill_that_was_closed_gives_nothing_more(tmp_path: Path) -> None:
    path = journal_until(tmp_path / "a.drill", record(), timedelta(hours=1))
    following = Following(path)
    following.close()
    assert not await following.catch_up()
    with pytest.raises(JournalError):
        await following.mail("0" * 64)
