"""Thirty random drills over real mail: their reports say what their raw events and mails say."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from drillsim.cli.export import command as export
from drillsim.cli.report import command as report
from drillsim.drill.model import Model
from drillsim.files.scenario_file import CONTACTS, SCENARIO, LoadedScenario, load_stored
from tests.properties.test_evaluation_recount import example
from tests.recount import differences
from tests.simulation.rehearsing import rehearse

SEEDS = range(1, 31)


def stored(model: Model) -> bytes:
    """Return a model as a file; JSON is YAML too."""
    raw = model.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return json.dumps(raw, ensure_ascii=False).encode()


def laid_out(seed: int) -> LoadedScenario:
    exercise = example(seed)
    files = {SCENARIO: stored(exercise.scenario), CONTACTS: stored(exercise.tree)}
    return load_stored(files)


@dataclass(frozen=True)
class Exported:
    """A drill as programs that count for themselves get it."""

    scenario: Path
    contacts: Path
    events: Path
    mails: Path
    report: Path

    def differences(self) -> list[str]:
        return differences(self.scenario, self.contacts, self.events, self.mails, self.report)


def exported(seed: int, folder: Path) -> Exported:
    given = laid_out(seed)
    drill = folder / "a.drill"
    rehearse(given, seed, drill)
    made = Exported(
        scenario=folder / "scenario.yaml",
        contacts=folder / "contacts.yaml",
        events=folder / "events.jsonl",
        mails=folder / "mails",
        report=folder / "report.json",
    )
    made.scenario.write_bytes(given.files[SCENARIO])
    made.contacts.write_bytes(given.files[CONTACTS])
    out, mails = str(made.events), str(made.mails)
    run(export, drill, "--events", "jsonl", "-o", out, "--mails", mails)
    run(report, drill, "-o", str(made.report), "--lang", "en")
    return made


def run(command: Any, drill: Path, *words: str) -> None:
    result = CliRunner().invoke(command, [str(drill), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_of_a_report_are_those_of_its_raw_events_and_mails(
    seed: int, tmp_path: Path
) -> None:
    assert exported(seed, tmp_path).differences() == []


def test_a_report_that_says_something_else_is_found(tmp_path: Path) -> None:
    """Guards the test above: a count that finds nothing wrong must be able to."""
    made = exported(3, tmp_path)
    said = json.loads(made.report.read_text("utf-8"))
    tables = {t["id"]: t["rows"] for s in said["sections"] for t in s["tables"]}
    tables["tiers"][0][6] += 1
    tables["bodies"][0][4] = tables["bodies"][0][3]
    tables["answers"][0][4] += 1
    said["mails_received"] += 1
    made.report.write_text(json.dumps(said), "utf-8")
    assert len(made.differences()) == 4
