"""Flaws that lie between nodes: what hangs on one person, and who is at two places."""

from collections import Counter
from collections.abc import Iterator

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.contacts.flaw import Flaw
from drillsim.files.contacts.people import Post, folded, own_addresses, people, ways
from drillsim.files.contacts.rules import LEVELS_MAX
from drillsim.files.yaml_nodes import Path
from drillsim.i18n import _, ngettext


def tree_flaws(tree: ContactTree) -> Iterator[Flaw]:
    """Yield every flaw between nodes; the tree may hold errors (circles, several tops)."""
    yield from _staffing(tree)
    yield from _shared_addresses(tree)
    yield from _people_twice(tree)
    yield from _depth(tree)
    yield from _nobody_below(tree)


def _staffing(tree: ContactTree) -> Iterator[Flaw]:
    below = _below(tree)
    for place, node in enumerate(tree.nodes):
        present = {folded(o.name) for o in node.officers if ways(node, o)}
        path: Path = ("nodes", place, "officers") if node.officers else ("nodes", place)
        if not present:
            yield Flaw(
                "dead-end",
                node.id,
                path,
                _("nobody at {node} can be reached").format(node=node.name),
                _("write an officer with an address and a telephone number"),
            )
        elif len(present) == 1 and below[node.id]:
            count = below[node.id]
            yield Flaw(
                "hangs-on-one",
                node.id,
                path,
                ngettext(
                    "{n} body below {node} hangs on one person",
                    "{n} bodies below {node} hang on one person",
                    count,
                ).format(n=count, node=node.name),
                _("write a second officer who can be reached"),
            )
        elif len(present) == 1:
            yield Flaw(
                "no-stand-in",
                node.id,
                path,
                _("{node} has no stand-in").format(node=node.name),
                _("write a second officer who can be reached"),
            )


def _shared_addresses(tree: ContactTree) -> Iterator[Flaw]:
    """Find an address at two nodes; within one, officers may share a mailbox."""
    first: dict[str, NodeId] = {}
    held: dict[Post, frozenset[NodeId]] = {
        post: frozenset(other.node for other in person.posts)
        for person in people(tree)
        for post in person.posts
    }
    for path, post, address in _addresses(tree):
        other = first.setdefault(address, post.node)
        # One officer at two posts has one address at both: that is `person-twice`.
        if other == post.node or other in held.get(post, ()):
            continue
        yield Flaw(
            "shared-address",
            post.node,
            path,
            _("the address {address} stands at {other} too").format(
                address=address, other=tree.by_id[other].name
            ),
            _("write the address that {node} itself reads").format(node=tree.by_id[post.node].name),
        )


def _addresses(tree: ContactTree) -> Iterator[tuple[Path, Post, str]]:
    """Yield every address with its path and its post; a mailbox is read at post 0."""
    for place, node in enumerate(tree.nodes):
        if node.mailbox:
            yield ("nodes", place, "mailbox"), Post(node.id, 0), folded(node.mailbox)
        for number, officer in enumerate(node.officers):
            for address in dict.fromkeys(own_addresses(officer)):
                yield ("nodes", place, "officers", number), Post(node.id, number + 1), address


def _people_twice(tree: ContactTree) -> Iterator[Flaw]:
    for person in people(tree):
        origin = person.posts[0]
        for post in person.posts[1:]:
            path = ("nodes", tree.order[post.node], "officers", post.number - 1, "name")
            if post.node == origin.node:
                message = _("officers {first} and {second} of {node} are the same person").format(
                    first=origin.number, second=post.number, node=tree.by_id[post.node].name
                )
            else:
                message = _("officer {number} of {node} is an officer of {other} too").format(
                    number=post.number,
                    node=tree.by_id[post.node].name,
                    other=tree.by_id[origin.node].name,
                )
            remedy = _("name somebody else for one of the two posts")
            yield Flaw("person-twice", post.node, path, message, remedy)


def _depth(tree: ContactTree) -> Iterator[Flaw]:
    queue = [(node.id, 0) for node in tree.nodes if node.parent is None]
    seen: set[NodeId] = set()
    for node, depth in queue:
        if node in seen:
            continue  # An id that stands twice may hang below itself.
        seen.add(node)
        if depth > LEVELS_MAX:
            yield Flaw(
                "deep",
                node,
                ("nodes", tree.order[node], "parent"),
                _("{node} lies {depth} levels below the top").format(
                    node=tree.by_id[node].name, depth=depth
                ),
                _("give it a parent nearer to the top"),
            )
        queue.extend((child, depth + 1) for child in tree.children[node])


def _nobody_below(tree: ContactTree) -> Iterator[Flaw]:
    passing = {node.kind for node in tree.nodes if tree.children[node.id]}
    for place, node in enumerate(tree.nodes):
        if node.kind == "prefecture" and node.kind in passing and not tree.children[node.id]:
            yield Flaw(
                "nobody-below",
                node.id,
                ("nodes", place),
                _("nobody hangs below {node}").format(node=node.name),
                _("write its bodies with parent: {node}").format(node=node.id),
            )


def _below(tree: ContactTree) -> Counter[NodeId]:
    """Return how many nodes hang below each; those in a circle count nowhere."""
    order = [node.id for node in tree.nodes if node.parent is None]
    seen = set(order)
    for node in order:
        new = [child for child in tree.children[node] if child not in seen]
        seen.update(new)
        order.extend(new)
    below: Counter[NodeId] = Counter()
    for node in reversed(order):
        parent = tree.by_id[node].parent
        if parent is not None:
            below[parent] += below[node] + 1
    return below
