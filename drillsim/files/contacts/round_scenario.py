"""The shipped scenario of the yearly round, fitted to another contact tree than the shipped one."""

import json
import os
import re
from pathlib import Path
from typing import Final

from drillsim.drill.tree import ContactTree, Node, NodeId
from drillsim.files.yaml_nodes import Document, Scalar
from drillsim.i18n import _

SHIPPED: Final = "annual-contact-confirmation"

_REHEARSED = re.compile(r"^  nodes:\n(?:    .*\n)+|^faults:\n(?:  .*\n)+", re.MULTILINE)
"""What the shipped scenario says of single bodies of its own tree, for the rehearsal alone."""
_PARTICIPANTS = re.compile(r"^participants:\n(?:  .*\n)+", re.MULTILINE)


def sender_of(tree: ContactTree) -> Node:
    """Return in whose name a round is sent: the only prefecture, or else the top of the tree."""
    prefectures = [node for node in tree.nodes if node.kind == "prefecture"]
    return prefectures[0] if len(prefectures) == 1 else tree.root


def fits(document: Document, tree: ContactTree) -> bool:
    """Whether the shipped scenario can be run on a tree as it stands."""
    sender = document.find(("injects", 0, "from"))
    known = {node.id for node in tree.nodes}
    own = re.findall(r'"([0-9]{6})"', document.text)
    is_sender = isinstance(sender, Scalar) and sender.text == sender_of(tree).id
    return is_sender and {*map(NodeId, own), NodeId("jlis")} <= known


def fitted(document: Document, tree: ContactTree, contacts: Path, target: Path) -> str:
    """Return the text of the scenario for `tree`, with its comments.

    Args:
        document: the shipped scenario.
        tree: whose bodies are to confirm their entries.
        contacts: the file of the tree.
        target: where the scenario is to be written, for the path of the tree.
    """
    sender = sender_of(tree)
    text = document.text
    places = [
        node
        for path in [("contacts",), *(("injects", n, "from") for n in range(8))]
        if isinstance(node := document.find(path), Scalar)
    ]
    for node in sorted(places, key=lambda each: -each.start):
        is_file = node is places[0]
        value = _relative(contacts, target) if is_file else json.dumps(sender.id)
        text = text[: node.start] + value + text[node.end :]
    text = _REHEARSED.sub("", text)
    asked = {sender.id, *tree.children[sender.id]}
    others = [node.id for node in tree.nodes if node.id not in asked]
    reason = _("not asked in this round")
    lines = "".join(f"    {json.dumps(other)}: {reason}\n" for other in others)
    block = f"participants:\n  default: all\n  except:\n{lines}" if lines else ""
    return _PARTICIPANTS.sub(lambda _found: block, text)


def _relative(contacts: Path, target: Path) -> str:
    path = os.path.relpath(contacts.resolve(), target.resolve().parent)
    return Path(path).as_posix()
