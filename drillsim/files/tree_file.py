"""Contact trees from files."""

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from drillsim.drill.tree import ContactTree
from drillsim.files.checks.tree_checks import check_tree
from drillsim.files.model_faults import model_problems
from drillsim.files.places import find, relative_name
from drillsim.files.yaml_nodes import Document, plain
from drillsim.files.yaml_reader import read_bytes, read_document
from drillsim.problem import Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class LoadedTree:
    """A contact tree that may be used, with its file and the remarks that `check` has on it."""

    tree: ContactTree
    document: Document
    data: bytes
    path: Path | None
    """None for a tree that comes out of a journal."""
    problems: tuple[Problem, ...] = ()
    """Warnings only; with an error there is no LoadedTree."""


class TreeShelf:
    """Contact trees that were read already, by path: several scenarios may name one."""

    def __init__(self) -> None:
        self._loaded: dict[Path, LoadedTree | ProblemsError] = {}

    def load(self, path: Path, name: str) -> LoadedTree:
        """Return the contact tree at `path`; problems call it by the name it was first read with.

        Raises:
            UnreadableError: the file cannot be had.
            ProblemsError: it has errors.
        """
        if path not in self._loaded:
            try:
                self._loaded[path] = parse_tree(read_bytes(path, name), name, path)
            except ProblemsError as error:
                self._loaded[path] = error
        found = self._loaded[path]
        if isinstance(found, ProblemsError):
            raise found
        return found


def load_tree(path: str | os.PathLike[str]) -> LoadedTree:
    """Return the contact tree in the file that a user means by `path`.

    Raises:
        UnreadableError: the file cannot be had.
        ProblemsError: it has errors; errors and warnings are listed in file order.
    """
    place = find(path, "contacts")
    name = relative_name(place)
    return TreeShelf().load(Path(name), name)


def parse_tree(data: bytes, name: str, path: Path | None = None) -> LoadedTree:
    """Return the contact tree in `data`; problems call the file `name`.

    Raises:
        ProblemsError: as `load_tree`.
    """
    document, tree = read_tree(data, name)
    problems = check_tree(tree, document)
    if any(problem.severity == "error" for problem in problems):
        raise ProblemsError(problems)
    return LoadedTree(tree, document, data, path, tuple(problems))


def read_tree(data: bytes, name: str) -> tuple[Document, ContactTree]:
    """Return a contact tree as it is written, without what lies between its entries.

    Raises:
        UnreadableError: `data` is not UTF-8.
        ProblemsError: it is no contact tree.
    """
    document = read_document(data, name)
    try:
        tree = ContactTree.model_validate(plain(document.root), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ProblemsError(model_problems(error, document, ContactTree)) from None
    return document, tree
