"""Whole drills on the pure kernel: as a scenario is shipped, and under rough conditions.

Rough: people do everything that real offices do, at high rates; servers lose, delay and refuse
mail; an operator ends, stops or moves on some drills in the middle. All of it follows from the
seed, so a seed that fails once fails always.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from drillsim.drill.agenda import Due
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.rehearsal import Fault, Telephone
from drillsim.drill.rules import Rules
from drillsim.files.scenario_file import load_scenario
from drillsim.world.course import Course

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
NAMES = tuple(sorted(path.stem for path in SCENARIOS.glob("*.yaml")))

Order = tuple[timedelta, Callable[[Rules], Iterator[AnyEvent]]]
"""What an operator does, and when."""

HABITS = (
    "reply_all",
    "answer_twice",
    "old_thread",
    "unlisted_colleague",
    "one_mail_to_all",
    "child_left_out",
    "report_forgotten",
    "no_answer",
    "away",
    "absence_notice",
    "dead_address",
    "unsure",
    "unexpected",
)
FAULTS = ("defer", "refuse", "unknown-address", "mailbox-full", "drop", "delay")


@dataclass(frozen=True)
class Drill:
    """One drill as it went: its instants, each with the due that was carried out last in it."""

    exercise: Exercise
    seed: int
    orders: tuple[Order, ...]
    instants: tuple[tuple[Due, tuple[AnyEvent, ...]], ...]
    board: Board

    @property
    def events(self) -> list[AnyEvent]:
        """All events, in order."""
        return [event for _due, events in self.instants for event in events]


@cache
def shipped(name: str) -> Exercise:
    """Return the exercise of a shipped scenario."""
    return load_scenario(SCENARIOS / f"{name}.yaml").exercise


def run(exercise: Exercise, seed: int, orders: tuple[Order, ...] = ()) -> Drill:
    """Run a whole drill."""
    course = Course(exercise, seed)
    first = tuple(course.start())
    assert course.last is not None
    instants = ((course.last, first), *go_on(course, orders))
    return Drill(exercise, seed, orders, instants, course.board)


def go_on(course: Course, orders: tuple[Order, ...]) -> Iterator[tuple[Due, tuple[AnyEvent, ...]]]:
    """Yield the instants that are left, with the events of each."""
    assert course.last is not None
    waiting = [order for order in orders if order[0] > course.last.at]
    while (at := course.next_at) is not None:
        if waiting and waiting[0][0] <= at:
            moment, produce = waiting.pop(0)
            events = course.command(moment, produce)
        else:
            events = course.step()
        yield course.last, tuple(events)


def roughened(exercise: Exercise, seed: int) -> tuple[Exercise, tuple[Order, ...]]:
    """Return the same exercise among rough people and machines, and what its operator does."""
    chance = Random(f"rough {seed}")
    story = exercise.scenario
    rates: dict[str, Any] = {name: Fraction(chance.choice((0, 5, 20, 50)), 100) for name in HABITS}
    if chance.random() < 0.5:
        rates["telephone"] = Telephone()
    faults = tuple(_fault(exercise, chance) for _ in range(chance.randrange(8)))
    story = story.model_copy(
        update={"people": story.people.model_copy(update=rates), "faults": faults}
    )
    if chance.random() < 0.3:
        story = story.model_copy(update={"keep_open": timedelta(hours=1)})
    rough = Exercise(scenario=story, tree=exercise.tree, calendar=exercise.calendar)
    return rough, tuple(_orders(chance))


def _fault(exercise: Exercise, chance: Random) -> Fault:
    kind = chance.choice(FAULTS)
    begins = timedelta(minutes=chance.randrange(60))
    lasts = chance.choice((None, timedelta(minutes=chance.randrange(1, 90))))
    return Fault.model_construct(
        node=chance.choice(exercise.tree.nodes).id,
        kind=kind,  # type: ignore[arg-type]
        officer=chance.choice((None, None, 1)),
        from_=begins,
        until=None if lasts is None else begins + lasts,
        by=timedelta(minutes=chance.randrange(1, 40)) if kind == "delay" else None,
    )


def _orders(chance: Random) -> Iterator[Order]:
    at = timedelta(milliseconds=chance.randrange(1, 3 * 3_600_000))
    what = chance.choice(("nothing", "nothing", "end", "stop", "phase"))
    if what == "end":
        yield at, lambda rules: rules.end(at, "訓練統制員")
    elif what == "stop":
        yield at, lambda rules: rules.stop(at, "訓練統制員", "実際の障害")
    elif what == "phase":
        yield at, lambda rules: rules.next_phase(at, "訓練統制員")
