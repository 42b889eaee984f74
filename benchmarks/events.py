"""What an event costs on trees of any size: `python -m benchmarks.events`.

The goal: at 17,890 nodes at most 1.2 times what it costs at 1,789, in time and in memory a node.
Two shapes are ten times as large as the nation: ten times as many prefectures, and ten times as
many municipalities in each. What grows is the way to the memory: a notice of a large tree is seldom
in the processor's cache. Sizes take turns, so that a busy machine is busy for all of them; the
shortest round counts.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.rules import Rules
from drillsim.drill.tree import ContactTree
from drillsim.world.course import Course
from tests import examples

ROUNDS = 5
SEED = 7
NATION = "the nation, 1,789 nodes"
GOAL = 1.2
EVENTS_MIN = 20_000
"""Small drills are repeated until a round has so many events."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A tree of two tiers below a centre."""

    name: str
    prefectures: int
    municipalities: int

    @property
    def nodes(self) -> int:
        """How many nodes there are, with the centre."""
        return 1 + self.prefectures + self.municipalities


SHAPES = (
    Shape("a prefecture", 1, 19),
    Shape("the nation", 47, 1_741),
    Shape("ten times the prefectures", 470, 17_419),
    Shape("ten times the municipalities in each", 47, 17_842),
)


def tree(shape: Shape) -> ContactTree:
    """Return a tree of this shape; everyone in it is fictional."""

    def node(name: str, kind: str, parent: str | None) -> dict[str, object]:
        officers = examples.officers(name)
        return {"id": name, "name": name, "kind": kind, "parent": parent, "officers": officers}

    nodes = [node("n", "national-center", None)]
    nodes += [node(f"p{n}", "prefecture", "n") for n in range(shape.prefectures)]
    nodes += [
        node(f"m{n}", "municipality", f"p{n % shape.prefectures}")
        for n in range(shape.municipalities)
    ]
    return ContactTree.model_validate(
        {"format": "drillsim-contacts/1", "title": shape.name, "nodes": nodes}
    )


def exercise(shape: Shape) -> Exercise:
    """Return a drill on such a tree, whatever has to be worked out once worked out."""
    story = examples.scenario(people={"preset": "announced-office-hours"})
    made = examples.exercise(tree(shape), story)
    assert len(made.to_be_reached) == shape.nodes - 1
    return made


def whole(drill: Exercise, recorded: Sequence[AnyEvent]) -> None:
    """Go through a rehearsal: what is drawn, what follows, and where the drill stands."""
    count = sum(1 for _event in Course(drill, SEED).run())
    assert count == len(recorded)


def fold(drill: Exercise, recorded: Sequence[AnyEvent]) -> None:
    """Take in recorded events, and work out what falls due because of each."""
    board = Board(drill)
    rules = Rules(drill, board, lambda *_notice: "")
    for event in recorded:
        board.apply(event)
        for _due in rules.follow(event):
            pass
    assert board.count == len(recorded)


def seconds_an_event(
    act: Callable[[Exercise, Sequence[AnyEvent]], None],
    drill: Exercise,
    recorded: Sequence[AnyEvent],
) -> float:
    """Return the processor time that `act` takes for one event."""
    times = max(EVENTS_MIN // len(recorded), 1)
    gc.collect()
    begin = time.process_time()
    for _time in range(times):
        act(drill, recorded)
    return (time.process_time() - begin) / times / len(recorded)


def memory_a_node(drill: Exercise, recorded: Sequence[AnyEvent]) -> tuple[float, float]:
    """Return the bytes a node of the board in the end, and of a whole course at its peak."""
    nodes = len(drill.tree.nodes)
    gc.collect()
    tracemalloc.start()
    board = Board(drill)
    for event in recorded:
        board.apply(event)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del board
    gc.collect()
    tracemalloc.start()
    whole(drill, recorded)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held / nodes, peak / nodes


def verdict(shape: Shape, ratio: float) -> str:
    """Return whether the goal is reached, of a tree to which it applies."""
    if shape.nodes < 10_000:
        return ""
    return f"  goal {GOAL}: " + ("reached" if ratio <= GOAL else "missed")


def main() -> list[Figure]:
    drills = [(shape, exercise(shape)) for shape in SHAPES]
    recorded = [list(Course(drill, SEED).run()) for _shape, drill in drills]
    figures: list[Figure] = []
    gc.collect()
    gc.freeze()  # The recorded events are the benchmark's own: no drill keeps them.
    for title, act in (("board and rules", fold), ("the whole course", whole)):
        costs = [float("inf")] * len(drills)
        for _round in range(ROUNDS):
            for number, (_shape, drill) in enumerate(drills):
                cost = seconds_an_event(act, drill, recorded[number])
                costs[number] = min(costs[number], cost)
        nation = costs[1]
        print(f"cost of an event, {title}")
        for (shape, _drill), events, cost in zip(drills, recorded, costs, strict=True):
            ratio = cost / nation
            print(
                f"  {shape.nodes:6,} nodes, {shape.name:37} {len(events):8,} events "
                f"{cost * 1e6:6.2f} µs  {ratio:5.2f} of the nation{verdict(shape, ratio)}"
            )
            what = f"an event, {title}: {shape.nodes:,} nodes"
            if shape is SHAPES[-1]:
                what += ", wide"
            figures.append(Figure("events", what, cost * 1e6, "µs", NATION, nation * 1e6))
    gc.unfreeze()
    memories = [memory_a_node(drill, recorded[n]) for n, (_shape, drill) in enumerate(drills)]
    for place, title in enumerate(("the board in the end", "the whole course at its peak")):
        nation = memories[1][place]
        print(f"memory a node, {title}")
        for (shape, _drill), memory in zip(drills, memories, strict=True):
            if shape.nodes < SHAPES[1].nodes:
                continue  # Of a prefecture's tree most is what every drill has.
            ratio = memory[place] / nation
            print(
                f"  {shape.nodes:6,} nodes, {shape.name:37} {memory[place]:8,.0f} bytes "
                f"{'':16}{ratio:5.2f} of the nation{verdict(shape, ratio)}"
            )
            what = f"memory a node, {title[:16]}: {shape.nodes:,}"
            if shape is SHAPES[-1]:
                what += ", wide"
            figures.append(Figure("events", what, memory[place], "bytes", NATION, nation))
    return figures


if __name__ == "__main__":
    main()
