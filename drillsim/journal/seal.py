"""The seal: the last record of a drill that is over.

It names what the chain has not covered before: the envelopes of all mails, whether an event names
them or not, and the whole inbox. So the head of a sealed journal stands for all that is in it.
"""

import hashlib
import sqlite3
import struct
from dataclasses import dataclass
from typing import Any

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Seal:
    """What is printed at the end of a drill, for `drillsim verify --expect`."""

    count: int
    """How many records there are, the seal among them, the opening not."""
    head: str
    digest: str
    whole: bool = True
    """Whether the journal is a single file now; False while other processes still have it open,
    in which case the files beside it (`-wal`, `-shm`) are empty and go with the last of them."""


def stores(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return counts and hashes of mails and commands, as the seal names them."""
    return {
        "mails": _table(connection, "SELECT hash FROM mails ORDER BY hash"),
        "envelopes": _table(
            connection,
            "SELECT id, hash, direction, sender, recipients, wall FROM envelopes ORDER BY id",
        ),
        "inbox": _table(
            connection, "SELECT id, author, kind, payload, wall FROM inbox ORDER BY id"
        ),
    }


def _table(connection: sqlite3.Connection, query: str) -> dict[str, Any]:
    count = 0
    running = hashlib.sha256()
    for row in connection.execute(query):
        count += 1
        pieces: list[bytes] = []
        for value in row:
            data = value if isinstance(value, bytes) else str(value).encode()
            pieces += (_LENGTH.pack(len(data)), data)
        running.update(b"".join(pieces))
    return {"count": count, "sha256": running.hexdigest()}
