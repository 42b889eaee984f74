"""How good a contact tree is: findings, and a score from 0 to 100 with its reasons.

The score: every node starts with 100 points and loses those of its findings (`rules`), at most
all 100. The score of the tree is the mean over its nodes, rounded down; a file with an error
scores at most 49, one that cannot be read as a tree 0, and 100 means that nothing was found.
"""

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.checks.tree_checks import check_tree
from drillsim.files.contacts.code_rules import code_flaws
from drillsim.files.contacts.flaw import Flaw
from drillsim.files.contacts.office_rules import office_flaws
from drillsim.files.contacts.rules import RULES, SCORE_WITH_ERRORS_MAX, RuleName
from drillsim.files.contacts.tree_rules import tree_flaws
from drillsim.files.contacts.writing_rules import writing_flaws
from drillsim.files.places import find, relative_name
from drillsim.files.tree_file import read_tree
from drillsim.files.yaml_nodes import Document, Entries
from drillsim.files.yaml_reader import UnreadableError, read_bytes
from drillsim.i18n import _
from drillsim.problem import Problem, ProblemsError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth mending: what and where, by which rule, and at which node (if any)."""

    rule: RuleName
    problem: Problem
    node: NodeId | None

    @property
    def points(self) -> int:
        """What it takes from the hundred points of its node."""
        return RULES[self.rule].points

    @property
    def why(self) -> str:
        """Why it matters, in the reader's language."""
        return _(RULES[self.rule].why)


@dataclass(frozen=True, slots=True)
class Lint:
    """What was found in one file; `nodes` is 0 where it could not be read as a tree."""

    path: str
    today: date
    nodes: int
    findings: tuple[Finding, ...]
    """In file order."""

    @property
    def has_errors(self) -> bool:
        """Whether no drill can run on the file."""
        return any(finding.rule == "error" for finding in self.findings)

    @property
    def score(self) -> int:
        """The score from 0 to 100, by the formula at the head of this module."""
        if not self.nodes:
            return 0
        lost: dict[NodeId, int] = {}
        for finding in self.findings:
            if finding.node is not None:
                lost[finding.node] = min(100, lost.get(finding.node, 0) + finding.points)
        score = (100 * self.nodes - sum(lost.values())) // self.nodes
        if self.has_errors:
            return min(score, SCORE_WITH_ERRORS_MAX)
        return min(score, 99) if self.findings else score


def lint_file(path: str | os.PathLike[str], today: date) -> Lint:
    """Return what is found in the contact tree that a user means by `path`.

    A file with errors is looked at as far as it can be read.

    Raises:
        UnreadableError: the file cannot be had.
    """
    name = relative_name(find(path, "contacts"))
    return lint_data(read_bytes(Path(name), name), name, today)


def lint_data(data: bytes, name: str, today: date) -> Lint:
    """Return what is found in a file called `name` that holds `data`.

    Raises:
        UnreadableError: `data` is not UTF-8.
    """
    try:
        document, tree = read_tree(data, name)
    except UnreadableError:
        raise
    except ProblemsError as error:
        found = tuple(Finding("error", problem, None) for problem in error.problems)
        return Lint(name, today, 0, found)
    return lint_tree(tree, document, today)


def lint_tree(tree: ContactTree, document: Document, today: date) -> Lint:
    """Return what is found in a tree, whose lines `document` knows; costs O(n log n)."""
    findings = list(_errors(tree, document))
    with_errors = frozenset((f.problem.line, f.problem.column) for f in findings)
    rules: Sequence[Callable[[ContactTree], Iterator[Flaw]]] = (
        tree_flaws,
        lambda tree: office_flaws(tree, today),
        code_flaws,
        writing_flaws,
    )
    for rule in rules:
        for flaw in rule(tree):
            place = document.place(flaw.path)
            if (place.line, place.column) in with_errors:
                continue  # The error stands at the same value, and comes first to be mended.
            problem = Problem(
                path=document.name,
                line=place.line,
                column=place.column,
                message=flaw.message,
                remedy=flaw.remedy,
                severity="warning",
            )
            findings.append(Finding(flaw.rule, problem, flaw.node))
    findings.sort(key=lambda finding: (finding.problem, finding.rule))
    return Lint(document.name, today, len(tree.nodes), tuple(findings))


def _errors(tree: ContactTree, document: Document) -> Iterator[Finding]:
    """Yield what `drillsim check` calls an error; its warnings have rules of their own here."""
    lines: list[int] = []
    nodes = document.find(("nodes",))
    if isinstance(nodes, Entries):
        lines = [node.place.line for node in nodes.items]
    for problem in check_tree(tree, document):
        if problem.severity == "error":
            yield Finding("error", problem, _node_at(problem.line, lines, tree))


def _node_at(line: int, lines: Sequence[int], tree: ContactTree) -> NodeId | None:
    """Return the node in whose lines `line` lies; `lines` are those at which nodes begin."""
    place = bisect_right(lines, line) - 1
    return tree.nodes[place].id if 0 <= place < len(tree.nodes) else None
