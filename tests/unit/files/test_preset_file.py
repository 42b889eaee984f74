"""A scenario may name a preset file; it goes with the scenario everywhere, into the journal too."""

import pickle
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from drillsim.drill.preset import Delay
from drillsim.drill.tree import NodeId
from drillsim.files.scenario_file import PEOPLE, LoadedScenario, load_scenario, load_stored
from drillsim.problem import ProblemsError
from drillsim.shipped import shipped_dir
from drillsim.world.habits import PRESETS, Habits, Town

BUILT_IN = "  preset: announced-office-hours"
PRESET = """format: drillsim-people/1
title: 過去の訓練から
based-on: unannounced-evening
all:
  acknowledge: {median: 14m, sigma: 0.9}
  away: 6%
kinds:
  municipality:
    acknowledge: {median: 21m, sigma: 1.1}
    pass-on: {median: 4m, sigma: 0.5}
"""
PREFECTURE, TOWN = NodeId("350001"), NodeId("352012")


def workspace(folder: Path, people: str = "", preset: str = PRESET) -> Path:
    """Write a workspace whose scenario names a preset file; return the scenario."""
    for shelf, name in (("scenarios", "r5-virus-suspicion"), ("contacts", "yamaguchi")):
        (folder / shelf).mkdir()
        text = (shipped_dir(shelf) / f"{name}.yaml").read_text(encoding="utf-8")  # type: ignore[arg-type]
        assert shelf == "contacts" or BUILT_IN in text
        text = text.replace(BUILT_IN, f"  preset: ../people/learnt.yaml\n{people}")
        (folder / shelf / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "people").mkdir()
    (folder / "people" / "learnt.yaml").write_text(preset, encoding="utf-8")
    return folder / "scenarios" / "r5-virus-suspicion.yaml"


def median(loaded: LoadedScenario, node: NodeId, what: str = "acknowledge") -> timedelta:
    delay = Town(loaded.exercise).delay(node, what)
    return timedelta(milliseconds=delay.parts[0][1])


def delay(length: str) -> Delay:
    return Delay.model_validate({"median": length, "sigma": "1"})


def habits(loaded: LoadedScenario, node: NodeId) -> Habits:
    return Town(loaded.exercise).habits(node)


def test_habits_are_those_of_the_kind_then_of_all_then_of_the_built_in_preset(
    tmp_path: Path,
) -> None:
    loaded = load_scenario(workspace(tmp_path))
    assert median(loaded, TOWN) == timedelta(minutes=21)
    assert median(loaded, PREFECTURE) == timedelta(minutes=14)
    assert median(loaded, TOWN, "pass_on") == timedelta(minutes=4)
    assert median(loaded, PREFECTURE, "pass_on") == timedelta(minutes=10)
    assert habits(loaded, TOWN).away == Fraction(6, 100)
    assert habits(loaded, TOWN).no_answer == PRESETS["unannounced-evening"].no_answer


def test_what_the_scenario_says_comes_before_its_preset_and_a_node_before_all(
    tmp_path: Path,
) -> None:
    said = "  acknowledge: {median: 5m, sigma: 1}\n"
    loaded = load_scenario(workspace(tmp_path, said))
    particular = loaded.scenario.people.nodes
    assert median(loaded, PREFECTURE) == timedelta(minutes=5)
    others = [
        n.id for n in loaded.tree.nodes if n.kind == "municipality" and n.id not in particular
    ]
    assert {median(loaded, node) for node in others} == {timedelta(minutes=5)}


def test_a_journal_keeps_the_preset_file_and_gives_the_same_habits(tmp_path: Path) -> None:
    loaded = load_scenario(workspace(tmp_path))
    assert loaded.files[PEOPLE] == PRESET.encode()
    (tmp_path / "people" / "learnt.yaml").unlink()
    stored = load_stored(loaded.files)
    assert stored.files == loaded.files
    assert Town(stored.exercise).kinds == Town(loaded.exercise).kinds
    assert Town(stored.exercise).usual == Town(loaded.exercise).usual


def test_a_scenario_without_one_keeps_two_files_as_before() -> None:
    assert PEOPLE not in load_scenario("r5-virus-suspicion").files


def test_worker_processes_get_the_preset_file_with_the_exercise(tmp_path: Path) -> None:
    exercise = load_scenario(workspace(tmp_path)).exercise
    assert Town(pickle.loads(pickle.dumps(exercise))).kinds == Town(exercise).kinds


def test_a_preset_file_that_nobody_read_is_a_fault_of_the_program(tmp_path: Path) -> None:
    loaded = load_scenario(workspace(tmp_path))
    people = type(loaded.scenario.people).model_validate({"preset": "learnt.yaml"})
    with pytest.raises(LookupError):
        _ = people.preset_file


def test_all_problems_of_scenario_and_preset_are_listed_at_once(tmp_path: Path) -> None:
    path = workspace(tmp_path, "  away: 5\n", PRESET.replace("6%", "6"))
    with pytest.raises(ProblemsError) as alone:
        load_scenario(path)
    assert [Path(p.path).name for p in alone.value.problems] == ["r5-virus-suspicion.yaml"]
    path.write_text(path.read_text(encoding="utf-8").replace("  away: 5\n", ""), encoding="utf-8")
    with pytest.raises(ProblemsError) as found:
        load_scenario(path)
    assert [(Path(p.path).name, p.line) for p in found.value.problems] == [("learnt.yaml", 6)]
