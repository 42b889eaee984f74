"""A piece of text of any length, wrapped and scrolled."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static
from typing_extensions import override


class Pane(VerticalScroll):
    """Clean text; the arrow keys scroll it."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="pane")
        self._text = Text()
        self._static = Static()

    @override
    def compose(self) -> ComposeResult:
        yield self._static

    def show(self, text: Text) -> None:
        """Show `text` from its beginning."""
        self._text = text
        self._static.update(text)
        self.scroll_home(animate=False)

    @property
    def plain(self) -> str:
        """What is shown."""
        return self._text.plain
