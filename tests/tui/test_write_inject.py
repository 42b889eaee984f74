"""A message typed while the drill runs: checked as one types, ordered as the director reads it."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from drillsim.conduct.typing_injects import typed_order
from drillsim.drill.tree import NodeId
from drillsim.tui.screens.write_inject import WriteInject
from drillsim.tui.views.drill import DrillView
from tests.tui.driving import in_front, settle, shown
from tests.tui.recorded import Recording, record
from tests.tui.test_run_screen import commands, opened

HOUR = timedelta(hours=1)


@cache
def recording() -> Recording:
    return record()


async def test_what_is_typed_is_ordered_and_the_director_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "a.drill"
    async with opened(path) as (pilot, screen, _journal):
        screen.go_to(NodeId("355020"))
        await pilot.press("i", "end", "enter")
        await settle(pilot, lambda: in_front(pilot, "WriteInject"))
        await pilot.press(*"ABC", "enter")
        await pilot.press("x", "enter", "y", "ctrl+s")
        await settle(pilot, lambda: pilot.app.screen is screen)
        (given,) = await commands(pilot, path)
    assert given.kind == "inject"
    assert given.payload == {
        "from": "jlis",
        "to": ["355020"],
        "within": "30m",
        "subject": "ABC",
        "body": "x\ny",
    }
    event = typed_order(given.payload, "tester", HOUR, recording().loaded.exercise)
    assert (event.to, event.body) == (("355020",), "x\ny")


async def test_a_fault_is_told_while_one_types_and_nothing_is_sent() -> None:
    dialog = WriteInject(DrillView(recording().loaded.exercise), None, "tester", HOUR)
    async with shown(dialog) as pilot:
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        fault = pilot.app.screen.query_one("#fault")
        assert "has no subject" in str(fault.render())
        await pilot.press("shift+tab", "shift+tab", *"A", "enter", *"{{ nobody }}")
        await settle(pilot, lambda: "nobody" in str(fault.render()))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert pilot.app.screen is dialog


async def test_recipients_are_the_body_in_sight_a_tier_or_everybody() -> None:
    view = DrillView(recording().loaded.exercise)
    dialog = WriteInject(view, NodeId("352039"), "tester", HOUR)
    async with shown(dialog) as pilot:
        await pilot.pause()
        offered = [value for _text, value in dialog._recipients()]
    assert offered == ["352039", "prefecture", "municipality", "all"]
