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
import select
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
BATCH: Final = 4
"""Mails that are sent to it together: each sending costs the first process as much as some bytes of
mail, and it is not to wait for the first ones long."""

_PIPE_BYTES: Final = 1 << 20
"""As much as Linux gives to everybody (pipe(7))."""
_READ_BYTES: Final = 1 << 16
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
        self._results: _Frames | None = None
        self._to_send: list[tuple[str, bytes]] = []
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
            assert self._process.stdout is not None
            _widen(self._process.stdin, self._process.stdout)
            self._results = _Frames(self._process.stdout.fileno())
            # Until it has started, which takes a moment, mails are not handed in.
            threading.Thread(target=self._hear, args=(self._results,), daemon=True).start()
        return self

    def _hear(self, results: "_Frames") -> None:
        with suppress(OSError, EOFError):  # It is gone, or not wanted any more.
            results.come()
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
        self._to_send.append((name, raw))
        self._waiting.add(name)
        if len(self._to_send) >= BATCH:
            self._send()

    def _send(self) -> None:
        mails, self._to_send = self._to_send, []
        if self._process is None or not mails:
            return
        assert self._process.stdin is not None
        try:
            # It takes in whatever comes at any time, so this does not wait for what it does.
            _write(self._process.stdin, mails)
        except OSError as error:
            self._is_gone(error)

    def is_reading(self, name: str) -> bool:
        """Whether `take` would wait."""
        if name not in self._waiting or name in self._found:
            return False
        self._send()
        self._hear_more(wait=False)
        return self._process is not None and name not in self._found

    def take(self, name: str) -> Recognised | None:
        """Return what a mail is, once; wait for it where it is being read.

        None: it was not handed in, or the process is gone.
        """
        if name not in self._waiting:
            return None
        self._waiting.discard(name)
        if name not in self._found:
            self._send()
            while self._process is not None and name not in self._found:
                self._hear_more(wait=True)
        found = self._found.pop(name, None)
        self.taken += found is not None
        return found

    def _hear_more(self, *, wait: bool) -> None:
        """Take in what the process tells."""
        if self._results is None or not (wait or self._results.has_come()):
            return
        try:
            told = self._results.come()
        except (OSError, EOFError) as error:
            self._is_gone(error)
            return
        for name, got in told:
            self._found[name] = Recognised(**dict(zip(_FIELDS, got, strict=True)))

    def close(self) -> None:
        """Let the process end, and forget what it has not told."""
        process, self._process, self._results = self._process, None, None
        if process is None:
            return
        self._listens.clear()
        self._to_send.clear()
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


class _Frames:
    """What comes through a pipe, as it comes."""

    def __init__(self, pipe: int) -> None:
        """Read from this end."""
        self._pipe = pipe
        self._data = bytearray()

    def has_come(self) -> bool:
        """Whether there is something; True where the system does not tell."""
        if sys.platform == "win32":
            return True
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        return bool(poll.poll(0))

    def come(self) -> list[Any]:
        """Wait until something has come; return what is there as a whole.

        Raises:
            EOFError: nothing more comes.
            OSError: the pipe is closed.
        """
        data = self._data
        items: list[Any] = []
        while not items:
            more = os.read(self._pipe, _READ_BYTES)
            if not more:
                raise EOFError
            data += more
            at = 0
            while len(data) >= (begins := at + _LENGTH.size):
                ends = begins + _LENGTH.unpack_from(data, at)[0]
                if len(data) < ends:
                    break
                items.append(pickle.loads(data[begins:ends]))  # noqa: S301 - see `_read`
                at = ends
            del data[:at]
        return items


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
                for mail in _read(stream):
                    come.put(mail)
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
