"""How mail programs quote the mail that is answered, as they are set up in Japanese offices.

A rehearsal's officers answer with all of them, since recognising the person's own words in between
is half the work of a drill. The lines are those the programs write: Outlook puts the old header
over the unmarked text, the others a line of attribution over lines marked with ">".
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args

from drillsim.mail.headers import Mailbox, one_line
from drillsim.mail.official_dates import WEEKDAYS

QuoteStyle: TypeAlias = Literal[
    "outlook", "outlook-original", "gmail", "thunderbird", "iphone", "becky", "none"
]
QUOTE_STYLES: Final[tuple[QuoteStyle, ...]] = get_args(QuoteStyle)

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_LONG_DAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def quoted(
    style: QuoteStyle,
    *,
    sender: Mailbox,
    to: tuple[Mailbox, ...],
    subject: str,
    date: datetime,
    body: str,
) -> str:
    """Return what the program puts below an answer: the mail answered, in its own style.

    `date` is shown in the zone that it has. "none" quotes nothing.
    """
    lines = body.strip("\n").split("\n")
    match style:
        case "none":
            return ""
        case "outlook":
            head = [
                "________________________________",
                f"差出人: {_shown(sender)}",
                f"送信日時: {date.year}年{date.month}月{date.day}日 {date:%H:%M}",
                f"宛先: {'; '.join(_shown(mailbox) for mailbox in to)}",
                f"件名: {one_line(subject)}",
                "",
            ]
            return "\n".join(head + lines)
        case "outlook-original":
            hour = f"{(date.hour + 11) % 12 + 1}:{date:%M} {'AM' if date.hour < 12 else 'PM'}"
            day = f"{_LONG_DAYS[date.weekday()]}, {_MONTHS[date.month - 1]} {date.day}, {date.year}"
            head = [
                "-----Original Message-----",
                f"From: {_shown(sender)}",
                f"Sent: {day} {hour}",
                f"To: {'; '.join(_shown(mailbox) for mailbox in to)}",
                f"Subject: {one_line(subject)}",
                "",
            ]
            return "\n".join(head + lines)
        case "gmail":
            day = f"{date.year}年{date.month}月{date.day}日({WEEKDAYS[date.weekday()]})"
            return "\n".join(
                [f"{day} {date.hour}:{date:%M} {_shown(sender)}:", "", *_marked(lines)]
            )
        case "thunderbird":
            name = one_line(sender.name) or sender.address
            return "\n".join(
                [f"On {date:%Y/%m/%d} {date.hour}:{date:%M}, {name} wrote:", *_marked(lines)]
            )
        case "iphone":
            attribution = f"{date:%Y/%m/%d} {date:%H:%M}、{_shown(sender)}のメール:"
            head = ["iPhoneから送信", "", attribution, ""]
            return "\n".join(head + _marked(lines))
        case "becky":
            day = f"{_DAYS[date.weekday()]}, {date:%d} {_MONTHS[date.month - 1][:3]} {date.year}"
            head = [f"On {day} {date:%H:%M:%S %z}", f"{_shown(sender)} wrote:", ""]
            return "\n".join(head + _marked(lines))


def _shown(mailbox: Mailbox) -> str:
    name = one_line(mailbox.name)
    return f"{name} <{mailbox.address}>" if name else mailbox.address


def _marked(lines: list[str]) -> list[str]:
    return [f"> {line}" if line else ">" for line in lines]
