"""Where the journals of drills are: in the folder `drills`, or where a user put them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from drillsim.i18n import _
from drillsim.journal.errors import JournalError, printable

SUFFIX = ".drill"
FOLDER = Path("drills")
LATEST = "latest"
"""The name for the newest drill, unless a drill is called so."""

_CREATED = "created"
"""The name under which the director keeps when a drill was begun, as an ISO 8601 time."""


def find_drill(name: str | os.PathLike[str] | None, folder: Path = FOLDER) -> Path:
    """Return the file that a user means by `name`: a path, or the id of a drill in `folder`.

    `latest`, or no name, is the newest drill of the folder. Where there is none of another name,
    the path as it was written.

    Raises:
        JournalError: the newest one is wanted, and there is no drill.
    """
    path = Path(LATEST if name is None else name)
    found = next((place for place in _places(path, folder) if _is_there(place)), None)
    if found is not None:
        return found
    if os.fspath(path) != LATEST:
        return path
    newest = newest_drill(folder)
    if newest is None:
        raise JournalError(
            _("{folder}: no drill here yet; begin one with `drillsim run`").format(
                folder=printable(folder)
            )
        )
    return newest


def newest_drill(folder: Path = FOLDER) -> Path | None:
    """Return the drill of `folder` that was begun last; None where no journal can be read."""
    # No file is older than its drill: most need not be opened to know that they are not it.
    changed = sorted(((_changed(path), path) for path in drills_in(folder)), reverse=True)
    best: tuple[datetime, datetime, Path] | None = None
    for when, path in changed:
        if best is not None and when < best[0]:
            break
        with suppress(JournalError):
            begun = begun_at(path)
            best = max(filter(None, (best, (begun, when, path))))
    return None if best is None else best[2]


def begun_at(path: Path) -> datetime:
    """Return when the drill at `path` was begun, by the clock on the wall.

    Raises:
        JournalError: it is no journal.
    """
    from drillsim.journal.reader import JournalReader

    with JournalReader(path) as reader:
        return created(reader.opening.meta.get(_CREATED, ""), path)


def created(text: str, path: Path) -> datetime:
    """Return when a drill was begun: `text` as it is kept, or else when its file changed last."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return _changed(path)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return datetime.min.replace(tzinfo=UTC)


def drills_in(folder: Path = FOLDER) -> list[Path]:
    """Return the files in `folder` that are named like drills, by name; none without a folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX and path.is_file())


def _places(path: Path, folder: Path) -> Iterator[Path]:
    with_suffix = path.with_name(path.name + SUFFIX) if path.name else path
    yield path
    yield with_suffix
    if len(path.parts) == 1:
        yield folder / path
        yield folder / with_suffix


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
