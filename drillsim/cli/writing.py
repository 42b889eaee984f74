"""Files that a command writes: never over one that somebody may have gone on editing."""

import os
from pathlib import Path
from typing import Final

import click

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_new(path: Path, content: bytes, *, is_private: bool = False) -> None:
    """Write a file that is not there yet, and name it.

    Args:
        path: the file.
        content: what is to be in it.
        is_private: whether it holds personal data, so that its owner alone may read it where the
            system has that.

    Raises:
        UsageError: it is there already.
        OSError: it cannot be written.
    """
    try:
        descriptor = os.open(path, _NEW, 0o600 if is_private else 0o666)
    except FileExistsError:
        raise _there_already(path) from None
    with open(descriptor, "wb") as file:
        file.write(content)
    tell_written(path)


def refuse_existing(path: Path) -> None:
    """Say at once what `write_new` would say in the end.

    Raises:
        UsageError: the file is there already.
    """
    if path.exists():
        raise _there_already(path)


def _there_already(path: Path) -> UsageError:
    return UsageError(
        _("{path} is there already; name another file").format(path=clean_line(str(path)))
    )


def empty_folder(folder: Path, *, is_private: bool = False) -> None:
    """Make a folder (its owner's alone where `is_private`), or take one in which nothing is.

    Raises:
        UsageError: it is no folder, or something is in it.
        OSError: it cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            _("{folder}: no folder; name a new one").format(folder=clean_line(str(folder)))
        )
    folder.mkdir(0o700 if is_private else 0o777, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(
            _("{folder}: not empty; name a new folder").format(folder=clean_line(str(folder)))
        )


def tell_written(path: Path) -> None:
    """Name what was written."""
    click.echo(_("written: {path}").format(path=clean_line(str(path))), err=True)
