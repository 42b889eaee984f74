"""Files that hold personal data, written whole or not at all, for their owner alone.

Contact lists are confidential: where the system has such rights, nobody else may read what is
written here (mode 0600). On Windows the folder's own rights count.
"""

import contextlib
import os
import tempfile
from pathlib import Path

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

OWNER_ONLY = 0o600


def write_private(path: Path, data: bytes, *, replace: bool) -> None:
    """Write a file by way of another beside it, so that the old one or the new one is there.

    Raises:
        UsageError: it is there already, and is not to be replaced; or its folder is not there.
    """
    if not replace and path.exists():
        raise _is_there(path)
    try:
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    except FileNotFoundError:
        raise UsageError(
            _("there is no folder {path}; make it first").format(path=clean_line(str(path.parent)))
        ) from None
    try:  # mkstemp gives 0600 wherever there are such rights.
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(beside).replace(path)
        else:
            _put_new(Path(beside), path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(beside).unlink()
    _sync_folder(path.parent)


def _put_new(beside: Path, path: Path) -> None:
    """Give a file its name, unless somebody else was quicker."""
    if os.name == "nt":  # Its rename refuses by itself.
        try:
            beside.rename(path)
        except FileExistsError:
            raise _is_there(path) from None
        return
    try:
        os.link(beside, path)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError:  # A file system without hard links.
        beside.replace(path)


def _sync_folder(folder: Path) -> None:
    """Let the name outlive a power cut, where folders can be synced."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # Some network file systems know no such thing.
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_there(path: Path) -> UsageError:
    return UsageError(
        _("{path} is there already; name another file").format(path=clean_line(str(path)))
    )
