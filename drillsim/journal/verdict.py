"""What `verify` found out about a journal."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Place: TypeAlias = Literal["record", "file", "mail", "command", "annex", "database", "head"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not what was written."""

    place: Place
    name: str
    """Number of the record, command or addition; hash of the mail; name of the file; or empty."""
    message: str
    """What is wrong, in the reader's language, with the name."""


@dataclass(slots=True)
class Verdict:
    """What `verify` found."""

    path: str
    count: int = -1
    """The number of the last good record."""
    head: str = ""
    digest: str = ""
    is_sealed: bool = False
    mails: int = 0
    commands: int = 0
    annex: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all of it is what was written."""
        return not self.faults

    @property
    def first_bad(self) -> int | None:
        """The number of the first bad record; None if all records are good."""
        for fault in self.faults:
            if fault.place == "record":
                return int(fault.name)
        return None

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as the `--json` output has it."""
        return {
            "path": self.path,
            "ok": self.ok,
            "sealed": self.is_sealed,
            "records": self.count,
            "head": self.head,
            "digest": self.digest,
            "mails": self.mails,
            "commands": self.commands,
            "annex": self.annex,
            "first_bad": self.first_bad,
            "faults": [
                {"place": fault.place, "name": fault.name, "message": fault.message}
                for fault in self.faults
            ],
        }
