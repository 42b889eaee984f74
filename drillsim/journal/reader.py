"""The journal as everybody else reads it: the control room, the reports, a resume."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from drillsim.i18n import _
from drillsim.journal.annex import Addition, read_annex
from drillsim.journal.chain import NO_HASH, SEAL, Chain, ChainFaultError, Record
from drillsim.journal.errors import altered
from drillsim.journal.inbox import Command, select_commands
from drillsim.journal.mails import Envelope, MailPlaces, select_envelopes
from drillsim.journal.opening import Opening, file_hashes, opening_of
from drillsim.journal.records import broken, walk
from drillsim.journal.schema import connect, is_single_file, reading

_PAGE = 2_000
"""Records read at a time: no reader holds on to an old state of the file for long."""


class JournalReader:
    """A journal, read only, from any process, whether its drill runs or not.

    The chain is checked as it is read, so nothing that was altered is shown as a fact. Use from
    one thread at a time. Every call can raise `JournalError`: the file is no journal, is locked,
    or is not what was written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Look at the journal at `path`."""
        self._kept: sqlite3.Connection | None = None
        self.path = Path(path)
        self._walked = Chain()
        self._followed = Chain()
        self._mails = MailPlaces()
        self._is_sealed = False
        with self._reading():
            pass  # Whatever is no journal is refused at once.

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go; a later call opens it again."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def __del__(self) -> None:
        """Close what was kept; `close` and `with` are for those who need the file at once."""
        self.close()

    @cached_property
    def opening(self) -> Opening:
        """What was fixed before the drill started: meta, hashes of the files, durable or not."""
        with self._reading() as connection:
            return opening_of(next(walk(connection, Chain(), limit=1), None))

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Scenario and contact tree as they were, by name."""
        with self._reading() as connection:
            rows = connection.execute("SELECT name, content FROM files ORDER BY rowid").fetchall()
        if file_hashes(dict(rows)) != self.opening.files:
            raise altered(self.path, _("the kept files are not what was written"))
        return dict(rows)

    @property
    def is_sealed(self) -> bool:
        """Whether the drill has ended for good."""
        self._walk_on()
        return self._is_sealed

    @property
    def count(self) -> int:
        """The number of the last record."""
        return self._walk_on().seq

    @property
    def head(self) -> str:
        """The hash that stands for all records, in hex."""
        return self._walk_on().head.hex()

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON of the drill events, each followed by a line feed, in hex."""
        return self._walk_on().digest

    @property
    def last_key(self) -> str:
        """The key of the last batch that had one."""
        return self._walk_on().key

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield the records of all streams behind number `after`, the opening never."""
        chain = self._chain_at(after) if after > 0 else Chain()
        while page := self._page(chain, _PAGE):
            yield from page[1:] if page[0].seq == 0 else page
        if after <= 0 and chain.seq > self._walked.seq:
            self._walked = chain  # Read through from the beginning: once is enough.

    def events(self, after: int = 0) -> Iterator[Record]:
        """Yield the drill events behind number `after`."""
        return (record for record in self.records(after) if record.stream == "event")

    def follow(self, limit: int = _PAGE) -> list[Record]:
        """Return what has come since the last call, at most `limit` records; [] if nothing has."""
        page = self._page(self._followed, limit)
        if page and page[0].seq == 0:
            page = page[1:] or self._page(self._followed, limit)
        return page

    def mail(self, name: str) -> bytes:
        """Return the bytes of the mail with this hash.

        Raises:
            KeyError: there is none.
        """
        with self._reading() as connection:
            raw = self._mails.select(connection, name)
        if raw is None:
            raise KeyError(name)
        return raw

    def envelopes(self, after: int = 0, of: str | None = None) -> list[Envelope]:
        """Return the envelopes behind number `after`, in order of storing; `of` one mail only."""
        with self._reading() as connection:
            return select_envelopes(connection, after, of)

    def commands(self, after: int = 0) -> list[Command]:
        """Return the commands that were posted behind number `after`, carried out or not."""
        with self._reading() as connection:
            return select_commands(connection, after)

    def annex(self) -> list[Addition]:
        """Return what was added after the seal."""
        with self._reading() as connection:
            return read_annex(connection, self.path)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Open the file, for one call while a drill may be running.

        Its director cannot make a single file of the journal as long as anybody has it open; in a
        single file an idle connection is in nobody's way.
        """
        connection = self._kept or connect(self.path, "ro")
        try:
            with reading(self.path):
                yield connection
                if self._kept is None and is_single_file(connection):
                    self._kept = connection
        except ChainFaultError as fault:
            raise broken(self.path, fault) from None
        finally:
            if self._kept is not connection:
                connection.close()

    def _page(self, chain: Chain, limit: int) -> list[Record]:
        with self._reading() as connection:
            page = list(walk(connection, chain, limit=limit))
            if page and page[-1].stream == SEAL:
                self._is_sealed = True
        return page

    def _walk_on(self) -> Chain:
        while self._page(self._walked, _PAGE):
            pass
        return self._walked

    def _chain_at(self, seq: int) -> Chain:
        """Return the chain behind record `seq`, taking what lies before it on trust."""
        with self._reading() as connection:
            row = connection.execute("SELECT hash FROM records WHERE seq = ?", (seq,)).fetchone()
        return Chain(seq, row[0] if row is not None else NO_HASH)
