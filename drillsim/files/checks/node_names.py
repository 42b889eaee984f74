"""What to say of an id that no node has: which one was probably meant."""

from functools import cached_property

from drillsim.drill.codes import CODE_LENGTH
from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.model_faults import shown
from drillsim.i18n import _


class NodeNames:
    """The ids of a contact tree, looked up as people mistake them; `file` is the tree's name.

    Each look-up costs the same whatever the size of the tree, since a file may be wrong in every
    line.
    """

    def __init__(self, tree: ContactTree, file: str) -> None:
        self.tree = tree
        self.file = file

    def missing(self, word: str) -> tuple[str, str]:
        """Return what is wrong with `word`, which is no node's id, and how to mend it."""
        meant = self.near(word)
        return (
            _("no node {node} in {file}").format(node=shown(word), file=self.file),
            _("did you mean {word}?").format(word=meant)
            if meant is not None
            else _("write the id of a node"),
        )

    def near(self, word: str) -> NodeId | None:
        """Return the id that was probably meant by `word`.

        A body's name, a code with a wrong check digit or without one, another case, or one
        character too many, too few, or wrong.
        """
        if word in self._names:
            return self._names[word]
        if word.isdecimal() and CODE_LENGTH - 1 <= len(word) <= CODE_LENGTH:
            by_code = self._codes.get(word[: CODE_LENGTH - 1])
            if by_code is not None:
                return by_code
        lowered = word.lower()
        for variant in (lowered, *_shortened(lowered)):
            if variant in self._variants:
                return self._variants[variant]
        return None

    @cached_property
    def _names(self) -> dict[str, NodeId]:
        found: dict[str, NodeId] = {}
        for node in self.tree.nodes:
            found.setdefault(node.name, node.id)
            found.setdefault(node.name.split()[0], node.id)
        return found

    @cached_property
    def _codes(self) -> dict[str, NodeId]:
        return {node.id[: CODE_LENGTH - 1]: node.id for node in reversed(self.tree.nodes)}

    @cached_property
    def _variants(self) -> dict[str, NodeId]:
        found: dict[str, NodeId] = {}
        for node in self.tree.nodes:
            lowered = node.id.lower()
            for variant in (lowered, *_shortened(lowered)):
                found.setdefault(variant, node.id)
        return found


def _shortened(word: str) -> list[str]:
    """Return `word` with each single character left out."""
    return [word[:n] + word[n + 1 :] for n in range(len(word))]
