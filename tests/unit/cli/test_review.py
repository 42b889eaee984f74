"""`drillsim review` opens what is over, and leaving a control room says what can be done next."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from drillsim.cli.room import tell_what_next
from tests.tui.recorded import journal_until, record, sealed_journal


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    def open_review(path: Path, **options: Any) -> int:
        calls.append((path, options))
        return 0

    monkeypatch.setattr("drillsim.tui.app.open_review", open_review)
    return calls


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


def test_the_review_of_a_drill_that_is_over_opens_in_the_language_in_use(
    opened: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sealed_journal(tmp_path / "a.drill", record())
    on_a_terminal(monkeypatch)
    assert main(["--lang", "ja", "review", str(path)]) == 0
    assert opened == [(path, {"lang": "ja"})]


def test_a_drill_that_goes_on_is_for_watch(
    opened: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = journal_until(tmp_path / "a.drill", record(), timedelta(hours=1))
    on_a_terminal(monkeypatch)
    assert main(["--lang", "en", "review", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"Error: {path}: this drill is not over; drillsim watch shows it\n"
    )
    assert opened == []


def test_without_a_terminal_the_report_is_named(
    opened: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sealed_journal(tmp_path / "a.drill", record())
    assert main(["--lang", "en", "review", str(path)]) == 2
    assert "drillsim report" in capsys.readouterr().err
    assert opened == []


def test_who_leaves_the_control_room_of_an_ended_drill_is_told_of_review_and_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drills").mkdir()
    tell_what_next(sealed_journal(tmp_path / "drills" / "a.drill", record()))
    assert capsys.readouterr().err.splitlines() == [
        f"The drill is kept in {Path('drills') / 'a.drill'}",
        "Look at it again: drillsim review a",
        "Write its report: drillsim report a",
    ]


def test_who_leaves_the_control_room_of_a_running_drill_is_told_of_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tell_what_next(journal_until(tmp_path / "b.drill", record(), timedelta(hours=1)))
    assert capsys.readouterr().err.splitlines() == [
        "The drill is kept in b.drill",
        "It goes on. Watch it: drillsim watch b.drill",
    ]
