"""The lock that admits one director to a drill.

It is the operating system's lock on a file beside the journal (`X.drill.lock`), so it ends with the
process that holds it, however that ends. The file itself says nothing; it names the process for
whoever is refused.
"""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from drillsim.i18n import _
from drillsim.journal.disk import cannot_be_made, real
from drillsim.journal.errors import JournalBusyError, printable

_LOCKED_BYTE = 1 << 20
"""Windows keeps others from reading a locked range: lock a byte that nobody reads."""

_TRIES, _TRY_SECONDS = 5, 0.01
"""How often, and how long apart, a director tries: somebody may just be asking (`is_held`)."""

_held: set[Path] = set()


def held_here(path: Path) -> bool:
    """Whether a director in this very process holds the journal at `path`."""
    return real(path) in _held


def is_held(path: Path) -> bool:
    """Whether a director, in whatever process, holds the journal at `path` at this moment.

    A lock file that a killed director left behind holds nothing. One that may not be looked at
    counts as held.

    Raises:
        JournalError: the path holds what no path can.
    """
    if held_here(path):
        return True
    drill = real(path)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(drill.with_name(drill.name + ".lock"), flags)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not _try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


class DirectorLock:
    """The right to write the records of the journal at `path`."""

    def __init__(self, path: Path) -> None:
        """Take the right.

        Raises:
            JournalBusyError: another director has it.
            JournalError: no file can be made there.
        """
        self._drill = real(path)
        self.path = self._drill.with_name(self._drill.name + ".lock")
        self._descriptor = -1
        while self._descriptor < 0:
            self._descriptor = self._take()
        _held.add(self._drill)

    def _take(self) -> int:
        """Return a locked descriptor, or -1 if the file was taken away meanwhile."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self.path, flags, 0o644)
        except OSError as fault:
            raise cannot_be_made(self.path, fault) from None
        try:
            if not _lock_in_time(descriptor):
                raise JournalBusyError(
                    _(
                        "{path}: another director runs this drill (process {process}); "
                        "follow it with watch, or end it first"
                    ).format(path=printable(self._drill), process=_owner(descriptor))
                )
            if not _is_at(descriptor, self.path):
                os.close(descriptor)
                return -1
            with suppress(
                OSError
            ):  # The lock holds without it; a full disk is told by the journal.
                os.ftruncate(descriptor, 0)
                os.write(descriptor, b"%d\n" % os.getpid())
        except BaseException:
            _close_quietly(descriptor)
            raise
        return descriptor

    def release(self) -> None:
        """Give the right back, and take the file away. More than once does nothing."""
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        _held.discard(self._drill)
        if sys.platform == "win32":
            # An open file cannot be taken away there; if the next director was quicker, the file
            # is open again and stays.
            os.close(descriptor)
            _unlink(self.path)
        else:
            # Whoever waits with the old file open sees that the name has another file or none.
            _unlink(self.path)
            os.close(descriptor)


def _lock_in_time(descriptor: int) -> bool:
    for _n in range(_TRIES - 1):
        if _try_lock(descriptor):
            return True
        time.sleep(_TRY_SECONDS)
    return _try_lock(descriptor)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        return  # Open elsewhere, or the folder is read-only now: an unlocked file harms none.


def _close_quietly(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return  # Closed already.


def _owner(descriptor: int) -> str:
    try:
        text = os.pread(descriptor, 20, 0) if hasattr(os, "pread") else os.read(descriptor, 20)
    except OSError:
        return "?"
    digits = text.strip()
    return digits.decode() if digits.isdigit() else "?"


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether `path` still names the file of `descriptor`."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, *, shared: bool = False) -> bool:  # noqa: ARG001
        # There is no shared lock: of two who ask at the same moment, one may see the other.
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool = False) -> bool:
        # flock belongs to the open file: closing another descriptor of it does not free it, as it
        # would with lockf.
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
