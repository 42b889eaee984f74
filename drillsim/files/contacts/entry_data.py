"""An entry's plain data: its addresses, and other domains, other ids, nothing that is empty."""

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from drillsim.files.contacts.notation import Data


def with_domain(data: Data, old: str, new: str) -> Data | None:
    """Return an entry with the domain `old` of its addresses changed to `new`; None without any."""
    changed = deepcopy(data)

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(each) for each in value]
        if isinstance(value, str) and value.lower().endswith(f"@{old.lower()}"):
            return value[: -len(old)] + new
        return value

    for holder, key in _address_places(changed):
        holder[key] = moved(holder[key])
    return changed if changed != data else None


def domains(bodies: Iterable[Data]) -> Counter[str]:
    """Return the domains of addresses, each with how many there are, the first one first."""
    return Counter(
        address.rpartition("@")[2].lower() for data in bodies for address in _addresses(data)
    )


def _addresses(data: Data) -> list[str]:
    found: list[str] = []
    for holder, key in _address_places(data):
        value = holder[key]
        found += [str(each) for each in (value if isinstance(value, list) else [value])]
    return [address for address in found if "@" in address]


def _address_places(data: Data) -> list[tuple[Data, str]]:
    """Return where the addresses of an entry stand: its own, its officers', and those at night."""
    officers = data.get("officers")
    holders: list[Any] = [data]
    for officer in officers if isinstance(officers, list) else ():
        if isinstance(officer, dict):
            holders += [officer, officer.get("off-hours", {})]
    return [
        (holder, key)
        for holder in holders
        if isinstance(holder, dict)
        for key in ("mailbox", "email")
        if key in holder
    ]


def with_id(data: Data, old: str, new: str) -> Data | None:
    """Return an entry that names `new` where it named `old`, or None where it did not."""
    told = data.get("also-notify")
    has_told = isinstance(told, list) and old in told
    if data.get("parent") != old and told != old and not has_told:
        return None
    changed = dict(data)
    if data.get("parent") == old:
        changed["parent"] = new
    if isinstance(told, list):
        changed["also-notify"] = [new if other == old else other for other in told]
    elif told == old:
        changed["also-notify"] = new
    return changed


def without_nothing(value: Any) -> Any:
    """Return data without keys that hold nothing."""
    if isinstance(value, dict):
        kept = {key: without_nothing(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each}
    if isinstance(value, list | tuple):
        return [without_nothing(each) for each in value]
    return value.strip() if isinstance(value, str) else value
