"""Every problem of many files at once: what `drillsim check` and the first screen show.

A contact tree that several scenarios name is read once, and its own problems are listed once.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from drillsim.files.model_faults import listed, shown
from drillsim.files.places import Folder, files_in, find, relative_name, shipped_files
from drillsim.files.preset_file import read_preset
from drillsim.files.scenario_file import load_scenario
from drillsim.files.tree_file import TreeShelf
from drillsim.files.yaml_nodes import Document, Mapping, Scalar
from drillsim.files.yaml_reader import UnreadableError, read_bytes, read_document
from drillsim.i18n import _
from drillsim.problem import Problem, ProblemsError

FileKind: TypeAlias = Literal["scenario", "contacts", "people"]

FORMATS: dict[str, FileKind] = {
    "drillsim-scenario/1": "scenario",
    "drillsim-contacts/1": "contacts",
    "drillsim-people/1": "people",
}

FOLDERS: Final[tuple[Folder, ...]] = get_args(Folder)

_FORMAT_LINE = re.compile(rb"^format:[ \t]*([a-z]+-[a-z]+/[0-9]+)[ \t]*(?:#.*)?\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was looked at; `kind` is None where it is none of the three."""

    name: str
    kind: FileKind | None


@dataclass(slots=True)
class CheckResult:
    """What was looked at, and every problem: file by file, in file order."""

    files: list[CheckedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unreadable: bool = False
    """Whether some file could not be had at all."""
    ids: dict[str, str] = field(default_factory=dict)
    """The scenario that was the first to have an id."""

    @property
    def errors(self) -> int:
        """How many of the problems must be mended before a drill can run."""
        return sum(not problem.is_warning for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many of the problems may be meant so."""
        return sum(problem.is_warning for problem in self.problems)


def check_paths(paths: Sequence[str | os.PathLike[str]] = ()) -> CheckResult:
    """Check files, folders and bare names; without any, the workspace, or else the shipped files.

    The workspace is the folders `scenarios`, `contacts` and `people` below the current one.
    """
    result = CheckResult()
    trees = TreeShelf()
    found: dict[str, None] = {}
    for place in _places(paths):
        name = relative_name(place)
        if name not in found:
            found[name] = None
            _check(place, name, trees, result)
    _put_in_order(result)
    return result


def kind_of(document: Document) -> FileKind | None:
    """Return what a file is: by its `format`, and without one by the keys it has."""
    root = document.root
    if not isinstance(root, Mapping):
        return None
    written = root.values.get("format")
    if isinstance(written, Scalar) and written.text in FORMATS:
        return FORMATS[written.text]
    if "nodes" in root.keys:
        return "contacts"
    if "injects" in root.keys or "phases" in root.keys:
        return "scenario"
    if "kinds" in root.keys or "based-on" in root.keys:
        return "people"
    return None


def _places(paths: Iterable[str | os.PathLike[str]]) -> Iterable[Path]:
    any_path = False
    for path in paths:
        any_path = True
        place = Path(path)
        if "\0" not in str(path) and place.is_dir():
            yield from _in_folder(place)
        else:
            found = (find(path, folder) for folder in FOLDERS)
            yield next((file for file in found if _is_file(file)), find(path, "contacts"))
    if any_path:
        return
    workspace = [file for folder in FOLDERS for file in files_in(Path(folder))]
    yield from workspace or [*shipped_files("scenarios"), *shipped_files("contacts")]


def _is_file(path: Path) -> bool:
    return "\0" not in str(path) and path.is_file()


def _in_folder(folder: Path) -> Iterable[Path]:
    """Return the YAML files of a folder, or those of the workspace that it is."""
    return [
        *files_in(folder),
        *(file for below in FOLDERS for file in files_in(folder / below)),
    ]


def _check(place: Path, name: str, trees: TreeShelf, result: CheckResult) -> None:
    kind: FileKind | None = None
    try:
        data = read_bytes(place, name)
        kind = _kind_at_sight(data)
        if kind is None:
            document = read_document(data, name)
            kind = kind_of(document)
            if kind is None:
                raise ProblemsError([_no_format(document)])
        if kind == "scenario":
            loaded = load_scenario(place, trees=trees)
            result.problems += loaded.problems
            first = result.ids.setdefault(loaded.scenario.id, name)
            if first != name:
                result.problems.append(_same_id(loaded.scenario.id, name, data, first))
        elif kind == "people":
            read_preset(data, name)
        else:
            result.problems += trees.load(Path(name), name).problems
    except UnreadableError as error:
        result.unreadable = True
        result.problems += error.problems
    except ProblemsError as error:
        result.problems += error.problems
    result.files.append(CheckedFile(name, kind))


def _kind_at_sight(data: bytes) -> FileKind | None:
    """Return what a file of the usual look is, without reading it as YAML."""
    found = _FORMAT_LINE.search(data)
    return FORMATS.get(found.group(1).decode()) if found else None


def _same_id(id_: str, name: str, data: bytes, first: str) -> Problem:
    """Return the problem of a scenario whose id another file has: their drills look alike."""
    written = re.search(rb"^id:[ \t]*", data, re.MULTILINE)
    before = data[: written.start()] if written else b""
    return Problem(
        path=name,
        line=before.count(b"\n") + 1,
        column=len(written.group()) + 1 if written else 1,
        message=_("the scenario {path} has the id {id} too").format(path=first, id=id_),
        remedy=_("write the name of this file, so that their drills are told apart"),
        severity="warning",
    )


def _no_format(document: Document) -> Problem:
    root = document.root
    choices = listed([f"format: {name}" for name in FORMATS])
    if not isinstance(root, Mapping):
        at, message = root.place, _("this is no scenario, contact tree or preset file")
    elif "format" in root.keys:
        at = document.place(("format",))
        value = root.values["format"]
        text = value.text if isinstance(value, Scalar) else ""
        message = _("{value} is no format that this version reads").format(value=shown(text))
    else:
        at, message = root.place, _("{key} is missing").format(key="format")
    return Problem(
        path=document.name,
        line=at.line,
        column=at.column,
        message=message,
        remedy=_("write {choices}").format(choices=choices),
    )


def _put_in_order(result: CheckResult) -> None:
    """Sort by file as they were named, then by line; each problem once."""
    order = {file.name: place for place, file in enumerate(result.files)}
    unique = dict.fromkeys(result.problems)
    result.problems = sorted(
        unique, key=lambda p: (order.get(p.path, len(order)), p.path, p.line, p.column, p.severity)
    )
