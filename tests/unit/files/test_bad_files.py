"""Each broken file below tests/data/bad ends with the lines that `check` must print for it.

They stand in comments, the English ones as they are, the Japanese ones after `ja:`.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drillsim.cli.main import main

BAD = Path(__file__).parents[2] / "data" / "bad"
FILES = sorted(path for path in BAD.glob("*.yaml") if not path.name.startswith("good-"))
UNREADABLE = {"yaml-not-utf8.yaml"}


def expected(path: Path, language: str) -> list[str]:
    """Return the lines in the comments at the end of a file, of one language."""
    lines = path.read_bytes().decode("utf-8", "replace").split("\n")
    found = []
    for line in reversed(lines[:-1]):
        if not line.startswith("# "):
            break
        found.append(line[2:])
    in_japanese = [line.removeprefix("ja: ") for line in found if line.startswith("ja: ")]
    in_english = [line for line in found if not line.startswith("ja: ")]
    return (in_japanese if language == "ja" else in_english)[::-1]


def exit_code(lines: list[str], name: str) -> int:
    if name in UNREADABLE:
        return 2
    return 0 if all(": warning: " in line or ": 注意: " in line for line in lines) else 1


@pytest.fixture(autouse=True)
def in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_check_prints_exactly_the_lines_at_the_end_of_the_file(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = expected(path, "en")
    began = time.process_time()
    code = main(["check", "--lang", "en", path.name])
    took = time.process_time() - began
    assert capsys.readouterr().out.splitlines() == lines
    assert lines
    assert code == exit_code(lines, path.name)
    assert took < 2.0  # Some hundredths, where the machine does nothing else.


@pytest.mark.parametrize(
    "path", [path for path in FILES if expected(path, "ja")], ids=lambda path: path.stem
)
def test_check_says_it_in_japanese(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = expected(path, "ja")
    code = main(["check", "--lang", "ja", path.name])
    assert capsys.readouterr().out.splitlines() == lines
    assert code == exit_code(lines, path.name)


def test_there_are_enough_broken_files() -> None:
    assert len(FILES) >= 150
    assert sum(bool(expected(path, "ja")) for path in FILES) >= 20


def test_the_files_that_they_are_made_from_are_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "good-scenario.yaml", "good-tree.yaml", "good-people.yaml"]) == 0
    assert capsys.readouterr().out == ""


def test_a_process_of_its_own_prints_the_same_and_loads_no_screen() -> None:
    code = "import sys; from drillsim.cli.main import main; code = main(); "
    code += "print(*sorted(m for m in sys.modules if m in HEAVY), file=sys.stderr); sys.exit(code)"
    code = f"HEAVY = {{'textual', 'aiosmtpd', 'aiosmtplib', 'sqlite3', 'asyncio'}}; {code}"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", "tree-bad-check-digit.yaml", "no-such-file.yaml"],
        env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [
        *expected(BAD / "tree-bad-check-digit.yaml", "en"),
        "no-such-file.yaml:1:1: there is no such file; write the path of a file that exists",
    ]
    assert done.stderr.splitlines()[-1] == ""
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
