"""Copies of journals, and what is added to them afterwards."""

import hashlib
from pathlib import Path

import pytest

from drillsim.journal import (
    Journal,
    JournalError,
    JournalReader,
    UnreadableJournalError,
    add_to_annex,
    drills_in,
    export_copy,
    find_drill,
    verify,
)
from tests.unit.journal.sample import event, new, sealed_drill, start, store, tampering
from tests.unit.journal.test_processes import WRITE_ON


def test_a_copy_of_a_running_drill_is_whole_up_to_its_moment(tmp_path: Path) -> None:
    path, copy = tmp_path / "r5.drill", tmp_path / "copy.drill"
    with new(path) as journal:
        journal.append([event(1, raw=store(journal))], key="1/1")
        export_copy(path, copy)
        head = journal.head
        journal.append([event(2)])
    assert verify(copy, expect_head=head).ok
    assert not copy.with_name("copy.drill-wal").exists()
    assert JournalReader(copy).last_key == "1/1"


def test_a_drill_may_be_copied_while_another_process_writes(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    new(path).close()
    with start(WRITE_ON, path) as writer:
        reader = JournalReader(path)
        for number in range(5):
            least = reader.count
            copy = tmp_path / f"{number}.drill"
            export_copy(path, copy)
            verdict = verify(copy)
            assert verdict.ok, verdict.faults
            assert verdict.count >= least
            assert verdict.count % 3 == 0
        assert writer.poll() is None
        writer.kill()
        writer.wait(10)


def test_a_copy_of_a_running_drill_can_be_gone_on_with(tmp_path: Path) -> None:
    path, copy = tmp_path / "r5.drill", tmp_path / "copy.drill"
    with new(path) as journal:
        journal.append([event(1)])
        export_copy(path, copy)
    with Journal.open(copy) as journal:
        journal.append([event(2)])
        seal = journal.seal()
    assert seal.whole
    assert verify(copy, expect_head=seal.head).ok


def test_a_copy_of_a_sealed_drill_is_the_same_file(tmp_path: Path) -> None:
    path, copy = tmp_path / "r5.drill", tmp_path / "copy.drill"
    seal = sealed_drill(path)
    export_copy(path, copy)
    assert copy.read_bytes() == path.read_bytes()
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    assert verify(copy, expect_head=seal.head, expect_file=wanted).ok


def test_additions_are_read_as_they_were_made(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    seal = sealed_drill(path)
    data = {"notice": ["first-report", "352039"], "reason": "電話で確認済み"}
    assert add_to_annex(path, kind="overruling", data=data, author="防府 次郎") == 1
    assert add_to_annex(path, kind="forecast", data=[1, 2], author="\udcff") == 2
    first, second = JournalReader(path).annex()
    assert (first.kind, first.author, first.data) == ("overruling", "防府 次郎", data)
    assert (second.seq, second.data) == (2, [1, 2])
    assert JournalReader(path).head == seal.head
    assert list(tmp_path.iterdir()) == [path]


def test_a_drill_that_has_not_ended_takes_no_additions(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    with new(path), pytest.raises(JournalError, match="the drill has not ended; end it first"):
        add_to_annex(path, kind="overruling", data={}, author="x")
    assert JournalReader(path).annex() == []


def test_nothing_is_added_to_an_altered_annex(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path)
    add_to_annex(path, kind="overruling", data={"n": 1}, author="x")
    with tampering(path) as other:
        other.execute("UPDATE annex SET kind = 'praise'")
    with pytest.raises(UnreadableJournalError, match="addition 1 in the annex is not what"):
        add_to_annex(path, kind="overruling", data={"n": 2}, author="x")
    with pytest.raises(UnreadableJournalError, match="addition 1 in the annex is not what"):
        JournalReader(path).annex()


def test_a_drill_is_found_by_its_id_or_its_path(tmp_path: Path) -> None:
    folder = tmp_path / "drills"
    assert drills_in(folder) == []
    folder.mkdir()
    for name in ("b.drill", "a.drill", "notes.txt", "a.drill.lock"):
        (folder / name).touch()
    assert drills_in(folder) == [folder / "a.drill", folder / "b.drill"]
    assert find_drill("a", folder) == folder / "a.drill"
    assert find_drill("b.drill", folder) == folder / "b.drill"
    assert find_drill(folder / "a", tmp_path / "elsewhere") == folder / "a.drill"
    assert find_drill("gone", folder) == Path("gone")
    for strange in ("", "..", "/", "x\0y"):
        assert isinstance(find_drill(strange, folder), Path)
