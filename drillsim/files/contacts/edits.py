"""Edits of a contact document as values: applied backwards, each takes itself back."""

from dataclasses import dataclass

from drillsim.files.contacts.pieces import Entry, Frame
from drillsim.files.yaml_nodes import Path


@dataclass(frozen=True, slots=True)
class Splice:
    """The entries `old`, from `at` on, become `new`."""

    at: int
    old: tuple[Entry, ...]
    new: tuple[Entry, ...]

    @property
    def undone(self) -> "Splice":
        """The way back."""
        return Splice(self.at, self.new, self.old)


@dataclass(frozen=True, slots=True)
class Reframing:
    """What stands around the nodes changes."""

    old: Frame
    new: Frame

    @property
    def undone(self) -> "Reframing":
        """The way back."""
        return Reframing(self.new, self.old)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a document, to be applied to the state that it was made for."""

    steps: tuple[Splice | Reframing, ...]
    place: int | None = None
    """The node that it is about, as it stands afterwards."""
    path: Path = ()
    """Within the node, what was changed."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.steps

    @property
    def undone(self) -> "Edit":
        """The edit that takes this one back."""
        steps = tuple(step.undone for step in reversed(self.steps))
        return Edit(steps, self.place, self.path)
