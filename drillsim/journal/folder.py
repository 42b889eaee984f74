"""Where the journals of drills are: in the folder `drills`, or where a user put them."""

import os
from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".drill"
FOLDER = Path("drills")


def find_drill(name: str | os.PathLike[str], folder: Path = FOLDER) -> Path:
    """Return the file that a user means by `name`: a path, or the id of a drill in `folder`.

    Where there is none, the path as it was written.
    """
    path = Path(name)
    return next((place for place in _places(path, folder) if _is_there(place)), path)


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
