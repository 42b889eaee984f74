"""Two people have changed one contact file: what each of them changed, and both together.

The three versions (as it was read, mine, theirs) are compared as data, field by field. A change of
one side alone is taken; where both changed the same field in different ways, one has to be chosen.
The result is written into their text, so that their comments stay, and with as few changed lines as
can be.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from drillsim.files.contacts.document import ContactDocument
from drillsim.files.contacts.notation import Data, rank
from drillsim.files.contacts.people import folded
from drillsim.files.yaml_nodes import Path

Side: TypeAlias = Literal["mine", "theirs"]
Key: TypeAlias = tuple[str, Path]
"""The node (its id; "" for what stands beside the nodes), and the path in it."""

_OFFICERS = "officers"
_ORDER = "calling-order"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that is not the same in my version and theirs."""

    key: Key
    name: str
    """What the body is called."""
    who: Literal["mine", "theirs", "both"]
    """Who changed it."""
    base: Any
    mine: Any
    theirs: Any
    """None where there is none."""


@dataclass(slots=True)
class Merge:
    """The differences of two versions with a common base, and the choices made."""

    base: ContactDocument
    mine: ContactDocument
    theirs: ContactDocument
    choices: dict[Key, Side] = field(default_factory=dict)
    """What was chosen; else the side that changed a value has it."""
    differences: list[Difference] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._merged()

    @property
    def undecided(self) -> list[Difference]:
        """What both changed, and nobody has chosen yet."""
        return [d for d in self.differences if d.who == "both" and d.key not in self.choices]

    def chosen(self, difference: Difference) -> Side | None:
        """Return whose value is taken; None while it is undecided."""
        if difference.who == "both":
            return self.choices.get(difference.key)
        return self.choices.get(difference.key, difference.who)

    def choose(self, difference: Difference, side: Side) -> None:
        """Take one side's value; what hangs on it is compared anew."""
        self.choices[difference.key] = side
        self._merged()

    def choose_all(self, side: Side) -> None:
        """Take one side's value everywhere."""
        for _round in range(2):  # A body that is kept may hold differences of its own.
            self.choices.update({difference.key: side for difference in self.differences})
            self._merged()

    def result(self) -> ContactDocument:
        """Return both versions in one, in their text; what is undecided is as theirs.

        Raises:
            EditError: an entry is written in a way that cannot be changed.
        """
        top, nodes = self._merged()
        made = ContactDocument.parse(self.theirs.data, self.theirs.name)
        for key in sorted(top.keys() | made.top.keys(), key=rank):
            made.apply(made.set_top(key, str(top.get(key) or "")))
        wanted = [key for key in self._order(nodes) if nodes[key] is not None]
        keys = list(_by_key(made))
        gone = [place for place, key in enumerate(keys) if nodes.get(key) is None]
        made.apply(made.delete(gone))
        keys = [key for key in keys if nodes.get(key) is not None]
        for place, key in enumerate(wanted):
            data = nodes[key]
            if data is None:
                continue
            if key not in keys:
                made.apply(made.add(data, place))
                keys.insert(place, key)
                continue
            at = keys.index(key)
            if at != place:
                made.apply(made.move(at, place))
                keys.insert(place, keys.pop(at))
            made.apply(made.put(place, data))
        return made

    # Comparing ----------------------------------------------------------------------------------

    def _merged(self) -> tuple[Data, dict[str, Data | None]]:
        """Return the merged data by the choices so far; list the differences on the way."""
        self.differences = []
        base, mine, theirs = (_by_key(d) for d in (self.base, self.mine, self.theirs))
        tops = (self.base.top, self.mine.top, self.theirs.top)
        top: Data = {}
        for key in _keys(*tops):
            top[key] = self._three(("", (key,)), "", *(each.get(key) for each in tops))
        nodes: dict[str, Data | None] = {}
        for node in dict.fromkeys([*theirs, *mine, *base]):
            b, m, t = base.get(node), mine.get(node), theirs.get(node)
            name = str((t or m or b or {}).get("name", node))
            if m is not None and t is not None:
                nodes[node] = self._node(node, name, b or {}, m, t)
            else:
                nodes[node] = self._three((node, ()), name, b, m, t)
        return top, nodes

    def _three(self, key: Key, name: str, base: Any, mine: Any, theirs: Any) -> Any:
        if mine == theirs:
            return mine
        who: Literal["mine", "theirs", "both"] = (
            "theirs" if mine == base else "mine" if theirs == base else "both"
        )
        difference = Difference(key, name, who, base, mine, theirs)
        self.differences.append(difference)
        return mine if self.chosen(difference) == "mine" else theirs

    def _node(self, node: str, name: str, base: Data, mine: Data, theirs: Data) -> Data:
        merged: Data = {}
        for key in _keys(theirs, mine, base):
            values = [each.get(key) for each in (base, mine, theirs)]
            if key == _OFFICERS and all(isinstance(v, list | None) for v in values):
                b, m, t = (value or [] for value in values)
                merged[key] = self._officers(node, name, b, m, t)
            elif _are_mappings(values):
                merged[key] = self._fields(node, name, (key,), values)
            else:
                merged[key] = self._three((node, (key,)), name, *values)
        return {key: value for key, value in merged.items() if value not in (None, [], {})}

    def _fields(self, node: str, name: str, path: Path, values: Sequence[Any]) -> Data:
        held = [value or {} for value in values]
        merged: Data = {}
        for key in _keys(*reversed(held)):
            inner = [each.get(key) for each in held]
            if _are_mappings(inner):
                merged[key] = self._fields(node, name, (*path, key), inner)
            else:
                merged[key] = self._three((node, (*path, key)), name, *inner)
        return {key: value for key, value in merged.items() if value not in (None, {})}

    def _officers(
        self, node: str, name: str, base: list[Any], mine: list[Any], theirs: list[Any]
    ) -> list[Any]:
        """Merge the officers; each is followed by name, or by its place where the name changed."""
        to_mine, to_theirs = _matched(base, mine), _matched(base, theirs)
        from_mine = {m: b for b, m in to_mine.items()}
        from_theirs = {t: b for b, t in to_theirs.items()}
        merged: dict[str, Any] = {}
        for b, officer in enumerate(base):
            m = mine[to_mine[b]] if b in to_mine else None
            t = theirs[to_theirs[b]] if b in to_theirs else None
            path: Path = (_OFFICERS, b)
            if _are_mappings([officer, m, t]) and m is not None and t is not None:
                merged[str(b)] = self._fields(node, name, path, [officer, m, t])
            else:
                merged[str(b)] = self._three((node, path), name, officer, m, t)
        added: dict[str, list[Any]] = {}
        for side, officers, known in ((0, mine, from_mine), (1, theirs, from_theirs)):
            for n, officer in enumerate(officers):
                if n not in known:
                    added.setdefault(_name_key(officer, n), [None, None])[side] = officer
        for key, (m, t) in added.items():
            path = (_OFFICERS, key)
            merged[key] = self._three((node, path), name, None, m, t)
        order = self._three(
            (node, (_OFFICERS, _ORDER)),
            name,
            [str(b) for b in range(len(base)) if b in to_mine and b in to_theirs],
            [str(from_mine[m]) for m in sorted(from_mine) if from_mine[m] in to_theirs],
            [str(from_theirs[t]) for t in sorted(from_theirs) if from_theirs[t] in to_mine],
        )
        ways = [
            [str(known[n]) if n in known else _name_key(o, n) for n, o in enumerate(officers)]
            for officers, known in ((theirs, from_theirs), (mine, from_mine))
        ]
        return [merged[key] for key in _interleaved(order, ways) if merged.get(key) is not None]

    def _order(self, nodes: Mapping[str, Data | None]) -> list[str]:
        """Return the order of the nodes: theirs, with what I added or moved where I have it."""
        base, mine, theirs = (list(_by_key(d)) for d in (self.base, self.mine, self.theirs))
        common = [key for key in base if key in set(mine) & set(theirs)]
        in_mine = [key for key in mine if key in set(common)]
        in_theirs = [key for key in theirs if key in set(common)]
        order = in_mine if in_theirs == common else in_theirs
        return [key for key in _interleaved(order, [theirs, mine]) if key in nodes]


def _by_key(document: ContactDocument) -> dict[str, Data]:
    """Return the nodes by id; of several with one id, or none, the later ones get a number."""
    found: dict[str, Data] = {}
    for entry in document.entries:
        key, n = entry.id, 1
        while key in found:
            n += 1
            key = f"{entry.id}#{n}"
        found[key] = entry.data
    return found


def _keys(*holders: Mapping[str, Any]) -> Iterator[str]:
    yield from dict.fromkeys(key for holder in holders for key in holder)


def _are_mappings(values: Sequence[Any]) -> bool:
    return any(values) and all(isinstance(value, dict | None) for value in values)


def _name_key(officer: Any, n: int) -> str:
    name = officer.get("name") if isinstance(officer, dict) else None
    return f"+{folded(str(name))}" if name else f"+{n}"


def _matched(base: Sequence[Any], other: Sequence[Any]) -> dict[int, int]:
    """Return which officer of `other` each of `base` is."""
    names = [_name_key(officer, n) for n, officer in enumerate(other)]
    found: dict[int, int] = {}
    for b, officer in enumerate(base):
        key = _name_key(officer, b)
        if names.count(key) == 1 and [_name_key(o, n) for n, o in enumerate(base)].count(key) == 1:
            found[b] = names.index(key)
    taken = set(found.values())
    if len(base) == len(other):
        for b in range(len(base)):
            if b not in found and b not in taken:
                found[b] = b
    return found


def _interleaved(order: Sequence[str], ways: Sequence[Sequence[str]]) -> list[str]:
    """Return `order` with what only `ways` hold put in, each after what it follows there."""
    merged = list(order)
    for way in ways:
        before: str | None = None
        for key in way:
            if key not in merged:
                merged.insert(merged.index(before) + 1 if before in merged else 0, key)
            before = key
    return merged
