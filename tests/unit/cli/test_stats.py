"""`drillsim stats`: drills that were run, or seeds of a scenario."""

import json
from pathlib import Path
from typing import Any

import pytest

from drillsim.cli.main import main
from drillsim.cli.summary import evaluated
from drillsim.journal import JournalReader
from tests.tui import recorded


def said(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> tuple[str, str]:
    assert main(["--lang", "en", "stats", *map(str, words)]) == code
    return capsys.readouterr()


def data(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, *words, "--json")[0])
    return found


@pytest.fixture(scope="module")
def drills(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drills")
    return [
        recorded.sealed_journal(folder / f"{seed}.drill", recorded.record(seed=seed))
        for seed in (1, 2)
    ]


def test_drills_and_seeds_give_the_same(
    drills: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    of_drills = data(capsys, *drills)
    of_seeds = data(capsys, "r5-virus-suspicion", "--seeds", "2")
    assert of_seeds.pop("seeds") == {"from": 1, "to": 2}
    assert of_drills.pop("seeds") is None
    assert of_drills == of_seeds
    scores = []
    for path in drills:
        with JournalReader(path) as reader:
            scores.append(evaluated(reader).score.total.score)
    assert of_drills["score"]["0%"] == min(scores)  # type: ignore[type-var]
    assert of_drills["score"]["100%"] == max(scores)  # type: ignore[type-var]


def test_it_shows_marks_and_who_was_on_the_critical_path(
    drills: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out, _err = said(capsys, *drills)
    assert "2 drills" in out
    assert "last answer" in out
    line = next(line for line in out.splitlines() if line.startswith("山口県 市町課"))
    assert "100.0 %" in line
    assert "--all" not in out  # Twenty bodies: all are shown.


def test_wrong_use_is_told(drills: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert "goes with one scenario" in said(capsys, "a", "b", "--seeds", "2", code=2)[1]
    assert "goes with one scenario" in said(capsys, drills[0], "--seeds", "2", code=2)[1]
    assert "say how many" in said(capsys, "r5-virus-suspicion", code=2)[1]
    assert "--contacts goes with" in said(capsys, drills[0], "--contacts", "x", code=2)[1]


def test_drills_of_two_scenarios_are_not_mixed(
    drills: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = recorded.sealed_journal(
        tmp_path / "other.drill", recorded.record("r5-terminal-failure")
    )
    err = said(capsys, drills[0], other, code=2)[1]
    assert "name drills of one scenario" in err
