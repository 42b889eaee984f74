"""Injects that a controller types while the drill runs, beside those of the scenario."""

from collections.abc import Container

from drillsim.drill.durations import Period, from_ms
from drillsim.drill.events import InjectWritten
from drillsim.drill.injects import Acknowledge, Inject, InjectId, Target

_PREFIX = "typed"


def typed_inject(event: InjectWritten) -> Inject:
    """Return the inject that `event` tells of, as the scenario would have it."""
    within = event.within_ms
    asks = None if within is None else Acknowledge(within=Period(from_ms(within)))
    return Inject(
        id=event.inject,
        from_=event.sender,
        to=Target(nodes=event.to),
        subject=event.subject,
        body=event.body,
        acknowledge=asks,
        contingency=True,
    )


def free_id(known: Container[InjectId]) -> InjectId:
    """Return the next of `typed-1`, `typed-2` … that none of `known` is called."""
    number = 1
    while InjectId(f"{_PREFIX}-{number}") in known:
        number += 1
    return InjectId(f"{_PREFIX}-{number}")
