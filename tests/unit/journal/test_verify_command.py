"""`drillsim verify`, as users and scripts call it."""

import hashlib
import json
from pathlib import Path

import pytest

from drillsim.cli import main as entry
from drillsim.cli.main import main
from drillsim.journal import Seal
from tests.unit.journal.sample import event, new, sealed_drill, tampering


@pytest.fixture(autouse=True)
def in_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr(entry, "COMMANDS", {"verify": ("drillsim.cli.verify:command", "Check.")})
    (tmp_path / "drills").mkdir()


@pytest.fixture
def seal() -> Seal:
    return sealed_drill(Path("drills/r5.drill"), 16)


def test_a_whole_drill_is_said_to_be_so(seal: Seal, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "drills/r5.drill", "--expect", seal.head]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "drills/r5.drill: whole, sealed",
        "records: 16",
        "mails: 3",
        "commands: 1",
        "additions after the end: 0",
        f"head: {seal.head}",
        f"digest: {seal.digest}",
    ]
    assert err == ""


def test_a_drill_can_be_named_by_its_id(seal: Seal, capsys: pytest.CaptureFixture[str]) -> None:
    data = Path("drills/r5.drill").read_bytes()
    wanted = hashlib.sha256(data).hexdigest()
    assert main(["verify", "r5", "--json", "--expect-file", wanted]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["sealed"], found["head"]) == (True, True, seal.head)
    assert found["faults"] == []


def test_the_first_bad_record_stands_in_the_first_line(
    seal: Seal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert seal.count == 16
    with tampering(Path("drills/r5.drill")) as other:
        other.execute("UPDATE records SET at_ms = 1 WHERE seq = 9")
        other.execute("UPDATE mails SET raw = x'00'")
    assert main(["verify", "r5"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "drills/r5.drill: record 9 is not what was written"
    assert "records: 8" in lines
    assert main(["verify", "r5", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["first_bad"] == 9
    assert found["faults"][0]["place"] == "record"
    assert found["faults"][1]["place"] == "mail"


def test_a_long_list_of_faults_is_cut(seal: Seal, capsys: pytest.CaptureFixture[str]) -> None:
    assert seal.whole
    with tampering(Path("drills/r5.drill")) as other:
        for number in range(30):
            other.execute("INSERT INTO files VALUES (?, x'00')", (f"{number}\x1b[2J.yaml",))
    assert main(["verify", "r5"]) == 1
    out = capsys.readouterr().out
    assert "drills/r5.drill: 10 more faults" in out
    assert "\x1b" not in out


def test_a_running_drill_is_whole_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    with new(Path("drills/r6.drill")) as journal:
        journal.append([event(1)])
        assert main(["verify", "r6"]) == 0
        out, err = capsys.readouterr()
        assert out.startswith("drills/r6.drill: whole so far, not sealed\nrecords: 1\n")
        assert "its end is missing" in err
        assert main(["verify", "r6", "--expect", journal.head]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["gone"], "Error: gone: no such file; `drillsim drills` lists the drills"),
        (["drills"], "Error: drills: this is a folder; name the .drill file of a drill"),
        (["r5", "--expect", "123"], "Error: 123 is no SHA-256; give its 64 digits 0-9, a-f"),
    ],
)
def test_wrong_use_ends_in_one_line(
    seal: Seal, capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert seal.whole
    assert main(["verify", *words]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"{line}\n")
