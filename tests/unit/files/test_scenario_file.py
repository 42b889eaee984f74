import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from drillsim.files.checking import check_paths
from drillsim.files.scenario_file import CONTACTS, SCENARIO, load_scenario, load_stored
from drillsim.files.tree_file import load_tree
from drillsim.files.yaml_reader import UnreadableError
from drillsim.problem import ProblemsError
from drillsim.shipped import shipped_dir

BAD = Path(__file__).parents[2] / "data" / "bad"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(BAD / "good-scenario.yaml", tmp_path / "s.yaml")
    shutil.copy(BAD / "good-tree.yaml", tmp_path / "good-tree.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_scenario_comes_with_tree_calendar_and_the_bytes_of_its_files(folder: Path) -> None:
    loaded = load_scenario("s.yaml")
    assert loaded.scenario.id == "small"
    assert [node.id for node in loaded.tree.nodes] == ["jlis", "350001", "352012", "352021"]
    assert loaded.calendar.is_open(timedelta(0))
    assert loaded.files == {
        SCENARIO: (folder / "s.yaml").read_bytes(),
        CONTACTS: (folder / "good-tree.yaml").read_bytes(),
    }
    assert loaded.problems == ()
    assert loaded.path == Path("s.yaml")
    assert loaded.contacts_path == Path("good-tree.yaml")
    assert loaded.exercise.start_ex == datetime.fromisoformat("2026-10-14T10:00+09:00")
    assert loaded.exercise.window_at == timedelta(hours=4)


def test_what_a_journal_keeps_gives_the_same_drill_again(folder: Path) -> None:
    loaded = load_scenario("s.yaml")
    again = load_stored(loaded.files)
    assert again.scenario == loaded.scenario
    assert again.tree == loaded.tree
    assert again.calendar == loaded.calendar
    assert again.path is None


def test_an_old_journal_is_read_whatever_check_finds_today(folder: Path) -> None:
    files = load_scenario("s.yaml").files
    changed = files[SCENARIO].replace("で障害が".encode(), "は訓練ではありません。".encode())
    again = load_stored({SCENARIO: changed, CONTACTS: files[CONTACTS]})
    assert again.scenario.id == "small"
    assert again.problems == ()


def test_another_contact_tree_may_be_given(folder: Path) -> None:
    (folder / "good-tree.yaml").rename(folder / "other.yaml")
    assert load_scenario("s.yaml", contacts="other.yaml").contacts_path == Path("other.yaml")
    with pytest.raises(UnreadableError, match=r"none\.yaml:1:1: there is no such file"):
        load_scenario("s.yaml", contacts="none.yaml")


def test_warnings_come_with_the_drill_and_errors_with_all_warnings(folder: Path) -> None:
    path = folder / "s.yaml"
    text = path.read_text(encoding="utf-8").replace("T10:00", "T12:30")
    path.write_text(text, encoding="utf-8")
    warnings = load_scenario("s.yaml").problems
    assert [str(problem).split(": ")[1] for problem in warnings] == ["warning"]
    path.write_text(text.replace("from: jlis", "from: nobody"), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        load_scenario("s.yaml")
    assert [problem.severity for problem in caught.value.problems] == ["warning", "error"]


def test_faults_of_both_files_are_listed_those_of_the_scenario_first(folder: Path) -> None:
    tree = folder / "good-tree.yaml"
    tree.write_text(
        tree.read_text(encoding="utf-8").replace('"352012"\n    name', '"352013"\n    name')
    )
    path = folder / "s.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("send: [first]", "send: [frist]"))
    with pytest.raises(ProblemsError) as caught:
        load_scenario("s.yaml")
    assert [problem.path for problem in caught.value.problems] == ["s.yaml", "good-tree.yaml"]


def test_a_missing_contact_tree_is_told_at_the_line_that_names_it(folder: Path) -> None:
    (folder / "good-tree.yaml").unlink()
    with pytest.raises(ProblemsError) as caught:
        load_scenario("s.yaml")
    assert str(caught.value).startswith("s.yaml:5:11: good-tree.yaml: there is no such file")


@pytest.mark.parametrize(
    "path", sorted(shipped_dir("scenarios").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_shipped_scenario_loads_without_a_remark(path: Path) -> None:
    loaded = load_scenario(path)
    assert loaded.problems == ()
    assert loaded.exercise.participants


def test_a_shared_tree_is_listed_once(folder: Path) -> None:
    shutil.copy(folder / "s.yaml", folder / "t.yaml")
    tree = folder / "good-tree.yaml"
    tree.write_text(
        tree.read_text(encoding="utf-8").replace('"352012"\n    name', '"352013"\n    name')
    )
    result = check_paths(["s.yaml", "t.yaml", "good-tree.yaml"])
    assert [problem.path for problem in result.problems] == ["good-tree.yaml"]
    assert [file.kind for file in result.files] == ["scenario", "scenario", "contacts"]


def test_a_folder_and_the_workspace_are_checked_whole(folder: Path) -> None:
    for shelf in ("scenarios", "contacts"):
        (folder / shelf).mkdir()
    (folder / "scenarios" / "s.yaml").write_text("format: drillsim-scenario/1\n")
    (folder / "contacts" / "t.yaml").write_text("format: drillsim-contacts/1\n")
    (folder / "contacts" / "notes.txt").write_text("not YAML")
    names = ["scenarios/s.yaml", "contacts/t.yaml"]
    assert [file.name for file in check_paths().files] == names
    assert [file.name for file in check_paths(["."]).files] == ["good-tree.yaml", "s.yaml", *names]


def test_without_a_workspace_the_shipped_files_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = check_paths()
    assert {file.kind for file in result.files} == {"scenario", "contacts"}
    assert len(result.files) >= 9
    assert result.problems == []


def test_a_file_without_a_format_is_taken_for_what_it_looks_like(folder: Path) -> None:
    (folder / "a.yaml").write_text("nodes: []\n")
    (folder / "b.yaml").write_text("injects: []\n")
    (folder / "c.yaml").write_text("{format: drillsim-contacts/1}\n")
    (folder / "d.yaml").write_text("x: y\n")
    kinds = [file.kind for file in check_paths(["a.yaml", "b.yaml", "c.yaml", "d.yaml"]).files]
    assert kinds == ["contacts", "scenario", "contacts", None]


def test_a_tree_loads_by_its_bare_name(folder: Path) -> None:
    assert load_tree("yamaguchi").tree.title.startswith("山口県")
