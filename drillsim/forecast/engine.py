"""Where a forecast is computed: in this process, on all its cores, or on a Dask cluster.

Runs are cut into chunks, each chunk gives a `Tally`, and tallies are added as they come. The sum
does not depend on the chunks, nor on who computed them.
"""

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import BaseContext
from typing import Final, Literal

from drillsim.drill.exercise import Exercise
from drillsim.forecast.counting import tally_of
from drillsim.forecast.draws import chunks, seeds_of_runs
from drillsim.forecast.rehearsals import Rehearsals, rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.tally import Tally, bin_length
from drillsim.machine import cores

EngineName = Literal["local", "dask"]
_ELEMENTS: Final = 1_000_000
"""Notices times runs in a chunk: some 80 MB of arrays."""
_RUNS_MAX: Final = 10_000
_WORTH_PROCESSES: Final = 4_000_000
"""Notices times runs above which the start of further processes pays."""

Progress = Callable[[int, int], None]
"""Is told how many runs are done, and of how many."""


@dataclass(frozen=True)
class Job:
    """A forecast to be computed."""

    exercise: Exercise
    seed: int
    runs: int

    @property
    def notices(self) -> int:
        """How many notices a run may have."""
        return len(Setting(self.exercise).notices)

    def parts(self, workers: int = 1) -> list[tuple[int, int]]:
        """Return the runs cut into chunks, at least one for each worker."""
        size = min(max(_ELEMENTS // max(self.notices, 1), 64), _RUNS_MAX)
        size = min(size, max(-(-self.runs // workers), 1))
        return list(chunks(self.runs, size))


def compute(job: Job, *, workers: int | None = None, progress: Progress | None = None) -> Tally:
    """Compute a forecast on this machine; `workers` None means what pays."""
    count = workers if workers is not None else _workers(job)
    if count <= 1:
        bench = _Bench(job.exercise)
        tallies = (bench.tally(job.seed, *part) for part in job.parts())
        return add_up(job, tallies, progress)
    parts = job.parts(count)
    with ProcessPoolExecutor(
        min(count, len(parts)),
        mp_context=_context(),
        initializer=_keep,
        initargs=(job.exercise,),
    ) as pool:
        with warnings.catch_warnings():
            # The threads of NumPy's linear algebra, which is not used here, survive a fork.
            warnings.simplefilter("ignore", DeprecationWarning)
            found = pool.map(_kept_chunk, [(job.seed, *part) for part in parts])
        return add_up(job, found, progress)


def _context() -> BaseContext:
    """Return how further processes are started.

    A copy of this one has all modules already, which take more than half a second to load. Where
    there are other threads (the control room), one of them might hold a lock that is copied too, so
    new processes are started.
    """
    is_alone = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork" if is_alone else "spawn")


def _workers(job: Job) -> int:
    if job.notices * job.runs < _WORTH_PROCESSES:
        return 1
    return cores()


def add_up(job: Job, tallies: Iterator[Tally], progress: Progress | None) -> Tally:
    """Add tallies as they come."""
    whole = Tally(bin_ms=bin_length(Setting(job.exercise)))
    for tally in tallies:
        whole.add(tally)
        if progress is not None:
            progress(whole.runs, job.runs)
    return whole


class _Bench:
    """Computes chunks of one exercise one after the other, in the same memory."""

    def __init__(self, exercise: Exercise) -> None:
        self.setting = Setting(exercise)
        self.last: Rehearsals | None = None

    def tally(self, seed: int, first: int, end: int) -> Tally:
        """Compute the runs from `first` up to, but without, `end`."""
        self.last = rehearse(self.setting, seeds_of_runs(seed, first, end), self.last)
        return tally_of(self.last)


_BENCH: _Bench | None = None


def _keep(exercise: Exercise) -> None:
    """Let a worker process keep the files for all its chunks."""
    global _BENCH
    _BENCH = _Bench(exercise)


def _kept_chunk(part: tuple[int, int, int]) -> Tally:
    assert _BENCH is not None
    return _BENCH.tally(*part)
