"""Whom a drill tries at a body, one after the other, and by which means (the calling ladder).

What `drillsim.drill.rules` does when nobody answers, told beforehand: a stand-in who reads a
mailbox that was mailed already is no stand-in by mail, so the next step is the telephone.
"""

from dataclasses import dataclass
from typing import Literal

from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId

Means = Literal["mail", "telephone", "nothing"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One officer as they would be tried."""

    officer: int
    """In calling order, from 1."""
    by: Means
    address: str
    """Where they read mail in this drill, whether it is mailed anew or not; "" for nowhere."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """All officers of a body, in calling order."""

    rungs: tuple[Rung, ...]
    has_number: bool
    """Whether anybody can be telephoned: an officer, or the duty desk (宿日直)."""

    @property
    def has_mail(self) -> bool:
        """Whether anybody at all is mailed."""
        return any(rung.by == "mail" for rung in self.rungs)

    @property
    def has_stand_in_by_mail(self) -> bool:
        """Whether a second person is mailed when the first does not answer."""
        return sum(rung.by == "mail" for rung in self.rungs) > 1


def ladder_of(exercise: Exercise, node: NodeId) -> Ladder:
    """Return how the officers of `node` are tried in this drill."""
    body, off_hours = exercise.node(node), exercise.off_hours
    has_number = body.duty_desk is not None
    mailed: set[str] = set()
    rungs = []
    for officer in range(1, len(body.officers) + 1):
        address, phone = exercise.address(node, officer), body.phone(officer, off_hours=off_hours)
        has_number = has_number or bool(phone)
        by: Means = "nothing"
        if address and address not in mailed:
            by = "mail"
            mailed.add(address)
        elif phone:
            by = "telephone"
        rungs.append(Rung(officer, by, address))
    return Ladder(tuple(rungs), has_number)
