"""What is wrong between the entries of a contact tree."""

from collections.abc import Iterator, Sequence
from functools import cache

from drillsim.drill.codes import check_digit
from drillsim.drill.marks import slips
from drillsim.drill.model import Unfit
from drillsim.drill.tree import ContactTree, Node, NodeId
from drillsim.files.checks.addresses import refuse_address, remark_on_address
from drillsim.files.checks.findings import Findings
from drillsim.files.checks.node_names import NodeNames
from drillsim.files.model_faults import shown
from drillsim.files.yaml_nodes import Document, Path
from drillsim.i18n import _
from drillsim.problem import Problem

DEPTH_MAX = 20
"""Levels below the top; a plan with more than four is hard to find."""


def check_tree(tree: ContactTree, document: Document) -> list[Problem]:
    """Return every problem of a contact tree by itself, in file order."""
    findings = Findings(document)
    _check_zone(tree, findings)
    _check_ids(tree, findings)
    _check_codes(tree, findings)
    _check_links(tree, findings)
    _check_shape(tree, findings)
    for place, node in enumerate(tree.nodes):
        _check_people(node, ("nodes", place), findings)
    return findings.in_order()


@cache
def known_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA database."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # KeyError: ZoneInfoNotFoundError.
        return False
    return True


def _check_zone(tree: ContactTree, findings: Findings) -> None:
    if known_zone(tree.zone):
        return
    findings.error(
        ("zone",),
        _("{zone} is no time zone").format(zone=shown(tree.zone)),
        _("write Asia/Tokyo"),
    )


def _check_ids(tree: ContactTree, findings: Findings) -> None:
    first: dict[NodeId, int] = {}
    for place, node in enumerate(tree.nodes):
        if node.id in first:
            line = findings.document.place(("nodes", first[node.id], "id")).line
            findings.error(
                ("nodes", place, "id"),
                _("the id {id} is taken; it first stands in line {line}").format(
                    id=node.id, line=line
                ),
                _("give this node another id"),
            )
        first.setdefault(node.id, place)


def _check_codes(tree: ContactTree, findings: Findings) -> None:
    first: dict[str, int] = {}
    for place, node in enumerate(tree.nodes):
        if not node.code:
            continue
        path = ("nodes", place, "code")
        if len(node.code) != 6 or not (node.code.isascii() and node.code.isdecimal()):
            findings.error(
                path,
                _("code {code} has not six digits").format(code=shown(node.code)),
                _("write it as 352012, with its check digit"),
            )
            continue
        right = node.code[:5] + check_digit(node.code[:5])
        if right != node.code:
            findings.error(
                path,
                _("code {code} fails its check digit").format(code=node.code),
                _("write {code}").format(code=right),
            )
        elif node.code in first and node.kind in ("municipality", "prefecture"):
            line = findings.document.place(("nodes", first[node.code], "code")).line
            findings.error(
                path,
                _("the code {code} is taken; it first stands in line {line}").format(
                    code=node.code, line=line
                ),
                _("write this body's own code, or none"),
            )
        if node.kind in ("municipality", "prefecture"):
            first.setdefault(node.code, place)


def _check_links(tree: ContactTree, findings: Findings) -> None:
    names = NodeNames(tree, findings.document.name)
    for place, node in enumerate(tree.nodes):
        if node.parent is not None and node.parent not in tree.by_id:
            findings.error(("nodes", place, "parent"), *names.missing(node.parent))
        for n, other in enumerate(node.also_notify):
            if other not in tree.by_id:
                findings.error(("nodes", place, "also-notify", n), *names.missing(other))
            elif other == node.id:
                findings.error(
                    ("nodes", place, "also-notify", n),
                    _("{node} would write to itself").format(node=node.id),
                    _("remove it"),
                )


def _check_shape(tree: ContactTree, findings: Findings) -> None:
    """Find roots and circles: from the one root, every node must be reached."""
    roots = [place for place, node in enumerate(tree.nodes) if node.parent is None]
    for place in roots[1:]:
        findings.error(
            ("nodes", place),
            _("{node} has no parent, and {other} has none either").format(
                node=tree.nodes[place].id, other=tree.nodes[roots[0]].id
            ),
            _("write parent: {other}").format(other=tree.nodes[roots[0]].id),
        )
    for node_id, depth in _depths(tree):
        if depth > DEPTH_MAX:
            findings.error(
                ("nodes", tree.order[node_id], "parent"),
                _("{node} lies over {limit} levels deep").format(node=node_id, limit=DEPTH_MAX),
                _("give it a parent nearer to the top"),
            )
            break
    for circle in _circles(tree):
        way = " → ".join([*circle, circle[0]])
        findings.error(
            ("nodes", tree.order[circle[0]], "parent"),
            _("the parents go in a circle: {way}").format(way=way),
            _("give one of them another parent")
            if roots
            else _("leave out the parent of the topmost node"),
        )


def _depths(tree: ContactTree) -> Iterator[tuple[NodeId, int]]:
    """Yield every node that hangs on a root, with its depth below it."""
    queue = [(node.id, 0) for node in tree.nodes if node.parent is None]
    for node_id, depth in queue:
        yield node_id, depth
        queue.extend((child, depth + 1) for child in tree.children[node_id])


def _circles(tree: ContactTree) -> list[list[NodeId]]:
    """Return each circle of parents once, from its first node in the file."""
    found = []
    done: set[NodeId] = set()
    for node in tree.nodes:
        way: dict[NodeId, None] = {}
        at: NodeId | None = node.id
        while at is not None and at in tree.by_id and at not in done and at not in way:
            way[at] = None
            at = tree.by_id[at].parent
        if at is not None and at in way:
            steps = list(way)
            circle = steps[steps.index(at) :]
            first = min(range(len(circle)), key=lambda n: tree.order[circle[n]])
            found.append(circle[first:] + circle[:first])
        done.update(way)
    return found


def _check_people(node: Node, path: Path, findings: Findings) -> None:
    is_named = _check_words(node.name, (*path, "name"), findings)
    if node.mailbox:
        _check_address(node.mailbox, (*path, "mailbox"), findings)
    for place, person in enumerate(node.officers):
        at = (*path, "officers", place)
        is_fit = _check_words(person.name, (*at, "name"), findings)
        is_fit &= _check_words(person.role, (*at, "role"), findings)
        if is_named and is_fit:
            # As a signature has them: together they may say what neither says alone.
            _check_words(f"{node.name} {person.role} {person.name}", (*at, "name"), findings)
        _check_addresses(person.email, (*at, "email"), findings)
        _check_addresses(person.off_hours.email, (*at, "off-hours", "email"), findings)
    if len(node.officers) >= 2:
        first, second = node.address(1), node.address(2)
        if first and first == second:
            findings.warn(
                (*path, "officers", 1),
                _("the stand-in of {node} reads only the same mailbox").format(node=node.name),
                _("write an address of their own, or count on the telephone"),
            )


def _check_words(text: str, path: Path, findings: Findings) -> bool:
    """Find what a mail of a drill must not hold: names and posts stand in its texts.

    Returns whether there is nothing of the kind.
    """
    slip = next(slips(text), None)
    if slip is not None:
        findings.error(path, slip.message, slip.remedy)
    return slip is None


def _check_addresses(addresses: Sequence[str], path: Path, findings: Findings) -> None:
    for n, address in enumerate(addresses):
        _check_address(address, (*path, n), findings)


def _check_address(address: str, path: Path, findings: Findings) -> None:
    try:
        refuse_address(address)
    except Unfit as unfit:
        findings.error(path, unfit.message, unfit.remedy)
        return
    remark = remark_on_address(address)
    if remark is not None:
        findings.warn(path, remark, _("check it by telephone if mails come back"))
