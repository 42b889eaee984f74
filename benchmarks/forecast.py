"""How many rehearsals a second: `python -m benchmarks.forecast [--json FILE] [--against FILE]`.

Two drills, r5-virus-suspicion (20 bodies) and national-virus (1,788), each played by the forecast's
arrays and by SimPy (`benchmarks.simpy_drill`) in turn: what is told beside SimPy is told beside
SimPy on the same drill in the same rounds, as medians. The pure kernel plays r5. All draw alike, so
it is told for how many notices SimPy comes to the very same delay. NumPy's raw draw rate stands
beside them: the forecast cannot be faster than its chance.

A notice-run is a notice that began in a run. "Per core second" counts the seconds of all cores that
worked for it, so that a busy machine tells the same, with the start of further processes where the
forecast takes them. "By the clock" is what somebody waits: the forecast takes as many cores as pay,
and SimPy has one.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

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


@dataclass(frozen=True, slots=True)
class Played:
    """How many notices began in some runs, and what that took."""

    notices: int
    wall: float
    """Seconds by the clock."""
    core: float
    """Seconds of all cores that worked for it."""

    @property
    def per_second(self) -> float:
        """Notice-runs per second by the clock."""
        return self.notices / self.wall

    @property
    def per_core_second(self) -> float:
        """Notice-runs per second of a core."""
        return self.notices / self.core


def timed(work: Callable[[], int]) -> Played:
    """Return what `work` takes, which returns how many notices began."""
    wall, spent = time.perf_counter(), sum(os.times()[:4])
    notices = work()
    return Played(notices, time.perf_counter() - wall, sum(os.times()[:4]) - spent)


def peak_mb_of_workers() -> float:
    """Return the peak memory of the largest process that this one started."""
    if sys.platform == "win32":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def raw_draws(count: int) -> int:
    """Draw so many 16-bit numbers as fast as NumPy can."""
    generator = np.random.Generator(np.random.SFC64(1))
    generator.integers(0, 1 << 63, size=count // 4, dtype=np.uint64)
    return count


def simpy_runs(exercise: Exercise, runs: int, into: list[SimPyDrill]) -> int:
    """Play so many runs in SimPy, and return how many notices began."""
    into[:] = [SimPyDrill(exercise, seed_of_run(SEED, run)) for run in range(runs)]
    for drill in into:
        drill.run()
    return sum(len(drill.notices) for drill in into)


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


def forecast_runs(job: Job, workers: int | None, into: list[Tally]) -> int:
    """Compute a forecast, and return how many notices began in all runs."""
    tally = compute(job, workers=workers)
    into.append(tally)
    return sum(int(counts[0]) for counts in tally.nodes.values())


def kernel_runs(exercise: Exercise, runs: int) -> int:
    """Play so many runs with the pure kernel, and return how many notices began."""
    notices = 0
    for run in range(runs):
        course = Course(exercise, seed_of_run(SEED, run))
        for _event in course.run():
            pass
        notices += len(course.board.notices)
    return notices


def loaded() -> Iterator[tuple[str, Exercise]]:
    """Yield the drills that are measured, with their short names."""
    yield "r5", load_scenario(SCENARIOS / "r5-virus-suspicion.yaml").exercise
    with TemporaryDirectory() as folder:
        tree = Path(folder) / "national.yaml"
        tree.write_text("".join(new_tree(prefectures(), "全国の連絡網")), encoding="utf-8")
        yield "national", load_scenario(SCENARIOS / "national-virus.yaml", tree).exercise


def measure(runs: int, rounds: int) -> dict[str, float]:
    """Measure, and return every figure by its name."""
    figures: dict[str, float] = {}
    drills = dict(loaded())
    for name, exercise in drills.items():
        figures |= beside_simpy(name, exercise, runs, rounds)
    figures["national, peak MB of all processes"] = peak_mb() + cores() * peak_mb_of_workers()
    small, tenth = drills["r5"], runs // 10
    each = [timed(partial(forecast_runs, Job(small, SEED, tenth), 1, [])) for _ in range(rounds)]
    part = median(played.core for played in each)
    figures["r5, cost of a run at ten times the runs"] = figures["r5, core seconds"] / (10 * part)
    kernel = timed(partial(kernel_runs, small, max(runs // 500, 3))).per_core_second
    figures["kernel on r5, notice-runs per core second"] = kernel
    raw = timed(partial(raw_draws, 40_000_000)).per_core_second
    figures["NumPy, raw 16-bit draws per core second"] = raw
    ours = figures["r5, notice-runs per core second"]
    figures["r5 / kernel on r5, each on a core"] = ours / kernel
    figures["r5 / raw draws, each on a core"] = ours / raw
    figures["peak MB of this process"] = peak_mb()
    return figures


def beside_simpy(name: str, exercise: Exercise, runs: int, rounds: int) -> dict[str, float]:
    """Play a drill with the forecast and with SimPy in turn; return the medians of all rounds."""
    job = Job(exercise, SEED, runs)
    few = max(runs // 2 // job.notices, 2)
    tallies: list[Tally] = []
    simulated: list[SimPyDrill] = []
    forecast_runs(Job(exercise, SEED, 50), 1, tallies)  # Imports and tables of delays.
    simpy_runs(exercise, 1, simulated)
    both: list[tuple[Played, Played]] = []
    for _ in range(rounds):
        ours = timed(partial(forecast_runs, job, None, tallies))
        both.append((ours, timed(partial(simpy_runs, exercise, few, simulated))))
    each = "notice-runs per core second"
    found: dict[str, Sequence[float]] = {
        f"{name}, wall seconds": [ours.wall for ours, _ in both],
        f"{name}, core seconds": [ours.core for ours, _ in both],
        f"{name}, {each}": [ours.per_core_second for ours, _ in both],
        f"{name}, notice-runs per second": [ours.per_second for ours, _ in both],
        f"SimPy on {name}, {each}": [simpy.per_core_second for _, simpy in both],
        f"{name} / SimPy on {name}, each on a core": [
            ours.per_core_second / simpy.per_core_second for ours, simpy in both
        ],
        f"{name} / SimPy on {name}, by the clock": [
            ours.per_second / simpy.per_second for ours, simpy in both
        ],
        f"{name}, notices left to the kernel": [tallies[-1].alone],
        f"SimPy on {name}, share with the very same delay": [same_delays(exercise, simulated)],
    }
    return {what: median(values) for what, values in found.items()}


def told(figures: dict[str, float]) -> Iterator[Figure]:
    """Yield the figures that are worth a comparison, each beside its baseline."""
    each = "notice-runs per core second"
    raw, own = figures["NumPy, raw 16-bit draws per core second"], "NumPy, raw 16-bit draws"
    for who, name in (
        ("r5", "r5"),
        ("national", "national"),
        ("SimPy on r5", "SimPy"),
        ("SimPy on national", "SimPy, national"),
        ("kernel on r5", "kernel"),
    ):
        rate = figures[f"{who}, {each}"]
        yield Figure("forecast", f"{name}: {each}", rate, "", own, raw, more_is_better=True)
    for who in ("r5", "national"):
        simpy = f"SimPy on {who}"
        rate, base = figures[f"{who}, {each}"], figures[f"{simpy}, {each}"]
        name = f"{who}, beside SimPy"
        yield Figure("forecast", name, rate, "", simpy, base, more_is_better=True)
        times = figures[f"{who} / {simpy}, by the clock"]
        name = f"{who}, beside SimPy by the clock"
        yield Figure("forecast", name, times, "", f"{simpy}, one core", 1.0, more_is_better=True)
        yield Figure("forecast", f"{who}, by the clock", figures[f"{who}, wall seconds"], "s")
    name = "r5, cost of a run at ten times the runs"
    yield Figure("forecast", name, figures[name], "", "a tenth of the runs", 1.0)
    peak = figures["national, peak MB of all processes"]
    yield Figure("forecast", "national, peak of all processes", peak, "MB")


def main() -> list[Figure]:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="of the forecast and SimPy in turn")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--against", type=Path, help="figures of an earlier run to compare with")
    wanted = parser.parse_args()
    figures = measure(wanted.runs, wanted.rounds)
    before = json.loads(wanted.against.read_text()) if wanted.against else {}
    print(f"Forecast, {wanted.runs:,} runs, medians of {wanted.rounds} rounds")
    for name, figure in figures.items():
        ratio = f"{figure / before[name]:8.2f} × before" if before.get(name) else ""
        print(f"  {name:54}{figure:16,.4g}{ratio}")
    if wanted.json:
        wanted.json.write_text(json.dumps(figures, indent=1))
    return list(told(figures))


if __name__ == "__main__":
    main()
