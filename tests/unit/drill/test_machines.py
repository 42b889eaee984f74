"""The table of a notice: every row walked, every name a state, every end an end."""

import pytest
from transitions import Machine, MachineError

from drillsim.drill.machines import FINAL, NOTICE_MACHINE, TRANSITIONS, NoticeState, move

STATES = {state.value for state in NoticeState}
TRIGGERS = {row["trigger"] for row in TRANSITIONS}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row['trigger']}-{row['source']}")
def test_every_row_names_states_that_are_there(row: dict[str, str]) -> None:
    # pytransitions takes a misspelt dest without a word.
    assert row["source"] in STATES
    assert row["dest"] in STATES
    assert row["dest"] in NOTICE_MACHINE.states


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row['trigger']}-{row['source']}")
def test_every_row_is_what_pytransitions_does(row: dict[str, str]) -> None:
    class Model:
        state: str

    model = Model()
    machine = Machine(
        model=model,
        states=[*STATES],
        initial=row["source"],
        transitions=TRANSITIONS,
        auto_transitions=False,
    )
    assert machine.events[row["trigger"]].trigger(model)
    assert model.state == row["dest"]
    assert move(row["trigger"], NoticeState(row["source"])) == row["dest"]  # type: ignore[arg-type]


def test_what_is_not_in_the_table_is_no_move() -> None:
    rows = {(row["trigger"], row["source"]) for row in TRANSITIONS}
    for trigger in TRIGGERS:
        for state in NoticeState:
            target = move(trigger, state)  # type: ignore[arg-type]
            assert (target is None) == ((trigger, state.value) not in rows)


def test_pytransitions_refuses_it_too() -> None:
    class Model:
        pass

    model = Model()
    machine = Machine(
        model=model, states=[*STATES], initial="completed", transitions=TRANSITIONS,
        auto_transitions=False,
    )  # fmt: skip
    with pytest.raises(MachineError):
        machine.events["give_up"].trigger(model)


def test_no_two_rows_have_one_trigger_and_one_source() -> None:
    assert len({(row["trigger"], row["source"]) for row in TRANSITIONS}) == len(TRANSITIONS)


def test_an_end_leads_to_a_final_state_from_every_state_that_is_none() -> None:
    for trigger in ("end", "cancel"):
        for state in NoticeState:
            target = move(trigger, state)
            if state not in FINAL:
                assert target in FINAL, (trigger, state)


def test_every_state_can_be_come_to() -> None:
    reached = {NoticeState.WAITING.value}
    for _ in STATES:
        reached |= {row["dest"] for row in TRANSITIONS if row["source"] in reached}
    assert reached == STATES


def test_only_an_answer_leads_out_of_unreachable() -> None:
    ways = {r["trigger"] for r in TRANSITIONS if r["source"] == "unreachable" != r["dest"]}
    assert ways == {"acknowledge"}


def test_a_notice_never_goes_back() -> None:
    order = ["waiting", "notified", "unreachable", "acknowledged", "completed"]
    for row in TRANSITIONS:
        if row["dest"] in order:
            assert order.index(row["source"]) <= order.index(row["dest"]), row
