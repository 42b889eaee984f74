"""New files have names that every machine can hold."""

import os
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.filenames import fault_of_name
from drillsim.journal import Journal, JournalError

BAD = [
    "", " ", ".", "..", "a\nb.drill", "\x1b[2Jz.drill", "a\x00b", "gnp\u202elird.drill",
    "C:\\x.drill", "c:x", "a?b", 'a"b', "a|b", "a*b", "<a>", "x.drill ", "x.", "con", "NUL.drill",
    "com1.drill", "lpt¹.txt", "a" * 256, "訓" * 86,
]  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_some_machine_cannot_hold_is_told_in_one_line(name: str) -> None:
    fault = fault_of_name(name)
    assert fault
    assert len(fault.splitlines()) == 1
    assert fault.isprintable()


@pytest.mark.parametrize(
    "name", ["r5.drill", "訓練 令和８年.drill", ".hidden", "a'b&c;d.drill", "訓" * 85]
)
def test_other_names_are_left_to_the_user(name: str) -> None:
    assert fault_of_name(name) is None


@pytest.mark.parametrize("name", ["con.drill", "a\nb.drill", "a" * 300 + ".drill", "x:y.drill"])
def test_no_journal_is_laid_out_under_such_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(JournalError) as refusal:
        Journal.create(tmp_path / name, meta={}, files={}, durable=False)
    assert len(str(refusal.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="no such rights there")
def test_a_drill_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "r5.drill"
    old = os.umask(0)
    try:
        Journal.create(path, meta={}, files={}, durable=False).close()
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "out",
    ["con.drill", "a\nb.drill", "x\x00.drill", "C:\\drills\\x.drill", "a" * 300, "link.drill", "."],
)
def test_a_hostile_place_for_a_drill_is_wrong_use(
    out: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("link.drill").symlink_to(tmp_path / "elsewhere.drill")
    words = ["run", "r5-terminal-failure", "--seed", "1", "--speed", "max", "--headless"]
    assert main(["--lang", "en", *words, "--out", out]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert not Path("elsewhere.drill").exists()
