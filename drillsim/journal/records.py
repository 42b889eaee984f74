"""Chained records in their tables: `records`, the drill's own, and `annex`, what came after."""

import os
import sqlite3
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from drillsim.i18n import _
from drillsim.journal.chain import Chain, ChainFaultError, Record
from drillsim.journal.errors import UnreadableJournalError, altered, is_busy

Table: TypeAlias = Literal["records", "annex"]

# The columns stand in the order of the fields of a `Record`, the hash last (see `schema`).
_INSERT: dict[Table, str] = {
    "records": "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "annex": "INSERT INTO annex VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
}
_SELECT: dict[Table, str] = {
    "records": "SELECT * FROM records WHERE seq >= ? ORDER BY seq LIMIT ?",
    "annex": "SELECT * FROM annex WHERE seq >= ? ORDER BY seq LIMIT ?",
}
_LOWEST = -(2**63)


def insert(
    connection: sqlite3.Connection, rows: list[tuple[Any, ...]], table: Table = "records"
) -> None:
    """Insert rows of a record's fields and its hash, within the transaction that is open."""
    connection.executemany(_INSERT[table], rows)


def walk(
    connection: sqlite3.Connection, chain: Chain, *, table: Table = "records", limit: int = -1
) -> Iterator[Record]:
    """Yield the records behind `chain`, which goes along with them; all of them if `limit` is -1.

    Raises:
        ChainFaultError: at the first one that is not what was written there.
        sqlite3.Error: the table is locked.
    """
    left = limit
    try:
        cursor = connection.execute(_SELECT[table], (_next(chain, table), limit))
        while (row := cursor.fetchone()) is not None:
            yield chain.accept(row)
            left -= 1
        return
    except sqlite3.Error as fault:
        if is_busy(fault):
            raise
    # Python's cursor is a row ahead, so the fault may be that of a later row: look closely.
    while left != 0:
        try:
            row = connection.execute(_SELECT[table], (_next(chain, table), 1)).fetchone()
        except sqlite3.Error as fault:
            if is_busy(fault):
                raise
            raise ChainFaultError(chain.seq + 1, "unreadable") from fault
        if row is None:
            return
        yield chain.accept(row)
        left -= 1


def _next(chain: Chain, table: Table) -> int:
    """Return the lowest number to read behind `chain`.

    A row that somebody put in below the first one has to come up too.
    """
    is_begun = chain.seq >= (0 if table == "records" else 1)
    return chain.seq + 1 if is_begun else _LOWEST


def last_stream(connection: sqlite3.Connection) -> str | None:
    """Return the stream of the last record; None if there are no records."""
    row = connection.execute("SELECT stream FROM records ORDER BY seq DESC LIMIT 1").fetchone()
    return row[0] if row is not None else None


def broken(
    path: str | os.PathLike[str], fault: ChainFaultError, table: Table = "records"
) -> UnreadableJournalError:
    """Return the error for whoever wanted to work with a journal whose chain is broken."""
    return altered(path, explain(fault, table))


def explain(fault: ChainFaultError, table: Table) -> str:
    """Return which record of `table` is bad, and what is wrong with it."""
    if table == "records":
        return str(fault)
    return fault.explain(_("addition {seq} in the annex").format(seq=fault.seq))
