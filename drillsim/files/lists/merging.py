"""A list put into a contact tree: as new nodes, or as changes of those that are there.

What the list has a column for it decides; all else stays as it is. Officers of a body in the list
are those of the list, in its order; who is there already (by name, or by address under nearly the
same name) keeps what the list has no column for. Bodies that the list does not name stay.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from drillsim.drill.tree import NodeId
from drillsim.files.contacts.notation import Data
from drillsim.files.contacts.people import folded
from drillsim.files.lists.entries import ListedBody, ListedOfficer, Listing
from drillsim.files.lists.header import is_about_officers
from drillsim.files.lists.placing import Placed
from drillsim.i18n import _

_ALIKE_MIN: Final = 0.5
"""How alike two names must be for one person under one address: 高田 一郎 and 髙田 一郎."""
_DESK: Final = {"desk_name": "name", "desk_phone": "phone", "desk_note": "note"}


@dataclass(frozen=True, slots=True)
class Merged:
    """A node as it is to be: `data` in the keys of the file; `was` is None for a new one."""

    placed: Placed
    data: Data
    was: Data | None

    @property
    def has_changed(self) -> bool:
        """Whether anything is to be written."""
        return self.data != self.was


def merged_nodes(
    listing: Listing,
    placed: Sequence[Placed],
    known: Mapping[NodeId, Data],
    *,
    keep_empty: bool = False,
) -> list[Merged]:
    """Return the nodes of a list as they are to be.

    Args:
        listing: what was read; a duty desk without a number is added to its problems.
        placed: its bodies with their places.
        known: the nodes of the tree, by id; empty for a new tree.
        keep_empty: whether an empty cell leaves a field as it is, instead of emptying it.
    """
    found = []
    has_officers = is_about_officers(listing.header.fields)
    for one in placed:
        was = known.get(one.id)
        data = deepcopy(was) if was is not None else _new_node(one)
        if one.listed is not None:
            _put_body(one.listed, one, data, keep_empty=keep_empty, is_new=was is None)
            _put_desk(listing, one.listed, data)
            if has_officers:
                _put_officers(one.listed.officers, data, keep_empty=keep_empty)
        found.append(Merged(one, data, was))
    return found


def _new_node(one: Placed) -> Data:
    data: Data = {"id": str(one.id)}
    if one.code:
        data["code"] = one.code
    data["name"] = one.name
    data["kind"] = one.kind
    if one.parent is not None:
        data["parent"] = str(one.parent)
    return data


def _put_body(
    listed: ListedBody, one: Placed, data: Data, *, keep_empty: bool, is_new: bool
) -> None:
    if not is_new:
        # A list that says 山口市 says nothing against 山口市 市民課.
        if not folded(str(data.get("name", ""))).startswith(folded(one.name)):
            data["name"] = one.name
        if listed.kind is not None:
            data["kind"] = listed.kind
        if listed.code:
            data["code"] = listed.code
        if listed.parent and one.parent is not None:
            data["parent"] = str(one.parent)
    for key, name in (("kana", "kana"), ("mailbox", "mailbox"), ("note", "note")):
        if key in listed.values:
            _put(data, name, listed.values[key], keep_empty=keep_empty)
    if "also_notify" in listed.values:
        _put_many(data, "also-notify", listed.values["also_notify"], keep_empty=keep_empty)


def _put_desk(listing: Listing, listed: ListedBody, data: Data) -> None:
    given = {_DESK[key]: value for key, value in listed.values.items() if key in _DESK}
    if not given:
        return
    desk = dict(data.get("duty-desk", {}))
    for key, value in given.items():
        _put(desk, key, value, keep_empty=False)
    if not desk:
        data.pop("duty-desk", None)
    elif not desk.get("phone"):
        listing.say(
            listed.row,
            listed.column("desk-phone" if "phone" in given else "desk-name"),
            _("the duty desk has no telephone number"),
            _("write it, or leave the desk out"),
            "error",
        )
    else:
        data["duty-desk"] = desk


def _put_officers(officers: Sequence[ListedOfficer], data: Data, *, keep_empty: bool) -> None:
    before: list[Data] = list(data.get("officers", []))
    pairs = dict(_matched(before, officers))
    after = []
    for number, officer in enumerate(officers):
        was = before[pairs[number]] if number in pairs else {}
        after.append(_officer(officer.values, deepcopy(was), keep_empty=keep_empty))
    if after:
        data["officers"] = after
    else:
        data.pop("officers", None)


def _matched(
    before: Sequence[Data], officers: Sequence[ListedOfficer]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of places: an officer of the list, and who that is in the tree."""
    left = list(range(len(before)))
    waiting = list(range(len(officers)))
    for same in (_same_name_and_address, _same_name, _same_address):
        for number in list(waiting):
            found = next((n for n in left if same(before[n], officers[number])), None)
            if found is not None:
                left.remove(found)
                waiting.remove(number)
                yield number, found


def _same_name(was: Data, officer: ListedOfficer) -> bool:
    return folded(str(was.get("name", ""))) == folded(officer.values["name"])


def _same_name_and_address(was: Data, officer: ListedOfficer) -> bool:
    return _same_name(was, officer) and bool(_own(was) & _listed(officer))


def _same_address(was: Data, officer: ListedOfficer) -> bool:
    """Whether it is one person whose name is written otherwise; a successor is another."""
    if not _own(was) & _listed(officer):
        return False
    names = folded(str(was.get("name", ""))), folded(officer.values["name"])
    return SequenceMatcher(None, *names).ratio() >= _ALIKE_MIN


def _own(was: Data) -> frozenset[str]:
    return frozenset(map(folded, _list(was.get("email", ()))))


def _listed(officer: ListedOfficer) -> frozenset[str]:
    return frozenset(map(folded, officer.values.get("email", ())))


def _officer(values: Mapping[str, Any], data: Data, *, keep_empty: bool) -> Data:
    for key in ("name", "kana", "role", "phone", "note"):
        if key in values:
            _put(data, key, values[key], keep_empty=keep_empty)
    if "email" in values:
        _put_many(data, "email", values["email"], keep_empty=keep_empty)
    if "verified" in values:
        day = values["verified"]
        _put(data, "verified", day.isoformat() if day else "", keep_empty=keep_empty)
    night = dict(data.get("off-hours", {}))
    if "off_hours_email" in values:
        _put_many(night, "email", values["off_hours_email"], keep_empty=keep_empty)
    if "off_hours_phone" in values:
        _put(night, "phone", values["off_hours_phone"], keep_empty=keep_empty)
    if night:
        data["off-hours"] = night
    else:
        data.pop("off-hours", None)
    return data


def _put(data: Data, key: str, value: str, *, keep_empty: bool) -> None:
    if value:
        data[key] = value
    elif not keep_empty:
        data.pop(key, None)


def _put_many(data: Data, key: str, value: Sequence[str], *, keep_empty: bool) -> None:
    """Put a list; one alone is text, unless the file has a list there."""
    if _list(data.get(key, ())) == list(value):
        return
    if not value:
        _put(data, key, "", keep_empty=keep_empty)
    else:
        data[key] = value[0] if len(value) == 1 and key == "email" else list(value)


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
