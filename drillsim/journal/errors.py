"""What can go wrong with a journal.

Wrong use and unreadable input (exit code 2) are `JournalError`s: one line that names the file, what
is wrong and how to mend it. `JournalWriteError` is the one that ends a running drill (exit code 3).
"""

import os
import sqlite3

from drillsim.i18n import _, system_reason
from drillsim.problem import StoppedError, UsageError
from drillsim.text import clean_line


class JournalError(UsageError):
    """A journal cannot be used in the way that was asked for."""


class UnreadableJournalError(JournalError):
    """The file is no journal, a damaged one, or one of a later format."""


class NeverBegunError(UnreadableJournalError):
    """The director was cut off while it laid the journal out: there was no drill yet."""


class JournalBusyError(JournalError):
    """Another process holds the journal, as its director or inside a write."""


class SealedError(JournalError):
    """The drill has ended: its journal takes no more records, mails or commands."""


class JournalWriteError(StoppedError):
    """The disk did not take what was written (full, failed, failed fsync): the drill must stop.

    What was committed before stands, so the drill can be resumed. The journal object that raised
    it refuses every further write: after a failed fsync nobody knows what is on the disk.
    """


def printable(path: str | os.PathLike[str]) -> str:
    """Return `path` on one line, whatever it is made of."""
    return clean_line(os.fspath(path))


def is_busy(fault: sqlite3.Error) -> bool:
    """Whether another connection was in the way, so that the same statement may succeed later."""
    return primary_code(fault) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def primary_code(fault: sqlite3.Error) -> int:
    """Return SQLite's result code without its details; 0 where the fault is Python's own."""
    code: int = getattr(fault, "sqlite_errorcode", 0)
    return code & 0xFF


def reason_of(fault: Exception) -> str:
    """Return why the system refused, or SQLite in its own words."""
    if isinstance(fault, OSError):
        return system_reason(fault)
    return str(fault) or type(fault).__name__


def busy(path: str | os.PathLike[str]) -> JournalBusyError:
    """Return the error for a journal in which another process keeps writing."""
    return JournalBusyError(
        _("{path}: another process has been writing in it for seconds; try again").format(
            path=printable(path)
        )
    )


def not_written(path: str | os.PathLike[str], fault: Exception) -> JournalWriteError:
    """Return the error that ends a drill whose journal could not be written."""
    return JournalWriteError(
        _("{path}: the journal cannot be written ({reason}); mend the disk, then resume").format(
            path=printable(path), reason=reason_of(fault)
        )
    )


def not_begun(path: str | os.PathLike[str], fault: Exception) -> JournalWriteError:
    """Return the error that ends a drill before anything was written."""
    return JournalWriteError(
        _("{path}: no journal can be written ({reason}); mend the disk, then begin again").format(
            path=printable(path), reason=reason_of(fault)
        )
    )


def not_whole(path: str | os.PathLike[str], fault: Exception) -> JournalWriteError:
    """Return the error for a sealed journal that could not be made a single file."""
    return JournalWriteError(
        _(
            "{path}: the drill has ended, but its journal could not be moved into one file "
            "({reason}); mend the disk, then copy it with `drillsim export`"
        ).format(path=printable(path), reason=reason_of(fault))
    )


def sealed(path: str | os.PathLike[str]) -> SealedError:
    """Return the error for writing into a sealed journal."""
    return SealedError(
        _("{path}: the drill has ended and its journal is sealed; begin a new drill").format(
            path=printable(path)
        )
    )


def altered(path: str | os.PathLike[str], what: str) -> UnreadableJournalError:
    """Return the error for whoever wants to work with a journal that is not what was written."""
    return UnreadableJournalError(
        _("{path}: {what}; use an unaltered copy (`drillsim verify` tells more)").format(
            path=printable(path), what=what
        )
    )
