"""The to-do list of a drill by hand: what is on it, and what its keys order."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent, encode
from drillsim.drill.rules import Rules
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.files.scenario_file import load_stored
from drillsim.i18n import set_language
from drillsim.journal import JournalReader
from drillsim.journal.chain import event_entry
from drillsim.journal.journal import Batch, Journal
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.run import RunScreen
from drillsim.world.course import LiveCourse
from tests import examples
from tests.tui.driving import in_front, on_screen, pane, said, settle, shown
from tests.tui.recorded import WritingPost, clock, files_of
from tests.tui.test_screens import compare

MINUTE = timedelta(minutes=1)
AT = 31 * MINUTE
FIRST, DESK = InjectId("first"), NodeId("n1")
TREE = examples.tree(
    (1, 3),
    changes={
        "n": {"name": "架空全国センター"},
        "n1": {"name": "架空県 市町課"},
        "n1-1": {"name": "さざなみ町 住民課"},
    },
)
INJECT = {**examples.INJECT, "title": "第一報", "source": "external"}
SECOND = {**INJECT, "id": "second", "title": "続報"}


class DeskPost(WritingPost):
    """As the room of a desk: of what came from outside, and was only booked, there is no mail."""

    def outgoing(self, mail: ev.Submitted) -> str:
        return super().outgoing(mail) if mail.mail else ""


class Story:
    """A drill by hand as far as a test has led it, and its journal."""

    def __init__(self, path: Path) -> None:
        scenario = examples.scenario(injects=[INJECT, SECOND], contacts="../contacts/t.yaml")
        files = files_of(scenario, TREE)
        self.path, self.loaded, self.post = path, load_stored(files), DeskPost()
        self.course = LiveCourse(self.loaded.exercise, 7, lambda _board: self.post)
        self.course.rules.by_hand = True
        meta = {
            "id": path.stem,
            "scenario": scenario.id,
            "seed": "7",
            "mode": "live",
            "way": "by-hand",
            "folder": "/kunren/hand",
            "desk": "n1",
            "speed": "1",
            "zone": "Asia/Tokyo",
        }
        self.journal = Journal.create(path, meta=meta, files=files, durable=False)
        self._write(self.course.start())

    def _write(self, events: list[AnyEvent]) -> None:
        for event in events:
            mail = self.post.mails.get(getattr(event, "raw", ""))
            batch = Batch((event_entry(encode(event)),), "test")
            self.journal.write([batch] if mail is None else [mail, batch])

    def until(self, at: timedelta) -> None:
        while (due := self.course.next_at) is not None and due <= at:
            self._write(self.course.step())

    def arrived(self, minutes: float) -> None:
        at = minutes * MINUTE
        self.until(at)
        self._write(self.course.command(at, lambda rules: rules.arrive(FIRST, at, "operator 架空")))

    def passed_on(self, minutes: float) -> None:
        at = minutes * MINUTE
        self.until(at)
        to = self.course.board.notices[(FIRST, DESK)].asked.pass_on
        self._write(self.course.command(at, lambda rules: rules.pass_on((FIRST, DESK), 1, to, at)))

    def sent(self, minutes: float, mail: ev.Submitted) -> None:
        at = minutes * MINUTE
        self.until(at)
        done = ev.Notified(
            at=at, notice=mail.notice, officer=mail.officer, attempt=mail.attempt, mail=mail.mail
        )
        self._write(self.course.command(at, lambda _rules: (done,)))

    def stopped(self, minutes: float) -> None:
        at = minutes * MINUTE
        self.until(at)
        self._write(self.course.command(at, lambda rules: Rules.stop(rules, at, "架空", "実災害")))

    def mails(self) -> list[ev.Submitted]:
        with JournalReader(self.path) as reader:
            events = [ev.decode(record.data) for record in reader.events()]
        return [e for e in events if isinstance(e, ev.Submitted) and e.by_hand]

    def orders(self) -> list[tuple[str, dict[str, object]]]:
        return [(each.kind, dict(each.payload)) for each in self.journal.take_commands(0)]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    story = Story(tmp_path / "a.drill")
    with story.journal:
        yield story


@pytest.fixture(params=["en", "ja"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("en")


@asynccontextmanager
async def opened(story: Story, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[int]]:
    """Open the list over the run screen."""
    story.journal.write([clock(AT, paused=True, speed=1)])
    following = Following(story.path)
    screen = RunScreen(following, Orders(story.path, "架空 統制"))
    async with shown(screen, size) as pilot:
        await settle(pilot, lambda: following.is_caught_up and following.view.revision > 0)
        screen.draw()
        await pilot.pause()
        await pilot.press("o")
        await settle(pilot, lambda: in_front(pilot, "TodoScreen"))
        await pilot.pause(0.05)
        yield pilot


def half_way(story: Story) -> None:
    """Three mails were written, one was sent and is reminded of, and two wait."""
    story.arrived(1)
    story.passed_on(2)
    story.sent(5, story.mails()[0])
    story.until(AT)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_list_shows_what_is_to_be_sent_and_the_text_to_copy(
    story: Story, language: str, size: tuple[int, int]
) -> None:
    half_way(story)
    async with opened(story, size) as pilot:
        await settle(pilot, lambda: "To: " in pane(pilot))
        compare(pilot, "todo", language)
        await pilot.press("t")
        await pilot.pause(0.05)
        compare(pilot, "todo-when", language)
        await pilot.press("escape", "p")
        await pilot.pause(0.05)
        compare(pilot, "todo-paste", language)
        await pilot.press("escape", "escape")
        await settle(pilot, lambda: in_front(pilot, "RunScreen"))
        compare(pilot, "todo-run", language)


async def test_enter_says_that_a_mail_was_sent_and_t_that_it_was_earlier(story: Story) -> None:
    half_way(story)
    second = story.mails()[1]
    async with opened(story) as pilot:
        await pilot.press("enter")
        await settle(pilot, lambda: len(story.orders()) == 1)
        await pilot.press("t", *"9:00", "enter")
        await pilot.pause(0.05)
        assert "not there yet" in str(pilot.app.screen.query_one("#fault").render())
        pilot.app.screen.query_one("#line", Input).value = "10:12"
        await pilot.press("enter")
        await settle(pilot, lambda: len(story.orders()) == 2)
        await pilot.press("a", "enter")
        await settle(pilot, lambda: len(story.orders()) == 3)
    assert story.orders() == [
        ("sent", {"mail": second.mail}),
        ("sent", {"mail": second.mail, "at": "10:12"}),
        ("sent", {"mail": "all"}),
    ]


async def test_a_message_from_outside_is_booked_when_it_has_come(story: Story) -> None:
    async with opened(story) as pilot:
        assert "/kunren/hand/inbox" in pane(pilot)
        await pilot.press("s")
        await settle(pilot, lambda: len(story.orders()) == 1)
        await pilot.press("down", "t", *"10:05", "enter")
        await settle(pilot, lambda: len(story.orders()) == 2)
    assert story.orders() == [
        ("arrived", {"inject": "first"}),
        ("arrived", {"inject": "second", "at": "10:05"}),
    ]


async def test_what_has_come_is_passed_on_as_one_mail_or_many(story: Story) -> None:
    story.arrived(1)
    async with opened(story) as pilot:
        await pilot.press("end", "enter")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("down", "down", "enter")
        await settle(pilot, lambda: len(story.orders()) == 1)
        await pilot.press("enter")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("enter")
        await settle(pilot, lambda: len(story.orders()) == 2)
    common = {"inject": "first", "node": "n1"}
    assert story.orders() == [
        ("pass-on", {**common, "one_mail": "bcc"}),
        ("pass-on", {**common, "one_mail": "no"}),
    ]


async def test_an_answer_is_pasted_with_the_address_that_the_mail_went_to(story: Story) -> None:
    half_way(story)
    async with opened(story) as pilot:
        await pilot.press("p")
        await settle(pilot, lambda: in_front(pilot, "Paste"))
        await pilot.press("ctrl+s")
        await pilot.pause(0.05)
        assert "empty" in str(pilot.app.screen.query_one("#fault").render())
        pilot.app.screen.query_one("#text", TextArea).text = "受信しました。"
        pilot.app.screen.query_one("#at", Input).value = "10:20"
        await pilot.press("ctrl+s")
        await settle(pilot, lambda: len(story.orders()) == 1)
    ((kind, payload),) = story.orders()
    assert kind == "paste"
    assert payload == {
        "from": "o1@n1-2.example",
        "subject": "Re:",
        "text": "受信しました。",
        "at": "10:20",
    }


async def test_address_subject_text_and_file_are_copied(story: Story) -> None:
    half_way(story)
    async with opened(story) as pilot:
        await settle(pilot, lambda: "To: " in pane(pilot))
        found = []
        for key in "1234":
            await pilot.press(key)
            found.append(pilot.app.clipboard)
    address, subject, text, file = found
    assert address == "o1@n1-2.example"
    assert subject.startswith("【訓練】")
    assert text.startswith("これは、訓練です。")
    assert file == "/kunren/hand/outbox/002-n1-2.eml"
    assert "copied" in said(pilot)


async def test_a_stop_is_on_top_and_the_run_screen_counts_what_waits(story: Story) -> None:
    half_way(story)
    story.stopped(32)
    async with opened(story) as pilot:
        first = on_screen(pilot).splitlines()[1]
        assert "stop mail" in first
        await pilot.press("escape")
        await settle(pilot, lambda: in_front(pilot, "RunScreen"))
        await pilot.pause(0.2)
        assert re.search(r"to send 5\b", on_screen(pilot))


async def test_a_drill_whose_director_has_died_is_gone_on_with_by_its_key(story: Story) -> None:
    half_way(story)
    async with opened(story) as pilot:
        story.journal.close()  # Its lock is the director's.
        await pilot.press("escape")
        await settle(pilot, lambda: in_front(pilot, "RunScreen"))
        screen = pilot.app.screen
        assert isinstance(screen, RunScreen)
        await settle(pilot, lambda: "R goes on with the drill" in on_screen(pilot))
        assert screen.can_revive
        assert screen.check_action("revive", ())
