"""What falls due next: a total order, and a text that gives it back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drillsim.drill.agenda import Agenda, Due, Rank, due_of_text

SECOND = timedelta(seconds=1)

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=20)
DUES = st.builds(
    Due,
    st.integers(0, 10**12).map(lambda ms: timedelta(milliseconds=ms)),
    st.sampled_from(Rank),
    st.integers(-1, 99),
    st.integers(-1, 9_999),
    st.integers(0, 9),
    st.integers(0, 9),
    WORDS,
    st.text(st.characters(codec="utf-8"), max_size=40),
)


def due(at: timedelta = SECOND, rank: Rank = Rank.TIMER, *more: int, act: str = "remind") -> Due:
    inject, node, officer, attempt = (*more, 0, 0, 0, 0)[:4]
    return Due(at, rank, inject, node, officer, attempt, act)


def drained(agenda: Agenda) -> list[Due]:
    taken = []
    while len(agenda):
        taken.append(agenda.pop())
    return taken


def test_at_one_instant_an_order_comes_first_then_arrivals_timers_and_phases() -> None:
    agenda = Agenda()
    for rank in reversed(Rank):
        agenda.add(due(rank=rank))
    ranks = [each.rank for each in drained(agenda)]
    assert ranks == [Rank.COMMAND, Rank.ARRIVAL, Rank.TIMER, Rank.PHASE]


def test_within_a_rank_it_goes_by_inject_node_officer_and_attempt() -> None:
    wanted = [
        due(SECOND, Rank.TIMER, 0, 0, 0, 1),
        due(SECOND, Rank.TIMER, 0, 0, 1, 0),
        due(SECOND, Rank.TIMER, 0, 2, 0, 0),
        due(SECOND, Rank.TIMER, 1, 1, 0, 0),
    ]
    agenda = Agenda()
    for each in reversed(wanted):
        agenda.add(each)
    assert drained(agenda) == wanted


def test_time_goes_before_rank() -> None:
    agenda = Agenda()
    agenda.add(due(2 * SECOND, Rank.COMMAND))
    agenda.add(due(SECOND, Rank.PHASE))
    assert agenda.pop().at == SECOND


def test_what_was_put_in_twice_is_taken_once() -> None:
    agenda = Agenda()
    for _ in range(3):
        agenda.add(due())
    agenda.add(due(act="stand-in"))
    assert [each.act for each in drained(agenda)] == ["remind", "stand-in"]


def test_an_empty_agenda_has_no_next() -> None:
    assert Agenda().peek() is None
    with pytest.raises(IndexError):
        Agenda().pop()


@given(st.lists(DUES, max_size=40))
def test_whatever_is_put_in_comes_out_in_rising_order(dues: list[Due]) -> None:
    agenda = Agenda()
    for each in dues:
        agenda.add(each)
    assert drained(agenda) == sorted(set(dues))


@given(st.lists(DUES, min_size=1, max_size=20), st.data())
def test_after_a_cut_only_what_comes_later_is_left(dues: list[Due], data: st.DataObject) -> None:
    last = data.draw(st.sampled_from(dues))
    agenda = Agenda()
    for each in dues:
        agenda.add(each)
    agenda.drop_through(last)
    assert drained(agenda) == sorted({each for each in dues if each > last})


@given(DUES)
def test_a_due_comes_back_from_its_text(one: Due) -> None:
    assert due_of_text(one.as_text()) == one


def test_a_detail_may_hold_slashes() -> None:
    one = due()._replace(detail="1 0 a/b@x.test")
    assert due_of_text(one.as_text()) == one


@pytest.mark.parametrize("text", ["", "1/2/3", "x/1/0/0/0/0/a/", "0/9/0/0/0/0/a/"])
def test_what_is_no_due_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several kinds of wrong
        due_of_text(text)
