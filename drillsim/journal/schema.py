"""The tables of a journal, and how its file is opened.

A journal is an SQLite file with an application id of its own; `user_version` holds the format
version. A file is taken for a journal only if its schema is, to the letter, one written here:
so no view, trigger or generated column of a prepared file is ever run.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from drillsim.i18n import _
from drillsim.journal.errors import (
    NeverBegunError,
    UnreadableJournalError,
    busy,
    is_busy,
    primary_code,
    printable,
    reason_of,
)

FORMAT_VERSION = 2
"""Format 1 had indexes of the hashes of mails. Hashes fall all over an index, so a commit wrote as
many of its pages as it had mails, which was half of what it cost to keep them."""

APPLICATION_ID = 0x4472536D
"""The letters DrSm."""

BUSY_SECONDS = 5.0
"""How long one who finds another inside a write waits for them to finish."""

_RECORD = (
    "(seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, at_ms INTEGER, kind TEXT NOT NULL, "
    "json TEXT NOT NULL, batch INTEGER NOT NULL, key TEXT NOT NULL, hash BLOB NOT NULL)"
)

_MAILS = "CREATE TABLE mails (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, raw BLOB NOT NULL)"

_ENVELOPES = (
    "CREATE TABLE envelopes (id INTEGER PRIMARY KEY, hash TEXT NOT NULL, "
    "direction TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, wall TEXT NOT NULL)"
)

_INBOX = (
    "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, author TEXT NOT NULL, "
    "kind TEXT NOT NULL, payload TEXT NOT NULL, wall TEXT NOT NULL)"
)

TABLES = (
    # The chain. Record 0 is the opening; of a sealed journal, the last record is the seal.
    f"CREATE TABLE records {_RECORD}",
    # What is added after the seal, with a chain of its own that hangs on it.
    f"CREATE TABLE annex {_RECORD}",
    # Scenario and contact tree, byte for byte as they were.
    "CREATE TABLE files (name TEXT PRIMARY KEY, content BLOB NOT NULL)",
    # The bytes of each mail once, by their SHA-256 in hex, and each envelope they came in.
    _MAILS,
    _ENVELOPES,
    # Operators' commands, as they came in from any process.
    _INBOX,
)

_SCHEMA = {*TABLES, "CREATE TABLE sqlite_sequence(name,seq)"}
_EARLY_MAILS = (
    "CREATE TABLE mails (hash TEXT PRIMARY KEY, raw BLOB NOT NULL)",
    _ENVELOPES.replace("hash TEXT NOT NULL", "hash TEXT NOT NULL REFERENCES mails"),
    "CREATE INDEX envelopes_of_mail ON envelopes (hash)",
)
_SCHEMAS = {1: {*_SCHEMA - {_MAILS, _ENVELOPES}, *_EARLY_MAILS}, 2: _SCHEMA}
"""By format."""

_NEEDS_WRITING = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)

Mode = Literal["ro", "rw"]


def connect(path: Path, mode: Mode, *, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Return a connection to the journal at `path`, which must be one.

    Transactions are begun and ended by hand. The file is never opened by other means than SQLite's
    where SQLite may have it open too: closing it would drop the locks of the whole process.

    Raises:
        UnreadableJournalError: there is no journal, a damaged one or one of another format.
        JournalBusyError: another process keeps it locked.
    """
    _require_file(path)
    with reading(path):
        try:
            return _connect(path, mode, busy_seconds)
        except sqlite3.Error as fault:
            # A writer was killed in the middle, and who may only read cannot clear up behind it.
            if mode == "rw" or primary_code(fault) not in _NEEDS_WRITING:
                raise
        return _connect(path, "rw", busy_seconds)


def _connect(path: Path, mode: Mode, busy_seconds: float) -> sqlite3.Connection:
    connection = _bare(path, mode, busy_seconds)
    try:
        _require_journal(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _bare(path: Path, mode: Mode, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    return sqlite3.connect(
        _uri(path, mode),
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )


def is_single_file(connection: sqlite3.Connection) -> bool:
    """Whether all of the journal is in the one file, as it is when sealed or exported."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    return bool(mode == "delete")


def make_single_file(connection: sqlite3.Connection, seconds: float) -> bool:
    """Move everything into the one file; return whether that could be done within `seconds`.

    It cannot as long as another process has the file open.

    Raises:
        sqlite3.Error: the disk failed.
    """
    if is_single_file(connection):
        return True
    deadline = time.monotonic() + seconds
    connection.execute("PRAGMA busy_timeout = 0")
    while True:
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            return True
        except sqlite3.Error as fault:
            if not is_busy(fault):
                raise
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that it cannot read into a `JournalError`."""
    try:
        yield
    except sqlite3.Error as fault:
        if is_busy(fault):
            raise busy(path) from None
        raise _unreadable(path, fault) from None


def build(path: Path) -> sqlite3.Connection:
    """Return a connection to the empty file `path`, in a transaction that lays out a journal."""
    connection = _bare(path, "rw")
    try:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        for statement in TABLES:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path, mode: Mode) -> str:
    """Return `path` as SQLite's URI (three slashes before a drive letter, five for a share)."""
    place = path.absolute().as_posix()
    if not place.startswith("/"):
        place = "/" + place
    return f"file://{quote(os.fsencode(place), safe='/:')}?mode={mode}"


def _require_file(path: Path) -> None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        raise UnreadableJournalError(
            _("{path}: no such file; `drillsim drills` lists the drills").format(
                path=printable(path)
            )
        ) from None
    except (OSError, ValueError) as fault:
        raise _unreadable(path, fault) from None
    if stat.S_ISDIR(found.st_mode):
        what = _("this is a folder")
    elif not stat.S_ISREG(found.st_mode):
        what = _("this is no ordinary file")
    elif found.st_size == 0:
        what = _("the file is empty")
    else:
        return
    raise not_a_journal(path, what)


def not_a_journal(path: Path, what: str) -> UnreadableJournalError:
    """Return the error for something that is no journal at all."""
    return UnreadableJournalError(
        _("{path}: {what}; name the .drill file of a drill").format(path=printable(path), what=what)
    )


def _unreadable(path: Path, fault: Exception) -> UnreadableJournalError:
    if isinstance(fault, sqlite3.Error) and primary_code(fault) == sqlite3.SQLITE_NOTADB:
        return not_a_journal(path, _("this is no drill journal"))
    if isinstance(fault, sqlite3.Error) and primary_code(fault) == sqlite3.SQLITE_CORRUPT:
        return UnreadableJournalError(
            _("{path}: the file is damaged ({reason}); take a whole copy of it").format(
                path=printable(path), reason=reason_of(fault)
            )
        )
    return UnreadableJournalError(
        _("{path}: cannot be read ({reason}); check the path and its permissions").format(
            path=printable(path), reason=reason_of(fault)
        )
    )


def _is_bare(connection: sqlite3.Connection) -> bool:
    """Whether it is a database of at least a page that nothing was put into."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return bool(pages) and not tables


def _require_journal(connection: sqlite3.Connection, path: Path) -> None:
    # What a damaged or prepared schema might make SQLite do is switched off before it is read.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        if application == version == 0 and _is_bare(connection):
            raise NeverBegunError(
                _(
                    "{path}: this drill was cut off before it began; "
                    "delete the file and begin the drill anew"
                ).format(path=printable(path))
            )
        raise not_a_journal(path, _("this is no drill journal"))
    if version > FORMAT_VERSION:
        raise UnreadableJournalError(
            _(
                "{path}: written by a later drillsim (format {version}, this one reads {known}); "
                "update drillsim"
            ).format(path=printable(path), version=version, known=FORMAT_VERSION)
        )
    try:
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    except UnicodeDecodeError:  # Of a damaged table, or in what SQLite says of it.
        rows = [("",)]
    found = {row[0] for row in rows}
    if found != _SCHEMAS.get(version):
        if not found:
            raise UnreadableJournalError(
                _(
                    "{path}: the tables are missing, as in a file copied while its drill ran, or "
                    "whose drill never began; copy drills with `drillsim export`"
                ).format(path=printable(path))
            )
        raise not_a_journal(path, _("its tables are not those of a drill journal"))
