"""How many rehearsals a second: `python -m benchmarks.forecast [--json FILE] [--against FILE]`.

The same drill three ways: the forecast's arrays, SimPy (a process for each notice, with reminders,
stand-in, passing on and the report, drawing as the world does; it leaves out calls, faults' retries
and the other messages, so it has less to do), and the pure kernel. NumPy's raw draw rate stands
beside them: the forecast cannot be faster than its chance. Rates are per second of a core, so that
a busy machine tells the same; read the ratios.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Generator
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import simpy

from benchmarks.relay import peak_mb
from drillsim.drill.exercise import Exercise
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import load_scenario
from drillsim.forecast.draws import seed_of_run
from drillsim.forecast.engine import Job, compute, cores
from drillsim.forecast.tally import Tally
from drillsim.world.course import Course
from drillsim.world.habits import Town
from drillsim.world.network import Network
from drillsim.world.staff import Staff

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
SEED = 7


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Return how many seconds `work` takes: of wall time, and of all cores that worked for it."""
    wall, spent = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - wall, sum(os.times()[:4]) - spent


def raw_draws(count: int) -> None:
    """Draw so many 16-bit numbers as fast as NumPy can."""
    generator = np.random.Generator(np.random.SFC64(1))
    generator.integers(0, 1 << 63, size=count // 4, dtype=np.uint64)


class SimPyDrill:
    """One run of the same drill in SimPy: the first inject, notice by notice."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self.exercise, self.env = exercise, simpy.Environment()
        town = Town(exercise)
        self.staff, self.network = Staff(exercise, town, seed), Network(exercise, town, seed)
        self.inject = exercise.scenario.injects[0]
        self.scope = exercise.scope(self.inject.id)
        self.reported: dict[str, simpy.Event] = {n: self.env.event() for n in self.scope.sender}
        self.acknowledged: dict[str, float] = {}
        self.answered: dict[str, simpy.Event] = {}

    def run(self) -> None:
        """Play it to the end of the window."""
        for node in self.scope.direct:
            self.env.process(self.notice(node))
        self.env.run(until=_ms(self.exercise.window_at))

    def mail(self, node: Any, officer: int, attempt: int) -> Generator[Any, Any, Any]:
        """An officer gets a mail, reads it and answers."""
        at = timedelta(milliseconds=self.env.now)
        carriage = self.network.carry(self.inject.id, node, officer, attempt, at)
        yield self.env.timeout(_ms(carriage.arrives_at - at))
        notice = (self.inject.id, node)
        there = self.staff.presence(node, officer) == "present"
        if carriage.outcome != "accepted" or not there:
            return
        if not self.staff.answers(notice, officer, attempt):
            return
        yield self.env.timeout(_ms(self.staff.answer_delay(notice, officer, attempt)))
        yield self.env.timeout(
            _ms(self.network.transit_up(notice, "acknowledge", officer, attempt))
        )
        if node not in self.acknowledged:
            self.acknowledged[node] = self.env.now
            self.answered[node].succeed()

    def notice(self, node: Any) -> Generator[Any, Any, Any]:
        """One notice from its first mail to its report."""
        asks, asked, notice = (
            self.inject.acknowledge,
            self.scope.asked[node],
            (self.inject.id, node),
        )
        assert asks is not None
        done = self.answered[node] = self.env.event()
        self.env.process(self.mail(node, 1, 0))
        for number, period in enumerate(asks.remind, 1):
            self.env.process(self.reminder(node, _ms(period.length), number, done))
        if asks.stand_in_after is not None and len(self.exercise.node(node).officers) > 1:
            self.env.process(self.stand_in(node, _ms(asks.stand_in_after.length), done))
        yield done
        if asked.pass_on:
            yield self.env.timeout(_ms(self.staff.pass_on_delay(notice)))
            for hop in asked.pass_on:
                self.env.process(self.notice(hop))
        if asked.report:
            yield self.env.timeout(_ms(self.staff.report_delay(notice)))
            if asked.collect:
                cut_off = self.inject.report.cut_off if self.inject.report else None
                all_there = self.env.all_of([self.reported[hop] for hop in asked.collect])
                limit = self.env.timeout(_ms(cut_off.length) if cut_off else 1e12)
                yield all_there | limit
            self.reported[node].succeed()

    def reminder(
        self, node: Any, after: float, number: int, done: simpy.Event
    ) -> Generator[Any, Any, Any]:
        """A reminder, if nobody has answered by then."""
        yield done | self.env.timeout(after)
        if not done.triggered:
            self.env.process(self.mail(node, 1, number))

    def stand_in(self, node: Any, after: float, done: simpy.Event) -> Generator[Any, Any, Any]:
        """The second officer, if nobody has answered by then."""
        yield done | self.env.timeout(after)
        if not done.triggered:
            self.env.process(self.mail(node, 2, 0))


def _ms(length: timedelta) -> float:
    return length / timedelta(milliseconds=1)


def simpy_runs(exercise: Exercise, runs: int) -> None:
    """Play so many runs in SimPy."""
    for run in range(runs):
        SimPyDrill(exercise, seed_of_run(SEED, run)).run()


def kernel_runs(exercise: Exercise, runs: int) -> None:
    """Play so many runs with the pure kernel."""
    for run in range(runs):
        for _event in Course(exercise, seed_of_run(SEED, run)).run():
            pass


def measure(runs: int) -> dict[str, float]:
    """Measure, and return every figure by its name."""
    small = load_scenario(SCENARIOS / "r5-virus-suspicion.yaml").exercise
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "national.yaml"
        tree.write_text("".join(new_tree(prefectures(), "全国の連絡網")), encoding="utf-8")
        large = load_scenario(SCENARIOS / "national-virus.yaml", tree).exercise
    compute(Job(small, SEED, 50), workers=1)  # Imports and tables of delays.
    figures: dict[str, float] = {}
    first = len(small.scope(small.scenario.injects[0].id).sender)
    for name, exercise, workers in (("r5", small, 1), ("national", large, cores())):
        tallies: list[Tally] = []
        job = Job(exercise, SEED, runs)
        wall, spent = timed(partial(_compute, job, workers, tallies))
        figures[f"{name}, wall seconds"] = wall
        figures[f"{name}, core seconds"] = spent
        figures[f"{name}, notice-runs per core second"] = runs * job.notices / spent
        figures[f"{name}, notices left to the kernel"] = tallies[0].alone
    part = timed(lambda: compute(Job(small, SEED, runs // 10), workers=1))[1]
    figures["r5, cost of a run at ten times the runs"] = figures["r5, core seconds"] / (10 * part)
    few = max(runs // 250, 5)
    spent = timed(lambda: simpy_runs(small, few))[1]
    figures["SimPy, notice-runs per core second"] = few * first / spent
    few = max(runs // 500, 3)
    spent = timed(lambda: kernel_runs(small, few))[1]
    figures["kernel, notice-runs per core second"] = few * Job(small, SEED, 1).notices / spent
    draws = 40_000_000
    spent = timed(lambda: raw_draws(draws))[1]
    figures["NumPy, raw 16-bit draws per core second"] = draws / spent
    ours = figures["r5, notice-runs per core second"]
    figures["forecast / SimPy, each on a core"] = (
        ours / figures["SimPy, notice-runs per core second"]
    )
    figures["forecast / kernel"] = ours / figures["kernel, notice-runs per core second"]
    figures["forecast / raw draws"] = ours / figures["NumPy, raw 16-bit draws per core second"]
    figures["peak MB of this process"] = peak_mb()
    return figures


def _compute(job: Job, workers: int, into: list[Tally]) -> None:
    into.append(compute(job, workers=workers))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--against", type=Path, help="figures of an earlier run to compare with")
    wanted = parser.parse_args()
    figures = measure(wanted.runs)
    before = json.loads(wanted.against.read_text()) if wanted.against else {}
    print(f"Forecast, {wanted.runs:,} runs")
    for name, figure in figures.items():
        ratio = f"{figure / before[name]:8.2f} × before" if before.get(name) else ""
        print(f"  {name:44}{figure:16,.4g}{ratio}")
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
