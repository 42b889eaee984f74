"""Sitting down at a seat from the control room."""

from typing import TYPE_CHECKING, Any

from textual import work
from textual.screen import Screen

from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.dialogs import Confirm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drillsim.tui.widgets.chain_tree import ChainTree


class Seating(Screen[None]):
    """The part of the control room that hands a body to the person in front of it."""

    following: Following
    orders: Orders

    chain_tree: "ChainTree"

    if TYPE_CHECKING:

        def give(self, kind: str, payload: Mapping[str, Any] | None = None) -> object: ...

    opens_seats = False
    """Whether the first seat that is taken is to be shown at once."""

    def open_first_seat(self) -> None:
        """Show the first seat, where that was asked for; once."""
        seats = self.following.view.board.seats
        if self.opens_seats and seats and self.is_current:
            self.opens_seats = False
            self.open_seat(next(iter(seats)))

    @work(group="dialog")
    async def action_seat(self) -> None:
        """Sit down at the body under the cursor, or go to its seat where somebody sits already."""
        node = self.chain_tree.node
        if node is None:
            return
        view = self.following.view
        if node not in view.board.seats:
            if node not in view.exercise.participants:
                self.notify(_("this body does not take part"), markup=False)
                return
            text = _("From now on you answer for {node}; nobody is simulated there.")
            asked = Confirm(
                _("Sit down at a seat"), text.format(node=view.names.node(node)), _("sit down")
            )
            if not await self.app.push_screen_wait(asked):
                return
            self.give("seat", {"node": node})
        self.open_seat(node)

    def open_seat(self, node: NodeId) -> None:
        """Show the seat of a node over this screen."""
        from drillsim.tui.screens.seat import SeatScreen

        self.app.push_screen(SeatScreen(self.following, self.orders, node))
