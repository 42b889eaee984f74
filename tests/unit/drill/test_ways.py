"""Whether real people get the mails of a drill is read from its journal, and marked everywhere."""

import pytest

from drillsim.drill.ways import Way, is_live, live_mark, way_of, way_word


@pytest.mark.parametrize(
    ("meta", "way", "word", "mark"),
    [
        ({}, "rehearsal", "rehearsal", ""),
        ({"mode": "rehearsal", "way": "mail"}, "rehearsal", "rehearsal", ""),
        ({"mode": "live"}, "mail", "live drill by mail", "LIVE"),
        ({"mode": "live", "way": "later"}, "mail", "live drill by mail", "LIVE"),
        ({"mode": "live", "way": "by-hand"}, "by-hand", "live drill by hand", "LIVE by hand"),
    ],
)
def test_a_live_drill_is_marked_and_one_of_unknown_way_is_by_mail(
    meta: dict[str, str], way: Way, word: str, mark: str
) -> None:
    assert way_of(meta) == way
    assert (way_word(way), live_mark(way)) == (word, mark)
    assert is_live(way) is bool(mark)
