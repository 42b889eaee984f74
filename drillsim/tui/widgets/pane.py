"""A piece of text of any length, broken into lines as Japanese is, and scrolled."""

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static
from typing_extensions import override

from drillsim.text import width

_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！ー々…）」』】〕］｝〉》ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
)
"""What begins no line (行頭禁則)."""
_NOT_LAST: Final = frozenset("（「『【〔［｛〈《")
"""What ends no line (行末禁則)."""


def breaks(text: str, cells: int) -> list[int]:
    """Return where a line of text is broken, so that no part is wider than `cells`.

    Between wide characters it may be anywhere but for the rules above; words of narrow ones stay
    whole where they can. Rich breaks at spaces alone, of which Japanese has few.
    """
    found: list[int] = []
    start = taken = 0
    allowed = 0
    before = ""
    for place, character in enumerate(text):
        size = width(character)
        if place > start and _may_break(before, character, size):
            allowed = place
        while taken + size > cells and place > start:
            at = allowed if allowed > start else place
            found.append(at)
            start, taken = at, sum(map(width, text[at:place]))
        taken += size
        before = character
    return found


def _may_break(before: str, after: str, size: int) -> bool:
    if before == " ":
        return True
    is_wide = size == 2 or width(before) == 2
    return is_wide and after not in _NOT_FIRST and before not in _NOT_LAST


def folded(text: Text, cells: int) -> Text:
    """Return `text` with line breaks where its lines are wider than `cells`; styles stay."""
    if cells < 2:
        return text
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        lines += line.divide(breaks(line.plain, cells)) if width(line.plain) > cells else [line]
    return Text("\n").join(lines)


class Pane(VerticalScroll):
    """Clean text; the arrow keys scroll it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self._text = Text()
        self._static = Static()

    @override
    def compose(self) -> ComposeResult:
        yield self._static

    def on_resize(self) -> None:
        self._fill()

    def show(self, text: Text) -> None:
        """Show `text` from its beginning."""
        self._text = text
        self._fill()
        self.scroll_home(animate=False)

    def _fill(self) -> None:
        room = self.scrollable_content_region.width
        self._static.update(folded(self._text, room) if room else self._text)

    @property
    def plain(self) -> str:
        """What is shown."""
        return self._text.plain
