"""One flaw of a contact tree, before its line in the file is looked up."""

from dataclasses import dataclass

from drillsim.drill.tree import NodeId
from drillsim.files.contacts.rules import RuleName
from drillsim.files.yaml_nodes import Path


@dataclass(frozen=True, slots=True)
class Flaw:
    """By which rule, at which node, on which path in the file; what is wrong, how to mend it."""

    rule: RuleName
    node: NodeId
    path: Path
    message: str
    remedy: str
