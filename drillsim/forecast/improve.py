"""What would help most: the same rehearsals again, with one thing changed at one node.

Common random numbers: a change is tried in the same runs, whose other draws stay what they were,
so that a small effect is seen. The measure is when everybody who was to answer an inject has done
so, at a percentile of the runs; who never answers counts as the length of the window.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from typing import Final, Literal, TypeVar

import numpy as np
from pydantic import BaseModel

from drillsim.drill.durations import Period, from_ms, to_ms
from drillsim.drill.exercise import Exercise
from drillsim.drill.injects import Acknowledge, Inject, InjectId
from drillsim.drill.rehearsal import Telephone
from drillsim.drill.scenario import Scenario
from drillsim.drill.tree import ContactTree, Node, NodeId, Officer
from drillsim.forecast.draws import Times, seeds_of_runs
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting

What = Literal["stand-in", "reminder", "telephone"]
WHATS: Final[tuple[What, ...]] = ("stand-in", "reminder", "telephone")
"""`stand-in`: one more officer with a mailbox of their own, last in calling order. `reminder`:
reminders and the step to the stand-in after half the time. `telephone`: on the call list as soon as
an answer is late."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """What one change at one node would do."""

    node: NodeId
    what: What
    before: timedelta
    after: timedelta
    """By when everybody had answered in the chosen share of the runs; at most the window."""
    reached_before: float
    reached_after: float
    """In which share of the runs everybody answered."""

    @property
    def saved(self) -> timedelta:
        """What is saved at the chosen percentile."""
        return self.before - self.after


@dataclass(frozen=True)
class Question:
    """Which runs are compared, and how."""

    exercise: Exercise
    inject: InjectId
    seed: int
    runs: int
    percent: int

    def percent_that_tells(self) -> int:
        """Return `percent`, or a lower one where fewer runs come to an end within the window."""
        everybody = _everybody(Setting(self.exercise), self.inject, self.seed, self.runs)
        reached = int(100 * float((everybody < to_ms(self.exercise.window_at)).mean()))
        return next((p for p in (self.percent, 75, 50, 25) if p <= min(self.percent, reached)), 10)

    def ask(self, node: NodeId | None = None, what: What | None = None) -> tuple[int, float]:
        """Return by when everybody had answered (ms), and in which share of the runs at all."""
        instead = {} if node is None or what is None else {node: changed(self.exercise, node, what)}
        setting = Setting(self.exercise, instead)
        everybody = _everybody(setting, self.inject, self.seed, self.runs)
        reached = float((everybody < setting.horizon).mean())
        everybody.sort()
        place = max(-(-self.runs * self.percent // 100), 1) - 1
        return int(everybody[place]), reached


def improvements(
    question: Question,
    nodes: Sequence[NodeId],
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Improvement]:
    """Return what helps, the most helpful first; what helps nothing is left out."""
    before, reached = question.ask()
    tries = [(node, what) for node in nodes for what in WHATS]
    found = []
    answers = enumerate(_answers(question, tries, workers), 1)
    for number, (node, what, (after, reached_after)) in answers:
        if progress is not None:
            progress(number, len(tries))
        if after < before or reached_after > reached:
            found.append(
                Improvement(node, what, from_ms(before), from_ms(after), reached, reached_after)
            )
    return sorted(found, key=lambda one: (-one.saved, -one.reached_after))


Answer = tuple[NodeId, What, tuple[int, float]]


def _answers(
    question: Question, tries: Sequence[tuple[NodeId, What]], workers: int
) -> Iterator[Answer]:
    if workers <= 1:
        for node, what in tries:
            yield node, what, question.ask(node, what)
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_keep, initargs=(question,)
    ) as pool:
        yield from pool.map(_ask, tries)


_QUESTION: Question | None = None


def _keep(question: Question) -> None:
    global _QUESTION
    _QUESTION = question


def _ask(one: tuple[NodeId, What]) -> Answer:
    assert _QUESTION is not None
    return (*one, _QUESTION.ask(*one))


def _everybody(setting: Setting, inject: InjectId, seed: int, runs: int) -> Times:
    found = rehearse(setting, seeds_of_runs(seed, 0, runs))
    released = found.released[inject]
    last = np.zeros(runs, dtype=np.int64)
    for notice in setting.of_inject(inject):
        if notice.asked.acknowledge:
            last = np.maximum(last, found.notices[notice.key].acknowledged)
    return np.minimum(last - np.where(released <= found.end, released, 0), setting.horizon)


def changed(exercise: Exercise, node: NodeId, what: What) -> Exercise:
    """Return the exercise with one thing changed at one node.

    Only the notices of that node are played with it, so that what is changed here for the whole
    scenario is changed for that node alone.
    """
    scenario, tree = exercise.scenario, exercise.tree
    match what:
        case "stand-in":
            tree = _with_stand_in(tree, node)
        case "reminder":
            scenario = _with_asks(scenario, _quicker)
        case "telephone":
            scenario = _with_asks(scenario, _called)
            if scenario.people.telephone is None:
                people = scenario.people.model_copy(update={"telephone": Telephone()})
                scenario = _copied(scenario, people=people)
    return Exercise(scenario, tree, exercise.calendar)


def _with_stand_in(tree: ContactTree, at: NodeId) -> ContactTree:
    def one_more(node: Node) -> Node:
        person = Officer(name="+", email=(f"one-more@{node.id}.invalid",))
        return node.model_copy(update={"officers": (*node.officers, person)})

    nodes = tuple(one_more(node) if node.id == at else node for node in tree.nodes)
    return _copied(tree, nodes=nodes)


def _with_asks(scenario: Scenario, change: Callable[[Acknowledge], Acknowledge]) -> Scenario:
    def of(inject: Inject) -> Inject:
        if inject.acknowledge is None:
            return inject
        return inject.model_copy(update={"acknowledge": change(inject.acknowledge)})

    return _copied(scenario, injects=tuple(of(each) for each in scenario.injects))


ModelT = TypeVar("ModelT", bound=BaseModel)


def _copied(model: ModelT, **changes: object) -> ModelT:
    """Return a copy with some fields changed, and without look-ups that were worked out before."""
    fields = {name: getattr(model, name) for name in type(model).model_fields}
    return type(model).model_construct(**(fields | changes))


def _half(period: Period) -> Period:
    if period.business_days:
        return period
    return Period(from_ms(max(to_ms(period.length) // 2, 1)))


def _quicker(asks: Acknowledge) -> Acknowledge:
    remind = tuple(_half(period) for period in asks.remind) or (_half(asks.within),)
    stand_in = asks.stand_in_after
    return asks.model_copy(
        update={
            "remind": remind,
            "stand_in_after": None if stand_in is None else _half(stand_in),
        }
    )


def _called(asks: Acknowledge) -> Acknowledge:
    return asks.model_copy(update={"call_after": asks.within})
