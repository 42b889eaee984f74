"""`drillsim people fit`: habits from past drills."""

import json
from pathlib import Path

import pytest
import yaml

from drillsim.cli.main import main
from drillsim.drill.scenario import People
from tests.simulation.rehearsing import loaded, rehearse


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("past") / "past.drill"
    rehearse(loaded("r5-terminal-failure"), 3, path)
    return str(path)


def test_it_tells_delays_and_rates_and_what_is_too_little(
    drill: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out_file, plot = tmp_path / "people.yaml", tmp_path / "fit.svg"
    words = ["-o", str(out_file), "--plot", str(plot)]
    assert main(["--lang", "en", "people", "fit", drill, *words]) == 0
    out, err = capsys.readouterr()
    assert "acknowledges" in out
    assert "answers are too little" in err
    people = yaml.load(out_file.read_text(encoding="utf-8"), yaml.BaseLoader)["people"]
    assert People.model_validate(people).acknowledge is not None, "a scenario can have it"
    assert plot.read_bytes().startswith(b"<svg")


def test_json_has_every_kind(drill: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "fit", drill, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {kind["kind"] for kind in data["kinds"]} == {"section", "branch"}
    delay = data["all"]["delays"]["acknowledge"]
    assert delay["seen"] > 0
    assert delay["told_sigma"] >= delay["sigma"]
