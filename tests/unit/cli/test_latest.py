"""Commands on a drill mean the newest one where none is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from drillsim.cli.main import main
from tests.tui import recorded


@pytest.mark.parametrize("command", ["status", "score", "verify"])
def test_the_newest_drill_is_meant_without_a_name_and_by_latest(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    recorded.sealed_journal(tmp_path / "drills" / "only.drill", recorded.record())
    said = []
    for words in ([], ["latest"], ["only"]):
        assert main(["--lang", "en", command, *words]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2] != ""


def test_a_drill_that_was_cut_off_is_resumed_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    path = tmp_path / "drills" / "only.drill"
    recorded.journal_until(path, recorded.record(), timedelta(minutes=5))
    opened: list[Path] = []

    def reopen(path: Path) -> None:
        opened.append(path)
        raise KeyboardInterrupt

    monkeypatch.setattr("drillsim.conduct.rehearsal.reopen", reopen)
    assert main(["--lang", "en", "resume"]) == 130
    assert opened == [Path("drills/only.drill")]
