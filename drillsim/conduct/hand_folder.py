"""The folder of a drill by hand: mails to send as files in `outbox`, answers dropped into `inbox`.

A file is taken when it has the same size at two looks, so that one that is still being copied is
left alone. What was taken lies in `inbox/done`, what nobody can read in `inbox/unread`, beside a
line that says why.

An answer counts from when it was dropped. One that is dropped into `inbox/earlier` counts from when
the office's own mail server took it: so the person decides who drops it there.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from typing import Final

from drillsim.i18n import _
from drillsim.mail.outlook import UnreadableMsgError, is_msg, mail_of_msg
from drillsim.mail.received import came_at
from drillsim.mail.replies import recognise
from drillsim.problem import StoppedError, UsageError
from drillsim.text import clean, clean_line

SIZE_MAX_BYTES: Final = 50_000_000
REASONS: Final = "why.txt"
_UNSENT: Final = b"X-Unsent: 1\r\n"
"""Outlook and Thunderbird open a mail with this field as a draft."""


@dataclass(frozen=True, slots=True)
class ToCopy:
    """A mail as what a person copies into the window of a mail program."""

    fields: tuple[tuple[str, str], ...]
    """To, Cc and Bcc with their addresses alone, and Subject; Outlook parts addresses with ";"."""
    body: str

    @property
    def recipients(self) -> tuple[str, str]:
        """The field that its recipients belong into, and their addresses.

        Those in Bcc are for that field alone: in To, all would see them.
        """
        named = dict(self.fields)
        name = "Bcc" if "Bcc" in named else "To"
        return name, named.get(name, "")

    def lines(self) -> list[str]:
        """Return it as the file has it."""
        return [*(f"{name}: {value}" for name, value in self.fields), "", self.body, ""]


def text_to_copy(raw: bytes) -> ToCopy:
    """Return what is to be copied of a mail that the drill wrote."""
    head = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    fields = []
    for name in ("To", "Cc", "Bcc"):
        addresses = [address for _name, address in getaddresses([str(head.get(name, ""))])]
        if any(addresses):
            fields.append((name, "; ".join(clean_line(each) for each in addresses if each)))
    read = recognise(raw)
    return ToCopy((*fields, ("Subject", clean_line(read.subject))), clean(read.text))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was dropped into the inbox."""

    path: Path
    raw: bytes = b""
    why: str = ""
    """Why it cannot be read; "" if it can."""
    came_at: datetime | None = None
    """When it came, by the office's server; None: just now, or no server says."""
    is_earlier: bool = False
    """Whether it is to count from when it came."""


@dataclass(slots=True)
class HandFolder:
    """The folder of one drill."""

    root: Path
    _sizes: dict[Path, int] = field(default_factory=dict)

    @property
    def outbox(self) -> Path:
        """Where mails lie that are to be sent."""
        return self.root / "outbox"

    @property
    def inbox(self) -> Path:
        """Where answers are dropped."""
        return self.root / "inbox"

    @property
    def earlier(self) -> Path:
        """Where answers are dropped that are to count from when they came."""
        return self.inbox / "earlier"

    def prepare(self) -> None:
        """Make the folders.

        Raises:
            UsageError: they cannot be made.
        """
        try:
            inboxes = (self.inbox / "done", self.inbox / "unread", self.earlier)
            for folder in (self.outbox, *inboxes):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                _("{path}: {why}; name another folder").format(
                    path=clean_line(str(self.root)), why=error.strerror
                )
            ) from None

    def require_unused(self) -> None:
        """Make sure that no other drill has written here.

        Raises:
            UsageError: mails to send, or files in the inbox, lie there.
        """
        for folder in (self.outbox, self.inbox, self.earlier):
            if folder.is_dir() and any(each.is_file() for each in folder.iterdir()):
                raise UsageError(
                    _("{path}: another drill has left files here; name a new folder").format(
                        path=clean_line(str(folder))
                    )
                )

    def write(self, stem: str, raw: bytes) -> None:
        """Write a mail as a draft and as text to copy; what is there already stays as it is.

        Raises:
            StoppedError: the disk does not take it.
        """
        self._write_new(self.outbox / f"{stem}.eml", _UNSENT + raw)
        lines = text_to_copy(raw).lines()
        # The mark at the beginning tells old editors on Windows that it is UTF-8.
        text = "\r\n".join("\n".join(lines).split("\n")).encode("utf-8-sig")
        self._write_new(self.outbox / f"{stem}.txt", text)

    @staticmethod
    def _write_new(path: Path, data: bytes) -> None:
        if path.exists():
            return
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            raise StoppedError(
                _(
                    "{path}: {why}; the drill was stopped: mend it and go on with drillsim resume"
                ).format(path=clean_line(str(path)), why=error.strerror)
            ) from None

    def look(self) -> Iterator[Dropped]:
        """Yield the files that are whole, by name; each stays until it is put away.

        What another program holds, or takes away meanwhile, is left for the next look.
        """
        sizes: dict[Path, int] = {}
        for path in (*_in_folder(self.inbox), *_in_folder(self.earlier)):
            if path.name.startswith((".", "~")) or not path.is_file():
                continue
            try:
                size = sizes[path] = path.stat().st_size
                dropped = _dropped(path, size) if self._sizes.get(path) == size else None
            except OSError:
                continue
            if dropped is not None:
                yield _dated(dropped) if path.parent == self.earlier else dropped
        self._sizes = sizes

    def put_away(self, dropped: Dropped, remark: str = "") -> bool:
        """Move a file out of the inbox: to `done`, or to `unread` with the reason.

        `remark` is noted beside a file that could be read.

        Return whether that could be done; another program may hold it.
        """
        folder = self.inbox / ("unread" if dropped.why else "done")
        place, number = folder / dropped.path.name, 1
        while place.exists():
            number += 1
            place = folder / f"{dropped.path.stem}-{number}{dropped.path.suffix}"
        try:
            dropped.path.replace(place)
            if dropped.why or remark:
                with (folder / REASONS).open("a", encoding="utf-8", newline=os.linesep) as reasons:
                    reasons.write(f"{clean_line(place.name)}: {dropped.why or remark}\n")
        except OSError:
            return False
        return True


def _in_folder(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _dated(dropped: Dropped) -> Dropped:
    return replace(dropped, came_at=came_at(dropped.raw), is_earlier=True)


def _dropped(path: Path, size: int) -> Dropped:
    if path.suffix.lower() not in (".eml", ".msg"):
        return Dropped(path, why=_("neither .eml nor .msg; save the mail as one of these"))
    if size > SIZE_MAX_BYTES:
        return Dropped(path, why=_("over 50 MB; save the mail without its attachments"))
    data = path.read_bytes()
    if is_msg(data):
        try:
            data = mail_of_msg(data)
        except UnreadableMsgError:
            return Dropped(path, why=_("no mail that Outlook saved; save it as .eml"))
    elif path.suffix.lower() == ".msg":
        return Dropped(path, why=_("no mail that Outlook saved; save it as .eml"))
    found = recognise(data)
    if found.kind == "malformed" or not (found.sender or found.failed):
        return Dropped(path, why=_("no readable mail: it names no sender"))
    return Dropped(path, data)
