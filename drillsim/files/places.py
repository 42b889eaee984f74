"""Where the files of a workspace are, and the shipped ones that stand in for missing ones.

A name as users write it is tried in this order: the path itself; the name with `.yaml` in the
folder `scenarios`, `contacts` or `people`; the same among the shipped files. Thus
`scenarios/r5-virus-suspicion.yaml`, `r5-virus-suspicion.yaml` and `r5-virus-suspicion` all work in
an empty folder.
"""

import os
import re
from difflib import get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal, get_args

from drillsim.drill.model import Unfit
from drillsim.filenames import NAME_BYTES_MAX, is_device
from drillsim.i18n import _
from drillsim.shipped import shipped_dir

Folder = Literal["scenarios", "contacts", "people"]

_SUFFIXES = (".yaml", ".yml")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def shipped_files(folder: Literal["scenarios", "contacts"]) -> list[Path]:
    """Return the shipped files of `folder`, by name."""
    return files_in(shipped_dir(folder))


def files_in(folder: Path) -> list[Path]:
    """Return the YAML files of a folder, by name; none if there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and path.is_file())


def find(name: str | os.PathLike[str], folder: Folder) -> Path:
    """Return the file that a user means by `name`; where there is none, the path as written."""
    path = Path(name)
    if "\0" in str(name) or path.exists() or path.is_absolute():
        return path
    names = [path] if path.suffix in _SUFFIXES else [Path(f"{path}{s}") for s in _SUFFIXES]
    # No preset files are shipped: they are learnt from one's own drills.
    shelf = None if folder == "people" else shipped_dir(folder)
    for candidate in names:
        is_bare = len(candidate.parts) == 1
        places = [candidate, *([folder / candidate] if is_bare else [])]
        if shelf is not None:
            places.append(shelf / candidate if is_bare else shelf.parent / candidate)
        for place in places:
            if place.is_file():
                return place
    return path


def like(path: Path) -> str | None:
    """Return the name of a file that may be meant by `path`, where there is none; None without.

    A bare name may mean a file of the workspace or a shipped one, any other one beside it.
    """
    is_bare = len(path.parts) == 1
    shelves = [shipped_dir("scenarios"), shipped_dir("contacts")]
    places = [path.parent, *map(Path, get_args(Folder)), *shelves] if is_bare else [path.parent]
    found: dict[str, str] = {}
    for place in places:
        for file in files_in(place):
            name = file.name if path.suffix in _SUFFIXES else file.stem
            found.setdefault(file.stem, name if is_bare else (path.parent / name).as_posix())
    stem = path.stem if path.suffix in _SUFFIXES else path.name
    begun = [name for name in found if stem and name.startswith(stem)]
    close = begun if len(begun) == 1 else get_close_matches(stem, found, n=1, cutoff=0.65)
    return found[close[0]] if close else None


def relative_name(path: Path) -> str:
    """Return `path` for display: without `..` in the middle, relative where it was relative."""
    tidy = Path(os.path.normpath(path))
    try:
        same = tidy.samefile(path)
    except (OSError, ValueError):
        same = "\0" in str(path) or not path.exists()  # With neither there, nothing is confused.
    return (tidy if same else path).as_posix()


def linked_file(scenario: Path, contacts: str, example: str = "../contacts/yamaguchi.yaml") -> Path:
    """Return the contact tree or preset that a scenario names, from the scenario's own folder.

    Raises:
        Unfit: `contacts` is no path that works on every machine: absolute, with a drive letter,
            backslashes or control characters, a device name of Windows, or no YAML file.
    """
    if _CONTROL.search(contacts):
        raise Unfit(_("the path holds a control character"), _("delete it"))
    if "\\" in contacts:
        raise Unfit(
            _("\\ stands between folders"), _("write / so that the path works on every machine")
        )
    windows = PureWindowsPath(contacts)
    if windows.drive or windows.root or PurePosixPath(contacts).is_absolute() or ":" in contacts:
        raise Unfit(
            _("{path} is no path from the scenario's own folder").format(path=contacts),
            _("write it as {example}").format(example=example),
        )
    for part in windows.parts:
        if len(part.encode()) > NAME_BYTES_MAX:
            raise Unfit(
                _("a name in the path is too long"),
                _("write at most {limit} bytes").format(limit=NAME_BYTES_MAX),
            )
        if is_device(part):
            raise Unfit(
                _("{name} is the name of a device under Windows").format(name=part),
                _("name the file otherwise"),
            )
    if windows.suffix not in _SUFFIXES:
        raise Unfit(
            _("{path} is no YAML file").format(path=contacts), _("name a file that ends in .yaml")
        )
    return scenario.parent / contacts
