"""Driving a screen by keys: opening it, and letting it go on until something holds."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from drillsim.tui.app import DrillApp
from drillsim.tui.widgets.pane import Pane


@asynccontextmanager
async def shown(
    screen: Screen[Any], size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Pilot[int]]:
    """Open a screen in the app."""
    async with DrillApp(screen).run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


async def settle(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Let the app go on until something holds."""
    for _turn in range(500):
        if holds():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


def pane(pilot: Pilot[int]) -> str:
    """Return the long text of the screen in front."""
    return pilot.app.screen.query_one(Pane).plain


def in_front(pilot: Pilot[int], name: str) -> bool:
    """Whether a screen of this class is in front."""
    return type(pilot.app.screen).__name__ == name


def on_screen(pilot: Pilot[int]) -> str:
    """Return every line that is drawn."""
    return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())


def said(pilot: Pilot[int]) -> str:
    """Return what was said in passing."""
    return "\n".join(note.message for note in pilot.app._notifications)
