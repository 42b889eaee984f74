"""The run screen: a drill while it runs, followed through its journal."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from typing_extensions import override

from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.problem import CommandError
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.acts import Acts
from drillsim.tui.screens.reviving import Reviving
from drillsim.tui.screens.seating import Seating
from drillsim.tui.views.clock import clock_view, speed_text
from drillsim.tui.views.servers import servers_warning
from drillsim.tui.views.stream import refusals
from drillsim.tui.views.tiers import answer_curve, foreseen_levels, tier_board
from drillsim.tui.views.tone import EMPTY, Cell
from drillsim.tui.widgets.boards import ClockBar, DueLines, TierBoardLines
from drillsim.tui.widgets.chain_tree import ChainTree
from drillsim.tui.widgets.event_stream import EventStream
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.rows import Rows
from drillsim.world.course import STOP_WAIT

REFRESH_SECONDS = 0.1
STACK_OF_ONE = 2
"""Textual's own empty screen lies below the first one that is pushed."""


class RunScreen(Acts, Seating, Reviving):
    """Tree, reach board, events and dues of one drill, and all that its operator can do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "order('pause')", N_("pause")),
        Binding("space", "order('continue')", N_("go on")),
        Binding("plus", "speed(1)", N_("speed")),
        Binding("minus", "speed(-1)", N_("speed")),
        Binding("space,plus,minus", "no_pace", N_("pause"), show=False),
        Binding("r", "review", N_("review")),
        Binding("b", "book", N_("book answer")),
        Binding("c", "calls", N_("call list")),
        Binding("i", "inject", N_("extra inject")),
        Binding("n", "note", N_("note")),
        Binding("t", "tray", N_("tray")),
        Binding("o", "todo", N_("to send")),
        Binding("m", "mails", N_("mails")),
        Binding("slash", "find", N_("find")),
        Binding("l", "only_late", N_("only late")),
        Binding("l", "everyone", N_("everyone")),
        Binding("e", "end", N_("end")),
        Binding("exclamation_mark", "stop", N_("STOP")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("q", "leave", N_("leave")),
        Binding("a", "handling", N_("handling")),
        Binding("v", "other_inject", N_("other inject")),
        Binding("f", "filter", N_("filter events")),
        Binding("k", "collapse", N_("collapse")),
        Binding("z", "zoom", N_("zoom")),
        Binding("p", "phase", N_("next phase")),
        Binding("s", "seat", N_("seat")),
        Binding("R", "revive", N_("go on with the drill")),
    ]

    HORIZONTAL_BREAKPOINTS = [
        (0, "-narrow"),
        (110, "-medium"),
        (140, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]

    def __init__(self, following: Following, orders: Orders) -> None:
        super().__init__()
        self.following = following
        self.orders = orders
        self.view = following.view
        # Kept, so that a timer that fires while the screen is taken down finds them.
        self._clock = ClockBar(id="clock")
        self.chain_tree = ChainTree(self.view, id="tree")
        self._tiers = TierBoardLines(id="tiers")
        self.stream = EventStream(self.view, id="stream")
        self._due = DueLines(id="due")
        self._inject: InjectId | None = None
        """The inject that was chosen; None shows the latest."""
        self._revision = -1
        self._given: set[int] = set()
        """The numbers of the orders that were given here."""
        self._looked_at = 0
        self._has_begun = False
        self._state: tuple[object, ...] = ()

    @override
    def compose(self) -> ComposeResult:
        yield self._clock
        with Container(id="panels"):
            yield self.chain_tree
            yield self._tiers
            yield self.stream
            yield self._due
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        self.set_class(self.following.is_live, "-live")
        self.chain_tree.focus()
        self._follow()
        self.set_interval(REFRESH_SECONDS, self.draw)
        self.draw()

    @property
    def inject(self) -> InjectId | None:
        """The inject that is shown."""
        return self._inject if self._inject is not None else self.view.main_inject

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        await self.following.run()

    # Drawing ------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw what has changed; called ten times a second."""
        now = self.following.now()
        if self.view.revision != self._revision:
            self._revision = self.view.revision
            self.stream.take_new()
            self._tell_refusals()
            if self.chain_tree.chain.only is not None:
                self._show_late()
        self.chain_tree.show(self.inject, now)
        self._draw_boards(now)
        self._begin_at_first_body()
        self.open_first_seat()
        state = (
            self._is_over,
            self.following.is_sealed,
            self.following.clock.is_paused,
            self._shows_all,
            self._has_handling,
            len(self.view.injects),
            self.can_revive,
        )
        if state != self._state:
            self._state = state
            self.refresh_bindings()

    def _begin_at_first_body(self) -> None:
        """Once, when the first message goes out, put the cursor on the first body that gets it."""
        if self._has_begun or not self.view.board.notices:
            return
        self._has_begun = True
        if self.chain_tree.cursor == 0:
            node = next(iter(self.view.board.notices))[1]
            self.chain_tree.go_to(node)

    def _tell_refusals(self) -> None:
        """Say why an order that was given here was refused."""
        events = self.view.stream.events
        new, self._looked_at = events[self._looked_at :], len(events)
        for act in refusals(new, self._given):
            self.notify(self.stream.sentences.line(act).text, severity="error", markup=False)

    def _draw_boards(self, now: timedelta) -> None:
        view, inject = self.view, self.inject
        self._clock.show_clock(
            clock_view(
                view,
                self.following.clock,
                now,
                way=self.following.way,
                state=self._run_state(),
                warning=self._warning(),
            )
        )
        tiers = self._tiers
        tiers.has_total = not self.has_class("-low")
        tiers.chart_height = 0 if self.has_class("-low") or self.has_class("-narrow") else 6
        curve = answer_curve(view, inject, now, tiers.spans)
        behind = foreseen_levels(self.following.foreseen, inject, curve)
        tiers.show_board(tier_board(view, inject), curve, behind=behind)
        self._due.show_due(
            view.dues.upcoming(8),
            self.stream.sentences,
            now,
            overdue=sum(len(nodes) for nodes in view.dues.overdue.values()),
            calls=self.calls_waiting,
            tray=len(view.board.tray),
            to_do=self._to_do(),
        )

    def _to_do(self) -> Cell:
        """Say what waits for a person in a drill by hand."""
        todo = self.view.todo
        if todo is None:
            return EMPTY
        is_stop = any(item.is_stop for item in todo.open.values())
        text = _("to send {count}").format(count=len(todo.open))
        return Cell(text, "alarm" if is_stop else "late" if todo.open else "")

    @property
    def calls_waiting(self) -> int:
        """How many bodies are to be called."""
        board = self.view.board
        if board.end is not None:
            return len(board.stop_sent.keys() - board.stop_confirmed.keys())
        return len(board.calls)

    @property
    def _is_over(self) -> bool:
        return self.view.board.end is not None

    def _run_state(self) -> Cell:
        end = self.view.board.end
        if end is not None:
            is_stop = end.reason == "real-incident"
            return Cell(
                "■ " + (_("STOPPED") if is_stop else _("ended")), "alarm" if is_stop else ""
            )
        if not self.view.stream.events:
            return Cell(_("starting"), "busy")
        if self.following.is_caught_up and not self.following.is_directed:
            return Cell("- " + _("no director"), "alarm")
        if self.following.clock.is_paused:
            return Cell("‖ " + _("paused"), "late")
        return Cell("● " + _("running"), "good")

    def _warning(self) -> Cell:
        if self.following.error is not None:
            return Cell(str(self.following.error), "alarm")
        if self._is_over and not self.following.is_sealed:
            return self._still_open()
        if self.view.board.unmarked and not self._is_over:
            return self._without_mark()
        if self._is_over or not self.following.is_caught_up or self.following.is_directed:
            return self._servers() or self._from_outside()
        if not self.view.stream.events:
            return EMPTY
        if self.following.way == "mail":
            return Cell(_("the director has died; drillsim resume goes on with the drill"), "alarm")
        return Cell(_("the director has died; R goes on with the drill where it stood"), "alarm")

    def _servers(self) -> Cell | None:
        """Say which server is away; None where all is well."""
        zone = self.view.exercise.zone
        said = servers_warning(self.following.servers, zone)
        return None if said == EMPTY or self._is_over else said

    def _from_outside(self) -> Cell:
        """Say what a drill by hand that has sent nothing yet waits for."""
        view = self.view
        if view.todo is None or view.board.released or self._is_over:
            return EMPTY
        waited_for = (each.id for each in view.exercise.injects if each.source == "external")
        inject = next(waited_for, None)
        if inject is None:
            return EMPTY
        text = _("“{inject}” is to come from outside; o: book it when it has come")
        return Cell(text.format(inject=view.names.inject(inject)), "late")

    def _still_open(self) -> Cell:
        """Say what a drill that has ended still waits for."""
        board, end = self.view.board, self.view.board.end
        if end is None or not self.following.is_directed:
            return EMPTY
        if end.reason == "real-incident":
            until = self.stream.sentences.time(end.at + STOP_WAIT)
            text = _("stop confirmed: {confirmed} of {all}; waiting until {time}; c: call the rest")
            confirmed = len(board.stop_sent.keys() & board.stop_confirmed.keys())
            said = text.format(confirmed=confirmed, all=len(board.stop_sent), time=until)
            return Cell(said, "late" if confirmed < len(board.stop_sent) else "good")
        if self.view.exercise.scenario.keep_open:
            until = self.stream.sentences.time(end.at + self.view.exercise.scenario.keep_open)
            text = _("answers that come until {time} are kept as after the end")
            return Cell(text.format(time=until), "late")
        return EMPTY

    def _without_mark(self) -> Cell:
        """Say who passed the message on in a way that it can be taken for a real one."""
        nodes = list(dict.fromkeys(node for _inject, node in self.view.board.unmarked))
        who = self.view.names.node(nodes[0])
        if len(nodes) > 1:
            who = _("{node} and {count} more").format(node=who, count=len(nodes) - 1)
        return Cell(
            _("passed on without 【訓練】, tell its readers: {who}").format(who=who), "alarm"
        )

    # What is possible now -----------------------------------------------------------------------

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        is_over = self._is_over
        match action:
            case "order":
                is_pause = parameters == ("pause",)
                can_pause = not is_over and not self.following.is_live
                return can_pause and self.following.clock.is_paused != is_pause
            case "no_pace":
                return not is_over and self.following.is_live
            case "speed":
                return not is_over and not self.following.is_live
            case "phase" | "end" | "inject":
                return not is_over
            case "stop":
                return not is_over and not self.is_asking_to_stop
            case "handling":
                return not is_over and self._has_handling
            case "book":
                return not self.following.is_sealed and bool(self.view.injects)
            case "note":
                return not self.following.is_sealed
            case "todo":
                return self.view.todo is not None and not self.following.is_sealed
            case "other_inject":
                return len(self.view.injects) > 1
            case "review":
                return is_over
            case "only_late":
                return not is_over and self._shows_all
            case "everyone":
                return not self._shows_all
            case "seat":
                return not is_over and not self.following.is_live
            case "revive":
                return self.can_revive
            case _:
                return True

    @property
    def _has_handling(self) -> bool:
        """Whether the message on show names steps of handling, and went to the body in sight."""
        inject, node = self.inject, self.chain_tree.node
        if inject is None or (inject, node) not in self.view.board.notices:
            return False
        return bool(self.view.exercise.inject(inject).actions)

    @property
    def _shows_all(self) -> bool:
        return self.chain_tree.chain.only is None

    # Orders -------------------------------------------------------------------------------------

    @work(group="order")
    async def give(self, kind: str, payload: Mapping[str, Any] | None = None) -> None:
        """Put an order into the drill's inbox, and say so."""
        try:
            self._given.add(await self.orders.post(kind, payload))
        except CommandError as error:
            self.notify(str(error), severity="error", markup=False)

    def action_order(self, kind: str) -> None:
        self.give(kind)

    def action_speed(self, step: int) -> None:
        speed = self.following.clock.stepped(step)
        self.give("speed", {"speed": "max" if speed is None else speed})
        self.notify(_("speed {speed}").format(speed=speed_text(speed)), timeout=2, markup=False)

    def action_no_pace(self) -> None:
        """Say why the keys of a rehearsal do nothing here."""
        self.say(_("LIVE: real people answer by the clock on the wall; no pause, no speed"))

    # What is shown ------------------------------------------------------------------------------

    def action_filter(self) -> None:
        self.stream.next_filter()

    def action_other_inject(self) -> None:
        released = self.view.injects
        if not released:
            return
        place = released.index(self.inject) if self.inject in released else -1
        chosen = released[(place + 1) % len(released)]
        self._inject = None if chosen == self.view.main_inject else chosen
        self.draw()

    def action_only_late(self) -> None:
        self._show_late()
        self.refresh_bindings()

    def action_everyone(self) -> None:
        node = self.chain_tree.node
        self.chain_tree.chain.only = None
        self.chain_tree.chain.arrange()
        self.chain_tree.keep_node(node)
        self.refresh_bindings()

    def _show_late(self) -> None:
        inject = self.inject
        late = self.view.dues.late.get(inject, set()) if inject is not None else set()
        node = self.chain_tree.node
        only = frozenset(late)
        if self.chain_tree.chain.only != only:
            self.chain_tree.chain.only = only
            self.chain_tree.chain.arrange()
            self.chain_tree.keep_node(node)

    def action_collapse(self) -> None:
        """Close the lowest tier that is open; after the topmost, open all."""
        chain, node = self.chain_tree.chain, self.chain_tree.node
        shown = {chain.order[place][0] for place in chain.rows}
        deepest = max(shown, default=0)
        chain.collapse_to(deepest - 1 if deepest > 0 else chain.depth_max)
        self.chain_tree.keep_node(node)

    def action_zoom(self) -> None:
        """Give the panel in focus the whole screen, or take it back."""
        if self.has_class("-zoom-tree") or self.has_class("-zoom-stream"):
            self.remove_class("-zoom-tree", "-zoom-stream")
        else:
            self.add_class("-zoom-stream" if self.stream.has_focus else "-zoom-tree")

    def go_to(self, node: NodeId | None) -> None:
        """Put the tree's cursor on a node."""
        if node is not None:
            self.chain_tree.go_to(node)
            self.chain_tree.focus()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        if message.rows is self.chain_tree and self.chain_tree.node is not None:
            self.show_node(self.chain_tree.node)
        elif message.rows is self.stream:
            self.show_happening(self.stream.happening)

    def action_leave(self) -> None:
        self.following.close()
        if len(self.app.screen_stack) > STACK_OF_ONE:
            self.dismiss()
        else:
            self.app.exit(0)
