"""Notices of one inject that are alike, and so may be played together.

What differs between them is what their draws are for, so each has keys of its own, and what the
scenario says about single bodies: faults, and who is absent. All else (officers, what is asked,
delays) is the same. Long arrays cost less per element than short ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal

import numpy as np

from drillsim.drill.injects import InjectId
from drillsim.drill.rehearsal import Fault
from drillsim.drill.tree import NodeId
from drillsim.forecast.draws import Bits, Flags, keys_of, turned
from drillsim.forecast.setting import Notice, Setting
from drillsim.world.chance import name_of

What = tuple[str | int, ...]
Said = Literal["absent", "silent", "dead"]
"""What the scenario may say about an officer."""


@dataclass(frozen=True, eq=False)
class Alike:
    """Notices that are alike."""

    notices: tuple[Notice, ...]

    def __len__(self) -> int:
        return len(self.notices)

    @property
    def notice(self) -> Notice:
        """One of them."""
        return self.notices[0]

    @cached_property
    def senders(self) -> Sequence[tuple[int, int, NodeId | None]]:
        """Who passes it on to them: (first, end, sender) of notices in a row with the same one."""
        found: list[tuple[int, int, NodeId | None]] = []
        for sender, group in groupby(range(len(self)), lambda number: self.notices[number].sender):
            numbers = list(group)
            found.append((numbers[0], numbers[-1] + 1, sender))
        return found

    @property
    def setting(self) -> Setting:
        """The files they belong to."""
        return self.notice.setting

    def said(self, what: Said, officer: int) -> Flags | None:
        """Return of which notices the scenario says so about `officer`, or None if of none."""
        return self._said.get((what, officer))

    @cached_property
    def _said(self) -> dict[tuple[Said, int], Flags]:
        found: dict[tuple[Said, int], Flags] = {}
        for number, notice in enumerate(self.notices):
            particular = notice.particular
            given: dict[Said, Sequence[int]] = {
                "absent": particular.absent,
                "silent": particular.silent,
                "dead": particular.dead,
            }
            for what, officers in given.items():
                for officer in officers:
                    none = np.zeros(len(self), dtype=np.bool_)
                    found.setdefault((what, officer), none)[number] = True
        return found

    def faults(self, officer: int) -> Sequence[tuple[int, tuple[Fault, ...]]]:
        """Return the faults on the way to `officer`, with the number of the notice they hit."""
        if not self.setting.exercise.scenario.faults:
            return ()
        known = self._faults.get(officer)
        if known is None:
            every = ((n, notice.faults(officer)) for n, notice in enumerate(self.notices))
            known = self._faults[officer] = [(n, faults) for n, faults in every if faults]
        return known

    @cached_property
    def _faults(self) -> dict[int, Sequence[tuple[int, tuple[Fault, ...]]]]:
        return {}

    def keys(self, *what: str | int) -> Bits:
        """Return the key of each notice for what is drawn for it, `turned`."""
        known = self._keys.get(what)
        if known is None:
            known = self._keys[what] = turned(keys_of(self._names, *what))
        return known

    def node_keys(self, *what: str | int) -> Bits:
        """Return as `keys` for what is drawn for the nodes, whatever the inject."""
        known = self._node_keys.get(what)
        if known is None:
            known = self._node_keys[what] = turned(keys_of(self._node_names, *what))
        return known

    @cached_property
    def _names(self) -> Sequence[bytes]:
        return [name_of(*notice.key) for notice in self.notices]

    @cached_property
    def _node_names(self) -> Sequence[bytes]:
        return [name_of(notice.node) for notice in self.notices]

    @cached_property
    def _keys(self) -> dict[What, Bits]:
        """Keys of draws: they are the same in all runs, so they are worked out once."""
        return {}

    @cached_property
    def _node_keys(self) -> dict[What, Bits]:
        return {}


def groups_of(setting: Setting, inject: InjectId) -> Sequence[Alike]:
    """Return the notices of an inject in groups, each after those who write to it."""
    known = setting.groups.get(inject)
    if known is None:
        known = setting.groups[inject] = list(_groups(setting.of_inject(inject)))
    return known


def _groups(notices: Sequence[Notice]) -> Iterator[Alike]:
    alike: dict[object, list[Notice]] = {}
    for notice in notices:
        alike.setdefault(notice.shape, []).append(notice)
    last = max((notice.depth for notice in notices if notice.has_others_below), default=0) + 1

    def order(group: list[Notice]) -> int:
        return group[0].depth if group[0].has_others_below else last

    for group in sorted(alike.values(), key=order):
        yield Alike(tuple(group))
