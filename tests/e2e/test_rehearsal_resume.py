"""A drill that was killed goes on as if nothing had happened; one director runs it at a time."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct.rehearsal import reopen
from drillsim.journal import JournalError, JournalReader, verify
from drillsim.problem import UsageError
from tests.simulation.drills import SCENARIOS
from tests.simulation.rehearsing import cut, digest_of, events_of, loaded, rehearse, resume, rough

VIRUS = "r5-virus-suspicion"
DRILLSIM = (sys.executable, "-m", "drillsim")
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def virus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("virus") / "virus.drill"
    rehearse(loaded(VIRUS), 7, path)
    return path


@contextmanager
def running(path: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Have a director at work in a process of its own; it is killed at the end."""
    process = subprocess.Popen(
        [*DRILLSIM, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def begin(path: Path, speed: str) -> tuple[str, ...]:
    scenario = str(SCENARIOS / f"{VIRUS}.yaml")
    return ("run", scenario, "--seed", "7", "--headless", "--speed", speed, "--out", str(path))


def wait_for(process: subprocess.Popen[str], path: Path, count: int) -> None:
    """Return when the journal holds `count` records."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the drill ended before it could be killed"
        try:
            with JournalReader(path) as reader:
                if reader.count >= count:
                    return
        except JournalError:
            pass  # Not laid out yet.
        time.sleep(0.002)
    raise AssertionError(f"{count} records did not come")


def kill_at(path: Path, count: int, *words: str) -> None:
    with running(path, *words) as process:
        wait_for(process, path, count)
        process.kill()
        process.wait()
    with JournalReader(path) as reader:
        assert not reader.is_sealed


# Killed, and gone on with -------------------------------------------------------------------------


@pytest.mark.parametrize("count", [5, 150, 380])
def test_a_killed_drill_ends_as_one_that_was_not_killed(
    virus: Path, tmp_path: Path, count: int
) -> None:
    path = tmp_path / "killed.drill"
    kill_at(path, count, *begin(path, "6000"))
    done = subprocess.run(
        [*DRILLSIM, "resume", str(path), "--json"],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["digest"] == digest_of(virus)
    assert verify(path).faults == []


def test_a_drill_that_is_killed_again_and_again_ends_the_same(virus: Path, tmp_path: Path) -> None:
    path = tmp_path / "killed.drill"
    kill_at(path, 40, *begin(path, "6000"))
    for count in (90, 300):
        kill_at(path, count, "resume", str(path), "--speed", "6000")
    resume(path)
    assert digest_of(path) == digest_of(virus)
    verdict = verify(path)
    assert verdict.faults == []
    assert verdict.is_sealed
    with JournalReader(path) as reader:
        resumed = [r for r in reader.records() if r.stream == "conduct" and r.kind == "resumed"]
    assert len(resumed) == 3


@pytest.mark.parametrize("share", [0.0, 0.13, 0.61, 1.0])
def test_wherever_a_drill_is_cut_off_it_goes_on_the_same(
    virus: Path, tmp_path: Path, share: float
) -> None:
    path = cut(virus, tmp_path / "cut.drill", share)
    assert len(events_of(path)) < len(events_of(virus))
    resume(path)
    assert digest_of(path) == digest_of(virus)
    assert verify(path).faults == []


@pytest.mark.parametrize("seed", [101, 104])
def test_among_rough_people_a_drill_that_was_cut_off_goes_on_the_same(
    tmp_path: Path, seed: int
) -> None:
    given = rough(VIRUS, seed)
    rehearse(given, seed, tmp_path / "whole.drill")
    for share in (0.3, 0.7):
        path = cut(tmp_path / "whole.drill", tmp_path / f"cut{share}.drill", share)
        resume(path, given)
        assert digest_of(path) == digest_of(tmp_path / "whole.drill"), share


def test_a_drill_cut_off_after_an_order_goes_on_the_same(tmp_path: Path) -> None:
    whole = tmp_path / "whole.drill"
    orders: list[tuple[str, dict[str, Any]]] = [
        ("note", {"text": "通信班は自席で対応"}),
        ("speed", {"speed": 900}),
        ("phase", {}),
        ("speed", {"speed": "max"}),
    ]
    rehearse(loaded(VIRUS), 7, whole, orders=orders)
    for share in (0.02, 0.6):
        path = cut(whole, tmp_path / f"cut{share}.drill", share)
        resume(path)
        assert digest_of(path) == digest_of(whole), share
        assert verify(path).faults == [], share


# One director -------------------------------------------------------------------------------------


def test_a_second_director_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "busy.drill"
    with running(path, *begin(path, "60")) as process:
        wait_for(process, path, 5)
        done = subprocess.run(
            [*DRILLSIM, "--lang", "en", "resume", str(path)],
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert process.poll() is None


def test_a_drill_is_never_written_over(virus: Path) -> None:
    before = virus.read_bytes()
    done = subprocess.run(
        [*DRILLSIM, *begin(virus, "max")],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert virus.read_bytes() == before


def test_a_drill_that_has_ended_is_not_gone_on_with(virus: Path) -> None:
    with pytest.raises(UsageError, match="has ended"):
        reopen(virus)
