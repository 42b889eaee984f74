"""To whom a drill may write: every address that any of its messages, or a stand-in, could go to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from drillsim.drill.exercise import Exercise
from drillsim.drill.ladder import Ladder, ladder_of
from drillsim.drill.tree import NodeId


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address at which an officer of a body reads mail in this drill."""

    node: NodeId
    officer: int
    """In calling order, from 1."""
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @, in small letters."""
        return self.address.rpartition("@")[2].lower()


class Recipients:
    """The recipients of one drill, in file order.

    Contingency injects count: the operator may send them. A message that is typed while the drill
    runs may go to other bodies, too; whoever hands mail over checks each address once more.
    """

    def __init__(self, exercise: Exercise) -> None:
        """Work them out, for the contacts of the hours in which the drill begins."""
        # Of the scenario alone, so that they are the same on resume.
        injects = exercise.scenario.injects
        reached = {node for inject in injects for node in exercise.scope(inject.id).sender}
        self.ladders: Mapping[NodeId, Ladder] = {
            node.id: ladder_of(exercise, node.id)
            for node in exercise.tree.nodes
            if node.id in reached
        }
        self.all: Sequence[Recipient] = tuple(
            Recipient(node, rung.officer, rung.address)
            for node, ladder in self.ladders.items()
            for rung in ladder.rungs
            if rung.by == "mail"
        )

    @property
    def bodies(self) -> int:
        """How many bodies are written to: the number that is typed to begin a live drill."""
        return sum(ladder.has_mail for ladder in self.ladders.values())

    @property
    def addresses(self) -> Sequence[str]:
        """Every address once."""
        return tuple(dict.fromkeys(each.address for each in self.all))

    @property
    def domains(self) -> Mapping[str, int]:
        """How many addresses each domain has, the most first."""
        counts = Counter(address.rpartition("@")[2].lower() for address in self.addresses)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    @property
    def without_mail(self) -> Sequence[NodeId]:
        """Bodies that nothing can be mailed to."""
        return tuple(node for node, ladder in self.ladders.items() if not ladder.has_mail)

    @property
    def sharing(self) -> Sequence[NodeId]:
        """Bodies whose stand-in reads a mailbox that was mailed already: by mail there is none."""
        return tuple(
            node
            for node, ladder in self.ladders.items()
            if any(rung.by != "mail" and rung.address for rung in ladder.rungs)
        )

    def outside(self, allows: Callable[[str], bool]) -> Sequence[Recipient]:
        """Return those to whom it is not allowed to write."""
        return tuple(each for each in self.all if not allows(each.address))
