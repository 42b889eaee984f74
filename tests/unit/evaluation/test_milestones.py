"""Marks and shares over the denominator of all who were to answer."""

from drillsim.evaluation.milestones import marks_of, median, shares_within
from drillsim.evaluation.rate import Rate
from tests.unit.evaluation.logs import m


def test_a_mark_is_when_the_answers_number_that_share_of_the_denominator() -> None:
    marks = marks_of([m(n) for n in (40, 3, 10, 7)], of=8)
    assert marks.first == m(3)
    assert dict(marks.at_percent) == {25: m(7), 50: m(40), 75: None, 90: None}
    assert marks.last == m(40)


def test_a_share_that_falls_between_two_nodes_waits_for_the_later_one() -> None:
    # 90 % of 19 are 17.1: the 18th answer.
    marks = marks_of([m(n) for n in range(1, 20)], of=19)
    assert dict(marks.at_percent) == {25: m(5), 50: m(10), 75: m(15), 90: m(18)}


def test_without_answers_there_are_no_marks() -> None:
    marks = marks_of([], of=5)
    assert (marks.first, marks.last) == (None, None)
    assert {at for _, at in marks.at_percent} == {None}


def test_of_nobody_there_are_no_marks() -> None:
    assert {at for _, at in marks_of([], of=0).at_percent} == {None}


def test_shares_count_an_answer_at_the_limit() -> None:
    shares = shares_within([m(15), m(15.001), m(60), m(61)], of=5)
    assert shares == ((m(15), Rate(1, 5)), (m(30), Rate(2, 5)), (m(60), Rate(3, 5)))


def test_a_median_of_an_even_number_lies_between_the_two_middle_ones() -> None:
    assert median([m(1), m(9), m(4), m(6)]) == m(5)
    assert median([m(9), m(1), m(4)]) == m(4)
    assert median([]) is None
