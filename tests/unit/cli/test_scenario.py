import json
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.drill.machines import TRANSITIONS, NoticeState
from drillsim.drill.scenario import Scenario
from drillsim.files.scenario_file import read_scenario
from drillsim.shipped import shipped_dir

SHIPPED = sorted(path.stem for path in shipped_dir("scenarios").glob("*.yaml"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scenario(name: str) -> Scenario:
    path = shipped_dir("scenarios") / f"{name}.yaml"
    return read_scenario(path.read_bytes(), name)[1]


def test_the_shipped_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    assert [line.split()[0] for line in lines] == SHIPPED
    assert scenario(SHIPPED[0]).title in lines[0]


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["scenarios"]
    assert [row["id"] for row in rows] == SHIPPED
    row = next(row for row in rows if row["id"] == "r5-virus-suspicion")
    assert row["start"] == "2026-10-14T10:00:00+09:00"
    assert row["window"] == "4h"


def test_a_scenario_with_errors_is_listed_as_such(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "mine.yaml").write_text("format: drillsim-scenario/1\n")
    assert main(["scenario", "list"]) == 1
    *_head, line = capsys.readouterr().out.splitlines()
    assert line.split(maxsplit=1) == ["mine", "has errors: drillsim check scenarios/mine.yaml"]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_can_be_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "show", name]) == 0
    shown = capsys.readouterr().out
    model = scenario(name)
    assert model.title in shown
    assert all(inject.id in shown for inject in model.injects)
    assert all(phase in shown for phase in model.phases.states)


def test_a_scenario_as_json_can_be_read_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "show", "r5-virus-suspicion", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["nodes"] == 21
    assert shown["reach"]["first-report"] == 20
    assert shown["window_ends"] == "2026-10-14T14:00:00+09:00"
    assert Scenario.model_validate(shown["scenario"]) == scenario("r5-virus-suspicion")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_phase_and_every_way_is_drawn(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "diagram", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    states = scenario(name).phases.states
    assert lines[0] == "stateDiagram-v2"
    assert sum(line.strip().startswith("state ") for line in lines) == len(states)
    ways = sum(len(state.next) for state in states.values())
    finals = sum(state.final for state in states.values())
    assert sum(" --> " in line for line in lines) == 1 + ways + finals


def test_the_machine_of_a_notice_is_drawn_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "diagram", "--notice"]) == 0
    drawn = capsys.readouterr().out
    for state in NoticeState:
        assert f'state "{state.value}" as ' in drawn
    for move in TRANSITIONS:
        source, dest = (move[key].replace("-", "_") for key in ("source", "dest"))
        trigger = move["trigger"].replace("_", "-")
        arrows = [line for line in drawn.splitlines() if f" {source} --> {dest}:" in line]
        assert len(arrows) == 1
        assert trigger in arrows[0].split(": ")[1].split(", ")


def test_a_title_cannot_break_the_diagram(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (shipped_dir("scenarios") / "r5-virus-suspicion.yaml").read_text(encoding="utf-8")
    bad = "title: 'a\"; end --> [*] {x} #1;<b>'"
    (folder / "s.yaml").write_text(text.replace("title: 点検", bad), encoding="utf-8")
    assert main(["scenario", "diagram", "s.yaml"]) == 2  # Its contact tree is not there.
    main(["init", "."])
    (folder / "scenarios" / "s.yaml").write_text(text.replace("title: 点検", bad), encoding="utf-8")
    capsys.readouterr()
    assert main(["scenario", "diagram", "scenarios/s.yaml"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if " as s1" in line)
    assert line.count('"') == 2
    assert "-->" not in line
    assert "<b>" not in line


def test_a_diagram_needs_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "diagram"]) == 2
    assert "no scenario is named; name one, or write --notice" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["--contacts"]])
def test_the_schema_is_printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "schema", *words]) == 0
    kind = "contacts" if words else "scenario"
    file = shipped_dir("schemas") / f"{kind}.schema.json"
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")


def test_a_new_scenario_differs_in_id_and_title_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["init", "."])
    assert main(["scenario", "new", "my-drill", "--title", '訓練: "春" #1']) == 0
    old = (folder / "scenarios" / "r5-virus-suspicion.yaml").read_text(encoding="utf-8")
    new = (folder / "scenarios" / "my-drill.yaml").read_text(encoding="utf-8")
    changed = [(a, b) for a, b in zip(old.splitlines(), new.splitlines(), strict=True) if a != b]
    assert [b for _a, b in changed] == ["id: my-drill", 'title: "訓練: \\"春\\" #1"']
    capsys.readouterr()
    assert main(["check", "scenarios/my-drill.yaml"]) == 0
    assert main(["scenario", "new", "my-drill"]) == 2
    assert "scenarios/my-drill.yaml is there already" in capsys.readouterr().err.replace("\\", "/")


@pytest.mark.parametrize("name", ["../x", "nul", "My Drill", "", "a" * 65])
def test_a_new_id_must_be_one(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "new", name]) == 2
    assert "is no id" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
