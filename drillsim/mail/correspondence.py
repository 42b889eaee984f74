"""What simulated people, mailboxes and mail servers write back, as letters.

They are what real offices send: a reply that quotes in the style of a mail program, from a
telephone without threading headers, to all; an absence notice with and without the headers of RFC
3834 (the oldest program, vacation(1), sends none); a delivery report as RFC 3464 has it, and one in
plain Japanese words as mobile carriers write it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from drillsim.mail.bodies import read_body
from drillsim.mail.compose import (
    Charset,
    Letter,
    Mailbox,
    Returned,
    final_body,
    final_subject,
)
from drillsim.mail.official_dates import official_date, official_number, official_time
from drillsim.mail.quote_styles import QuoteStyle, quoted

REFERENCES_MAX: Final = 20
"""Message-IDs kept in References: the first, and the latest ones."""

STOP_CONFIRMED: Final = {
    "ja": "訓練中止の連絡を受信しました。",
    "en": "We received the stop of the drill.",
}
"""What an office answers to the stop mail, by the language of the drill."""

_REPLY_PREFIXES: Final = ("re:", "re：", "ｒｅ：", "返信:", "返信：")


def thread(original: Letter) -> tuple[str, tuple[str, ...]]:
    """Return In-Reply-To and References of what answers `original`, or passes it on.

    As RFC 5322, 3.6.4, has it.
    """
    chain = [*original.references, original.message_id]
    if len(chain) > REFERENCES_MAX:
        chain = [chain[0], *chain[-REFERENCES_MAX + 1 :]]
    return original.message_id, tuple(chain)


def reply(
    original: Letter,
    *,
    writer: Mailbox,
    words: str,
    message_id: str,
    date: datetime,
    style: QuoteStyle = "outlook",
    threaded: bool = True,
    to_all: bool = False,
    charset: Charset | None = None,
) -> Letter:
    """Return a person's answer to `original`.

    Args:
        original: the mail that is answered, as it was sent (or `read_letter` of it).
        writer: who answers.
        words: what they say, lines ended by LF; "" for an empty answer above the quote.
        message_id: of the answer.
        date: of the answer.
        style: of which mail program; telephones (`iphone`) are where threading gets lost.
        threaded: whether In-Reply-To and References are there.
        to_all: whether all recipients of the original get it too.
        charset: of the answer; without one, that of the original.
    """
    prefix = "RE: " if style.startswith("outlook") else "Re: "
    answered = subject = final_subject(original)
    if not subject.lower().startswith(_REPLY_PREFIXES):
        subject = prefix + subject
    in_reply_to, references = thread(original) if threaded else ("", ())
    back_to = original.reply_to or original.sender
    others = [
        mailbox
        for mailbox in (*original.to, *original.cc)
        if mailbox.address not in (writer.address, back_to.address)
    ]
    return Letter(
        kind="reply",
        sender=writer,
        to=(back_to,),
        cc=tuple(others) if to_all else (),
        subject=subject,
        body=words,
        quote=quoted(
            style,
            sender=original.sender,
            to=original.to,
            subject=answered,
            date=original.date.astimezone(date.tzinfo),
            body=final_body(original),
        ),
        message_id=message_id,
        date=date,
        in_reply_to=in_reply_to,
        references=references,
        charset=charset or original.charset,
    )


def acknowledgement_words(
    *, body: str, by: str, role: str = "", at: datetime, original_by: str = "", variant: int = 0
) -> str:
    """Return what an officer writes to say that the message came.

    Args:
        body: the office that answers.
        by: who answers.
        role: their post.
        at: when they got the mail, in the drill's zone.
        original_by: the office that is answered, for the address line.
        variant: which of several wordings; any number.
    """
    time, signature = official_time(at), " ".join(part for part in (body, role, by) if part)
    wordings = (
        (
            f"　{body}です。標記の連絡を{time}に受信しました。対応者は{by}です。"
            "状況は、確認の上、改めて報告します。"
        ),
        f"　お世話になっております。{body}の{by}です。\n　標記の件、受信しました（{time}）。",
        f"{body}　{by}です。\n受信を確認しました。",
        f"　標記について、{time}に受信しましたので回答します。\n\n対応者：{signature}",
        "受信しました。",
    )
    greeting = f"{original_by}　御担当者　様\n\n" if original_by and variant % 5 in (0, 3) else ""
    return f"{greeting}{wordings[variant % len(wordings)]}\n\n{signature}"


def report_words(
    *,
    form: str,
    body: str,
    by: str,
    number: int = 1,
    collected: Sequence[str] = (),
    missing: Sequence[str] = (),
) -> str:
    """Return what an office reports: the filled-in form, and whose reports it put together.

    Args:
        form: the form with its answers (`drillsim.mail.forms.fill_form`); "" where none was sent.
        body: the office that reports.
        by: who reports.
        number: 第１報, 第２報 …
        collected: names of the bodies whose reports are in it.
        missing: names of those whose reports have not come.
    """
    order = f"（第{official_number(number)}報）" if number > 1 or collected or missing else ""
    parts = [f"　{body}です。標記について、次のとおり報告します。{order}"]
    if form:
        parts.append(form)
    if collected or missing:
        total = len(collected) + len(missing)
        parts.append(
            f"管内の報告　{official_number(total)}団体中{official_number(len(collected))}団体"
            + (f"\n報告のあった団体　{'、'.join(collected)}" if collected else "")
            + (f"\n未報告の団体　{'、'.join(missing)}" if missing else "")
        )
    return "\n\n".join([*parts, f"{body} {by}"])


def absence_notice(
    original: Letter,
    *,
    owner: Mailbox,
    message_id: str,
    date: datetime,
    back_on: date | None = None,
    headers: bool = True,
) -> Letter:
    """Return the notice that a mailbox sends for its absent owner.

    Without `headers` it carries neither Auto-Submitted nor threading, as vacation(1) and some
    groupware send it; then words alone tell.
    """
    until = f"{official_date(back_on)}まで" if back_on is not None else "しばらくの間"
    in_reply_to, references = thread(original) if headers else ("", ())
    return Letter(
        kind="auto-reply",
        sender=owner,
        to=(original.reply_to or original.sender,),
        subject=f"自動応答: {final_subject(original)}",
        body=(
            f"　{owner.name or owner.address}は、{until}不在にしております。\n"
            "　このメールは自動的に送信しています。お急ぎの場合は、電話で御連絡ください。"
        ),
        message_id=message_id,
        date=date,
        in_reply_to=in_reply_to,
        references=references,
        charset=original.charset,
        auto_submitted="auto-replied" if headers else "",
    )


def delivery_report(
    original: Letter,
    raw: bytes,
    *,
    recipient: str,
    message_id: str,
    date: datetime,
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 User unknown",
    plain: bool = False,
) -> Letter:
    """Return what a mail server writes when it cannot deliver after all.

    Args:
        original: the mail that failed.
        raw: its bytes.
        recipient: for whom it failed.
        message_id: of the report.
        date: of the report.
        status: as in RFC 3463; one that begins with 4 reports a delay.
        diagnostic: what the other server said.
        plain: a report in words alone, without the parts of RFC 3464.
    """
    domain = recipient.rpartition("@")[2]
    delayed = status.startswith("4")
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n", "\n")
    words = (
        "　次のあて先へのメールの配信が遅れています。配信は引き続き試みますので、再送は不要です。"
        if delayed
        else "　次のあて先へメールを配信できませんでした。メールアドレスを御確認ください。"
    )
    body = f"{words}\n\n<{recipient}>: {diagnostic}"
    report = Letter(
        kind="bounce",
        sender=Mailbox(f"mailer-daemon@{domain}", "Mail Delivery Subsystem"),
        to=(original.sender,),
        subject="Delayed Mail (still being retried)"
        if delayed
        else "Undelivered Mail Returned to Sender",
        body=body,
        message_id=message_id,
        date=date,
        charset=original.charset,
        auto_submitted="auto-replied",
        in_reply_to=original.message_id,
        references=(original.message_id,),
    )
    if plain:
        return replace(
            report,
            subject="メールを配信できませんでした",
            body=f"{body}\n\n--- 以下は、お送りになったメールのヘッダーです ---\n{head}",
            auto_submitted="",
            in_reply_to="",
            references=(),
        )
    returned = Returned(
        recipient=recipient,
        status=status,
        diagnostic=diagnostic,
        reporting_mta=f"mx.{domain}",
        original=raw,
        action="delayed" if delayed else "failed",
    )
    return replace(report, returned=returned)


def read_letter(raw: bytes) -> Letter:
    """Return a mail of the drill as the letter that it was: what its reader sees, to answer it.

    A mail that lacks a sender or Message-ID is no mail of the drill.

    Raises:
        ValueError: it lacks one of them, or its date.
    """
    from email.utils import parsedate_to_datetime

    from drillsim.mail.parsing import find_addresses, find_message_ids, parse_mail, split_sender

    mail = parse_mail(raw)
    fields = mail.fields
    address, name = split_sender(fields.get("from"))
    ids = find_message_ids(fields.get("message-id"))
    if not address or not ids:
        raise ValueError("a mail without From or Message-ID cannot be answered")
    back_to = find_addresses(fields.get("reply-to"))
    return Letter(
        kind="stop" if fields.get("x-drillsim") == "stop" else "drill",
        sender=Mailbox(address, name),
        to=tuple(Mailbox(each) for each in find_addresses(fields.get("to"))),
        cc=tuple(Mailbox(each) for each in find_addresses(fields.get("cc"))),
        reply_to=Mailbox(back_to[0]) if back_to else None,
        subject=fields.get("subject"),
        body=read_body(mail).text,
        message_id=ids[0],
        date=parsedate_to_datetime(fields.get("date")),
        references=find_message_ids(fields.get("references")),
        in_reply_to=next(iter(find_message_ids(fields.get("in-reply-to"))), ""),
    )
