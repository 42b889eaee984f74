"""Going on with a drill whose director has died, from any screen that follows it."""

import asyncio
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen

from drillsim.i18n import _
from drillsim.problem import CommandError
from drillsim.tui.following import Following

if TYPE_CHECKING:
    from drillsim.conduct.clocks import Speed


class Reviving(Screen[None]):
    """A screen whose key R starts a director again, where the last one has died."""

    following: Following

    @property
    def can_revive(self) -> bool:
        """Whether the drill was begun, has not ended, and nobody runs it.

        What mails real people by itself is gone on with from the shell, with its passwords.
        """
        following = self.following
        return (
            following.is_caught_up
            and bool(following.view.stream.events)
            and not following.is_sealed
            and following.way != "mail"
            and not following.is_directed
        )

    @work(group="revive", exclusive=True)
    async def action_revive(self) -> None:
        """Start a director in a process of its own; the drill goes on where it stood."""
        from drillsim.conduct.process import resume_director

        speed = self.following.clock.speed
        # As fast as it can go, where it went so; but for a person at a seat, as `pace_of` says.
        is_max = speed is None and not self.following.view.board.seats
        pace: Speed | None = "max" if is_max else speed
        self.notify(_("starting…"), timeout=2, markup=False)
        try:
            await asyncio.to_thread(resume_director, self.following.path, pace)
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)
