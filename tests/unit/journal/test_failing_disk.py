"""Disks that are full or fail, below the program: it says so, and the drill can be gone on with."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drillsim.journal import Journal, JournalWriteError, verify
from tests.unit.journal.sample import event, new

DRILL = """
import os, sys
from pathlib import Path
from drillsim.journal import Journal, event_entry
from drillsim.problem import CommandError

def say(text):
    os.write(1, (text + "\\n").encode())

try:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limit = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
except ImportError:
    pass

try:
    files = {"a.yaml": b"x" * 9000}
    with Journal.create(Path(sys.argv[1]), meta={}, files=files, durable=True) as journal:
        for at in range(1, 6):
            raw = b"mail %d " % at * 300
            name = journal.store_mail(raw, direction="in", sender="", recipients=[])
            journal.append([event_entry({"kind": "k", "at": at, "raw": name})])
            say("committed")
        journal.seal()
        say("sealed")
except CommandError as error:
    say(str(error))
    sys.exit(int(error.exit_code))
"""

UNLIMITED = 1 << 30


def run(path: Path, limit: int, *before: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, before), sys.executable, "-c", DRILL, str(path), str(limit)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def assert_nothing_is_lost(path: Path, done: subprocess.CompletedProcess[str]) -> None:
    """Whatever was said to be committed is there; a stop is one line; the drill goes on."""
    assert done.stderr == ""
    said = done.stdout.splitlines()
    committed = said.count("committed")
    if done.returncode == 0:
        assert said == ["committed"] * 5 + ["sealed"]
        assert verify(path).is_sealed
        return
    assert done.returncode == 3
    assert said[:-1] == ["committed"] * committed
    assert said[-1].startswith(f"{path}: ")
    if "begin again" in said[-1]:
        assert committed == 0
        assert list(path.parent.iterdir()) == []
        new(path).close()
        return
    verdict = verify(path)
    assert verdict.ok, verdict.faults
    assert verdict.count >= committed
    if verdict.is_sealed:
        assert committed == 5
        return
    with Journal.open(path) as journal:
        journal.append([event(9)])
        seal = journal.seal()
    assert verify(path, expect_head=seal.head).ok


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on a file's size there")
@pytest.mark.parametrize("kilobytes", [1, 30, 70, 85, 95, 150])
def test_a_disk_that_becomes_full(tmp_path: Path, kilobytes: int) -> None:
    folder = tmp_path / "drills"
    folder.mkdir()
    done = run(folder / "r5.drill", kilobytes * 1024)
    assert_nothing_is_lost(folder / "r5.drill", done)
    assert done.returncode == (3 if kilobytes < 150 else 0)


strace = shutil.which("strace")


@pytest.mark.skipif(strace is None, reason="strace is not installed")
@pytest.mark.parametrize(
    ("call", "error", "when"),
    [
        ("fdatasync", "EIO", 4),
        ("fdatasync", "EIO", 10),
        ("fdatasync", "EIO", 15),
        ("fdatasync", "EIO", 22),
        ("fdatasync", "ENOSPC", 25),
        ("pwrite64", "EIO", 56),
        ("pwrite64", "ENOSPC", 58),
        ("openat", "EACCES", 3),
        ("ftruncate", "EIO", 4),
        ("unlink", "EIO", 2),
    ],
)
def test_a_system_call_that_fails(tmp_path: Path, call: str, error: str, when: int) -> None:
    folder = tmp_path / "drills"
    folder.mkdir()
    path = folder / "r5.drill"
    watched = [
        word
        for name in (path, f"{path}-wal", f"{path}-shm", f"{path}-journal", folder)
        for word in ("-P", name)
    ]
    trace = tmp_path / "trace"
    inject = f"inject={call}:error={error}:when={when}"
    done = run(path, UNLIMITED, strace, "-f", "-q", "-o", trace, *watched, "-e", inject)
    if "ptrace" in done.stderr:
        pytest.skip("processes may not be traced here")
    if "INJECTED" not in trace.read_text():
        pytest.skip("this SQLite makes fewer such calls")
    assert_nothing_is_lost(path, done)


def test_after_a_failed_write_nothing_is_written_any_more(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    with new(path) as journal:
        journal.append([event(1)])
        (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
        journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(JournalWriteError, match="database or disk is full"):
            journal.store_mail(bytes(99_999), direction="in", sender="", recipients=[])
        journal._connection.execute("PRAGMA max_page_count = 1000000")
        with pytest.raises(JournalWriteError, match="database or disk is full"):
            journal.append([event(2)])
        with pytest.raises(JournalWriteError, match="database or disk is full"):
            journal.seal()
    with Journal.open(path) as journal:
        assert journal.count == 1
