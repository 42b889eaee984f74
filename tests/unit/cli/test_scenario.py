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


def test_a_new_scenario_is_for_the_contact_tree_that_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["contacts", "new", "--prefecture", "310000", "-o", "own.yaml"])
    main(["init", "."])
    capsys.readouterr()
    title = "山口県の訓練"  # What a user types stays.
    new = ["scenario", "new", "first", "--contacts", "own.yaml", "--title", title]
    assert main(["--lang", "en", *new]) == 0
    out, err = capsys.readouterr()
    assert out == "written: scenarios/first.yaml\n"
    assert "in place of 田布施町 住民課: 米子市 住基ネット担当課\n" in err
    text = (folder / "scenarios" / "first.yaml").read_text(encoding="utf-8")
    old = (folder / "scenarios" / "r5-virus-suspicion.yaml").read_text(encoding="utf-8")
    lines = zip(old.splitlines(), text.splitlines(), strict=True)
    assert [new[:36] for old, new in lines if old != new] == [
        "id: first",
        'title: "山口県の訓練"',
        "contacts: ../own.yaml",
        "#   participants: {default: all, exc",
        '    from: "310000"',
        '    "312011": {absent: [1]}       # ',
        '  - {node: "312029", kind: unknown-a',
        '  - {node: "312037", kind: defer, fr',
    ]
    assert "# 倉吉市のメールサーバが30分間、受信を保留" in text
    assert main(["check", "scenarios/first.yaml"]) == 0
    assert "no problems" in capsys.readouterr().err
    run = ["run", "scenarios/first.yaml", "--headless", "--seed", "7", "--json"]
    assert main([*run, "--out", "first.drill"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["scenario"], found["nodes"], found["participants"]) == ("first", 21, 20)


def test_a_tree_that_lacks_a_sender_or_has_errors_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["contacts", "new", "--prefecture", "310000", "-o", "own.yaml"])
    new = ["--lang", "en", "scenario", "new", "first", "--contacts"]
    capsys.readouterr()
    assert main([*new, "own.yaml", "--from", "r5-terminal-failure"]) == 2
    assert "has no section to take the place of 税務課" in capsys.readouterr().err
    assert main([*new, "none.yaml"]) == 2
    text = (folder / "own.yaml").read_text(encoding="utf-8")
    (folder / "own.yaml").write_text(text.replace("kind: prefecture", "kind: county"))
    assert main([*new, "own.yaml"]) == 2
    assert not (folder / "scenarios").exists()


def test_what_is_still_wrong_on_the_new_tree_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["contacts", "new", "--prefecture", "310000", "-o", "own.yaml"])
    text = (shipped_dir("scenarios") / "r5-virus-suspicion.yaml").read_text(encoding="utf-8")
    main(["init", "."])
    text = text.replace("to: {kind: municipality}", "to: {kind: branch}", 1)
    terminals = (folder / "contacts" / "yamaguchi.yaml").read_text(encoding="utf-8")
    branch = (
        '  - {id: branch, name: 架空出張所, kind: branch, parent: "350001", '
        "officers: [{name: 架空, email: a@x.example}]}\n"
    )
    (folder / "contacts" / "yamaguchi.yaml").write_text(terminals + branch, encoding="utf-8")
    (folder / "scenarios" / "mine.yaml").write_text(text, encoding="utf-8")
    assert main(["check", "scenarios/mine.yaml"]) == 0
    capsys.readouterr()
    new = ["scenario", "new", "first", "--from", "mine", "--contacts", "own.yaml"]
    assert main(["--lang", "en", *new]) == 1
    assert "own.yaml has no node of the kind branch" in capsys.readouterr().err
    assert (folder / "scenarios" / "first.yaml").exists()


@pytest.mark.parametrize("name", ["../x", "nul", "My Drill", "", "a" * 65])
def test_a_new_id_must_be_one(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenario", "new", name]) == 2
    assert "is no id" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
