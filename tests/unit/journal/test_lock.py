"""One director per drill, as the operating system sees to it."""

from pathlib import Path

import pytest

from drillsim.journal import Journal, JournalBusyError, JournalError, JournalReader, verify
from drillsim.journal.lock import DirectorLock, is_held
from tests.unit.journal.sample import event, new, start

HOLD = """
import sys
from pathlib import Path
from drillsim.journal import Journal
journal = Journal.open(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_director_is_refused_and_told_who_is_first(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    new(path).close()
    with start(HOLD, path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(JournalBusyError, match=rf"director .*process {holder.pid}\); follow"):
            Journal.open(path)
        assert JournalReader(path).count == 0
        assert verify(path).ok
        assert is_held(path)
        holder.kill()
        holder.wait(10)
        assert not is_held(path), "a killed director holds nothing"
        assert path.with_name("r5.drill.lock").exists()
        with Journal.open(path) as journal:
            journal.append([event(1)])
    assert list(tmp_path.iterdir()) == [path]


def test_a_second_director_in_the_same_process_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    with new(path):
        with pytest.raises(JournalBusyError):
            Journal.open(path)
        with pytest.raises(JournalBusyError):
            new(path)
    Journal.open(path).close()


def test_another_name_of_the_same_file_has_the_same_lock(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    link = tmp_path / "latest.drill"
    with new(path):
        link.symlink_to(path)
        with pytest.raises(JournalBusyError):
            Journal.open(link)


def test_a_lock_file_that_was_taken_away_meanwhile_is_not_relied_on(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    first = DirectorLock(path)
    first.path.unlink()
    second = DirectorLock(path)  # Nobody else can hold the file that has the name now.
    with pytest.raises(JournalBusyError):
        DirectorLock(path)
    second.release()
    second.release()
    first.release()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_follows_no_link_that_lies_in_its_place(tmp_path: Path) -> None:
    victim = tmp_path / "thesis.txt"
    victim.write_text("years of work")
    (tmp_path / "r5.drill.lock").symlink_to(victim)
    with pytest.raises(JournalError, match=r"r5\.drill\.lock: cannot be made"):
        new(tmp_path / "r5.drill")
    assert victim.read_text() == "years of work"


def test_what_is_no_journal_gets_no_lock_file_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "thesis.txt"
    path.write_text("years of work")
    with pytest.raises(JournalError):
        Journal.open(path)
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_asks_for_a_director_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    assert not is_held(path)
    lock = DirectorLock(path)
    assert is_held(path)
    lock.release()
    assert not is_held(path)
    assert list(tmp_path.iterdir()) == []


def test_a_director_that_starts_while_somebody_asks_is_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr("drillsim.journal.lock._try_lock", lambda _descriptor: next(answers))
    monkeypatch.setattr("drillsim.journal.lock._TRY_SECONDS", 0)
    DirectorLock(tmp_path / "r5.drill").release()
    assert next(answers, "none left") == "none left"


def test_a_lock_that_is_no_file_of_ours_counts_as_held(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    path.with_name("r5.drill.lock").symlink_to(tmp_path / "elsewhere")
    assert is_held(path)
