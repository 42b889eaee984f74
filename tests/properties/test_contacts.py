"""Comparing and cutting contact trees: what holds for any tree."""

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.contacts.comparison import Comparison, compare
from drillsim.files.contacts.lint import lint_tree
from drillsim.files.contacts.people import ways
from drillsim.files.contacts.reachability import Reachability
from drillsim.files.yaml_reader import read_document

# Few names and addresses, so that they meet often.
PEOPLE = st.fixed_dictionaries(
    {"name": st.sampled_from(["架空 一郎", "架空 二葉", "架空　一郎", "仮名 三郎"])},
    optional={
        "email": st.lists(
            st.sampled_from(["a@x.test", "b@x.test", "A@x.test", "c@y.test"]), max_size=2
        ),
        "phone": st.sampled_from(["000-1", "0001", "000-2"]),
        "role": st.sampled_from(["課長", "主査"]),
        "verified": st.sampled_from(["2026-04-06", "2025-04-06"]),
    },
)


@st.composite
def trees(draw: st.DrawFn) -> ContactTree:
    ids = draw(
        st.lists(st.sampled_from([f"n{n}" for n in range(9)]), min_size=1, max_size=9, unique=True)
    )
    nodes: list[dict[str, Any]] = []
    for place, node in enumerate(ids):
        nodes.append(
            {
                "id": node,
                "name": draw(st.sampled_from(["架空市", "架空町", f"架空{node}"])),
                "kind": draw(st.sampled_from(["prefecture", "municipality"])),
                "code": draw(st.sampled_from(["", "350001", "352012"])),
                "mailbox": draw(st.sampled_from(["", "", "juki@x.test"])),
                "officers": draw(st.lists(PEOPLE, max_size=3)),
            }
        )
        if place:
            nodes[-1]["parent"] = draw(st.sampled_from(ids[:place]))
    return ContactTree.model_validate(
        {"format": "drillsim-contacts/1", "title": "架空", "nodes": nodes}
    )


def people(comparison: Comparison, *, backwards: bool) -> dict[str, list[Any]]:
    """Return who left, came, moved and changed, from the one side or the other."""
    entries = {"left": [], "came": [], "pairs": []}  # type: dict[str, list[Any]]
    for body in comparison.bodies:
        left, came = (body.came, body.left) if backwards else (body.left, body.came)
        entries["left"] += [(e.node, e.number) for e in left]
        entries["came"] += [(e.node, e.number) for e in came]
        for pair in (*body.changed, *body.moved_in):
            ends = [(pair.old.node, pair.old.number), (pair.new.node, pair.new.number)]
            fields = [
                (c.name, *((c.new, c.old) if backwards else (c.old, c.new))) for c in pair.changes
            ]
            entries["pairs"].append((*(reversed(ends) if backwards else ends), fields))
    return {what: sorted(found) for what, found in entries.items()}


@given(trees())
def test_a_tree_does_not_differ_from_itself(tree: ContactTree) -> None:
    assert compare(tree, tree).is_empty


@given(trees(), trees())
def test_read_backwards_who_came_has_left(old: ContactTree, new: ContactTree) -> None:
    forth = people(compare(old, new), backwards=False)
    assert people(compare(new, old), backwards=True) == forth


@given(trees(), trees())
def test_nobody_is_lost_in_a_comparison(old: ContactTree, new: ContactTree) -> None:
    comparison = compare(old, new)
    left = sum(len(body.left) for body in comparison.bodies)
    came = sum(len(body.came) for body in comparison.bodies)
    before, after = (sum(len(n.officers) for n in tree.nodes) for tree in (old, new))
    assert before - left == after - came
    for body in comparison.bodies:
        assert len(body.moved_out) == sum(
            pair.old.node == (body.old.id if body.old else None)
            for other in comparison.bodies
            for pair in other.moved_in
        )


def counted(tree: ContactTree, away_nodes: set[str], away: set[tuple[str, int]]) -> set[NodeId]:
    """Return the nodes that are reached, by following each one's way to the top."""

    def is_up(node: NodeId) -> bool:
        body = tree.by_id[node]
        there = [
            number
            for number, officer in enumerate(body.officers, 1)
            if ways(body, officer) and (node, number) not in away
        ]
        if node in away_nodes or not there:
            return False
        return body.parent is None or is_up(body.parent)

    return {node.id for node in tree.nodes if is_up(node.id)}


@given(trees())
def test_what_if_agrees_with_going_up_from_every_node(tree: ContactTree) -> None:
    reach = Reachability(tree)
    everybody = counted(tree, set(), set())
    assert reach.reached == everybody
    worst: dict[Any, int] = {}
    for person in reach.people:
        left = counted(tree, set(), {(post.node, post.number) for post in person.posts})
        assert set(reach.without(persons=[person]).unreachable) == everybody - left
        if everybody - left:
            worst[person] = len(everybody - left)
    assert {loss.person: loss.nodes for loss in reach.worst_persons} == worst
    assert all(one.nodes >= other.nodes for one, other in pairwise(reach.worst_persons))
    cuts = {
        node.id: len(everybody - counted(tree, {node.id}, set()))
        for node in tree.nodes
        if node.parent is not None
    }
    for node, lost in cuts.items():
        assert len(reach.without(nodes=[node]).unreachable) == lost
    expected = {node: lost for node, lost in cuts.items() if lost > 1}
    assert {loss.node: loss.nodes for loss in reach.worst_nodes} == expected


@given(trees(), st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_a_score_lies_between_0_and_100_and_is_100_without_findings_only(
    tree: ContactTree, today: date
) -> None:
    document = read_document(b"format: drillsim-contacts/1\nnodes: []\n", "tree.yaml")
    lint = lint_tree(tree, document, today)
    assert 0 <= lint.score <= 100
    assert (lint.score == 100) == (not lint.findings)
