"""The file of a journal on the disk: made where there was none, taken away again."""

import os
from contextlib import suppress
from pathlib import Path

from drillsim.filenames import fault_of_name
from drillsim.i18n import _, system_reason
from drillsim.journal.errors import JournalError, printable, reason_of


def real(path: Path) -> Path:
    """Return the file that `path` means, through symbolic links.

    Raises:
        JournalError: the path holds what no path can.
    """
    try:
        return Path(os.path.realpath(path))  # Unlike Path.resolve, it bears links in a ring.
    except (OSError, ValueError) as fault:
        raise cannot_be_made(path, fault) from None


def make_folder(folder: Path) -> None:
    """Make the folder in which a drill is to be kept, where there is none.

    Raises:
        JournalError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise JournalError(
            _("{path}: {why}; name another place with --out").format(
                path=printable(folder), why=system_reason(fault)
            )
        ) from None


def make_empty(path: Path) -> None:
    """Make an empty file where there is none, for its owner alone where the system has that.

    A drill holds its contact tree, which is confidential personal data.

    Raises:
        JournalError: there is one, or none can be made, or not under that name on every machine.
    """
    if unfit := fault_of_name(path.name):
        raise JournalError(f"{printable(path)}: {unfit}")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise JournalError(
            _("{path}: exists already; choose another name").format(path=printable(path))
        ) from None
    except (OSError, ValueError) as fault:
        raise cannot_be_made(path, fault) from None


def cannot_be_made(path: Path, fault: Exception) -> JournalError:
    """Return the error for a file that the system does not let us make."""
    return JournalError(
        _("{path}: cannot be made ({reason}); choose a folder that can be written").format(
            path=printable(path), reason=reason_of(fault)
        )
    )


def remove(path: Path) -> None:
    """Take a file that was not finished away, with what SQLite lays beside it.

    What cannot be taken away stays: the error that led here tells more.
    """
    for suffix in "", "-wal", "-shm", "-journal":
        with suppress(OSError):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk; SQLite does so for its own logs, not for the file.

    Raises:
        OSError: the disk failed.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows has no such call.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
