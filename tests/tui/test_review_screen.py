"""The review: lanes, scrubbing, replay, score and comparison."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from textual.pilot import Pilot

from drillsim.drill.board import fold
from drillsim.drill.events import DrillEnded
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import evaluate
from drillsim.tui.following import Following
from drillsim.tui.screens.review import ReviewScreen
from drillsim.tui.screens.score import point_rows
from drillsim.tui.views.chain import state_cell
from drillsim.tui.views.lanes import Review, Span, acts_lane, board_at, lane, state_at
from drillsim.tui.views.names import Names
from drillsim.tui.views.stream import Act
from drillsim.tui.widgets.lanes import Lanes
from tests.tui.driving import in_front, on_screen, settle, shown
from tests.tui.recorded import Recording, record, sealed_journal

FIRST = InjectId("first-report")


@cache
def recording() -> Recording:
    return record()


@cache
def review() -> Review:
    exercise, events = recording().loaded.exercise, recording().events
    return Review(exercise, evaluate(exercise, events), events, (), Names(exercise))


@asynccontextmanager
async def opened(
    path: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[int], Lanes]]:
    sealed_journal(path, recording())
    following = Following(path)
    async with shown(ReviewScreen(following), size) as pilot:
        lanes = pilot.app.screen.query_one(Lanes)
        await settle(pilot, lambda: lanes.review is not None)
        await pilot.pause()
        yield pilot, lanes
    following.close()


@pytest.mark.parametrize("minutes", [0, 9, 45, 61, 100, 150, 212])
def test_the_board_of_any_moment_is_that_of_the_fold_to_there(minutes: int) -> None:
    at = timedelta(minutes=minutes)
    board = fold(review().exercise, recording().until(at))
    for row in board_at(review(), FIRST, at).rows[:-1]:
        kind = "prefecture" if row.scope == 1 else "municipality"
        tally = board.tallies[(FIRST, kind)]  # type: ignore[index]
        assert (row.reached, row.in_time, row.late) == (
            tally.acknowledged,
            tally.in_time,
            tally.late,
        )
        assert (row.reported, row.scope) == (tally.reported, tally.scope)


def test_a_bar_shows_transit_waiting_working_and_the_facts() -> None:
    hop = review().hop(FIRST, NodeId("350001"))
    span = Span(timedelta(0), review().end, 200)
    text = "".join(cell.text for cell in lane(hop, span, review().end))
    assert len(text) == 200
    assert text.index("A") < text.index("P") < text.index("R")
    assert "░" in text[: text.index("A")]
    assert "▓" in text[: text.index("P")]


def test_what_the_operator_did_at_the_very_end_is_in_the_last_cell() -> None:
    end = timedelta(hours=1)
    act = Act(at=end, order="stop", by="tester")
    assert "".join(cell.text for cell in acts_lane([act], Span(timedelta(0), end, 20)))[-1] == "#"


def test_a_bar_is_as_wide_as_its_span_wherever_one_looks() -> None:
    for hop in review().evaluation.timeline.hops.values():
        for begin in (0, 60, 180):
            start = timedelta(minutes=begin)
            span = Span(start, start + timedelta(minutes=30), 37)
            assert sum(len(c.text) for c in lane(hop, span, review().end)) == 37


@pytest.mark.parametrize("minutes", [0, 9, 45, 61, 100, 150, 212])
def test_the_states_of_any_moment_are_those_of_the_fold_to_there(minutes: int) -> None:
    at = timedelta(minutes=minutes)
    board = fold(review().exercise, recording().until(at))
    for (inject, node), notice in board.notices.items():
        shown = state_at(review(), inject, node, at).text
        assert shown.removesuffix("!") == state_cell(review().exercise, notice).text
    assert review().history.phase(at) == board.phases[-1][1:]


def test_a_state_is_marked_while_its_answer_is_overdue() -> None:
    hop = next(h for h in review().evaluation.timeline.hops.values() if h.is_late)
    assert hop.ack_due is not None
    assert hop.acknowledged_at is not None
    for at, is_marked in (
        (hop.ack_due, False),
        (hop.ack_due + timedelta(seconds=1), True),
        (hop.acknowledged_at, False),
    ):
        assert state_at(review(), hop.inject, hop.node, at).text.endswith("!") == is_marked


def test_steps_go_from_event_to_event_and_stop_at_both_ends() -> None:
    times = sorted({event.at for event in recording().events})
    assert review().step(times[3], 1) == times[4]
    assert review().step(times[3], -1) == times[2]
    assert review().step(times[0], -1) == times[0]
    assert review().step(times[-1], 1) == times[-1]


def test_every_point_of_the_score_names_its_events() -> None:
    rows = point_rows(review())
    points = [row for row in rows if row.node is not None]
    assert points
    assert all(row.because for row in points)
    assert all(1 <= n <= len(recording().events) for row in points for n in row.because)


async def test_the_cursor_goes_through_time_and_the_board_follows(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, lanes):
        end = lanes.at
        await pilot.press("left")
        assert lanes.at < end
        await pilot.press("right")
        assert lanes.at == end
        lanes.at = timedelta(minutes=30)
        await pilot.press("right")
        await pilot.pause()
        assert "0/19" in on_screen(pilot)


async def test_replay_begins_anew_at_the_end_and_runs_on(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, lanes):
        await pilot.press("space")
        await settle(pilot, lambda: timedelta(0) < lanes.at < timedelta(minutes=10))
        await pilot.press("space")
        await pilot.pause()
        stands = lanes.at
        await pilot.pause(0.12)
        assert lanes.at == stands


async def test_why_it_was_slow_stands_at_the_top(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, _lanes):
        assert "41 min of them lay at 山口県 市町課" in on_screen(pilot)
        assert "山口県 市町課*" in on_screen(pilot)


async def test_another_drill_is_laid_beside_and_taken_away(tmp_path: Path) -> None:
    sealed_journal(tmp_path / "b.drill", record(seed=8))
    async with opened(tmp_path / "a.drill") as (pilot, lanes):
        await pilot.press("d")
        await settle(pilot, lambda: in_front(pilot, "Choose"))
        await pilot.press("enter")
        await settle(pilot, lambda: lanes.other is not None)
        await pilot.pause()
        assert in_front(pilot, "ReviewScreen")
        assert lanes.bar_cells < 45
        await pilot.press("d")
        assert lanes.other is None


async def test_score_leads_to_the_node_and_its_mails(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, _lanes):
        await pilot.press("s")
        await settle(pilot, lambda: in_front(pilot, "ScoreScreen"))
        await pilot.press("down", "enter")
        await settle(pilot, lambda: in_front(pilot, "NodeScreen"))
        await pilot.press("home", "enter")
        await settle(pilot, lambda: in_front(pilot, "MailScreen"))
        await settle(pilot, lambda: "これは、訓練です。" in on_screen(pilot))


async def test_the_score_of_a_drill_stopped_by_a_real_incident_is_none_here_too(
    tmp_path: Path,
) -> None:
    played = record()
    events = [
        replace(event, reason="real-incident") if isinstance(event, DrillEnded) else event
        for event in played.events
    ]
    stopped = replace(played, events=events)
    following = Following(sealed_journal(tmp_path / "a.drill", stopped))
    async with shown(ReviewScreen(following)) as pilot:
        await settle(pilot, lambda: "not rated: stopped by a real incident" in on_screen(pilot))
        await pilot.press("s")
        await settle(pilot, lambda: in_front(pilot, "ScoreScreen"))
        await pilot.pause()
        title = on_screen(pilot).splitlines()[0]
        assert title.strip() == "not rated: stopped by a real incident"
    following.close()


async def test_escape_leaves_every_screen_that_was_opened(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, _lanes):
        await pilot.press("enter")
        await settle(pilot, lambda: in_front(pilot, "NodeScreen"))
        await pilot.press("escape")
        await settle(pilot, lambda: in_front(pilot, "ReviewScreen"))
        await pilot.press("question_mark")
        await settle(pilot, lambda: in_front(pilot, "HelpScreen"))
        await pilot.press("escape")
        await settle(pilot, lambda: in_front(pilot, "ReviewScreen"))
