"""Text as it is compared in a search."""

import unicodedata


def folded(text: str) -> str:
    """Return `text` as it is compared: width, case and the two kana are the same."""
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)
