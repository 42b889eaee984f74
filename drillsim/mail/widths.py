"""Text in one width: full-width letters and half-width kana as the ones that they stand for."""

import unicodedata
from functools import lru_cache
from typing import Final

_REMEMBERED_LENGTH_MAX: Final = 20_000


def nfkc(text: str) -> str:
    """Return `text` in NFKC; an answer is asked for several times in a row, and remembered."""
    if text.isascii():
        return text
    if len(text) > _REMEMBERED_LENGTH_MAX:
        return unicodedata.normalize("NFKC", text)
    return _remembered(text)


@lru_cache(maxsize=128)
def _remembered(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
