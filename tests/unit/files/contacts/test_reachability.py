from drillsim.drill.tree import ContactTree, NodeId
from drillsim.files.contacts.reachability import Reachability
from tests.examples import tree


def alone(*nodes: str, name: str = "", email: str = "") -> ContactTree:
    """Return a root with 2 children of 2 children; these nodes have one officer only."""
    return tree(
        (2, 2),
        changes={
            node: {
                "officers": [{"name": name or f"{node} 単独", "email": email or f"{node}@x.test"}]
            }
            for node in nodes
        },
    )


def ids(*names: str) -> tuple[NodeId, ...]:
    return tuple(NodeId(name) for name in names)


def test_a_node_that_falls_out_cuts_off_all_below_it() -> None:
    absence = Reachability(alone()).without(nodes=ids("n1"))
    assert absence.unreachable == ("n1", "n1-1", "n1-2")
    assert absence.broken_at == ("n1",)


def test_a_person_without_a_stand_in_cuts_off_all_below() -> None:
    reach = Reachability(alone("n1"))
    person = next(p for p in reach.people if p.name == "n1 単独")
    assert reach.without(persons=[person]).unreachable == ("n1", "n1-1", "n1-2")
    assert [(loss.person.name, loss.nodes) for loss in reach.worst_persons] == [("n1 単独", 3)]


def test_where_there_is_a_stand_in_the_message_goes_on() -> None:
    reach = Reachability(alone())
    person = next(p for p in reach.people if p.posts[0].node == "n1")
    absence = reach.without(persons=[person])
    assert (absence.unreachable, absence.covered) == ((), ("n1",))
    assert reach.worst_persons == ()


def test_one_person_at_two_posts_is_missing_at_both() -> None:
    reach = Reachability(alone("n1", "n2-1", name="架空 一人", email="hitori@x.test"))
    (loss,) = reach.worst_persons
    assert [post.node for post in loss.person.posts] == ["n1", "n2-1"]
    assert loss.nodes == 4


def test_nodes_below_each_other_are_counted_once() -> None:
    reach = Reachability(alone("n1", "n1-2", name="架空 一人", email="hitori@x.test"))
    assert [loss.nodes for loss in reach.worst_persons] == [3]


def test_who_cannot_be_reached_is_no_stand_in_and_a_dead_end_is_not_blamed_on_others() -> None:
    reach = Reachability(tree((2, 2), changes={"n2": {"officers": [{"name": "架空 無縁"}]}}))
    assert reach.coverage.reached == 4
    assert reach.coverage.with_stand_in == 6
    assert reach.without_stand_in == ("n2",)
    assert reach.without(nodes=ids("n2-1")).unreachable == ()


def test_the_nodes_that_cut_off_most_come_first_without_the_top() -> None:
    losses = Reachability(tree((2, 3), changes={"n1-1": {"parent": "n2"}})).worst_nodes
    assert [(loss.node, loss.nodes) for loss in losses] == [("n2", 5), ("n1", 3)]
