"""What an incoming mail is, who wrote it, and what the person says: pure, from its bytes alone.

The order of the questions is the order of certainty: a complaint, a receipt, a delivery report
(formats of RFC 5965, 8098, 3464), a machine by its headers (RFC 3834), a machine by its wording, an
answer by a person, and what is none of these. docs/recognition.md has the rules and what each rests
on. To whose notice a mail belongs is the business of `drillsim.mail.matching`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias

from drillsim.i18n import _
from drillsim.mail import automatic, receipts
from drillsim.mail.answers import is_refusal, recognise_report_number
from drillsim.mail.bodies import Attachment, Body, attached_text, parse_attached, read_body
from drillsim.mail.bounces import DeliveryReport, FailedRecipient, read_report
from drillsim.mail.diagnostics import Cause
from drillsim.mail.parsing import (
    Fields,
    Part,
    find_addresses,
    find_message_ids,
    parse_mail,
    split_sender,
)
from drillsim.mail.quotes import Words, own_words
from drillsim.mail.tokens import canonical_token, find_tokens, token_of_address
from drillsim.mail.widths import nfkc

__all__ = [
    "Attachment",
    "Cause",
    "FailedRecipient",
    "MailKind",
    "Recognised",
    "TokenFrom",
    "is_refusal",
    "recognise",
    "recognise_report_number",
]

MailKind: TypeAlias = Literal[
    "human_reply",
    "auto_reply",
    "bounce_hard",
    "bounce_soft",
    "delayed",
    "read_receipt",
    "feedback_report",
    "not_a_reply",
    "malformed",
]
TokenFrom: TypeAlias = Literal["plus-address", "subject", "body", "message-id", ""]

_SEPARATORS = re.compile(r"[+._=]")
DRILL_MARK = "【訓練】"
_OWN_MAILS = frozenset({"notice", "passed-on", "stop"})
"""What X-Drillsim says in the drill's own mails (`drillsim.mail.compose`); no client copies it."""
THREAD_MAX = 200
TEXT_MAX = 400_000

# What gateways and lists put before a subject: [EXTERNAL], 【外部】, (外部), ***SPAM***, EXTERNAL:.
_TAGS = (
    r"(?:\s|\[[^\]]{1,30}\]|【[^】]{1,30}】|\([^)]{1,20}\)|<[^>]{1,20}>|《[^》]{1,20}》"
    r"|〔[^〕]{1,20}〕|※[^※]{1,20}※|\*{1,3}spam\*{1,3}|(?:external|外部|社外|庁外)\s?:|\*){0,8}"
)
_ANSWER_PREFIX = re.compile(
    rf"{_TAGS}(?:re|aw|antw|sv|vs|res|rif|r|odp|ynt|vá|απ|отв"
    r"|ответ|返信|返|回复|回覆|答复|답장|회신)\s{0,8}(?:[\[(^]?\d{1,3}[\])]?)?\s{0,8}[:>]",
    re.IGNORECASE,
)
_FORWARD_PREFIX = re.compile(
    rf"{_TAGS}(?:(?:re|返信)\s{{0,8}}:\s{{0,8}})?(?:fwd?|fw|wg|tr"
    r"|rv|enc|i|vl|vb|doorst|转发|轉寄|転送|전달)\s{0,8}[:>]",
    re.IGNORECASE,
)
_NOT_A_PERSON = re.compile(
    r"(?:.{0,60}[-_.])?(?:no-?reply|do-?not-?reply|donotreply|notifications?|notify|mailer|bounces?"
    r"|newsletter|news|alerts?|automailer)(?:[-_.+].{0,60})?",
    re.IGNORECASE,
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_USUAL_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"
    r"|Dec) ([12][0-9]{3}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{4})"
)
_TELLS_RECEIPT = re.compile(
    r"(?:受信|受領|確認|了解|承知|拝受|拝見|報告)(?:(?:いた|致)?し(?:まし|ます)|済|です|$)"
    r"|届き?ました|みました|見ました"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """One incoming mail, recognised. Its texts are strangers': clean them before showing them."""

    kind: MailKind
    message_id: str = ""  # Without angle brackets, as all message-ids here.
    sender: str = ""  # The address in From, as written; "" if there is none.
    sender_name: str = ""
    recipients: tuple[str, ...] = ()  # To, Cc, then the envelope's; as written.
    subject: str = ""  # Decoded, on one line.
    date: datetime | None = None  # What the sender's clock said, in UTC.
    thread: tuple[str, ...] = ()  # What it answers, nearest first; of a report, what came back.
    token: str | None = None  # 整理番号, canonical.
    token_from: TokenFrom = ""
    text: str = ""  # All that a person would read, quotes and attached mails included.
    reply_text: str = ""  # The person's own words.
    is_drill_marked: bool = False  # 【訓練】 stands in the subject.
    is_own: bool = False  # The drill sent it: a copy that came back, or was redirected unchanged.
    failed: tuple[FailedRecipient, ...] = ()  # Of a bounce or delay.
    attachments: tuple[Attachment, ...] = ()
    reasons: tuple[str, ...] = ()  # Why, in users' words and language.
    error: str | None = None  # A fault of the recognition itself, never of the mail.


class _Said(NamedTuple):
    """Where a token may stand in a mail, beside its header."""

    recipients: tuple[str, ...]
    subject: str
    thread: tuple[str, ...]
    text: str
    reply_text: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was read of a mail before it is judged."""

    mail: Part
    body: Body
    words: Words
    base: Recognised
    return_path: str | None


def recognise(
    raw: bytes,
    *,
    envelope_from: str = "",
    envelope_to: Sequence[str] = (),
    token_pattern: re.Pattern[str] | None = None,
) -> Recognised:
    """Recognise a mail from its bytes; never raises, whatever the bytes.

    `envelope_from` is the sender given at MAIL FROM ("<>" for the null sender, "" if unknown),
    `envelope_to` the recipients at RCPT. `token_pattern` finds the tokens of another tool's drill;
    its first group is the token, or all of it if it has none.
    """
    try:
        return _recognise(raw, envelope_from, envelope_to, token_pattern)
    except Exception as fault:  # noqa: BLE001
        # A mail that the code does not cope with must not stop a drill: it goes to the tray, with
        # the fault told, and the raw mail is kept anyway.
        return Recognised(
            kind="malformed",
            reasons=(_("it could not be taken apart"),),
            error=f"{type(fault).__name__}: {fault}",
        )


def same_subject(a: str, b: str) -> bool:
    """Whether two subjects are the same but for the prefixes of answering and forwarding."""
    return _bare_subject(a) == _bare_subject(b)


def _recognise(
    raw: bytes,
    envelope_from: str,
    envelope_to: Sequence[str],
    token_pattern: re.Pattern[str] | None,
) -> Recognised:
    mail = parse_mail(raw)
    fields = mail.fields
    body = read_body(mail)
    words = own_words(body.text)
    sender, name = split_sender(fields.get("from"))
    if not sender and name.lower() == "mailer-daemon":
        sender = name
    subject = fields.get("subject")
    copies = [address for field in ("to", "cc") for address in find_addresses(fields.get(field))]
    recipients = tuple(dict.fromkeys([*copies, *(each.strip("<>") for each in envelope_to)]))
    said = _Said(recipients, subject, _thread(fields), _whole_text(body), words.own)
    token, token_from = _token(said, fields, token_pattern)
    base = Recognised(
        kind="malformed",
        message_id=next(iter(find_message_ids(fields.get("message-id"))), ""),
        sender=sender,
        sender_name=name,
        recipients=recipients,
        subject=subject,
        date=_date(fields.get("date")),
        thread=said.thread,
        token=token,
        token_from=token_from,
        text=said.text,
        reply_text=words.own,
        is_drill_marked=DRILL_MARK in nfkc(subject),
        attachments=body.attachments,
    )
    if not sender and not recipients and not subject and not base.message_id and not base.thread:
        return replace(base, reasons=(_("it has no header of a mail"),))
    if fields.get("x-drillsim").lower() in _OWN_MAILS:
        own = _("it is a mail of the drill itself, come back as it was sent")
        return replace(base, kind="not_a_reply", is_own=True, reasons=(own,))
    path = envelope_from or (fields.get("return-path") if "return-path" in fields else None)
    seen = _Seen(mail, body, words, base, path)
    return _as_report(seen) or _as_automatic(seen) or _as_answer(seen)


def _as_report(seen: _Seen) -> Recognised | None:
    """Read complaints, receipts and delivery reports: mails about a mail."""
    mail, body, base = seen.mail, seen.body, seen.base
    if receipts.is_feedback(mail, base.subject, body.text, body.attached_mails):
        return replace(
            base, kind="feedback_report", reasons=(_("it is a complaint report (RFC 5965)"),)
        )
    is_receipt = receipts.is_read_receipt(mail, base.subject, body.text)
    if is_receipt and not receipts.is_rejection(mail):
        original, _recipient = receipts.receipt_fields(mail)
        thread = tuple(dict.fromkeys((*find_message_ids(original), *base.thread)))
        reason = _("it is a read receipt (RFC 8098): a mail shown is not a mail answered")
        return replace(base, kind="read_receipt", thread=thread, reasons=(reason,))
    report = read_report(
        mail,
        body.text,
        body.attached_mails,
        subject=base.subject,
        sender=base.sender,
        sender_name=base.sender_name,
        return_path=seen.return_path,
        own_addresses=base.recipients,
    )
    return _with_report(seen, report) if report is not None else None


def _with_report(seen: _Seen, report: DeliveryReport) -> Recognised:
    base = seen.base
    returned = [each.message_id for each in report.failed if each.message_id]
    thread = tuple(dict.fromkeys((*returned, *base.thread)))
    token, token_from = base.token, base.token_from
    if token is None:
        # The returned mail still carries the token in its subject and Reply-To.
        for part in seen.body.attached_mails[:1]:
            token = _returned_token(parse_attached(part).fields)
            token_from = "body" if token else ""
    how = (
        _("it is a delivery report (RFC 3464)")
        if report.by_fields
        else _("a mail system wrote it, and it says that a mail did not get through")
    )
    kind: MailKind = "not_a_reply" if report.kind == "delivered" else report.kind
    failed = () if report.kind == "delivered" else report.failed
    return replace(
        base,
        kind=kind,
        thread=thread,
        token=token,
        token_from=token_from,
        failed=failed,
        reasons=(how, *_why_failed(report)),
    )


def _why_failed(report: DeliveryReport) -> tuple[str, ...]:
    if report.kind == "delivered":
        return (_("it reports that the mail was delivered"),)
    if report.kind == "delayed":
        return (_("the mail is late; the server goes on trying"),)
    told = dict.fromkeys(_CAUSES[each.cause]() for each in report.failed)
    return tuple(told)


_CAUSES = {
    Cause.UNKNOWN_ADDRESS: lambda: _("the address does not exist"),
    Cause.UNKNOWN_HOST: lambda: _("the domain of the address does not exist"),
    Cause.MOVED: lambda: _("the person has moved to another address"),
    Cause.TAKES_NO_MAIL: lambda: _("the domain of the address takes no mail"),
    Cause.MAILBOX_FULL: lambda: _("the mailbox is full"),
    Cause.SUSPENDED: lambda: _("the mailbox is switched off"),
    Cause.FILTERED: lambda: _("the recipient's own filter refused the mail"),
    Cause.REFUSED: lambda: _("the recipient's server refused the mail"),
    Cause.TOO_BIG: lambda: _("the mail was too big"),
    Cause.LOOP: lambda: _("the mail went round in a loop"),
    Cause.EXPIRED: lambda: _("the recipient's server could not be reached in time"),
    Cause.OTHER: lambda: _("the report gives no reason that is known"),
}


def _as_automatic(seen: _Seen) -> Recognised | None:
    base = seen.base
    answers = bool(base.thread or base.token) or _is_answer(base.subject)
    found = automatic.by_header(seen.mail.fields, seen.words, answers=answers)
    found = found or automatic.by_wording(seen.mail.fields, base.subject, seen.words)
    if found is None:
        return None
    kind: MailKind = "auto_reply" if found.kind == "reply" else "not_a_reply"
    return replace(base, kind=kind, reasons=(found.reason,))


def _as_answer(seen: _Seen) -> Recognised:
    """Decide between a person's answer and a mail that answers nothing of ours."""
    base, fields = seen.base, seen.mail.fields
    if _NOT_A_PERSON.fullmatch(base.sender.rpartition("@")[0]):
        reason = _("the sender's address belongs to no person")
        return replace(base, kind="not_a_reply", reasons=(reason,))
    prefix = nfkc(base.subject[:200])
    if _FORWARD_PREFIX.match(prefix):
        if base.reply_text and (base.token or base.is_drill_marked):
            reason = _("it forwards a mail of the drill, with words of the sender's own")
            return replace(base, kind="human_reply", reasons=(reason,))
        return replace(base, kind="not_a_reply", reasons=(_("it forwards a mail"),))
    answered = _is_answer(prefix)
    if "list-unsubscribe" in fields and not (answered or base.thread or base.token):
        return replace(base, kind="not_a_reply", reasons=(_("it is a mail to a list"),))
    reasons: list[str] = []
    if base.thread:
        reasons.append(_("it answers a mail (In-Reply-To, References)"))
    if answered:
        reasons.append(_("the subject begins with {prefix}").format(prefix=_prefix(prefix)))
    if base.token and _is_evidence(base):
        reasons.append(_("it carries the number {token}").format(token=base.token))
    if base.is_drill_marked and (seen.words.quotes or _TELLS_RECEIPT.search(base.reply_text)):
        reasons.append(_("the subject carries 【訓練】, and the text answers"))
    elif (
        not reasons and "訓練" in base.text[:2000] and _TELLS_RECEIPT.search(base.reply_text[:500])
    ):
        reasons.append(_("the text says that a mail of the drill was received"))
    if not reasons:
        return replace(base, kind="not_a_reply", reasons=(_("nothing shows it to be an answer"),))
    if not base.reply_text:
        reasons.append(_("the person sent it back without words of their own"))
    return replace(base, kind="human_reply", reasons=tuple(reasons))


def _is_evidence(base: Recognised) -> bool:
    """Whether the number of a mail shows it to be an answer.

    Another tool's number in a text may be any word of six letters; there the words must answer.
    """
    own = base.token is not None and canonical_token(base.token) is not None
    return (
        own or base.token_from != "body" or _TELLS_RECEIPT.search(base.reply_text[:500]) is not None
    )


def _is_answer(subject: str) -> bool:
    return _ANSWER_PREFIX.match(nfkc(subject[:200])) is not None


def _prefix(subject: str) -> str:
    found = _ANSWER_PREFIX.match(subject)
    return found[0].strip() if found else ""


@lru_cache(maxsize=1024)
def _bare_subject(subject: str) -> str:
    plain = nfkc(subject).strip()
    while found := (_ANSWER_PREFIX.match(plain) or _FORWARD_PREFIX.match(plain)):
        plain = plain[found.end() :].strip()
    return " ".join(plain.split()).casefold()


def _thread(fields: Fields) -> tuple[str, ...]:
    answered = find_message_ids(fields.get("in-reply-to")) if "in-reply-to" in fields else ()
    if "references" not in fields:
        return answered[:THREAD_MAX]
    older = find_message_ids(fields.get("references"))
    return tuple(dict.fromkeys((*answered, *reversed(older))))[:THREAD_MAX]


def _token(
    said: _Said, fields: Fields, pattern: re.Pattern[str] | None
) -> tuple[str | None, TokenFrom]:
    """Find the token: in an address first, since no person types that."""
    addresses = [*said.recipients]
    for name in ("delivered-to", "x-original-to", "x-forwarded-to", "envelope-to"):
        if name in fields:
            addresses += find_addresses(fields.get(name))
    if pattern is not None:
        return _foreign_token(said, addresses, pattern)
    for address in addresses:
        if "+" in address and (token := token_of_address(address)):
            return token, "plus-address"
    if found := find_tokens(said.subject):
        return found[0], "subject"
    if found := find_tokens(said.reply_text[:20_000]) or find_tokens(said.text[:60_000]):
        return found[0], "body"
    return None, ""


_BY_MACHINES: Final = ("plus-address", "message-id")
"""Where nobody types a token: mail servers may have changed its letters' case."""

_DIGIT: Final = re.compile("[0-9]")
"""In what people write, small letters without any digit are rather a word: `Saying Hello`."""


def _foreign_token(
    said: _Said, addresses: Sequence[str], pattern: re.Pattern[str]
) -> tuple[str | None, TokenFrom]:
    details = [
        detail.partition("=")[0]
        for address in addresses
        if (detail := address.rpartition("@")[0].partition("+")[2])
    ]
    places: tuple[tuple[TokenFrom, Sequence[str]], ...] = (
        ("plus-address", [*addresses, *details]),
        ("subject", (said.subject,)),
        ("message-id", said.thread),
        ("body", (said.text[:60_000],)),
    )
    for place, texts in places:
        for text in texts:
            plain = nfkc(text)
            # Addresses and message-ids may part the token by other signs than subjects do.
            for spelling in (plain, plain.upper(), _SEPARATORS.sub("-", plain.upper())):
                found = pattern.search(spelling)
                token = (found[1] if pattern.groups else found[0]) if found else None
                if token and (spelling is plain or place in _BY_MACHINES or _DIGIT.search(token)):
                    return canonical_token(token) or token.upper(), place
    return None, ""


def _returned_token(fields: Fields) -> str | None:
    for name in ("reply-to", "from"):
        for address in find_addresses(fields.get(name)):
            if token := token_of_address(address):
                return token
    return next(iter(find_tokens(fields.get("subject"))), None)


def _whole_text(body: Body) -> str:
    texts = [body.text, *(attached_text(part) for part in body.attached_mails[:10])]
    return "\n\n".join(text for text in texts if text)[:TEXT_MAX]


def _usual_date(found: re.Match[str]) -> datetime:
    """Return the moment of a date as nearly all programs write it; as the library reads it."""
    day, month, year, hour, minute, second, sign, zone = found.groups()
    hours, minutes = divmod(int(zone), 100)
    offset = timedelta(hours=hours, minutes=minutes)
    at = timezone(-offset if sign == "-" else offset)
    when = (int(year), _MONTHS.index(month) // 3 + 1, int(day))
    return datetime(*when, int(hour), int(minute), int(second), tzinfo=at)


def _date(value: str) -> datetime | None:
    if not value:
        return None
    try:
        usual = _USUAL_DATE.fullmatch(value)
        date = _usual_date(usual) if usual else parsedate_to_datetime(value[:200])
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # A date that is none: the sink's own clock tells when it came.
