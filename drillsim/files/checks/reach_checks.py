"""Whether those to whom a scenario writes can be reached: officers, addresses, night contacts."""

from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import Node, NodeId
from drillsim.files.checks.findings import Findings
from drillsim.i18n import _


def check_people(exercise: Exercise, findings: Findings) -> None:
    """Find nodes in scope whom no mail, or nobody at all, can reach; `findings` is the tree's."""
    tree = exercise.tree
    for node_id in sorted(_in_scope(exercise), key=lambda node: tree.order[node]):
        _check_node(tree.by_id[node_id], tree.order[node_id], exercise.off_hours, findings)


def _in_scope(exercise: Exercise) -> set[NodeId]:
    found: set[NodeId] = set()
    for inject in exercise.scenario.injects:
        if inject.from_ in exercise.tree.by_id:
            found.update(n for n in exercise.scope(inject.id).sender if n in exercise.tree.by_id)
    return found


def _check_node(node: Node, place: int, off_hours: bool, findings: Findings) -> None:
    path = ("nodes", place)
    if not node.officers:
        findings.error(
            path,
            _("{node} has no officer, but the scenario writes to it").format(node=node.name),
            _("name one under officers:, or let it not take part"),
        )
        return
    count = range(1, len(node.officers) + 1)
    mailed = [n for n in count if node.address(n, off_hours=off_hours)]
    called = [n for n in count if node.phone(n, off_hours=off_hours)]
    if not mailed and not called:
        findings.error(
            (*path, "officers"),
            _("{node} has no address, but the scenario writes to it").format(node=node.name),
            _("write email: or mailbox:, or let it not take part"),
        )
    elif not mailed:
        findings.warn(
            (*path, "officers"),
            _("{node} has no address, so it is reached by telephone only").format(node=node.name),
            _("write email: or mailbox:"),
        )
    if off_hours and not any(_night(node, n) for n in count) and node.duty_desk is None:
        findings.warn(
            (*path, "officers"),
            _("{node} has no contact for nights and holidays").format(node=node.name),
            _("write off-hours: or duty-desk:"),
        )


def _night(node: Node, officer: int) -> bool:
    contact = node.officers[officer - 1].off_hours
    return bool(contact.email or contact.phone)
