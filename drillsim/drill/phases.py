"""The scenario's own machine: which condition holds, and where it leads."""

from datetime import timedelta
from fractions import Fraction

from drillsim.drill.board import Board, Tally
from drillsim.drill.events import Acknowledged, AnyEvent, Notified, PassedOn, Reported
from drillsim.drill.scenario import (
    Condition,
    InjectId,
    Phase,
    Transition,
    WhenAcknowledged,
    WhenAnswer,
    WhenElapsed,
    WhenOperator,
    WhenPassedOn,
    WhenReported,
)


def current(board: Board) -> Phase:
    """Return the phase that the drill is in."""
    assert board.phase is not None
    return board.exercise.scenario.phases.states[board.phase]


def _share_holds(tallies: list[Tally], done: str, of: str, share_of: Fraction) -> bool:
    scope = sum(getattr(tally, of) for tally in tallies)
    count = sum(getattr(tally, done) for tally in tallies)
    # Nobody in scope is no success: such a condition waits for another one.
    return bool(scope > 0 and count >= share_of * scope)


def holds(board: Board, when: Condition, at: timedelta) -> bool:
    """Whether `when` holds at `at`; count ≥ share × nodes in scope. Costs O(kinds of node)."""
    match when:
        case WhenAcknowledged():
            tallies = list(board.inject_tallies(when.acknowledged, when.of))
            return _share_holds(tallies, "acknowledged", "scope", when.share)
        case WhenReported():
            tallies = list(board.inject_tallies(when.reported, when.of))
            return _share_holds(tallies, "reported", "to_report", when.share)
        case WhenPassedOn():
            tallies = list(board.inject_tallies(when.passed_on, when.of))
            return _share_holds(tallies, "passed_on", "to_pass_on", when.share)
        case WhenAnswer():
            return board.has_answer(when)
        case WhenElapsed():
            return at >= board.exercise.due(board.phase_at, when.elapsed)
        case WhenOperator():
            return False


def first_that_holds(board: Board, at: timedelta) -> Transition | None:
    """Return the first transition of the current phase whose condition holds."""
    phase = current(board)
    return next((step for step in phase.next if holds(board, step.when, at)), None)


def operators_next(board: Board) -> Transition | None:
    """Return where the operator's "next phase" leads: its own transition, or else the first."""
    steps = current(board).next
    own = (step for step in steps if isinstance(step.when, WhenOperator))
    return next(own, steps[0] if steps else None)


def may_change(board: Board, event: AnyEvent) -> bool:
    """Whether `event` can make a condition of the current phase true."""
    if board.phase is None:
        return False
    if isinstance(event, Notified):
        # A person has sent what was written before: only then is it passed on.
        if board.notices[event.notice].begun != board.count:
            return False
    elif not isinstance(event, Acknowledged | Reported | PassedOn):
        return False
    return any(_about(step.when) == event.notice[0] for step in current(board).next)


def _about(when: Condition) -> InjectId | None:
    match when:
        case WhenAcknowledged():
            return when.acknowledged
        case WhenReported():
            return when.reported
        case WhenPassedOn():
            return when.passed_on
        case WhenAnswer():
            return when.inject
        case WhenElapsed() | WhenOperator():
            return None
