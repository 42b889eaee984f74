"""A whole session with the editor in a real terminal of 80 by 24, in Japanese."""

import difflib
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drillsim.files.contacts.lint import lint_file
from drillsim.files.contacts.office_rules import today_in_japan
from drillsim.problem import ExitCode
from drillsim.shipped import shipped_dir

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")

KEYS = {
    "enter": "\r",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "tab": "\t",
    "right": "\x1b[C",
    "escape": "\x1b",
}


class Session:
    """The command in a terminal: keys in, what it draws out."""

    def __init__(self, terminal: int, process: int) -> None:
        self._terminal = terminal
        self._process = process
        self._drawn = b""
        self.code: int | None = None

    def press(self, *keys: str) -> None:
        """Press keys: by name, `ctrl+x`, or text as it is typed."""
        for key in keys:
            text = chr(ord(key[-1]) - 0x60) if key.startswith("ctrl+") else KEYS.get(key, key)
            os.write(self._terminal, text.encode())
            if key == "escape":
                self.quiet()  # With the next key at once, it would begin a sequence.

    def until(self, wanted: str, seconds: float = 60) -> None:
        """Wait until something was drawn since the last wait."""
        deadline = time.monotonic() + seconds
        while wanted.encode() not in self._drawn:
            assert time.monotonic() < deadline, f"{wanted} was never drawn"
            self._read(0.2)
        self._drawn = b""

    def holds(self, wanted: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + seconds
        while not wanted():
            assert time.monotonic() < deadline
            self._read(0.2)

    def quiet(self) -> None:
        """Wait until nothing is drawn for a moment."""
        while self._read(0.25):
            pass

    def ended(self, seconds: float = 30) -> int:
        """Wait until the command has ended; return its exit code."""
        if sys.platform == "win32":
            raise AssertionError("needs a POSIX terminal")
        deadline = time.monotonic() + seconds
        while self.code is None:
            assert time.monotonic() < deadline, "it never ended"
            self._read(0.1)
            process, status = os.waitpid(self._process, os.WNOHANG)
            if process:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def _read(self, seconds: float) -> bool:
        if not select.select([self._terminal], [], [], seconds)[0]:
            return False
        try:
            self._drawn += os.read(self._terminal, 65_536)
        except OSError:  # The other end is closed.
            return False
        return True


@contextmanager
def session(*arguments: str) -> Iterator[Session]:
    """Run drillsim in a terminal of 80 columns and 24 lines."""
    if sys.platform == "win32":
        raise AssertionError("needs a POSIX terminal")
    import fcntl
    import pty
    import struct
    import termios

    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
        os.execv(sys.executable, [sys.executable, "-m", "drillsim", *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    screen = Session(terminal, process)
    try:
        yield screen
    finally:
        if screen.code is None:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(terminal)


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in list(lines)[2:] if line[0] in "-+"]


def test_a_stand_in_is_added_and_a_finding_mended_and_only_those_lines_change(
    tmp_path: Path,
) -> None:
    path = tmp_path / "yamaguchi.yaml"
    right = (shipped_dir("contacts") / "yamaguchi.yaml").read_text("utf-8")
    wrong = right.replace("萩市 市民課", "荻市 市民課")
    path.write_text(wrong, "utf-8")
    with session("contacts", "edit", str(path), "--lang", "ja") as screen:
        screen.until("指摘事項1件")
        screen.press("ctrl+f")
        screen.until("電話番号で探せます")
        screen.press("かみのせき", "enter")
        screen.quiet()
        screen.press("tab", "right", "a")  # The page of the first officer; another one after it.
        screen.quiet()
        screen.press("室津 なぎさ", "down", "むろつ なぎさ", "down", "主事")
        screen.press("down", "murotsu@town-kaminoseki.example", "down", "0820-00-1803")
        screen.press("down", "down", "090-0000-0141", "escape", "t")
        screen.quiet()
        screen.press("ctrl+n")
        screen.quiet()
        screen.press("up", "up", "up", "ctrl+u", "萩市 市民課")
        screen.quiet()
        screen.press("ctrl+s")
        screen.until("Enterで保存")
        assert path.read_text("utf-8") == wrong
        screen.press("enter")
        screen.holds(lambda: path.read_text("utf-8") != wrong)
        screen.press("escape", "escape", "q")
        screen.ended()
    assert lint_file(path, today_in_japan()).findings == ()
    assert changed(wrong, path.read_text("utf-8")) == [
        "-    name: 荻市 市民課",
        "+    name: 萩市 市民課",
        "+      - name: 室津 なぎさ",
        "+        kana: むろつ なぎさ",
        "+        role: 主事",
        "+        email: murotsu@town-kaminoseki.example",
        "+        phone: 0820-00-1803",
        "+        off-hours: {phone: 090-0000-0141}",
        f"+        verified: {today_in_japan().isoformat()}",
    ]


def test_a_broken_file_is_one_line_and_wrong_use(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("format: drillsim-contacts/1\nnodes:\n  - id: [a\n", "utf-8")
    with session("contacts", "edit", str(path)) as screen:
        screen.until("broken.yaml:")
        assert screen.ended() == ExitCode.WRONG_USE
