"""What the journal costs: `python -m benchmarks.journal`.

Every figure stands beside a bare counterpart from the same run, because machines are noisy: read
the ratios.
"""

import asyncio
import hashlib
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.figures import Figure
from drillsim.journal import Entry, Journal, JournalReader, event_entry, verify
from drillsim.journal.writer import AsyncJournal

RECORDS = 100_000
COMMITS = 5_000
MAILS = 2_000
SENDERS = 20
ROUNDS = 3
SQLITE = "bare SQLite, a commit each"
MAIL = "Subject: 【訓練】\r\n\r\n".encode() + bytes(2048)


def event(at: int) -> Entry:
    """Return an event of the usual size."""
    return event_entry(
        {
            "kind": "acknowledged",
            "at": at,
            "because": "mail",
            "notice": ["first-report", f"{350_000 + at % 1_789}"],
            "channel": "mail",
            "officer": 1,
            "by": "周防 太郎",
            "mail": f"{at}.352039@drill.example",
            "raw": "",
            "matched_by": "In-Reply-To",
        }
    )


def best(measure: Callable[[], float]) -> float:
    """Return the shortest of several times."""
    return min(measure() for _round in range(ROUNDS))


def timed(act: Callable[[], object]) -> float:
    """Return how many seconds `act` takes."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def new(folder: Path, *, durable: bool) -> Journal:
    """Return an empty journal under a name of its own."""
    path = folder / f"{time.perf_counter_ns()}.drill"
    return Journal.create(path, meta={}, files={}, durable=durable)


def bare_chain(texts: list[bytes]) -> None:
    """Hash a chain over the same bytes, and nothing else."""
    head = bytes(32)
    for text in texts:
        head = hashlib.sha256(head + text).digest()


def verifying(folder: Path) -> Iterator[Figure]:
    """Print what it takes to verify, to read and to open a large journal."""
    with new(folder, durable=False) as journal:
        for start in range(0, RECORDS, 1_000):
            journal.append([event(at) for at in range(start, start + 1_000)], key=str(start))
    path = journal.path
    texts = [record.json.encode() for record in JournalReader(path).events()]
    bare = best(lambda: timed(lambda: bare_chain(texts)))

    def check() -> None:
        assert verify(path).ok

    for name, act in (
        ("verify", check),
        ("read all events", lambda: sum(1 for _event in JournalReader(path).events())),
        ("open to resume", lambda: Journal.open(path).close()),
    ):
        seconds = best(lambda act=act: timed(act))  # type: ignore[misc]
        print(f"{name:28} {RECORDS:,} records {seconds:6.2f} s   {seconds / bare:5.1f} bare chains")
        what = f"{name}, {RECORDS:,} records"
        yield Figure("journal", what, seconds, "s", "a bare hash chain over them", bare)


def bare_commits(folder: Path, *, durable: bool, commits: int) -> float:
    """Return how long it takes SQLite to commit a row each."""
    path = folder / f"{time.perf_counter_ns()}.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("CREATE TABLE rows (text)")
        text = event(1).json

        def commit() -> None:
            for _commit in range(commits):
                connection.execute("INSERT INTO rows VALUES (?)", (text,))

        return timed(commit)


def appending(folder: Path, *, durable: bool) -> Iterator[Figure]:
    """Print what a commit per event costs, alone and in a loop."""
    commits = COMMITS // 5 if durable else COMMITS
    entries = [event(at) for at in range(commits)]

    def alone() -> float:
        with new(folder, durable=durable) as journal:
            begin = time.perf_counter()
            for entry in entries:
                journal.append([entry])
            return time.perf_counter() - begin

    async def in_loop() -> float:
        journal = AsyncJournal(new(folder, durable=durable))
        begin = time.perf_counter()
        for entry in entries:
            await journal.append([entry])
        seconds = time.perf_counter() - begin
        await journal.close()
        return seconds

    bare = best(lambda: bare_commits(folder, durable=durable, commits=commits))
    kind = "durable" if durable else "rehearsal"
    for name, seconds in (
        (f"append, {kind}", best(alone)),
        (f"append in a loop, {kind}", best(lambda: asyncio.run(in_loop()))),
    ):
        rate = commits / seconds
        print(f"{name:28} {rate:10,.0f} a second   {bare / seconds:5.2f} of bare SQLite")
        beside = commits / bare
        yield Figure("journal", name, rate, "a second", SQLITE, beside, more_is_better=True)


def storing(folder: Path, *, durable: bool) -> Figure:
    """Print how many mails a second are stored when several sessions wait for their commits."""

    async def session(journal: AsyncJournal, number: int) -> None:
        for mail in range(MAILS // SENDERS):
            raw = MAIL + b"%d %d" % (number, mail)
            await journal.store_mail(raw, direction="in", sender="", recipients=["d@drill.example"])

    async def store() -> float:
        journal = AsyncJournal(new(folder, durable=durable))
        begin = time.perf_counter()
        await asyncio.gather(*(session(journal, number) for number in range(SENDERS)))
        seconds = time.perf_counter() - begin
        await journal.close()
        return seconds

    bare = best(lambda: bare_commits(folder, durable=durable, commits=MAILS))
    seconds = best(lambda: asyncio.run(store()))
    kind = "durable" if durable else "rehearsal"
    print(
        f"{f'store mail, {kind}':28} {MAILS / seconds:10,.0f} a second   "
        f"{bare / seconds:5.2f} of bare SQLite, a commit each"
    )
    name, rate = f"store mail, {kind}", MAILS / seconds
    return Figure("journal", name, rate, "a second", SQLITE, MAILS / bare, more_is_better=True)


def main() -> list[Figure]:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        figures += verifying(Path(folder))
        for durable in (False, True):
            figures += appending(Path(folder), durable=durable)
            figures.append(storing(Path(folder), durable=durable))
    return figures


if __name__ == "__main__":
    main()
