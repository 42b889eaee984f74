"""A piece of text of any length, broken into lines as Japanese is, and scrolled."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.widgets import Static
from typing_extensions import override

from drillsim.text import breaks, width


def folded(text: Text, cells: int) -> Text:
    """Return `text` with line breaks where its lines are wider than `cells`; styles stay."""
    if cells < 2:
        return text
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        lines += line.divide(breaks(line.plain, cells)) if width(line.plain) > cells else [line]
    return Text("\n").join(lines)


class Folded(Static):
    """Some lines of clean text, broken as Japanese is to the width that they get."""

    def __init__(
        self,
        text: Text | str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._whole = Text("")
        self.show(text)

    def show(self, text: Text | str) -> None:
        """Show another text."""
        self._whole = Text(text) if isinstance(text, str) else text
        self.refresh(layout=True)

    @override
    def render(self) -> Text:
        return folded(self._whole, self.content_size.width)

    @override
    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        lines = folded(self._whole, width).plain if self._whole else ""
        return lines.count("\n") + 1


class Pane(VerticalScroll):
    """Clean text; the arrow keys scroll it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self._text = Text()
        self._folded = Folded()

    @override
    def compose(self) -> ComposeResult:
        yield self._folded

    def show(self, text: Text) -> None:
        """Show `text` from its beginning."""
        self._text = text
        self._folded.show(text)
        self.scroll_home(animate=False)

    @property
    def plain(self) -> str:
        """What is shown."""
        return self._text.plain
