"""A program in a pseudo-terminal: keys are typed, and what it draws is read."""

import os
import select
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_KILL: Final = 9
"""SIGKILL, which Windows has no name for."""


class Terminal:
    """A program that runs in a terminal of its own; killed where it has not ended by itself."""

    out: bytes
    """All that it has written so far."""
    _process: int
    _terminal: int
    _exit: int | None

    def __init__(
        self,
        words: Sequence[str],
        *,
        size: tuple[int, int] = (80, 24),
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if sys.platform == "win32":
            raise AssertionError("needs a POSIX terminal")
        import fcntl
        import pty
        import termios

        self.out = b""
        self._exit = None
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            unset = ("NO_COLOR", "COLUMNS", "LINES")
            kept = {name: value for name, value in os.environ.items() if name not in unset}
            usual = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
            if folder is not None:
                os.chdir(folder)
            # Not execv: readline sets COLUMNS and LINES behind the back of os.environ.
            os.execve(words[0], list(words), {**kept, **usual, **(environment or {})})
        columns, rows = size
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Type keys, as a terminal sends them."""
        os.write(self._terminal, keys.encode())

    def read(self, seconds: float) -> bytes:
        """Return what comes within so many seconds."""
        before = len(self.out)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self._take(0.05):
            pass
        return self.out[before:]

    def read_until(self, text: str, seconds: float = 30) -> None:
        """Read until `text` has come since the last call, or fail."""
        wanted = text.encode()
        start = len(self.out)
        deadline = time.monotonic() + seconds
        while wanted not in self.out[max(start - len(wanted), 0) :]:
            if time.monotonic() > deadline or not self._take(0.1):
                raise AssertionError(f"{text!r} never came; last: {self.out[-2000:]!r}")

    def read_to_end(self, seconds: float) -> int:
        """Read until the program ends; return its exit code."""
        deadline = time.monotonic() + seconds
        while self._take(0.1):
            if time.monotonic() > deadline:
                raise AssertionError("the program does not end")
        _process, status = os.waitpid(self._process, 0)
        self._exit = os.waitstatus_to_exitcode(status)
        return self._exit

    @property
    def process(self) -> int:
        """The number of the program's process."""
        return self._process

    def processor_seconds(self) -> float:
        """Return how long the program has kept a core busy so far (Linux)."""
        if sys.platform == "win32":
            raise AssertionError("needs Linux")
        fields = Path(f"/proc/{self._process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _take(self, seconds: float) -> bool:
        """Take what is there within so many seconds; return False when the program has gone."""
        ready, _writable, _failed = select.select([self._terminal], [], [], seconds)
        if not ready:
            return True
        try:
            found = os.read(self._terminal, 65_536)
        except OSError:
            return False  # EIO: nobody writes any more.
        self.out += found
        return bool(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._exit is None:
            os.kill(self._process, _KILL)  # A zombie takes it as well.
            os.waitpid(self._process, 0)
        os.close(self._terminal)
