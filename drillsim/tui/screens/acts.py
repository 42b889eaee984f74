"""What an operator does from the run screen through windows: book, call, note, inject, stop."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual import work
from textual.screen import Screen

from drillsim.drill.events import NoticeKey
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.text import fit
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.dialogs import Ask, Choose, Confirm, Find
from drillsim.tui.views.booking import Booking, bookable
from drillsim.tui.views.drill import DrillView
from drillsim.tui.views.handling import handling_of
from drillsim.tui.views.prompts import (
    Prompt,
    end_prompt,
    inject_prompt,
    phase_prompt,
    stop_prompt,
)
from drillsim.tui.views.stream import Happening, mail_of, nodes_of
from drillsim.tui.views.tone import Cell

if TYPE_CHECKING:
    from drillsim.tui.widgets.chain_tree import ChainTree


class Acts(Screen[None]):
    """The operator's acts; each window opens with what the tree's cursor is on."""

    following: Following
    orders: Orders
    view: DrillView

    chain_tree: "ChainTree"
    is_asking_to_stop = False
    """Whether the window that stops the drill is open."""

    if TYPE_CHECKING:

        @property
        def inject(self) -> InjectId | None: ...

        def go_to(self, node: NodeId | None) -> None: ...

        def give(self, kind: str, payload: Mapping[str, Any] | None = None) -> object: ...

    @property
    def _node(self) -> NodeId | None:
        return self.chain_tree.node

    # Answers and calls --------------------------------------------------------------------------

    @work(group="dialog")
    async def action_book(self) -> None:
        """Book for the body under the cursor; where it has nothing to answer, ask which one."""
        node = self._node
        if node is None or not bookable(self.view, node):
            among = [n.id for n in self.view.exercise.tree.nodes if bookable(self.view, n.id)]
            dialog = Find(self.view.names, _("Who has answered?"), _("this body"), among)
            node = await self.app.push_screen_wait(dialog)
        if node is not None:
            await self.book(node)

    async def book(self, node: NodeId, chosen: NoticeKey | None = None) -> None:
        """Ask what is to be booked for a node, and order it."""
        from drillsim.tui.screens.book import BookDialog

        notices = bookable(self.view, node)
        shown = chosen if chosen is not None else (self.inject, node)
        place = notices.index(shown) if shown in notices else 0
        dialog = BookDialog(self.view, notices, self.following.now(), chosen=place)
        booking: Booking | None = await self.app.push_screen_wait(dialog)
        if booking is not None:
            self.give("book", booking.payload())

    def action_calls(self) -> None:
        from drillsim.tui.screens.calls import CallScreen

        author = self.orders.author
        self.app.push_screen(CallScreen(self.view, self.following, author, self.book))

    def action_todo(self) -> None:
        from drillsim.tui.screens.todo import TodoScreen

        self.app.push_screen(TodoScreen(self.view, self.following, self.give))

    @work(group="dialog")
    async def action_tray(self) -> None:
        from drillsim.tui.screens.tray import TrayScreen

        order = await self.app.push_screen_wait(TrayScreen(self.view, self.following))
        if order is not None:
            self.give(*order)

    # Looking at things --------------------------------------------------------------------------

    def action_mails(self) -> None:
        if self._node is not None:
            self.show_node(self._node)

    def show_node(self, node: NodeId) -> None:
        """Show a node: its people, what happened to it, and its mails."""
        from drillsim.tui.screens.node import NodeScreen

        self.app.push_screen(NodeScreen(self.view, self.following, node))

    def show_happening(self, happening: Happening | None) -> None:
        """Show the mail behind an event, and bring its node into sight."""
        if happening is None:
            return
        nodes = nodes_of(happening)
        if nodes:
            self.go_to(nodes[0])
        if mail_of(happening):
            from drillsim.tui.screens.mail import MailScreen

            self.app.push_screen(MailScreen(self.following, happening))

    @work(group="dialog")
    async def action_find(self) -> None:
        dialog = Find(self.view.names, _("Find a body"), _("go there"))
        self.go_to(await self.app.push_screen_wait(dialog))

    def action_review(self) -> None:
        from drillsim.tui.screens.review import ReviewScreen

        self.app.push_screen(ReviewScreen(self.following))

    # Course of the drill ------------------------------------------------------------------------

    @work(group="dialog")
    async def action_note(self) -> None:
        node, inject = self._node, self.inject
        about = (inject, node) if (inject, node) in self.view.board.notices else None
        text = ""
        if about is not None and node is not None:
            text = _("It is kept with {node}.").format(node=self.view.names.node(node))
        note = await self.app.push_screen_wait(Ask(_("Note"), text, _("text"), _("keep it")))
        if note is not None:
            payload = {"text": note}
            if about is not None:
                payload |= {"inject": str(inject), "node": str(node)}
            self.give("note", payload)

    @work(group="dialog")
    async def action_inject(self) -> None:
        left = [
            inject
            for inject in self.view.exercise.scenario.injects
            if inject.id not in self.view.board.released
        ]
        left.sort(key=lambda inject: not inject.contingency)
        lines = [
            (
                Cell(fit(self.view.names.inject(inject.id), 40)),
                Cell(_("contingency") if inject.contingency else _("of a later phase"), "muted"),
            )
            for inject in left
        ]
        lines.append((Cell(fit(_("write a message…"), 40)), Cell("")))
        asks = inject_prompt(self.following.way)
        dialog = Choose(asks.title, _("inject"), lines, asks.do, text=asks.text)
        place = await self.app.push_screen_wait(dialog)
        if place is None:
            return
        if place < len(left):
            self.give("inject", {"inject": left[place].id})
            return
        from drillsim.tui.screens.write_inject import WriteInject

        written = await self.app.push_screen_wait(
            WriteInject(self.view, self._node, self.orders.author, self.following.now())
        )
        if written is not None:
            self.give("inject", written)

    @work(group="dialog")
    async def action_handling(self) -> None:
        node, inject = self._node, self.inject
        if node is None or inject is None or (inject, node) not in self.view.board.notices:
            self.say(_("choose a body that the message was sent to"))
            return
        steps = handling_of(self.view, (inject, node))
        if not steps:
            self.say(_("this inject names no handling to book"))
            return
        lines = [
            (Cell(fit(step.text, 36) + " "), Cell(step.done, "good" if step.done else "muted"))
            for step in steps
        ]
        title = _("Handling: {node}").format(node=self.view.names.node(node))
        place = await self.app.push_screen_wait(Choose(title, _("step"), lines, _("book it")))
        if place is None:
            return
        by = self.view.names.officer(node, 1)
        asked = Ask(title, steps[place].text, _("done by"), _("book it"), value=by)
        who = await self.app.push_screen_wait(asked)
        if who is not None:
            self.give(
                "action",
                {"inject": inject, "node": node, "action": steps[place].action, "by": who},
            )

    @work(group="dialog")
    async def action_phase(self) -> None:
        phase = self.view.names.phase(self.view.board.phase)
        if await self._agrees(phase_prompt(self.following.way, phase)):
            self.give("phase")

    @work(group="dialog")
    async def action_end(self) -> None:
        if await self._agrees(end_prompt(self.following.way)):
            self.give("end")

    @work(group="dialog")
    async def action_stop(self) -> None:
        mailed = len({node for (_inject, node), r in self.view.board.notices.items() if r.officers})
        asks = stop_prompt(self.following.way, mailed)
        asked = Ask(asks.title, asks.text, _("reason"), asks.do, value=asks.value)
        self.is_asking_to_stop = True
        reason = await self.app.push_screen_wait(asked)
        self.is_asking_to_stop = False
        if reason is not None:
            self.give("stop", {"reason": reason})

    async def _agrees(self, asks: Prompt) -> bool:
        dialog = Confirm(asks.title, asks.text, asks.do)
        agreed: bool | None = await self.app.push_screen_wait(dialog)
        return agreed is True

    def say(self, text: str) -> None:
        """Say something in passing."""
        self.notify(text, markup=False)
