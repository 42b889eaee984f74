"""A mail as it is shown: decoded, and as its source."""

from dataclasses import dataclass
from typing import Final

from drillsim.drill import events as ev
from drillsim.i18n import _
from drillsim.mail.bodies import read_body
from drillsim.mail.parsing import parse_mail
from drillsim.mail.tokens import find_tokens
from drillsim.text import clean, clean_line
from drillsim.tui.views.sentences import match_word
from drillsim.tui.views.stream import Happening, mail_of

_FIELDS: Final = ("from", "to", "cc", "date", "subject", "message-id", "in-reply-to", "reply-to")
_BODY_MAX: Final = 100_000
_SOURCE_MAX: Final = 200_000


@dataclass(frozen=True, slots=True)
class MailRef:
    """A mail of a drill: its place in the journal, and the event that brought it in."""

    raw: str
    event: Happening


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail taken apart; all of it is clean text."""

    fields: tuple[tuple[str, str], ...]
    body: str
    attachments: tuple[str, ...]
    source: str

    @property
    def subject(self) -> str:
        """The decoded subject, or ""."""
        return next((value for name, value in self.fields if name == "Subject"), "")


def mail_view(raw: bytes) -> MailView:
    """Return `raw` as it is shown; any bytes will do."""
    mail = parse_mail(raw)
    fields = tuple(
        (name.title().replace("-Id", "-ID"), clean_line(mail.fields.get(name)))
        for name in _FIELDS
        if name in mail.fields
    )
    body = read_body(mail)
    attachments = [
        f"{_name(a.name)} ({clean_line(a.content_type, limit=60)})" for a in body.attachments
    ]
    attachments += [_("an attached mail")] * len(body.attached_mails)
    return MailView(
        fields=fields,
        body=clean(body.text, limit=_BODY_MAX),
        attachments=tuple(attachments),
        source=clean(raw.decode("utf-8", "backslashreplace"), limit=_SOURCE_MAX),
    )


def _name(name: str) -> str:
    return clean_line(name, limit=80) or _("without a name")


def reference_of(raw: bytes) -> str:
    """Return the 整理番号 in the subject of a mail of the drill, or ""."""
    tokens = find_tokens(parse_mail(raw).fields.get("subject"))
    return tokens[0] if tokens else ""


def mails_of(events: list[Happening]) -> list[MailRef]:
    """Return the mails that `events` brought along, in their order, each once."""
    found: dict[str, MailRef] = {}
    for event in events:
        raw = mail_of(event)
        if raw and raw not in found:
            found[raw] = MailRef(raw, event)
    return list(found.values())


def kind_word(kind: str) -> str:
    """Return what a mail was recognised as."""
    words = {
        "human_reply": _("a person's answer"),
        "auto_reply": _("an automatic reply"),
        "bounce_hard": _("a delivery report: failed for good"),
        "bounce_soft": _("a delivery report: given up for now"),
        "delayed": _("a delivery report: delayed"),
        "read_receipt": _("a read receipt"),
        "feedback_report": _("a complaint report"),
        "not_a_reply": _("no answer"),
        "malformed": _("a broken mail"),
    }
    return words.get(kind, clean_line(kind, limit=40))


def why_matched(event: Happening) -> str:
    """Return how the mail of `event` was recognised, in words; "" for a mail of the drill."""
    matched = getattr(event, "matched_by", "")
    if matched:
        return _("matched {how}").format(how=match_word(matched))
    if isinstance(event, ev.SetAside):
        return _("{kind}; matched with nothing").format(kind=kind_word(event.mail_kind))
    return ""
