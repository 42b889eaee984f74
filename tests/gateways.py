"""What mail gateways of offices do to a mail on its way, each as a function of its bytes.

They are those that municipalities run between their networks: HTML and attachments are taken out, a
mark of origin is put before the subject, addresses and Message-IDs are written anew, the text comes
out in ISO-2022-JP with what that has no letter for as a mark, and words are put above and below.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from functools import reduce
from typing import Any, TypeAlias

Gateway: TypeAlias = Callable[[bytes], bytes]

FOOTER = (
    "--------------------------------------------------------------\n"
    "このメールには、職務上の情報が含まれている場合があります。\n"
    "お心当たりのない場合は、お手数ですが破棄してください。"
)
BANNER = (
    "【注意】このメールは外部から送信されました。\n"
    "添付ファイルやリンクを開く際は、送信者を確認してください。"
)


def through(*gateways: Gateway) -> Gateway:
    """Return a way through some gateways, one after the other."""
    return lambda raw: reduce(lambda mail, gateway: gateway(mail), gateways, raw)


def untouched(raw: bytes) -> bytes:
    """Change nothing."""
    return raw


def strips_html(raw: bytes) -> bytes:
    """Keep the plain text of a mail alone."""
    return _with_text(raw, lambda text: text)


def strips_attachments(raw: bytes) -> bytes:
    """Replace files by a note in the text, as sanitizers do."""
    mail = _read(raw)
    names = [part.get_filename() for part in mail.walk() if part.get_filename()]
    if not names:
        return raw
    note = "\n\n".join(
        f"[添付ファイルは削除されました（{number}）]" for number, _ in enumerate(names, 1)
    )
    return _with_text(raw, lambda text: f"{text}\n{note}\n")


def tags_subject(tag: str) -> Gateway:
    """Put a mark of origin before the subject, even before 「Re:」."""

    def gateway(raw: bytes) -> bytes:
        return _with_subject(raw, lambda subject: tag + subject)

    return gateway


def rewrites_addresses(raw: bytes) -> bytes:
    """Lose Reply-To, and name another address in To."""
    mail = _read(raw)
    del mail["Reply-To"]
    del mail["To"]
    mail["To"] = "inbox@office.example"
    return _written(mail)


def drops_details(raw: bytes) -> bytes:
    """Take what stands behind + out of every address."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    return re.sub(rb"\+[0-9a-z]{8}@", b"@", head) + blank + body


def gives_new_ids(raw: bytes) -> bytes:
    """Write another Message-ID; no thread leads back to the one that was sent."""
    mail = _read(raw)
    old = str(mail["Message-ID"])
    del mail["Message-ID"]
    mail["Message-ID"] = f"<{hashlib.sha256(old.encode()).hexdigest()[:16]}@relay.gateway.example>"
    return _written(mail)


def loses_threads(raw: bytes) -> bytes:
    """Lose In-Reply-To and References."""
    mail = _read(raw)
    for name in ("In-Reply-To", "References", "Thread-Index", "Thread-Topic"):
        del mail[name]
    return _written(mail)


def loses_own_fields(raw: bytes) -> bytes:
    """Lose every field that is not in RFC 5322, among them X-Drillsim."""
    mail = _read(raw)
    for name in list(mail):
        if name.lower().startswith("x-"):
            del mail[name]
    return _written(mail)


def into_jis(raw: bytes) -> bytes:
    """Write subject and text in ISO-2022-JP; what it has no letter for becomes 〓 or a mark."""
    mail = _read(raw)
    subject = _subject(mail)
    text = _text_of(mail)
    data = b"".join(_jis(line) + b"\r\n" for line in text.split("\n"))
    fresh = _without_body(mail)
    del fresh["Subject"]
    words = [subject[at : at + 15] for at in range(0, len(subject), 15)]
    encoded = [b"=?ISO-2022-JP?B?" + base64.b64encode(_jis(word)) + b"?=" for word in words]
    fresh["Subject"] = b"\n ".join(encoded).decode("ascii")
    fresh["MIME-Version"] = "1.0"
    fresh["Content-Type"] = 'text/plain; charset="ISO-2022-JP"'
    fresh["Content-Transfer-Encoding"] = "7bit"
    return _written(fresh).partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + data


def appends_footer(raw: bytes) -> bytes:
    """Put a notice below the text, without a blank line."""
    return _with_text(raw, lambda text: f"{text.rstrip()}\n{FOOTER}\n")


def inserts_banner(raw: bytes) -> bytes:
    """Put a warning above the text."""
    return _with_text(raw, lambda text: f"{BANNER}\n\n{text}")


def wraps_lines(columns: int = 68) -> Gateway:
    """Break lines anew after so many columns."""

    def gateway(raw: bytes) -> bytes:
        return _with_text(raw, lambda text: "\n".join(_wrapped(text, columns)))

    return gateway


def _wrapped(text: str, columns: int) -> Iterator[str]:
    for line in text.split("\n"):
        begun, width = "", 0
        for letter in line:
            cells = 1 if letter.isascii() else 2
            if width + cells > columns:
                yield begun
                begun, width = "", 0
            begun, width = begun + letter, width + cells
        yield begun


def _subject(mail: Message) -> str:
    return str(make_header(decode_header(str(mail["Subject"] or ""))))


def _read(raw: bytes) -> Message:
    return message_from_bytes(raw)


def _written(mail: Message) -> bytes:
    return mail.as_bytes(policy=policy.compat32.clone(linesep="\r\n", max_line_length=None))


def _with_subject(raw: bytes, change: Callable[[str], str]) -> bytes:
    mail = _read(raw)
    subject = change(_subject(mail))
    del mail["Subject"]
    words = [subject[at : at + 12] for at in range(0, len(subject), 12)]
    encoded = ["=?UTF-8?B?" + base64.b64encode(word.encode()).decode() + "?=" for word in words]
    mail["Subject"] = "\n ".join(encoded)
    return _written(mail)


def _with_text(raw: bytes, change: Callable[[str], str]) -> bytes:
    """Return a mail as text alone, changed."""
    mail = _read(raw)
    text = change(_text_of(mail))
    fresh = _without_body(mail)
    fresh["MIME-Version"] = "1.0"
    fresh["Content-Type"] = 'text/plain; charset="UTF-8"'
    fresh["Content-Transfer-Encoding"] = "base64"
    fresh.set_payload(base64.encodebytes(text.replace("\n", "\r\n").encode()).decode())
    return _written(fresh)


def _text_of(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_type() == "text/plain" and not part.get_filename():
            data: Any = part.get_payload(decode=True)
            text = str(data, part.get_content_charset("utf-8"))
            return text.replace("\r\n", "\n").rstrip("\n")
    return ""


def _without_body(mail: Message) -> Message:
    fresh = Message()
    for name, value in mail.items():
        if not name.lower().startswith("content-") and name.lower() != "mime-version":
            fresh[name] = value
    return fresh


def _jis(text: str) -> bytes:
    """Return text in ISO-2022-JP, as JIS X 0208 has it."""
    found = b""
    for letter in text:
        try:
            letter.encode("iso-2022-jp")
        except UnicodeEncodeError:
            letter = "〓"
        found += letter.encode("iso-2022-jp")
    # One run of escapes for each line.
    return found.decode("iso-2022-jp").encode("iso-2022-jp")


OUTWARD: dict[str, Gateway] = {
    "untouched": untouched,
    "html and files taken out": through(strips_attachments, strips_html),
    "[EXTERNAL]": tags_subject("[EXTERNAL] "),
    "【外部】": tags_subject("【外部】"),
    "addresses written anew": rewrites_addresses,
    "no detail in addresses": drops_details,
    "new Message-ID": gives_new_ids,
    "ISO-2022-JP": into_jis,
    "footer": appends_footer,
    "banner": inserts_banner,
    "lines broken": wraps_lines(),
    "everything": through(
        strips_attachments,
        into_jis,
        tags_subject("【外部】"),
        rewrites_addresses,
        gives_new_ids,
        loses_own_fields,
        inserts_banner,
        appends_footer,
    ),
}
"""What becomes of the drill's mail on its way to an office."""

INWARD: dict[str, Gateway] = {
    "untouched": untouched,
    "html and files taken out": through(strips_attachments, strips_html),
    "[EXTERNAL]": tags_subject("[EXTERNAL] "),
    "【外部】": tags_subject("【外部】"),
    "(外部)": tags_subject("(外部)"),
    "<社外>": tags_subject("＜社外＞"),
    "EXTERNAL:": tags_subject("EXTERNAL: "),
    "***SPAM***": tags_subject("***SPAM*** "),
    "addresses written anew": rewrites_addresses,
    "no detail in addresses": drops_details,
    "no threads": loses_threads,
    "ISO-2022-JP": into_jis,
    "footer": appends_footer,
    "banner": inserts_banner,
    "everything": through(
        strips_html,
        into_jis,
        tags_subject("[EXTERNAL] "),
        drops_details,
        loses_threads,
        gives_new_ids,
        inserts_banner,
        appends_footer,
    ),
}
"""What becomes of an answer on its way back."""

TAGS: Sequence[str] = (
    "[EXTERNAL] ",
    "[External Mail] ",
    "[EXT]",
    "【外部】",
    "【外部メール】",
    "【インターネット】",
    "(外部)",
    "（外部）",
    "＜社外＞",
    "<外部>",
    "《外部》",
    "〔外部〕",
    "EXTERNAL: ",
    "外部：",
    "***SPAM*** ",
    "[SPAM?] ",
    "[list-name:01234] ",
    "※外部※",
)
"""Marks that were seen before subjects."""
