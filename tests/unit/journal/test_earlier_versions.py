"""Journals of earlier versions stay readable; `tools/make_kept_journal.py` keeps one of each."""

import json
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.journal import JournalReader, verify
from tests.unit.journal.kept import shown

KEPT = sorted((Path(__file__).parents[2] / "data" / "journals").glob("*.drill"))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_journal_of_an_earlier_version_shows_the_same_board(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    verdict = verify(path, expect_head=expected["head"])
    assert verdict.faults == []
    assert verdict.is_sealed
    with JournalReader(path) as reader:
        found = json.loads(json.dumps(shown(reader)))
    assert found == expected


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
@pytest.mark.parametrize("words", ["status", "score", "verify"])
def test_every_command_reads_it(path: Path, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", words, str(path), "--json"]) in (0, 1)
    said = capsys.readouterr()
    assert json.loads(said.out)
    assert "Traceback" not in said.err


def test_there_is_one_and_much_happens_in_it() -> None:
    kept = [json.loads(path.with_suffix(".json").read_text("utf-8")) for path in KEPT]
    assert len({kind for each in kept for kind in each["kinds"]}) >= 20
