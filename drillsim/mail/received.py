"""When a mail came, as the servers on its way say it in Received (RFC 5321, 4.4)."""

from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parsedate_to_datetime


def came_at(raw: bytes) -> datetime | None:
    """Return when the last server took a mail, which is the reader's own; None where none says.

    Each server puts its field above those that are there. What stands below, and Date, may be
    anything: it comes from outside.
    """
    fields = BytesHeaderParser(policy=compat32).parsebytes(raw).get_all("Received", [])
    return received_at(str(fields[0])) if fields else None


def received_at(field: str) -> datetime | None:
    """Return the time at the end of a Received field; None where it is none."""
    try:
        at = parsedate_to_datetime(field.rpartition(";")[2].strip())
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
