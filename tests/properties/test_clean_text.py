"""Whatever comes in, what goes out does nothing to a screen; Japanese goes through untouched."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from drillsim.text import MARKS_MAX, clean, clean_line, cut, fit, width

NASTY = st.sampled_from(
    [
        *("\x1b[31m", "\x1b]0;t\x07", "\x1bP1q\x1b\\", "\x9b2J", "\u202e", "\u2066", "\ufe0f"),
        *("\u200b", "\u0301" * 9, "\u3099", "\ud800", "\x00", "\r\n", "\u2028", "\t", "\x1b"),
        *("\x7f", "\uffff", "\u3000"),
    ]
)
ANY_TEXT = st.lists(st.one_of(NASTY, st.text(), st.text(st.characters()))).map("".join)
JAPANESE = st.text(
    st.one_of(
        st.characters(min_codepoint=0x3041, max_codepoint=0x3096),
        st.characters(min_codepoint=0x30A1, max_codepoint=0x30FE),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
        st.characters(min_codepoint=0xFF01, max_codepoint=0xFF9F),
        st.characters(min_codepoint=0xE000, max_codepoint=0xF8FF),  # 外字
        st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
        st.sampled_from("㈱①℡﨑髙神\u3000「」【】〜～－―…※→\n"),
    ),
    min_size=1,
)


@given(ANY_TEXT)
def test_nothing_that_acts_on_a_screen_comes_through(text: str) -> None:
    for character in clean(text):
        assert character == "\n" or unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in {
            "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"
        }  # fmt: skip


@given(ANY_TEXT, st.integers(min_value=1, max_value=40))
def test_the_limit_holds_and_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    once = clean(text, limit=limit)
    assert len(once) <= limit
    assert clean(once, limit=limit) == once
    line = clean_line(text, limit=limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert clean_line(line, limit=limit) == line


@given(ANY_TEXT)
def test_marks_pile_up_no_higher_than_allowed(text: str) -> None:
    run = MARKS_MAX
    for character in clean(text):
        if unicodedata.category(character).startswith("M"):
            run += 1
            assert run <= MARKS_MAX
        else:
            run = MARKS_MAX if character.isspace() else 0


@given(JAPANESE)
def test_japanese_goes_through_untouched(text: str) -> None:
    assert clean(text) == text


@given(ANY_TEXT, st.integers(min_value=0, max_value=30), st.booleans(), st.booleans())
def test_a_cell_of_a_table_has_the_width_it_was_given(
    text: str, cells: int, right: bool, ambiguous_wide: bool
) -> None:
    line = clean_line(text)
    assert (
        width(cut(line, cells, ambiguous_wide=ambiguous_wide), ambiguous_wide=ambiguous_wide)
        <= cells
    )
    fitted = fit(line, cells, right=right, ambiguous_wide=ambiguous_wide)
    assert width(fitted, ambiguous_wide=ambiguous_wide) == cells
