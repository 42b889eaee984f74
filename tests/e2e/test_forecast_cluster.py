"""A forecast on a Dask cluster: workers are processes of their own, and one of them is killed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.forecast.cluster import compute_on_cluster
from drillsim.forecast.engine import Job, compute
from tests.simulation.drills import shipped

distributed = pytest.importorskip("distributed", reason="Dask is an extra")
JOB = Job(shipped("r5-terminal-failure"), 7, 400)
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by signal"),
    # Dask itself leaves sockets to the garbage collector when a worker is lost.
    pytest.mark.filterwarnings("ignore"),
]


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a scheduler and workers; yield the address and the workers."""
    file = folder / "scheduler.json"
    common = {"env": os.environ | {"PYTHONWARNINGS": "ignore"}, "cwd": folder}
    log = (folder / "dask.log").open("wb")

    def start(what: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *words]
        return subprocess.Popen(command, stdout=log, stderr=log, **common)  # type: ignore[call-overload, no-any-return]

    scheduler = start(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file)
    )
    started = [scheduler]
    try:
        for _ in range(workers):
            started.append(
                start(
                    "worker",
                    "--scheduler-file",
                    str(file),
                    "--host",
                    "127.0.0.1",
                    "--nthreads",
                    "1",
                    "--no-nanny",
                )
            )
        deadline = time.monotonic() + 60
        while not file.exists():
            assert time.monotonic() < deadline, (folder / "dask.log").read_text()
            assert scheduler.poll() is None, (folder / "dask.log").read_text()
            time.sleep(0.05)
        client = distributed.Client(scheduler_file=str(file), timeout=60)
        client.wait_for_workers(workers, timeout=60)
        address = client.scheduler.address
        client.close()
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.kill()
        for process in started:
            process.wait()
        log.close()


def test_the_digest_is_the_same_with_one_two_and_four_workers_and_without_dask(
    tmp_path: Path,
) -> None:
    alone = compute(JOB, workers=1).digest
    for workers in (1, 2, 4):
        folder = tmp_path / str(workers)
        folder.mkdir()
        with _cluster(folder, workers) as (address, _started):
            assert compute_on_cluster(JOB, address).digest == alone, workers


def test_a_worker_that_is_killed_on_the_way_changes_nothing(tmp_path: Path) -> None:
    killed: list[int] = []
    with _cluster(tmp_path, 2) as (address, started):

        def kill_one(done: int, of: int) -> None:
            if not killed:
                assert done < of
                started[0].kill()
                killed.append(done)

        tally = compute_on_cluster(JOB, address, kill_one)
    assert killed
    assert tally.runs == JOB.runs
    assert tally.digest == compute(JOB, workers=1).digest


def test_nobody_at_the_address_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drillsim.forecast.cluster._CONNECT_SECONDS", 1)
    words = ["--engine", "dask", "--scheduler", "tcp://127.0.0.1:9", "--runs", "10"]
    scenario = str(Path(__file__).parents[2] / "scenarios" / "r5-terminal-failure.yaml")
    assert main(["--lang", "en", "forecast", scenario, *words, "--score-runs", "0"]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err
