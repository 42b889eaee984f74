"""A text as HTML that says the same: every letter escaped, every line where it was.

No styles from outside, no pictures, nothing that a gateway would have to take out. The reply
address becomes a link that prefills the answer.
"""

import html
from typing import Final

_FRAME: Final = (
    '<!DOCTYPE html>\n<html lang="ja"><head><meta http-equiv="Content-Type" '
    'content="text/html"></head>\n'
    '<body><div style="font-family:sans-serif;white-space:pre-wrap">{lines}</div></body></html>\n'
)


def html_of(text: str, link: str = "", address: str = "") -> str:
    """Return `text` as a page; where `address` stands in it, it leads to `link`."""
    lines = "<br>\n".join(_escaped(line) for line in text.split("\n"))
    if link and address:
        shown = _escaped(address)
        anchor = f'<a href="{html.escape(link)}">{shown}</a>'
        lines = anchor.join(lines.rsplit(shown, 1))
    return _FRAME.replace("{lines}", lines)


def _escaped(line: str) -> str:
    return html.escape(line, quote=False)
