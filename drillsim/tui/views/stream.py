"""The event stream: which events belong to which filter, in the order in which they happened."""

from array import array
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.tree import NodeId

Filter: TypeAlias = Literal["main", "answers", "trouble", "control", "all"]
FILTERS: Final[tuple[Filter, ...]] = ("main", "answers", "trouble", "control", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An operator's command that the director carried out."""

    at: timedelta
    order: str
    """The kind of command: `pause`, `speed`, `book` …"""
    by: str
    payload: Mapping[str, Any] = field(default_factory=dict)


REFUSED: Final = "refused"
"""The order of an act that the director refused; its payload says why, and which command it was."""

Happening: TypeAlias = AnyEvent | Act

_UNSEEN: Final = (ev.AnswerSent,)
"""What only the simulated world knows: a control room does not see an officer press "send"."""

_MAILS: Final = (ev.Submitted, ev.Retried, ev.Notified, ev.StopSubmitted, ev.Delivered)
_ANSWERS: Final = (
    ev.Acknowledged,
    ev.Reported,
    ev.PassedOn,
    ev.Repeated,
    ev.StopConfirmed,
    ev.AnsweredAfterEnd,
)
_TROUBLE: Final = (
    ev.Deferred,
    ev.Refused,
    ev.Bounced,
    ev.AutoReplied,
    ev.Declined,
    ev.StandInCalled,
    ev.CallDue,
    ev.GaveUp,
    ev.SetAside,
    ev.Reminded,
)


def is_act(event: Happening) -> bool:
    """Whether it was the operator who did this."""
    return isinstance(event, Act | ev.Noted | ev.ActionDone | ev.SeatTaken | ev.SeatLeft)


def refusals(events: Sequence[Happening], given: Set[int]) -> list[Act]:
    """Return the refusals among `events` of orders that were given here, by their numbers."""
    refused = [event for event in events if isinstance(event, Act) and event.order == REFUSED]
    return [act for act in refused if act.payload.get("command") in given]


def filters_of(event: Happening) -> tuple[Filter, ...]:
    """Return the filters under which `event` is shown; none for what a control room cannot see."""
    if isinstance(event, _UNSEEN):
        return ()
    if isinstance(event, _MAILS):
        return ("all",)
    if isinstance(event, _ANSWERS):
        return ("main", "answers", "all")
    if isinstance(event, _TROUBLE):
        return ("main", "trouble", "all")
    return ("main", "control", "all")


def nodes_of(event: Happening) -> tuple[NodeId, ...]:
    """Return the nodes that `event` is about."""
    notice = getattr(event, "notice", None)
    if notice is not None:
        return (notice[1],)
    node = getattr(event, "node", None)
    return (node,) if node is not None else ()


def mail_of(event: Happening | None) -> str:
    """Return the SHA-256 of the mail that `event` brought along, or "" if there is none."""
    raw: str = getattr(event, "raw", "")
    return raw


class Stream:
    """All that happened in a drill, and for each filter and node the places of those it shows."""

    def __init__(self) -> None:
        self.events: list[Happening] = []
        self.places: dict[Filter, array[int]] = {name: array("L") for name in FILTERS}
        self._of_node: dict[NodeId, array[int]] = {}

    def take(self, event: Happening) -> None:
        """Add an event; O(1)."""
        place = len(self.events)
        self.events.append(event)
        shown_under = filters_of(event)
        for name in shown_under:
            self.places[name].append(place)
        if shown_under:
            for node in nodes_of(event):
                self._of_node.setdefault(node, array("L")).append(place)

    def of_node(self, node: NodeId) -> list[Happening]:
        """Return what happened to a node, oldest first."""
        return [self.events[place] for place in self._of_node.get(node, ())]
