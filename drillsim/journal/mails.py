"""The raw mails of a drill: their bytes once, by their SHA-256, and every envelope they came in.

A mail is stored when it comes in, in whatever order; the chain covers it through the event that
names its hash, and through the seal.
"""

import hashlib
import json
import sqlite3
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Literal, NamedTuple, TypeAlias

from drillsim.journal.chain import utf8
from drillsim.journal.wall import wall_now

Direction: TypeAlias = Literal["in", "out"]
"""Seen from the drill: `in` is what participants wrote, `out` what was written to them."""


def mail_hash(raw: bytes) -> str:
    """Return the name of a mail in the journal: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in its envelope (RFC 5321, 2.3.1): the envelope decides who gets it."""

    raw: bytes
    direction: Direction
    sender: str
    """The reverse-path; empty for a delivery report."""
    recipients: Sequence[str]
    wall: str = field(default_factory=wall_now)
    hash: str = ""
    """Of `raw`; whoever has it at hand saves having it made again."""

    def __post_init__(self) -> None:
        if self.direction not in ("in", "out"):
            raise ValueError(f"no direction {self.direction!r}")
        object.__setattr__(self, "recipients", tuple(self.recipients))
        if not self.hash:
            object.__setattr__(self, "hash", mail_hash(self.raw))


class Envelope(NamedTuple):
    """How a stored mail came in or went out."""

    id: int
    """From 1, in the order in which they were stored."""
    hash: str
    direction: Direction
    sender: str
    recipients: list[str]
    wall: str


def insert_mails(connection: sqlite3.Connection, mails: Sequence[Mail], known: Set[str]) -> None:
    """Store `mails` within the transaction that is open; envelopes are canonical JSON.

    Args:
        connection: to the journal.
        mails: what is to be stored.
        known: the hashes of mails whose bytes are there already.
    """
    new = {mail.hash: mail.raw for mail in mails if mail.hash not in known}
    connection.executemany("INSERT INTO mails (hash, raw) VALUES (?, ?)", new.items())
    connection.executemany(
        "INSERT INTO envelopes (hash, direction, sender, recipients, wall) VALUES (?, ?, ?, ?, ?)",
        [
            (
                mail.hash,
                mail.direction,
                utf8(encode_basestring(mail.sender)),
                utf8(f"[{','.join(map(encode_basestring, mail.recipients))}]"),
                mail.wall,
            )
            for mail in mails
        ],
    )


def select_hashes(connection: sqlite3.Connection) -> set[str]:
    """Return the hashes of all mails that are stored."""
    return {name for (name,) in connection.execute("SELECT hash FROM mails")}


class MailPlaces:
    """Where in its table each mail lies, which is found out once: there is no index of hashes."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._last = 0

    def select(self, connection: sqlite3.Connection, name: str) -> bytes | None:
        """Return the bytes of the mail with this hash; None where it is not stored (yet)."""
        if name not in self._places:
            query = "SELECT rowid, hash FROM mails WHERE rowid > ? ORDER BY rowid"
            for place, stored in connection.execute(query, (self._last,)):
                self._places[stored] = self._last = place
        if name not in self._places:
            return None
        query = "SELECT CAST(raw AS BLOB) FROM mails WHERE rowid = ? AND hash = ?"
        row = connection.execute(query, (self._places[name], name)).fetchone()
        return None if row is None else bytes(row[0])


def select_envelopes(connection: sqlite3.Connection, after: int, of: str | None) -> list[Envelope]:
    """Return the envelopes with numbers above `after`, of one mail or of all, in order."""
    rows = connection.execute(
        "SELECT id, hash, direction, sender, recipients, wall FROM envelopes "
        "WHERE id > ? AND (? IS NULL OR hash = ?) ORDER BY id",
        (after, of, of),
    ).fetchall()
    return [
        Envelope(number, name, direction, json.loads(sender), json.loads(recipients), wall)
        for number, name, direction, sender, recipients, wall in rows
    ]
