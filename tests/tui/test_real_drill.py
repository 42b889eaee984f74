"""From the first screen into a real drill: a director in a process of its own, ended by a key."""

import subprocess
import sys
from pathlib import Path

import pytest

from drillsim.journal.reader import JournalReader
from drillsim.tui.directors import is_directed
from drillsim.tui.screens.first import FirstScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.views.cards import ScenarioCard
from drillsim.tui.widgets.boards import ClockBar
from tests.tui.driving import in_front, settle, shown


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_newcomer_starts_a_drill_and_ends_it(tmp_path: Path) -> None:
    async with shown(FirstScreen(tmp_path, author="tester")) as pilot:
        first = pilot.app.screen
        assert isinstance(first, FirstScreen)
        await settle(pilot, lambda: isinstance(first.entry and first.entry.card, ScenarioCard))
        await pilot.press("enter")
        await settle(pilot, lambda: in_front(pilot, "RunScreen"))
        run = pilot.app.screen
        assert isinstance(run, RunScreen)
        await settle(pilot, lambda: bool(run.query(ClockBar)))
        await settle(pilot, lambda: "running" in run.query_one(ClockBar).text)
        await settle(pilot, lambda: run.view.board.mails_sent > 0)
        await pilot.press("e", "enter")
        await settle(pilot, lambda: run.following.is_sealed)
        await settle(pilot, lambda: "ended" in run.query_one(ClockBar).text)
        path = run.following.path
    with JournalReader(path) as reader:
        assert [(c.author, c.kind) for c in reader.commands()] == [("tester", "end")]
        assert reader.is_sealed


def test_a_director_that_was_killed_is_no_director(tmp_path: Path) -> None:
    drill = tmp_path / "a.drill"
    lock = tmp_path / "a.drill.lock"
    assert not is_directed(drill)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        lock.write_text(f"{process.pid}\n")
        assert is_directed(drill)
        process.kill()
        process.wait()
    assert not is_directed(drill)


def test_a_lock_that_names_nobody_yet_belongs_to_a_director_that_starts(tmp_path: Path) -> None:
    (tmp_path / "a.drill.lock").touch()
    assert is_directed(tmp_path / "a.drill")
