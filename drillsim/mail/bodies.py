"""What a mail gives a person to read: its text, its attachments, the mails attached to it.

Which of several bodies a mail client would show: of alternatives the plain text, unless it is blank
or only says that the mail is HTML; of parts side by side all texts that are no attachments
(RFC 2046, 5.1.3 and 5.1.4; RFC 2183). Lines broken by `format=flowed` are joined (RFC 3676).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drillsim.mail.flatten import flatten_html
from drillsim.mail.parsing import Part, find_message_ids, parse_fields, parse_mail

ATTACHMENT_BYTES_MAX = 4_194_304
ATTACHMENTS_MAX = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ATTACHED_MAIL = frozenset(
    {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}
    | {"message/global-headers", "text/rfc822-header", "text/rfc822", "message/partial"}
)
_SIGNATURES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
    | {"text/vcard", "text/x-vcard", "text/calendar", "application/pgp-keys"}
)
_NO_HTML = re.compile(
    r"(?:html (?:e-?mail|message|mail|format|形式)|does not support html|htmlメール|HTML形式)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a mail. `data` is there for xlsx only: the one kind that is read."""

    name: str
    content_type: str
    size_bytes: int
    data: bytes = b""
    is_decoration: bool = False
    """A picture within the text, a signature, a card: nothing that a person filled in."""


@dataclass(frozen=True, slots=True)
class Body:
    """The readable side of a mail."""

    text: str
    attached_mails: tuple[Part, ...]
    attachments: tuple[Attachment, ...]


def read_body(mail: Part) -> Body:
    """Gather the text, the attached mails and the attachments of a mail."""
    if not mail.parts and mail.content_type == "text/plain":
        return Body(_plain(mail), (), ())
    texts: list[str] = []
    mails: list[Part] = []
    files: list[Attachment] = []
    for part in _shown(mail):
        if part.content_type in ATTACHED_MAIL:
            mails.append(part)
        elif part.content_type.startswith("message/"):
            continue
        elif part.is_attachment or not part.content_type.startswith("text/"):
            if part is not mail or part.body.strip():
                files.append(_attachment(part))
        elif part.content_type in ("text/calendar", "text/x-amp-html", "text/css", "text/vcard"):
            continue
        else:
            texts.append(_text(part))
    if not any(text.strip() for text in texts) and _is_unread_multipart(mail):
        # No boundary to be found: what stands there is read as it is.
        texts.append(mail.text())
    text = "\n".join(text.rstrip("\n") for text in texts if text.strip())
    return Body(text, tuple(mails), tuple(files[:ATTACHMENTS_MAX]))


def attached_text(part: Part) -> str:
    """Return the text of an attached mail (its body only), one level deep."""
    inner = parse_attached(part)
    return _text(inner) if inner.content_type.startswith("text/") else ""


def parse_attached(part: Part) -> Part:
    """Take an attached mail apart: its header, and its body as far as it is plain."""
    return parse_mail(part.payload())


def attached_message_id(part: Part) -> str:
    """Return the Message-ID of an attached (returned) mail without brackets; "" if it has none."""
    fields, _ = parse_fields(part.payload().lstrip(b"\r\n").replace(b"\r\n", b"\n"))
    return next(iter(find_message_ids(fields.get("message-id"))), "")


def _shown(mail: Part) -> Iterator[Part]:
    """Yield the leaves that a mail client would show or list, one of each set of alternatives."""
    pending = [mail]
    while pending:
        part = pending.pop()
        if not part.parts:
            if not part.content_type.startswith("multipart/"):
                yield part
        elif part.content_type == "multipart/alternative":
            pending.append(_alternative(part))
        else:
            pending.extend(reversed(part.parts))


def _alternative(part: Part) -> Part:
    """Choose the plain text, or what follows it where the plain text says nothing."""
    plain = next((each for each in part.parts if each.content_type == "text/plain"), None)
    others = [each for each in part.parts if each is not plain]
    if plain is None:
        shown = [each for each in others if each.content_type != "text/calendar"]
        return (shown or others)[-1]
    if not others:
        return plain
    text = plain.text().strip()
    if not text or (len(text) < 200 and _NO_HTML.search(text)):
        richest = others[-1]
        return richest if richest.parts or richest.content_type.startswith("text/") else plain
    return plain


def _is_unread_multipart(mail: Part) -> bool:
    return mail.content_type.startswith("multipart/") and not mail.parts


def _text(part: Part) -> str:
    if part.content_type in ("text/html", "application/xhtml+xml", "text/enriched"):
        return flatten_html(part.text())
    return _plain(part)


def _plain(part: Part) -> str:
    text = part.text()
    if part.parameters.get("format", "").lower() == "flowed":
        return _unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that format=flowed broke: those that end in a blank, at one quote depth."""
    paragraphs: list[list[str]] = []
    open_depth = -1  # The depth of the paragraph that goes on with the next line; -1: none does.
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        flows = bare.endswith(" ") and bare != "-- "
        if flows and delete_space:
            bare = bare[:-1]
        if open_depth == depth and bare != "-- ":
            paragraphs[-1].append(bare)
        else:
            paragraphs.append([f"{'>' * depth} {bare}" if depth else bare])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in paragraphs)


def _attachment(part: Part) -> Attachment:
    name = part.file_name
    is_xlsx = part.content_type == XLSX or name.lower().endswith((".xlsx", ".xlsm"))
    data = part.payload(ATTACHMENT_BYTES_MAX) if is_xlsx else b""
    size = len(data) if is_xlsx else len(part.body)
    return Attachment(
        name=name,
        content_type=part.content_type,
        size_bytes=size,
        data=data,
        is_decoration=_is_decoration(part, name),
    )


def _is_decoration(part: Part, name: str) -> bool:
    """Whether a file belongs to how a mail looks or is signed (RFC 2387, 8551, 3156, 6350)."""
    if part.content_type in _SIGNATURES or name.lower().endswith((".p7s", ".vcf", ".asc", ".ics")):
        return True
    is_inline = not part.fields.get("content-disposition").lower().startswith("attachment")
    return part.content_type.startswith("image/") and (is_inline or "content-id" in part.fields)
