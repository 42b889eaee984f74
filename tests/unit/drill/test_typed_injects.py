"""An inject that a controller types is one like those of the scenario, with an id of its own."""

from datetime import timedelta

import pytest

from drillsim.drill.durations import Period
from drillsim.drill.events import InjectWritten
from drillsim.drill.injects import Acknowledge, Inject, InjectId, Target
from drillsim.drill.tree import NodeId
from drillsim.drill.typed import free_id, typed_inject


@pytest.mark.parametrize("within_ms", [None, 0, 900_000])
def test_what_was_typed_is_sent_as_it_was_typed(within_ms: int | None) -> None:
    event = InjectWritten(
        at=timedelta(minutes=3),
        inject=InjectId("typed-1"),
        by="統制者",
        sender=NodeId("n"),
        to=(NodeId("n1"), NodeId("n1-2")),
        subject="追加の状況付与",
        body="架空の障害が続いています。",
        within_ms=within_ms,
    )
    asks = within_ms is not None
    assert typed_inject(event) == Inject(
        id=InjectId("typed-1"),
        from_=NodeId("n"),
        to=Target(nodes=(NodeId("n1"), NodeId("n1-2"))),
        subject="追加の状況付与",
        body="架空の障害が続いています。",
        acknowledge=Acknowledge(within=Period(timedelta(milliseconds=within_ms or 0)))
        if asks
        else None,
        contingency=True,
    )


def test_the_next_free_id_is_taken() -> None:
    assert free_id([]) == "typed-1"
    assert free_id([InjectId("typed-2"), InjectId("first")]) == "typed-1"
    assert free_id([InjectId("typed-1"), InjectId("typed-2"), InjectId("typed-4")]) == "typed-3"
