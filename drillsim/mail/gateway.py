"""What happened to a mail on its way: the bytes that were sent against those that arrived.

Gateways add warnings to subjects and texts, take HTML and attachments out, write addresses anew and
change charsets. Some of it a drill bears, some of it costs answers their place: each change says
which.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, TypeAlias

from drillsim.i18n import _
from drillsim.mail.bodies import read_body
from drillsim.mail.parsing import Part, find_addresses, find_message_ids, parse_mail
from drillsim.text import clean_line

Changed: TypeAlias = Literal[
    "subject",
    "from",
    "reply-to",
    "message-id",
    "text",
    "html",
    "attachment",
    "charset",
    "encoding",
    "headers",
]

_SHOWN: Final = 60
_ON_THE_WAY: Final = frozenset({"received", "return-path", "delivered-to", "x-original-to"})
"""What every server writes on a mail; no change."""
_ATTACHMENT_BYTES_MAX: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was sent."""

    what: Changed
    text: str
    """A whole sentence in the language in use."""
    matters: bool
    """Whether it may cost answers, or what the bodies are to read."""


def changes(sent: bytes, received: bytes) -> tuple[Change, ...]:
    """Return what changed between the two, what matters first."""
    found = tuple(_Comparison(parse_mail(sent), parse_mail(received)).all())
    return tuple(sorted(found, key=lambda change: not change.matters))


class _Comparison:
    """Two mails side by side."""

    def __init__(self, sent: Part, received: Part) -> None:
        self._sent, self._got = sent, received

    def all(self) -> Iterator[Change]:
        yield from self._subject()
        yield from self._addresses()
        yield from self._message_id()
        yield from self._text()
        yield from self._html()
        yield from self._attachments()
        yield from self._charset()
        yield from self._headers()

    def _subject(self) -> Iterator[Change]:
        before, after = (_spaced(each.fields.get("subject")) for each in (self._sent, self._got))
        if before == after:
            return
        if before in after:
            added = after.replace(before, "…", 1)
            text = _("Something was added to the subject: {added}").format(added=_short(added))
            yield Change("subject", text, matters=False)
            return
        text = _("The subject was changed: {after}").format(after=_short(after))
        yield Change("subject", text, matters=True)

    def _addresses(self) -> Iterator[Change]:
        for field, gone, other in (
            ("from", _("The sender is gone."), _("The sender was changed to {address}.")),
            ("reply-to", _("Reply-To is gone."), _("Reply-To was changed to {address}.")),
        ):
            before, after = (_addresses(each, field) for each in (self._sent, self._got))
            if not before or before == after:
                continue
            named = ", ".join(after)
            text = other.format(address=_short(named)) if after else gone
            yield Change("from" if field == "from" else "reply-to", text, matters=True)

    def _message_id(self) -> Iterator[Change]:
        before, after = (
            find_message_ids(each.fields.get("message-id")) for each in (self._sent, self._got)
        )
        if before != after:
            text = _("The Message-ID was changed: answers are told by their number alone.")
            yield Change("message-id", text, matters=True)

    def _text(self) -> Iterator[Change]:
        before, after = (_lines(each) for each in (self._sent, self._got))
        lost, added = [], []
        for act, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if act != "equal":
                lost += before[a:b]
                added += after[c:d]
        if "".join(lost) == "".join(added):
            return  # Only broken otherwise into lines.
        if lost:
            text = _("The text was changed, first at: {line}").format(line=_short(lost[0]))
            yield Change("text", text, matters=True)
        elif added:
            text = _("Text was added: {line}").format(line=_short(added[0]))
            yield Change("text", text, matters=False)

    def _html(self) -> Iterator[Change]:
        before, after = (_html_of(each) for each in (self._sent, self._got))
        if before and not after:
            yield Change("html", _("The HTML was taken out; the text remains."), matters=False)
        elif "mailto:" in before and "mailto:" not in after:
            text = _("The link that prefills an answer (mailto:) was taken out of the HTML.")
            yield Change("html", text, matters=False)

    def _attachments(self) -> Iterator[Change]:
        before, after = (_files(each) for each in (self._sent, self._got))
        for name, digest in before.items():
            shown = _short(name)
            if after.get(name) == digest:
                continue
            if name in after:
                text = _("The attachment {name} was changed.").format(name=shown)
            elif digest in after.values():
                text = _("The attachment {name} was renamed.").format(name=shown)
            else:
                text = _("The attachment {name} was taken out.").format(name=shown)
            yield Change("attachment", text, matters=digest not in after.values())

    def _charset(self) -> Iterator[Change]:
        before, after = (_first_text(each) for each in (self._sent, self._got))
        if before is None or after is None:
            return
        was, now = (each.parameters.get("charset", "").lower() for each in (before, after))
        if was != now:
            text = _("The charset was changed from {before} to {after}.")
            text = text.format(before=was or "–", after=_short(now) or "–")
            yield Change("charset", text, matters=False)
        was, now = (
            each.fields.get("content-transfer-encoding").strip().lower() for each in (before, after)
        )
        if was != now:
            text = _("The transfer encoding was changed from {before} to {after}.")
            text = text.format(before=was or "–", after=_short(now) or "–")
            yield Change("encoding", text, matters=False)

    def _headers(self) -> Iterator[Change]:
        before, after = (dict.fromkeys(n for n, _v in e.fields.items) for e in self._pair)
        added = [name for name in after if name not in before and name not in _ON_THE_WAY]
        lost = [name for name in before if name not in after and name not in _COMPARED]
        if added:
            text = _("Header fields were added: {names}").format(names=_named(added))
            yield Change("headers", text, matters=False)
        if lost:
            text = _("Header fields were taken out: {names}").format(names=_named(lost))
            yield Change("headers", text, matters=False)

    @property
    def _pair(self) -> tuple[Part, Part]:
        return self._sent, self._got


_COMPARED: Final = frozenset({"subject", "from", "reply-to", "message-id"})
"""Fields that are told of by themselves."""


def _spaced(text: str) -> str:
    """Return a text with single spaces: folding of long fields comes and goes."""
    return " ".join(text.split())


def _addresses(mail: Part, field: str) -> tuple[str, ...]:
    return tuple(each.lower() for each in find_addresses(mail.fields.get(field)))


def _lines(mail: Part) -> list[str]:
    return [line for line in map(_spaced, read_body(mail).text.splitlines()) if line]


def _html_of(mail: Part) -> str:
    for part in mail.walk():
        if part.content_type == "text/html" and not part.is_attachment:
            return part.text()
    return ""


def _files(mail: Part) -> Mapping[str, str]:
    return {
        part.file_name: hashlib.sha256(part.payload(_ATTACHMENT_BYTES_MAX)).hexdigest()
        for part in mail.walk()
        if part.is_attachment
    }


def _first_text(mail: Part) -> Part | None:
    for part in mail.walk():
        if part.content_type == "text/plain" and not part.is_attachment:
            return part
    return None


def _named(names: Sequence[str]) -> str:
    return clean_line(", ".join(names), limit=3 * _SHOWN)


def _short(text: str) -> str:
    return clean_line(text, limit=_SHOWN)
