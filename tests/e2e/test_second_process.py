"""Whether a second process reads and carries mails changes nothing but how long a drill takes."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct import director
from drillsim.mail.replies import Recognised
from drillsim.mail.second_process import Load, SecondProcess
from tests.simulation.rehearsing import digest_of, events_of, loaded, rehearse, resume

VIRUS = "r5-virus-suspicion"
START_SECONDS = 60.0
END_SECONDS = 60.0

STARTS_ONE = """
from drillsim.mail.second_process import SecondProcess
from drillsim.mail.sink import KnownRecipients
with SecondProcess(KnownRecipients([]), 1000, print) as second:
    assert second.has_started(60)
    print(second.process.pid, flush=True)
    input()
"""


class Ready(SecondProcess):
    """One that is ready from the beginning, and remembers how much it read."""

    told = 0
    brought = 0
    killed_at = 0
    killed_with = 0

    def __enter__(self) -> "Ready":
        super().__enter__()
        assert self.has_started(START_SECONDS)
        return self

    def take(self, name: str) -> Recognised | None:
        if self.killed_at and self.taken == self.killed_at and self.process is not None:
            self.process.kill()
            self.process.wait()
        found = super().take(name)
        type(self).told = self.taken
        return found

    def send_off(self) -> None:
        super().send_off()
        if self.killed_with and self.carried >= self.killed_with and self.process is not None:
            self.process.kill()  # It may or may not have carried some of them.
            self.process.wait()

    def require_in(self) -> list[Load]:
        left = super().require_in()
        type(self).brought = self.carried
        return left


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drill as one process has it."""
    path = tmp_path_factory.mktemp("alone") / "alone.drill"
    rehearse(loaded(VIRUS), 7, path)
    return path


@pytest.mark.parametrize(("killed_at", "killed_with"), [(0, 0), (5, 0), (0, 30)])
def test_a_drill_with_a_second_process_is_the_same(
    killed_at: int,
    killed_with: int,
    alone: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(director, "_NODES_LARGE", 1)
    monkeypatch.setattr(director, "cores", lambda: 2)
    monkeypatch.setattr(director, "SecondProcess", Ready)
    monkeypatch.setattr(Ready, "killed_at", killed_at)
    monkeypatch.setattr(Ready, "killed_with", killed_with)
    monkeypatch.setattr(Ready, "told", 0)
    monkeypatch.setattr(Ready, "brought", 0)
    rehearse(loaded(VIRUS), 7, tmp_path / "ahead.drill")
    assert Ready.told >= 5
    assert Ready.brought >= (1 if killed_at else 10)
    assert events_of(tmp_path / "ahead.drill") == events_of(alone)
    assert digest_of(tmp_path / "ahead.drill") == digest_of(alone)


@pytest.mark.parametrize("commits", [3, 6])
def test_a_drill_that_was_cut_off_goes_on_with_a_second_process(
    commits: int, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is handed over again at the beginning goes through that process already."""
    monkeypatch.setattr(director, "_NODES_LARGE", 1)
    monkeypatch.setattr(director, "cores", lambda: 2)
    monkeypatch.setattr(director, "SecondProcess", Ready)
    record, made = director.Director._record, 0

    async def fail(self: Any, *what: Any) -> None:
        nonlocal made
        await record(self, *what)
        made += 1
        if made == commits:
            raise RuntimeError("cut off")

    with monkeypatch.context() as failing:
        failing.setattr(director.Director, "_record", fail)
        with pytest.raises(RuntimeError, match="cut off"):
            rehearse(loaded(VIRUS), 7, tmp_path / "ahead.drill")
    resume(tmp_path / "ahead.drill")
    assert events_of(tmp_path / "ahead.drill") == events_of(alone)
    assert digest_of(tmp_path / "ahead.drill") == digest_of(alone)


if sys.platform == "linux":  # It takes Linux to wait for the child of another process.

    def test_it_does_not_outlive_a_process_that_is_killed() -> None:
        command = [sys.executable, "-c", STARTS_ONE]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
            assert first.stdout is not None
            second = os.pidfd_open(int(first.stdout.readline()))
            first.send_signal(signal.SIGKILL)
        try:
            assert select.select([second], [], [], END_SECONDS)[0]
        finally:
            os.close(second)
