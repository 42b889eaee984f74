"""Mails that Outlook saved as a file (.msg, MS-OXMSG), made into the mails that they were.

A .msg file is no mail: Outlook takes the mail apart into properties, and keeps the header that came
over the Internet as one of them. Mails within one Exchange organisation never had such a header;
for them it is written from the properties. What a server or a mail program had signed is lost.
"""

import struct
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final

from drillsim.mail.headers import LINE_LENGTH_MAX, encode_text, encoded_words

if TYPE_CHECKING:
    from oxmsg import Message

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file begins (MS-CFB, 2.2)."""

_SENDER_NAME, _SENDER_SMTP, _SENDER = 0x0C1A, 0x5D01, 0x0C1F
_MESSAGE_ID, _IN_REPLY_TO, _REFERENCES = 0x1035, 0x1042, 0x1039
_DISPLAY_TO, _DISPLAY_CC = 0x0E04, 0x0E03
_DELIVERED = 0x0E06
"""Properties (MS-OXPROPS)."""

_OF_THE_BODY: Final = ("content-", "mime-version")
_ADDRESSES: Final = frozenset({"from", "to", "cc", "sender", "reply-to"})


class UnreadableMsgError(Exception):
    """The bytes are no mail that Outlook saved."""


def is_msg(data: bytes) -> bool:
    """Whether the bytes begin as those of a .msg file do."""
    return data.startswith(OLE_MAGIC)


def mail_of_msg(data: bytes) -> bytes:
    """Return the mail that a .msg file holds, as it may have come: header, text, files.

    Raises:
        UnreadableMsgError: it holds none.
    """
    from oxmsg import Message

    try:
        message = Message.load(data)
        head = b"".join(_head(message))
        return head + _content(message).as_bytes(policy=SMTP)
    except (
        ValueError,  # No compound file; text that is not in its code page is one, too.
        OSError,
        LookupError,
        AttributeError,
        AssertionError,
        TypeError,
        struct.error,
    ) as error:
        raise UnreadableMsgError(str(error)) from error


def _head(message: "Message") -> Iterator[bytes]:
    """Yield the fields of the header but for those of the body.

    Raises:
        ValueError: neither a header nor a sender is there: a contact, an appointment, another file.
    """
    fields = [
        (name, " ".join(value.split()))
        for name, value in message.message_headers.items()
        if not name.lower().startswith(_OF_THE_BODY)
    ]
    there = {name.lower() for name, _value in fields}
    fields += [
        (name, v) for name, v in _from_properties(message) if v and name.lower() not in there
    ]
    if not any(name.lower() == "from" for name, _value in fields):
        raise ValueError("no sender")
    for name, value in fields:
        if name.isascii() and name.isprintable() and " " not in name and ":" not in name:
            text = value if value.isascii() else b" ".join(_encoded(name, value)).decode("ascii")
            yield f"{name}: {text}\r\n".encode("ascii")


def _encoded(name: str, value: str) -> Iterator[bytes]:
    """Yield a value that a program wrote without encoding it; an address stays outside."""
    shown, bracket, address = value, "", ""
    if name.lower() in _ADDRESSES:
        shown, bracket, address = value.partition("<")
    yield from encoded_words(shown.strip(), "utf-8", LINE_LENGTH_MAX // 2)
    if bracket and address.isascii():
        yield f"<{address}".encode("ascii")


def _from_properties(message: "Message") -> Iterator[tuple[str, str]]:
    """Yield the fields that the properties can stand for."""
    text = message.properties.str_prop_value
    address = text(_SENDER_SMTP) or text(_SENDER) or ""
    if "@" in address:
        name = " ".join((text(_SENDER_NAME) or "").split())
        shown = b" ".join(encode_text(name, "utf-8", 6)).decode("ascii").replace('"', "")
        quoted = f'"{shown}" ' if name.isascii() and name else f"{shown} " if name else ""
        yield "From", f"{quoted}<{''.join(address.split())}>"
    for field, prop in (("To", _DISPLAY_TO), ("Cc", _DISPLAY_CC)):
        yield field, " ".join((text(prop) or "").replace(";", ",").split())
    yield "Subject", " ".join((message.subject or "").split())
    sent = message.sent_date
    yield "Date", "" if sent is None else format_datetime(sent)
    came = message.properties.date_prop_value(_DELIVERED)
    yield "Received", "" if came is None else f"by the mailbox; {format_datetime(came)}"
    for field, prop in (
        ("Message-ID", _MESSAGE_ID),
        ("In-Reply-To", _IN_REPLY_TO),
        ("References", _REFERENCES),
    ):
        yield field, " ".join((text(prop) or "").split())


def _content(message: "Message") -> EmailMessage:
    """Return the body with its files; the text, or, where there is none, the HTML."""
    content = EmailMessage(policy=SMTP)
    text, html = message.body, None
    if not text:
        html = message.html_body
    if html:
        content.set_content(html, subtype="html")
    else:
        content.set_content(text or "")
    for file in message.attachments:
        data = file.file_bytes
        if data is None:
            continue  # A mail within the mail, or a link: nothing that a form could stand in.
        main, _slash, sub = (file.mime_type or "").partition("/")
        content.add_attachment(
            data,
            maintype=main if main.isalpha() and main != "message" else "application",
            subtype=sub if sub and main != "message" and sub.isascii() else "octet-stream",
            filename=file.file_name or "file",
        )
    return content
