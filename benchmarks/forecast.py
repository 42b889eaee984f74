"""How many rehearsals a second: `python -m benchmarks.forecast [--json FILE] [--against FILE]`.

The same drill three ways: the forecast's arrays, SimPy (`benchmarks.simpy_drill`), and the pure
kernel. All three draw alike, so it is told for how many notices SimPy comes to the very same delay.
NumPy's raw draw rate stands beside them: the forecast cannot be faster than its chance. A
notice-run is a notice that began in a run. Rates are per second of a core, so that a busy machine
tells the same; read the ratios.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from benchmarks.relay import peak_mb
from benchmarks.simpy_drill import SimPyDrill
from drillsim.drill.exercise import Exercise
from drillsim.files.bodies import prefectures
from drillsim.files.new_tree import new_tree
from drillsim.files.scenario_file import load_scenario
from drillsim.forecast.draws import seed_of_run, seeds_of_runs
from drillsim.forecast.engine import Job, compute
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.stamps import NEVER
from drillsim.forecast.tally import Tally
from drillsim.machine import cores
from drillsim.world.course import Course

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
SEED = 7


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Return how many seconds `work` takes: of wall time, and of all cores that worked for it."""
    wall, spent = time.perf_counter(), sum(os.times()[:4])
    work()
    return time.perf_counter() - wall, sum(os.times()[:4]) - spent


def peak_mb_of_workers() -> float:
    """Return the peak memory of the largest process that this one started."""
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def raw_draws(count: int) -> None:
    """Draw so many 16-bit numbers as fast as NumPy can."""
    generator = np.random.Generator(np.random.SFC64(1))
    generator.integers(0, 1 << 63, size=count // 4, dtype=np.uint64)


def simpy_runs(exercise: Exercise, runs: int) -> list[SimPyDrill]:
    """Play so many runs in SimPy."""
    drills = [SimPyDrill(exercise, seed_of_run(SEED, run)) for run in range(runs)]
    for drill in drills:
        drill.run()
    return drills


def same_delays(exercise: Exercise, drills: list[SimPyDrill]) -> float:
    """Return the share of notices that SimPy and the forecast tell alike, to the millisecond."""
    found = rehearse(Setting(exercise), seeds_of_runs(SEED, 0, len(drills)))
    same = begun = 0
    for key, course in found.notices.items():
        for run, drill in enumerate(drills):
            ours = int(course.acknowledged[run] - course.submitted[run])
            answered = course.acknowledged[run] < NEVER
            if key not in drill.notices or course.submitted[run] >= NEVER:
                begun += key in drill.notices or bool(course.submitted[run] < NEVER)
                continue
            begun += 1
            same += drill.delay(key) == (ours if answered else None)
    return same / begun


def begun(tally: Tally) -> int:
    """Return how many notices began in all runs."""
    return sum(int(counts[0]) for counts in tally.nodes.values())


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
    for name, exercise, workers in (("r5", small, 1), ("national", large, cores())):
        tallies: list[Tally] = []
        job = Job(exercise, SEED, runs)
        wall, spent = timed(partial(_compute, job, workers, tallies))
        figures[f"{name}, wall seconds"] = wall
        figures[f"{name}, core seconds"] = spent
        figures[f"{name}, notice-runs per core second"] = begun(tallies[0]) / spent
        figures[f"{name}, notice-runs per second"] = begun(tallies[0]) / wall
        figures[f"{name}, notices left to the kernel"] = tallies[0].alone
    figures["national, peak MB of all processes"] = peak_mb() + cores() * peak_mb_of_workers()
    part = timed(lambda: compute(Job(small, SEED, runs // 10), workers=1))[1]
    figures["r5, cost of a run at ten times the runs"] = figures["r5, core seconds"] / (10 * part)
    few = max(runs // 100, 5)
    simulated: list[SimPyDrill] = []
    spent = timed(lambda: simulated.extend(simpy_runs(small, few)))[1]
    rate = sum(len(drill.notices) for drill in simulated) / spent
    figures["SimPy, notice-runs per core second"] = rate
    figures["SimPy, share of notices with the very same delay"] = same_delays(small, simulated)
    few = max(runs // 500, 3)
    notices = begun(compute(Job(small, SEED, few), workers=1))
    spent = timed(lambda: kernel_runs(small, few))[1]
    figures["kernel, notice-runs per core second"] = notices / spent
    draws = 40_000_000
    spent = timed(lambda: raw_draws(draws))[1]
    figures["NumPy, raw 16-bit draws per core second"] = draws / spent
    ours = figures["r5, notice-runs per core second"]
    for name in ("r5", "national"):
        each = figures[f"{name}, notice-runs per core second"]
        figures[f"{name} / SimPy, each on a core"] = each / rate
    figures["national on all cores / SimPy, which has one"] = (
        figures["national, notice-runs per second"] / rate
    )
    figures["forecast / kernel"] = ours / figures["kernel, notice-runs per core second"]
    figures["forecast / raw draws"] = ours / figures["NumPy, raw 16-bit draws per core second"]
    figures["peak MB of this process"] = peak_mb()
    return figures


def _compute(job: Job, workers: int, into: list[Tally]) -> None:
    into.append(compute(job, workers=workers))


def told(figures: dict[str, float]) -> Iterator[Figure]:
    """Yield the figures that are worth a comparison, each beside its baseline."""
    each = "notice-runs per core second"
    raw, own = figures["NumPy, raw 16-bit draws per core second"], "NumPy, raw 16-bit draws"
    for who in ("r5", "national", "SimPy", "kernel"):
        rate = figures[f"{who}, {each}"]
        yield Figure("forecast", f"{who}: {each}", rate, "", own, raw, more_is_better=True)
    simpy = figures[f"SimPy, {each}"]
    for who in ("r5", "national"):
        rate = figures[f"{who}, {each}"]
        name = f"{who}, beside SimPy"
        yield Figure("forecast", name, rate, "", "SimPy", simpy, more_is_better=True)
        yield Figure("forecast", f"{who}, by the clock", figures[f"{who}, wall seconds"], "s")
    name = "r5, cost of a run at ten times the runs"
    yield Figure("forecast", name, figures[name], "", "a tenth of the runs", 1.0)
    peak = figures["national, peak MB of all processes"]
    yield Figure("forecast", "national, peak of all processes", peak, "MB")


def main() -> list[Figure]:
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
    return list(told(figures))


if __name__ == "__main__":
    main()
