"""The journal in an event loop: callers wait for their commit, nobody waits for SQL."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from drillsim.journal import (
    Journal,
    JournalBusyError,
    JournalReader,
    JournalWriteError,
    SealedError,
    post_command,
    verify,
)
from drillsim.journal.journal import Writing
from drillsim.journal.writer import AsyncJournal
from tests.unit.journal.sample import RAW, event, new, tampering

durable_or_not = pytest.mark.parametrize("durable", [False, True])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r5.drill"


async def store(journal: AsyncJournal, number: int) -> str:
    raw = RAW + b"%d" % number
    return await journal.store_mail(raw, direction="in", sender="", recipients=["d@drill.test"])


@contextmanager
def counted(journal: Journal) -> Iterator[list[int]]:
    """Count how much is written in each transaction, and that it is one thread's."""
    sizes: list[int] = []
    threads = set()
    write = journal.write

    def counting(writings: list[Writing]) -> None:
        threads.add(threading.current_thread())
        write(writings)
        sizes.append(len(writings))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "write", counting)
        yield sizes
    assert len(threads) <= 1
    assert (threading.main_thread() in threads) == (not journal.durable and bool(sizes))


@durable_or_not
async def test_what_was_awaited_is_there_for_everybody(path: Path, durable: bool) -> None:
    journal = AsyncJournal(new(path, durable=durable))
    reader = JournalReader(path)
    name = await store(journal, 1)
    assert reader.mail(name) == RAW + b"1"
    await journal.append([event(1, raw=name), event(1)], key="1/1")
    await journal.note_conduct("speed", {"to": 60}, at_ms=1)
    assert [record.stream for record in reader.follow()] == ["event", "event", "conduct"]
    seal = await journal.seal()
    await journal.close()
    assert seal.whole
    assert verify(path, expect_head=seal.head).ok
    assert list(path.parent.iterdir()) == [path]


@durable_or_not
async def test_whatever_comes_in_one_turn_shares_a_commit(path: Path, durable: bool) -> None:
    journal = AsyncJournal(new(path, durable=durable))
    with counted(journal.journal) as sizes:
        names = await asyncio.gather(*(store(journal, number) for number in range(50)))
        assert sizes == [50]
        await asyncio.gather(*(store(journal, number) for number in range(50, 53)))
        assert sizes == [50, 3]
    assert len(set(names)) == 50
    await journal.close()
    assert verify(path).mails == 53


async def test_what_comes_in_during_a_commit_makes_up_the_next(path: Path) -> None:
    journal = AsyncJournal(new(path, durable=True))
    gate = threading.Event()
    write = journal.journal.write
    sizes = []

    def gated(writings: list[Writing]) -> None:
        gate.wait(10)
        sizes.append(len(writings))
        write(writings)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.journal, "write", gated)
        first = asyncio.create_task(store(journal, 0))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        rest = [asyncio.create_task(store(journal, number)) for number in range(1, 8)]
        await asyncio.sleep(0)
        assert not first.done()
        gate.set()
        await asyncio.gather(first, *rest)
        await journal.close()
    assert sizes == [1, 7]


@durable_or_not
async def test_the_order_of_handing_in_is_the_order_of_the_records(
    path: Path, durable: bool
) -> None:
    journal = AsyncJournal(new(path, durable=durable))
    await asyncio.gather(*(journal.append([event(at)], key=str(at)) for at in range(200)))
    assert [record.at_ms for record in JournalReader(path).events()] == [*range(200)]
    assert journal.journal.last_key == "199"
    await journal.close()


@durable_or_not
async def test_the_loop_goes_on_while_another_process_is_inside_a_write(
    path: Path, durable: bool
) -> None:
    journal = AsyncJournal(new(path, durable=durable))
    journal.journal.wait_for_others(0)
    with tampering(path) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(journal.append([event(1)]))
        mail = asyncio.create_task(store(journal, 1))
        for _turn in range(200):
            await asyncio.sleep(0)
        assert not writing.done()
        assert not mail.done()
        other.rollback()
    await asyncio.wait_for(asyncio.gather(writing, mail), 10)
    await journal.append([event(2)])
    assert [record.at_ms for record in JournalReader(path).events()] == [1, 2]
    await journal.close()


@durable_or_not
async def test_a_file_that_stays_locked_stops_the_drill_with_a_clear_word(
    path: Path, durable: bool
) -> None:
    journal = AsyncJournal(new(path, durable=durable), patience_seconds=0.02)
    journal.journal.wait_for_others(0)
    with tampering(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalWriteError, match="another process has kept the journal locked"):
            await journal.append([event(1)])
        other.rollback()
    await journal.close()
    assert verify(path).count == 0


@durable_or_not
async def test_a_failed_write_reaches_everybody_who_waits_and_nothing_follows(
    path: Path, durable: bool
) -> None:
    inner = new(path, durable=durable)
    journal = AsyncJournal(inner)
    await journal.append([event(1)])
    fill(inner)
    outcomes = await asyncio.gather(
        journal.append([event(2)]),
        journal.store_mail(bytes(200_000), direction="in", sender="", recipients=[]),
        store(journal, 1),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [JournalWriteError] * 3
    assert "database or disk is full" in str(outcomes[0])
    with pytest.raises(JournalWriteError):
        await journal.append([event(3)])
    with pytest.raises(JournalWriteError):
        await journal.seal()
    await journal.close()
    assert verify(path).count == 1
    with Journal.open(path) as resumed:
        resumed.append([event(2)])


def fill(journal: Journal) -> None:
    """Let SQLite find no page more for this connection, as on a full disk."""
    (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")


async def test_a_cancelled_caller_does_not_take_its_writing_back(path: Path) -> None:
    journal = AsyncJournal(new(path))
    task = asyncio.create_task(journal.append([event(1)]))
    other = asyncio.create_task(journal.append([event(2)]))
    await asyncio.sleep(0)
    task.cancel()
    await other
    assert task.cancelled() or task.done()
    await journal.close()
    assert [record.at_ms for record in JournalReader(path).events()] == [1, 2]


@durable_or_not
async def test_closing_waits_for_what_was_handed_in(path: Path, durable: bool) -> None:
    journal = AsyncJournal(new(path, durable=durable))
    waiting = [asyncio.create_task(journal.append([event(at)])) for at in range(5)]
    await asyncio.sleep(0)
    await journal.close()
    await asyncio.gather(*waiting)
    assert verify(path).count == 5
    with pytest.raises(SealedError):
        await journal.append([event(9)])
    Journal.open(path).close()


def test_a_loop_that_ends_leaves_nobody_waiting(path: Path) -> None:
    inner = new(path)

    async def leave() -> asyncio.Task[None]:
        task = asyncio.create_task(AsyncJournal(inner).append([event(1)]))
        for _turn in range(5):
            await asyncio.sleep(0)
        return task

    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with asyncio.Runner() as runner:
            task = runner.run(leave())
            assert not task.done()
    assert task.cancelled()
    inner.append([event(2)])
    inner.close()
    assert [record.at_ms for record in JournalReader(path).events()] == [2]


@durable_or_not
async def test_commands_reach_the_director(path: Path, durable: bool) -> None:
    journal = AsyncJournal(new(path, durable=durable))
    post_command(path, kind="pause", payload={"for": "10m"}, author="防府 次郎")
    (command,) = await journal.take_commands(0)
    assert (command.kind, command.payload) == ("pause", {"for": "10m"})
    await journal.append([command.entry(7)])
    assert journal.journal.last_command == 1
    assert await journal.take_commands(1) == []
    await journal.close()


async def test_commands_of_a_locked_file_come_later(path: Path) -> None:
    journal = AsyncJournal(new(path))
    with pytest.MonkeyPatch.context() as patch:

        def busy(_after: int) -> list[object]:
            raise JournalBusyError("locked")

        patch.setattr(journal.journal, "take_commands", busy)
        assert await journal.take_commands(0) == []
    await journal.close()


async def test_nothing_is_taken_once_the_end_is_called(path: Path) -> None:
    journal = AsyncJournal(new(path))
    last = asyncio.create_task(journal.append([event(1)]))
    await asyncio.sleep(0)
    seal = await journal.seal()
    await last
    with pytest.raises(SealedError):
        await store(journal, 1)
    await journal.close()
    assert seal.count == 2
    with pytest.raises(sqlite3.ProgrammingError):
        journal.journal._connection.execute("SELECT 1")
