"""Events as canonical JSON: the text that the journal chains, written at a stroke.

It is what `json.dumps` makes of `events.encode` with sorted keys and no spaces, UTF-8 (a property
test compares both): the keys of each kind of event are sorted and quoted once, and only the values
are written anew.
"""

import json
from json.encoder import encode_basestring
from typing import Any, Final

from drillsim.drill.durations import to_ms
from drillsim.drill.events import EVENT_TYPES, FIELDS, OMITTED, TIMES, AnyEvent

_ANY: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)


def _heads(event: type[AnyEvent]) -> tuple[tuple[str, str, bool], ...]:
    """Return the fields of a kind of event in the order of its JSON, `kind` among them.

    Of each: what leads to its value, its name, and whether it may be left out.
    """
    return tuple(
        (f',"kind":"{event.kind}"', "", False)
        if name == "kind"
        else (f',"{name}":', name, name in OMITTED)
        for name in sorted((*FIELDS[event], "kind"))
    )


_HEADS: Final = {event: _heads(event) for event in EVENT_TYPES.values()}


def event_json(event: AnyEvent) -> str:
    """Return an event as canonical JSON, with what may be left out left out.

    Lone surrogates, which mails of bad coding bring along, are written as JSON escapes.
    """
    pieces: list[str] = []
    for lead, name, may_be_omitted in _HEADS[type(event)]:
        if not name:
            pieces.append(lead)
            continue
        value: Any = getattr(event, name)
        if may_be_omitted and value == OMITTED[name]:
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
