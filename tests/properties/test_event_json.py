"""The quick way to write an event is the same, byte for byte, as the plain one."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillsim.drill.event_json import event_json
from drillsim.drill.events import EVENT_TYPES, TIMES, encode
from drillsim.journal.chain import canonical
from tests.unit.drill.test_events import example

words = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["", '"\\', "\n\r\t\b\f\x00\x1f\x7f", "\ud800", "\udcff訓練", "\u2028", "𠮷", "<a@b.test>"]
)
times = st.integers(-(2**40), 2**40).map(lambda ms: timedelta(microseconds=ms * 333))


def values(event: type[Any], name: str) -> st.SearchStrategy[Any]:
    """Return what a field may hold by its type: what stands in tuples is text or text again."""
    hint = str(get_type_hints(event)[name])
    nothing = st.none() if "None" in hint else st.nothing()
    if name in TIMES:
        return times | nothing
    if name == "notice":
        return st.tuples(words, words) | nothing
    if "tuple" in hint:
        return st.lists(words | st.tuples(words, words)).map(tuple)
    if "bool" in hint:
        return st.booleans()
    if "int" in hint and "str" not in hint:
        return st.integers(-(2**63), 2**63) | nothing
    return words | nothing


@pytest.mark.parametrize("kind", EVENT_TYPES)
@given(data=st.data())
def test_an_event_is_written_as_its_plain_data_would_be(kind: str, data: st.DataObject) -> None:
    event = EVENT_TYPES[kind]
    drawn = {field.name: data.draw(values(event, field.name)) for field in fields(event)}
    made = event(**drawn)
    assert event_json(made) == canonical(encode(made))


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_so_it_is_with_and_without_a_cause(kind: str) -> None:
    for event in (example(kind), replace(example(kind), because="")):
        assert event_json(event) == canonical(encode(event))
