"""The journal as its director writes it: one drill, one SQLite file, one writer."""

import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self, TypeAlias

from drillsim.journal.chain import OPENING, SEAL, Chain, ChainFaultError, Entry, canonical, utf8
from drillsim.journal.disk import make_empty, remove, sync_folder
from drillsim.journal.errors import (
    JournalWriteError,
    busy,
    is_busy,
    not_begun,
    not_whole,
    not_written,
    sealed,
)
from drillsim.journal.inbox import Command, number_of, select_commands
from drillsim.journal.lock import DirectorLock
from drillsim.journal.mails import Direction, Mail, insert_mails, select_hashes
from drillsim.journal.opening import Opening, file_hashes, opening_of
from drillsim.journal.records import broken, insert, walk
from drillsim.journal.schema import (
    BUSY_SECONDS,
    FORMAT_VERSION,
    build,
    connect,
    make_single_file,
    reading,
)
from drillsim.journal.seal import Seal, stores
from drillsim.journal.wall import wall_now

_REHEARSAL_CHECKPOINT_PAGES = 16_000
"""Of 4 KiB; SQLite's own 1,000 halve the rate at which mails are stored."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that stand or fall together, and the agenda item that produced them."""

    entries: tuple[Entry, ...]
    key: str = ""


Writing: TypeAlias = Batch | Mail
"""What can be written together with others in one transaction."""


class Journal:
    """The one writer of a drill's journal. Use from one thread at a time.

    What a method has returned from is committed; in a durable journal it is on the disk.
    """

    def __init__(
        self,
        path: Path,
        lock: DirectorLock,
        connection: sqlite3.Connection,
        opening: Opening,
        chain: Chain,
        last_command: int,
    ) -> None:
        """Not for callers: see `create` and `open`."""
        self.path = path
        self.opening = opening
        self._lock = lock
        self._connection = connection
        self._chain = chain
        self._last_command = last_command
        self._mails = select_hashes(connection)
        self._is_sealed = False
        self._fault: JournalWriteError | None = None
        if opening.durable:
            connection.execute("PRAGMA synchronous = FULL")
        else:
            # A checkpoint waits for the disk, in the thread of the event loop: let them be rare.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_REHEARSAL_CHECKPOINT_PAGES}")

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        meta: Mapping[str, str],
        files: Mapping[str, bytes],
        durable: bool,
    ) -> Self:
        """Return the journal of a new drill, laid out and committed.

        Raises:
            JournalBusyError: another director is at work on this path.
            JournalError: the file exists already, or cannot be made.
            JournalWriteError: the disk did not take it; nothing is left behind.
        """
        place = Path(path)
        kept = {utf8(name): content for name, content in files.items()}
        opening = Opening(FORMAT_VERSION, dict(meta), file_hashes(kept), durable)
        lock = DirectorLock(place)
        try:
            make_empty(place)
            try:
                connection, chain = _lay_out(place, opening, kept)
            except BaseException:
                remove(place)
                raise
        except BaseException:
            lock.release()
            raise
        return cls(place, lock, connection, opening, chain, 0)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Return the journal of a drill that was cut off, to go on with it.

        Raises:
            JournalBusyError: another director is at work on it.
            SealedError: the drill has ended.
            JournalError: it is no journal, or its chain is broken.
        """
        place = Path(path)
        connect(place, "ro").close()  # Whatever is no journal gets no lock file beside it.
        lock = DirectorLock(place)
        try:
            connection = connect(place, "rw")
            try:
                with reading(place):
                    opening, chain, last_command = _read_through(connection, place)
                    # Only now: a sealed file must not change by a byte.
                    connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return cls(place, lock, connection, opening, chain, last_command)
            except BaseException:
                connection.close()
                raise
        except BaseException:
            lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def durable(self) -> bool:
        """Whether every commit is on the disk before it counts."""
        return self.opening.durable

    @property
    def count(self) -> int:
        """The number of the last record."""
        return self._chain.seq

    @property
    def head(self) -> str:
        """The hash that stands for all records so far, in hex."""
        return self._chain.head.hex()

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON of the drill events so far, in hex."""
        return self._chain.digest

    @property
    def last_key(self) -> str:
        """The key of the last batch that had one; a resume goes on behind it."""
        return self._chain.key

    @property
    def last_command(self) -> int:
        """The number of the last command that was recorded as carried out; 0 if none."""
        return self._last_command

    def append(self, entries: Sequence[Entry], *, key: str = "") -> None:
        """Record `entries` as one batch: all of them or none.

        A batch without entries leaves no trace; its key is not kept either.
        """
        self.write([Batch(tuple(entries), key)])

    def note_conduct(self, kind: str, data: Mapping[str, Any], at_ms: int | None = None) -> None:
        """Record something about how the drill is run: resumed, sent again, sped up, its port."""
        self.append([conduct_entry(kind, data, at_ms)])

    def store_mail(
        self, raw: bytes, *, direction: Direction, sender: str, recipients: Sequence[str]
    ) -> str:
        """Keep a mail as it came; return the hash by which events name it."""
        mail = Mail(raw, direction, sender, recipients)
        self.write([mail])
        return mail.hash

    def write(self, writings: Sequence[Writing]) -> None:
        """Write everything in one transaction.

        Raises:
            JournalBusyError: another process was inside a write all the time; nothing is written,
                and it may be tried again.
            JournalWriteError: the disk did not take it. The drill must stop.
            SealedError: the drill has ended.
        """
        self._require_writable()
        chain = self._chain.copy()
        last_command = self._last_command
        rows: list[tuple[Any, ...]] = []
        mails: list[Mail] = []
        for writing in writings:
            if isinstance(writing, Mail):
                mails.append(writing)
                continue
            number, key = chain.batch + 1, utf8(writing.key)
            for entry in writing.entries:
                record = chain.extend(
                    entry.stream, entry.at_ms, entry.kind, entry.json, number, key
                )
                rows.append((*record, chain.head))
                if entry.stream == "command":
                    last_command = number_of(record)
        self._commit(rows, mails)
        self._chain = chain
        self._last_command = last_command
        self._mails.update(mail.hash for mail in mails)

    def take_commands(self, after: int) -> list[Command]:
        """Return the commands that came in after number `after`, in order.

        Raises:
            JournalBusyError: the file is locked; it may be tried again.
        """
        with reading(self.path):
            return select_commands(self._connection, after)

    def seal(self) -> Seal:
        """End the journal; it becomes a single file. Close it afterwards.

        Waits up to five seconds for other processes to let go of the file.
        """
        self._require_writable()
        chain = self._chain.copy()
        connection = self._connection
        self.wait_for_others(BUSY_SECONDS)
        try:
            connection.execute("BEGIN IMMEDIATE")
            data = {"digest": chain.digest, "wall": wall_now(), **stores(connection)}
            record = chain.extend(SEAL, None, SEAL, canonical(data), chain.batch + 1, "")
            insert(connection, [(*record, chain.head)])
            connection.execute("COMMIT")
        except sqlite3.Error as fault:
            self._give_up(fault)
        except BaseException:
            self._roll_back()
            raise
        self._chain = chain
        self._is_sealed = True
        try:
            is_whole = make_single_file(connection, BUSY_SECONDS)
        except sqlite3.Error as fault:
            raise not_whole(self.path, fault) from None
        return Seal(chain.seq, chain.head.hex(), chain.digest, is_whole)

    def wait_for_others(self, seconds: float) -> None:
        """Wait this long, from now on, where another process is inside a write."""
        self._connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def close(self) -> None:
        """Let the file and the lock go. More than once does nothing."""
        try:
            self._connection.close()
        finally:
            self._lock.release()

    def _require_writable(self) -> None:
        if self._fault is not None:
            raise self._fault
        if self._is_sealed:
            raise sealed(self.path)

    def _commit(self, rows: list[tuple[Any, ...]], mails: list[Mail]) -> None:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            if mails:
                insert_mails(connection, mails, self._mails)
            if rows:
                insert(connection, rows)
            connection.execute("COMMIT")
        except sqlite3.Error as fault:
            self._give_up(fault)
        except BaseException:
            self._roll_back()
            raise

    def _give_up(self, fault: sqlite3.Error) -> NoReturn:
        """Undo what was begun, and raise what `fault` means."""
        self._roll_back()
        if is_busy(fault):
            raise busy(self.path) from None
        self._fault = not_written(self.path, fault)
        raise self._fault from None

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # The error that led here tells more.
                self._connection.execute("ROLLBACK")


def conduct_entry(kind: str, data: Mapping[str, Any], at_ms: int | None = None) -> Entry:
    """Return the record of how a drill is run, with the wall time of now."""
    return Entry("conduct", kind, canonical({**data, "wall": wall_now()}), at_ms)


def _lay_out(
    path: Path, opening: Opening, files: Mapping[str, bytes]
) -> tuple[sqlite3.Connection, Chain]:
    chain = Chain()
    record = chain.extend(OPENING, None, OPENING, opening.json, 0, "")
    try:
        connection = build(path)
        try:
            connection.executemany(
                "INSERT INTO files (name, content) VALUES (?, ?)",
                list(files.items()),
            )
            insert(connection, [(*record, chain.head)])
            connection.execute("COMMIT")
            # So that even a bare copy of the file alone says what it is.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if opening.durable:
                sync_folder(path.absolute().parent)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as fault:
        raise not_begun(path, fault) from None
    return connection, chain


def _read_through(connection: sqlite3.Connection, path: Path) -> tuple[Opening, Chain, int]:
    """Check the whole chain; return its opening, its end and the last command carried out."""
    chain = Chain()
    opening: Opening | None = None
    last_command = 0
    stream = ""
    try:
        for record in walk(connection, chain):
            stream = record.stream
            if opening is None:
                opening = opening_of(record)
            elif stream == "command":
                last_command = number_of(record)
        if opening is None:
            raise ChainFaultError(0, "missing")
    except ChainFaultError as fault:
        raise broken(path, fault) from None
    if stream == SEAL:
        # Its director may have been killed between the seal and this.
        make_single_file(connection, 0)
        raise sealed(path)
    return opening, chain, last_command
