"""Read receipts and complaints: mails about a mail that neither acknowledge nor fail to arrive.

RFC 8098 (a receipt says that a mail was displayed or deleted, not that anybody acts on it), RFC
5965 (feedback reports of mailbox providers), and the products that send the same in other forms:
Outlook and Exchange (subject prefixes), Thunderbird and Notes (their sentences), Microsoft's JMRP.
"""

import re
from collections.abc import Sequence

from drillsim.mail.lines import COMPLAINT, text_hints
from drillsim.mail.parsing import Part, parse_fields

DISPOSITION = "message/disposition-notification"
FEEDBACK = "message/feedback-report"

_READ_SUBJECT = re.compile(
    r"(?:read|not read|opened|gelesen|ungelesen|lu|non lu|leído|no leído|letto|non letto|lida"
    r"|não lida|gelezen|läst|lest|læst|прочтено|已读|已讀|읽음|開封済み?|未開封(?:削除)?|開封確認"
    r"|return receipt|read receipt|disposition notification|receipt|開封通知|開封しました"
    r"|lesebestätigung|empfangsbestätigung|accusé de (?:lecture|réception)|confirmation de lecture"
    r"|confirmación de lectura|conferma di lettura|confirmação de leitura"
    r"|leesbevestiging)(?:\s{0,8}[(\[（][^)\]）]{1,30}[)\]）])?\s{0,8}[:：\-]",
    re.IGNORECASE,
)
_READ_TEXT = re.compile(
    r"this is a return receipt for the mail|return receipt only acknowledges|was (?:read|displayed"
    r"|opened) on|only (?:acknowledges|indicates|means|shows) that the message was displayed"
    r"|there is no guarantee that the (?:recipient|message)|(?:was"
    r"|has been) (?:deleted )?without being read"
    r"|your message[^\n]{0,20}\n(?:[^\n]{0,200}\n){1,8}?was read|開封確認(?:メッセージ|メール|です"
    r"|通知)|(?:メッセージ|メール)(?:が|は)(?:表示|開封)され(?:た|まし)|(?:に|を)開封しました"
    r"|\d{1,2}:\d{2}(?::\d{2})?[^\n]{0,24}に(?:開封|表示|既読)|は[^\n。]{0,60}に開封され"
    r"|dies ist eine (?:empfangs|lese)bestätigung|ceci est un accusé de",
    re.IGNORECASE,
)
_COMPLAINT_TEXT = re.compile(
    r"this is an? (?:\S{1,80} ){0,3}(?:abuse|opt-out|fraud|feedback|virus"
    r"|authentication-failure) report for an?"
    r" (?:e-?mail )?message|spam complaint (?:from|about)|email abuse report for",
    re.IGNORECASE,
)
_COMPLAINT_SUBJECT = re.compile(
    r"complaint about message from|e-?mail feedback report for|\[?spam (?:report|complaint)"
    r"|(?:abuse|feedback) (?:loop )?report\b",
    re.IGNORECASE,
)


def is_read_receipt(mail: Part, subject: str, text: str) -> bool:
    """Whether a mail is a receipt that tells of a mail having been displayed, or deleted unread."""
    if mail.parameters.get("report-type", "").lower() == "disposition-notification":
        return True
    if any(part.content_type == DISPOSITION for part in mail.walk()):
        return True
    # Prose alone: the prefix and the sentence, or Exchange's class of such reports.
    message_class = mail.fields.get("x-ms-exchange-message-class") or mail.fields.get(
        "x-message-class"
    )
    if "ipnrn" in message_class.lower() or "ipnnrn" in message_class.lower():
        return True
    return bool(_READ_SUBJECT.match(subject) and _READ_TEXT.search(text[:4000]))


def is_rejection(mail: Part) -> bool:
    """Whether a receipt was sent in place of a bounce, as Dovecot and Sieve's `reject` do.

    RFC 5429, 2.1.3: a refusal may go out as a receipt whose disposition is "deleted", sent
    automatically; Dovecot marks it `Auto-Submitted: auto-replied (rejected)`.
    """
    return "reject" in mail.fields.get("auto-submitted").lower()


def receipt_fields(mail: Part) -> tuple[str, str]:
    """Return (original Message-ID, final recipient) of a receipt as written, "" where absent."""
    for part in mail.walk():
        if part.content_type == DISPOSITION:
            fields, _ = parse_fields(part.payload().replace(b"\r\n", b"\n").lstrip(b"\n"))
            recipient = fields.get("final-recipient") or fields.get("original-recipient")
            return fields.get("original-message-id"), recipient
    return "", ""


def is_feedback(mail: Part, subject: str, text: str, attached: Sequence[Part]) -> bool:
    """Whether a mailbox provider complains, in its user's name, about a mail."""
    if mail.parameters.get("report-type", "").lower() == "feedback-report":
        return True
    if any(part.content_type == FEEDBACK for part in mail.walk()):
        return True
    if _COMPLAINT_SUBJECT.match(subject) and (attached or _complains(text[:4000])):
        return True
    return bool(attached) and _complains(text[:1000])


def _complains(text: str) -> bool:
    return bool(text_hints(text) & COMPLAINT) and _COMPLAINT_TEXT.search(text) is not None
