"""Outgoing mail as bytes, without a tree of MIME parts per recipient.

A `Letter` says who writes what to whom; `compose` writes it. The bytes depend on nothing but the
letter: Message-ID, date and boundaries follow from it. 【訓練】 and 「これは、訓練です。」 are put
on every mail, whatever its text says (`drillsim.mail.drill_marks`). Header fields are those of
`_head` and no others (`drillsim.mail.headers`).

A text to many recipients costs some 40 µs each: what they have in common (subject, sender, most
paragraphs) is encoded and read once and remembered.
"""

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

from drillsim.drill.marks import STOP_MARK
from drillsim.mail.drill_marks import (
    NotADrillMailError,
    marked_body,
    marked_reply_subject,
    marked_stop_body,
    marked_stop_subject,
    marked_subject,
    marked_words,
    refuse_unclear_stop,
    refuse_unmarked,
    token_note,
)
from drillsim.mail.headers import (
    LINE_LENGTH_MAX,
    Charset,
    HeaderError,
    Mailbox,
    checked_id,
    date_field,
    encode_text,
    encoded_words,
    header_address,
    ids_field,
    jis,
    mailboxes_field,
    one_line,
)
from drillsim.mail.html_body import html_of

__all__ = [
    "Charset",
    "Enclosed",
    "HeaderError",
    "Letter",
    "LetterKind",
    "Mailbox",
    "NotADrillMailError",
    "Returned",
    "compose",
    "final_body",
    "final_subject",
]

LetterKind: TypeAlias = Literal["drill", "stop", "passed-on", "reply", "auto-reply", "bounce"]
"""drill: an inject or a reminder; stop: 訓練中止; passed-on: a node's own mail to the next nodes;
the last three are answers, of a person, of a mailbox and of a mail server."""

_ANSWERS: Final = frozenset({"reply", "auto-reply", "bounce"})
_OF_KIND: Final[dict[LetterKind, bytes]] = {
    "drill": b"notice",
    "stop": b"stop",
    "passed-on": b"passed-on",
    "reply": b"answer",
    "auto-reply": b"answer",
    "bounce": b"answer",
}
"""What X-Drillsim says: a notice that comes back unchanged is known by it, and is no answer."""
_SEVEN_BIT_LINE_MAX: Final = 900
"""Bytes of a line sent as it is; longer ones are encoded (RFC 5322, 2.1.1, allows 998)."""
_BASE64_LINE: Final = 76

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a mail server reports of a mail that it could not deliver (RFC 3464)."""

    recipient: str
    status: str
    """As in RFC 3463: 5.1.1."""
    diagnostic: str
    """What the other server said: 550 5.1.1 Unknown user."""
    reporting_mta: str
    original: bytes
    """The mail; its header is returned."""
    action: Literal["failed", "delayed"] = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file that goes with a mail."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail before it is bytes: who writes what to whom.

    Message-IDs are without angle brackets; `date` has a zone; `body` has any line ends.
    """

    kind: LetterKind
    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    body: str
    message_id: str
    date: datetime
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    """Of a draft that a person sends: their mail program takes the field out."""
    reply_to: Mailbox | None = None
    token: str = ""
    """整理番号, put at the end of the subject and into the body; "" for none."""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    charset: Charset = "utf-8"
    """ISO-2022-JP gives way to UTF-8 in a mail that holds characters which it lacks."""
    html: bool = False
    """Whether the text comes as HTML too, saying the same."""
    reply_link: str = ""
    """A `mailto:` link that prefills the answer, put on the reply address in the HTML."""
    auto_submitted: Literal["", "auto-generated", "auto-replied"] = ""
    """RFC 3834. Empty on the drill's own mails, so that absences are answered."""
    quote: str = ""
    """The mail that an answer quotes, as it stands below the answer."""
    returned: Returned | None = None
    """Makes the mail a delivery report (multipart/report)."""
    enclosed: tuple[Enclosed, ...] = ()
    """Files; not of a delivery report."""

    @property
    def envelope_from(self) -> str:
        """The return path; "<>" for what no machine may answer (RFC 3834, 3.3; 3464, 2)."""
        return "<>" if self.kind in ("auto-reply", "bounce") else self.sender.address

    @property
    def envelope_to(self) -> tuple[str, ...]:
        """Every recipient once."""
        return tuple(dict.fromkeys(mailbox.address for mailbox in (*self.to, *self.cc, *self.bcc)))


def compose(letter: Letter) -> bytes:
    """Write a letter as a mail, lines ended by CRLF.

    Raises:
        NotADrillMailError: its text denies or hides that it is a drill, its subject has over 200
            characters, or it is a stop mail that calls itself a drill.
        HeaderError: an address or Message-ID is none.
    """
    subject, body = final_subject(letter), final_body(letter)
    if letter.kind in ("drill", "passed-on"):
        refuse_unmarked(subject, body, letter.token)
    elif letter.kind == "stop":
        refuse_unclear_stop(subject, body)
    head = _head(letter, subject)
    if letter.returned is not None:
        return head + _report(letter, letter.returned, body)
    content = _alternatives(letter, body) if letter.html else _text_part(body, letter.charset)
    if letter.enclosed:
        files = (_file_part(each, letter.charset) for each in letter.enclosed)
        content = _multipart(letter, b"multipart/mixed", (content, *files))
    return head + content


def final_subject(letter: Letter) -> str:
    """Return the subject as it goes out, with mark and token."""
    subject = _base_subject(letter)
    return subject + token_note(letter.token) if _appends_token(letter, subject) else subject


def final_body(letter: Letter) -> str:
    """Return the text as it goes out, with its marks, lines ended by LF."""
    body = _plain_text(letter.body)
    note = _note(letter, body)
    match letter.kind:
        case "drill" | "passed-on":
            return marked_body(body, note)
        case "stop":
            return marked_stop_body(body, note)
        case "reply" | "auto-reply" | "bounce":
            quote = _plain_text(letter.quote) if letter.quote else ""
            if STOP_MARK in letter.subject:
                # An answer to the stop mail is no drill any more.
                return f"{body.strip()}\n\n{quote.rstrip()}".strip()
            return marked_words(body, quote)


def _base_subject(letter: Letter) -> str:
    if letter.kind == "stop":
        return marked_stop_subject(letter.subject)
    if letter.kind in _ANSWERS:
        return marked_reply_subject(letter.subject)
    return marked_subject(letter.subject)


def _appends_token(letter: Letter, subject: str) -> bool:
    return bool(letter.token) and letter.kind not in _ANSWERS and letter.token not in subject


def _note(letter: Letter, body: str) -> str:
    """Return what the composer adds to a body: the token, and with a link the reply address."""
    if letter.kind in _ANSWERS:
        return ""
    lines = []
    if letter.token and letter.token not in body:
        lines.append(token_note(letter.token))
    if letter.reply_link and letter.reply_to is not None and letter.reply_to.address not in body:
        lines.append(f"返信先：{letter.reply_to.address}")
    return "\n".join(lines)


def _plain_text(text: str) -> str:
    """Return text with one kind of line end and nothing in it that is no text."""
    if text.replace("\n", "").replace("\u3000", "").isprintable():
        return text
    return _NOT_TEXT.sub("", _LINE_END.sub("\n", text))


# The header ---------------------------------------------------------------------------------------


def _head(letter: Letter, subject: str) -> bytes:
    """Return the header but for the fields of the body."""
    charset = letter.charset
    fields = [
        mailboxes_field("From", (letter.sender,), charset),
        mailboxes_field("To", letter.to, charset),
    ]
    if letter.cc:
        fields.append(mailboxes_field("Cc", letter.cc, charset))
    if letter.bcc:
        fields.append(mailboxes_field("Bcc", letter.bcc, charset))
    if letter.reply_to is not None:
        fields.append(mailboxes_field("Reply-To", (letter.reply_to,), charset))
    fields.append(_subject_field(letter, subject))
    fields.append(date_field(letter.date))
    fields.append(b"Message-ID: <%s>\r\n" % checked_id(letter.message_id).encode("ascii"))
    if letter.in_reply_to:
        fields.append(ids_field("In-Reply-To", (letter.in_reply_to,)))
    if letter.references:
        fields.append(ids_field("References", letter.references))
    if letter.auto_submitted:
        fields.append(b"Auto-Submitted: %s\r\n" % letter.auto_submitted.encode("ascii"))
    fields.append(b"X-Drillsim: %s\r\n" % _OF_KIND[letter.kind])
    fields.append(b"MIME-Version: 1.0\r\n")
    return b"".join(fields)


def _subject_field(letter: Letter, subject: str) -> bytes:
    """Return the subject; its token in a word of its own, so that the rest is encoded once."""
    base = _base_subject(letter)
    lines = encode_text(base, letter.charset, len("Subject: "))
    if len(subject) > len(base):
        lines += tuple(encoded_words(subject[len(base) :], letter.charset, 1))
    return b"Subject: " + b"\r\n ".join(lines) + b"\r\n"


# The body -----------------------------------------------------------------------------------------


def _text_part(text: str, charset: Charset, subtype: str = "plain") -> bytes:
    """Return the fields of a text part, a blank line, and its body."""
    data = jis(text) if charset == "iso-2022-jp" else None
    name = b"ISO-2022-JP" if data is not None else b"UTF-8"
    if data is not None and all(len(line) <= _SEVEN_BIT_LINE_MAX for line in data.split(b"\n")):
        encoding, body = b"7bit", data.replace(b"\n", b"\r\n") + b"\r\n"
    else:
        data = text.encode("utf-8") if data is None else data
        encoding, body = b"base64", _base64(data.replace(b"\n", b"\r\n") + b"\r\n")
    return b"Content-Type: text/%s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s" % (
        subtype.encode("ascii"),
        name,
        encoding,
        body,
    )


def _file_part(file: Enclosed, charset: Charset) -> bytes:
    """Return a file as a part, its name as both old and new mail programs read it."""
    name = one_line(file.name).replace('"', "'").replace("\\", "_")
    # RFC 2231 in Content-Disposition; encoded words in Content-Type, which no RFC allows and
    # Japanese mail programs read (and write).
    words = b" ".join(encoded_words(name, charset, LINE_LENGTH_MAX - 12))
    shown = name.encode("ascii") if name.isascii() else words
    disposition = (
        b'filename="%s"' % shown
        if name.isascii()
        else b"filename*=UTF-8''%s" % quote(name, safe="").encode("ascii")
    )
    return (
        b'Content-Type: %s;\r\n name="%s"\r\nContent-Transfer-Encoding: base64\r\n'
        b"Content-Disposition: attachment;\r\n %s\r\n\r\n%s"
    ) % (
        file.content_type.encode("ascii"),
        shown.replace(b" ", b"\r\n "),
        disposition,
        _base64(file.data),
    )


def _base64(data: bytes) -> bytes:
    encoded = b2a_base64(data, newline=False)
    lines = [encoded[at : at + _BASE64_LINE] for at in range(0, len(encoded), _BASE64_LINE)]
    lines.append(b"")
    return b"\r\n".join(lines)


def _alternatives(letter: Letter, body: str) -> bytes:
    address = letter.reply_to.address if letter.reply_to is not None else ""
    html = html_of(body, letter.reply_link, address)
    parts = (_text_part(body, letter.charset), _text_part(html, letter.charset, "html"))
    return _multipart(letter, b"multipart/alternative", parts)


def _report(letter: Letter, returned: Returned, body: str) -> bytes:
    """Return a delivery report: words for people, fields for machines, the header that came."""
    return _multipart(
        letter,
        b"multipart/report; report-type=delivery-status",
        (
            _text_part(body, letter.charset),
            b"Content-Type: message/delivery-status\r\n\r\n" + b"".join(_status(letter, returned)),
            b"Content-Type: text/rfc822-headers\r\n\r\n"
            + returned.original.partition(b"\r\n\r\n")[0]
            + b"\r\n",
        ),
    )


def _status(letter: Letter, returned: Returned) -> Iterator[bytes]:
    recipient = header_address(returned.recipient)
    for text in (
        f"Reporting-MTA: dns; {returned.reporting_mta}",
        date_field(letter.date).decode("ascii").replace("Date:", "Arrival-Date:").rstrip(),
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {returned.action}",
        f"Status: {returned.status}",
        f"Diagnostic-Code: smtp; {returned.diagnostic}",
    ):
        yield " ".join(re.sub(r"[^!-~]+", " ", text).split()).encode("ascii") + b"\r\n"


def _multipart(letter: Letter, content_type: bytes, parts: tuple[bytes, ...]) -> bytes:
    mark = _boundary(letter.message_id)
    while any(mark in part for part in parts):
        mark = _boundary(mark.decode("ascii"))
    pieces = [b'Content-Type: %s;\r\n boundary="%s"\r\n\r\n' % (content_type, mark)]
    pieces.extend(b"--%s\r\n%s\r\n" % (mark, part) for part in parts)
    pieces.append(b"--%s--\r\n" % mark)
    return b"".join(pieces)


@lru_cache(maxsize=1)
def _boundary(seed: str) -> bytes:
    # "=_" stands neither in base64 nor in quoted-printable (RFC 2045, 6.7).
    return b"=_" + hashlib.sha256(seed.encode("ascii")).hexdigest()[:24].encode("ascii")
