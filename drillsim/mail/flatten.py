"""HTML mail made plain text, quotes marked by "> ", in linear time whatever the HTML.

Only what the reading of replies needs: blocks become lines, a blockquote becomes quoted lines, what
is never shown (styles, scripts, comments) goes. No HTML parser of the standard library: the one of
Python 3.11 takes quadratic time on open tags and comments.
"""

import html
import re

_PIECE = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9:]{0,20})([^<>]{0,4000})>|<[!?/][^<>]{0,4000}>")
_HIDDEN = {
    name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("style", "script", "title")
}
_BLOCKS = frozenset(
    "p div br tr li ul ol dl dt dd table h1 h2 h3 h4 h5 h6 pre hr blockquote center"
    " address article section header footer body form fieldset".split()
)
_CELLS = frozenset({"td", "th"})
_SPACED = frozenset({"p", "h1", "h2", "h3"})
_DEPTH_MAX = 10
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_INVISIBLE = re.compile("[\u200b\u200c\u2060\ufeff\u00ad]")

SOURCE_MAX = 600_000  # Letters; what a person reads stands within them.
RULE = "________________________________"


def flatten_html(source: str) -> str:
    """Return the text of an HTML body as a mail client would quote it."""
    source = source[:SOURCE_MAX]
    page = _Page()
    at = 0
    while piece := _PIECE.search(source, at):
        page.words.append(source[at : piece.start()])
        at = piece.end()
        name = (piece[2] or "").lower()
        if piece[0] == "<!--":
            end = source.find("-->", at)
            at = end + 3 if end >= 0 else len(source)
        elif name in _HIDDEN and not piece[1]:
            closing = _HIDDEN[name].search(source, at)
            at = closing.end() if closing else len(source)
        elif name in _CELLS:
            page.words.append(" ")
        elif name in _BLOCKS:
            page.block(name, closing=bool(piece[1]))
    page.words.append(source[at:])
    page.end_line()
    return _BLANK_LINES.sub("\n\n", _INVISIBLE.sub("", "\n".join(page.lines))).strip()


class _Page:
    """The lines written so far, the words of the line that is open, and the depth of quotes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.depth = 0

    def block(self, name: str, *, closing: bool) -> None:
        self.end_line(keep_empty=name == "br")
        if name == "blockquote":
            self.depth = max(0, self.depth + (-1 if closing else 1))
        if name in _SPACED and self.lines and self.lines[-1].strip("> "):
            self._write("")
        if name == "hr":
            self._write(RULE)

    def end_line(self, *, keep_empty: bool = False) -> None:
        line = _SPACES.sub(" ", html.unescape("".join(self.words))).strip(" ")
        self.words.clear()
        if line or keep_empty:
            self._write(line.replace("\u00a0", " "))

    def _write(self, line: str) -> None:
        self.lines.append("> " * min(self.depth, _DEPTH_MAX) + line)
