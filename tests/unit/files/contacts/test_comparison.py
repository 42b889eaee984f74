from typing import Any

from drillsim.drill.tree import ContactTree
from drillsim.files.contacts.comparison import BodyChanges, compare


def person(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


def tree(**bodies: list[dict[str, Any]]) -> ContactTree:
    """Return a star: `top`, and a body for each keyword with these officers."""
    nodes: list[dict[str, Any]] = [{"id": "top", "name": "架空センター", "kind": "national-center"}]
    nodes += [
        {"id": node, "name": f"架空{node}", "kind": "municipality", "parent": "top", "officers": o}
        for node, o in bodies.items()
    ]
    return ContactTree.model_validate(
        {"format": "drillsim-contacts/1", "title": "架空", "nodes": nodes}
    )


def only(old: ContactTree, new: ContactTree) -> BodyChanges:
    (body,) = compare(old, new).bodies
    return body


def changes(body: BodyChanges) -> list[tuple[str, str, str]]:
    return [(c.name, c.old, c.new) for pair in body.changed for c in pair.changes]


ICHIRO = person("架空 一郎", role="課長", email="ichiro@a.example")
FUTABA = person("架空 二葉", role="主査", email="futaba@a.example")


def test_who_left_and_who_came_are_named_at_their_body() -> None:
    body = only(tree(a=[ICHIRO], b=[FUTABA]), tree(a=[person("架空 三郎")], b=[FUTABA]))
    assert body.node.id == "a"
    assert [entry.officer.name for entry in body.left] == ["架空 一郎"]
    assert [entry.officer.name for entry in body.came] == ["架空 三郎"]


def test_an_officer_with_a_new_address_and_post_is_the_same_by_name() -> None:
    new = person("架空　一郎", role="部長", email="i@a.example")
    assert changes(only(tree(a=[ICHIRO]), tree(a=[new]))) == [
        ("name", "架空 一郎", "架空　一郎"),
        ("role", "課長", "部長"),
        ("email", "ichiro@a.example", "i@a.example"),
    ]


def test_a_new_name_at_the_same_address_is_a_change_of_name() -> None:
    new = {**ICHIRO, "name": "仮名 一郎"}
    assert changes(only(tree(a=[ICHIRO]), tree(a=[new]))) == [("name", "架空 一郎", "仮名 一郎")]


def test_who_is_found_at_another_body_has_moved_by_address_or_by_name() -> None:
    for moved in (ICHIRO, {**ICHIRO, "email": "ichiro@b.example"}):
        comparison = compare(tree(a=[ICHIRO], b=[FUTABA]), tree(a=[], b=[FUTABA, moved]))
        a, b = comparison.bodies
        assert [pair.new.node for pair in a.moved_out] == ["b"]
        assert [pair.old.node for pair in b.moved_in] == ["a"]
        assert not (a.left)
        assert not (b.came)
        assert not (b.changed)


def test_of_homonyms_nobody_has_moved() -> None:
    one, other = person("架空 一郎", phone="1"), person("架空 一郎", phone="2")
    comparison = compare(tree(a=[one], b=[other], c=[]), tree(a=[], b=[], c=[one]))
    assert [len(body.left) for body in comparison.bodies] == [1, 1, 0]
    assert [len(body.came) for body in comparison.bodies] == [0, 0, 1]


def test_who_stays_is_not_mistaken_for_a_new_officer_with_the_same_address() -> None:
    successor = person("仮名 三郎", email="ichiro@a.example")
    body = only(tree(a=[ICHIRO]), tree(a=[successor, ICHIRO]))
    assert [entry.officer.name for entry in body.came] == ["仮名 三郎"]
    assert changes(body) == [("order", "1", "2")]


def test_a_body_with_a_new_id_is_the_same_by_name() -> None:
    old, new = tree(a=[ICHIRO]), tree(b=[ICHIRO])
    renamed = new.nodes[1].model_copy(update={"name": "架空a"})
    new = ContactTree.model_construct(**{**dict(new), "nodes": (new.nodes[0], renamed)})
    body = only(old, new)
    assert [(c.name, c.old, c.new) for c in body.changes] == [("id", "a", "b")]
    assert not (body.left)
    assert not (body.came)


def test_new_bodies_and_those_that_are_gone_are_told_with_their_officers() -> None:
    came, gone = compare(tree(a=[ICHIRO]), tree(b=[FUTABA])).bodies
    assert (came.old, came.node.id, len(came.came)) == (None, "b", 1)
    assert (gone.new, gone.node.id, len(gone.left)) == (None, "a", 1)


def test_what_a_body_itself_changes_is_told() -> None:
    old = tree(a=[])
    new = old.model_dump(mode="json", by_alias=True)
    new["nodes"][1] |= {"mailbox": "juki@a.example", "duty-desk": {"name": "守衛室", "phone": "9"}}
    body = only(old, ContactTree.model_validate(new))
    assert [(c.name, c.old, c.new) for c in body.changes] == [
        ("mailbox", "", "juki@a.example"),
        ("duty-desk", "", "守衛室 9"),
    ]
