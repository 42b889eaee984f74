"""Who is who in contact trees: names, ways to a person, and one person at several posts."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drillsim.drill.tree import ContactTree, Node, NodeId, Officer


@dataclass(frozen=True, slots=True)
class Post:
    """A place in the calling order of a node; `number` counts from 1."""

    node: NodeId
    number: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a tree, with every post that this person holds, in file order."""

    name: str
    posts: tuple[Post, ...]


def folded(text: str) -> str:
    """Return a name as it is compared: without spaces, widths and case."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def digits(phone: str) -> str:
    """Return a telephone number as it is compared: its digits, or all of it without any."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", phone) if c.isdecimal())
    return kept or folded(phone)


def own_addresses(officer: Officer) -> tuple[str, ...]:
    """Return every address of the officer's own, as compared; the office's mailbox is none."""
    return tuple(folded(address) for address in (*officer.email, *officer.off_hours.email))


def numbers(officer: Officer) -> tuple[str, ...]:
    """Return every telephone number of an officer, as compared."""
    return tuple(digits(each) for each in (officer.phone, officer.off_hours.phone) if each)


def ways(node: Node, officer: Officer) -> frozenset[str]:
    """Return all that reaches an officer, as compared: addresses, the mailbox, numbers.

    The mailbox is read by every officer of the office.
    """
    mailbox = (folded(node.mailbox),) if node.mailbox else ()
    return frozenset((*own_addresses(officer), *mailbox, *numbers(officer)))


def people(tree: ContactTree) -> tuple[Person, ...]:
    """Return everybody in the tree, in file order.

    Two entries are one person where the name is the same and they share an address of their own
    or a number; in one node, the same name is enough. Homonyms elsewhere stay apart. Costs time
    in proportion to the entries.
    """
    entries = [
        (Post(node.id, number), officer)
        for node in tree.nodes
        for number, officer in enumerate(node.officers, 1)
    ]
    leaders = list(range(len(entries)))

    def leader(at: int) -> int:
        while leaders[at] != at:
            leaders[at] = leaders[leaders[at]]
            at = leaders[at]
        return at

    first: dict[tuple[str, str], int] = {}
    for place, (post, officer) in enumerate(entries):
        for key in _marks(post, officer):
            one, other = sorted((leader(first.setdefault(key, place)), leader(place)))
            leaders[other] = one
    groups: dict[int, list[int]] = {}
    for place in range(len(entries)):
        groups.setdefault(leader(place), []).append(place)
    return tuple(_person([entries[place] for place in group]) for group in groups.values())


def _marks(post: Post, officer: Officer) -> Iterator[tuple[str, str]]:
    name = folded(officer.name)
    yield name, f"node {post.node}"
    for way in (*own_addresses(officer), *numbers(officer)):
        yield name, way


def _person(entries: Sequence[tuple[Post, Officer]]) -> Person:
    return Person(entries[0][1].name, tuple(post for post, _officer in entries))
