"""A contact file brought to what its nodes are to be, with the fewest changes of its text.

Comments and order stay: officers who go on are moved, not written anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.edits import Edit
from drillsim.files.contacts.notation import Data
from drillsim.files.contacts.people import folded

Maker = Callable[[ContactDocument], Edit]


def rewritten(
    document: ContactDocument,
    *,
    changed: Mapping[str, Data],
    added: Sequence[Data] = (),
    removed: Iterable[str] = (),
) -> Edit:
    """Return the edit after which the document holds the nodes as they are to be.

    Args:
        document: the file; it stays as it is.
        changed: nodes that are there, by id, as they are to be.
        added: new nodes; each goes below the last one of its parent.
        removed: ids of nodes that are to go, without what hangs below them.

    Raises:
        EditError: the file is written in a way that cannot be changed.
    """
    makers: list[Maker] = []
    for node, data in changed.items():
        makers += _steps(document.entries[document.place_of(node)].data, node, data)
    gone = set(removed)
    if gone:
        makers.append(lambda doc: doc.delete([doc.place_of(node) for node in gone]))
    makers += [_adding(data) for data in added]
    return document.together(*makers)


def _adding(data: Data) -> Maker:
    """Return how a node is put behind those that hang on the same parent, and what is below."""

    def make(document: ContactDocument) -> Edit:
        parent = data.get("parent")
        if parent is None:
            return document.add(data)
        try:
            above = document.place_of(str(parent))
        except KeyError:
            return document.add(data)
        return document.add(data, max([above, *document.below(above)]) + 1)

    return make


def _steps(was: Data, node: str, data: Data) -> list[Maker]:
    """Return the edits of one node: who is gone, who stands elsewhere, then all the rest."""
    names = [folded(str(officer.get("name", ""))) for officer in _officers(was)]
    wanted = [folded(str(officer.get("name", ""))) for officer in _officers(data)]
    makers: list[Maker] = []
    for at in reversed(range(len(names))):
        if names[at] not in wanted and len(names) > 1 and len(wanted) < len(names):
            del names[at]
            makers.append(_removal(node, at))
    order = [name for name in wanted if name in names]
    if len(set(names)) == len(names) and len(order) == len(names) == len(set(order)):
        for to, name in enumerate(order):
            start = names.index(name)
            if start != to:
                names.insert(to, names.pop(start))
                makers.append(_shift(node, start, to))
    makers.append(lambda document: document.put(document.place_of(node), data))
    return makers


def _removal(node: str, at: int) -> Maker:
    return lambda document: document.remove_officer(document.place_of(node), at)


def _shift(node: str, start: int, to: int) -> Maker:
    return lambda document: document.move_officer(document.place_of(node), start, to)


def _officers(data: Data) -> list[Any]:
    found = data.get("officers", [])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
