"""Delivery reports: that a mail did not arrive, is late, or did arrive, for whom and why.

Two kinds of evidence. A report part (RFC 3464, RFC 6533) is read by its fields, wherever it stands
and even as plain text, as some products send it. A report in prose is known by who sends it (the
null sender of RFC 5321, 4.5.5; a mailer daemon; RFC 2142's postmaster) together with what it says;
never by its words alone, since a person may forward or quote a bounce.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from drillsim.mail import server_phrases
from drillsim.mail.bodies import attached_message_id
from drillsim.mail.diagnostics import REPLY_CODE, STATUS, Cause, find_cause
from drillsim.mail.lines import COPY, FIELDS, text_hints
from drillsim.mail.parsing import (
    Fields,
    Part,
    find_addresses,
    find_message_ids,
    parse_fields,
)

REGION_MAX = 20_000
FAILED_MAX = 200

DELIVERY_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})


_OF_RECIPIENT = ("final-recipient", "original-recipient", "action", "status")
_ANY_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecipient:
    """One recipient of a delivery report, with what the report says."""

    address: str  # "" where the report names none.
    status: str = ""  # "5.1.1", RFC 3463.
    action: str = ""  # failed | delayed | delivered | relayed | expanded
    diagnostic: str = ""
    cause: Cause = Cause.OTHER
    message_id: str = ""  # Of the mail that came back, without brackets.


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery report comes to, over all its recipients."""

    kind: Literal["bounce_hard", "bounce_soft", "delayed", "delivered"]
    failed: tuple[FailedRecipient, ...]
    by_fields: bool  # Read from a report part rather than from prose.


def is_system_sender(address: str, name: str, return_path: str | None) -> bool:
    """Whether a mail comes from a mail system: null sender, mailer daemon, postmaster."""
    local = address.rpartition("@")[0] or address
    if return_path is not None:
        path = return_path.strip().strip("<>").strip()
        if not path or server_phrases.DAEMON_LOCAL.fullmatch(path.partition("@")[0]):
            return True
    return bool(
        server_phrases.DAEMON_LOCAL.fullmatch(local) or server_phrases.DAEMON_NAME.search(name)
    )


def read_report(
    mail: Part,
    text: str,
    attached: Sequence[Part],
    *,
    subject: str,
    sender: str,
    sender_name: str,
    return_path: str | None,
    own_addresses: Sequence[str],
) -> DeliveryReport | None:
    """Read a mail as a delivery report; None if it is none.

    `text` is what a person would read, `own_addresses` those to which the report came: they are
    not the ones that failed.
    """
    groups = _status_groups(mail)
    region = _above_copy(text)
    may_list = text_hints(text) & FIELDS
    if not groups and may_list and server_phrases.FIELDS_IN_TEXT.search(region):
        groups = [fields for block in region.split("\n\n") if (fields := _group(block.encode()))]
    if groups:
        report = _by_fields(groups, region, _returned_id(attached, text, mail.fields))
        if report is not None:
            return report
    named = find_addresses(mail.fields.get("x-failed-recipients"))
    from_system = is_system_sender(sender, sender_name, return_path)
    if not _is_prose_report(mail, region, subject, sender, from_system, bool(named)):
        return None
    if server_phrases.SUCCESS.search(region) and not _fails(region) and not named:
        return DeliveryReport("delivered", (), by_fields=False)
    addresses = named or _named_addresses(region, {*own_addresses, sender})
    return _by_prose(region, subject, addresses, _returned_id(attached, text, mail.fields))


def _is_prose_report(
    mail: Part, region: str, subject: str, sender: str, from_system: bool, names_failed: bool
) -> bool:
    """Weigh who sends a mail against what it says; the cheap questions first."""
    if names_failed:
        return True
    if server_phrases.ANSWERS.match(subject):
        # A person who answers or forwards a report; unless it is the daemon that says "Re:".
        daemon = from_system and server_phrases.DAEMON_ONLY.match(sender) is not None
        return daemon and _tells_failure(region)
    announces = server_phrases.SUBJECT.search(subject) is not None
    if from_system:
        return announces or _tells_failure(region)
    as_report = mail.parameters.get("report-type", "").lower() == "delivery-status"
    local = sender.rpartition("@")[0] or sender
    if as_report or server_phrases.SYSTEM_LOCAL.fullmatch(local):
        return (announces or _is_coded(region)) and _fails(region)
    if "reject" in mail.fields.get("auto-submitted").lower():
        return _fails(region)
    # The fixed subjects of mail servers; their like in Japanese are what a person may write too.
    if server_phrases.FIXED_SUBJECT.match(subject):
        return _fails(region) or find_cause(region) is not Cause.OTHER
    return announces and _is_coded(region) and _fails(region)


def _fails(region: str) -> bool:
    """Whether a text tells of a mail that did not get through."""
    return server_phrases.FAILURE.search(region) is not None


def _tells_failure(region: str) -> bool:
    """Whether anything in a mail system's text is about a failure; enough from such a sender."""
    return _fails(region) or _is_coded(region) or find_cause(region).is_hard


def _is_coded(region: str) -> bool:
    """Whether the codes of SMTP stand in a text: 550, 5.1.1."""
    return REPLY_CODE.search(region) is not None or STATUS.search(region) is not None


def _status_groups(mail: Part) -> list[Fields]:
    """Return the field groups of the report parts of a mail, the one about the whole mail too."""
    groups: list[Fields] = []
    for part in mail.walk():
        if part.content_type in DELIVERY_STATUS:
            blocks = part.payload().replace(b"\r\n", b"\n").strip().split(b"\n\n")
            groups += [fields for block in blocks[:FAILED_MAX] if (fields := _group(block))]
    return groups


def _group(block: bytes) -> Fields | None:
    lines = block.strip(b"\n").split(b"\n")
    # Some products indent the whole group: that is no folding.
    if lines and lines[0][:1] in (b" ", b"\t"):
        block = b"\n".join(line.strip() for line in lines)
    fields, _ = parse_fields(block.lstrip(b"\n"))
    return fields if len(fields) else None


def _by_fields(groups: Sequence[Fields], region: str, returned: str) -> DeliveryReport | None:
    """Fold the groups of a report (RFC 3464, 2.3): one recipient each."""
    told = [fields for fields in groups if any(name in fields for name in _OF_RECIPIENT)]
    recipients = [
        _recipient(fields, region, returned, several=len(told) > 1) for fields in told[:FAILED_MAX]
    ]
    if not recipients:
        return None
    actions = {each.action for each in recipients}
    if actions <= {"delivered", "relayed", "expanded", "deliverable"}:
        return DeliveryReport("delivered", tuple(recipients), True)
    if actions == {"delayed"} or (actions == {""} and _is_delay(region, "")):
        return DeliveryReport("delayed", tuple(recipients), True)
    failed = [each for each in recipients if each.action in ("failed", "")] or recipients
    return DeliveryReport(_hardness(failed), tuple(recipients), True)


def _recipient(fields: Fields, region: str, returned: str, *, several: bool) -> FailedRecipient:
    address = ""
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        found = find_addresses(fields.get(name).partition(";")[2] or fields.get(name))
        if found and not found[0].startswith("@"):
            address = found[0]
            break
    words = re.split(r"[\s(;]", fields.get("action").strip().lower())
    action = {"failure": "failed", "error": "failed", "fail": "failed", "expired": "failed"}.get(
        words[0], words[0]
    )
    code = STATUS.search(fields.get("status"))
    status = code[0] if code else ""
    if not action and status:
        action = {"2": "delivered", "5": "failed", "4": ""}[status[0]]
    diagnostic = fields.get("diagnostic-code")
    cause = find_cause(diagnostic, status, "" if several else region)
    if cause in (Cause.OTHER, Cause.EXPIRED):
        # The fields say little: what the report tells people may say more.
        told = _about(region, address) if several else region
        more = find_cause(f"{diagnostic}\n{told}", status, region)
        cause = cause if more is Cause.OTHER else more
    return FailedRecipient(
        address=address,
        status=status,
        action=action,
        diagnostic=diagnostic[:500],
        cause=cause,
        message_id=returned,
    )


def _by_prose(region: str, subject: str, addresses: Sequence[str], returned: str) -> DeliveryReport:
    delay = _is_delay(region, subject)
    cause = find_cause(region, "", region)
    if cause is Cause.OTHER:
        cause = find_cause(subject)
    code = STATUS.search(region)
    line = next((line.strip() for line in region.split("\n") if REPLY_CODE.search(line)), "")
    failed = tuple(
        FailedRecipient(
            address=address,
            status=code[0] if code else "",
            action="delayed" if delay else "failed",
            diagnostic=line[:500],
            cause=cause,
            message_id=returned,
        )
        for address in (addresses or ("",))
    )
    return DeliveryReport("delayed" if delay else _hardness(failed), failed, False)


def _hardness(failed: Sequence[FailedRecipient]) -> Literal["bounce_hard", "bounce_soft"]:
    """Hard only if each address is wrong: with one soft failure the mail may yet be sent again."""
    return "bounce_hard" if all(each.cause.is_hard for each in failed) else "bounce_soft"


def _is_delay(region: str, subject: str) -> bool:
    if server_phrases.GIVEN_UP.search(region):
        return False
    return (
        server_phrases.DELAY.search(region) is not None
        or server_phrases.DELAY.search(subject) is not None
    )


def _above_copy(text: str) -> str:
    if not text_hints(text) & COPY:
        return text[:REGION_MAX]
    text = text[: REGION_MAX * 4]
    found = server_phrases.COPY_BELOW.search(text)
    # A report may begin with "the original message was received…": words must stand above.
    while found is not None and not text[: found.start()].strip():
        found = server_phrases.COPY_BELOW.search(text, found.end())
    return (text[: found.start()] if found else text)[:REGION_MAX]


def _about(region: str, address: str) -> str:
    """Return what a report says about one of its recipients: up to the next address."""
    at = region.lower().find(address.lower()) if address else -1
    if at < 0:
        return ""
    begin = at + len(address)
    others = (
        found.start()
        for found in _ANY_ADDRESS.finditer(region, begin, begin + 600)
        if address.lower() not in found[0].lower()
    )
    return region[begin : next(others, begin + 600)]


def _named_addresses(region: str, ours: set[str]) -> tuple[str, ...]:
    small = {address.lower() for address in ours}

    def foreign(address: str) -> bool:
        local = address.partition("@")[0]
        return address.lower() not in small and not server_phrases.DAEMON_LOCAL.fullmatch(local)

    led = [address.rstrip(".>") for address in server_phrases.LEADING_ADDRESS.findall(region)]
    found = [address for address in led if foreign(address)]
    found = found or [address for address in find_addresses(region) if foreign(address)][:1]
    return tuple(dict.fromkeys(found))[:10]


def _returned_id(attached: Sequence[Part], text: str, fields: Fields) -> str:
    """Return the Message-ID of the mail that a report is about, from wherever it stands."""
    for part in attached:
        found = attached_message_id(part)
        if found:
            return found
    copy = server_phrases.RETURNED_ID.search(text[: REGION_MAX * 10])
    if copy:
        return copy[1].strip("<>")
    threads = find_message_ids(fields.get("in-reply-to")) or find_message_ids(
        fields.get("references")
    )
    return threads[-1] if threads else ""
