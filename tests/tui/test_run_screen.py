"""The run screen, driven by keys on recorded drills."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from textual.pilot import Pilot

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent, encode
from drillsim.drill.tree import NodeId
from drillsim.journal.chain import event_entry
from drillsim.journal.inbox import Command
from drillsim.journal.journal import Batch, Journal, conduct_entry
from drillsim.journal.reader import JournalReader
from drillsim.tui.app import DrillApp
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.run import RunScreen
from drillsim.tui.widgets.boards import ClockBar, TierBoardLines
from drillsim.tui.widgets.key_bar import KeyBar
from tests.tui.driving import in_front, on_screen, pane, said, settle
from tests.tui.recorded import Recording, begin, clock, record, writings

HOUR = timedelta(hours=1)
Opened = tuple[Pilot[int], RunScreen, Journal]


@cache
def recording() -> Recording:
    return record()


@asynccontextmanager
async def opened(
    path: Path,
    at: timedelta = HOUR,
    size: tuple[int, int] = (120, 40),
    *,
    notifications: bool = False,
) -> AsyncIterator[Opened]:
    """Open a drill that is paused at `at`, its director alive, with all events taken in."""
    with begin(path, recording()) as journal:
        journal.write([*writings(recording(), recording().until(at)), clock(at)])
        following = Following(path)
        screen = RunScreen(following, Orders(path, "tester"))
        async with DrillApp(screen).run_test(size=size, notifications=notifications) as pilot:
            await settle(pilot, lambda: following.is_caught_up and bool(screen.view.revision))
            screen.draw()
            await pilot.pause()
            yield pilot, screen, journal
        following.close()


async def commands(pilot: Pilot[int], path: Path) -> list[Command]:
    """Return the orders that were given."""
    orders = [worker for worker in pilot.app.workers if worker.group == "order"]
    if orders:
        await pilot.app.workers.wait_for_complete(orders)
    with JournalReader(path) as reader:
        return reader.commands()


async def test_it_shows_tree_clock_and_reach(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (_pilot, screen, _journal):
        bar = screen.query_one(ClockBar).text
        assert "T+1:00:00" in bar
        assert "paused" in bar
        assert "threat level 2" in bar
        assert "municipality   13/19" in screen.query_one(TierBoardLines).text
        assert screen.chain_tree.count() == 21


@pytest.mark.parametrize(
    ("keys", "kind", "payload"),
    [
        (["space"], "continue", {}),
        (["plus"], "speed", {"speed": 120.0}),
        (["minus"], "speed", {"speed": 30.0}),
        (["p", "enter"], "phase", {}),
        (["e", "enter"], "end", {}),
        (
            ["n", *"ok", "enter"],
            "note",
            {"text": "ok", "inject": "first-report", "node": "350001"},
        ),
        (["home", "n", *"ok", "enter"], "note", {"text": "ok"}),
        (["exclamation_mark", "enter"], "stop", {"reason": "a real incident is supposed"}),
        (["i", "enter"], "inject", {"inject": "rumour"}),
    ],
)
async def test_a_key_gives_its_order(
    tmp_path: Path, keys: list[str], kind: str, payload: dict[str, object]
) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, _screen, _journal):
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        given = await commands(pilot, path)
    assert [(c.kind, c.payload, c.author) for c in given] == [(kind, payload, "tester")]


@pytest.mark.parametrize("key", ["p", "e", "exclamation_mark", "b", "n"])
async def test_escape_gives_no_order(tmp_path: Path, key: str) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, _journal):
        screen.go_to(NodeId("352039"))
        await pilot.press(key)
        await pilot.pause()
        assert pilot.app.screen is not screen
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert await commands(pilot, path) == []


@pytest.mark.parametrize(
    "keys", [["c"], ["t"], ["m"], ["question_mark"], ["home", "tab", "enter"], ["b"], ["i"], ["r"]]
)
async def test_the_drill_can_be_stopped_from_every_screen_over_it(
    tmp_path: Path, keys: list[str]
) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, _journal):
        screen.go_to(NodeId("352080"))
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.05)
        over = pilot.app.screen
        await pilot.press("exclamation_mark")
        await pilot.pause(0.05)
        assert "REHEARSE THE STOP" in on_screen(pilot)
        assert pilot.app.screen.title_text == "REHEARSE THE STOP"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause(0.05)
        assert pilot.app.screen is over
        (given,) = await commands(pilot, path)
    assert given.kind == "stop"


async def test_the_call_list_shows_the_key_that_stops_the_drill(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        assert "! STOP" in on_screen(pilot)
        await pilot.press("c")
        await pilot.pause(0.05)
        assert pilot.app.screen is not screen
        assert "! STOP" in pilot.app.screen.query_one(KeyBar).text


async def test_an_answer_by_telephone_is_booked_for_the_body_under_the_cursor(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, _journal):
        screen.go_to(NodeId("352080"))
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        (given,) = await commands(pilot, path)
    assert given.kind == "book"
    assert given.payload["node"] == "352080"
    assert given.payload["inject"] == "first-report"
    assert (given.payload["channel"], given.payload["result"]) == ("telephone", "talked")
    assert given.payload["officer"] == 1
    assert given.payload["by"]
    assert given.payload["report"] is None
    assert given.payload["at_ms"] is None


async def test_a_report_by_fax_is_booked_with_its_fields_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with opened(path, size=(80, 24)) as (pilot, screen, _journal):
        screen.go_to(NodeId("352080"))
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("shift+tab", "right", "tab", "right")
        await pilot.press("tab", "tab", "tab", *"10:50", "tab", "right")
        await pilot.pause()
        await pilot.press("tab", "a", "tab", "tab", "tab", "3", "enter")
        await pilot.pause()
        given = await commands(pilot, path)
    assert len(given) == 1
    payload = given[0].payload
    assert (payload["channel"], payload["result"]) == ("fax", "message")
    assert payload["at_ms"] == 50 * 60_000
    assert payload["report"]["responder"] == "a"
    assert payload["report"]["terminals"] == "3"


async def test_a_time_that_has_not_come_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, _journal):
        screen.go_to(NodeId("352080"))
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("tab", "tab", "tab", *"23:00", "enter")
        await pilot.pause()
        fault = str(pilot.app.screen.query_one("#fault").render())
        assert "23:00 is still to come" in fault
        assert await commands(pilot, path) == []


async def test_search_jumps_to_a_body_by_its_kana(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        await pilot.press("k", "slash", *"あぶ", "enter")
        await pilot.pause()
        assert screen.chain_tree.node == "355020"


async def test_only_late_hides_the_others_until_it_is_asked_back(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        everyone = screen.chain_tree.count()
        await pilot.press("l")
        late = {screen.chain_tree.chain.node_at(r) for r in range(screen.chain_tree.count())}
        assert "352080" in late
        assert "352012" not in late
        await pilot.press("l")
        assert screen.chain_tree.count() == everyone


async def test_what_comes_in_is_shown_and_the_reader_keeps_their_line(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, journal):
        screen.stream.move_to(5)
        before = screen.stream.happening
        count = screen.stream.count()
        later = [e for e in recording().until(HOUR * 2) if e.at > HOUR]
        journal.write([*writings(recording(), later), clock(HOUR * 2)])
        await settle(pilot, lambda: "T+2:00:00" in screen.query_one(ClockBar).text)
        assert screen.stream.count() > count
        assert screen.stream.happening == before


async def test_the_footer_offers_what_is_possible_now(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill", timedelta(hours=5)) as (pilot, screen, _journal):
        await settle(pilot, lambda: "review" in screen.query_one(KeyBar).text)
        shown = screen.query_one(KeyBar).text
        for gone in ("STOP", "pause", "go on", "end", "extra inject"):
            assert gone not in shown


async def test_an_order_that_was_refused_is_told_to_whoever_gave_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, journal):
        await pilot.press("space")
        await settle(pilot, lambda: screen._given == {1})
        why = {"command": 1, "why": "it comes too late"}
        journal.write([Batch((conduct_entry("order-refused", why, 3_600_000),))])
        await settle(pilot, lambda: "it comes too late" in said(pilot))
        other = {"command": 2, "why": "of somebody else"}
        journal.write([Batch((conduct_entry("order-refused", other, 3_600_000),))])
        count = screen.stream.count()
        await settle(pilot, lambda: screen.stream.count() > count)
        assert "of somebody else" not in said(pilot)


async def test_the_screen_says_when_no_director_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, journal):
        journal.close()
        await settle(pilot, lambda: "no director" in screen.query_one(ClockBar).text)
        assert "R goes on with the drill" in screen.query_one(ClockBar).text


async def test_the_mail_behind_an_event_opens_decoded_and_as_source(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        screen.stream.focus()
        await pilot.press("enter")
        await pilot.pause()
        await settle(pilot, lambda: "これは、訓練です。" in pane(pilot))
        assert "matched by its thread" in pane(pilot)
        await pilot.press("s")
        await pilot.pause()
        assert "Content-Type:" in pane(pilot)


async def test_whoever_books_from_the_call_list_is_back_at_it(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, _screen, _journal):
        await pilot.press("c")
        await pilot.pause()
        await settle(pilot, lambda: "7KQ2-M4XD" in pane(pilot))
        await pilot.press("b")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        (given,) = await commands(pilot, path)
        assert given.payload["node"] == "353434"
        assert in_front(pilot, "CallScreen")


async def test_b_asks_for_the_body_where_the_one_under_the_cursor_cannot_answer(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, _journal):
        await pilot.press("home", "b")
        await settle(pilot, lambda: in_front(pilot, "Find"))
        await pilot.press(*"あぶ", "enter")
        await settle(pilot, lambda: in_front(pilot, "BookDialog"))
        await pilot.press("enter")
        await settle(pilot, lambda: pilot.app.screen is screen)
        (given,) = await commands(pilot, path)
        assert given.payload["node"] == "355020"


async def test_after_a_stop_the_screen_says_what_the_drill_waits_for(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    stopped: list[AnyEvent] = [
        ev.DrillEnded(at=HOUR, reason="real-incident"),
        *(
            ev.StopSubmitted(
                at=HOUR, node=NodeId(node), officer=1, mail=f"{node}@x.example", recipient="a@b"
            )
            for node in ("352012", "352021")
        ),
        ev.StopConfirmed(at=HOUR, node=NodeId("352012"), by="a"),
    ]
    async with opened(path) as (pilot, screen, journal):
        journal.write([Batch((event_entry(encode(event)),), "test") for event in stopped])
        bar = screen.query_one(ClockBar)
        await settle(pilot, lambda: "stop confirmed: 1 of 2; waiting until 11:30:00" in bar.text)
        await pilot.press("c")
        await settle(pilot, lambda: "to be called (1)" in on_screen(pilot))


async def test_what_is_said_in_passing_leaves_the_keys_in_sight(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with opened(path, size=(80, 24), notifications=True) as (pilot, screen, _journal):
        bar = screen.query_one(KeyBar)
        screen.say("something that is said in passing, and takes several lines " * 5)
        await settle(pilot, lambda: "several lines" in on_screen(pilot))
        drawn = on_screen(pilot).splitlines()[bar.region.y :]
        assert "\n".join(drawn) == "\n".join(line.rstrip() for line in bar.text.splitlines())


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 12)])
async def test_every_size_draws_without_a_fault(tmp_path: Path, size: tuple[int, int]) -> None:
    async with opened(tmp_path / "a.drill", size=size) as (pilot, screen, _journal):
        await pilot.press("z", "down", "z", "tab", "z", "question_mark")
        await pilot.pause()
        assert pilot.app.screen is not screen
