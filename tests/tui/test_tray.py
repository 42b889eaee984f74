"""The tray: suggestions with their reasons, a mail booked, put aside, or read by a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from drillsim.drill import events as ev
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.journal import JournalReader
from drillsim.journal.mails import Mail
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.run import RunScreen
from tests import examples
from tests.tui.driving import in_front, on_screen, settle, shown
from tests.tui.recorded import Recording, begin, clock, files_of, stored, writings

AT = timedelta(minutes=30)
NOTICE = (InjectId("first"), NodeId("n1-3"))


def recording(**aside: Any) -> Recording:
    played = stored(files_of(examples.scenario(), examples.tree()), seed=4)
    mail = Mail(b"From: a@n1-3.example\n\n\xe5\xb1\x8a\n", "in", "a@n1-3.example", ["k@x.example"])
    event = ev.SetAside(
        at=AT,
        mail_kind="human_reply",
        sender="a@n1-3.example",
        mail="a@n1-3.example",
        raw=mail.hash,
        tray=True,
        suggested=(NOTICE,),
        suggested_by=("domain",),
        **aside,
    )
    before = played.until(AT)
    return Recording(played.loaded, [*before, event], {**played.mails, mail.hash: mail})


@asynccontextmanager
async def tray(path: Path, given: Recording) -> AsyncIterator[Pilot[int]]:
    with begin(path, given) as journal:
        journal.write([*writings(given, given.events), clock(AT)])
        following = Following(path)
        async with shown(RunScreen(following, Orders(path, "架空 統制"))) as pilot:
            await settle(pilot, lambda: following.is_caught_up and bool(following.view.board.tray))
            await pilot.press("t")
            await settle(pilot, lambda: in_front(pilot, "TrayScreen"))
            await pilot.pause(0.1)
            yield pilot
        following.close()


def ordered(path: Path) -> list[tuple[str, Any]]:
    with JournalReader(path) as reader:
        return [(command.kind, command.payload) for command in reader.commands()]


async def test_a_suggestion_says_why_and_is_booked_by_two_keys(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with tray(path, recording()) as pilot:
        assert "of the same domain" in on_screen(pilot)
        await pilot.press("b")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        assert "of the same domain" in on_screen(pilot)
        await pilot.press("enter")
        await settle(pilot, lambda: bool(ordered(path)))
    asked = {"mail": "a@n1-3.example", "inject": "first", "node": "n1-3"}
    assert ordered(path) == [("credit", asked)]


async def test_a_mail_that_is_no_answer_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with tray(path, recording()) as pilot:
        await pilot.press("x")
        await settle(pilot, lambda: in_front(pilot, "Confirm"))
        await pilot.press("enter")
        await settle(pilot, lambda: bool(ordered(path)))
    assert ordered(path) == [("dismiss", {"mail": "a@n1-3.example"})]


async def test_when_a_mail_above_leaves_the_cursor_stays_on_its_own(tmp_path: Path) -> None:
    path, given = tmp_path / "a.drill", recording()
    first = given.events[-1]
    assert isinstance(first, ev.SetAside)
    events = [*given.events, *(replace(first, mail=f"{name}@n1-3.example") for name in "bc")]
    with begin(path, given) as journal:
        journal.write([*writings(given, events), clock(AT)])
        following = Following(path)
        async with shown(RunScreen(following, Orders(path, "架空 統制"))) as pilot:
            await settle(pilot, lambda: len(following.view.board.tray) == 3)
            await pilot.press("t")
            await settle(pilot, lambda: in_front(pilot, "TrayScreen"))
            await pilot.press("down")
            # Somebody else, at another control room, takes the first one out.
            gone = replace(first, tray=False, why="operator")
            journal.write([*writings(given, [gone])])
            await settle(pilot, lambda: "tray (2)" in on_screen(pilot))
            await pilot.press("x")
            await settle(pilot, lambda: in_front(pilot, "Confirm"))
            await pilot.press("enter")
            await settle(pilot, lambda: bool(ordered(path)))
        following.close()
    assert ordered(path) == [("dismiss", {"mail": "b@n1-3.example"})]


async def test_a_file_that_nobody_else_could_read_is_booked_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with tray(path, recording(why="unreadable-file")) as pilot:
        assert "cannot be read" in on_screen(pilot)
        await pilot.press("b")
        await settle(pilot, lambda: in_front(pilot, "ReportDialog"))
        await pilot.press("2", "enter")
        await settle(pilot, lambda: bool(ordered(path)))
    ((kind, payload),) = ordered(path)
    assert kind == "credit"
    assert payload["report"] == {"terminals": "2", "line-cut": "有"}


@pytest.mark.parametrize("key", ["b", "w", "x"])
async def test_an_empty_tray_offers_nothing(tmp_path: Path, key: str) -> None:
    path = tmp_path / "a.drill"
    given = recording()
    empty = Recording(given.loaded, given.events[:-1], given.mails)
    with begin(path, empty) as journal:
        journal.write([*writings(empty, empty.events), clock(AT)])
        following = Following(path)
        async with shown(RunScreen(following, Orders(path, "架空 統制"))) as pilot:
            await settle(pilot, lambda: following.is_caught_up)
            await pilot.press("t")
            await settle(pilot, lambda: in_front(pilot, "TrayScreen"))
            await pilot.press(key)
            await pilot.pause(0.05)
            assert in_front(pilot, "TrayScreen")
        following.close()
