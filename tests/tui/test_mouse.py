"""The mouse does what the keys do: on a node, on a bar, on a key of the footer."""

from datetime import timedelta
from pathlib import Path

from textual.pilot import Pilot

from drillsim.drill.tree import NodeId
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lanes import Lanes
from tests.tui.driving import in_front, settle
from tests.tui.test_review_screen import opened as opened_review
from tests.tui.test_run_screen import opened


async def click(pilot: Pilot[int], widget: object, x: int, y: int, times: int = 1) -> None:
    await pilot.click(widget, offset=(x, y), times=times)  # type: ignore[arg-type]
    await pilot.pause()


async def test_a_click_on_a_node_chooses_it_and_a_second_one_opens_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        tree = screen.chain_tree
        await click(pilot, tree, 10, 4)
        assert tree.cursor == 3
        await click(pilot, tree, 10, 5, times=2)
        await settle(pilot, lambda: in_front(pilot, "NodeScreen"))
        await pilot.press("escape")


async def test_a_click_on_a_key_of_the_footer_does_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        bar = screen.query_one(KeyBar)
        x = bar.text.splitlines()[0].index("call list")
        await click(pilot, bar, x, 0)
        await settle(pilot, lambda: in_front(pilot, "CallScreen"))
        await pilot.press("escape")


async def test_a_click_between_two_keys_does_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.drill") as (pilot, screen, _journal):
        bar = screen.query_one(KeyBar)
        x = bar.text.splitlines()[0].index("c call list") - 1
        await click(pilot, bar, x, 0)
        assert pilot.app.screen is screen


async def test_a_click_on_a_bar_goes_to_its_moment_and_node(tmp_path: Path) -> None:
    async with opened_review(tmp_path / "a.drill") as (pilot, lanes):
        span = lanes.span
        x = lanes.size.width - span.cells + span.cells // 2
        await click(pilot, lanes, x, 5)
        assert lanes.cursor == 4
        assert abs(lanes.at - span.end / 2) < span.end / 10


async def test_a_second_click_on_a_bar_opens_the_mails_behind_it(tmp_path: Path) -> None:
    async with opened_review(tmp_path / "a.drill") as (pilot, lanes):
        await click(pilot, lanes, lanes.size.width - 5, 5, times=2)
        await settle(pilot, lambda: in_front(pilot, "NodeScreen"))


async def test_zoom_keeps_the_moment_in_its_place_and_pan_leaves_it(tmp_path: Path) -> None:
    async with opened_review(tmp_path / "a.drill") as (pilot, lanes):
        lanes.go_to(timedelta(hours=1))
        place = lanes.span.cell(lanes.at)
        for _turn in range(3):
            await pilot.press("i")
            assert abs(lanes.span.cell(lanes.at) - place) <= 1
        assert lanes.span.end - lanes.span.begin < timedelta(minutes=30)
        await pilot.press("right_square_bracket")
        assert lanes.at == timedelta(hours=1)
        assert lanes.span.cell(lanes.at) < place
        await pilot.press("left_square_bracket", "u", "u", "u")
        assert lanes.span.begin == timedelta(0)


async def test_the_operator_s_lane_lists_what_was_done(tmp_path: Path) -> None:
    async with opened_review(tmp_path / "a.drill") as (pilot, lanes):
        assert isinstance(lanes, Lanes)
        lanes.move_to_node(NodeId("352039"))
        assert lanes.node == "352039"
        await pilot.press("home")
        assert lanes.node is None
