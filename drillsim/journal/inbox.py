"""Operators' commands: put into the journal by any process, carried out by its director.

One autocommitted INSERT each, so that nobody holds the file for longer than that.
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from drillsim.journal.chain import SEAL, ChainFaultError, Entry, Record, canonical, utf8
from drillsim.journal.errors import busy, is_busy, not_written, sealed
from drillsim.journal.schema import BUSY_SECONDS, connect
from drillsim.journal.wall import wall_now

_LAST_STREAM = "SELECT stream FROM records ORDER BY seq DESC LIMIT 1"


class Command(NamedTuple):
    """What an operator wants of the director."""

    id: int
    """From 1, in the order in which they were posted."""
    author: str
    kind: str
    payload: dict[str, Any]
    wall: str

    def entry(self, at_ms: int | None) -> Entry:
        """Return the record that it was carried out at this drill time."""
        return Entry("command", self.kind, canonical(self._asdict()), at_ms)


def number_of(record: Record) -> int:
    """Return the number of the command that `record` says was carried out.

    Raises:
        ChainFaultError: it is no record of a command.
    """
    number = record.data.get("id")
    if type(number) is not int:
        raise ChainFaultError(record.seq, "altered")
    return number


def post_command(
    path: str | os.PathLike[str],
    *,
    kind: str,
    payload: Mapping[str, Any],
    author: str,
    busy_seconds: float = BUSY_SECONDS,
) -> int:
    """Put a command into the inbox of a drill, for its director to find; return its number.

    Raises:
        SealedError: the drill has ended.
        JournalBusyError: another process stayed inside a write for `busy_seconds`.
        JournalError: there is no such journal.
        JournalWriteError: the disk did not take it.
    """
    place = Path(path)
    text = canonical(payload)
    connection = connect(place, "rw", busy_seconds=busy_seconds)
    try:
        # Even an insert of nothing would change a sealed file by a byte.
        if connection.execute(_LAST_STREAM).fetchone() == (SEAL,):
            raise sealed(place)
        # Asked again in the statement that inserts: nothing can come between.
        cursor = connection.execute(
            "INSERT INTO inbox (author, kind, payload, wall) SELECT ?, ?, ?, ? "
            f"WHERE ({_LAST_STREAM}) <> ?",
            (utf8(author), utf8(kind), text, wall_now(), SEAL),
        )
        if not cursor.rowcount or cursor.lastrowid is None:
            raise sealed(place)
        return cursor.lastrowid
    except sqlite3.Error as fault:
        raise (busy(place) if is_busy(fault) else not_written(place, fault)) from None
    finally:
        connection.close()


def select_commands(connection: sqlite3.Connection, after: int) -> list[Command]:
    """Return the commands with numbers above `after`."""
    rows = connection.execute(
        "SELECT id, author, kind, payload, wall FROM inbox WHERE id > ? ORDER BY id", (after,)
    ).fetchall()
    return [
        Command(number, author, kind, _payload(text), wall)
        for number, author, kind, text, wall in rows
    ]


def _payload(text: str) -> dict[str, Any]:
    """Return the payload in `text`; what no `post_command` wrote must not stop a drill."""
    try:
        payload = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        payload = None
    return payload if isinstance(payload, dict) else {"malformed": str(text)}
