"""A second process with a mail server of its own: it reads answers, and carries the drill's mails.

What recognising an answer and handing a mail over cost needs nothing but bytes, and is half of a
rehearsal. So answers are handed in here as soon as they are written, and mostly it lies there what
they are when their turn in the drill comes; and the mails of a commit go by SMTP from there to a
server there, while the first process works out what comes next. Nothing depends on it: what it has
not read, whoever asks reads; what it may not have carried is given back.

The process lives no longer than the one that started it: it ends where its input does
(`drillsim.mail.second_side`).
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias

from drillsim.i18n import language
from drillsim.mail.frames import Frames, say, widen
from drillsim.mail.replies import Recognised
from drillsim.mail.sessions import SubmitFailedError
from drillsim.mail.sink import KnownRecipients, Reply

WAITING_MAX: Final = 256
"""Mails handed in and not yet taken back; what comes on top is left to the first process."""
_SIDE: Final = "drillsim.mail.second_side"
_FIELDS: Final = tuple(each.name for each in fields(Recognised))
AS_TUPLE: Final = attrgetter(*_FIELDS)
"""A tuple is unpacked in half the time of a dataclass."""

_log = logging.getLogger(__name__)


class Load(NamedTuple):
    """A mail that is to be handed over."""

    name: str
    """The hash of its bytes."""
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    """Empty on its way to a process that has the bytes."""
    planned: Reply | None
    """What the server is to reply at RCPT."""


class Start(NamedTuple):
    """What the process is told first."""

    language: str
    known: KnownRecipients
    """For whom its server takes mail."""
    size_max: int
    """Bytes of a mail."""


ToRead: TypeAlias = tuple[Literal["read"], str, bytes]
"""A mail to be read: its hash, its bytes."""
ToCarry: TypeAlias = tuple[Literal["carry"], int, list[Load]]
"""Mails to be handed over, and the number under which it is told that they are in."""


class SecondProcess:
    """Reads and carries mails in a process of its own; a context manager, within which it is there.

    Attributes:
        taken: how many mails it has read for others.
        carried: how many mails it has handed over.
    """

    def __init__(
        self, known: KnownRecipients, size_max: int, arrived: Callable[[str], object]
    ) -> None:
        """Prepare; the process starts with the context.

        Args:
            known: for whom its server takes mail.
            size_max: bytes of a mail.
            arrived: told the hash of each mail that has come through its server.
        """
        self.taken = self.carried = 0
        self._start = Start(language(), known, size_max)
        self._arrived = arrived
        self._process: subprocess.Popen[bytes] | None = None
        self._results: Frames | None = None
        self._listens = threading.Event()
        self._starting: threading.Thread
        self._waiting: set[str] = set()
        self._found: dict[str, Recognised] = {}
        self._kept: set[str] = set()
        """Mails whose bytes it has."""
        self._to_carry: list[Load] = []
        self._under_way: dict[int, list[Load]] = {}
        self._count = 0
        self._fault = ""

    def __enter__(self) -> Self:
        apart: dict[str, Any] = {"start_new_session": True}  # Ctrl+C is for the first process.
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            apart = {"creationflags": flags}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this very program
                [sys.executable, "-m", _SIDE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=1 << 16,
                **apart,
            )
        except OSError as error:
            _log.warning("mails are read and carried by one process alone", exc_info=error)
        else:
            assert self._process.stdout is not None
            widen(self._process.stdin, self._process.stdout)
            self._results = Frames(self._process.stdout.fileno())
            # Until it has started, which takes a moment, nothing is asked of it.
            self._starting = threading.Thread(
                target=self._tell, args=(self._process, self._results), daemon=True
            )
            self._starting.start()
        return self

    def _tell(self, process: subprocess.Popen[bytes], results: Frames) -> None:
        with suppress(OSError, EOFError, ValueError):  # It is gone, or not wanted any more.
            assert process.stdin is not None
            say(process.stdin, self._start)
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

    @property
    def _is_there(self) -> bool:
        return self._process is not None and self._listens.is_set()

    # Reading ------------------------------------------------------------------------------------

    def hand_in(self, name: str, raw: bytes) -> None:
        """Have a mail read, if there is room.

        Args:
            name: the hash of its bytes.
            raw: its bytes.
        """
        if not self._is_there or len(self._waiting) >= WAITING_MAX:
            return
        self._waiting.add(name)
        self._kept.add(name)
        # At once: it is often wanted soon.
        self._send(("read", name, raw))

    def is_reading(self, name: str) -> bool:
        """Whether `take` would wait."""
        if name not in self._waiting or name in self._found:
            return False
        self._hear(wait=False)
        return self._process is not None and name not in self._found

    def take(self, name: str) -> Recognised | None:
        """Return what a mail is, once; wait for it where it is being read.

        None: it was not handed in, or the process is gone.
        """
        if name not in self._waiting:
            return None
        self._waiting.discard(name)
        if name not in self._found:
            while self._process is not None and name not in self._found:
                self._hear(wait=True)
        found = self._found.pop(name, None)
        self.taken += found is not None
        return found

    # Carrying -----------------------------------------------------------------------------------

    def carry(self, load: Load) -> bool:
        """Have a mail handed over with the next `send_off`; return whether the process is there."""
        if not self._is_there:
            return False
        self._to_carry.append(load)
        return True

    def send_off(self) -> None:
        """Hand over what is to be carried."""
        if not self._to_carry:
            return
        loads, self._to_carry = self._to_carry, []
        self._count += 1
        self._under_way[self._count] = loads
        brief: list[Load] = []
        for load in loads:
            is_there = load.name in self._kept
            self._kept.discard(load.name)
            brief.append(Load(*load[:3], b"", load.planned) if is_there else load)
        self._send(("carry", self._count, brief))

    @property
    def is_carrying(self) -> bool:
        """Whether `require_in` would wait, by what it has told so far."""
        return bool(self._under_way)

    def require_in(self) -> list[Load]:
        """Wait until all that is to be carried is in.

        Returns:
            Mails that may not have been handed over, since the process is gone.

        Raises:
            SubmitFailedError: its server said what nobody had planned.
        """
        self.send_off()
        while self._under_way and self._process is not None:
            self._hear(wait=True)
        if self._fault:
            raise SubmitFailedError(self._fault)
        if self._process is not None:
            return []
        left = [load for loads in self._under_way.values() for load in loads] + self._to_carry
        self._under_way.clear()
        self._to_carry.clear()
        return left

    # Both ---------------------------------------------------------------------------------------

    def _send(self, job: ToRead | ToCarry) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        try:
            # It takes in whatever comes at any time, so this does not wait for what it does.
            say(self._process.stdin, job)
        except OSError as error:
            self._is_gone(error)

    def _hear(self, *, wait: bool) -> None:
        """Take in what the process tells."""
        if self._results is None or not (wait or self._results.has_come()):
            return
        try:
            told = self._results.come()
        except (OSError, EOFError) as error:
            self._is_gone(error)
            return
        for what, about, said in told:
            if what == "read":
                self._found[about] = Recognised(**dict(zip(_FIELDS, said, strict=True)))
            elif said:
                self._fault = said
                del self._under_way[about]
            else:
                for load in self._under_way.pop(about):
                    self.carried += 1
                    self._arrived(load.name)

    def close(self) -> None:
        """Let the process end, and forget what it has not told."""
        process, self._process, self._results = self._process, None, None
        if process is None:
            return
        self._listens.clear()
        process.kill()  # It keeps nothing.
        process.wait()
        # It reads by the pipe's number, which may be another's once this one is closed.
        self._starting.join()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError):  # What was still to be sent is not wanted any more.
                stream.close()

    def _is_gone(self, error: Exception) -> None:
        """Go on without the process."""
        _log.warning("the process that reads and carries mails is gone", exc_info=error)
        self.close()
