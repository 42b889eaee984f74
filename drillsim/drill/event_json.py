"""Events as canonical JSON: the text that the journal chains, written at a stroke.

It is what `json.dumps` makes of `events.encode` with sorted keys and no spaces, UTF-8 (a property
test compares both): the keys of each kind of event are sorted and quoted once, and only the values
are written anew.
"""

import json
from collections.abc import Callable
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, Final, TypeAlias

from drillsim.drill.durations import to_ms
from drillsim.drill.events import EVENT_TYPES, FIELDS, OMITTED, TIMES, AnyEvent

_ANY: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


_Head: TypeAlias = tuple[str, str, object]
"""What leads to the value of a field, its name, and at which value it is left out."""

_NEVER: Final = object()
"""What a field that must not be left out is never."""


def _form(event: type[AnyEvent]) -> tuple[Callable[[AnyEvent], Any], tuple[_Head, ...]]:
    """Return what gives the values of a kind of event in the order of its JSON, and their heads."""
    names = sorted((*FIELDS[event], "kind"))
    heads = tuple((f',"{name}":', name, OMITTED.get(name, _NEVER)) for name in names)
    return attrgetter(*names), heads


_FORMS: Final = {event: _form(event) for event in EVENT_TYPES.values()}


def event_json(event: AnyEvent) -> str:
    """Return an event as canonical JSON, with what may be left out left out.

    Lone surrogates, which mails of bad coding bring along, are written as JSON escapes.
    """
    values, heads = _FORMS[type(event)]
    pieces: list[str] = []
    for value, (lead, name, omitted) in zip(values(event), heads, strict=True):
        if value == omitted:
            continue
        kind = type(value)
        if kind is str:
            pieces.append(lead + encode_basestring(value))
        elif kind is int:
            pieces.append(f"{lead}{value}")
        elif value is None:
            pieces.append(f"{lead}null")
        elif name in TIMES:
            pieces.append(f"{lead}{to_ms(value)}")
        elif name == "notice":
            inject, node = value
            pieces.append(f"{lead}[{encode_basestring(inject)},{encode_basestring(node)}]")
        else:
            pieces.append(lead + _ANY.encode(value))
    text = "".join(pieces)
    return f"{{{text[1:]}}}".encode("utf-8", "backslashreplace").decode()
