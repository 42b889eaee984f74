"""Text is broken as Japanese is: anywhere, but for what may not begin or end a line."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import Static

from drillsim.text import breaks, width
from drillsim.tui.widgets.pane import Folded, Pane, folded

SAID = "「訓練です。山口県 市町課の防長です。訓練のメールをお送りしましたが、届いていますか。」"


def lines(text: str, cells: int) -> list[str]:
    places = [0, *breaks(text, cells), len(text)]
    return [text[a:b] for a, b in pairwise(places)]


def test_a_line_of_japanese_is_filled_and_not_broken_at_its_only_space() -> None:
    first, *_rest = lines(SAID, 40)
    assert first.startswith("「訓練です。山口県 市町課")
    assert width(first) >= 36


def test_no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one() -> None:
    for cells in range(4, 60):
        for line in lines("「訓練」（架空）です。" * 5, cells)[1:]:
            assert line[0] not in "、。」）"


def test_words_of_narrow_characters_stay_whole() -> None:
    assert lines("aaa bbb ccc", 8) == ["aaa bbb ", "ccc"]
    assert "7KQ2-M4XD" in lines("整理番号は7KQ2-M4XDです", 14)[1]


@given(st.text("あ。「」 aー", max_size=60), st.integers(2, 30))
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, cells: int) -> None:
    found = lines(text, cells)
    assert "".join(found) == text
    assert all(width(line) <= cells for line in found)


def test_styles_stay_where_they_are() -> None:
    text = Text("あ" * 10).append("い" * 10, "bold")
    shown = folded(text, 10)
    bold = "".join(shown.plain[s.start : s.end] for s in shown.spans if "bold" in str(s.style))
    assert bold.replace("\n", "") == "い" * 10


async def test_a_few_lines_are_broken_to_the_width_that_they_get() -> None:
    class Holder(App[None]):
        def compose(self) -> ComposeResult:
            yield Folded(SAID, id="said")
            yield Static("after", id="after")

    async with Holder().run_test(size=(40, 24)) as pilot:
        said = pilot.app.query_one("#said", Folded)
        assert str(said.render()).replace("\n", "") == SAID
        assert said.size.height == len(lines(SAID, 40))
        assert pilot.app.query_one("#after").region.y == said.size.height
        said.show("")
        await pilot.pause()
        assert said.size.height == 1


async def test_a_long_text_is_broken_to_what_its_scroll_bar_leaves() -> None:
    class Holder(App[None]):
        def compose(self) -> ComposeResult:
            yield Pane(id="pane")

    async with Holder().run_test(size=(40, 10)) as pilot:
        pane = pilot.app.query_one("#pane", Pane)
        pane.show(Text("\n".join(["あ" * 60] * 20)))
        await pilot.pause()
        assert pane.show_vertical_scrollbar
        room = pane.scrollable_content_region.width
        assert room < 40
        shown = [strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()]
        widest = room - room % 2
        assert {width(line[: room // 2]) for line in shown[:3]} == {widest}
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        room = pane.scrollable_content_region.width
        shown = [strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips()]
        assert shown[0].startswith("あ" * (room // 2))
