"""A forecast on several machines: its chunks on a Dask cluster.

Each task is made of plain arguments and can be computed again anywhere, so a worker may join or be
lost at any time: the scheduler hands its chunks to another one, and the counts come out the same.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from drillsim.forecast.counting import tally_of
from drillsim.forecast.draws import seeds_of_runs
from drillsim.forecast.engine import Job, add_up
from drillsim.forecast.rehearsals import rehearse
from drillsim.forecast.setting import Setting
from drillsim.forecast.tally import Tally
from drillsim.i18n import _
from drillsim.machine import cores
from drillsim.problem import UsageError
from drillsim.text import clean_line

_CONNECT_SECONDS: Final = 10
_PARTS_LEAST: Final = 8
"""So that several workers have something to do."""


def compute_on_cluster(
    job: Job, scheduler: str | None, progress: Callable[[int, int], None] | None = None
) -> Tally:
    """Compute a forecast on a Dask cluster.

    Args:
        job: the forecast.
        scheduler: the address of the scheduler; None starts workers on this machine.
        progress: is told how many runs are done.

    Raises:
        UsageError: Dask is not installed, or nobody answers at the address.
    """
    with _client(scheduler) as client:
        return add_up(job, _tallies(job, client), progress)


@contextmanager
def _client(scheduler: str | None) -> Iterator[Any]:
    try:
        distributed: Any = import_module("distributed")  # It comes without types.
    except ImportError:
        raise UsageError(
            _("--engine dask needs Dask; install it: pip install drillsim[cluster]")
        ) from None
    if scheduler is None:
        with (
            distributed.LocalCluster(
                n_workers=cores(), threads_per_worker=1, host="127.0.0.1", dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client
        return
    try:
        found = distributed.Client(scheduler, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError, TimeoutError) as fault:
        raise UsageError(
            _("no Dask scheduler answers at {address}: {why}").format(
                address=clean_line(scheduler), why=clean_line(str(fault)) or type(fault).__name__
            )
        ) from None
    with found as client:
        yield client


def _tallies(job: Job, client: Any) -> Iterator[Tally]:
    # A task, not scattered data: what a lost worker held can be made again.
    setting = client.submit(_setting, pickle.dumps(job.exercise))
    futures = [
        client.submit(_chunk, setting, job.seed, *part, pure=True, retries=3)
        for part in job.parts(_PARTS_LEAST)
    ]
    done = import_module("distributed").as_completed(futures, with_results=True)
    for _future, tally in done:
        yield tally


def _setting(exercise: bytes) -> Setting:
    return Setting(pickle.loads(exercise))  # noqa: S301 - Dask itself sends pickles to its workers.


def _chunk(setting: Setting, seed: int, first: int, end: int) -> Tally:
    return tally_of(rehearse(setting, seeds_of_runs(seed, first, end)))
