"""`verify` names what is not what was written, wherever in the journal it lies."""

import contextlib
import hashlib
from pathlib import Path

import pytest

from drillsim.journal import Journal, JournalError, JournalReader, Seal, add_to_annex, verify
from drillsim.journal.chain import Chain
from drillsim.journal.records import insert
from drillsim.problem import UsageError
from tests.unit.journal.sample import copy_of, event, new, sealed_drill, store, tampering


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "r5.drill"


@pytest.fixture
def seal(path: Path) -> Seal:
    return sealed_drill(path, 16)


def faults_after(path: Path, statement: str, *values: object) -> list[tuple[str, str, str]]:
    with tampering(path) as other:
        assert other.execute(statement, values).rowcount != 0
    return [(fault.place, fault.name, fault.message) for fault in verify(path).faults]


def test_a_sealed_drill_is_whole(path: Path, seal: Seal) -> None:
    verdict = verify(path, expect_head=seal.head.upper())
    assert verdict.as_json() == {
        "path": str(path),
        "ok": True,
        "sealed": True,
        "records": seal.count,
        "head": seal.head,
        "digest": seal.digest,
        "mails": 3,
        "commands": 1,
        "annex": 0,
        "first_bad": None,
        "faults": [],
    }


def test_a_running_drill_is_whole_so_far(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1, raw=store(journal))])
        verdict = verify(path)
        assert verdict.ok
        assert not verdict.is_sealed
        assert verdict.head == journal.head


@pytest.mark.parametrize(
    ("statement", "first_bad", "message"),
    [
        (
            "UPDATE records SET json = replace(json, '太郎', '次郎') WHERE seq = 7",
            7,
            "record 7 is not what was written",
        ),
        ("UPDATE records SET hash = zeroblob(32) WHERE seq = 3", 3, "record 3 is not"),
        ("UPDATE records SET json = CAST(json AS BLOB) WHERE seq = 3", 3, "record 3 is not"),
        ("UPDATE records SET json = CAST(x'ff' AS TEXT) WHERE seq = 3", 3, "record 3 cannot be"),
        ("UPDATE records SET seq = -4 WHERE seq = 5", 0, "record 0 has another in its place"),
        ("DELETE FROM records WHERE seq = 4", 4, "record 4 is missing"),
        ("DELETE FROM records WHERE seq = 0", 0, "record 0 is missing"),
        ("DELETE FROM records", 0, "record 0 is missing"),
        (
            "INSERT INTO records VALUES (17, 'event', 9, 'k', '{}', 17, '', zeroblob(32))",
            17,
            "record 17 is not what was written",
        ),
    ],
)
def test_the_first_bad_record_is_named(
    path: Path, seal: Seal, statement: str, first_bad: int, message: str
) -> None:
    assert seal.count == 16
    found = faults_after(path, statement)
    assert found[0][:2] == ("record", str(first_bad))
    assert found[0][2].startswith(message)
    assert verify(path).first_bad == first_bad


@pytest.mark.parametrize(
    ("statement", "place", "message"),
    [
        (
            "UPDATE files SET content = x'00' WHERE name = 'contacts/山口.yaml'",
            "file",
            "file contacts/山口.yaml is not what was kept",
        ),
        (
            "UPDATE files SET content = CAST(content AS TEXT) WHERE name LIKE 'scen%'",
            "file",
            "file scenarios/r5.yaml is not what was kept",
        ),
        (
            "DELETE FROM files WHERE name = 'contacts/山口.yaml'",
            "file",
            "file contacts/山口.yaml is missing",
        ),
        (
            "INSERT INTO files VALUES ('more.yaml', x'00')",
            "file",
            "file more.yaml is not what was kept",
        ),
        (
            "UPDATE inbox SET payload = '{}'",
            "command",
            "command 1 is not what was carried out (record 2)",
        ),
        (
            "DELETE FROM inbox",
            "command",
            "command 1 is not what was carried out (record 2)",
        ),
        (
            "INSERT INTO inbox (author, kind, payload, wall) VALUES ('x', 'end', '{}', '')",
            "command",
            "the commands are not those that were sealed",
        ),
        (
            "UPDATE envelopes SET sender = '\"other@city.example\"' WHERE id = 1",
            "mail",
            "the mails are not those that were sealed",
        ),
        (
            "INSERT INTO annex VALUES (1, 'annex', NULL, 'k', '{}', 1, '', x'00')",
            "annex",
            "addition 1 in the annex is not what was written",
        ),
    ],
)
def test_what_lies_beside_the_records_is_covered_too(
    path: Path, seal: Seal, statement: str, place: str, message: str
) -> None:
    found = faults_after(path, statement)
    assert (found[0][0], found[0][2]) == (place, message)
    assert verify(path).first_bad is None
    assert verify(path).head == seal.head


def test_nothing_may_stand_behind_the_seal_though_it_is_chained_to_it(
    path: Path, seal: Seal
) -> None:
    chain = Chain(seal.count, bytes.fromhex(seal.head))
    record = chain.extend("event", 99, "acknowledged", "{}", 99, "")
    with tampering(path) as other:
        insert(other, [(*record, chain.head)])
    assert verify(path).first_bad == seal.count + 1


def test_an_altered_mail_and_a_missing_one_are_named(path: Path, seal: Seal) -> None:
    with tampering(path) as other:
        first, second, third = [row[0] for row in other.execute("SELECT hash FROM mails")]
        other.execute("UPDATE mails SET raw = raw || 'x' WHERE hash = ?", (first,))
        other.execute("UPDATE mails SET raw = CAST(raw AS TEXT) WHERE hash = ?", (second,))
        other.execute("DELETE FROM mails WHERE hash = ?", (third,))
        other.execute("DELETE FROM envelopes WHERE hash = ?", (third,))
    messages = [fault.message for fault in verify(path).faults if fault.name]
    assert sorted(messages[:2]) == sorted(
        f"mail {name} is not what was stored" for name in (first, second)
    )
    assert messages[2:] == [f"mail {third}, which record 15 names, is missing"]


def test_an_envelope_without_its_mail_is_named_in_a_running_drill(path: Path) -> None:
    with new(path) as journal:
        name = store(journal)
        (fault,) = faults_after(path, "DELETE FROM mails")
        assert fault == ("mail", name, f"mail {name} of envelope 1 is missing")


def test_an_addition_to_a_drill_that_has_not_ended_is_none_of_ours(path: Path) -> None:
    with new(path):
        (fault,) = faults_after(
            path, "INSERT INTO annex VALUES (0, 'annex', NULL, 'k', '{}', 1, '', x'00')"
        )
        assert fault[0] == "annex"


def test_additions_are_chained_to_their_seal(path: Path, seal: Seal) -> None:
    for number in range(3):
        add_to_annex(path, kind="overruling", data={"n": number}, author="防府 次郎")
    assert verify(path, expect_head=seal.head).annex == 3
    other = copy_of(path, "other.drill")
    found = faults_after(other, "DELETE FROM annex WHERE seq = 2")
    assert found == [("annex", "2", "addition 2 in the annex is missing")]
    stranger = path.with_name("stranger.drill")
    sealed_drill(stranger, 6)
    with tampering(stranger) as database:
        database.execute("ATTACH ? AS original", (str(path),))
        database.execute("INSERT INTO main.annex SELECT * FROM original.annex")
    (fault,) = verify(stranger).faults
    assert fault.message == "addition 1 in the annex is not what was written"


def test_a_head_of_an_earlier_record_is_recognised(path: Path) -> None:
    with new(path) as journal:
        journal.append([event(1)])
        head = journal.head
        journal.append([event(2), event(3)])
    (fault,) = verify(path, expect_head=head).faults
    assert fault.message == "the expected head is that of record 1, and 2 more follow"


def test_a_cut_tail_shows_against_the_expected_head(path: Path, seal: Seal) -> None:
    with tampering(path) as other:
        other.execute("DELETE FROM records WHERE seq > 10")
    assert [fault.place for fault in verify(path, expect_head=seal.head).faults] == ["head"]


def test_the_hash_of_the_file_covers_bytes_that_mean_nothing(path: Path, seal: Seal) -> None:
    data = path.read_bytes()
    wanted = hashlib.sha256(data).hexdigest()
    assert verify(path, expect_head=seal.head, expect_file=wanted).ok
    path.write_bytes(data + b"\0")
    (fault,) = verify(path, expect_file=wanted).faults
    assert fault.message.startswith("this is not the expected file: its SHA-256 is ")


def test_another_file_than_the_expected_is_found_though_it_is_no_journal(tmp_path: Path) -> None:
    path = tmp_path / "thesis.drill"
    path.write_bytes(b"years of work")
    verdict = verify(path, expect_file="0" * 64)
    assert [fault.place for fault in verdict.faults] == ["file", "database"]
    wanted = hashlib.sha256(b"years of work").hexdigest()
    with pytest.raises(JournalError, match="this is no drill journal"):
        verify(path, expect_file=wanted)


def test_a_running_drill_has_no_lasting_hash_of_its_file(path: Path) -> None:
    with new(path), pytest.raises(JournalError, match="verify a copy made by `drillsim export`"):
        verify(path, expect_file="0" * 64)


def test_a_damaged_index_is_found(path: Path, seal: Seal) -> None:
    with tampering(path) as other:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_files_1'"
        (page,) = other.execute(sql).fetchone()
        (key,) = other.execute("SELECT name FROM files").fetchone()
    data = bytearray(path.read_bytes())
    at = data.index(key.encode(), (page - 1) * 4096)
    data[at] ^= 1
    path.write_bytes(data)
    (fault,) = verify(path, expect_head=seal.head).faults
    assert fault.message.startswith("the file is damaged (")


@pytest.mark.parametrize("wrong", ["", "0" * 63, "0" * 65, "g" * 64, "0x" + "0" * 62])
def test_what_is_no_hash_is_wrong_use(path: Path, seal: Seal, wrong: str) -> None:
    with pytest.raises(UsageError, match="is no SHA-256"):
        verify(path, expect_head=wrong)
    with pytest.raises(UsageError, match="is no SHA-256"):
        verify(path, expect_file=wrong)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"id":"x"}', pytest.param("[" * 100_000, id="deep")],
)
@pytest.mark.parametrize("stream", ["opening", "command", "seal"])
def test_a_chain_of_nonsense_is_refused_though_it_holds(
    path: Path, seal: Seal, stream: str, text: str
) -> None:
    assert seal.whole
    chain = Chain()
    with tampering(path) as other:
        rows = other.execute("SELECT * FROM records ORDER BY seq").fetchall()
        other.execute("DELETE FROM records")
        for row in rows:
            _seq, sort, at_ms, kind, good, batch, key, _hash = row
            record = chain.extend(sort, at_ms, kind, text if sort == stream else good, batch, key)
            insert(other, [(*record, chain.head)])
    verdict = verify(path)
    assert not verdict.ok
    if stream != "seal":
        with pytest.raises(JournalError, match="is not what was written"):
            Journal.open(path)
    with contextlib.suppress(JournalError):
        reader = JournalReader(path)
        for record in reader.records():
            assert isinstance(record.data, dict)
        assert reader.opening.meta
