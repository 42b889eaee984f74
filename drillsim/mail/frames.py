"""What this program's own two processes say to each other: pickled things of known length.

Both ends are this very program, and no third one has the pipes.
"""

import os
import pickle
import select
import sys
from contextlib import suppress
from struct import Struct
from typing import IO, Any, Final

_READ_BYTES: Final = 1 << 16
_PIPE_BYTES: Final = 1 << 20
"""As much as Linux gives to everybody (pipe(7))."""
_LENGTH: Final = Struct("<I")


class Frames:
    """What comes through a pipe, as it comes.

    Attributes:
        pipe: its number.
    """

    def __init__(self, pipe: int) -> None:
        """Read from this end, by its number."""
        self.pipe = pipe
        self._data = bytearray()
        if sys.platform != "win32":
            self._poll = select.poll()
            self._poll.register(pipe, select.POLLIN)

    def has_come(self) -> bool:
        """Whether there is something; True where the system does not tell."""
        if sys.platform == "win32":
            return True
        return bool(self._poll.poll(0))

    def come(self) -> list[Any]:
        """Wait until something has come as a whole, and return what has.

        Raises:
            EOFError: nothing more comes.
            OSError: the pipe is closed.
        """
        while not (items := self.take_in()):
            pass
        return items

    def take_in(self) -> list[Any]:
        """Read once, which waits where nothing has come; return what is there as a whole.

        Raises:
            EOFError: nothing more comes.
            OSError: the pipe is closed.
        """
        data = self._data
        more = os.read(self.pipe, _READ_BYTES)
        if not more:
            raise EOFError
        data += more
        items: list[Any] = []
        at = 0
        while len(data) >= (begins := at + _LENGTH.size):
            ends = begins + _LENGTH.unpack_from(data, at)[0]
            if len(data) < ends:
                break
            items.append(pickle.loads(data[begins:ends]))  # noqa: S301 - this very program
            at = ends
        del data[:at]
        return items


def framed(item: object) -> bytes:
    """Return something as it goes through a pipe."""
    data = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


def say(stream: IO[bytes], item: object) -> None:
    """Write something to the other process.

    Raises:
        OSError: it is gone.
    """
    stream.write(framed(item))
    stream.flush()


def widen(*pipes: IO[bytes] | None) -> None:
    """Let more lie in the pipes, so that neither process waits for the other; where that can be."""
    if sys.platform == "linux":
        import fcntl

        for pipe in pipes:
            assert pipe is not None
            with suppress(OSError):  # They work as they are, too.
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
