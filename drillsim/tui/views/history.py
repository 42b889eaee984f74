"""How a drill stood at any moment: every state and count that it went through, by time.

Worked out by one pass of the fold that the run screen shows live, so both say the same. Looking a
moment up is a search in a sorted list: going back costs what going on costs, on a tree of any size.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Generic, TypeVar

from drillsim.drill import events as ev
from drillsim.drill.board import Board, Tally
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeKind
from drillsim.tui.views.chain import state_cell
from drillsim.tui.views.tone import Cell

T = TypeVar("T")

_UNTOUCHED: Final = (ev.Noted, ev.ActionDone, ev.AnswerSent, ev.AnsweredAfterEnd)
"""Events of a notice that change neither its state nor a count."""


@dataclass(slots=True)
class Past(Generic[T]):
    """What one thing was, and since when."""

    times: list[timedelta] = field(default_factory=list)
    values: list[T] = field(default_factory=list)

    def add(self, at: timedelta, value: T) -> None:
        """Say that it is `value` from `at` on; `at` is no earlier than what is known."""
        if not self.values or self.values[-1] != value:
            self.times.append(at)
            self.values.append(value)

    def at(self, at: timedelta) -> T | None:
        """Return what it was at `at`, all that happened just then included; None before."""
        place = bisect_right(self.times, at)
        return self.values[place - 1] if place else None


class History:
    """The states of every notice, the counts of every tier, and the phases, as they changed."""

    def __init__(self, exercise: Exercise, events: Iterable[AnyEvent]) -> None:
        """Fold all `events` of a drill.

        Raises:
            IllegalEventError: they are no drill of this exercise.
        """
        self._states: dict[NoticeKey, Past[Cell]] = {}
        self._tallies: dict[tuple[InjectId, NodeKind], Past[Tally]] = {}
        self._phases: Past[tuple[PhaseId, int]] = Past()
        board = Board(exercise)
        for event in events:
            board.apply(event)
            self._remember(board, event)

    def state(self, notice: NoticeKey, at: timedelta) -> Cell | None:
        """Return the state of a notice in a word; None where its inject was not released yet."""
        past = self._states.get(notice)
        return past.at(at) if past is not None else None

    def tallies(self, inject: InjectId, at: timedelta) -> list[tuple[NodeKind, Tally]]:
        """Return the counts of an inject by tier, in the order of the tree."""
        found = [(k, past.at(at)) for (i, k), past in self._tallies.items() if i == inject]
        return [(kind, tally) for kind, tally in found if tally is not None]

    def phase(self, at: timedelta) -> tuple[PhaseId, int] | None:
        """Return the phase and its threat level."""
        return self._phases.at(at)

    def _remember(self, board: Board, event: AnyEvent) -> None:
        match event:
            case ev.PhaseEntered():
                self._phases.add(event.at, (event.phase, event.level))
            case ev.InjectReleased():
                for notice in board.notices:
                    if notice[0] == event.inject:
                        self._note(board, notice, event.at)
            case ev.DrillEnded():
                for notice in board.notices:
                    self._note(board, notice, event.at)
            case _:
                about: NoticeKey | None = getattr(event, "notice", None)
                if about in board.notices and not isinstance(event, _UNTOUCHED):
                    self._note(board, about, event.at)

    def _note(self, board: Board, notice: NoticeKey, at: timedelta) -> None:
        record = board.notices[notice]
        past = self._states.get(notice)
        if past is None:
            past = self._states[notice] = Past()
        past.add(at, state_cell(board.exercise, record))
        tier = (notice[0], record.kind)
        tally, counts = board.tallies[tier], self._tallies.get(tier)
        if counts is None:
            counts = self._tallies[tier] = Past()
        if not counts.values or counts.values[-1] != tally:
            counts.add(at, replace(tally))
