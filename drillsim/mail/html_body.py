"""A text as HTML that says the same: every letter escaped, every line where it was.

No pictures, no styles from outside, nothing that a gateway would have to take out. The reply
address becomes a link that prefills the answer.
"""

import html
from typing import Final

_HEAD: Final = "<!DOCTYPE html>\n<html><head><title></title></head>\n<body><div>"
_FOOT: Final = "</div></body></html>\n"


def html_of(text: str, link: str = "", address: str = "") -> str:
    """Return `text` as a page; where `address` stands in it, it leads to `link`."""
    lines = "<br>\n".join(_escaped(line) for line in text.split("\n"))
    if link and address:
        shown = _escaped(address)
        anchor = f'<a href="{html.escape(link)}">{shown}</a>'
        lines = anchor.join(lines.rsplit(shown, 1))
    return f"{_HEAD}{lines}{_FOOT}"


def _escaped(line: str) -> str:
    """Return a line with its signs escaped, and blanks kept that a browser would put together."""
    return html.escape(line, quote=False).replace("  ", " &nbsp;").replace("\t", "&emsp;")
