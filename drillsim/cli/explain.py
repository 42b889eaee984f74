"""`drillsim explain`: what one mail is, whose words it holds, and why, in words."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from drillsim.i18n import N_, _
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean, clean_line, width

if TYPE_CHECKING:
    from drillsim.mail.replies import MailKind, Recognised

KINDS: Final[Mapping["MailKind", str]] = {
    "human_reply": N_("a person's answer"),
    "auto_reply": N_("an automatic reply; it acknowledges nothing"),
    "bounce_hard": N_("a bounce: the address is wrong"),
    "bounce_soft": N_("a bounce: the mail did not get through this time"),
    "delayed": N_("a delay report: the mail is still on its way"),
    "read_receipt": N_("a read receipt; it acknowledges nothing"),
    "feedback_report": N_("a complaint report"),
    "not_a_reply": N_("no answer to a mail of a drill"),
    "malformed": N_("no readable mail"),
}
"""What each kind of mail is, in users' words."""

STDIN: Final = "-"
_INDENT: Final = "    "


@click.command(
    "explain",
    help=_(
        "Say what the mail in MAIL.eml is, what the person says in it, and why.\n\n"
        "MAIL.eml is a raw mail, as a mail program saves it, or a .msg of Outlook; - reads it from "
        "standard input.\n\n"
        "Exit code: 0, or 2 if it cannot be read as a mail."
    ),
)
@click.argument("mail", metavar=_("MAIL.eml"))
@click.option(
    "--drill",
    metavar=_("DRILL"),
    help=_("Say whose answer it is in this drill: a path, an id, or latest."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print one JSON object."))
def command(mail: str, drill: str | None, as_json: bool) -> ExitCode:
    """Print what a mail is, and with --drill whose answer."""
    from drillsim.mail.replies import recognise

    raw = read_mail(mail)
    found = recognise(raw)
    in_drill = None
    if drill is not None:
        from drillsim.cli.explain_in_drill import in_drill_of

        in_drill = in_drill_of(drill, raw)
    if as_json:
        shown = mail_as_json(mail, found)
        if in_drill is not None:
            shown |= in_drill.as_json()
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        rows = [*_rows(found), *(in_drill.rows() if in_drill is not None else ())]
        click.echo("\n".join(_lines(mail, found, rows)))
    return ExitCode.WRONG_USE if found.kind == "malformed" else ExitCode.DONE


def read_mail(path: str) -> bytes:
    """Return the bytes of a mail; those of standard input for "-". A .msg is made into one.

    Raises:
        OSError: the file cannot be read.
        UsageError: it is a .msg that holds no mail.
    """
    from drillsim.mail.outlook import UnreadableMsgError, is_msg, mail_of_msg

    data = sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()
    if not is_msg(data):
        return data
    try:
        return mail_of_msg(data)
    except UnreadableMsgError:
        raise UsageError(
            _("{path}: no mail that Outlook saved; save it again, as .msg or .eml").format(
                path=clean_line(path)
            )
        ) from None


def mail_as_json(path: str, found: "Recognised") -> dict[str, object]:
    """Return all that was recognised, as an object of the `--json` output."""
    from drillsim.mail.replies import is_refusal, recognise_report_number

    report = recognise_report_number(found.reply_text)
    return {
        "path": path,
        "kind": found.kind,
        "reply_text": found.reply_text,
        "token": found.token,
        "token_from": found.token_from,
        "reasons": list(found.reasons),
        "error": found.error,
        "message_id": found.message_id,
        "sender": found.sender,
        "sender_name": found.sender_name,
        "recipients": list(found.recipients),
        "subject": found.subject,
        "date": found.date.isoformat() if found.date else None,
        "thread": list(found.thread),
        "is_drill_marked": found.is_drill_marked,
        "is_refusal": is_refusal(found.reply_text),
        "report": None
        if report is None
        else {
            "number": report.number,
            "follow_up": report.follow_up,
            "correction": report.correction,
            "final": report.final,
        },
        "failed": [
            {
                "address": each.address,
                "status": each.status,
                "action": each.action,
                "cause": each.cause.value,
                "diagnostic": each.diagnostic,
                "message_id": each.message_id,
            }
            for each in found.failed
        ],
        "attachments": [
            {"name": each.name, "content_type": each.content_type, "size_bytes": each.size_bytes}
            for each in found.attachments
        ],
    }


def _lines(path: str, found: "Recognised", told: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield f"{clean_line(path)}: {_(KINDS[found.kind])}"
    rows = [(label, text) for label, text in told if text]
    margin = max((width(label) for label, _text in rows), default=0) + 2
    last = ""
    for label, text in rows:
        shown = "" if label == last else label
        yield _INDENT + shown + " " * (margin - width(shown)) + clean_line(text)
        last = label
    if found.kind == "human_reply":
        yield ""
        words = clean(found.reply_text) if found.reply_text else _("(no words of their own)")
        yield from (_INDENT + line for line in words.splitlines())


def _rows(found: "Recognised") -> Iterator[tuple[str, str]]:
    for reason in found.reasons:
        yield _("why"), reason
    if found.error:
        yield _("fault"), found.error
    yield _("sender"), _sender(found)
    yield _("recipients"), ", ".join(found.recipients)
    yield _("subject"), found.subject
    yield _("date"), found.date.isoformat(sep=" ") if found.date else ""
    yield _("answers"), found.thread[0] if found.thread else ""
    yield _("number"), _token(found)
    for each in found.failed:
        yield _("failed"), " ".join(filter(None, (each.address, each.status, each.diagnostic)))
    for attachment in found.attachments:
        yield _("file"), attachment.name or attachment.content_type
    if found.kind == "human_reply":
        yield from _says(found)


def _says(found: "Recognised") -> Iterator[tuple[str, str]]:
    from drillsim.mail.replies import is_refusal, recognise_report_number

    report = recognise_report_number(found.reply_text)
    if report is not None:
        told = [
            _("report no. {number}").format(number=report.number) if report.number else "",
            _("follow-up") if report.follow_up else "",
            _("correction") if report.correction else "",
            _("last report") if report.final else "",
        ]
        yield _("report"), ", ".join(filter(None, told))
    if is_refusal(found.reply_text):
        yield _("note"), _("the person says that they cannot act: the next officer is called")


def _sender(found: "Recognised") -> str:
    if not found.sender:
        return found.sender_name
    return f"{found.sender_name} <{found.sender}>" if found.sender_name else found.sender


def _token(found: "Recognised") -> str:
    if not found.token:
        return ""
    places = {
        "plus-address": _("in the address"),
        "subject": _("in the subject"),
        "body": _("in the text"),
        "message-id": _("in the Message-ID"),
    }
    return f"{found.token} ({places[found.token_from]})" if found.token_from else found.token
