"""A seat, played by keys against a director that runs: what is written leaves as mail."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from drillsim.drill import events as ev
from drillsim.drill.board import fold
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.summary import summary
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader, verify
from drillsim.tui.drafts import Drafts
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.seat import SeatScreen
from drillsim.tui.screens.seat_writing import LetterDialog, ReportDialog
from drillsim.tui.widgets.choice_line import ChoiceLine
from tests.e2e.outside import Running, running
from tests.simulation.rehearsing import loaded
from tests.tui.driving import in_front, on_screen, pane, said, settle, shown

FIRST, PREFECTURE = InjectId("first-report"), NodeId("350001")
TOWN, OTHER_TOWN = NodeId("352039"), NodeId("352047")


@dataclass
class Seat:
    """A seat that is open, and the drill that it belongs to."""

    pilot: Pilot[int]
    screen: SeatScreen
    drill: Running

    async def until(self, holds: Callable[[], bool]) -> None:
        await settle(self.pilot, holds)
        self.screen.draw()

    async def open_window(self, key: str, name: str) -> None:
        await self.pilot.press(key)
        await settle(self.pilot, lambda: in_front(self.pilot, name))
        await self.pilot.pause()

    async def acknowledge(self) -> None:
        await self.open_window("a", "AnswerDialog")
        await self.pilot.press("enter")
        await self.drill.about(ev.Acknowledged, notice=(FIRST, PREFECTURE))

    async def fill_in(self, **values: str) -> None:
        """Fill in the report that is open; lines that are not named are not known yet."""
        dialog = self.pilot.app.screen
        assert isinstance(dialog, ReportDialog)
        form = dialog._form
        for line, filled in zip(form, dialog.query("#report-fields .field"), strict=True):
            widget = filled.children[1]
            value = values.get(line.id.replace("-", "_"), "確認中" if line.required else "")
            if isinstance(widget, Input):
                widget.value = value
            elif isinstance(widget, ChoiceLine):
                assert widget.choose(value)
        await self.pilot.press("ctrl+s")


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def given() -> LoadedScenario:
    return loaded("r5-virus-suspicion")


@asynccontextmanager
async def seated(
    given: LoadedScenario, path: Path, node: NodeId = PREFECTURE, *, others: tuple[str, ...] = ()
) -> AsyncIterator[Seat]:
    async with running(given, path, speed=20, seats=(node, *others)) as drill:
        following = Following(path)
        screen = SeatScreen(following, Orders(path, "練習 一郎"), node, follows=True)
        async with shown(screen, (100, 40)) as pilot:
            seat = Seat(pilot, screen, drill)
            await seat.until(lambda: bool(screen.inbox.mails) or node != PREFECTURE)
            yield seat
        following.close()


async def test_a_person_plays_the_prefecture_through_to_a_corrected_report(
    given: LoadedScenario, tmp_path: Path
) -> None:
    path = tmp_path / "a.drill"
    async with seated(given, path) as seat:
        pilot, drill = seat.pilot, seat.drill
        await settle(pilot, lambda: "住基ネット緊急時連絡担当者" in pane(pilot))
        assert "acknowledge by 10:15" in on_screen(pilot)
        await seat.acknowledge()
        await seat.open_window("p", "LetterDialog")
        await pilot.press("space")  # One body is forgotten at first: all but the first.
        await pilot.press("ctrl+a", "home", "space")
        pilot.app.screen.query_one("#texts", ChoiceLine).choose("the template")
        await pilot.pause()
        await pilot.press("ctrl+s")
        passed = await drill.about(ev.PassedOn)
        assert passed.notice == (FIRST, PREFECTURE)
        assert len(passed.to) == 18
        assert passed.left_out == ("352012",)
        assert not passed.unmarked
        mail = drill.mail(passed)
        assert str(mail["Subject"]).startswith("【訓練】")
        text = words_of(mail)
        assert text.startswith("これは、訓練です。")
        assert "各団体" in text
        await settle(pilot, lambda: in_front(pilot, "SeatScreen"))
        await seat.open_window("p", "LetterDialog")
        await pilot.press("home", "space")
        dialog = pilot.app.screen
        dialog.query_one("#subject", Input).value = "連絡漏れのお詫び"
        dialog.query_one(TextArea).text = "先ほどの連絡をお送りします。"
        await pilot.press("ctrl+s")
        await drill.until(lambda events: sum(isinstance(e, ev.PassedOn) for e in events) == 2)
        await seat.open_window("r", "ReportDialog")
        await seat.fill_in(terminals="3")
        await drill.about(ev.Reported, notice=(FIRST, PREFECTURE), number=1)
        await settle(pilot, lambda: in_front(pilot, "SeatScreen"))
        await seat.until(lambda: seat.screen._record().reports == 1)  # type: ignore[union-attr]
        await seat.open_window("r", "ReportDialog")
        assert "no. 2" in pilot.app.screen.title_text  # type: ignore[attr-defined]
        await seat.fill_in(terminals="0", line_cut="無")
        second = await drill.about(ev.Reported, notice=(FIRST, PREFECTURE), number=2)
        assert dict(second.answers)["terminals"] == "0"
        assert "（第２報）" in words_of(drill.mail(second))
        drill.order("end")
        await drill.task
        drill.look()
        events = drill.events
    assert {e.by for e in events if isinstance(e, ev.SeatTaken)} == {"練習 一郎"}
    board = fold(given.exercise, events)
    record = board.notices[(FIRST, PREFECTURE)]
    assert record.by_person
    assert record.matched_by == "thread"
    assert set(record.passed_to) == set(record.asked.pass_on)
    evaluation = evaluate(given.exercise, events)
    assert summary(evaluation)["seats"] == [PREFECTURE]
    assert verify(path).faults == []


async def test_simulated_bodies_answer_what_a_person_passed_on(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with seated(given, tmp_path / "a.drill") as seat:
        await seat.open_window("p", "LetterDialog")
        await seat.pilot.press("ctrl+a")
        seat.pilot.app.screen.query_one("#texts", ChoiceLine).choose("what came")
        await seat.pilot.pause()
        await seat.pilot.press("ctrl+s")
        await seat.drill.about(ev.PassedOn)
        seat.drill.order("speed", speed=2_000)
        answered = await seat.drill.until(
            lambda events: [
                e for e in events if isinstance(e, ev.Acknowledged) and e.notice[1] != PREFECTURE
            ]
        )
        assert answered[0].notice[0] == FIRST
        # The answer lies in the seat's inbox, since it was the seat that wrote to them.
        inbox = seat.screen.inbox
        await seat.until(lambda: any(m.raw == answered[0].raw for m in inbox.mails))


async def test_a_report_is_checked_at_its_field_and_what_is_unknown_may_be_said(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with seated(given, tmp_path / "a.drill") as seat:
        pilot = seat.pilot
        await seat.open_window("r", "ReportDialog")
        await seat.fill_in(terminals="たくさん")
        dialog = pilot.app.screen
        assert isinstance(dialog, ReportDialog)
        assert "write a whole number, or 確認中" in on_screen(pilot)
        assert isinstance(pilot.app.focused, Input)
        await pilot.press("f2")
        assert dialog._values()["terminals"] == "確認中"
        await seat.fill_in(terminals="")
        assert "is empty" in on_screen(pilot)
        await seat.fill_in(terminals="３台")
        reported = await seat.drill.about(ev.Reported)
        assert dict(reported.answers)["terminals"] == "3"
        assert dict(reported.answers)["line-cut"] == "確認中"


async def test_a_text_that_denies_the_drill_does_not_leave(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with seated(given, tmp_path / "a.drill") as seat:
        pilot = seat.pilot
        await seat.open_window("w", "LetterDialog")
        dialog = pilot.app.screen
        await pilot.press("ctrl+s")
        assert "nobody is chosen" in on_screen(pilot)
        await pilot.press("space")
        dialog.query_one("#subject", Input).value = "照会"
        dialog.query_one(TextArea).text = "これは訓練ではありません。"
        await pilot.press("ctrl+s")
        assert "this says that the mail is no drill" in on_screen(pilot)
        dialog.query_one(TextArea).text = "状況を教えてください。"
        dialog.query_one("#more", Input).value = "nobody at all"
        await pilot.press("ctrl+s")
        assert "is no address" in on_screen(pilot)


async def test_a_draft_is_there_again_and_goes_when_it_was_sent(
    given: LoadedScenario, tmp_path: Path
) -> None:
    path = tmp_path / "a.drill"
    async with seated(given, path) as seat:
        pilot = seat.pilot
        await seat.open_window("w", "LetterDialog")
        pilot.app.screen.query_one("#subject", Input).value = "書きかけ"
        await pilot.press("escape")
        assert Drafts(path, PREFECTURE).get("write")["subject"] == "書きかけ"
        await seat.open_window("w", "LetterDialog")
        dialog = pilot.app.screen
        assert dialog.query_one("#subject", Input).value == "書きかけ"
        await pilot.press("space")
        dialog.query_one(TextArea).text = "本文"
        await pilot.press("ctrl+s")
        await seat.drill.about(ev.Delivered)
        await seat.until(lambda: Drafts(path, PREFECTURE).get("write") == {})


async def test_bodies_with_seats_write_to_each_other(given: LoadedScenario, tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with seated(given, path, TOWN, others=(OTHER_TOWN,)) as seat:
        pilot = seat.pilot
        await settle(pilot, lambda: len(seat.screen.view.board.seats) == 2)
        await seat.open_window("w", "LetterDialog")
        dialog = pilot.app.screen
        assert isinstance(dialog, LetterDialog)
        await pilot.press("shift+tab", *"萩市", "tab", "space")
        dialog.query_one("#subject", Input).value = "そちらの状況は"
        dialog.query_one(TextArea).text = "教えてください。"
        await pilot.press("ctrl+s")
        delivered = await seat.drill.about(ev.Delivered)
        assert delivered.to == (OTHER_TOWN,)
        # It is no answer to anything, though the town has one open notice at the most.
        assert not any(isinstance(e, ev.Acknowledged | ev.SetAside) for e in seat.drill.events)
        await pilot.press("o")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("enter")
        await settle(pilot, lambda: getattr(pilot.app.screen, "node", None) == OTHER_TOWN)
        other = pilot.app.screen
        assert isinstance(other, SeatScreen)
        await settle(pilot, lambda: [m.raw for m in other.inbox.mails] == [delivered.raw])


async def test_a_paused_seat_can_only_be_read(given: LoadedScenario, tmp_path: Path) -> None:
    async with seated(given, tmp_path / "a.drill") as seat:
        seat.drill.order("pause")
        await seat.until(lambda: "paused: the seat can be read" in on_screen(seat.pilot))
        for key in ("a", "p", "r", "w", "s"):
            await seat.pilot.press(key)
        await seat.pilot.pause()
        assert in_front(seat.pilot, "SeatScreen")
        seat.drill.order("continue")
        await seat.until(lambda: "running" in on_screen(seat.pilot))
        await seat.acknowledge()


async def test_the_stand_in_is_called_in_and_answers_and_the_seat_is_left(
    given: LoadedScenario, tmp_path: Path
) -> None:
    async with seated(given, tmp_path / "a.drill") as seat:
        await seat.open_window("s", "Confirm")
        await seat.pilot.press("enter")
        called = await seat.drill.about(ev.StandInCalled)
        assert called.because == "seat 練習 一郎"
        await seat.until(lambda: seat.screen._record().officer == 2)  # type: ignore[union-attr]
        await seat.open_window("a", "AnswerDialog")
        await seat.pilot.press("enter")
        answered = await seat.drill.about(ev.Acknowledged)
        assert answered.officer == 2
        await seat.open_window("g", "Confirm")
        await seat.pilot.press("enter")
        await seat.drill.about(ev.SeatLeft)
        seat.drill.order("speed", speed=5_000)
        # Whoever follows passes on what the person had acknowledged.
        await seat.drill.about(ev.PassedOn)


async def test_a_seat_confirms_a_stop(given: LoadedScenario, tmp_path: Path) -> None:
    async with seated(given, tmp_path / "a.drill") as seat:
        seat.drill.order("stop", reason="地震")
        await seat.until(lambda: "confirm that you know" in on_screen(seat.pilot))
        await seat.open_window("a", "AnswerDialog")
        await seat.pilot.press("enter")
        confirmed = await seat.drill.about(ev.StopConfirmed)
        assert confirmed.node == PREFECTURE
        subject = str(seat.drill.mail(confirmed)["Subject"])
        assert "【訓練中止】" in subject


async def test_what_was_not_taken_is_kept_as_a_draft(given: LoadedScenario, tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with seated(given, path) as seat:
        seat.screen.following.sink = ("127.0.0.1", 9)  # Nobody listens there.
        await seat.open_window("a", "AnswerDialog")
        seat.pilot.app.screen.query_one("#remark", Input).value = "後で報告します"
        await seat.pilot.press("enter")
        await settle(seat.pilot, lambda: "it was not sent" in said(seat.pilot))
        assert (
            Drafts(path, PREFECTURE).get("acknowledge first-report")["remark"] == "後で報告します"
        )


def test_drafts_are_of_one_seat_and_survive_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    drafts = Drafts(path, PREFECTURE)
    drafts.keep("write", {"subject": "件名"})
    assert Drafts(path, TOWN).get("write") == {}
    assert Drafts(path, PREFECTURE).get("write") == {"subject": "件名"}
    drafts.path.write_text("{broken", encoding="utf-8")
    assert Drafts(path, PREFECTURE).get("write") == {}
    drafts.clear()
    assert not drafts.path.exists()


async def test_the_time_of_a_seat_is_the_drills(given: LoadedScenario, tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with seated(given, path) as seat:
        await seat.acknowledge()
        answered = await seat.drill.about(ev.Acknowledged)
    with JournalReader(path) as reader:
        date = seat.drill.mail(answered)["Date"].datetime
        assert reader.mail(answered.raw)
    assert abs(date - given.exercise.when(answered.at)) < timedelta(minutes=1)
