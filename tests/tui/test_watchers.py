"""Several processes on one drill, each of them killed: the others go on, and nothing is lost."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from drillsim.conduct.process import start_director
from drillsim.drill import events as ev
from drillsim.drill.events import decode
from drillsim.i18n import set_language
from drillsim.journal import JournalReader, post_command, verify
from tests.tui.terminal import Terminal

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal"),
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PREFECTURE = "350001"


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "drillsim", "--lang", "en", *words]


def director_of(path: Path) -> int:
    return int(path.with_name(path.name + ".lock").read_text())


def kill(process: int) -> None:
    if sys.platform != "win32":
        os.kill(process, signal.SIGKILL)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A drill that runs in a process of its own; it is ended afterwards."""
    set_language("en")
    path = tmp_path / "a.drill"
    seats = [PREFECTURE]
    start_director("r5-virus-suspicion", seed=7, speed=20, path=path, seats=seats, seated_by="x")
    yield path
    lock = path.with_name(path.name + ".lock")
    if lock.exists():
        with suppress(ProcessLookupError):
            kill(director_of(path))


def test_two_watchers_and_a_director_can_each_be_killed(path: Path) -> None:
    watch = command("watch", str(path), "--as", "tester")
    with Terminal(watch, size=(120, 40)) as second:
        with Terminal(watch, size=(120, 40)) as first:
            first.read_until("running")
            second.read_until("running")
            kill(first.process)
            post_command(path, kind="note", payload={"text": "one-is-gone"}, author="tester")
            second.read_until("one-is-gone")
        with Terminal(watch, size=(120, 40)) as again:
            again.read_until("one-is-gone")  # It shows where the drill stands.
            kill(director_of(path))
            again.read_until("the director has died")
            second.read_until("the director has died")
            again.press("R")
            again.read_until("running")
            second.read_until("running")
            post_command(path, kind="note", payload={"text": "it-goes-on"}, author="tester")
            second.read_until("it-goes-on")
            second.press("e")
            second.read_until("The rehearsal ends now")
            second.press("\r")
            second.read_until("ended")
            again.read_until("ended")
    verdict = verify(path)
    assert verdict.faults == []
    with JournalReader(path) as reader:
        kinds = [record.kind for record in reader.records() if record.stream == "conduct"]
    assert kinds.count("resumed") == 1


def test_a_seat_and_its_director_that_are_killed_lose_nothing_that_was_sent(path: Path) -> None:
    with Terminal(command("seat", str(path), PREFECTURE), size=(100, 30)) as seat:
        seat.read_until("acknowledge by")
        seat.press("a")
        seat.read_until("nothing, or a remark")
        seat.press("\r")
        seat.read_until("sent to J-LIS")
        kill(director_of(path))
        kill(seat.process)
    with Terminal(command("seat", str(path), PREFECTURE), size=(100, 30)) as seat:
        seat.read_until("nobody runs this drill any more")
        seat.press("R")
        seat.read_until("acknowledged")
    post_command(path, kind="end", payload={}, author="tester")
    with JournalReader(path) as reader:
        for _turn in range(500):
            if reader.is_sealed:
                break
            time.sleep(0.02)
        events = [decode(record.data) for record in reader.events()]
    answered = [e for e in events if isinstance(e, ev.Acknowledged)]
    assert [e.notice[1] for e in answered] == [PREFECTURE]
    assert verify(path).faults == []
