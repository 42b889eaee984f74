"""The annex: overrulings, other rubrics and forecasts, added after the drill was sealed.

It has a chain of its own that hangs on the seal, so the sealed records stay as they were and no
addition can be moved to another drill.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any, NamedTuple

from drillsim.i18n import _
from drillsim.journal.chain import SEAL, Chain, ChainFaultError, Record, canonical, utf8
from drillsim.journal.errors import JournalError, busy, is_busy, not_written, printable
from drillsim.journal.records import broken, insert, walk
from drillsim.journal.schema import connect
from drillsim.journal.wall import wall_now


class Addition(NamedTuple):
    """Something that was added to a sealed journal."""

    seq: int
    """From 1."""
    kind: str
    author: str
    data: Any
    wall: str


def add_to_annex(path: str | os.PathLike[str], *, kind: str, data: Any, author: str) -> int:
    """Add to the annex of a sealed journal; return the number of the addition.

    Raises:
        JournalBusyError: another process kept the file locked.
        JournalError: it is no journal, is not sealed, or its annex is broken.
        JournalWriteError: the disk did not take it.
    """
    place = Path(path)
    text = canonical({"author": author, "data": data, "wall": wall_now()})
    connection = connect(place, "rw")
    try:
        connection.execute("BEGIN IMMEDIATE")
        chain = _annex_chain(connection)
        if chain is None:
            raise JournalError(
                _("{path}: the drill has not ended; end it first").format(path=printable(place))
            )
        for _row in walk(connection, chain, table="annex"):
            pass
        record = chain.extend("annex", None, utf8(kind), text, chain.batch + 1, "")
        insert(connection, [(*record, chain.head)], "annex")
        connection.execute("COMMIT")
        return record.seq
    except ChainFaultError as fault:
        raise broken(place, fault, "annex") from None
    except sqlite3.Error as fault:
        raise (busy(place) if is_busy(fault) else not_written(place, fault)) from None
    finally:
        connection.close()  # Rolls back what was not committed.


def read_annex(connection: sqlite3.Connection, path: Path) -> list[Addition]:
    """Return all additions in order; none while the drill is not sealed.

    Raises:
        UnreadableJournalError: one of them is not what was written.
    """
    chain = _annex_chain(connection)
    if chain is None:
        return []
    try:
        return [_addition(record) for record in walk(connection, chain, table="annex")]
    except ChainFaultError as fault:
        raise broken(path, fault, "annex") from None


def _addition(record: Record) -> Addition:
    data = record.data
    try:
        return Addition(record.seq, record.kind, data["author"], data["data"], data["wall"])
    except KeyError:
        raise ChainFaultError(record.seq, "altered") from None


def _annex_chain(connection: sqlite3.Connection) -> Chain | None:
    """Return the beginning of the annex: the seal; None if there is none."""
    row = connection.execute(
        "SELECT stream, hash FROM records ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if row is None or row[0] != SEAL:
        return None
    return Chain(0, row[1])
