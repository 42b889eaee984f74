"""Bytes of a mail made text, whatever charset they claim.

Japanese mail says one charset and holds another: ISO-2022-JP that is really Microsoft's variant
(①㈱髙﨑, half-width kana), ISO-2022-JP in name and Shift_JIS in fact, Shift_JIS for CP932. So a
declared charset is a first guess. Nothing here raises: what cannot be read becomes U+FFFD.

Sources: RFC 1468 (ISO-2022-JP), RFC 1554 (ISO-2022-JP-2), the WHATWG Encoding Standard for what
"Shift_JIS" and "ISO-2022-JP" mean in practice (CP932 and its JIS rows 13 and 89 to 92).
"""

import codecs
import re
from functools import lru_cache

_ESCAPE = re.compile(rb"(\x1b(?:\$\([@ABDOPQ]|\$[@AB]|\([ABHIJ]|&@))")
_ESCAPES_LOST = re.compile(rb"\$[B@]((?:[\x21-\x7e]{2}){1,40})\([BJ]")
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_UTF_8_KANJI = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){3}")
_UNKNOWN = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "8bit"})
_LATIN = frozenset({"iso8859-1", "cp1252", "iso8859-15", "latin-1"})
_SHIFT_JIS = frozenset({"shift_jis", "shift-jis", "sjis", "x-sjis", "ms_kanji", "windows-31j"})


def decode_text(data: bytes, charset: str = "") -> str:
    """Read `data` as text in `charset`, or in what it proves to be where that does not fit."""
    if data.isascii() and b"\x1b" not in data:
        if charset.startswith("utf-7"):
            return _without_surrogates(data.decode("utf-7", "replace"))
        if charset.startswith(("utf-16", "utf-32")):
            return _strict(data, charset) or data.decode("ascii", "replace")
        text = data.decode("ascii")
        if charset.startswith("iso-2022-jp") and "$B" in text:
            return _restore_escapes(data)
        return text
    name = _codec_name(charset)
    if b"\x1b" in data and (name is None or name.startswith("iso2022") or name == "ascii"):
        if _ESCAPE.search(data):
            return _decode_iso_2022_jp(data)
        data = data.replace(b"\x1b", b"")
    if name is None or name == "ascii" or name.startswith("iso2022"):
        return _sniff(data)
    if name in _LATIN:
        # Any bytes pass as Latin; bytes that are also good UTF-8 are UTF-8, and bytes that
        # windows-1252 leaves undefined (0x81) are most often the first halves of Shift_JIS.
        return _strict(data, "utf-8") or _strict(data, "cp1252") or _sniff(data)
    if name != "utf-8" and _UTF_8_KANJI.search(data):
        # In a charset of two bytes a letter, such a run would be an accident.
        return _strict(data, "utf-8") or _strict(data, name) or _sniff(data, name)
    return _strict(data, name) or _sniff(data, "cp1252" if name == "utf-8" else name)


@lru_cache(maxsize=256)
def _codec_name(charset: str) -> str | None:
    """Return the codec for a charset label, None if it says nothing or nobody knows it."""
    label = charset.strip().strip("\"'").lower()
    if label in _UNKNOWN or len(label) > 40:
        return None
    if label in _SHIFT_JIS:
        return "cp932"
    try:
        name = codecs.lookup(label).name
        "".encode(name)  # Not every codec is one of text: base64, zlib, rot13.
    except (LookupError, TypeError, ValueError):
        return None
    return None if name in {"idna", "punycode", "unicode_escape", "raw_unicode_escape"} else name


def _without_surrogates(text: str) -> str:
    """UTF-7 can spell halves of letters, which no output takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _strict(data: bytes, charset: str) -> str | None:
    try:
        text = data.decode(charset)
        return text if charset == "utf-8" else _without_surrogates(text)
    except (UnicodeError, LookupError):
        return None


def _sniff(data: bytes, fallback: str = "cp1252") -> str:
    """Read 8-bit bytes that declare nothing usable: UTF-8, then CP932 or EUC-JP, then Latin."""
    text = _strict(data, "utf-8")
    if text is not None:
        return text
    found = [_strict(data, "cp932"), _strict(data, "euc_jp")]
    japanese = [text for text in found if text is not None]
    if japanese:
        # EUC-JP read as CP932 is a run of half-width kana, and kana and kanji tell the right one.
        best = max(japanese, key=_looks_japanese)
        if _looks_japanese(best) > 0:
            return best
    return _nearly(data, "utf-8") or _nearly(data, "cp932") or data.decode(fallback, "replace")


def _nearly(data: bytes, charset: str) -> str | None:
    """Read bytes of which a few were damaged on the way; None if it is more than a few."""
    text = data.decode(charset, "replace")
    good = sum(1 for letter in text if letter > "\x7f" and letter != "\ufffd")
    return text if good > 4 * text.count("\ufffd") and _looks_japanese(text) >= 0 else None


def _looks_japanese(text: str) -> int:
    """Weigh kana and kanji against half-width kana and rare letters, in a sample of `text`."""
    weight = 0
    for letter in text[:2000]:
        if "\u3040" <= letter <= "\u30ff":
            weight += 2
        elif "\u4e00" <= letter <= "\u9fff" or "\u3000" <= letter <= "\u303f":
            weight += 1
        elif "\uff61" <= letter <= "\uff9f" or "\ue000" <= letter <= "\uf8ff":
            weight -= 2
        elif letter == "\ufffd":
            weight -= 3
    return weight


def _decode_iso_2022_jp(data: bytes) -> str:
    """Read ISO-2022-JP with all that clients put into it; a broken escape costs no other line."""
    pieces: list[str] = []
    for line in data.split(b"\n"):
        # Each line begins in ASCII (RFC 1468), so a lost "back to ASCII" harms one line only.
        mode = b"\x1b(B"
        for piece in _ESCAPE.split(line):
            if piece.startswith(b"\x1b") and _ESCAPE.fullmatch(piece):
                mode = piece
            elif piece:
                pieces.append(_decode_set(piece, mode))
        pieces.append("\n")
    return "".join(pieces[:-1])


def _decode_set(piece: bytes, mode: bytes) -> str:
    if mode in (b"\x1b$@", b"\x1b$B"):
        return _decode_jis(piece)
    if mode == b"\x1b(I":
        return bytes(byte | 0x80 for byte in piece if byte > 0x20).decode("cp932", "replace")
    if mode == b"\x1b$(D":
        raised = b"".join(
            b"\x8f" + bytes(byte | 0x80 for byte in piece[at : at + 2])
            for at in range(0, len(piece) - 1, 2)
        )
        return raised.decode("euc_jp", "replace")
    if mode in (b"\x1b$A", b"\x1b$(A", b"\x1b$(O", b"\x1b$(P", b"\x1b$(Q"):
        codec = "iso2022_jp_2" if mode.endswith(b"A") else "iso2022_jp_2004"
        return (mode + piece).decode(codec, "replace")
    if _EIGHT_BIT.search(piece):
        return _sniff(piece)
    return piece.replace(b"\x0e", b"").replace(b"\x0f", b"").decode("ascii", "replace")


def _decode_jis(piece: bytes) -> str:
    """Read pairs of JIS X 0208 with Microsoft's rows by way of CP932, which has them all."""
    shifted = bytearray()
    at = 0
    while at < len(piece):
        first = piece[at]
        second = piece[at + 1] if at + 1 < len(piece) else 0
        if not 0x21 <= first <= 0x7E or not 0x21 <= second <= 0x7E:
            # A blank or a stray byte inside Japanese: keep what can be kept and go on.
            if first in b" \t\r":
                shifted.append(first)
            elif first >= 0x80:
                shifted += b"?"
            at += 1
            continue
        lead = ((first - 0x21) >> 1) + 0x81
        if lead > 0x9F:
            lead += 0x40
        trail = second + (0x1F if first % 2 else 0x7E)
        if first % 2 and trail >= 0x7F:
            trail += 1
        shifted += bytes((lead, trail))
        at += 2
    return shifted.decode("cp932", "replace")


def _restore_escapes(data: bytes) -> str:
    """Read ISO-2022-JP whose escape bytes a gateway took out: `$B...(B` stands bare."""
    return _decode_iso_2022_jp(
        _ESCAPES_LOST.sub(lambda found: b"\x1b$B" + found[1] + b"\x1b(B", data)
    )
