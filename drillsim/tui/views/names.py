"""The names of bodies and officers as the screens show them, cleaned once; and finding a body."""

from collections.abc import Sequence

from drillsim.drill.exercise import Exercise
from drillsim.drill.kinds import kind_word
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.text import clean_line
from drillsim.tui.views.folding import folded

_NAME_MAX = 100


class Names:
    """Clean names of everything in the files of a drill."""

    def __init__(self, exercise: Exercise) -> None:
        self._exercise = exercise
        self._nodes = {n.id: clean_line(n.name, limit=_NAME_MAX) for n in exercise.tree.nodes}
        self._keys: dict[NodeId, str] | None = None

    def node(self, node: NodeId) -> str:
        """Return the name of a node; its id where the tree has no such node."""
        return self._nodes.get(node) or clean_line(node, limit=_NAME_MAX)

    def officer(self, node: NodeId, officer: int) -> str:
        """Return the name of an officer (from 1); 0 is the duty desk or an unlisted colleague."""
        known = self._exercise.tree.by_id.get(node)
        if known is None or not 1 <= officer <= len(known.officers):
            return ""
        return clean_line(known.officers[officer - 1].name, limit=_NAME_MAX)

    def role(self, node: NodeId, officer: int) -> str:
        """Return the post of an officer (from 1), or ""."""
        known = self._exercise.tree.by_id.get(node)
        if known is None or not 1 <= officer <= len(known.officers):
            return ""
        return clean_line(known.officers[officer - 1].role, limit=_NAME_MAX)

    def inject(self, inject: InjectId) -> str:
        """Return the title of an inject, or its subject, or its id."""
        if inject not in self._exercise.order:
            return clean_line(inject)
        known = self._exercise.inject(inject)
        return clean_line(known.title or known.subject or known.id, limit=_NAME_MAX)

    def phase(self, phase: PhaseId | None) -> str:
        """Return the title of a phase, or its id."""
        if phase is None:
            return ""
        known = self._exercise.scenario.phases.states.get(phase)
        return clean_line((known.title if known else "") or phase, limit=_NAME_MAX)

    def kind(self, kind: NodeKind) -> str:
        """Return the word for a kind of node: the name of its tier."""
        return kind_word(kind)

    def find(self, text: str, among: Sequence[NodeId] | None = None) -> list[NodeId]:
        """Return the nodes whose name, kana, code or id holds `text`, best first.

        Those that begin with it come before the others.

        Full and half width, capitals and small letters, hiragana and katakana are the same.
        """
        wanted = folded(text)
        if not wanted:
            return []
        if self._keys is None:
            self._keys = {
                n.id: "\n".join(folded(part) for part in (n.name, n.kana, n.code, n.id))
                for n in self._exercise.tree.nodes
            }
        keys = self._keys
        found = [n for n in (among if among is not None else keys) if wanted in keys[n]]
        return sorted(found, key=lambda n: f"\n{wanted}" not in "\n" + keys[n])
