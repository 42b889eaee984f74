"""`drillsim forecast`: what to expect of a drill."""

import json
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.forecast.draws import seed_of_run
from tests.simulation.drills import SCENARIOS

SCENARIO = str(SCENARIOS / "r5-terminal-failure.yaml")
FEW = ["--runs", "60", "--seed", "7", "--score-runs", "2"]


def test_it_tells_marks_shares_and_weak_posts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "forecast", SCENARIO, *FEW]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "60 rehearsals with seed 7, computed without any mail." in out
    assert "When they have answered" in out
    assert "█ in 95 % of the rehearsals" in out
    assert "Which posts hold the others up" in out
    assert "Expected score" in out


def test_lines_fit_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["--lang", "en", "forecast", SCENARIO, *FEW]) == 0
    curve = [line for line in capsys.readouterr().out.splitlines() if "│" in line or "└" in line]
    assert curve
    assert max(map(len, curve)) <= 60


def test_json_has_the_digest_and_names_every_tier(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", SCENARIO, *FEW, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["runs"] == 60
    assert len(data["digest"]) == 64
    assert {tier["inject"] for tier in data["tiers"]} >= {"failure", "recovered"}
    assert data["by_kernel"]["runs"] == 0
    assert 0 < data["score"]["mean"] <= 100


def test_the_seed_of_a_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forecast", SCENARIO, "--seed", "7", "--run-seed", "3"]) == 0
    assert capsys.readouterr().out == f"{seed_of_run(7, 3)}\n"


@pytest.mark.parametrize(
    ("suffix", "begins"), [(".html", b"<!doctype html>"), (".png", b"\x89PNG"), (".svg", b"<svg")]
)
def test_it_is_written_to_a_file(suffix: str, begins: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"forecast{suffix}"
    assert main(["--lang", "ja", "forecast", SCENARIO, *FEW, "-o", str(path)]) == 0
    data = path.read_bytes()
    assert data.startswith(begins)
    assert b"http://" not in data.replace(b"http://www.w3.org", b"")


def test_another_suffix_is_wrong_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--lang", "en", "forecast", SCENARIO, "-o", str(tmp_path / "f.pdf")]) == 2
    assert "a forecast is written as" in capsys.readouterr().err


def test_improvements_are_ranked_and_lead_to_the_contact_tree(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [*FEW, "--improve", "--percent", "50", "--json"]
    assert main(["forecast", SCENARIO, *words]) == 0
    found = json.loads(capsys.readouterr().out)["improve"]
    saved = [one["saved_seconds"] for one in found["improvements"]]
    assert saved == sorted(saved, reverse=True)
    assert saved[0] > 0
    name, _, line = found["improvements"][0]["where"].rpartition(":")
    text = (SCENARIOS / ".." / "contacts" / Path(name).name).read_text(encoding="utf-8")
    assert found["improvements"][0]["node"] in text.splitlines()[int(line) - 1]
