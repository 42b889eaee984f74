"""Nothing in a journal can be altered without being noticed."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillsim.journal import (
    Entry,
    Journal,
    JournalError,
    JournalReader,
    Record,
    Seal,
    canonical,
    verify,
)
from drillsim.journal.chain import Chain, ChainFaultError
from drillsim.journal.records import insert, walk
from tests.unit.journal.sample import copy_of, sealed_drill, tampering

RECORDS = 51

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Seal, list[Row]]:
    """A sealed drill of 50 events, its seal and the rows of its chain."""
    path = tmp_path_factory.mktemp("drills") / "r5.drill"
    seal = sealed_drill(path, RECORDS)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT * FROM records ORDER BY seq").fetchall()
    assert len(rows) == RECORDS + 1
    return path, seal, rows


def first_bad(rows: Sequence[Row]) -> int | None:
    chain = Chain()
    for row in rows:
        try:
            chain.accept(row)
        except ChainFaultError as fault:
            return fault.seq
    return None


def flips(value: Any) -> Iterator[Any]:
    """Yield `value` with each of its bytes changed in turn, as SQLite may hand it out then."""
    if value is None:
        yield from (0, "", b"")
    elif isinstance(value, int):
        for place in range(63):
            yield value ^ (1 << place)
        yield from (float(value), str(value), None)
    else:
        data = value if isinstance(value, bytes) else value.encode()
        yield data.decode("latin-1") if isinstance(value, bytes) else data
        for place in range(len(data)):
            for mask in (1, 0x80, 0xFF):
                changed = bytearray(data)
                changed[place] ^= mask
                try:
                    yield bytes(changed) if isinstance(value, bytes) else changed.decode()
                except UnicodeDecodeError:
                    yield bytes(changed)


def test_every_byte_of_every_field_counts(drill: tuple[Path, Seal, list[Row]]) -> None:
    _path, _seal, rows = drill
    chain = Chain()
    for row in rows:
        for place, value in enumerate(row):
            for changed in flips(value):
                with pytest.raises(ChainFaultError):
                    chain.copy().accept((*row[:place], changed, *row[place + 1 :]))
        chain.accept(row)


def number_at(data: bytes, at: int) -> tuple[int, int]:
    """Return a number as SQLite writes it in seven-bit groups, and where it ends."""
    number = 0
    while True:
        number = number << 7 | data[at] & 0x7F
        at += 1
        if data[at - 1] < 0x80:
            return number, at


def cells(data: bytes, hashes: Sequence[bytes]) -> Iterator[range]:
    """Yield where in the file each record lies (SQLite's table leaf pages, format 1.6)."""
    for start in range(0, len(data), 4096):
        page = data[start : start + 4096]
        if page[0] == 0x0D and any(value in page for value in hashes):
            for pointer in range(8, 8 + 2 * int.from_bytes(page[3:5]), 2):
                at = int.from_bytes(page[pointer : pointer + 2])
                length, behind = number_at(page, at)
                _row, behind = number_at(page, behind)
                yield range(start + at, start + behind + length)


def test_every_byte_of_every_stored_record_counts(drill: tuple[Path, Seal, list[Row]]) -> None:
    path, _seal, rows = drill
    data = path.read_bytes()
    found = list(cells(data, [row[-1] for row in rows]))
    assert len(found) == len(rows)
    survivors = 0
    for cell in found:
        for at in cell:
            changed = bytearray(data)
            changed[at] ^= 1 << at % 8
            with closing(sqlite3.connect(":memory:")) as connection:
                connection.deserialize(bytes(changed))
                try:
                    read = [(*record,) for record in walk(connection, Chain())]
                except (ChainFaultError, sqlite3.Error):
                    continue
                # A length may say more than is used: then every record is still what it was.
                assert read == [row[:-1] for row in rows]
                survivors += 1
    assert survivors <= 5


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.data())
def test_no_flip_in_the_file_is_ever_shown_as_a_fact(
    drill: tuple[Path, Seal, list[Row]], where: st.DataObject
) -> None:
    path, seal, _rows = drill
    data = path.read_bytes()
    at = where.draw(st.integers(0, len(data) - 1), label="byte")
    bit = where.draw(st.integers(0, 7), label="bit")
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    copy = path.with_name("flipped.drill")
    copy.write_bytes(changed)
    expected = hashlib.sha256(data).hexdigest()
    assert not verify(copy, expect_head=seal.head, expect_file=expected).ok
    with suppress(JournalError):  # Refused in one line; or else it is the same drill.
        if verify(copy, expect_head=seal.head).ok:
            original, reader = JournalReader(path), JournalReader(copy)
            assert [*reader.records()] == [*original.records()]
            assert reader.files == original.files
            assert reader.commands() == original.commands()
            for envelope in original.envelopes():
                assert reader.mail(envelope.hash) == original.mail(envelope.hash)
            assert reader.envelopes() == original.envelopes()


@given(
    seq=st.integers(0, RECORDS),
    other=st.integers(0, RECORDS),
    act=st.sampled_from(["remove", "swap", "swap whole", "repeat", "insert"]),
)
def test_records_cannot_be_moved(
    drill: tuple[Path, Seal, list[Row]], seq: int, other: int, act: str
) -> None:
    rows = list(drill[2])
    low, high = sorted((seq, other))
    if act == "remove":
        expected = seq if seq < RECORDS else None  # The tail: that takes --expect.
        del rows[seq]
    elif act == "swap":  # As rows of the table, each under its own number.
        expected = low if low != high else None
        rows[low], rows[high] = (low, *rows[high][1:]), (high, *rows[low][1:])
    elif act == "swap whole":
        expected = low if low != high else None
        rows[low], rows[high] = rows[high], rows[low]
    elif act == "repeat":
        expected = other + 1
        later = [(row[0] + 1, *row[1:]) for row in rows[other + 1 :]]
        rows = [*rows[: other + 1], (other + 1, *rows[seq][1:]), *later]
    else:
        expected = other
        later = [(row[0] + 1, *row[1:]) for row in rows[other:]]
        forged = Record(other, "event", 5, "acknowledged", '{"at":5}', other, "")
        rows = [*rows[:other], (*forged, rows[other][-1]), *later]
    assert first_bad(rows) == expected


@settings(deadline=None, max_examples=RECORDS)
@given(kept=st.integers(1, RECORDS))
def test_a_cut_tail_shows_only_against_the_head(
    drill: tuple[Path, Seal, list[Row]], kept: int
) -> None:
    path, seal, _rows = drill
    copy = copy_of(path)
    with tampering(copy) as connection:
        connection.execute("DELETE FROM records WHERE seq >= ?", (kept,))
    verdict = verify(copy)
    assert not verdict.is_sealed
    (fault,) = [f for f in verify(copy, expect_head=seal.head).faults if f.place == "head"]
    assert "cut off" in fault.message


def test_a_journal_that_was_written_anew_shows_only_against_the_head(
    drill: tuple[Path, Seal, list[Row]],
) -> None:
    path, seal, rows = drill
    copy = copy_of(path)
    chain = Chain()
    forged = []
    for _seq, stream, at_ms, kind, text, batch, key, _hash in rows[:-1]:
        nicer = text.replace('"at":30000', '"at":20000')
        record = chain.extend(stream, at_ms, kind, nicer, batch, key)
        forged.append((*record, chain.head))
    sealing = canonical({**Record(*rows[-1][:-1]).data, "digest": chain.digest})
    record = chain.extend("seal", None, "seal", sealing, rows[-1][5], "")
    forged.append((*record, chain.head))
    with tampering(copy) as connection:
        connection.execute("DELETE FROM records")
        insert(connection, forged)
    assert verify(copy).ok
    verdict = verify(copy, expect_head=seal.head)
    assert [fault.place for fault in verdict.faults] == ["head"]


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.data())
def test_a_file_cut_anywhere_opens_or_is_refused_in_one_line(
    drill: tuple[Path, Seal, list[Row]], where: st.DataObject
) -> None:
    path, seal, _rows = drill
    data = path.read_bytes()
    length = where.draw(st.integers(0, len(data) - 1), label="length")
    copy = path.with_name("cut.drill")
    copy.write_bytes(data[:length])
    refusals = []
    try:
        assert not verify(copy, expect_head=seal.head).ok
    except JournalError as refusal:
        refusals.append(str(refusal))
    try:
        assert [*JournalReader(copy).records()] != [*JournalReader(path).records()]
    except JournalError as refusal:
        refusals.append(str(refusal))
    try:
        Journal.open(copy).close()
    except JournalError as refusal:
        refusals.append(str(refusal))
    for line in refusals:
        assert line.startswith(f"{copy}: ")
        assert "\n" not in line
    assert not copy.with_name("cut.drill.lock").exists()


entries = st.builds(
    lambda stream, at, text: Entry(stream, "k", canonical({"at": at, "by": text}), at),
    st.sampled_from(["event", "conduct"]),
    st.integers(-(2**40), 2**40),
    st.text(st.characters(codec=None), max_size=20),
)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(batches=st.lists(st.lists(entries, max_size=4), max_size=6), cut=st.integers(0, 6))
def test_a_journal_reads_as_it_was_written_however_often_it_was_cut_off(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Entry]], cut: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "r5.drill"
    straight = tmp_path_factory.mktemp("run") / "r5.drill"
    with Journal.create(straight, meta={}, files={}, durable=False) as whole:
        for number, batch in enumerate(batches):
            whole.append(batch, key=str(number))
    journal = Journal.create(path, meta={}, files={}, durable=False)
    for number, batch in enumerate(batches):
        if number == cut:
            journal.close()
            journal = Journal.open(path)
        journal.append(batch, key=str(number))
    with journal:
        assert (journal.head, journal.digest) == (whole.head, whole.digest)
        read = [*JournalReader(path).records()]
        written = [entry for batch in batches for entry in batch]
        assert [(r.stream, r.at_ms, r.kind, r.json) for r in read] == [
            (e.stream, e.at_ms, e.kind, e.json) for e in written
        ]
        assert verify(path, expect_head=journal.head).ok
