"""The machine of a notice: one inject on its way to one node.

The table is pytransitions' own, so that a person can read it and `drillsim scenario diagram` can
draw it. It holds no callbacks: effects are the director's, after the event is in the journal. A
trigger through pytransitions costs some 10 µs; `move` looks the table up instead.
"""

from enum import StrEnum
from typing import Literal

from transitions import Machine


class NoticeState(StrEnum):
    """Where a notice stands; the last five are final."""

    WAITING = "waiting"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    UNREACHABLE = "unreachable"
    INCOMPLETE = "incomplete"
    UNANSWERED = "unanswered"
    NOT_NOTIFIED = "not-notified"
    CANCELLED = "cancelled"


Trigger = Literal[
    "notify", "fail", "remind", "stand_in", "acknowledge", "complete", "give_up", "end", "cancel"
]

FINAL = frozenset(
    {
        NoticeState.COMPLETED,
        NoticeState.UNREACHABLE,
        NoticeState.INCOMPLETE,
        NoticeState.UNANSWERED,
        NoticeState.NOT_NOTIFIED,
        NoticeState.CANCELLED,
    }
)
"""States in which a drill may end; `unreachable` may still be left before EndEx."""

_W, _N, _A = NoticeState.WAITING, NoticeState.NOTIFIED, NoticeState.ACKNOWLEDGED
_C, _U = NoticeState.COMPLETED, NoticeState.UNREACHABLE

TRANSITIONS: list[dict[str, str]] = [
    {"trigger": trigger, "source": source.value, "dest": dest.value}
    for trigger, source, dest in (
        # A server took a mail; later mails of the same notice change nothing.
        ("notify", _W, _N),
        ("notify", _N, _N),
        ("notify", _A, _A),
        ("notify", _C, _C),
        ("notify", _U, _U),
        # An address failed; the notice goes on to the next officer.
        ("fail", _W, _W),
        ("fail", _N, _N),
        ("fail", _A, _A),
        ("fail", _C, _C),
        ("fail", _U, _U),
        ("remind", _N, _N),
        ("remind", _W, _W),
        ("remind", _A, _A),
        ("stand_in", _W, _W),
        ("stand_in", _N, _N),
        # By telephone a node can answer that no mail has reached.
        ("acknowledge", _W, _A),
        ("acknowledge", _N, _A),
        ("acknowledge", _A, _A),
        ("acknowledge", _C, _C),
        # An answer after `unreachable` but before EndEx still counts.
        ("acknowledge", _U, _A),
        # All that was asked (acknowledge, pass on, report) has come.
        ("complete", _N, _C),
        ("complete", _A, _C),
        ("give_up", _W, _U),
        ("give_up", _N, _U),
        ("end", _W, NoticeState.NOT_NOTIFIED),
        ("end", _N, NoticeState.UNANSWERED),
        ("end", _A, NoticeState.INCOMPLETE),
        ("end", _C, _C),
        ("end", _U, _U),
        ("cancel", _W, NoticeState.CANCELLED),
        ("cancel", _N, NoticeState.CANCELLED),
        ("cancel", _A, NoticeState.CANCELLED),
        ("cancel", _C, _C),
        ("cancel", _U, _U),
    )
]

NOTICE_MACHINE = Machine(
    model=None,
    states=[state.value for state in NoticeState],
    initial=NoticeState.WAITING.value,
    transitions=TRANSITIONS,
    auto_transitions=False,
)

_MOVES: dict[tuple[str, NoticeState], NoticeState] = {
    (name, NoticeState(move.source)): NoticeState(str(move.dest))
    for name, event in NOTICE_MACHINE.events.items()
    for moves in event.transitions.values()
    for move in moves
}


def move(trigger: Trigger, source: NoticeState) -> NoticeState | None:
    """Return where `trigger` leads from `source`, or None where the table has no such move."""
    return _MOVES.get((trigger, source))
