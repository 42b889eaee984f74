"""Header fields as bytes: one line in, one field out, whatever the text holds.

Every text is put on one line before it goes into a field, so that no name or subject can begin a
field of its own. What is not ASCII is written in encoded words (RFC 2047) that old Japanese mail
programs read: each at most 75 characters long, each whole in itself (no letter is cut in half, and
ISO-2022-JP returns to ASCII at its end), lines of at most 76 characters, and a text is encoded as
a whole, never words of it between ASCII.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from drillsim.i18n import _

Charset: TypeAlias = Literal["utf-8", "iso-2022-jp"]

LINE_LENGTH_MAX: Final = 76
"""Of a folded line, in characters (RFC 2047, 2)."""
WORD_LENGTH_MAX: Final = 75
NAME_LENGTH_MAX: Final = 200
"""Of a display name; what is longer is cut."""

# C0, DEL, C1 (with NEL), and the separators that some programs break lines at; lone surrogates
# cannot be written at all.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN_NAME = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED_LOCAL = re.compile(r'"(?:[ !#-\[\]-~]|\\[ -~]){1,64}"')
_LOOSE_LOCAL = re.compile(rf"(?:{_ATOM}|\.)+")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,400}@[!-;=?-~]{1,400}")

# What Microsoft's tables and JIS write differently, though both mean one character of JIS X 0208;
# every Japanese mail program writes these so.
_JIS_TWINS = str.maketrans("～－∥￠￡￢―", "〜−‖¢£¬—")


class HeaderError(ValueError):
    """A header cannot be written, in users' words: an address or Message-ID that is none."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's address, and the name shown with it ("" for none)."""

    address: str
    name: str = ""


def one_line(text: str) -> str:
    """Return `text` on one line: every run of control characters becomes a blank."""
    if text.isprintable() and text == text.strip():
        return text
    return _SURROGATE.sub("\ufffd", _BREAKING.sub(" ", text)).strip()


def jis(text: str) -> bytes | None:
    """Return `text` in ISO-2022-JP (RFC 1468), or None where it lacks a character."""
    try:
        return text.translate(_JIS_TWINS).encode("iso2022_jp")
    except UnicodeEncodeError:
        return None


@lru_cache(maxsize=4096)
def encode_text(text: str, charset: Charset, used: int) -> tuple[bytes, ...]:
    """Return `text` as lines of a header field, the first beginning behind `used` characters.

    ASCII that fits into the line stays as it is. In a charset that lacks a character, UTF-8 is
    taken.
    """
    text = one_line(text)
    if text.isascii() and "=?" not in text and used + len(text) <= LINE_LENGTH_MAX:
        return (text.encode("ascii"),)
    return tuple(encoded_words(text, charset, used))


def encoded_words(text: str, charset: Charset, used: int) -> Iterator[bytes]:
    """Yield `text` as encoded words, the first short enough to stand behind `used` characters."""
    if charset == "iso-2022-jp" and jis(text) is None:
        charset = "utf-8"
    prefix = f"=?{charset.upper()}?B?".encode("ascii")
    room = min(WORD_LENGTH_MAX, LINE_LENGTH_MAX - used) - len(prefix) - 2
    full = min(WORD_LENGTH_MAX, LINE_LENGTH_MAX - 1) - len(prefix) - 2
    whole = _encode(text, charset)
    if len(whole) <= room // 4 * 3:
        yield prefix + b2a_base64(whole, newline=False) + b"?="
        return
    for piece in _cut(text, charset, room // 4 * 3, full // 4 * 3):
        yield prefix + b2a_base64(piece, newline=False) + b"?="


def text_field(name: str, text: str, charset: Charset) -> bytes:
    """Return a whole field of text, such as `Subject`, with its line end."""
    lines = encode_text(text, charset, len(name) + 2)
    return b"%s: %s\r\n" % (name.encode("ascii"), b"\r\n ".join(lines))


def mailboxes_field(name: str, mailboxes: Iterable[Mailbox], charset: Charset) -> bytes:
    """Return a whole field of mailboxes, such as `To`, with its line end.

    Raises:
        HeaderError: one of them has no address that can stand in a header.
    """
    lines: list[bytes] = []
    for mailbox in mailboxes:
        if lines:
            lines[-1] += b","
        lines.extend(
            _mailbox(mailbox.name, mailbox.address, charset, 0 if lines else len(name) + 1)
        )
    return b"%s: %s\r\n" % (name.encode("ascii"), b"\r\n ".join(lines))


def ids_field(name: str, ids: Iterable[str]) -> bytes:
    """Return a whole field of Message-IDs, given without their angle brackets, with its line end.

    Raises:
        HeaderError: one of them is none.
    """
    lines = [b"<%s>" % checked_id(each).encode("ascii") for each in ids]
    return b"%s: %s\r\n" % (name.encode("ascii"), b"\r\n ".join(lines))


def is_message_id(text: str) -> bool:
    """Whether `text` is a Message-ID without its angle brackets."""
    return _MESSAGE_ID.fullmatch(text) is not None


def checked_id(message_id: str) -> str:
    """Return a Message-ID without angle brackets as it is.

    Raises:
        HeaderError: it is none.
    """
    if not is_message_id(message_id):
        raise HeaderError(_("{text} is no Message-ID").format(text=ascii(message_id)))
    return message_id


@lru_cache(maxsize=16_384)
def header_address(address: str) -> str:
    """Return an address as it may stand in a header (RFC 5322, 3.4.1).

    Mailboxes that Japanese carriers gave out against the rule (two dots, a dot before the @) are
    put into quotation marks, which names the same mailbox.

    Raises:
        HeaderError: it is no address.
    """
    local, at, domain = address.rpartition("@")
    if at and _DOMAIN.fullmatch(domain) and ".." not in domain:
        if _DOT_ATOM.fullmatch(local) or _QUOTED_LOCAL.fullmatch(local):
            return address
        if _LOOSE_LOCAL.fullmatch(local):
            return f'"{local}"@{domain}'
    raise HeaderError(_("{text} is no address").format(text=ascii(address)))


def date_field(at: datetime) -> bytes:
    """Return the `Date` field (RFC 5322, 3.3) of a moment with a zone, in that zone.

    Raises:
        ValueError: `at` has no zone.
    """
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a mail's date needs a zone")
    # Two moments are equal, and one key of a cache, whatever their zones: so the zone goes extra.
    second = at.replace(microsecond=0, tzinfo=None)
    return _date_field(second, round(offset.total_seconds()) // 60)


@lru_cache(maxsize=256)
def _date_field(at: datetime, offset_minutes: int) -> bytes:
    sign, minutes = ("-", -offset_minutes) if offset_minutes < 0 else ("+", offset_minutes)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[at.weekday()]
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[at.month * 3 - 3 : at.month * 3]
    zone = f"{sign}{minutes // 60:02d}{minutes % 60:02d}"
    time = f"{at.hour:02d}:{at.minute:02d}:{at.second:02d}"
    text = f"{day}, {at.day:02d} {month} {at.year:04d} {time} {zone}"
    return f"Date: {text}\r\n".encode("ascii")


@lru_cache(maxsize=16_384)
def _mailbox(name: str, address: str, charset: Charset, used: int) -> tuple[bytes, ...]:
    """Return one mailbox as lines; the first begins behind `used` characters."""
    angle = b"<%s>" % header_address(address).encode("ascii")
    name = one_line(name)[:NAME_LENGTH_MAX].strip()
    if not name:
        return (angle[1:-1],)
    if name.isascii() and "=?" not in name and len(name) <= 60:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        words = [(name if _PLAIN_NAME.fullmatch(name) else f'"{quoted}"').encode("ascii")]
    else:
        words = list(encoded_words(name, charset, used))
    start = used if len(words) == 1 else 0
    if start + len(words[-1]) + 1 + len(angle) <= LINE_LENGTH_MAX:
        words[-1] += b" " + angle
    else:
        words.append(angle)
    return tuple(words)


def _cut(text: str, charset: Charset, first: int, full: int) -> Iterator[bytes]:
    """Yield `text` in bytes of `charset`, at most `first`, then `full` a piece, letters whole."""
    if charset == "utf-8":
        return _cut_utf8(text.encode("utf-8"), first, full)
    return _cut_letters(text, charset, first, full)


def _cut_utf8(data: bytes, first: int, full: int) -> Iterator[bytes]:
    """Cut where a letter begins: in UTF-8 the bytes themselves tell (RFC 3629, 3)."""
    begin, room = 0, first
    while begin < len(data):
        end = begin + max(room, 1)
        while end > begin and end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        if end == begin:  # There is no room for even one letter, but it has to stand somewhere.
            end = begin + 1
            while end < len(data) and data[end] & 0xC0 == 0x80:
                end += 1
        yield data[begin:end]
        begin, room = end, full


def _cut_letters(text: str, charset: Charset, first: int, full: int) -> Iterator[bytes]:
    room = first
    begin = 0
    while begin < len(text):
        end = min(len(text), begin + max(room, 1))
        piece = _encode(text[begin:end], charset)
        while len(piece) > room and end > begin + 1:
            # What is over, in letters of three bytes, is the least that has to go.
            end = max(begin + 1, end - max(1, (len(piece) - room) // 4))
            piece = _encode(text[begin:end], charset)
        yield piece
        begin, room = end, full


def _encode(text: str, charset: Charset) -> bytes:
    if charset == "utf-8":
        return text.encode("utf-8")
    encoded = jis(text)
    assert encoded is not None
    return encoded
