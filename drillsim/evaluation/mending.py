"""What a drill found out about the contact tree: proposals to mend it, each with its events.

A bounce, an absence, a wrong number, an answer by somebody who is not on the list: each says
something about one officer of one body. It is a proposal and no more; a rehearsal, whose people are
simulated, proposes what a real drill would.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId
from drillsim.i18n import _
from drillsim.text import clean_line

MendKind = Literal[
    "dead-address",
    "no-address",
    "full-mailbox",
    "refused",
    "moved",
    "absent",
    "declined",
    "wrong-number",
    "colleague",
    "foreign-sender",
]
"""What is to be mended, the most certain first."""

_ORDER: dict[str, int] = {
    kind: place
    for place, kind in enumerate(
        (
            *("dead-address", "moved", "no-address", "wrong-number", "full-mailbox", "refused"),
            *("colleague", "foreign-sender", "absent", "declined"),
        )
    )
}
_OF_FAILURE: dict[ev.Failure, MendKind] = {
    "no-address": "no-address",
    "unknown-address": "dead-address",
    "mailbox-full": "full-mailbox",
    "refused": "refused",
}
_MOVED = ("5.1.6", "5.2.16")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """One proposal."""

    kind: MendKind
    node: NodeId
    officer: int
    """From 1; 0 for somebody who is not on the list."""
    address: str
    """The address that failed, or that an unlisted person wrote from."""
    who: str
    """The officer's name, or that of the unlisted person."""
    because: tuple[int, ...]
    """The events that show it."""

    @property
    def place(self) -> str:
        """Where `drillsim contacts edit --at` is to open: NODE/OFFICER, or the node."""
        return f"{self.node}/{self.officer}" if self.officer else str(self.node)

    def sentence(self) -> str:
        """Return what was found and what to do, in words."""
        said = {
            "dead-address": _("the address {address} of {who} does not exist: put it right"),
            "moved": _("{who} has moved away from {address}: put the new address"),
            "no-address": _("{who} has no address to write to: add one"),
            "wrong-number": _("the telephone number of {who} is wrong: put it right"),
            "full-mailbox": _("the mailbox {address} of {who} is full: ask whether it is read"),
            "refused": _("the server refuses mail to {address} of {who}: ask its administrator"),
            "absent": _("{who} was away: see whether the next one in calling order could answer"),
            "declined": _("{who} answered that they cannot act: ask who can"),
            "colleague": _("{who} <{address}> answered and is not on the list: add them"),
            "foreign-sender": _(
                "{who} <{address}> answered from a domain of nobody here: ask who that is"
            ),
        }[self.kind]
        return said.format(
            who=clean_line(self.who, limit=60) or "?", address=clean_line(self.address, limit=80)
        )


def mends_of(exercise: Exercise, events: Iterable[AnyEvent]) -> tuple[Mend, ...]:
    """Return what to mend, by body in the order of the tree, the most certain first; each once."""
    found: dict[tuple[NodeId, int, MendKind, str], list[int]] = {}
    for number, event in enumerate(events, 1):
        told = _told(exercise, event)
        if told is not None:
            found.setdefault(told, []).append(number)
    order = exercise.tree.order
    mends = [
        Mend(
            kind=kind,
            node=node,
            officer=officer,
            address=_address(exercise, node, officer, detail),
            who=_who(exercise, node, officer, detail),
            because=tuple(numbers),
        )
        for (node, officer, kind, detail), numbers in found.items()
    ]
    return tuple(sorted(mends, key=lambda m: (order[m.node], m.officer == 0, _ORDER[m.kind])))


def _told(exercise: Exercise, event: AnyEvent) -> tuple[NodeId, int, MendKind, str] | None:
    """Return body, officer, kind, and of an unlisted person their name and address, a line each."""
    match event:
        case ev.Refused():
            kind = _OF_FAILURE.get(event.failure)
            return (event.notice[1], event.officer, kind, "") if kind else None
        case ev.Bounced() if event.status in _MOVED:
            return event.notice[1], event.officer, "moved", ""
        case ev.Bounced() if event.permanent:
            return event.notice[1], event.officer, "dead-address", ""
        case ev.AutoReplied():
            return event.notice[1], event.officer, "absent", ""
        case ev.Declined() if event.officer:
            return event.notice[1], event.officer, "declined", ""
        case ev.Called() if event.result == "wrong-number" and event.officer:
            return event.notice[1], event.officer, "wrong-number", ""
        case ev.Acknowledged() | ev.Reported() if (
            event.channel == "mail" and not event.officer and event.sender
        ):
            node = exercise.tree.by_id.get(event.notice[1])
            if node is None or event.sender.lower() in _listed(exercise, node.id):
                return None  # The shared mailbox of the office: who read it is no matter.
            kind = "foreign-sender" if event.foreign else "colleague"
            return node.id, 0, kind, f"{event.by}\n{event.sender}"
        case _:
            return None


def _listed(exercise: Exercise, node: NodeId) -> frozenset[str]:
    body = exercise.node(node)
    every = [body.mailbox, *(a for o in body.officers for a in (*o.email, *o.off_hours.email))]
    return frozenset(address.lower() for address in every if address)


def _address(exercise: Exercise, node: NodeId, officer: int, detail: str) -> str:
    if detail:
        return detail.partition("\n")[2]
    return exercise.address(node, officer) if officer else ""


def _who(exercise: Exercise, node: NodeId, officer: int, detail: str) -> str:
    if detail:
        return detail.partition("\n")[0]
    return exercise.node(node).officers[officer - 1].name if officer else ""
