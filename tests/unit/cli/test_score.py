"""`drillsim score`: the journal's drill under its own rubric and under another one."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from drillsim.cli.score import command
from drillsim.drill.events import AnyEvent, encode
from drillsim.drill.model import Model
from drillsim.evaluation.evaluation import evaluate
from drillsim.evaluation.summary import summary
from drillsim.files.scenario_file import CONTACTS, SCENARIO, LoadedScenario, load_stored
from drillsim.journal import Journal, event_entry
from drillsim.problem import ExitCode, ProblemsError
from drillsim.world.course import Course
from tests import examples


def stored(model: Model) -> bytes:
    """Return a model as a file; JSON is YAML too."""
    raw = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return json.dumps(raw, ensure_ascii=False).encode()


@pytest.fixture(scope="module")
def loaded() -> LoadedScenario:
    faults = [{"node": "n1-1", "kind": "defer", "until": "40m"}, {"node": "n1-2", "kind": "drop"}]
    story = examples.scenario(faults=faults, window="2h")
    return load_stored({SCENARIO: stored(story), CONTACTS: stored(examples.tree())})


@pytest.fixture(scope="module")
def events(loaded: LoadedScenario) -> list[AnyEvent]:
    return list(Course(loaded.exercise, 7).run())


def journal(
    path: Path, loaded: LoadedScenario, events: list[AnyEvent], mode: str = "rehearsal"
) -> Path:
    meta = {"drill": "r5", "scenario": loaded.scenario.id, "seed": "7", "mode": mode}
    with Journal.create(path, meta=meta, files=loaded.files, durable=False) as drill:
        drill.append([event_entry(encode(event)) for event in events])
        drill.seal()
    return path


@pytest.fixture
def drill(tmp_path: Path, loaded: LoadedScenario, events: list[AnyEvent]) -> Path:
    # The hashes of mails are left out: these events were never mails.
    return journal(tmp_path / "r5.drill", loaded, events)


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0
    return result


def as_json(*words: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return found


def test_the_score_from_the_file_is_that_of_the_drill(
    drill: Path, loaded: LoadedScenario, events: list[AnyEvent]
) -> None:
    live = summary(evaluate(loaded.exercise, events))
    found = as_json(drill)
    assert (found["drill"], found["file"], found["rubric"]) == ("r5", str(drill), None)
    assert (found["score"], found["rating"]) == (live["score"], live["rating"])
    assert found["criteria"] == live["scoring"]["criteria"]
    assert found["is_final"] is True


def test_every_point_names_its_events(drill: Path, events: list[AnyEvent]) -> None:
    found = as_json(drill)
    assert round(sum(point["gained"] for point in found["points"]), 6) >= found["score"]
    for point in found["points"]:
        assert point["because"]
        assert all(1 <= number <= len(events) for number in point["because"])


def test_another_rubric_gives_another_score_and_leaves_the_journal_alone(
    drill: Path, tmp_path: Path
) -> None:
    rubric = tmp_path / "strict.yaml"
    rubric.write_text("late-credit: 0%\nweights: {answers: 0}\nthresholds: {P: 95}\n", "utf-8")
    before = drill.read_bytes()
    found = as_json(drill, "--rubric", rubric)
    assert found["score"] < as_json(drill)["score"]
    assert "answers" not in [criterion["criterion"] for criterion in found["criteria"]]
    assert found["thresholds"] == {"P": 95, "S": 66, "M": 50}
    assert found["rubric"] == str(rubric)
    assert drill.read_bytes() == before


def test_on_a_terminal_the_losses_are_listed(drill: Path) -> None:
    lines = run(drill).stdout.splitlines()
    assert lines[1] == "The window closed after 2:00:00"
    assert "Points that were lost, and the events that show why" in lines
    assert lines[-1].endswith("not charged: machine fault")


def test_a_drill_that_has_not_ended_is_scored_as_it_stands(
    tmp_path: Path, loaded: LoadedScenario, events: list[AnyEvent]
) -> None:
    path = tmp_path / "cut.drill"
    with Journal.create(path, meta={}, files=loaded.files, durable=False) as open_drill:
        open_drill.append([event_entry(encode(event)) for event in events[:15]])
        result = run(path, "--json")
    assert result.stderr == "The drill has not ended; this is how it stands.\n"
    found = json.loads(result.stdout)
    assert (found["drill"], found["is_final"]) == ("cut", False)


def test_a_live_drill_has_no_faults_to_excuse_it(
    tmp_path: Path, loaded: LoadedScenario, events: list[AnyEvent]
) -> None:
    rehearsal = journal(tmp_path / "a.drill", loaded, events)
    live = journal(tmp_path / "b.drill", loaded, events, mode="live")
    assert any(point["excuse"] == "fault" for point in as_json(rehearsal)["points"])
    assert not any(point["excuse"] == "fault" for point in as_json(live)["points"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weights: {speed: 3}\n", ":1:11: there is no criterion speed; write one of: acknow"),
        ("late-credit: 50\n", ":1:14: late-credit 50 has no %; write 50%"),
        ("wieghts: {report: 3}\n", ":1:1: "),
        ("thresholds: {P: 50}\n", ":1:13: the thresholds do not fall from P over S to M; "),
        ("- 1\n", ":1:1: "),
        ("", ":1:1: "),
    ],
)
def test_what_is_no_rubric_is_told_by_its_line(
    drill: Path, tmp_path: Path, text: str, said: str
) -> None:
    rubric = tmp_path / "rubric.yaml"
    rubric.write_text(text, "utf-8")
    with pytest.raises(ProblemsError) as error:
        CliRunner().invoke(command, [str(drill), "--rubric", str(rubric)], catch_exceptions=False)
    assert f"rubric.yaml{said}" in str(error.value)
    assert error.value.exit_code == 2


def test_a_rubric_that_is_not_there_is_told(drill: Path) -> None:
    with pytest.raises(ProblemsError, match="there is no such file"):
        CliRunner().invoke(command, [str(drill), "--rubric", "gone.yaml"], catch_exceptions=False)


def test_the_command_loads_no_screen() -> None:
    assert isinstance(command, click.Command)
    import subprocess
    import sys

    code = "import sys, drillsim.cli.score, drillsim.cli.summary; print('textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


def test_a_score_below_what_is_required_is_found(drill: Path) -> None:
    words = [str(drill), "--json", "--require", "score=100", "--require", "reached=1%"]
    # The code is click's return value here; `main` makes it the exit code.
    result = CliRunner().invoke(command, words, standalone_mode=False)
    assert result.return_value is ExitCode.FOUND
    required = json.loads(result.stdout)["required"]
    assert [(each["name"], each["met"]) for each in required] == [
        ("score", False),
        ("reached", True),
    ]
    assert result.stderr.startswith("not met: score is ")
    met = CliRunner().invoke(command, [str(drill), "--require", "score=1"], standalone_mode=False)
    assert met.return_value is ExitCode.DONE
