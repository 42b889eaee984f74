"""A second process that finds out what mails are, while the first goes on with the drill.

To recognise an answer is a third of what a rehearsal costs, and needs nothing but its bytes. So
they are handed in here as soon as they are written; when the answer has arrived and its turn in the
drill comes, what it is mostly lies there. Nothing depends on that: a mail that was not read here,
because there was no room or the process is gone, is read by whoever asks.

The process lives no longer than the one that started it: it ends where its input does.
"""

import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from struct import Struct
from types import TracebackType
from typing import IO, Any, Final, Self

from drillsim.i18n import language, set_language
from drillsim.mail.replies import Recognised, recognise

WAITING_MAX: Final = 256
"""Mails handed in and not yet taken back; what comes on top is left to the first process."""

_PIPE_BYTES: Final = 1 << 20
"""As much as Linux gives to everybody (pipe(7))."""
_LENGTH: Final = Struct("<I")
_FIELDS: Final = tuple(each.name for each in fields(Recognised))
_AS_TUPLE: Final = attrgetter(*_FIELDS)
"""A tuple is unpacked in half the time of a dataclass."""

_log = logging.getLogger(__name__)


class SecondReader:
    """Recognises mails in a process of its own; a context manager, within which it is there.

    Attributes:
        taken: how many mails it has read for others.
    """

    def __init__(self) -> None:
        """Prepare; the process starts with the context."""
        self.taken = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: set[str] = set()
        self._found: dict[str, Recognised] = {}
        self._listens = threading.Event()

    def __enter__(self) -> Self:
        apart: dict[str, Any] = {"start_new_session": True}  # Ctrl+C is for the first process.
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            apart = {"creationflags": flags}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", __name__, language()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=1 << 16,
                **apart,
            )
        except OSError as error:
            _log.warning("mails are read by one process alone", exc_info=error)
        else:
            _widen(self._process.stdin, self._process.stdout)
            # Until it has started, which takes a moment, mails are not handed in.
            hears = threading.Thread(target=self._hear, args=(self._process.stdout,), daemon=True)
            hears.start()
        return self

    def _hear(self, stream: IO[bytes]) -> None:
        with suppress(OSError, EOFError, ValueError):  # It is gone, or not wanted any more.
            _read(stream)
            self._listens.set()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def has_started(self, seconds: float) -> bool:
        """Wait for it to listen, at most so long; return whether it does."""
        return self._listens.wait(seconds)

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """The process; None where there is none."""
        return self._process

    def hand_in(self, name: str, raw: bytes) -> None:
        """Have a mail read, if there is room.

        Args:
            name: the hash of its bytes.
            raw: its bytes.
        """
        is_there = self._process is not None and self._listens.is_set()
        if not is_there or len(self._waiting) >= WAITING_MAX:
            return
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            # It takes in whatever comes at any time, so this does not wait for what it does.
            _write(self._process.stdin, (name, raw))
        except OSError as error:
            self._is_gone(error)
        else:
            self._waiting.add(name)

    def take(self, name: str) -> Recognised | None:
        """Return what a mail is, once; wait for it where it is being read.

        None: it was not handed in, or the process is gone.
        """
        if name not in self._waiting:
            return None
        self._waiting.discard(name)
        while self._process is not None and name not in self._found:
            assert self._process.stdout is not None
            try:
                other, got = _read(self._process.stdout)
            except (OSError, EOFError) as error:
                self._is_gone(error)
            else:
                self._found[other] = Recognised(**dict(zip(_FIELDS, got, strict=True)))
        found = self._found.pop(name, None)
        self.taken += found is not None
        return found

    def close(self) -> None:
        """Let the process end, and forget what it has not told."""
        process, self._process = self._process, None
        if process is None:
            return
        self._listens.clear()
        process.kill()  # It keeps nothing.
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError):  # What was still to be sent is not wanted any more.
                stream.close()

    def _is_gone(self, error: Exception) -> None:
        """Go on without the process."""
        _log.warning("the process that reads mails is gone", exc_info=error)
        self.close()


def _widen(*pipes: IO[bytes] | None) -> None:
    """Let more lie in the pipes, so that neither process waits for the other; where that can be."""
    if sys.platform == "linux":
        import fcntl

        for pipe in pipes:
            assert pipe is not None
            with suppress(OSError):  # They work as they are, too.
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _write(stream: IO[bytes], item: object) -> None:
    data = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: IO[bytes]) -> Any:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 - from this program's own other process


# The other process --------------------------------------------------------------------------------


def _mails(stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the mails that are handed in; a thread takes them in, however long one is read."""
    come: queue.SimpleQueue[tuple[str, bytes] | None] = queue.SimpleQueue()

    def take_in() -> None:
        try:
            while True:
                come.put(_read(stream))
        except (OSError, EOFError):
            come.put(None)

    threading.Thread(target=take_in, daemon=True).start()
    while (mail := come.get()) is not None:
        yield mail


def main(words: list[str]) -> int:
    """Read mails from the input until it ends; `words` has the language of what is said of them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_language(words[0])
    out = os.fdopen(os.dup(1), "wb")
    with suppress(BrokenPipeError):  # Nobody asks any more.
        _write(out, "ready")
        for name, raw in _mails(sys.stdin.buffer):
            _write(out, (name, _AS_TUPLE(recognise(raw))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
