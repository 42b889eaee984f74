"""To whom a drill may write: every address that one of its messages could go to."""

from collections.abc import Sequence
from typing import Any

from drillsim.drill.injects import Inject
from drillsim.drill.recipients import Recipient, Recipients
from drillsim.drill.tree import NodeId
from tests import examples

CONTINGENCY = {
    "id": "rumour",
    "from": "n1",
    "to": {"kind": "section"},
    "subject": "架空のうわさ",
    "body": "{{ to_body }} 様 架空です。{{ ref }}",
    "contingency": "true",
}


def recipients(
    changes: dict[str, dict[str, Any]] | None = None, injects: Sequence[Any] = (examples.INJECT,)
) -> Recipients:
    tree = examples.tree((1, 3), changes=changes)
    return Recipients(examples.exercise(tree, examples.scenario(injects=injects)))


def test_officers_and_stand_ins_of_all_bodies_in_scope_are_recipients() -> None:
    found = recipients()
    assert found.bodies == 4
    assert len(found.addresses) == 8
    assert found.all[0] == Recipient(NodeId("n1"), 1, "o1@n1.example")
    assert found.domains == {f"n1{each}.example": 2 for each in ("", "-1", "-2", "-3")}
    assert not any(each.node == "n" for each in found.all), "the sender writes to itself"


def test_a_stand_in_at_the_same_mailbox_is_no_recipient_of_its_own() -> None:
    shared = {"n1-2": {"mailbox": "desk@n1-2.example", "officers": [{"name": "a"}, {"name": "b"}]}}
    found = recipients(shared)
    assert [each.address for each in found.all if each.node == "n1-2"] == ["desk@n1-2.example"]
    assert found.sharing == ("n1-2",)


def test_a_body_without_any_address_is_named_and_not_counted() -> None:
    found = recipients({"n1-3": {"officers": [{"name": "a", "phone": "000-000-0000"}]}})
    assert found.without_mail == ("n1-3",)
    assert found.bodies == 3


def test_bodies_of_a_contingency_inject_count_for_the_operator_may_send_it() -> None:
    changes = {"n1-1": {"kind": "section"}}
    alone = {k: v for k, v in examples.INJECT.items() if k not in ("pass-on", "report")}
    without = recipients(changes, (alone,))
    found = recipients(changes, (alone, CONTINGENCY))
    assert (without.bodies, found.bodies) == (1, 2)


def test_who_is_outside_is_found_by_address() -> None:
    found = recipients().outside(lambda address: not address.endswith("@n1-2.example"))
    assert [(each.node, each.officer) for each in found] == [("n1-2", 1), ("n1-2", 2)]
    assert {each.domain for each in found} == {"n1-2.example"}


def test_a_message_that_was_typed_changes_nothing_so_that_a_drill_can_be_gone_on_with() -> None:
    exercise = examples.exercise(examples.tree((1, 3)), examples.scenario())
    before = Recipients(exercise)
    typed = {**CONTINGENCY, "id": "typed-1", "from": "n1", "to": {"nodes": ["n"]}}
    exercise.add(Inject.model_validate(typed))
    assert Recipients(exercise).all == before.all
