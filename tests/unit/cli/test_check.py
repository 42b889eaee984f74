import json
import shutil
from pathlib import Path

import pytest

from drillsim.cli.main import main
from drillsim.shipped import shipped_dir

BAD = Path(__file__).parents[2] / "data" / "bad"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_the_shipped_files_have_no_problems(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr()
    count = sum(len(list(shipped_dir(s).glob("*.yaml"))) for s in ("scenarios", "contacts"))
    assert said.out == ""
    assert said.err == f"{count} files checked: no problems\n"


@pytest.mark.usefixtures("folder")
def test_bare_names_are_shipped_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "r5-virus-suspicion", "yamaguchi"]) == 0
    assert capsys.readouterr().err == "2 files checked: no problems\n"


def test_errors_exit_1_and_warnings_alone_0(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("good-tree", "scenario-start-at-noon", "scenario-unknown-phase"):
        shutil.copy(BAD / f"{name}.yaml", folder)
    assert main(["check", "scenario-start-at-noon.yaml"]) == 0
    said = capsys.readouterr()
    assert said.out.count(": warning: ") == 1
    assert said.err == "1 file checked: 0 errors, 1 warning\n"
    assert main(["check", "scenario-start-at-noon.yaml", "scenario-unknown-phase.yaml"]) == 1
    said = capsys.readouterr()
    assert [line.split(":")[0] for line in said.out.splitlines()] == [
        "scenario-start-at-noon.yaml",
        "scenario-unknown-phase.yaml",
    ]
    assert said.err == "2 files checked: 1 error, 1 warning\n"


def test_a_file_that_cannot_be_had_exits_2_and_the_others_are_checked_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(BAD / "tree-bad-check-digit.yaml", folder)
    assert main(["check", "none.yaml", "tree-bad-check-digit.yaml"]) == 2
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "none.yaml",
        "tree-bad-check-digit.yaml",
    ]


def test_json_gives_files_and_problems(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(BAD / "tree-bad-check-digit.yaml", folder)
    assert main(["check", "--json", "tree-bad-check-digit.yaml"]) == 1
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out) == {
        "files": [{"path": "tree-bad-check-digit.yaml", "kind": "contacts"}],
        "errors": 1,
        "warnings": 0,
        "problems": [
            {
                "path": "tree-bad-check-digit.yaml",
                "line": 19,
                "column": 11,
                "severity": "error",
                "message": "code 352013 fails its check digit",
                "remedy": "write 352012",
            }
        ],
    }


def test_the_summary_is_in_japanese_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(BAD / "tree-bad-check-digit.yaml", folder)
    assert main(["check", "--lang", "ja", "tree-bad-check-digit.yaml"]) == 1
    assert capsys.readouterr().err == "1件のファイルを調べました：誤り1件、注意0件\n"


def test_a_file_name_with_escapes_reaches_no_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "\x1b[31mred.yaml"
    (folder / name).write_text("x: y\n")
    assert main(["check", name]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_two_scenarios_of_one_id_are_told_apart_by_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("good-tree", "good-scenario"):
        shutil.copy(BAD / f"{name}.yaml", folder)
    shutil.copy(folder / "good-scenario.yaml", folder / "good-scenario-2.yaml")
    assert main(["check", "good-scenario.yaml", "good-scenario-2.yaml"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "good-scenario-2.yaml:2:5: warning: the scenario good-scenario.yaml has "
    )
    assert main(["check", "good-scenario-2.yaml"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("r5-virus", "r5-virus-suspicion"),
        ("r5-virus-suspcion.yaml", "r5-virus-suspicion.yaml"),
        ("scenarios/owm.yaml", "scenarios/own.yaml"),
        ("yamagutchi", "yamaguchi"),
    ],
)
def test_a_file_that_is_not_there_is_asked_for_by_a_name_like_it(
    written: str, meant: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "own.yaml").touch()
    assert main(["check", written]) == 2
    assert capsys.readouterr().out == (
        f"{written}:1:1: there is no such file; did you mean {meant}?\n"
    )


def test_a_scenario_named_where_a_contact_tree_is_wanted_is_one_problem(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("good-tree", "good-scenario"):
        shutil.copy(BAD / f"{name}.yaml", folder)
    remedy = "name a file with format: drillsim-contacts/1"
    assert main(["contacts", "show", "good-scenario.yaml"]) in (1, 2)
    said = capsys.readouterr()
    assert said.err == f"good-scenario.yaml:1:9: this file is a scenario; {remedy}\n"
