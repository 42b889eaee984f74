"""What a director writes is what everybody reads."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from drillsim.journal import (
    Batch,
    Entry,
    Journal,
    JournalBusyError,
    JournalError,
    JournalReader,
    Mail,
    SealedError,
    UnreadableJournalError,
    mail_hash,
    post_command,
    verify,
)
from tests.unit.journal.sample import FILES, RAW, event, new, sealed_drill, store, tampering


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r5.drill"


def test_a_reader_finds_what_the_director_wrote(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(40, node="352039"), event(40, by="周防 太郎")], key="40/1/0/3")
        journal.note_conduct("speed", {"to": 60})
        reader = JournalReader(path)
        first, second = reader.events()
        assert (first.seq, first.at_ms, first.kind, first.batch) == (1, 40, "acknowledged", 1)
        assert first.data == {"kind": "acknowledged", "at": 40, "node": "352039"}
        assert (second.seq, second.batch, second.key) == (2, 1, "40/1/0/3")
        assert [record.stream for record in reader.records()] == ["event", "event", "conduct"]
        assert (reader.head, reader.digest) == (journal.head, journal.digest)
        assert (reader.count, reader.last_key, reader.is_sealed) == (3, "40/1/0/3", False)


def test_the_drills_files_and_meta_are_kept_as_they_were(path: Path) -> None:
    new(path, durable=True).close()
    reader = JournalReader(path)
    assert reader.files == FILES
    assert reader.opening.meta["seed"] == "7"
    assert reader.opening.durable


def test_files_may_have_any_name(path: Path) -> None:
    meta = {"scenario": "\udcff"}
    Journal.create(path, meta=meta, files={"\udcff.yaml": b"x"}, durable=False).close()
    reader = JournalReader(path)
    assert reader.files == {"\\udcff.yaml": b"x"}
    assert reader.opening.meta == meta
    assert verify(path).ok


def test_a_follower_gets_every_record_once(path: Path) -> None:
    with new(path) as journal:
        reader = JournalReader(path)
        assert reader.follow() == []
        journal.append([event(1), event(2), event(3)])
        assert [record.at_ms for record in reader.follow(limit=2)] == [1, 2]
        assert [record.at_ms for record in reader.follow(limit=2)] == [3]
        assert reader.follow() == []
        journal.append([event(4)])
        assert [record.at_ms for record in reader.follow()] == [4]


def test_reading_may_begin_behind_any_record(path: Path) -> None:
    with new(path) as journal:
        for at in range(5):
            journal.append([event(at)])
        reader = JournalReader(path)
        for after in range(8):
            assert [record.seq for record in reader.records(after)] == [*range(after + 1, 6)]


def test_the_digest_is_that_of_the_events_alone(tmp_path: Path) -> None:
    plain, other = new(tmp_path / "a.drill"), new(tmp_path / "b.drill", durable=True)
    with plain, other:
        plain.append([event(1, node="山口"), event(2)], key="x")
        other.note_conduct("resumed", {"pid": 1})
        store(other)
        other.append([event(1, node="山口")])
        other.append([event(2)])
        assert plain.digest == other.digest
        assert plain.head != other.head
    lines = '{"at":1,"kind":"acknowledged","node":"山口"}\n{"at":2,"kind":"acknowledged"}\n'
    assert plain.digest == hashlib.sha256(lines.encode()).hexdigest()


def test_a_mail_is_stored_once_and_each_of_its_envelopes(path: Path) -> None:
    with new(path) as journal:
        name = store(journal, to=["a@drill.test"])
        assert store(journal, to=["b@drill.test", "c@drill.test"]) == name == mail_hash(RAW)
        reader = JournalReader(path)
        assert reader.mail(name) == RAW
        first, second = reader.envelopes()
        assert (first.hash, first.direction, first.sender) == (name, "in", "suo@city.example")
        assert second.recipients == ["b@drill.test", "c@drill.test"]
        assert reader.envelopes(after=1) == [second] == reader.envelopes(of=name)[1:]
        with pytest.raises(KeyError):
            reader.mail("0" * 64)


def test_a_mail_is_stored_once_by_whoever_goes_on_too(path: Path) -> None:
    with new(path) as journal:
        name = store(journal)
    with Journal.open(path) as journal:
        writings = [Mail(raw, "out", "", ["a@x.example"]) for raw in (RAW, b"new", RAW, b"new")]
        journal.write(writings)
        assert (verify(path).mails, len(JournalReader(path).envelopes(of=name))) == (2, 3)


def test_a_reader_finds_mails_that_came_after_it_looked(path: Path) -> None:
    with new(path) as journal:
        reader = JournalReader(path)
        names = [mail_hash(raw) for raw in (b"one", b"two")]
        for raw, name in zip((b"one", b"two"), names, strict=True):
            with pytest.raises(KeyError):
                reader.mail(name)
            journal.store_mail(raw, direction="in", sender="", recipients=[])
            assert reader.mail(name) == raw
        assert reader.mail(names[0]) == b"one"


def test_a_mail_that_somebody_wrote_over_is_found_by_verify_and_still_read(path: Path) -> None:
    with new(path) as journal:
        name = store(journal)
        with tampering(path) as other:
            other.execute("UPDATE mails SET raw = 'text'")
        assert JournalReader(path).mail(name) == b"text"
        assert not verify(path).ok


def test_surrogates_of_badly_coded_mail_are_kept_as_escapes(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1, by="\udce5\udcb1 太郎")], key="\udcff")
        journal.store_mail(RAW, direction="in", sender="\udce5@x.example", recipients=["\udcff@y"])
    reader = JournalReader(path)
    (record,) = reader.events()
    assert record.data["by"] == "\udce5\udcb1 太郎"
    (envelope,) = reader.envelopes()
    assert (envelope.sender, envelope.recipients) == ("\udce5@x.example", ["\udcff@y"])
    assert verify(path).ok


def test_writings_of_several_callers_stand_in_one_transaction(path: Path) -> None:
    with new(path) as journal:
        mail = Mail(RAW, "out", "", ["a@x.example"])
        journal.write([Batch((event(1),), "k1"), mail, Batch((event(2), event(3)), "k2")])
        assert [record.batch for record in JournalReader(path).events()] == [1, 2, 2]
        assert journal.last_key == "k2"


def test_a_batch_that_cannot_be_written_leaves_nothing_behind(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1)])
        head = journal.head
        with tampering(path) as other:
            other.execute("BEGIN IMMEDIATE")
            journal.wait_for_others(0)
            with pytest.raises(JournalBusyError):
                journal.write([Mail(RAW, "out", "", []), Batch((event(2), event(3)))])
            other.rollback()
        assert (journal.head, journal.count) == (head, 1)
        assert JournalReader(path).envelopes() == []
        journal.append([event(4)])
        assert [record.at_ms for record in JournalReader(path).events()] == [1, 4]


def test_a_cut_off_drill_goes_on_where_it_was(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1)], key="1/1")
        post_command(path, kind="pause", payload={}, author="防府 次郎")
        journal.append([command.entry(1) for command in journal.take_commands(0)])
        before = journal.head, journal.digest, journal.count
    with Journal.open(path) as journal:
        assert (journal.head, journal.digest, journal.count) == before
        assert (journal.last_key, journal.last_command, journal.durable) == ("1/1", 1, False)
        assert journal.take_commands(journal.last_command) == []
        journal.append([event(2)], key="2/1")
        assert journal.count == 3
    assert verify(path).ok


def test_a_resumed_durable_journal_is_durable(path: Path) -> None:
    new(path, durable=True).close()
    with Journal.open(path) as journal:
        assert journal.durable


def test_an_altered_journal_is_not_gone_on_with(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1), event(2)])
    with tampering(path) as other:
        other.execute("UPDATE records SET at_ms = 0 WHERE seq = 2")
    with pytest.raises(UnreadableJournalError, match=r"record 2 is not what was written; use "):
        Journal.open(path)
    with pytest.raises(UnreadableJournalError, match=r"record 2 is not what was written; use "):
        list(JournalReader(path).events())


def test_altered_files_are_not_handed_out(path: Path) -> None:
    new(path).close()
    with tampering(path) as other:
        other.execute("UPDATE files SET content = x'00' WHERE name LIKE 'scen%'")
    with pytest.raises(UnreadableJournalError, match="the kept files are not what was written"):
        _ = JournalReader(path).files


def test_a_sealed_journal_is_one_file_and_takes_nothing_more(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1)])
        seal = journal.seal()
        for write in (lambda: journal.append([event(2)]), lambda: store(journal), journal.seal):
            with pytest.raises(SealedError, match="the drill has ended"):
                write()
    assert seal.whole
    assert list(path.parent.iterdir()) == [path]
    content = path.read_bytes()
    with pytest.raises(SealedError):
        Journal.open(path)
    with pytest.raises(SealedError):
        post_command(path, kind="pause", payload={}, author="x")
    assert path.read_bytes() == content, "whoever noted the file's hash finds it again"
    reader = JournalReader(path)
    assert reader.is_sealed
    assert (reader.count, reader.head, reader.digest) == (seal.count, seal.head, seal.digest)


def test_an_idle_reader_does_not_keep_a_journal_from_becoming_one_file(path: Path) -> None:
    with new(path) as journal:
        reader = JournalReader(path)
        journal.append([event(1)])
        assert len(reader.follow()) == 1
        assert journal.seal().whole
        assert [record.stream for record in reader.follow()] == ["seal"]
        assert reader.is_sealed


def test_a_seal_does_not_wait_for_ever_for_somebody_who_holds_the_file(path: Path) -> None:
    import drillsim.journal.journal as module

    with new(path) as journal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BUSY_SECONDS", 0.05)
        holder = sqlite3.connect(path)
        holder.execute("BEGIN")
        holder.execute("SELECT * FROM records").fetchone()
        seal = journal.seal()
        holder.close()
    assert not seal.whole
    assert verify(path, expect_head=seal.head).ok


def test_a_journal_whose_director_died_at_its_seal_becomes_one_file_later(path: Path) -> None:
    journal = new(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drillsim.journal.journal.make_single_file", lambda *_args: False)
        seal = journal.seal()
    journal._lock.release()  # The rest of what a killed process leaves is still there.
    with pytest.raises(SealedError):
        Journal.open(path)
    journal.close()
    with pytest.raises(SealedError):
        Journal.open(path)
    assert list(path.parent.iterdir()) == [path]
    assert verify(path, expect_head=seal.head).is_sealed


def test_sealing_changes_no_byte_of_a_sealed_file(path: Path) -> None:
    sealed_drill(path)
    before = path.read_bytes()
    with pytest.raises(SealedError):
        Journal.open(path)
    list(JournalReader(path).records())
    assert verify(path).ok
    assert path.read_bytes() == before


def test_an_existing_file_is_never_written_over(path: Path) -> None:
    path.write_bytes(b"a thesis")
    with pytest.raises(JournalError, match="exists already; choose another name"):
        new(path)
    assert path.read_bytes() == b"a thesis"
    assert list(path.parent.iterdir()) == [path]


def test_no_journal_is_made_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be made"):
        new(tmp_path / "no" / "r5.drill")


@pytest.mark.parametrize(
    "entry",
    [
        {"stream": "seal"},
        {"at_ms": 2**63},
        {"json": '{"a":\n1}'},
        {"json": "\udcff"},
    ],
)
def test_an_entry_that_no_journal_can_hold_is_refused_before_it_is_queued(
    entry: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match=r"stream|time|line breaks|surrogates"):
        Entry(**{"stream": "event", "kind": "x", "json": "{}", "at_ms": 1, **entry})  # type: ignore[arg-type]
