"""Checking a journal: is every record, file, mail and command of it what was written?"""

import hashlib
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from drillsim.i18n import _
from drillsim.journal.chain import SEAL, Chain, ChainFaultError, Record, named_mails
from drillsim.journal.errors import JournalError, busy, is_busy, printable, reason_of
from drillsim.journal.inbox import number_of, select_commands
from drillsim.journal.lock import held_here
from drillsim.journal.mails import mail_hash
from drillsim.journal.opening import Opening, opening_of
from drillsim.journal.records import explain, walk
from drillsim.journal.schema import connect
from drillsim.journal.seal import stores
from drillsim.journal.verdict import Fault, Place, Verdict
from drillsim.problem import UsageError
from drillsim.text import clean_line

_HASH = re.compile("[0-9a-f]{64}")


def verify(
    path: str | os.PathLike[str],
    *,
    expect_head: str | None = None,
    expect_file: str | None = None,
) -> Verdict:
    """Check the journal at `path`, sealed or running, and return what was found.

    The chain alone cannot show that its tail was cut off or that all of it was written anew; the
    head that was printed at the end of the drill does (`expect_head`). `expect_file` is the
    SHA-256 of the file itself, which also covers the bytes in it that mean nothing.

    Raises:
        JournalError: it is no journal or cannot be read, and no `expect_file` says that it was
            another file; or an expected hash is none.
    """
    place = Path(path)
    head, file = _as_hash(expect_head), _as_hash(expect_file)
    verdict = Verdict(printable(place))
    inspection = _Inspection(verdict)
    if file is not None:
        inspection.file_is(place, file)
    try:
        connection = connect(place, "ro")
    except JournalError as fault:
        if verdict.ok:
            raise
        inspection.add("database", "", str(fault))
        return verdict
    with closing(connection):
        try:
            connection.execute("BEGIN")  # One state of the file, though its drill may run.
            inspection.inspect(connection, head)
        except sqlite3.Error as fault:
            if is_busy(fault):
                raise busy(place) from None
            inspection.database_fault(fault)
    return verdict


def _as_hash(text: str | None) -> str | None:
    if text is None:
        return None
    wanted = text.strip().lower()
    if not _HASH.fullmatch(wanted):
        raise UsageError(
            _("{text} is no SHA-256; give its 64 digits 0-9, a-f").format(text=clean_line(text))
        )
    return wanted


class _Inspection:
    """One check; each method adds to the verdict what it finds."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.chain = Chain()
        self.opening: Opening | None = None
        self.seal: dict[str, Any] | None = None
        self.named: dict[str, int] = {}
        """Mails that records name, each with the first such record."""
        self.taken: list[tuple[int, dict[str, Any]]] = []
        """Commands as they were carried out, with their records."""

    def add(self, place: Place, name: object, message: str) -> None:
        self.verdict.faults.append(Fault(place, str(name), message))

    def database_fault(self, fault: sqlite3.Error) -> None:
        self.add(
            "database",
            "",
            _("the file is damaged ({reason})").format(reason=clean_line(reason_of(fault))),
        )

    def file_is(self, path: Path, wanted: str) -> None:
        """Compare the file with the hash that it should have."""
        if held_here(path) or _has_content(Path(f"{path}-wal")):
            raise JournalError(
                _(
                    "{path}: part of it lies in the file beside it (-wal), as while a drill runs; "
                    "verify a copy made by `drillsim export`"
                ).format(path=printable(path))
            )
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError):
            return  # `connect` says why.
        if found != wanted:
            self.add(
                "file",
                "",
                _("this is not the expected file: its SHA-256 is {hash}").format(hash=found),
            )

    def inspect(self, connection: sqlite3.Connection, wanted_head: str | None) -> None:
        is_chain_whole = self.records(connection)
        verdict = self.verdict
        verdict.count, verdict.head = self.chain.seq, self.chain.head.hex()
        verdict.digest, verdict.is_sealed = self.chain.digest, self.seal is not None
        if is_chain_whole and wanted_head is not None and wanted_head != verdict.head:
            self.other_head(connection, wanted_head)
        if self.opening is not None:
            self.files(connection, self.opening)
        self.mails(connection)
        self.commands(connection)
        if self.seal is not None:
            self.sealed_stores(connection, self.seal)
        if is_chain_whole:
            self.annex(connection)
        (state,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if state != "ok" and verdict.ok:
            self.database_fault(sqlite3.DatabaseError(state))

    def records(self, connection: sqlite3.Connection) -> bool:
        """Walk the chain; return whether it holds to its end."""
        try:
            for record in walk(connection, self.chain):
                if self.seal is not None:
                    raise ChainFaultError(record.seq, "misplaced")
                self.record(record)
            if self.opening is None:
                raise ChainFaultError(0, "missing")
        except ChainFaultError as fault:
            self.add("record", fault.seq, str(fault))
            return False
        return True

    def record(self, record: Record) -> None:
        if record.seq == 0:
            self.opening = opening_of(record)
        elif record.stream == SEAL:
            self.seal = record.data
        elif record.stream == "command":
            number_of(record)
            self.taken.append((record.seq, record.data))
        if '"raw":"' in record.json:
            for name in named_mails(record.json):
                self.named.setdefault(name, record.seq)

    def other_head(self, connection: sqlite3.Connection, wanted: str) -> None:
        row = connection.execute(
            "SELECT seq FROM records WHERE hash = ?", (bytes.fromhex(wanted),)
        ).fetchone()
        if row is not None:
            message = _(
                "the expected head is that of record {seq}, and {count} more follow"
            ).format(seq=row[0], count=self.chain.seq - row[0])
        else:
            message = _(
                "the head is not the expected one: records were cut off at the end, or the chain "
                "was written anew"
            )
        self.add("head", "", message)

    def files(self, connection: sqlite3.Connection, opening: Opening) -> None:
        missing = dict(opening.files)
        for name, content in connection.execute("SELECT name, content FROM files"):
            wanted = missing.pop(name, None)
            if type(content) is not bytes or hashlib.sha256(content).hexdigest() != wanted:
                self.add(
                    "file",
                    name,
                    _("file {name} is not what was kept").format(name=clean_line(str(name))),
                )
        for name in missing:
            self.add("file", name, _("file {name} is missing").format(name=clean_line(name)))

    def mails(self, connection: sqlite3.Connection) -> None:
        missing = dict(self.named)
        for name, raw in connection.execute("SELECT hash, raw FROM mails"):
            self.verdict.mails += 1
            missing.pop(name, None)
            if type(raw) is not bytes or mail_hash(raw) != name:
                self.add(
                    "mail",
                    name,
                    _("mail {hash} is not what was stored").format(hash=clean_line(str(name))),
                )
        for name, seq in missing.items():
            self.add(
                "mail",
                name,
                _("mail {hash}, which record {seq} names, is missing").format(hash=name, seq=seq),
            )
        rows = connection.execute(
            "SELECT id, hash FROM envelopes WHERE hash NOT IN (SELECT hash FROM mails) ORDER BY id"
        )
        for number, name in rows:
            if name not in missing:
                self.add(
                    "mail",
                    name,
                    _("mail {hash} of envelope {number} is missing").format(
                        hash=clean_line(str(name)), number=number
                    ),
                )

    def commands(self, connection: sqlite3.Connection) -> None:
        posted = {command.id: command for command in select_commands(connection, 0)}
        self.verdict.commands = len(posted)
        for seq, data in self.taken:
            command = posted.get(data.get("id", 0))
            if command is None or command._asdict() != data:
                number = data.get("id", "?")
                self.add(
                    "command",
                    number,
                    _("command {number} is not what was carried out (record {seq})").format(
                        number=number, seq=seq
                    ),
                )

    def sealed_stores(self, connection: sqlite3.Connection, seal: dict[str, Any]) -> None:
        """Compare mails and commands with what the seal names."""
        if seal.get("digest") != self.chain.digest:
            self.add("record", self.chain.seq, _("the seal has another digest than the events"))
        found = stores(connection)
        if found["inbox"] != seal.get("inbox"):
            self.add("command", "", _("the commands are not those that were sealed"))
        if (found["mails"], found["envelopes"]) != (seal.get("mails"), seal.get("envelopes")):
            self.add("mail", "", _("the mails are not those that were sealed"))

    def annex(self, connection: sqlite3.Connection) -> None:
        chain = Chain(0, self.chain.head)
        try:
            for record in walk(connection, chain, table="annex"):
                if self.seal is None:
                    raise ChainFaultError(record.seq, "misplaced")
        except ChainFaultError as fault:
            self.add("annex", fault.seq, explain(fault, "annex"))
        self.verdict.annex = chain.seq


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except (OSError, ValueError):
        return False
