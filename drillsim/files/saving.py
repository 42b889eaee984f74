"""Writing a file whole: whoever looks finds the old file or the new one, whatever happens.

The new file is written beside the old one, forced to disk, put in its place by one rename, and the
folder is forced to disk. What a killed process leaves behind is a hidden file of its own, which a
later save removes.
"""

import contextlib
import glob
import os
import secrets
import stat
import sys
import time
from pathlib import Path

from drillsim.i18n import _, system_reason
from drillsim.problem import CommandError
from drillsim.text import clean_line

_SUFFIX = ".saving"
_STALE_SECONDS = 600


class SaveError(CommandError):
    """The file could not be written; the old one is there as before. One line for the user."""


class ChangedError(SaveError):
    """The file is no longer what it was when it was read."""


def write_whole(
    path: Path, data: bytes, *, expected: bytes | None = None, replace: bool = True
) -> None:
    """Write `data` to `path`; a link is followed, and stays.

    The file keeps its mode; a new one is for its owner alone. With `expected`, the file must hold
    just that; with `replace` False it must not be there.

    Raises:
        ChangedError: the file holds something else than `expected`, or is gone.
        SaveError: it is there already, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_SUFFIX}")
    try:
        _remove_stale(target)
        mode = _mode(target)
        _write(new, data, mode)
        try:
            if not replace:
                _put_where_none_is(new, target)
                return
            if expected is not None and _content(target) != expected:
                raise ChangedError(
                    _("{path} was changed by somebody else in the meantime").format(
                        path=clean_line(path.name)
                    )
                )
            new.replace(target)
        finally:
            new.unlink(missing_ok=True)
            _sync_folder(target.parent)
    except OSError as error:
        if not target.parent.is_dir():
            raise SaveError(
                _("there is no folder {folder}; make it, or name another").format(
                    folder=clean_line(str(target.parent))
                )
            ) from None
        reason = system_reason(error)
        raise SaveError(
            _("{path} cannot be written ({reason}); nothing was changed").format(
                path=clean_line(str(path)), reason=clean_line(reason)
            )
        ) from None


def _mode(target: Path) -> int | None:
    """Return the rights of the file as it is, or None where there is none."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return None


def _content(target: Path) -> bytes | None:
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None


def _put_where_none_is(new: Path, target: Path) -> None:
    """Give the new file its name, unless there is a file of that name."""
    try:
        if sys.platform == "win32":
            new.rename(target)  # Windows replaces nothing by itself.
        else:
            os.link(new, target)
    except FileExistsError:
        raise SaveError(
            _("{path} is there already; name another file").format(path=clean_line(str(target)))
        ) from None


def _write(new: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(new, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None and sys.platform != "win32":
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Force the rename to disk; Windows does it by itself, and some systems refuse."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_stale(target: Path) -> None:
    """Remove what a process that was killed has left of an earlier save."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()
