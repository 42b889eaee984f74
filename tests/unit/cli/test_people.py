"""`drillsim people fit`: habits from past drills."""

import json
import shutil
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.files.scenario_file import load_scenario
from drillsim.shipped import shipped_dir
from drillsim.world.habits import Town
from tests.simulation.rehearsing import loaded, rehearse


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("past") / "past.drill"
    rehearse(loaded("r5-terminal-failure"), 3, path)
    return str(path)


def test_it_tells_delays_and_rates_and_what_is_too_little_by_kind(
    drill: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--lang", "en", "people", "fit", drill]) == 0
    out, err = capsys.readouterr()
    assert "acknowledges" in out
    assert "section: acknowledges, by then" in out
    assert "█ observed and fitted" in out
    assert "section, acknowledges: " in err
    assert "branch office, acknowledges: " in err
    assert "answers are too little" in err
    assert "all bodies together" in err


def test_what_was_learnt_is_a_preset_file_that_a_scenario_names(
    drill: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for shelf in ("scenarios", "contacts"):
        shutil.copytree(shipped_dir(shelf), tmp_path / shelf)
    (tmp_path / "people").mkdir()
    learnt = tmp_path / "people" / "learnt.yaml"
    assert main(["people", "fit", drill, "-o", str(learnt), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    scenario = tmp_path / "scenarios" / "r5-terminal-failure.yaml"
    text = scenario.read_text(encoding="utf-8")
    named = text.replace("preset: announced-office-hours", "preset: ../people/learnt.yaml")
    assert named != text
    scenario.write_text(named, encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 0
    town = Town(load_scenario(scenario).exercise)
    for kind in told["kinds"]:
        fitted = kind["delays"]["acknowledge"]
        ((_weight, median, sigma),) = town.of_kind(kind["kind"]).acknowledge.parts
        assert median / 1_000 == pytest.approx(fitted["median_seconds"], abs=0.5)
        assert sigma == pytest.approx(fitted["told_sigma"], abs=0.001)
        away = kind["rates"]["away"]["told_rate"]
        assert float(town.of_kind(kind["kind"]).away) == pytest.approx(away, abs=1e-4)


def test_a_rehearsal_forecast_and_journal_go_by_a_preset_file(
    drill: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The drill's file is enough: the preset file may be gone when it is looked at."""
    scenario = tmp_path / "r5-terminal-failure.yaml"
    contacts = shipped_dir("contacts") / "yamaguchi-terminals.yaml"
    text = (shipped_dir("scenarios") / scenario.name).read_text(encoding="utf-8")
    learnt = tmp_path / "learnt.yaml"
    assert main(["people", "fit", drill, "-o", str(learnt)]) == 0
    digests, run = [], Path()
    for preset in ("announced-office-hours", "learnt.yaml"):
        named = text.replace("preset: announced-office-hours", f"preset: {preset}")
        scenario.write_text(named, encoding="utf-8")
        run = tmp_path / f"{preset}.drill"
        options = ["--contacts", str(contacts), "--seed", "3"]
        capsys.readouterr()
        assert (
            main(["run", str(scenario), *options, "--headless", "--json", "--out", str(run)]) == 0
        )
        digests.append(json.loads(capsys.readouterr().out)["digest"])
        assert main(["forecast", str(scenario), *options, "--runs", "20", "--json"]) == 0
        digests.append(json.loads(capsys.readouterr().out)["digest"])
    assert len(set(digests)) == 4
    learnt.unlink()
    page = tmp_path / "report.md"
    assert main(["--lang", "en", "report", str(run), "-o", str(page)]) == 0
    assert "preset Learnt from 1 drill" in page.read_text(encoding="utf-8") or (
        "過去の訓練1回" in page.read_text(encoding="utf-8")
    )
    assert main(["people", "fit", str(run)]) == 0


@pytest.mark.parametrize("suffix", ["html", "svg", "png"])
def test_the_fit_is_drawn(
    drill: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str
) -> None:
    plot = tmp_path / f"fit.{suffix}"
    assert main(["--lang", "en", "people", "fit", drill, "--plot", str(plot)]) == 0
    data = plot.read_bytes()
    assert data.startswith({"html": b"<!doctype html>", "svg": b"<svg", "png": b"\x89PNG"}[suffix])
    if suffix != "png":
        assert "section: acknowledges" in data.decode()


@pytest.mark.parametrize(("option", "name"), [("--plot", "fit.pdf"), ("-o", "people.txt")])
def test_another_suffix_is_wrong_use(
    drill: str, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    assert main(["--lang", "en", "people", "fit", drill, option, name]) == 2
    assert name in capsys.readouterr().err


def test_json_has_every_kind(drill: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "fit", drill, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {kind["kind"] for kind in data["kinds"]} == {"section", "branch"}
    delay = data["all"]["delays"]["acknowledge"]
    assert delay["seen"] > 0
    assert delay["told_sigma"] >= delay["sigma"]
