"""One drill as the screens see it, taken in event by event."""

from bisect import insort
from datetime import timedelta

from drillsim.conduct.todo import Todo
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.durations import ZERO
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId
from drillsim.tui.views.due import DueList
from drillsim.tui.views.names import Names
from drillsim.tui.views.stream import Act, Happening, Stream


class DrillView:
    """The board of a drill and what the screens need beside it; the work per event is O(log n).

    Attributes:
        board: the fold of the events.
        stream: the events themselves, by filter and by node.
        dues: what falls due next, and what was missed.
        answered: when each inject was acknowledged, one time per node, in rising order.
        actions: handling that was booked, by notice and action: when, and by whom.
        notes: the operator's remarks.
        todo: what a person has to send, in a drill by hand; else None.
        revision: grows with every change, so that a screen knows when to draw.
    """

    def __init__(self, exercise: Exercise, *, by_hand: bool = False) -> None:
        self.exercise = exercise
        self.names = Names(exercise)
        self.board = Board(exercise)
        self.stream = Stream()
        self.dues = DueList(self.board)
        self.answered: dict[InjectId, list[timedelta]] = {}
        self.actions: dict[NoticeKey, dict[str, ev.ActionDone]] = {}
        self.notes: list[ev.Noted] = []
        self.todo = Todo(exercise) if by_hand else None
        self.seed: int | None = None
        self.known_to = ZERO
        self.revision = 0

    def take(self, event: Happening) -> None:
        """Take in the next event of the journal, or an operator's act.

        Raises:
            IllegalEventError: the journal holds what the machine has no move for.
        """
        self.revision += 1
        if isinstance(event, Act):
            self.stream.take(event)
            return
        notice = self._answered_first(event)
        self.board.apply(event)
        self.stream.take(event)
        self.dues.take(event)
        if self.todo is not None:
            self.todo.take(event)
        if notice is not None:
            insort(self.answered.setdefault(notice[0], []), event.moment)
        match event:
            case ev.DrillStarted():
                self.seed = event.seed
            case ev.ActionDone():
                self.actions.setdefault(event.notice, {})[event.action] = event
            case ev.Noted():
                self.notes.append(event)
            case _:
                pass

    def pass_time(self, now: timedelta) -> None:
        """Say that every event before `now` is known."""
        if now > self.known_to:
            self.known_to = now
            self.dues.pass_time(now)

    def _answered_first(self, event: AnyEvent) -> NoticeKey | None:
        """Return the notice that `event`, not taken in yet, acknowledges; None if it is no news."""
        if not isinstance(event, ev.Acknowledged | ev.Reported | ev.PassedOn):
            return None
        record = self.board.notices.get(event.notice)
        return event.notice if record is not None and not record.is_acknowledged else None

    @property
    def injects(self) -> list[InjectId]:
        """The injects that were released, oldest first."""
        return list(self.board.released)

    @property
    def main_inject(self) -> InjectId | None:
        """The inject that a screen shows unasked: the latest that asks for an answer."""
        for inject in reversed(self.injects):
            asks = self.exercise.inject(inject)
            if asks.acknowledge is not None or asks.report is not None:
                return inject
        return self.injects[-1] if self.injects else None
