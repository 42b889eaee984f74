"""`drillsim watch` opens the control room on a terminal, and says what to do without one."""

import sys
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from drillsim.i18n import language


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    def open_run_screen(path: Path, **options: Any) -> int:
        calls.append((path, options))
        return 0

    monkeypatch.setattr("drillsim.tui.app.open_run_screen", open_run_screen)
    return calls


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *, stdin: bool = True) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: stdin, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)


@pytest.mark.parametrize("has_input", [True, False])
def test_without_a_terminal_status_is_named(
    has_input: bool,
    opened: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not has_input:
        on_a_terminal(monkeypatch, stdin=False)
    assert main(["--lang", "en", "watch", "r5"]) == 2
    line = "Error: the control room needs a terminal; drillsim status tells where a drill stands\n"
    assert capsys.readouterr() == ("", line)
    assert opened == []


def test_the_control_room_opens_on_the_drill_in_the_language_in_use(
    opened: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r5.drill"
    path.touch()
    on_a_terminal(monkeypatch)
    assert main(["--lang", "ja", "watch", str(path), "--as", "防府 次郎"]) == 0
    assert opened == [(path, {"lang": "ja", "author": "防府 次郎"})]
    assert language() == "ja"


def test_no_drill_at_all_is_told(
    opened: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    on_a_terminal(monkeypatch)
    assert main(["--lang", "en", "watch"]) == 2
    assert capsys.readouterr().err == (
        "Error: drills: no drill here yet; begin one with `drillsim run`\n"
    )
    assert opened == []
