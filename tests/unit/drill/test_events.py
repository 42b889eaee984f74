"""Events as plain data and back: every kind, every field."""

import json
from dataclasses import FrozenInstanceError, fields
from datetime import timedelta
from typing import Any

import pytest

from drillsim.drill import events as ev
from drillsim.drill.events import EVENT_TYPES, AnyEvent, decode, encode
from drillsim.drill.scenario import InjectId
from drillsim.drill.tree import NodeId

AT = timedelta(minutes=3, milliseconds=7)
KEY = (InjectId("first"), NodeId("010006"))

EXAMPLES: dict[str, Any] = {
    "at": AT,
    "because": "なぜ <a@b.test>",
    "retry_at": AT + timedelta(milliseconds=1),
    "happened_at": AT - timedelta(minutes=1),
    "notice": KEY,
    "to": (NodeId("a"), NodeId("b")),
    "left_out": (NodeId("c"),),
    "copies": (NodeId("d"),),
    "answers": (("terminals", "0"), ("line-cut", "有")),
    "suggested": (KEY, (InjectId("second"), NodeId("x"))),
}
NUMBERS = {
    "officer",
    "attempt",
    "tries",
    "reply_code",
    "number",
    "seed",
    "nodes",
    "participants",
    "within_ms",
}
FLAGS = {"identical", "permanent", "tray", "by_hand", "bcc"}


def value_of(name: str) -> Any:
    if name in EXAMPLES:
        return EXAMPLES[name]
    if name in NUMBERS | {"level"}:
        return 3
    return True if name in FLAGS else f"{name} ①"


def example(kind: str) -> AnyEvent:
    event = EVENT_TYPES[kind]
    return event(**{field.name: value_of(field.name) for field in fields(event)})


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_event_comes_back_from_json_as_it_was(kind: str) -> None:
    event = example(kind)
    again = decode(json.loads(json.dumps(encode(event))))
    assert again == event
    assert type(again) is EVENT_TYPES[kind]
    assert hash(again) == hash(event)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_field_is_written_under_its_name(kind: str) -> None:
    event = example(kind)
    data = encode(event)
    assert data["kind"] == kind
    assert set(data) == {"kind", *(field.name for field in fields(event))}
    assert data["at"] == 180_007


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_an_event_cannot_be_edited(kind: str) -> None:
    event = example(kind)
    with pytest.raises(FrozenInstanceError):
        event.at = timedelta(0)  # type: ignore[misc]


def test_an_empty_because_is_left_out() -> None:
    data = encode(ev.CallDue(at=AT, notice=KEY))
    assert "because" not in data
    assert decode(data) == ev.CallDue(at=AT, notice=KEY)


def test_what_has_a_default_is_written_all_the_same() -> None:
    data = encode(ev.Submitted(
        at=AT, notice=KEY, officer=1, attempt=0, mail="m", purpose="notice",
        sender=NodeId("n"), recipient="a@b.example",
    ))  # fmt: skip
    assert data["raw"] == ""


def test_kinds_are_in_lower_case_and_of_one_event_each() -> None:
    assert len(EVENT_TYPES) == 33
    assert all(kind == kind.lower() and " " not in kind for kind in EVENT_TYPES)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "unknown event None"),
        ({"kind": "unheard-of", "at": 0}, "unknown event 'unheard-of'"),
        ({"kind": "call-due", "at": 0}, "event call-due: .*missing.* 'notice'"),
        (
            {"kind": "call-due", "at": 0, "notice": ["a", "b"], "more": 1},
            "event call-due: .*unexpected.* 'more'",
        ),
    ],
)
def test_what_is_no_event_is_refused(data: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}"):
        decode(data)
