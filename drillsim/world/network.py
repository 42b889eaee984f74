"""The network of a rehearsal: how long a mail takes, and what the server at the other end says.

Everything is decided here from the seed when a mail is handed over, and only enacted by SMTP: the
sink gives the reply that was decided. Faults apply to mail on its way to a node.
"""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Literal

from drillsim.drill.events import AnswerKind, Failure, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import Fault, InjectId
from drillsim.drill.tree import NodeId
from drillsim.world.chance import draw, happens, step
from drillsim.world.habits import Town

BACK_OFF = (1, 2, 4, 8, 15)
"""Minutes until a deferred mail is handed over again; the last one repeats.

RFC 5321, 4.5.4.1, asks for at least 30 minutes between tries in general; a drill of four hours
retries as servers do that greet greylisting (Postfix: 5 minutes), and sooner at first.
"""

BOUNCED_LATER = Fraction(1, 2)
"""How many dead addresses are noticed only after the server took the mail [assumed]."""


@dataclass(frozen=True, slots=True)
class Carriage:
    """What becomes of one mail on its way to an officer."""

    arrives_at: timedelta
    outcome: Literal["accepted", "lost", "bounced", "deferred", "refused"]
    reply_code: int = 250
    reply_text: str = "2.0.0 OK"
    failure: Failure | None = None


def retry_after(tries: int) -> timedelta:
    """Return how long after the how many-th failed try (from 1) the next one is made."""
    return timedelta(minutes=BACK_OFF[min(tries, len(BACK_OFF)) - 1])


@dataclass(frozen=True)
class Network:
    """The network of one rehearsal."""

    exercise: Exercise
    town: Town
    seed: int

    def __post_init__(self) -> None:
        faults: dict[NodeId, list[Fault]] = {}
        for fault in self.exercise.scenario.faults:
            faults.setdefault(fault.node, []).append(fault)
        object.__setattr__(self, "_faults", faults)

    _faults: dict[NodeId, list[Fault]] = None  # type: ignore[assignment]

    def transit(self, *key: str | int) -> timedelta:
        """Return how long a mail is under way."""
        return self.town.usual.transit.quantile(step(draw(self.seed, "transit", *key)))

    def transit_up(
        self, notice: NoticeKey, answer: AnswerKind, officer: int, attempt: int
    ) -> timedelta:
        """Return how long an answer is under way to the drill's own address.

        It depends on what the answer is, and not on its Message-ID, which names the files too: a
        comment in a contact tree changes no time. A report is the office's, whoever writes it.
        """
        who = 0 if answer == "report" else officer
        return self.transit("up", *notice, answer, who, attempt)

    def faults_at(self, node: NodeId, officer: int, at: timedelta) -> list[Fault]:
        """Return the faults on the way to `officer` of `node` at that time."""
        return [
            fault
            for fault in self._faults.get(node, ())
            if fault.officer in (None, officer)
            and fault.from_ <= at
            and (fault.until is None or at < fault.until)
        ]

    def is_dead(self, node: NodeId, officer: int) -> bool:
        """Whether the address of `officer` is dead; officers of one mailbox share its fate."""
        address = self.exercise.address(node, officer)
        first = next(n for n in range(1, officer + 1) if self.exercise.address(node, n) == address)
        return first in self.town.particular(node).dead or happens(
            self.town.habits(node).dead_address, self.seed, "dead", node, first
        )

    def carry(
        self,
        inject: InjectId,
        node: NodeId,
        officer: int,
        attempt: int,
        at: timedelta,
        tries: int = 1,
    ) -> Carriage:
        """Return what becomes of a mail handed over at `at`, the `tries`-th time."""
        arrives_at = at + self.transit("down", inject, node, officer, attempt, tries)
        for fault in self.faults_at(node, officer, at):
            if fault.by is not None:
                arrives_at += fault.by
        kinds = {fault.kind for fault in self.faults_at(node, officer, arrives_at)}
        if "refuse" in kinds:
            return Carriage(arrives_at, "refused", 554, "5.7.1 Refused by policy", "refused")
        if "mailbox-full" in kinds:
            return Carriage(arrives_at, "refused", 552, "5.2.2 Mailbox full", "mailbox-full")
        if "defer" in kinds:
            return Carriage(arrives_at, "deferred", 451, "4.7.1 Try again later")
        if "drop" in kinds:
            return Carriage(arrives_at, "lost")
        if "unknown-address" in kinds:
            return Carriage(arrives_at, "refused", 550, "5.1.1 Unknown user", "unknown-address")
        if self.is_dead(node, officer):
            if happens(BOUNCED_LATER, self.seed, "bounced-later", node, officer):
                return Carriage(arrives_at, "bounced")
            return Carriage(arrives_at, "refused", 550, "5.1.1 Unknown user", "unknown-address")
        return Carriage(arrives_at, "accepted")
