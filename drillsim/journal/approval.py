"""Who approved a live drill, as its journal keeps it: a record before the first event.

How it comes about is in the module `approval_request` of `drillsim.conduct`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from drillsim.i18n import _
from drillsim.journal.journal import Journal
from drillsim.journal.reader import JournalReader
from drillsim.problem import UsageError
from drillsim.text import clean_line

RECORD: Final = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who asked for a live drill, and who approved it. Times are those on the wall, in UTC."""

    scenario: str
    recipients: int
    asked_by: str
    asked_at: datetime
    approved_by: str
    approved_at: datetime
    files: Mapping[str, str]
    """SHA-256 of each file that was looked at. The scenario's start is set after that."""
    salt: str
    check: str
    """A hash of the code, salted; the code itself is nowhere."""

    def note(self, journal: Journal) -> None:
        """Write it into the drill's journal, before anything else."""
        journal.note_conduct(
            RECORD,
            {
                "scenario": self.scenario,
                "recipients": self.recipients,
                "asked_by": self.asked_by,
                "asked_at": self.asked_at.isoformat(timespec="seconds"),
                "approved_by": self.approved_by,
                "approved_at": self.approved_at.isoformat(timespec="seconds"),
                "files": dict(self.files),
                "salt": self.salt,
                "check": self.check,
            },
        )


def approval_of(reader: JournalReader) -> Approval | None:
    """Return who approved a drill; None where nobody did."""
    for record in reader.records():
        if record.stream == "event":
            return None  # It stands before the first event, or nowhere.
        if record.stream == "conduct" and record.kind == RECORD:
            return _approval(record.data)
    return None


def require_approved(path: Path) -> Approval:
    """Return who approved the live drill at `path`.

    Raises:
        UsageError: nobody did, so that it must not begin or go on.
        JournalError: it cannot be read.
    """
    with JournalReader(path) as reader:
        found = approval_of(reader)
    if found is None:
        raise UsageError(
            _("{path}: nobody approved this live drill; begin it with drillsim run --live").format(
                path=clean_line(str(path))
            )
        )
    return found


def _approval(data: Mapping[str, Any]) -> Approval | None:
    match data:
        case {
            "scenario": str(scenario),
            "recipients": int(recipients),
            "asked_by": str(asked_by),
            "asked_at": str(asked_at),
            "approved_by": str(approved_by),
            "approved_at": str(approved_at),
            "files": dict(files),
            "salt": str(salt),
            "check": str(check),
        }:
            return Approval(
                scenario=scenario,
                recipients=recipients,
                asked_by=asked_by,
                asked_at=datetime.fromisoformat(asked_at),
                approved_by=approved_by,
                approved_at=datetime.fromisoformat(approved_at),
                files=files,
                salt=salt,
                check=check,
            )
    return None


def approval_words(approval: Approval) -> str:
    """Return who asked for a drill, and who approved it, in one sentence."""
    return _("Begun by {asked}, approved by {approved}.").format(
        asked=clean_line(approval.asked_by), approved=clean_line(approval.approved_by)
    )


def approval_json(approval: Approval | None) -> dict[str, Any] | None:
    """Return it as plain data, without what guards the code."""
    if approval is None:
        return None
    return {
        "asked_by": approval.asked_by,
        "asked_at": approval.asked_at.isoformat(timespec="seconds"),
        "approved_by": approval.approved_by,
        "approved_at": approval.approved_at.isoformat(timespec="seconds"),
        "recipients": approval.recipients,
    }
