"""What a drill found out about the contact tree is proposed once, to the officer it is about."""

from typing import Any, get_args

import pytest

from drillsim.drill import events as ev
from drillsim.evaluation.mending import Mend, MendKind, mends_of
from tests import examples
from tests.unit.evaluation.logs import Log, m

SAID = {
    "dead-address": "the address o1@n1.example of 架空 一 does not exist: put it right",
    "no-address": "架空 一 has no address to write to: add one",
    "full-mailbox": "the mailbox o1@n1.example of 架空 一 is full: ask whether it is read",
    "refused": "the server refuses mail to o1@n1.example of 架空 一: ask its administrator",
    "moved": "架空 一 has moved away from o1@n1.example: put the new address",
    "absent": "架空 一 was away: see whether the next one in calling order could answer",
    "declined": "架空 一 answered that they cannot act: ask who can",
    "wrong-number": "the telephone number of 架空 一 is wrong: put it right",
    "colleague": "架空 一 <o1@n1.example> answered and is not on the list: add them",
    "foreign-sender": (
        "架空 一 <o1@n1.example> answered from a domain of nobody here: ask who that is"
    ),
}


def mend(kind: Any, officer: int = 1, who: str = "架空 一", address: str = "o1@n1.example") -> Mend:
    return Mend(kind=kind, node="n1", officer=officer, address=address, who=who, because=(1,))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", get_args(MendKind))
def test_a_proposal_says_what_was_found_and_what_to_do(kind: str) -> None:
    assert mend(kind).sentence() == SAID[kind]


def test_what_others_wrote_is_shown_short_and_a_nameless_one_as_a_question_mark() -> None:
    said = mend("colleague", who="", address="x" * 100).sentence()
    assert said == f"? <{'x' * 79}…> answered and is not on the list: add them"
    said = mend("declined", who="a\n" + "b" * 100).sentence()
    assert (
        said.split(" answered")[0]
        == mend("declined", who="a\n" + "b" * 300).sentence().split(" answered")[0]
    )
    assert len(said.split(" answered")[0]) == 60


def test_the_editor_opens_at_the_officer_or_at_the_body() -> None:
    assert mend("absent", officer=2).place == "n1/2"
    assert mend("colleague", officer=0).place == "n1"


def found(log: Log) -> list[tuple[str, str, int, str, str, tuple[int, ...]]]:
    return [
        (e.kind, e.node, e.officer, e.address, e.who, e.because)
        for e in mends_of(log.exercise, log.events)
    ]


def answer(log: Log, node: str, **more: Any) -> int:
    values: dict[str, Any] = {
        "channel": "mail",
        "officer": 0,
        "by": "架空 外",
        "sender": "x@y.example",
    }
    return log.add(ev.Acknowledged(at=m(9), notice=log.key(node), **(values | more)))


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("no-address", "no-address"),
        ("unknown-address", "dead-address"),
        ("mailbox-full", "full-mailbox"),
        ("refused", "refused"),
    ],
)
def test_a_refusal_is_about_the_address_of_the_officer(failure: str, kind: str) -> None:
    log = Log(examples.exercise())
    number = log.refuse("n1", 1, officer=2, failure=failure)
    assert found(log) == [(kind, "n1", 2, "o2@n1.example", "n1 担当2", (number,))]


def test_a_delivery_report_tells_a_move_from_a_dead_address_and_a_passing_failure_nothing() -> None:
    log = Log(examples.exercise())
    for node, status, permanent in (
        ("n1", "5.1.6", True),
        ("n1-1", "5.2.16", False),
        ("n1-2", "5.1.1", True),
        ("n1-3", "4.4.7", False),
    ):
        log.add(
            ev.Bounced(at=m(2), notice=log.key(node), officer=1, status=status, permanent=permanent)
        )
    assert [(kind, node) for kind, node, *_ in found(log)] == [
        ("moved", "n1"),
        ("moved", "n1-1"),
        ("dead-address", "n1-2"),
    ]


def test_an_absence_a_refusal_to_act_and_a_wrong_number_are_about_their_officer() -> None:
    log = Log(examples.exercise())
    away = log.auto_reply("n1-1", 1, officer=2)
    cannot = log.decline("n1", 2)
    log.decline("n1", 2, officer=0)
    wrong, *_others = [
        log.add(
            ev.Called(
                at=m(3),
                notice=log.key("n1-3"),
                officer=officer,
                channel="telephone",
                result=result,  # type: ignore[arg-type]
            )
        )
        for officer, result in ((2, "wrong-number"), (0, "wrong-number"), (1, "absent"))
    ]
    assert found(log) == [
        ("declined", "n1", 1, "o1@n1.example", "n1 担当1", (cannot,)),
        ("absent", "n1-1", 2, "o2@n1-1.example", "n1-1 担当2", (away,)),
        ("wrong-number", "n1-3", 2, "o2@n1-3.example", "n1-3 担当2", (wrong,)),
    ]


def test_who_answered_and_is_not_on_the_list_is_to_be_added_or_asked_about() -> None:
    contacts = examples.tree(
        changes={
            "n1-1": {
                "mailbox": "Office@n1-1.example",
                "officers": [
                    {
                        "name": "架空 二",
                        "email": ["A@n1-1.example", "b@n1-1.example"],
                        "off-hours": {"email": "Night@n1-1.example"},
                    }
                ],
            }
        }
    )
    log = Log(examples.exercise(contacts))
    first = answer(log, "n1", sender="c@n1.example", by="架空 同僚")
    foreign = answer(log, "n1-2", foreign=True)
    second = log.add(
        ev.Reported(
            at=m(20),
            notice=log.key("n1"),
            channel="mail",
            officer=0,
            by="架空 同僚",
            sender="c@n1.example",
        )
    )
    for listed in ("office@N1-1.example", "a@n1-1.example", "B@n1-1.example", "night@n1-1.example"):
        answer(log, "n1-1", sender=listed)
    answer(log, "n1-3", officer=1)  # An officer, from wherever.
    answer(log, "n1-3", channel="telephone")
    answer(log, "n1-3", sender="")
    answer(log, "gone")
    assert found(log) == [
        ("colleague", "n1", 0, "c@n1.example", "架空 同僚", (first, second)),
        ("foreign-sender", "n1-2", 0, "x@y.example", "架空 外", (foreign,)),
    ]


def test_the_most_certain_comes_first_at_each_body_and_strangers_last() -> None:
    log = Log(examples.exercise())
    answer(log, "n1")
    log.auto_reply("n1", 1)
    log.refuse("n1", 2, failure="refused")
    log.auto_reply("n1", 3)
    log.refuse("n1", 4, officer=2, failure="unknown-address")
    log.refuse("n", 5, failure="mailbox-full")
    assert [(kind, node, officer) for kind, node, officer, *_ in found(log)] == [
        ("full-mailbox", "n", 1),
        ("dead-address", "n1", 2),
        ("refused", "n1", 1),
        ("absent", "n1", 1),
        ("colleague", "n1", 0),
    ]


def test_where_nobody_knows_whose_mailbox_it_was_nobody_is_named() -> None:
    log = Log(examples.exercise())
    number = log.auto_reply("n1", 1, officer=0)
    assert found(log) == [("absent", "n1", 0, "", "", (number,))]
