"""A mail's bytes taken apart: header fields and MIME parts, from any bytes, in linear time.

The parser of the standard library recurses (RecursionError between 500 and 1,000 nested parts),
raises on some broken charsets under `policy.default`, and costs five times as much. Mail from
outside is hostile or damaged often enough that everything here has a limit instead: what lies
beyond it is left unread, never an error. RFC 5322 (fields), 2045 to 2047 (MIME), 2231 (parameters).
"""

import binascii
import re
from collections.abc import Iterator, KeysView
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from drillsim.mail.charsets import decode_text

FIELDS_MAX = 1000
FIELD_BYTES_MAX = 65_536
PARTS_MAX = 400
DEPTH_MAX = 24
TEXT_BYTES_MAX = 1_048_576
ADDRESSES_MAX = 200
ADDRESS_CHARACTERS_MAX = 32_768
_REMEMBERED_BYTES_MAX = 400
"""Of a field's value: many mails have the same subject, sender and content type."""

_FIELD = re.compile(rb"([!-9;-~]{1,128})[ \t]*:[ \t]*([^\n]*+(?:\n[ \t][^\n]*+)*+)\n?")
_MBOX_LINE = re.compile(rb">?From [^\n]*\n")
_ENCODED_WORD = re.compile(rb"=\?([^?\s]{1,80})\?([BbQq])\?([^?]*)\?=")
_BLANK = re.compile(rb"\s*")
_FOLD = re.compile(rb"\n[ \t]*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PARAMETER = re.compile(r';\s*([\w.*\'%&$+!-]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^\s;]*)')
_BASE64_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\n"
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]*={0,3}[ \t]*")
_BOUNDARY_LINE = re.compile(rb"^--(\S[^\n]{0,198}\S)[ \t]*\n(?=[Cc]ontent-[A-Za-z-]+:|\n)", re.M)
_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){0,200}"(?!@)')
_ADDRESS = re.compile(
    r'(?:"(?:[^"\\\s]|\\.){1,64}"|[^\s<>()\[\],;:@"\\]{1,256})@[^\s<>()\[\],;:@"\\]{1,255}'
)
_ANGLE = re.compile(r"<([^<>]*)>")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")


class Fields:
    """The header fields of a mail or part, by small name; values stay raw until asked for."""

    __slots__ = ("_first", "items")

    def __init__(self, items: list[tuple[str, bytes]]) -> None:
        self.items = items
        self._first: dict[str, bytes] = {}
        for name, value in items:
            self._first.setdefault(name, value)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def __len__(self) -> int:
        return len(self.items)

    @property
    def names(self) -> KeysView[str]:
        """The names of all fields, small."""
        return self._first.keys()

    def get(self, name: str) -> str:
        """Return the first field of that name, decoded and on one line; "" if there is none."""
        value = self._first.get(name)
        return decode_field(value) if value else ""

    def all(self, name: str) -> list[str]:
        """Return every field of that name, decoded, from the top."""
        if name not in self._first:
            return []
        return [decode_field(value) for each, value in self.items if each == name]


@dataclass(slots=True)
class Part:
    """A mail, or a part of one: leaf or multipart."""

    fields: Fields
    body: bytes
    content_type: str
    parameters: dict[str, str]
    parts: list["Part"] = field(default_factory=list)

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all parts below it, outermost first; not into attached mails."""
        pending = [self]
        while pending:
            part = pending.pop()
            yield part
            pending.extend(reversed(part.parts))

    @property
    def file_name(self) -> str:
        """The name under which the part is to be saved; "" for a part to be read inline."""
        _, parameters = parse_parameters(self.fields.get("content-disposition"))
        name = parameters.get("filename") or self.parameters.get("name", "")
        return _one_line(decode_field(name.encode("utf-8", "replace")))

    @property
    def is_attachment(self) -> bool:
        """Whether the part is a file to be saved rather than text to be read."""
        disposition = self.fields.get("content-disposition").lower()
        if disposition.startswith("attachment"):
            return True
        return not self.content_type.startswith("text/") and bool(self.file_name)

    def payload(self, bytes_max: int = TEXT_BYTES_MAX) -> bytes:
        """Return the body with its transfer encoding undone, as far as that can be done."""
        encoding = self.fields.get("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return _decode_base64(self.body[: bytes_max * 2])[:bytes_max]
        if encoding == "quoted-printable":
            return binascii.a2b_qp(self.body[: bytes_max * 3])[:bytes_max]
        return self.body[:bytes_max]

    def text(self) -> str:
        """Return the body of a text part as text, with line feeds for line ends."""
        text = decode_text(self.payload(), self.parameters.get("charset", "").lower())
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text.replace("\x00", "")


def parse_mail(raw: bytes) -> Part:
    """Take a mail apart. Every kind of line end counts, an mbox "From " line is passed over."""
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    raw = raw.lstrip(b"\n")
    mail = _parse_part(raw)
    # Breadth first, so that the outermost parts are read whatever the depth below them.
    level, count = [mail], 1
    for _ in range(DEPTH_MAX):
        below: list[Part] = []
        for part in level:
            for piece in _pieces(part, PARTS_MAX - count):
                child = _parse_part(piece)
                part.parts.append(child)
                below.append(child)
                count += 1
        level = below
        if not level or count >= PARTS_MAX:
            break
    return mail


def parse_fields(data: bytes) -> tuple[Fields, int]:
    """Return the header fields that `data` begins with, and where the body starts.

    A line that is no field ends the header, unless a field follows it (a damaged line).
    """
    if data.startswith(b"\n"):
        return Fields([]), 1
    blank = data.find(b"\n\n")
    end = len(data) if blank < 0 else blank + 1
    items: list[tuple[str, bytes]] = []
    at = 0
    while at < end:
        found = _FIELD.match(data, at, end)
        if found is None:
            after = data.find(b"\n", at, end) + 1
            mbox = at == 0 and _MBOX_LINE.match(data) is not None
            if not (mbox or (items and after and _FIELD.match(data, after, end))):
                return Fields(items), at
            at = after
            continue
        if len(items) < FIELDS_MAX:
            value = found[2][:FIELD_BYTES_MAX]
            items.append((found[1].decode("ascii").lower(), value))
        at = found.end()
    return Fields(items), min(end + 1, len(data))


def decode_field(value: bytes) -> str:
    """Decode a field's value to one line, see `_decoded`; what was decoded lately is remembered."""
    if len(value) > _REMEMBERED_BYTES_MAX:
        return _decoded.__wrapped__(value)
    return _decoded(value)


@lru_cache(maxsize=4096)
def _decoded(value: bytes) -> str:
    """Decode a field's value to one line: folding undone, encoded words read (RFC 2047).

    Words are read wherever they stand, inside quotation marks and broken by folding too. Words
    next to each other are joined before they are decoded, since some clients cut a Japanese
    letter in half. Control characters become blanks: a decoded line break is never one here.
    """
    if b"\n" in value:
        value = _FOLD.sub(b" ", value)
    if b"=?" not in value and b"\x1b" not in value and value.isascii():
        return _one_line(value.decode("ascii"))
    if b"=?" not in value:
        return _one_line(decode_text(value, "iso-2022-jp"))
    pieces: list[str] = []
    joined: tuple[str, bytes] | None = None
    at = 0
    for word in _ENCODED_WORD.finditer(value):
        between = value[at : word.start()]
        charset = word[1].decode("ascii", "replace").partition("*")[0].lower()
        data = _decode_word(word[2], word[3])
        if joined is not None and joined[0] == charset and _BLANK.fullmatch(between):
            joined = (charset, joined[1] + data)
        else:
            if joined is not None:
                pieces.append(decode_text(joined[1], joined[0]))
                between = b"" if _BLANK.fullmatch(between) else between
            pieces.append(decode_text(between))
            joined = (charset, data)
        at = word.end()
    if joined is not None:
        pieces.append(decode_text(joined[1], joined[0]))
    pieces.append(decode_text(value[at:]))
    return _one_line("".join(pieces))


def parse_parameters(value: str) -> tuple[str, dict[str, str]]:
    """Split `text/plain; charset=utf-8` into its value and parameters, names small.

    Parameters in pieces and in charsets of their own are put together (RFC 2231).
    """
    head, _, _ = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for found in _PARAMETER.finditer(value[:8192]):
        name, text = found[1].lower(), found[2]
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))
        base, star, number = name.partition("*")
        if not star:
            plain.setdefault(name, text)
            continue
        digits = number.rstrip("*")
        order = int(digits) if digits.isascii() and digits.isdecimal() else 0
        pieces.setdefault(base, []).append((order, text, name.endswith("*")))
    for base, parts in pieces.items():
        plain.setdefault(base, _join_pieces(sorted(parts)))
    return head.strip().lower(), plain


def find_addresses(value: str) -> tuple[str, ...]:
    """Return the addresses in a From, To or Cc, as written, each once, display names left out.

    Mailboxes that RFC 5322 forbids and Japanese mobile carriers gave out (two dots, a dot before
    the @) are addresses too.
    """
    value = value[:ADDRESS_CHARACTERS_MAX]
    value = _QUOTED.sub(" ", value) if '"' in value else value
    found = dict.fromkeys(match.strip(".'") for match in _ADDRESS.findall(value))
    return tuple(found)[:ADDRESSES_MAX]


def split_sender(value: str) -> tuple[str, str]:
    """Return (address, display name) of a From field; ("", text) where no address stands."""
    angles = _ANGLE.findall(value)
    addresses = find_addresses(angles[-1]) if angles else ()
    name = value[: value.rfind("<")] if angles else ""
    if not addresses:
        addresses = find_addresses(value)
    if not name.strip():
        comment = _COMMENT.search(value)
        name = comment[0][1:-1] if comment else ("" if addresses else value)
    name = name.strip().strip('"').replace('\\"', '"').strip()
    return (addresses[0] if addresses else "", name)


def find_message_ids(value: str) -> tuple[str, ...]:
    """Return the message-ids in a field without their angle brackets, in order, each once."""
    found = _MESSAGE_ID.findall(value)
    if not found and "@" in value:
        # Some clients and gateways leave the brackets out.
        found = [word for word in value.split() if "@" in word and len(word) < 999][:1]
    return tuple(dict.fromkeys(found))


def _parse_part(data: bytes) -> Part:
    fields, start = parse_fields(data)
    content_type, parameters = parse_parameters(fields.get("content-type"))
    kind, slash, subtype = content_type.partition("/")
    if not slash or not kind or not subtype:
        content_type = "text/plain"
    if kind not in {"message", "multipart", "text"} and not fields.get("content-type"):
        content_type = "text/plain"
    return Part(fields, data[start:], content_type, parameters)


def _pieces(part: Part, count_max: int) -> Iterator[bytes]:
    """Yield what stands between the boundary lines of a multipart, at most so many."""
    if part.content_type.startswith("multipart/"):
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
    elif "content-type" not in part.fields and part.body.lstrip(b"\n").startswith(b"--"):
        boundary = b""  # A gateway dropped the header that told of the parts.
    else:
        return
    if not boundary or b"--" + boundary not in part.body:
        found = _BOUNDARY_LINE.search(part.body)
        if found is None or part.body.count(b"--" + found[1], 0, 4 * TEXT_BYTES_MAX) < 2:
            return
        boundary = found[1]
    yield from _split(part.body, b"--" + boundary, count_max)


def _split(body: bytes, mark: bytes, count_max: int) -> Iterator[bytes]:
    begun: int | None = None
    at = 0 if body.startswith(mark) else _next_mark(body, mark, 0)
    while at >= 0:
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        rest = body[at + len(mark) : line_end].strip()
        if rest in (b"", b"--"):
            if begun is not None:
                if count_max <= 0:
                    return
                count_max -= 1
                yield body[begun : max(begun, at - 1)]
            begun = None if rest else line_end + 1
            if rest:
                return
        at = _next_mark(body, mark, line_end)
    if begun is not None and count_max > 0:
        yield body[begun:]


def _next_mark(body: bytes, mark: bytes, start: int) -> int:
    at = body.find(b"\n" + mark, start)
    return at if at < 0 else at + 1


def _decode_word(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"Bb":
        return _decode_base64(text.replace(b" ", b""))  # Folding may have broken the word.
    return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)


def _decode_base64(data: bytes) -> bytes:
    """Undo base64 with lost padding or a broken last group; plain lines after it stay as they are.

    A footer that a gateway or list put below the encoded text is kept. Text that only claims to
    be base64 comes back unchanged.
    """
    if _is_base64(data):
        return _unpacked(data)
    lines = data.split(b"\n")
    encoded = 0
    for line in lines:
        if not _BASE64_LINE.fullmatch(line.strip()):
            break
        encoded += 1
    if encoded == 0:
        return data
    plain = _unpacked(b"".join(lines[:encoded]))
    footer = b"\n".join(lines[encoded:])
    return plain + b"\n" + footer if footer.strip() else plain


def _is_base64(data: bytes) -> bool:
    """Whether every line is base64 without a blank, with padding at most at the very end."""
    rest = data.translate(None, _BASE64_SIGNS)
    return not rest or (rest in (b"=", b"==") and data.rstrip(b"\n").endswith(rest))


def _unpacked(encoded: bytes) -> bytes:
    packed = encoded.translate(None, b" \t\r\n\x0b\x0c=")
    packed = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed
    return binascii.a2b_base64(packed + b"=" * (-len(packed) % 4))


def _join_pieces(parts: list[tuple[int, str, bool]]) -> str:
    data = b""
    charset = ""
    for order, piece, extended in parts:
        text = piece
        if extended and order == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return decode_text(data, charset.lower())


def _one_line(text: str) -> str:
    if text.isprintable():
        return text.strip()
    return _CONTROL.sub(" ", text).strip()
