"""Files that a command writes: never over one that somebody may have gone on editing."""

from pathlib import Path

import click

from drillsim.i18n import _
from drillsim.problem import UsageError
from drillsim.text import clean_line


def write_new(path: Path, content: bytes) -> None:
    """Write a file that is not there yet, and name it.

    Raises:
        UsageError: it is there already.
        OSError: it cannot be written.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise _there_already(path) from None
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


def empty_folder(folder: Path) -> None:
    """Make a folder, or take one in which nothing is.

    Raises:
        UsageError: it is no folder, or something is in it.
        OSError: it cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            _("{folder}: no folder; name a new one").format(folder=clean_line(str(folder)))
        )
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(
            _("{folder}: not empty; name a new folder").format(folder=clean_line(str(folder)))
        )


def tell_written(path: Path) -> None:
    """Name what was written."""
    click.echo(_("written: {path}").format(path=clean_line(str(path))), err=True)
