"""Seats: nodes at which a person practises while everybody else is simulated.

Who sits where are facts of the drill (`SeatTaken`, `SeatLeft`). What the person writes leaves as
mail like that of anybody else; beside it there are three orders: to sit down, to get up, and to
call in the stand-in.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from drillsim.conduct.clocks import Speed
from drillsim.conduct.refusal import RefusedOrderError
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Rules
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

if TYPE_CHECKING:
    from drillsim.journal import JournalReader

USUAL_SPEED: Final = 60.0
"""At which a drill with a seat goes on where nothing else is known."""

Producer: TypeAlias = Callable[[Rules], Iterable[AnyEvent]]


def seat_nodes(words: Iterable[str], exercise: Exercise) -> tuple[NodeId, ...]:
    """Return the nodes that `words` name by id, or by a part of the name that only one has.

    Raises:
        UsageError: one is unknown, not the only one, or takes no part in the drill.
    """
    return tuple(dict.fromkeys(_seat_node(word, exercise) for word in words))


def _seat_node(word: str, exercise: Exercise) -> NodeId:
    shown = clean_line(word, limit=60)
    node = exercise.tree.by_id.get(NodeId(word))
    if node is None:
        found = [each for each in exercise.tree.nodes if word and word in each.name]
        if len(found) > 1:
            some = ", ".join(f"{each.id} {clean_line(each.name)}" for each in found[:5])
            raise UsageError(
                _("several bodies are called {word}; write the id of one: {some}").format(
                    word=shown, some=some
                )
            )
        if not found:
            raise UsageError(
                _("there is no body {node}; write the id of one in the contact tree").format(
                    node=shown
                )
            )
        node = found[0]
    if node.id not in exercise.participants:
        raise UsageError(
            _("{node} does not take part in this drill; nothing would come to its seat").format(
                node=shown
            )
        )
    return node.id


def require_pace(speed: object) -> None:
    """Make sure that a person can follow the clock.

    Raises:
        UsageError: the clock is to go as fast as it can.
    """
    if speed == "max":
        raise UsageError(_("a person at a seat cannot follow --speed max; write --speed 60"))


def seated_in(reader: "JournalReader") -> tuple[dict[NodeId, str], Speed]:
    """Return who sits where in a drill, and at which speed it went last.

    Raises:
        JournalError: it cannot be read.
    """
    seats: dict[NodeId, str] = {}
    speed: Speed = USUAL_SPEED
    for record in reader.records():
        if record.kind == ev.SeatTaken.kind:
            seats[NodeId(record.data["node"])] = str(record.data["by"])
        elif record.kind == ev.SeatLeft.kind:
            seats.pop(NodeId(record.data["node"]), None)
        elif (record.stream, record.kind) == ("conduct", "clock"):
            speed = record.data["speed"]
    return seats, USUAL_SPEED if speed == "max" else speed


# Orders -------------------------------------------------------------------------------------------


def seat_order(
    kind: str, payload: Mapping[str, Any], author: str, at: timedelta, board: Board
) -> Producer | None:
    """Return what yields the events of an order about a seat; None if `kind` is no such order.

    Raises:
        RefusedOrderError: the node is unknown, taken or not taken, or has no other officer.
    """
    if kind not in ("seat", "seat-leave", "seat-stand-in"):
        return None
    node = NodeId(str(payload.get("node")))
    name = (
        clean_line(board.exercise.tree.by_id[node].name)
        if node in board.exercise.tree.by_id
        else ""
    )
    if node not in board.exercise.participants:
        raise RefusedOrderError(
            _("there is no body {node} in this drill").format(node=clean_line(node, limit=60))
        )
    because = f"seat {author}"
    if kind == "seat":
        if node in board.seats:
            raise RefusedOrderError(
                _("{by} sits at {node} already").format(by=board.seats[node], node=name)
            )
        taken = ev.SeatTaken(at=at, because=because, node=node, by=author)
        return lambda _rules: (taken,)
    if node not in board.seats:
        raise RefusedOrderError(_("nobody sits at {node}").format(node=name))
    if kind == "seat-leave":
        left = ev.SeatLeft(at=at, because=because, node=node, by=author)
        return lambda _rules: (left,)
    called = _stand_in(InjectId(str(payload.get("inject"))), node, because, at, board)
    return lambda _rules: (called,)


def _stand_in(
    inject: InjectId, node: NodeId, because: str, at: timedelta, board: Board
) -> ev.StandInCalled:
    """Return that the office itself calls in the next officer, who reads the same inbox here."""
    record = board.notices.get((inject, node))
    if record is None or record.submitted_at is None:
        raise RefusedOrderError(
            _("{inject} has not been sent to {node}").format(inject=inject, node=node)
        )
    if record.is_acknowledged:
        raise RefusedOrderError(
            _("it is acknowledged already; choose the stand-in as the one who writes")
        )
    officer = max(record.officer, 1) + 1
    if officer > len(board.exercise.node(node).officers):
        raise RefusedOrderError(_("there is no further stand-in in the contact tree"))
    return ev.StandInCalled(
        at=at,
        because=because,
        notice=record.key,
        officer=officer,
        by="telephone",
        cause="absent",
    )
