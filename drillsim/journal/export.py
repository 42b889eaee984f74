"""Copies of a journal: a running one keeps its latest records in a second file; `cp` loses them."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from drillsim.journal.chain import SEAL
from drillsim.journal.disk import cannot_be_made, make_empty, remove
from drillsim.journal.records import last_stream
from drillsim.journal.schema import connect, is_single_file, reading


def export_copy(path: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Copy the journal at `path`, as it is at this moment, to the new file `target`.

    A sealed journal is copied byte for byte; the copy of a running one is a single file that can
    be read and verified, but has no seal.

    Raises:
        JournalError: `path` is no journal, or `target` exists or cannot be written.
    """
    source, copy = Path(path), Path(target)
    with closing(connect(source, "ro")) as connection:
        with reading(source):
            connection.execute("BEGIN")  # Nobody changes a sealed file from here on.
            is_fixed = last_stream(connection) == SEAL and is_single_file(connection)
        make_empty(copy)
        try:
            if is_fixed:
                shutil.copyfile(source, copy)
            else:
                _back_up(connection, copy)
        except (OSError, sqlite3.Error) as fault:
            remove(copy)
            raise cannot_be_made(copy, fault) from None
        except BaseException:
            remove(copy)
            raise


def _back_up(connection: sqlite3.Connection, copy: Path) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as target:
        # In one step: between steps the director could write, and it would begin anew each time.
        connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE").fetchone()
