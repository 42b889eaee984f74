"""A live drill looks and asks otherwise than a rehearsal, so that no habit carries over."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from textual.pilot import Pilot

from drillsim.cli import by_hand
from drillsim.cli.live_start import confirmed, show_code
from drillsim.cli.main import main
from drillsim.drill.ways import Way, way_of, way_word
from drillsim.i18n import _, set_language
from drillsim.journal.journal import conduct_entry
from drillsim.journal.reader import JournalReader
from drillsim.tui.app import DrillApp
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.first import FirstScreen, Preview
from drillsim.tui.screens.options import Options
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.views.prompts import all_prompts
from drillsim.tui.widgets.boards import ClockBar
from drillsim.tui.widgets.key_bar import KeyBar, shown_keys
from tests.tui.driving import on_screen, said, settle
from tests.tui.recorded import Recording, begin, clock, record, sealed_journal, writings

AT = timedelta(minutes=30)
LIVE: tuple[Way, ...] = ("by-hand", "mail")


@cache
def recording() -> Recording:
    return record()


@pytest.fixture(params=["en", "ja"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("en")


def meta(way: Way) -> dict[str, str]:
    return {"mode": "rehearsal"} if way == "rehearsal" else {"mode": "live", "way": way}


@asynccontextmanager
async def opened(
    path: Path, way: Way, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[int], RunScreen]]:
    """Open a drill that runs, its director alive."""
    with begin(path, recording(), **meta(way)) as journal:
        events = recording().until(AT)
        journal.write([*writings(recording(), events), clock(AT, paused=False, speed=1)])
        following = Following(path)
        screen = RunScreen(following, Orders(path, "tester"))
        async with DrillApp(screen).run_test(size=size, notifications=True) as pilot:
            await settle(pilot, lambda: following.is_caught_up and bool(screen.view.revision))
            screen.draw()
            await pilot.pause()
            yield pilot, screen
        following.close()


# No sentence is shared ----------------------------------------------------------------------------


def command_line_prompts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> set[str]:
    """Return all that the command line asks before a live drill of either way begins."""
    asked: list[str] = []
    answers = {"0": "架空 太郎", "1": "r5", "2": "20"}

    def ask(text: str) -> str:
        asked.append(text)
        return answers[str(len(asked) - 1)]

    confirmed("r5", 20, ask)
    show_code("7KQ2-M4XD", Path("a.request"))
    asked += [line for line in capsys.readouterr().err.splitlines() if line]
    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(by_hand, "sys", SimpleNamespace(stdin=terminal, stderr=terminal))

    def prompt(text: str, **_options: Any) -> str:
        asked.append(text)
        return "r5"

    monkeypatch.setattr(click, "prompt", prompt)
    by_hand._confirm("r5", 20, yes=False)
    return set(asked)


def rehearsal_prompts() -> set[str]:
    """Return all that is asked before a rehearsal begins, or in it."""
    options = Options(Path("r5.yaml"), "", ())
    words = {options.do_text, _("start rehearsal"), _("start with options"), _("pause")}
    return words | {said for each in all_prompts("rehearsal") for said in each.sentences}


def test_a_rehearsal_and_a_live_drill_ask_in_no_common_sentence(
    language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    live = {said for way in LIVE for each in all_prompts(way) for said in each.sentences}
    live |= command_line_prompts(monkeypatch, capsys)
    rehearsed = rehearsal_prompts()
    assert len(live) > 12
    assert len(rehearsed) > 12
    assert not live & rehearsed
    stop = {"STOP", "訓練中止", "STOP FOR A REAL INCIDENT", "訓練中止（実事案の発生）"}
    for prompt in (each for way in LIVE for each in all_prompts(way)):
        assert prompt.title in stop or {"en": "LIVE", "ja": "本番"}[language] in prompt.title


# The control room ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", LIVE)
@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_its_title_and_its_colour_are_others(
    tmp_path: Path, language: str, way: Way, size: tuple[int, int]
) -> None:
    async with opened(tmp_path / "a.drill", "rehearsal", size) as (_pilot, screen):
        quiet = screen.query_one(ClockBar)
        colours = {quiet.styles.background, quiet.line_style("heading").bgcolor}
        assert _("LIVE") not in quiet.text
    async with opened(tmp_path / "b.drill", way, size) as (_pilot, screen):
        bar = screen.query_one(ClockBar)
        mark = {"mail": _("LIVE"), "by-hand": _("LIVE by hand")}[way]
        assert bar.text.startswith(f" {mark} |")
        assert _("rehearsal") not in bar.text
        assert not colours & {bar.styles.background, bar.line_style("heading").bgcolor}
        bottom = screen.query_one(KeyBar)
        assert bottom.styles.background == bar.styles.background


@pytest.mark.parametrize("way", LIVE)
@pytest.mark.parametrize("key", ["space", "plus", "minus"])
async def test_it_has_no_pause_and_no_speed_and_says_so(tmp_path: Path, way: Way, key: str) -> None:
    path = tmp_path / "a.drill"
    async with opened(path, way) as (pilot, screen):
        offered = {text for _keys, text in shown_keys(screen)}
        assert not offered & {"pause", "go on", "speed", "seat"}
        await pilot.press(key)
        await pilot.pause()
        assert "no pause, no speed" in said(pilot)
        with JournalReader(path) as reader:
            assert reader.commands() == []


async def test_a_rehearsal_still_has_them(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill", "rehearsal") as (pilot, screen):
        assert {"pause", "speed", "seat"} <= {text for _keys, text in shown_keys(screen)}
        await pilot.press("space")
        await pilot.pause()
        assert "LIVE" not in said(pilot)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("exclamation_mark", "bodies for real"),
        ("e", "EndEx for everybody"),
        ("p", "is left for good"),
        ("i", "goes out to real people at once"),
    ],
)
async def test_its_questions_say_that_it_is_live(tmp_path: Path, key: str, sentence: str) -> None:
    async with opened(tmp_path / "a.drill", "mail") as (pilot, _screen):
        await pilot.press(key)
        await pilot.pause(0.05)
        drawn = " ".join(on_screen(pilot).split()).replace("│ ", "").replace(" │", "")
        words = sentence.split()
        assert all(word in drawn for word in words)
        assert "LIVE:" in drawn


# Afterwards ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["rehearsal", *LIVE])
async def test_the_review_says_in_which_way_it_was_run(
    tmp_path: Path, language: str, way: Way
) -> None:
    following = Following(sealed_journal(tmp_path / "a.drill", recording(), **meta(way)))
    screen = ReviewScreen(following)
    async with DrillApp(screen).run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: way_word(way) in on_screen(pilot))
    following.close()


async def test_the_first_screen_marks_live_drills(tmp_path: Path, language: str) -> None:
    (tmp_path / "drills").mkdir()
    ways: tuple[Way, ...] = ("rehearsal", *LIVE)
    for way in ways:
        sealed_journal(tmp_path / "drills" / f"{way}.drill", recording(), **meta(way))
    async with DrillApp(FirstScreen(tmp_path)).run_test(size=(80, 24)) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, FirstScreen)
        shelf = screen._shelf
        await settle(pilot, lambda: bool(shelf.entries))
        await settle(pilot, lambda: all(each.card is not None for each in shelf.entries))
        rows = {
            entry.path.stem: "".join(cell.text for cell in shelf.row(place, 80))
            for place, entry in enumerate(shelf.entries)
            if entry.is_drill
        }
        assert _("LIVE") not in rows["rehearsal"]
        assert _("LIVE") in rows["mail"]
        assert _("LIVE by hand") in rows["by-hand"]
        place = next(n for n, each in enumerate(shelf.entries) if each.path.stem == "mail")
        shelf.move_to(place)
        await settle(pilot, lambda: way_word("mail") in screen.query_one(Preview).text)


def test_lists_and_status_say_it_too_and_who_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    approval = {
        "scenario": "r5",
        "recipients": 20,
        "asked_by": "架空 太郎",
        "asked_at": "2026-10-14T01:00:00+00:00",
        "approved_by": "架空 花子",
        "approved_at": "2026-10-14T01:03:00+00:00",
        "files": {},
        "salt": "",
        "check": "",
    }
    path = tmp_path / "drills" / "a.drill"
    with begin(path, recording(), **meta("mail")) as journal:
        journal.append([conduct_entry("approval", approval)])
        journal.write(list(writings(recording(), recording().events)))
        journal.seal()
    assert main(["--lang", "en", "drills"]) == 0
    assert "live drill by mail" in capsys.readouterr().out
    assert main(["--lang", "en", "status", "a"]) == 0
    said = capsys.readouterr().out
    assert "live drill by mail" in said
    assert "Begun by 架空 太郎, approved by 架空 花子." in said
    for redact, names in ((False, True), (True, False)):
        out = f"{redact}.json"
        words = ["--redact"] if redact else []
        assert main(["--lang", "en", "report", "a", "-o", out, *words]) == 0
        text = (tmp_path / out).read_text("utf-8")
        assert ("架空 花子" in text) is names
        assert ("架空 太郎" in text) is names
        assert '"way": "mail"' in text


def test_a_way_follows_from_what_a_journal_says() -> None:
    assert way_of({}) == "rehearsal"
    assert way_of({"mode": "live", "way": "by-hand"}) == "by-hand"
    assert way_of({"mode": "live"}) == "mail"  # To be on the safe side.
