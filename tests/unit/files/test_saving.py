"""A file is saved whole or not at all."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drillsim.files.saving import ChangedError, SaveError, write_whole

OLD, NEW = "古い\n".encode() * 2_000, "新しい\n".encode() * 3_000
posix = pytest.mark.skipif(sys.platform == "win32", reason="rights and links of POSIX")


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_saved_is_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_whole(path, OLD)
    write_whole(path, NEW, expected=OLD)
    assert path.read_bytes() == NEW
    assert only(tmp_path) == ["a.yaml"]


def test_a_file_that_somebody_else_changed_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"theirs")
    with pytest.raises(ChangedError, match=r"a\.yaml was changed"):
        write_whole(path, NEW, expected=OLD)
    assert path.read_bytes() == b"theirs"
    path.unlink()
    with pytest.raises(ChangedError):
        write_whole(path, NEW, expected=OLD)
    assert only(tmp_path) == []


def test_a_file_that_is_there_is_kept_where_a_new_one_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_whole(path, OLD, replace=False)
    with pytest.raises(SaveError, match="there already"):
        write_whole(path, NEW, replace=False)
    assert path.read_bytes() == OLD
    assert only(tmp_path) == ["a.yaml"]


@posix
def test_rights_are_kept_and_a_new_file_is_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_whole(path, OLD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    write_whole(path, NEW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "link.yaml"
    real.write_bytes(OLD)
    link.symlink_to(real.name)
    write_whole(link, NEW, expected=OLD)
    assert link.is_symlink()
    assert real.read_bytes() == NEW


def test_a_folder_that_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match=r"there is no folder .*none; make it"):
        write_whole(tmp_path / "none" / "a.yaml", NEW)


def test_what_a_killed_save_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    path = tmp_path / "a[1].yaml"
    old, young = (tmp_path / f".a[1].yaml.{n}.saving" for n in "12")
    for left in (old, young):
        left.write_bytes(b"half")
    long_ago = time.time() - 3_600
    os.utime(old, (long_ago, long_ago))
    write_whole(path, NEW)
    assert only(tmp_path) == [young.name, path.name]


def _killed_at(path: Path, call: int) -> int:
    """Save in a child that is killed at its system call `call`; return how it ended."""
    if sys.platform == "win32":
        raise AssertionError("needs strace")
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        try:
            write_whole(path, NEW, expected=OLD)
        finally:
            os._exit(0)
    os.waitpid(child, os.WUNTRACED)
    inject = f"inject=all:signal=KILL:when={call}"
    command = ["strace", "-qq", "-o", os.devnull, "-e", inject, "-p", str(child)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        _wait_until_traced(child, tracer)
        os.kill(child, signal.SIGCONT)
        _pid, status = os.waitpid(child, 0)
    return status


def _wait_until_traced(child: int, tracer: "subprocess.Popen[str]") -> None:
    if sys.platform == "win32":
        raise AssertionError("needs strace")
    for _turn in range(5_000):
        status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
        if f"TracerPid:\t{tracer.pid}\n" in status:
            return
        if tracer.poll() is not None:
            break
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert tracer.stderr is not None
    pytest.skip(f"strace may not trace here: {tracer.stderr.read().strip()}")


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_killed_at_any_system_call_a_save_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    found = []
    for call in range(1, 500):
        path.write_bytes(OLD)
        status = _killed_at(path, call)
        found.append(path.read_bytes())
        assert found[-1] in (OLD, NEW), f"half a file after system call {call}"
        for left in tmp_path.glob(".*"):
            left.unlink()
        if status == 0:
            break
    assert found[0] == OLD
    assert found[-1] == NEW
    assert len(found) > 10
