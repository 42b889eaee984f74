"""Files that are no journals, or that were prepared: refused in one line, without being run."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from drillsim.journal import (
    Journal,
    JournalBusyError,
    JournalError,
    JournalReader,
    add_to_annex,
    export_copy,
    post_command,
    verify,
)
from drillsim.journal.disk import make_folder
from drillsim.journal.schema import build
from tests.unit.journal.sample import event, new, sealed_drill, tampering

USES: list[Callable[[Path], object]] = [
    verify,
    JournalReader,
    Journal.open,
    lambda path: post_command(path, kind="pause", payload={}, author="x"),
    lambda path: add_to_annex(path, kind="overruling", data={}, author="x"),
    lambda path: export_copy(path, path.with_name("exported.drill")),
]

ENDLESS_RECORDS = """
ALTER TABLE records RENAME TO kept;
CREATE VIEW records AS
    WITH RECURSIVE n(seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM n)
    SELECT seq, 'event' stream, 0 at_ms, 'k' kind, '{}' json, 0 batch, '' key, x'00' hash FROM n;
"""


def refusal(path: Path) -> str:
    """Return the line with which every use of `path` is refused: the same one."""
    lines = set()
    for use in USES:
        with pytest.raises(JournalError) as caught:
            use(path)
        lines.add(str(caught.value))
    (line,) = lines
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert not path.with_name("exported.drill").exists()
    assert not path.with_name(path.name + ".lock").exists()
    return line.removeprefix(f"{path}: ")


def database(path: Path, script: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.drill").startswith("no such file; ")


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "this is a folder; name the .drill file of a drill"


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.drill"
    path.touch()
    assert refusal(path) == "the file is empty; name the .drill file of a drill"


@pytest.mark.parametrize("size", [1, 15, 100, 4096, 70_000])
def test_a_file_of_another_kind(tmp_path: Path, size: int) -> None:
    path = tmp_path / "thesis.drill"
    path.write_bytes(b"years of work".ljust(size, b"\0")[:size])
    assert refusal(path) == "this is no drill journal; name the .drill file of a drill"


def test_a_journal_that_was_cut_off_while_it_was_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "early.drill"
    path.touch()
    cut_off = build(path)
    said = "this drill was cut off before it began; delete the file and begin the drill anew"
    assert refusal(path) == said
    cut_off.close()  # Without its COMMIT, as a kill leaves it.
    assert refusal(path) == said


def test_a_folder_that_cannot_be_made_is_told_with_its_way_out(tmp_path: Path) -> None:
    (tmp_path / "drills").write_text("a file")
    folder = tmp_path / "drills" / "october"
    with pytest.raises(JournalError) as told:
        make_folder(folder)
    assert str(told.value).startswith(f"{folder}: ")
    assert str(told.value).endswith("; name another place with --out")


def test_a_database_of_another_program(tmp_path: Path) -> None:
    path = database(tmp_path / "books.drill", "CREATE TABLE records (seq INTEGER PRIMARY KEY)")
    assert refusal(path) == "this is no drill journal; name the .drill file of a drill"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes in the file system here")
    path = tmp_path / "pipe.drill"
    os.mkfifo(path)
    assert refusal(path) == "this is no ordinary file; name the .drill file of a drill"


def test_links_in_a_ring(tmp_path: Path) -> None:
    path, other = tmp_path / "a.drill", tmp_path / "b.drill"
    path.symlink_to(other)
    other.symlink_to(path)
    assert refusal(path).startswith("cannot be read (")
    with pytest.raises(JournalError):
        new(path)


@pytest.mark.parametrize("name", ["nul\0.drill", "n" * 300 + ".drill"])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    for use in (*USES, new):
        with pytest.raises(JournalError) as caught:
            use(tmp_path / name)
        assert "\0" not in str(caught.value)


def test_a_name_with_signs_that_mean_something_in_addresses(tmp_path: Path) -> None:
    path = tmp_path / "訓練 100%?mode=memory#1.drill"
    with new(tmp_path / "訓練 100%&mode=memory#1.drill") as journal:
        journal.append([event(1)])
        head = journal.head
    journal.path.rename(path)  # A new journal gets no name with a question mark.
    assert verify(path, expect_head=head).ok
    assert list(tmp_path.glob("*.drill")) == [path]


def test_a_name_that_would_write_on_the_screen(tmp_path: Path) -> None:
    with pytest.raises(JournalError) as caught:
        verify(tmp_path / "x\x1b[2Jy\n.drill")
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_journal_of_a_later_drillsim(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path, 6)
    database(path, "PRAGMA user_version = 3")
    assert refusal(path) == (
        "written by a later drillsim (format 3, this one reads 2); update drillsim"
    )


@pytest.mark.parametrize("bit", [1, 0x80])
def test_a_journal_whose_schema_has_a_wrong_letter(tmp_path: Path, bit: int) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path, 6)
    data = bytearray(path.read_bytes())
    data[data.index(b"CREATE TABLE annex") + 8] ^= bit
    path.write_bytes(data)
    assert refusal(path)


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TRIGGER t AFTER INSERT ON inbox BEGIN DELETE FROM records; END",
        "CREATE VIEW v AS SELECT 1",
        "ALTER TABLE inbox ADD COLUMN x TEXT GENERATED ALWAYS AS (upper(kind))",
        "DROP TABLE annex",
        ENDLESS_RECORDS,
        "PRAGMA user_version = 0",
    ],
)
def test_a_journal_with_a_prepared_schema_is_not_run(tmp_path: Path, script: str) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path, 6)
    database(path, script)
    assert refusal(path) == (
        "its tables are not those of a drill journal; name the .drill file of a drill"
    )


def test_a_copy_without_its_tables(tmp_path: Path) -> None:
    path = database(
        tmp_path / "r5.drill", "PRAGMA application_id = 0x4472536D; PRAGMA user_version = 1; VACUUM"
    )
    assert refusal(path).startswith("the tables are missing, as in a file copied while its drill")


def test_a_schema_that_sqlite_itself_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path, 6)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE ((' "
            "WHERE name = 'mails'"
        )
    assert refusal(path).startswith("the file is damaged (malformed database schema")


def test_a_file_that_another_program_keeps_locked(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path, 6)
    with tampering(path) as other, pytest.MonkeyPatch.context() as patch:
        patch.setattr("drillsim.journal.schema.connect.__kwdefaults__", {"busy_seconds": 0.05})
        other.execute("BEGIN EXCLUSIVE")
        for use in (verify, JournalReader):
            with pytest.raises(JournalBusyError, match="another process has been writing in it"):
                use(path)


def test_an_operator_who_meets_a_suspended_one_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    with new(path), tampering(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalBusyError, match="try again"):
            post_command(path, kind="pause", payload={}, author="x", busy_seconds=0.05)
        other.rollback()
        assert post_command(path, kind="pause", payload={}, author="x", busy_seconds=0.05) == 1


def test_garbage_in_the_inbox_reaches_the_director_as_a_command_it_can_refuse(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r5.drill"
    with new(path) as journal:
        with tampering(path) as other:
            for text in ("{", "[1]", "[" * 100_000):
                other.execute(
                    "INSERT INTO inbox (author, kind, payload, wall) VALUES ('x', 'note', ?, '')",
                    (text,),
                )
        commands = journal.take_commands(0)
        assert [command.payload["malformed"][:3] for command in commands] == ["{", "[1]", "[[["]
        journal.append([command.entry(1) for command in commands])
        assert verify(path).ok


def test_a_journal_that_lies_in_a_folder_that_cannot_be_written_is_readable(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    seal = sealed_drill(folder / "r5.drill", 6)
    folder.chmod(0o500)
    try:
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            pytest.skip("nothing is forbidden to root")
        assert verify(folder / "r5.drill", expect_head=seal.head).ok
    finally:
        folder.chmod(0o700)


def test_a_copy_is_never_written_over_anything(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    sealed_drill(path, 6)
    for target in (path, tmp_path, tmp_path / "no" / "copy.drill"):
        with pytest.raises(JournalError, match=r"exists already|cannot be made"):
            export_copy(path, target)
    assert verify(path).ok
