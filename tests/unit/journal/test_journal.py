"""What a director writes is what everybody reads, and nothing is written twice."""

from pathlib import Path

import pytest

from drillsim.journal import Journal, JournalReader, event_entry, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r5.drill"


def new(path: Path, *, durable: bool = False) -> Journal:
    files = {"scenarios/r5.yaml": "題: 訓練\n".encode(), "contacts/山口.yaml": b"\xff\x00"}
    return Journal.create(path, meta={"drill": "r5", "seed": "7"}, files=files, durable=durable)


def test_a_reader_finds_what_the_director_wrote(path: Path) -> None:
    with new(path) as journal:
        journal.append([event_entry({"kind": "notified", "at": 40, "node": "352039"})], key="40/1")
        with JournalReader(path) as reader:
            (record,) = reader.events()
            assert (record.seq, record.at_ms, record.kind) == (1, 40, "notified")
            assert record.data == {"kind": "notified", "at": 40, "node": "352039"}
            assert reader.head == journal.head
            assert reader.digest == journal.digest
            assert reader.last_key == "40/1"


def test_a_drill_keeps_its_files_byte_for_byte(path: Path) -> None:
    new(path).close()
    assert JournalReader(path).files["contacts/山口.yaml"] == b"\xff\x00"


def test_a_sealed_journal_is_one_file(path: Path) -> None:
    with new(path) as journal:
        journal.append([event_entry({"kind": "notified", "at": 40})])
        seal = journal.seal()
    assert seal.whole
    assert list(path.parent.iterdir()) == [path]
    assert verify(path, expect_head=seal.head).ok
