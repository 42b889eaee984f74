"""A text that was pasted, as the mail that it would have been."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from drillsim.conduct.refusal import RefusedOrderError
from drillsim.i18n import _
from drillsim.mail.headers import HeaderError, header_address
from drillsim.text import clean_line

TEXT_MAX: Final = 100_000
"""Characters that are kept of a pasted text."""
_SUBJECT_MAX: Final = 300


def pasted(payload: Mapping[str, Any], number: int, when: datetime) -> tuple[bytes, str]:
    """Return a pasted text as a mail, and its sender's address.

    The same order gives the same bytes, so that it is one mail when it is carried out again after
    a crash.

    Args:
        payload: `from`, `text`, and `subject` where it is known.
        number: of the order.
        when: the time of the order.

    Raises:
        RefusedOrderError: there is no text, or the sender is no address.
    """
    text = str(payload.get("text") or "")[:TEXT_MAX]
    if not text.strip():
        raise RefusedOrderError(_("the text is empty"))
    typed = str(payload.get("from") or "").strip()
    mail = EmailMessage(policy=SMTP)
    try:
        sender = header_address(typed)
    except HeaderError:
        raise RefusedOrderError(
            _("{address} is no mail address").format(address=clean_line(typed, limit=60))
        ) from None
    mail["From"] = sender
    mail["Subject"] = clean_line(str(payload.get("subject") or "Re:"), limit=_SUBJECT_MAX)
    mail["Date"] = format_datetime(when)
    mail["Message-ID"] = f"<order-{number}.{when:%Y%m%d}@pasted.invalid>"
    mail.set_content(text)
    return mail.as_bytes(), sender
